"""Compare two judgements: which people, how many, and which follow-ups an edit of the rules changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from people.planning.model import OFF_LIMITS
from people.tasks import FollowUpWish
from people.text import for_markdown, for_terminal
from rules.engine.checking.on_store import losses
from rules.engine.judging.judge import Judgement
from rules.engine.language.decisions import Decision, decisions_of
from rules.engine.language.templates import shown

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One change and the people it affects: ``kind`` from ``before`` to ``after`` (None: nothing).

    For tags, segments and follow-ups ``what`` is the word or the rule, and either before or after is
    None. ``ids`` and ``names`` are the people, in the order of their names.
    """

    kind: str
    what: str
    before: str | None
    after: str | None
    ids: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many people it affects."""
        return len(self.ids)

    def words(self) -> str:
        """Return what changes, without the people: ``tier - -> key``, ``follow-ups gone-quiet``."""
        if _is_added(self.kind):
            return f"{self.kind}{'s' if self.kind == FOLLOW_UP else ''} {self.what}"
        return f"{self.kind} {self.before or '-'} -> {self.after or '-'}"

    def number(self) -> str:
        """Return the count, with a sign if something is added or removed."""
        sign = "" if not _is_added(self.kind) else "+" if self.before is None else "-"
        return f"{sign}{self.count}"


FOLLOW_UP, TEXT = "follow-up", "follow-up text"


def _decided() -> list[Decision]:
    """Return what rules decide about a person, without the follow-ups."""
    return [decision for decision in decisions_of("person").values() if decision.kind is not None]


def _is_added(kind: str) -> bool:
    """Whether a change of this kind adds or removes a word or a follow-up."""
    return kind == FOLLOW_UP or any(kind == decision.key for decision in _decided() if decision.adds)


@dataclass(frozen=True)
class RuleDiff:
    """All changes between two judgements. ``braked`` rules are newly stopped, ``released`` ones run again."""

    changes: tuple[Change, ...]
    braked: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    """A sentence for each new or changed rule that loses to others for everybody it matches."""

    @property
    def changed(self) -> bool:
        """Whether anything would change."""
        return bool(self.changes or self.braked or self.released)

    def render(self) -> str:
        """Return the differences as text for a terminal."""
        if not self.changed and self.lost:
            return "\n".join(f"no effect: {sentence}" for sentence in self.lost)
        if not self.changed:
            return "no effect: no tag, tier, cadence or follow-up would change"
        lines = []
        for change in self.changes:
            names = ", ".join(for_terminal(name) for name in change.names[:EXAMPLES])
            lines.append(f"{change.number():>5} {for_terminal(change.words())}, e.g. {names}")
        lines += [f"the brake would stop {rule}" for rule in self.braked]
        lines += [f"the brake would no longer stop {rule}" for rule in self.released]
        return "\n".join([*lines, *self.lost])

    def markdown(self) -> str:
        """Return the differences as a Markdown table for a review."""
        if not self.changed:
            lost = "".join(f"\n{for_markdown(sentence)}.\n" for sentence in self.lost)
            return f"No effect: no tag, tier, cadence or follow-up would change.\n{lost}"
        lines = ["| People | Change | For example |", "|---:|---|---|"]
        for change in self.changes:
            names = ", ".join(for_markdown(name) for name in change.names[:EXAMPLES])
            lines.append(f"| {change.number()} | {for_markdown(change.words())} | {names} |")
        lines += [f"\nThe brake would stop `{rule}`." for rule in self.braked]
        lines += [f"\nThe brake would no longer stop `{rule}`." for rule in self.released]
        lines += [f"\n{for_markdown(sentence)}." for sentence in self.lost]
        return "\n".join(lines) + "\n"


def diff(old: Judgement, new: Judgement) -> RuleDiff:
    """Return what changes for people between two judgements of the same day.

    The frames need the columns ``id`` and ``name``. A person who is in only one of them has no values in the
    other.
    """
    before, after = _rows(old), _rows(new)
    names = {key: row["name"] for rows in (before, after) for key, row in rows.items()}
    affected: dict[tuple[str, str, str | None, str | None], list[str]] = {}
    for kind, what, was, now, key in (*_columns(before, after, names), *_follow_ups(old, new)):
        affected.setdefault((kind, what, was, now), []).append(key)
    changes = (Change(*change, *_people(ids, names)) for change, ids in sorted(affected.items(), key=_order))
    return RuleDiff(
        tuple(changes),
        tuple(rule for rule in new.braked if rule not in old.braked),
        tuple(rule for rule in old.braked if rule not in new.braked),
        tuple(_lost(old, new)),
    )


def _lost(old: Judgement, new: Judgement) -> Iterator[str]:
    """Yield a sentence for each new or changed rule that decides nothing, because others come first."""
    before = {rule.id: (rule.when, rule.unless, rule.then) for rule in old.ruleset.rules}
    for loss in losses(new):
        rule = loss.rule
        if loss.sole and before.get(rule.id) != (rule.when, rule.unless, rule.then):
            people = "1 person" if loss.count == 1 else f"{loss.count} people"
            yield f"{rule.id} loses to {loss.to(new)} for {people}"


_Row = tuple[str, str, str | None, str | None, str]


def _order(
    item: tuple[tuple[str, str, str | None, str | None], list[str]],
) -> tuple[int, int, tuple[str, ...]]:
    (kind, what, was, now), ids = item
    kinds = [*(decision.key for decision in _decided()), FOLLOW_UP, TEXT]
    return kinds.index(kind), -len(ids), (what, was or "", now or "")


def _people(ids: Iterable[str], names: dict[str, str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pairs = sorted((names.get(key) or key, key) for key in ids)
    return tuple(key for _, key in pairs), tuple(name for name, _ in pairs)


def _rows(judgement: Judgement) -> dict[str, dict[str, Any]]:
    columns = ["id", "name", *(decision.column for decision in _decided())]
    frame = judgement.frame.select(name for name in columns if name in judgement.frame.columns)
    return {row["id"]: {"name": None, **row} for row in frame.iter_rows(named=True)}


def _columns(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], names: Iterable[str]
) -> Iterator[_Row]:
    """Yield what changes for each person."""
    decided = [(decision, decision.key, decision.column) for decision in _decided()]
    nothing: dict[str, Any] = {
        one.column: [] if one.adds else False if one.kind == "flag" else None for one in _decided()
    }
    for person in names:
        old, new = before.get(person, nothing), after.get(person, nothing)
        for decision, key, column in decided:
            was, now = old[column], new[column]
            if was == now:
                continue
            if decision.adds:
                yield from ((key, word, word, None, person) for word in was if word not in now)
                yield from ((key, word, None, word, person) for word in now if word not in was)
            else:
                yield key, key, _word(decision, was), _word(decision, now), person


def _word(decision: Decision, value: object) -> str | None:
    if decision.kind == "flag":
        return "yes" if value else "no"
    return f"{value}d" if decision.kind == "days" and value is not None else shown(value)


def _follow_ups(old: Judgement, new: Judgement) -> Iterator[_Row]:
    before, after = _by_key(old), _by_key(new)
    asked, asks = ({name[:2] for name in wishes} for wishes in (before, after))
    for (key, rule, occasion), wish in before.items():
        now = after.get((key, rule, occasion))
        if now is None and (key, rule) in asks:
            yield TEXT, rule, f"{rule}: its occasion", f"{rule}: another occasion", key
        elif now is None:
            yield FOLLOW_UP, rule, rule, None, key
        elif _summary(wish) != _summary(now):
            yield TEXT, rule, f"{rule}: {_summary(wish)}", f"{rule}: {_summary(now)}", key
        elif wish.notes != now.notes:
            yield TEXT, rule, f"{rule}: its notes", f"{rule}: other notes", key
    for key, rule, occasion in after:
        if (key, rule, occasion) not in before and (key, rule) not in asked:
            yield FOLLOW_UP, rule, None, rule, key


def _by_key(judgement: Judgement) -> dict[tuple[str, str, str], FollowUpWish]:
    """Return the wishes, without those about people who are off limits: a run drops them."""
    frame = judgement.frame
    off = set(frame.filter(pl.col("tier") == OFF_LIMITS).get_column("id"))
    wishes = (wish for wish in judgement.follow_ups if wish.person_id not in off)
    return {(wish.person_id, wish.rule, wish.occasion): wish for wish in wishes}


def _summary(wish: FollowUpWish) -> str:
    within = "" if wish.within is None else f", within {wish.within}d"
    ration = f", {wish.ration.most} per {wish.ration.per}" if wish.ration else ""
    due = f"due{' on' if wish.on_day else ''} {wish.due.isoformat()}"
    return f"'{wish.title}' by {wish.channel}, {wish.priority}, {due}{within}{ration}"
