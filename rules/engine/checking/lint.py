"""Warnings: rules that load, but cannot have the effect that they seem to have.

Every warning is certain: a rule is called shadowed or impossible only if that holds for all possible rows.
Some doubtful rules are therefore not reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from people.facts.declared import Subject
from people.text import did_you_mean, fold
from rules.engine.checking.follow_up_lint import follow_up_warnings
from rules.engine.checking.implication import contradictory, holds_for_nothing, implies
from rules.engine.checking.replacements import replacement_warnings
from rules.engine.judging.reference import holds
from rules.engine.language.card_values import FromCard
from rules.engine.language.decisions import FOLLOW_UP, by_fact, decisions_of
from rules.engine.language.problems import Code, RuleProblem, problem_at
from rules.engine.language.ruleset import Place, Rule, RuleSet, Test, Tests


def warnings(
    ruleset: RuleSet,
    segments: Mapping[str, Place],
    without: Iterable[tuple[str, Place]],
    ids: Collection[str],
    *,
    whole: bool,
) -> Iterator[RuleProblem]:
    """Yield the warnings about a rule set, in no particular order.

    ``segments`` is where each segment is declared, ``without`` which rules are switched off and where, and
    ``ids`` are those of all rules, also with mistakes. ``whole`` means that no rule was left out: only then
    is it known which values rules decide.
    """
    yield from replacement_warnings(ruleset, without, ids)
    written = _Written(ruleset)
    overruled = _overruled(ruleset)
    for rule in ruleset.rules:
        if rule.place.file in overruled:
            continue
        yield from _wildcards(rule)
        yield from _impossible(rule, written if whole else None)
        yield from follow_up_warnings(rule)
    yield from _shadowed(ruleset)
    if whole:
        yield from _unused(ruleset, segments, written)
    yield from _undeclared(ruleset, segments, written)


def _overruled(ruleset: RuleSet) -> Collection[str]:
    """Return the starter files beside files of the user, which decide first and switch rules off at will."""
    return () if len(ruleset.starter) == len(ruleset.files) else ruleset.starter


class _Written:
    """The values that rules decide: all that a test of a tier, tag, segment or group can see."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.groups = {group.id for group in ruleset.groups if group.meetings or group.members}
        self.groups |= {rule.then["group"] for rule in ruleset.rules if "group" in rule.then}
        self.known_groups = self.groups | {group.id for group in ruleset.groups}
        self.words: dict[str, set[object]] = {}
        self._folded: dict[str, set[object]] = {}
        decisions = decisions_of("person")
        for rule in ruleset.of("person"):
            for key, value in rule.then.items():
                self.words.setdefault(key, set()).update(value if decisions[key].adds else [value])

    def never_seen(self, test: Test) -> bool:
        """Whether no rule decides a value for which this test could hold."""
        decision = by_fact("person").get(test.field)
        if decision is None or holds_for_nothing(test):
            return False
        key = decision.key
        written = self.words.get(key, set())
        if decision.kind == "flag":
            return test.values[0] not in {*written, False}
        if test.field in decision.derived or test.test in ("exists", "count_gte"):
            return not written
        if test.test == "is":
            return self.folded(key).isdisjoint(test.values)
        values = ({test.field: [word] if decision.adds else word} for word in written)
        return not any(holds(test, value, None) for value in values)

    def folded(self, key: str) -> set[object]:
        """Return the words as tests compare them."""
        if key not in self._folded:
            words = self.words.get(key, set())
            self._folded[key] = {fold(word) if isinstance(word, str) else word for word in words}
        return self._folded[key]


def _wildcards(rule: Rule) -> Iterator[RuleProblem]:
    """A star at an end of a value is meant as a wildcard, and is an ordinary character."""
    for test in (test for tests in (*rule.when, *rule.unless) for test in tests):
        for value in test.values if test.test == "is" and test.kind in ("text", "texts") else ():
            if isinstance(value, str) and value.strip("*") and "*" in (value[0], value[-1]):
                kind = (
                    "contains" if value[0] == value[-1] else "endswith" if value[0] == "*" else "startswith"
                )
                help_ = f'write {test.field}|{kind}: "{value.strip("*")}"'
                yield warning(
                    test.place, "wildcard", f"there are no wildcards: '{value}' is taken literally", help_
                )


def _impossible(rule: Rule, written: _Written | None) -> Iterator[RuleProblem]:
    dead = [why for tests in rule.when if (why := _why_dead(tests, rule, written))]
    if not dead:
        return
    if len(dead) == len(rule.when):
        _, reason, help_ = dead[0]
        yield warning(rule.place, "never-matches", f"the rule '{rule.id}' can never match: {reason}", help_)
        return
    for place, reason, help_ in dead:
        yield warning(
            place, "never-matches", f"this alternative of '{rule.id}' can never match: {reason}", help_
        )


