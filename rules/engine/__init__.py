"""Load, check and evaluate rule files. Pure: no network, no store, no clock.

``load(folder)`` gives a ``RuleSet``; ``rules.engine.judging`` applies it to frames of facts. Nothing here
needs polars, so that a command that only reads rules starts quickly. What only looks at their files, such as
``rules.engine.checking.files``, does not wait for what reads them either: names are imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rules.engine.checking.loader import load, load_texts
    from rules.engine.language.problems import RuleProblem
    from rules.engine.language.ruleset import Rule, RuleSet

__all__ = ["Rule", "RuleProblem", "RuleSet", "load", "load_texts"]

_HOME = {
    "Rule": "language.ruleset",
    "RuleProblem": "language.problems",
    "RuleSet": "language.ruleset",
    "load": "checking.loader",
    "load_texts": "checking.loader",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has this name
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"rules.engine.{_HOME[name]}"), name)
