"""Warnings about rules that stand instead of others, or that a file switches off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from people.text import did_you_mean
from rules.engine.language.decisions import phases_of
from rules.engine.language.problems import RuleProblem, problem_at
from rules.engine.language.ruleset import Place, Rule, RuleSet


def replacement_warnings(
    ruleset: RuleSet, without: Iterable[tuple[str, Place]], ids: Collection[str]
) -> Iterator[RuleProblem]:
    """Yield a warning for each name of a rule that has no effect.

    ``without`` are the rules that files switch off, each with its place, and ``ids`` those of all rules.
    """
    for word, place in without:
        if word not in ids:
            yield _unknown(word, place, ids)
    rules = {rule.id: rule for rule in (*ruleset.rules, *ruleset.off)}
    for rule in ruleset.rules:
        for word in rule.instead_of:
            other = rules.get(word)
            if word not in ids:
                yield _unknown(word, rule.place, [one for one in ids if one != rule.id])
            elif other is not None:
                yield from _in_vain(rule, other)


def _in_vain(rule: Rule, other: Rule) -> Iterator[RuleProblem]:
    phases = phases_of(rule.subject)
    if other.subject != rule.subject:
        message = f"'{rule.id}' is for {rule.subject} and '{other.id}' is for {other.subject}"
        yield _warning(rule.place, message, f"name a rule that is for {rule.subject}")
    elif phases.index(other.phase) < phases.index(rule.phase):
        message = (
            f"'{rule.id}' cannot stand instead of '{other.id}', which decides earlier: in the phase "
            f"{other.phase}, not {rule.phase}"
        )
        yield _warning(
            rule.place, message, f"switch it off: write 'without: [{other.id}]' at the top of the file"
        )
    elif rule.id in other.instead_of:
        message = (
            f"'{rule.id}' and '{other.id}' stand instead of each other, so where both match neither decides"
        )
        yield _warning(rule.place, message, "remove one of the two 'instead_of'")


def _unknown(word: str, place: Place, ids: Iterable[str]) -> RuleProblem:
    help_ = did_you_mean(word, ids, otherwise="see 'touchbase rules test' for the ids of all rules")
    return problem_at(
        place.file,
        (place.line, place.column),
        "unknown-rule",
        f"there is no rule '{word}'",
        help_,
        severity="warning",
    )


def _warning(place: Place, message: str, help_: str) -> RuleProblem:
    at = (place.line, place.column)
    return problem_at(place.file, at, "decides-before", message, help_, severity="warning")
