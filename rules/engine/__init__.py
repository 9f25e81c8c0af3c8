"""Load, check and evaluate rule files. Pure: no network, no store, no clock.

``load(folder)`` gives a ``RuleSet``; ``judge`` applies it to a frame of facts.
"""

from rules.engine.checking.loader import load, load_texts
from rules.engine.judging.classify import classify_meetings, noise
from rules.engine.judging.judge import Judgement, evidence_of, judge, judge_groups, judge_referrals
from rules.engine.language.problems import RuleProblem
from rules.engine.language.ruleset import Rule, RuleSet

__all__ = [
    "Judgement",
    "Rule",
    "RuleProblem",
    "RuleSet",
    "classify_meetings",
    "evidence_of",
    "judge",
    "judge_groups",
    "judge_referrals",
    "load",
    "load_texts",
    "noise",
]
