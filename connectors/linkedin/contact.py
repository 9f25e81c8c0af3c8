"""Messages and invitations as contact: with which connection, on which day, in which direction.

Only connections count, so neither advertising nor a stranger's InMail is contact. A conversation of more than
two people counts for none of them. The user may have several profiles: addresses change, and names too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from connectors.linkedin.profiles import profile_of
from connectors.linkedin.sheets import REMEDY, Line, Sheet
from connectors.shared.dates import Order, order_of, read_date
from connectors.shared.talks import Channel, Talk
from people.text import fold, one_line
from people.types import Contact, Problem

Direction = Literal["in", "out"]

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)? ?(?:UTC|GMT|Z|([+-]\d\d:?\d\d))?", re.IGNORECASE
)
"""An instant; in UTC unless it says otherwise."""
_URL = re.compile(r"https?://[^\s,;\"<>]+")
_NO = ("", "no", "false", "0", "nein", "non", "falsch", "faux", "falso")
_ADVERTISING = "sponsored"
_ME = "me"
_WAYS: Mapping[str, Direction] = {"incoming": "in", "outgoing": "out"}


class Connections(NamedTuple):
    """The connections: the ids of all, and the id of each full name that only one of them has."""

    ids: frozenset[str]
    by_name: Mapping[str, str]

    @classmethod
    def of(cls, contacts: Iterable[Contact]) -> Connections:
        """Index the connections. The id of one with a profile is the profile."""
        by_name: defaultdict[str, set[str]] = defaultdict(set)
        for contact in contacts:
            by_name[fold(contact.name or "")].add(contact.source_id)
        alone = {name: min(ids) for name, ids in by_name.items() if name and len(ids) == 1}
        return cls(frozenset().union(*by_name.values()), alone)

    def end(self, key: str) -> str | None:
        """The id of the connection that a profile, or ``name:`` with a folded name, means."""
        if key in self.ids:
            return key
        return self.by_name.get(key.removeprefix("name:")) if key.startswith("name:") else None


class _Found(NamedTuple):
    line: Line
    who: str
    direction: Direction


def talks_of(
    sheet: Sheet, channel: Channel, connections: Connections, source: str, zone: ZoneInfo
) -> tuple[list[Talk], list[Problem]]:
    """The contact in one table. Days are in ``zone``; an instant of LinkedIn's is in UTC."""
    read = _in_messages if channel == "message" else _in_invitations
    found = list(read(sheet.lines, connections))
    order = order_of(one.line.cell("at") for one in found)
    talks: list[Talk] = []
    problems = list(sheet.problems)
    for line, who, direction in found:
        day, wrong = _day(line.cell("at"), zone, order)
        if day is not None:
            talks.append(Talk(day, f"{source}:{who}", channel, direction=direction))
        else:
            where = f"{sheet.file}:{line.number}"
            problems.append(Problem(where=where, message=wrong or "has no date", help=REMEDY))
    return talks, problems


def _in_messages(lines: Sequence[Line], connections: Connections) -> Iterator[_Found]:
    conversations: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.cell("draft").lower() in _NO and line.cell("folder").lower() != "spam":
            conversations[line.cell("conversation") or f"line {line.number}"].append(line)
    profiles = _profiles_by_name(lines)
    by_conversation = {
        number: [_ends(line, profiles) for line in some] for number, some in conversations.items()
    }
    mine = _mine(conversations, by_conversation, connections)
    for number, conversation in conversations.items():
        ends = by_conversation[number]
        people = {_ME if key in mine else key for key in _people(ends)}
        known = {key: who for key in people if (who := connections.end(key))}
        advertising = any(fold(line.cell("title")).startswith(_ADVERTISING) for line in conversation)
        if len(people) > 2 or len(known) != 1 or advertising:
            continue
        ((key, who),) = known.items()
        for line, (sender, _) in zip(conversation, ends, strict=True):
            yield _Found(line, who, "in" if sender == key else "out")


def _in_invitations(lines: Sequence[Line], connections: Connections) -> Iterator[_Found]:
    for line in lines:
        sender, receivers = _ends(line, {})
        by, to = connections.end(sender), connections.end(next(iter(receivers), ""))
        ends: dict[Direction, str | None] = {"in": by, "out": to}
        way = _WAYS.get(line.cell("direction").lower())
        ways: list[Direction] = [way] if way and ends[way] else ["in", "out"]
        found = [(direction, who) for direction in ways if (who := ends[direction])]
        if len(found) == 1:
            yield _Found(line, found[0][1], found[0][0])


_Ends = tuple[str, tuple[str, ...]]


def _people(ends: Iterable[_Ends]) -> set[str]:
    return {key for sender, receivers in ends for key in (sender, *receivers) if key}


def _mine(
    conversations: Mapping[str, Sequence[Line]],
    by_conversation: Mapping[str, Sequence[_Ends]],
    connections: Connections,
) -> set[str]:
    """The user's own profiles: in most conversations, or the sender of what went out, or named as these are.

    A connection is never the user, not even one with the same name.
    """
    times: Counter[str] = Counter()
    called: defaultdict[str, set[str]] = defaultdict(set)
    sent: set[str] = set()
    for number, ends in by_conversation.items():
        people = _people(ends)
        others = {key for key in people if not connections.end(key)}
        times.update(others)
        for line, (sender, receivers) in zip(conversations[number], ends, strict=True):
            called[fold(line.cell("sender_name"))].add(sender)
            if len(receivers) == 1:
                called[fold(line.cell("to_name"))].update(receivers)
            if sender in others and (len(people) == 2 > len(others) or line.cell("folder").lower() == "sent"):
                sent.add(sender)
    mine = {*sent, *(key for key, _ in times.most_common(1))}
    named = [keys for name, keys in called.items() if name and keys & mine]
    return {key for key in mine.union(*named) if key and not connections.end(key)}


def _profiles_by_name(lines: Sequence[Line]) -> dict[str, str]:
    """The profile of each sender's name, for rows in which the profile is missing."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines:
        if profile := profile_of(line.cell("sender")):
            found[fold(line.cell("sender_name"))].add(profile)
    return {name: min(profiles) for name, profiles in found.items() if name and len(profiles) == 1}


def _ends(line: Line, profiles: Mapping[str, str]) -> _Ends:
    """Who wrote and who received: profiles, or ``name:`` with a folded name where there is none."""

    def named(text: str) -> str:
        name = fold(text)
        return profiles.get(name, f"name:{name}") if name else ""

    urls = [profile for url in _URL.findall(line.cell("to")) if (profile := profile_of(url))]
    sender = profile_of(line.cell("sender")) or named(line.cell("sender_name"))
    return sender, tuple(urls) or (named(line.cell("to_name")),)


def _day(text: str, zone: ZoneInfo, order: Order | None) -> tuple[date | None, str]:
    if match := _INSTANT.fullmatch(text.strip()):
        try:
            moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3] or '+00:00'}")
            return moment.astimezone(zone).date(), ""
        except (ValueError, OverflowError):
            return None, f"'{one_line(text)[:40]}' is not a time"
    return read_date(text, order or ("day first" if "." in text else None))
