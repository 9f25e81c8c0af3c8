"""What an edit of the rules would change, told by its effect: who, how many, which follow-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from people.tasks import FollowUpWish
from people.text import for_markdown, for_terminal
from rules.engine.judging.judge import Judgement
from rules.engine.language.templates import shown

if TYPE_CHECKING:
    import polars as pl

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change and whom it befalls: ``kind`` from ``before`` to ``after`` (None: nothing).

    For tags and segments, and for follow-ups, ``what`` is the word or the rule, and either before
    or after is None. ``ids`` and ``names`` are the people, in the order of their names.
    """

    kind: str
    what: str
    before: str | None
    after: str | None
    ids: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many it befalls."""
        return len(self.ids)

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON-ready values."""
        return {
            "kind": self.kind,
            "what": self.what,
            "before": self.before,
            "after": self.after,
            "count": self.count,
            "ids": list(self.ids),
            "names": list(self.names),
        }

    def words(self) -> str:
        """Return what changes, without whom: ``tier - -> key``, ``follow-ups gone-quiet``."""
        if self.kind in _ADDED:
            return f"{self.kind}{'s' if self.kind == 'follow-up' else ''} {self.what}"
        return f"{self.kind} {self.before or '-'} -> {self.after or '-'}"

    def number(self) -> str:
        """Return the count, with a sign where something is added or taken away."""
        sign = "" if self.kind not in _ADDED else "+" if self.before is None else "-"
        return f"{sign}{self.count}"


_ADDED = ("tag", "segment", "follow-up")


@dataclass(frozen=True)
class Effect:
    """All changes between two judgements, and the rules that the brake stops anew or no longer."""

    changes: tuple[Change, ...]
    braked: tuple[str, ...] = ()
    released: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything would change at all."""
        return bool(self.changes or self.braked or self.released)

    def as_json(self) -> dict[str, Any]:
        """Return the effect as JSON-ready values."""
        return {
            "changed": self.changed,
            "changes": [change.as_json() for change in self.changes],
            "braked": list(self.braked),
            "released": list(self.released),
        }

    def render(self) -> str:
        """Return the effect as text for a terminal."""
        if not self.changed:
            return "no effect: nobody's tags, tier, cadence or follow-ups would change"
        lines = []
        for change in self.changes:
            names = ", ".join(for_terminal(name) for name in change.names[:EXAMPLES])
            lines.append(f"{change.number():>5} {for_terminal(change.words())}, e.g. {names}")
        lines += [f"the brake would stop {rule}" for rule in self.braked]
        lines += [f"the brake would no longer stop {rule}" for rule in self.released]
        return "\n".join(lines)

    def markdown(self) -> str:
        """Return the effect as a Markdown table for a review."""
        if not self.changed:
            return "No effect: nobody's tags, tier, cadence or follow-ups would change.\n"
        lines = ["| People | Change | For example |", "|---:|---|---|"]
        for change in self.changes:
            names = ", ".join(for_markdown(name) for name in change.names[:EXAMPLES])
            lines.append(f"| {change.number()} | {for_markdown(change.words())} | {names} |")
        lines += [f"\nThe brake would stop `{rule}`." for rule in self.braked]
        lines += [f"\nThe brake would no longer stop `{rule}`." for rule in self.released]
        return "\n".join(lines) + "\n"


def diff(old: Judgement, new: Judgement) -> Effect:
    """Return what changes for people between two judgements of the same day.

    The frames need the columns ``id`` and ``name``; a person in one of them only has nothing in the
    other.
    """
    before, after = _rows(old), _rows(new)
    names = {key: row["name"] for rows in (before, after) for key, row in rows.items()}
    found: dict[tuple[str, str, str | None, str | None], list[str]] = {}
    for kind, what, was, now, key in (*_columns(before, after, names), *_follow_ups(old, new)):
        found.setdefault((kind, what, was, now), []).append(key)
    changes = (Change(*change, *_people(ids, names)) for change, ids in sorted(found.items(), key=_order))
    return Effect(
        tuple(changes),
        tuple(rule for rule in new.braked if rule not in old.braked),
        tuple(rule for rule in old.braked if rule not in new.braked),
    )


_KINDS = ("tier", "tag", "segment", "cadence", "stale", "follow-up", "follow-up text")
_SINGLE = {"tier": "tier", "cadence": "cadence_days", "stale": "stale"}
_LISTS = {"tag": "tags", "segment": "segments"}
_NOBODY: dict[str, Any] = {"tier": None, "cadence_days": None, "stale": False, "tags": [], "segments": []}

_Line = tuple[str, str, str | None, str | None, str]


def _order(
    item: tuple[tuple[str, str, str | None, str | None], list[str]],
) -> tuple[int, int, tuple[str, ...]]:
    (kind, what, was, now), ids = item
    return _KINDS.index(kind), -len(ids), (what, was or "", now or "")


def _people(ids: Iterable[str], names: dict[str, str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pairs = sorted((names.get(key) or key, key) for key in ids)
    return tuple(key for _, key in pairs), tuple(name for name, _ in pairs)


def _rows(judgement: Judgement) -> dict[str, dict[str, Any]]:
    frame: pl.DataFrame = judgement.frame
    kept = [name for name in ("id", "name", *_SINGLE.values(), *_LISTS.values()) if name in frame.columns]
    return {row["id"]: {"name": None, **row} for row in frame.select(kept).iter_rows(named=True)}


def _columns(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], names: Iterable[str]
) -> Iterator[_Line]:
    for key in names:
        was, now = before.get(key, _NOBODY), after.get(key, _NOBODY)
        for kind, column in _SINGLE.items():
            if was[column] != now[column]:
                yield kind, kind, _word(kind, was[column]), _word(kind, now[column]), key
        for kind, column in _LISTS.items():
            yield from ((kind, word, word, None, key) for word in was[column] if word not in now[column])
            yield from ((kind, word, None, word, key) for word in now[column] if word not in was[column])


def _word(kind: str, value: object) -> str | None:
    if kind == "cadence" and value is not None:
        return f"{value}d"
    return ("yes" if value else "no") if kind == "stale" else shown(value)


def _follow_ups(old: Judgement, new: Judgement) -> Iterator[_Line]:
    before, after = _by_key(old.follow_ups), _by_key(new.follow_ups)
    for (key, rule, occasion), wish in before.items():
        now = after.get((key, rule, occasion))
        if now is None:
            yield "follow-up", rule, rule, None, key
        elif _said(wish) != _said(now):
            yield "follow-up text", rule, f"{rule}: {_said(wish)}", f"{rule}: {_said(now)}", key
        elif wish.notes != now.notes:
            yield "follow-up text", rule, f"{rule}: its notes", f"{rule}: other notes", key
    for key, rule, occasion in after:
        if (key, rule, occasion) not in before:
            yield "follow-up", rule, None, rule, key


def _by_key(wishes: Sequence[FollowUpWish]) -> dict[tuple[str, str, str], FollowUpWish]:
    return {(wish.person_id, wish.rule, wish.occasion): wish for wish in wishes}


def _said(wish: FollowUpWish) -> str:
    return f"'{wish.title}' by {wish.channel}, {wish.priority}, due {wish.due.isoformat()}"
