"""Which kinds of records a rule depends on, through all rules that decide what it tests. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from people.facts.origins import origin
from people.text import fold
from people.types import RecordKind
from rules.engine.language.decisions import Decision, by_fact
from rules.engine.language.ruleset import Rule, RuleSet, Test

_DERIVED = ("overdue", "cadence_used")


def wishing_rules(ruleset: RuleSet) -> dict[str, frozenset[RecordKind]]:
    """Return the kinds of records behind each rule that asks for a follow-up, by rule id.

    A test of a tier depends on the rules that may give one of these tiers, and on those before them, which
    win. A rule depends on those that stand instead of it. What a rule about referrals reads is in the
    journal.
    """
    seen: dict[str, frozenset[RecordKind]] = {}
    return {
        rule.id: _kinds(ruleset, rule, seen) if rule.subject == "person" else frozenset({"journal"})
        for rule in ruleset.rules
        if "follow_up" in rule.then
    }


def _kinds(ruleset: RuleSet, rule: Rule, seen: dict[str, frozenset[RecordKind]]) -> frozenset[RecordKind]:
    if rule.id not in seen:
        seen[rule.id] = frozenset()  # two rules may stand instead of each other
        found: set[RecordKind] = set()
        for other in ruleset.of(rule.subject):
            if rule.id in other.instead_of:
                found |= _kinds(ruleset, other, seen)
        for test in (test for tests in (*rule.when, *rule.unless) for test in tests):
            decision = by_fact("person").get(test.field)
            if decision is None or test.field in _DERIVED:
                found |= origin(test.field)
            if decision is not None:
                for other in _deciding(ruleset, decision, test):
                    found |= _kinds(ruleset, other, seen)
        seen[rule.id] = frozenset(found)
    return seen[rule.id]


def _deciding(ruleset: RuleSet, decision: Decision, test: Test) -> Iterator[Rule]:
    """The rules that can change whether the test holds."""
    writers = [rule for rule in ruleset.of("person") if decision.key in rule.then]
    if test.test != "is" or decision.kind not in ("text", "texts"):
        return iter(writers)
    naming = [i for i, rule in enumerate(writers) if _words(rule, decision) & set(test.values)]
    if decision.adds:
        return (writers[i] for i in naming)
    return iter(writers[: max(naming, default=-1) + 1])


def _words(rule: Rule, decision: Decision) -> set[str]:
    value = rule.then[decision.key]
    return {fold(word) for word in ((value,) if isinstance(value, str) else value)}
