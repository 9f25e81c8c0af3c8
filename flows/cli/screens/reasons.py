"""Why, in the words of a reader: the tests that held with their limits, and where a value came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from pathlib import PurePath

from people.days import short_day
from people.phrases import phrase
from people.tasks import Evidence

_LIMITS = {"gte": "from {} on", "gt": "over {}", "lte": "up to {}", "lt": "under {}"}
_AGO = {"gte": "at least {} ago", "gt": "over {} ago", "lte": "at most {} ago", "lt": "under {} ago"}
_AHEAD = {"gte": "{} ahead or more", "gt": "over {} ahead", "lte": "at most {} ahead", "lt": "under {} ahead"}
_UNITS = {"d": "day", "w": "week", "mo": "month", "y": "year"}
_LENGTH = re.compile(r"(\d+)\s*(d|w|mo|y)")
_ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_RECORD = re.compile(r" \(\S+\)$")
_CARD = "card "


def reason(because: Iterable[Evidence], today: date) -> str:
    """Return tests that held, in words; empty for one that the screen says already.

    >>> used = Evidence(rule="r", file="f", line=1, field="cadence_used", value="3.67", test="gte",
    ...                 threshold="1.5")
    >>> reason([used], date(2026, 11, 28))
    '3.6 times the aim, from 1.5 on'
    """
    return ", ".join(_with_limits(because, today))


def _with_limits(because: Iterable[Evidence], today: date) -> list[str]:
    """Return what the tests saw, each value once, with all limits that it was held to."""
    limits: dict[str, list[str]] = {}
    for one in because:
        if words := _words(one, today):
            known = limits.setdefault(words, [])
            if (limit := _limit(one)) and limit not in known:
                known.append(limit)
    return [f"{words}, {' and '.join(held)}" if held else words for words, held in limits.items()]


def _words(one: Evidence, today: date) -> str:
    if one.field == "cadence_used" and one.value is not None:
        return f"{Decimal(one.value).quantize(Decimal('0.1'), ROUND_DOWN)} times the aim"
    return phrase(one, today)


def reasons(because: Iterable[Evidence], today: date) -> str:
    """Return the tests of one rule in words, and the card that all of them saw.

    >>> late = Evidence(rule="r", file="f", line=1, field="turns", value="40", test="gte", threshold="18")
    >>> reasons([late, late.model_copy(update={"test": "lte", "threshold": "60"})], date(2026, 11, 28))
    'turns 40, from 18 on and up to 60'
    """
    because = list(because)
    # The screen says so in the line above.
    because = [one for one in because if one.field != "stale"] or because
    cards = {source for one in because if (source := origin(one.source, today)).endswith((" card", " cards"))}
    seen = f" on the {cards.pop()}" if len(cards) == 1 else ""
    return f"{', '.join(_with_limits(because, today))}{seen}"


def _limit(one: Evidence) -> str:
    wording = (_LIMITS if one.day is None else _AHEAD if "until" in one.field else _AGO).get(one.test)
    if wording is None or one.value is None:
        return ""
    length = _LENGTH.fullmatch(one.threshold)
    if length is None:
        return wording.format(one.threshold)
    count, unit = int(length[1]), _UNITS[length[2]]
    # "Due for contact since 10 Sep" needs no "at least 0 days ago".
    return wording.format(f"{count} {unit}{'' if count == 1 else 's'}") if count else ""


def origin(source: str | None, today: date) -> str:
    """Return where a value came from, without record keys: ``phone card``, ``meeting 'Lunch' on 11 Aug``.

    >>> origin("card phone:C27, outlook:77", date(2026, 11, 28))
    'phone and outlook cards'
    """
    if not source:
        return ""
    if source.startswith(_CARD):
        names = list(dict.fromkeys(key.partition(":")[0] for key in source.removeprefix(_CARD).split(", ")))
        return f"{and_listed(names)} card{'s' if len(names) > 1 else ''}"
    return _ISO_DAY.sub(lambda text: _day(text[0], today), _RECORD.sub("", source))


def _day(text: str, today: date) -> str:
    try:
        return short_day(date.fromisoformat(text), today)
    except ValueError:  # a title may hold anything
        return text


def and_listed(words: Iterable[str]) -> str:
    """Return words as a sentence lists them.

    >>> and_listed(["phone", "outlook", "work"])
    'phone, outlook and work'
    """
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def place(file: str, line: int, folder: str) -> str:
    """Return a place in the rules, its file as seen from the rules folder.

    >>> place("rules/cadence.yaml", 8, "rules")
    'cadence.yaml:8'
    """
    path = PurePath(file)
    inside = path.relative_to(folder) if path.is_relative_to(folder) else path
    return f"{inside}:{line}"


def decided(then: Mapping[str, str], today: date) -> str:
    """Return what a rule decided, in words: ``key person, tag client``. ``then`` maps facts to texts."""
    return ", ".join(_decided(fact, value, today) for fact, value in then.items())


def _decided(fact: str, value: str, today: date) -> str:
    if fact == "follow_up":
        return value
    if fact == "cadence_days":
        return "every day" if value == "1" else f"every {value} days"
    return phrase(
        Evidence(rule="", file="", line=0, field=fact, value=value, test="is", threshold=value), today
    )
