"""Load, check and evaluate rule files. Pure: no network, no store, no clock.

``load(folder)`` gives a ``RuleSet``; ``rules.engine.judging`` applies it to frames of facts. Nothing here
needs polars, so that a command that only reads rules starts quickly.
"""

from rules.engine.checking.loader import load, load_texts
from rules.engine.language.problems import RuleProblem
from rules.engine.language.ruleset import Rule, RuleSet

__all__ = ["Rule", "RuleProblem", "RuleSet", "load", "load_texts"]
