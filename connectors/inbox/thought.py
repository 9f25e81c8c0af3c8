"""What one line of the inbox says: what happened, with which person, when, and what else is known of them.

A line that leaves doubt is refused, because a line that waits is better than a wrong person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from people.errors import SkipThis
from people.text import one_line
from people.types import Direction, JournalKind

_DONE = (
    "met|called|phoned|rang|spoke|talked|chatted|texted|messaged|mailed|e-?mailed|wrote|saw|visited|lunched|"
    "coffee|tea|lunch|dinner|breakfast|drinks?|beer|introduced|intro"
)
_NOUN = "(?:phone |video )?call|chat|zoom|meeting|mail|e-?mail"
"""With another word behind it, it may be something still to do: *call Anna*, but *call with Anna*."""
_VERB = re.compile(
    rf"(?:i )?(?:had )?(?:an? )?"
    rf"(?:(?P<verb>{_DONE})(?: up)?(?: (?:with|to|from))?|(?P<noun>{_NOUN}) (?:with|to|from))[ :]+",
    re.IGNORECASE,
)
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _DAY_NAMES)
_DAY = rf"\d{{4}}-\d\d-\d\d|today|yesterday|(?:(?:on|last) )?(?:{_WEEKDAY})"
_STARTING_DAY = re.compile(rf"(?:on )?(?P<day>{_DAY})(?:[ T]\d\d?:\d\d(?::\d\d)?)?[ ,:;.–-]+", re.IGNORECASE)
_ENDING_DAY = re.compile(
    rf"(?:^| )(?P<day>(?:on )?\d{{4}}-\d\d-\d\d|today|yesterday|(?:on|last) (?:{_WEEKDAY}))$", re.IGNORECASE
)
_NOT_YET = re.compile(r"\b(?:tomorrow|next (?:week|month|" + _WEEKDAY + r"))\b", re.IGNORECASE)
_BULLET = re.compile(r"(?:[-*•+]|\[[ xX]?\]|\d{1,3}[.)]) +")
_TAIL = re.compile(
    r" (?P<word>about|re|regarding|because|after|before|for|who|over|in|at|from|of|on|by|when|while"
    r"|[-–—:](?= )|(?=\())(?=[ (])",
    re.IGNORECASE,
)
_BOTH = re.compile(r" (?:and|&|\+) ", re.IGNORECASE)
_INTRODUCED = re.compile(r" (?:to|and|with|&) ", re.IGNORECASE)
_EMAIL = re.compile(r"<?(?:mailto:)?([\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+)>?", re.IGNORECASE)
_PHONE = re.compile(
    r"(?:(?:tel|phone|mobile|mob|cell)[.:]? *)?(?P<number>\+?\(?\d[\d ()./-]{5,24})", re.IGNORECASE
)
_SPAN = re.compile(
    r"(?:for )?(?P<number>\d{1,4}(?:\.\d{1,2})?) ?(?P<unit>m|mins?|minutes|h|hrs?|hours?)", re.IGNORECASE
)
_WANT = re.compile(
    r"(?:(?:she|he|they) )?(?:(?P<needs>needs?|looking for|looks for)|offers?|can offer)[ :]+(?P<what>.+)",
    re.IGNORECASE,
)
_FIRM_WORD = re.compile(r"(?:[^\Wa-z_][\w'’.&-]*|&|and|of|the|for|de|und|et|y)")
_NAME_WORD = re.compile(r"[^\W\d_][\w'’.-]*")
_MOST_NAME_WORDS = 5
_MOST_FIRM_WORDS = 6
_VERBS_HELP = (
    "begin it with what happened, such as: met, called, mailed, coffee, lunch, spoke, wrote, saw, intro"
)


@dataclass(frozen=True, slots=True)
class Thought:
    """One line, understood. ``when`` is the day as written (``yesterday``), None if the line names none.

    ``name`` is empty if the line names an address alone. ``words`` are what no field takes, in order, the
    verb first. ``event`` is where you met.
    """

    kind: JournalKind
    name: str
    words: tuple[str, ...]
    when: str | None = None
    other: str | None = None
    direction: Direction | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    firm: str | None = None
    event: str | None = None
    hours: Decimal | None = None
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()

    @property
    def person(self) -> str:
        """How the line names the person: the address, because it is the surest, else the name."""
        return self.emails[0] if self.emails else self.name

    @property
    def note(self) -> str:
        """All that the line says besides day, person and time, for the journal. An event comes first."""
        wants = [f"{kind}: {item}" for kind in ("needs", "offers") for item in getattr(self, kind)]
        first, *others = self.words
        start = self.event if self.kind == "met" and self.event else first
        firm = [self.firm] if self.firm else []
        return "; ".join([start, *firm, *others, *self.emails, *self.phones, *wants])

    @property
    def is_full_name(self) -> bool:
        """Whether the name has two words or more, none of them in small letters."""
        words = self.name.split()
        return len(words) > 1 and not any(word[0].islower() for word in words)


def day_of(when: str, seen: date) -> date:
    """Return the day that ``when`` means on the day when it was first seen: the last such weekday.

    >>> day_of("on Friday", date(2026, 11, 28))
    datetime.date(2026, 11, 27)
    """
    word = when.lower().removeprefix("on ").removeprefix("last ")
    if word[0].isdigit():
        return date.fromisoformat(word)
    if word in ("today", "yesterday"):
        return seen - timedelta(days=word == "yesterday")
    weekday = next(at for at, name in enumerate(_DAY_NAMES) if name.startswith(word))
    ago = (seen.weekday() - weekday) % 7
    return seen - timedelta(days=ago or (7 if when.lower().startswith("last") else 0))


def _check_day(when: str) -> str:
    """Return the day as written. Raises ``SkipThis`` if the calendar has no such day."""
    try:
        day_of(when, date.max)
    except ValueError as error:
        raise SkipThis(f"'{when}' is not a date", help="write it like 2026-11-27") from error
    return when


def understand(line: str) -> Thought:
    """Read one line. Raises ``SkipThis`` if it does not say what happened, or with which one person."""
    text = _BULLET.sub("", one_line(line), count=1)
    if _NOT_YET.search(text):
        raise SkipThis("has not happened yet", help="write it again when it has")
    when = None
    starting = _STARTING_DAY.match(text)
    if starting:
        when, text = _check_day(starting["day"]), text[starting.end() :]
    verb = _VERB.match(text)
    if verb is None:
        raise SkipThis("does not say what happened", help=_VERBS_HELP)
    reader = _Reader((verb["verb"] or verb["noun"]).lower(), when)
    reader.read(text[verb.end() :])
    return reader.thought()


class _Reader:
    def __init__(self, verb: str, when: str | None) -> None:
        self.verb, self.when = verb, when
        self.name = self.tail = ""
        self.firm: str | None = None
        self.event: str | None = None
        self.hours: Decimal | None = None
        self.emails: list[str] = []
        self.phones: list[str] = []
        self.wants: dict[str, list[str]] = {"needs": [], "offers": []}
        self.others: list[str] = []

    def read(self, rest: str) -> None:
        first, *parts = (part.strip(" .") for part in re.split(r"[,;]", rest))
        first = self._without_address(self._without_day(first))
        tail = _TAIL.search(f"{first} ")
        self.name = first[: tail.start()].strip() if tail else first
        if tail:
            self._tail(tail["word"].lower(), first[tail.start() :].strip())
        for part in parts:
            self._part(self._without_day(part))

    def _tail(self, word: str, text: str) -> None:
        after = text[len(word) :].strip(" ()")
        if self.verb == "met" and word in ("from", "of", "") and after:
            self.firm, at, event = after.partition(" at ")
            self.event = event or self.event if at else self.event
        elif self.verb == "met" and word == "at" and after:
            self.event = after
        elif span := _SPAN.fullmatch(text):
            self._span(span)
        else:
            self.tail = text

    def _without_day(self, part: str) -> str:
        found = _ENDING_DAY.search(part)
        if found is None:
            return part
        self.when = self.when or _check_day(found["day"])
        return part[: found.start()].strip()

    def _without_address(self, part: str) -> str:
        found = _EMAIL.search(part)
        if found is None:
            return part
        self.emails.append(found[1].lower())
        return " ".join(f"{part[: found.start()]} {part[found.end() :]}".split()).strip("() ")

    def _part(self, part: str) -> None:
        """Take one part: an address, a number, a want, a time, the event, the firm, or else a remark."""
        part = self._without_address(part)
        if not part:
            return
        want = _WANT.fullmatch(part)
        span, phone = _SPAN.fullmatch(part), _PHONE.fullmatch(part)
        if want:
            self.wants["needs" if want["needs"] else "offers"].append(want["what"])
        elif span and self.hours is None:
            self._span(span)
        elif phone and sum(map(str.isdigit, part)) >= 7:
            self.phones.append(phone["number"].strip())
        elif self.verb == "met" and self.event is None and part.lower().startswith("at "):
            self.event = part[3:].strip()
        elif self.verb == "met" and self.firm is None and _is_firm(part):
            self.firm = part
        else:
            self.others.append(part)

    def _span(self, span: re.Match[str]) -> None:
        minutes = span["unit"].lower().startswith("m")
        self.hours = round(Decimal(span["number"]) / (60 if minutes else 1), 2)

    def thought(self) -> Thought:
        introduces = self.verb in ("intro", "introduced")
        name, other = self.name, None
        if introduces:
            name, other = _two(self.name)
        elif _BOTH.search(f" {name} "):
            raise SkipThis("names several people", help="write one line per person")
        for text in (name, *filter(None, [other])):
            _check_name(text, alone=not self.emails)
        # The event's name is the first of the words of a line about a meeting, so a remark stands apart.
        first = [self.verb, self.tail] if self.verb == "met" else [f"{self.verb} {self.tail}"]
        return Thought(
            kind="met" if self.verb == "met" else "introduction" if introduces else "contact",
            name=name,
            other=other,
            direction="given" if introduces else None,
            words=tuple(word.strip() for word in (*first, *self.others) if word.strip()),
            when=self.when,
            emails=tuple(dict.fromkeys(self.emails)),
            phones=tuple(dict.fromkeys(self.phones)),
            firm=self.firm,
            event=self.event,
            hours=self.hours,
            needs=tuple(self.wants["needs"]),
            offers=tuple(self.wants["offers"]),
        )


def _two(text: str) -> tuple[str, str]:
    both = [part.strip() for part in _INTRODUCED.split(text)]
    if len(both) != 2:
        raise SkipThis("does not name two people", help="write: intro Anna Berg to Tom Hale")
    return both[0], both[1]


def _check_name(text: str, *, alone: bool) -> None:
    words = text.split()
    if not words and alone:
        raise SkipThis("names no person", help="write the name, or an e-mail address, after the verb")
    if len(words) > _MOST_NAME_WORDS or not all(map(_NAME_WORD.fullmatch, words)):
        raise SkipThis(f"'{text[:40]}' is not a name", help="put a comma after the name")


def _is_firm(part: str) -> bool:
    words = part.split()
    return len(words) <= _MOST_FIRM_WORDS and all(map(_FIRM_WORD.fullmatch, words)) and not words[0].islower()
