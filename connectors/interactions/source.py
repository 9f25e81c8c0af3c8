"""A CSV file ``when, who, direction, channel, minutes`` as a source of contact.

A dialler, a script or an export of a messenger can write it. It says that two people were in touch, and when;
what was said has no place in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.shared.csv_text import Record, records
from connectors.shared.digest_cursor import at_most, digest, full_read, unchanged
from connectors.shared.files import read_only_file
from connectors.shared.plain_text import decode_lines
from connectors.shared.talks import CHANNELS, Channel, Talk, as_contact
from people.errors import SkipThis, UserMustAct
from people.phones import e164
from people.text import clean, did_you_mean, one_line
from people.types import Page, Problem

HEADER = ("when", "who", "direction", "channel", "minutes")
_NEEDED = HEADER[:2]
_PARSER = "1"
_REMEDY = "correct the line; the others were read"
_NOT_A_TALK = ("missed", "rejected")
_DIRECTIONS = ("in", "out", "incoming", "outgoing", "received", "sent", *_NOT_A_TALK)


class InteractionsSource:
    """The lines of one file as contact of a day. A person is an e-mail address, a number or a name.

    The columns may be in any order, and only ``when`` and ``who`` are needed. ``when`` is a day, or an
    instant; one without an offset is in ``zone``, the user's. Numbers without a country are in ``region``. A
    missed call does not count. A line that cannot be used is a Problem at ``file:line``.
    """

    def __init__(
        self, name: str, path: Path, *, zone: ZoneInfo, region: str, encoding: str | None = None
    ) -> None:
        self.name = name
        self.path = path
        self._zone = zone
        self._region = region
        self._encoding = encoding

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if the file did not change, else all of its lines.

        Raises ``SourceMissing`` if the file does not exist, ``UserMustAct`` if it lacks a needed column.
        """
        data = read_only_file(self.path, "list of interactions", "check its path in touchbase.toml")
        settings = (_PARSER, self.path.name, self._encoding or "", str(self._zone), self._region)
        current = digest([*settings, data])
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        decoded = decode_lines(data, self._encoding)
        problems = [
            Problem(
                where=f"{self.path.name}:{line}", message=message, help="save it as UTF-8, or set encoding"
            )
            for line, message in decoded.odd
        ]
        talks = list(self._talks(decoded.text, problems))
        lines = as_contact(talks, self.name, self.path.name)
        yield from full_read(lines, at_most(problems, self.path.name), current)

    def _talks(self, text: str, problems: list[Problem]) -> Iterator[Talk]:
        rest = records(text)
        columns = self._columns(next(rest, None), problems)
        for record in rest:
            try:
                talk = self._talk(record, columns)
            except SkipThis as error:
                where = f"{self.path.name}:{record.line}"
                problems.append(Problem(where=where, message=error.message, help=error.help or _REMEDY))
            else:
                if talk is not None:
                    yield talk

    def _columns(self, header: Record | None, problems: list[Problem]) -> Mapping[str, int]:
        cells = [cell.strip().lower().lstrip("\ufeff") for cell in (header and header.cells) or ()]
        if missing := [name for name in _NEEDED if name not in cells]:
            shown = one_line(",".join(cells))[:80]
            raise UserMustAct(
                f"{self.path} has no column '{missing[0]}'; it begins with '{shown}'",
                help=f"make its first line: {','.join(HEADER)}",
            )
        problems += [self._unused(name) for name in cells if name and name not in HEADER]
        return {name: cells.index(name) for name in HEADER if name in cells}

    def _unused(self, column: str) -> Problem:
        return Problem(
            where=f"{self.path.name}:1",
            message=f"column '{one_line(column)[:40]}' is not used",
            help=did_you_mean(column, HEADER, otherwise=f"columns: {', '.join(HEADER)}"),
        )

    def _talk(self, record: Record, columns: Mapping[str, int]) -> Talk | None:
        """The talk of a line; None for a call that nobody answered. Raises ``SkipThis``."""
        if record.cells is None:
            raise SkipThis("a quotation mark is not closed")
        cells = [clean(cell).strip() for cell in record.cells]
        given = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        channel = _word("channel", given.get("channel", ""), CHANNELS) or "message"
        direction = _word("direction", given.get("direction", ""), _DIRECTIONS)
        if not given["who"]:
            raise SkipThis("names no person", help="write an e-mail address, a number or a name")
        talk = Talk(self._day(given["when"]), self._who(given["who"]), _channel(channel), _minutes(given))
        unanswered = channel == "call" and talk.minutes == 0
        return None if direction in _NOT_A_TALK or unanswered else talk

    def _day(self, text: str) -> date:
        try:
            if len(text) == len("2026-01-01"):
                return date.fromisoformat(text)
            moment = datetime.fromisoformat(text)
            return moment.date() if moment.tzinfo is None else moment.astimezone(self._zone).date()
        except (ValueError, OverflowError) as error:
            shown = one_line(text)[:40]
            help_ = "write it as 2026-11-01, or 2026-11-01T14:30+01:00"
            raise SkipThis(f"'{shown}' is not a time", help=help_) from error

    def _who(self, text: str) -> str:
        if "@" in text:
            return text.lower()
        return e164(text, self._region) or text


def _word(name: str, text: str, known: Sequence[str]) -> str:
    word = text.lower()
    if not word or word in known:
        return word
    help_ = did_you_mean(word, known, otherwise=f"{name} is one of {', '.join(known)}")
    raise SkipThis(f"'{one_line(text)[:40]}' is not a {name}", help=help_)


def _channel(word: str) -> Channel:
    return next(channel for channel in CHANNELS if channel == word)


def _minutes(given: Mapping[str, str]) -> float | None:
    text = given.get("minutes", "").replace(",", ".")
    if not text:
        return None
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes < 100_000:
        raise SkipThis(f"'{one_line(text)[:40]}' is not a number of minutes")
    return minutes
