"""Load, check and evaluate rule files. Pure: no network, no store, no clock.

``load(folder)`` gives a ``RuleSet``. What works on frames needs polars, so it is imported only when it
is first asked for here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rules.engine.checking.loader import load, load_texts
from rules.engine.language.problems import RuleProblem
from rules.engine.language.ruleset import Rule, RuleSet

if TYPE_CHECKING:
    from rules.engine.judging.classify import classify_meetings, noise
    from rules.engine.judging.judge import Judgement, judge_groups, judge_referrals

_LATER = {
    "classify_meetings": "judging.classify",
    "noise": "judging.classify",
    "Judgement": "judging.judge",
    "judge_groups": "judging.judge",
    "judge_referrals": "judging.judge",
}

__all__ = [
    "Judgement",
    "Rule",
    "RuleProblem",
    "RuleSet",
    "classify_meetings",
    "judge_groups",
    "judge_referrals",
    "load",
    "load_texts",
    "noise",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a function or class of a module not yet imported
    if name in _LATER:
        return getattr(import_module(f"rules.engine.{_LATER[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
