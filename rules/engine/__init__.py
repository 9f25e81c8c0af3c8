"""Load, check and evaluate rule files. Pure: no network, no store, no clock.

``load(folder)`` gives a ``RuleSet``. What judges frames (``judge``, ``noise``, ``classify_meetings``)
needs polars and is imported from its own module: ``rules.engine.judge``, ``rules.engine.classify``.
"""

from rules.engine.loader import load, load_texts
from rules.engine.problems import RuleProblem
from rules.engine.ruleset import Rule, RuleSet

__all__ = ["Rule", "RuleProblem", "RuleSet", "load", "load_texts"]
