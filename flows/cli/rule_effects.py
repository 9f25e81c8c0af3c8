"""What the people in the store say about rules: which lose, which values nobody has, what an edit does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import date

from flows.run.look import look
from flows.settings.model import Settings
from people.store import Store, open_store
from rules.engine import RuleSet, load_texts
from rules.engine.checking.on_store import store_warnings
from rules.engine.language.problems import RuleProblem
from rules.engine.showing.diff import RuleDiff, diff


def doubts(settings: Settings, rules: RuleSet) -> list[RuleProblem]:
    """Return the warnings that the store gives about ``rules``; none while it holds nobody."""
    with closing(open_store(settings.store_url)) as store:
        seen = look(settings, store, None, rules=rules)
    return store_warnings(seen.judgement) if seen.people.facts.height else []


def effect_of_texts(
    settings: Settings, old: Mapping[str, bytes], new: Mapping[str, bytes], today: date | None
) -> RuleDiff:
    """Return what changes for the people in the store if the rule files ``new`` replace ``old``."""
    label = str(settings.rules.path)
    before, after = (load_texts(texts, label=label) for texts in (old, new))
    with closing(open_store(settings.store_url)) as store:
        return effect_of(settings, store, before, after, today)


def effect_of(
    settings: Settings, store: Store, before: RuleSet, after: RuleSet, today: date | None
) -> RuleDiff:
    """Return what changes for the people in the store if the rules ``after`` replace ``before``."""
    return diff(*(look(settings, store, today, rules=one).judgement for one in (before, after)))