def _why_dead(tests: Tests, rule: Rule, written: _Written | None) -> tuple[Place, str, str] | None:
    if pair := contradictory(tests):
        first, second = pair
        reason = f"'{_written(first)}' and '{_written(second)}' exclude each other"
        return second.place, reason, "remove one of the two"
    for exception in rule.unless:
        if implies(tests, exception):
            return (
                exception[0].place,
                f"its exception '{_written(exception[0])}' always holds",
                "narrow the exception",
            )
    for test in tests if rule.subject == "person" and written else ():
        if written and written.never_seen(test):
            known = written.words.get(by_fact("person")[test.field].key, set())
            words = [str(word) for word in known if isinstance(word, str)]
            near = did_you_mean(
                test.threshold, words, otherwise="check the spelling, or add a rule that decides it"
            )
            return test.place, f"no rule decides '{_written(test)}'", near
    return None


def _written(test: Test) -> str:
    name = test.field if test.test == "is" else f"{test.field}|{test.test}"
    return f"{name}: {test.threshold}"


def _shadowed(ruleset: RuleSet) -> Iterator[RuleProblem]:
    earlier: dict[tuple[Subject, str, object], list[Rule]] = {}
    overruled = _overruled(ruleset)
    replaced = {name for rule in ruleset.rules for name in rule.instead_of}
    for rule in ruleset.rules:
        claims = [(rule.subject, key, word) for key, word in _claims(rule)]
        shadows = [_shadow(rule, earlier.get(claim, ())) for claim in claims]
        # What the user decides before a starter rule is meant so.
        if claims and all(shadows) and rule.place.file not in overruled:
            by = ", ".join(sorted({f"'{one.id}' ({one.place})" for one in shadows if one}))
            message = f"the rule '{rule.id}' has no effect: {by} has always decided before"
            yield warning(
                rule.place, "shadowed", message, "move it up, narrow the earlier rule, or remove it"
            )
        for claim in claims:
            if isinstance(rule.then.get(claim[1]), FromCard):
                continue  # it decides only where the card names a value
            if rule.at_most is None and rule.since is None and rule.until is None and rule.id not in replaced:
                earlier.setdefault(claim, []).append(rule)


def _claims(rule: Rule) -> Iterator[tuple[str, object]]:
    """Yield what a rule decides, in a form that shows whether an earlier rule decides the same."""
    for key, value in rule.then.items():
        if key == FOLLOW_UP:
            yield key, rule.id
        elif decisions_of(rule.subject)[key].adds:
            yield from ((key, word) for word in value)
        else:
            yield key, None


def _shadow(rule: Rule, earlier: Iterable[Rule]) -> Rule | None:
    """Return an earlier rule that always matches if this one does."""
    return next((one for one in earlier if _covers(one, rule)), None)


def _covers(one: Rule, other: Rule) -> bool:
    if one.when and not all(any(implies(b, a) for a in one.when) for b in other.when or ((),)):
        return False
    return all(any(implies(a, b) for b in other.unless) for a in one.unless)


def _unused(ruleset: RuleSet, segments: Mapping[str, Place], written: _Written) -> Iterator[RuleProblem]:
    for segment in ruleset.segments:
        if segment.id not in written.words.get("segment", set()):
            message = f"no rule puts anyone into the segment '{segment.id}'"
            yield warning(
                segments[segment.id], "unused-segment", message, f"add 'segment: {segment.id}' to a rule"
            )
    for group in ruleset.groups:
        if group.id not in written.groups:
            message = f"nothing says which meetings or people belong to the group '{group.id}'"
            yield warning(group.place, "unused-group", message, "add 'meetings:' or 'members:' to it")


def _undeclared(ruleset: RuleSet, segments: Mapping[str, Place], written: _Written) -> Iterator[RuleProblem]:
    groups = {group.id for group in ruleset.groups}
    for rule in ruleset.rules:
        for word in rule.then.get("segment", ()):
            if word not in segments:
                help_ = did_you_mean(word, segments, otherwise=f"add '- id: {word}' under segments:")
                message = f"the segment '{word}' is not declared"
                yield warning(rule.place, "undeclared-segment", message, help_)
        group = rule.then.get("group")
        if group is not None and group not in groups:
            help_ = did_you_mean(group, groups, otherwise=f"add '- id: {group}' under groups:")
            yield warning(rule.place, "undeclared-group", f"the group '{group}' is not declared", help_)
        for test in _group_tests(rule):
            if not any(holds(test, {"groups": [known]}, None) for known in written.known_groups):
                help_ = did_you_mean(
                    test.threshold, written.known_groups, otherwise="declare it under groups:"
                )
                yield warning(
                    test.place, "undeclared-group", f"no declared group fits '{_written(test)}'", help_
                )


def _group_tests(rule: Rule) -> Iterator[Test]:
    if rule.subject == "person":
        for tests in (*rule.when, *rule.unless):
            words = (test for test in tests if test.field == "groups" and isinstance(test.values[0], str))
            yield from words


def warning(place: Place, code: Code, message: str, help: str) -> RuleProblem:  # noqa: A002
    """Return a warning at a place in a rule file."""
    return problem_at(place.file, (place.line, place.column), code, message, help, severity="warning")
