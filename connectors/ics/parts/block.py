"""One VEVENT or VTIMEZONE as content lines. A well-formed event stays text until a line is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.shared.content_lines import unescape, value_of

MAX_TEXT = 64 * 1024
"""Longer texts are cut, because rules only look for words in them."""

_EVENT_LINES = frozenset(
    (
        *("UID", "SEQUENCE", "STATUS", "SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES"),
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"),
        *("ORGANIZER", "ATTENDEE", "X-MICROSOFT-CDO-BUSYSTATUS", "X-NEXTCLOUD-BC-FIELD-TYPE"),
    )
)
TEXTS = ("DESCRIPTION", "SUMMARY", "LOCATION")
_RENEWED = ("\nDTSTAMP:", "\nLAST-MODIFIED:")
"""Lines that exports renew although the event is as it was."""


@dataclass(slots=True, eq=False)
class Calendar:
    """One VCALENDAR of a file. METHOD, X-WR-TIMEZONE and time zones belong to it alone.

    ``cancelled`` is METHOD:CANCEL. ``answer`` is a METHOD of guests, such as REPLY, whose events only repeat
    what the answer is about. ``zone`` is the name of the zone of floating times.
    """

    file: str = ""
    cancelled: bool = False
    answer: bool = False
    zone: str = ""
    zones: list[Block] = field(default_factory=list)


class Block:
    """One VEVENT or VTIMEZONE: its unfolded lines with their names, and its first line in the file.

    Sub-components of an event are left out. Those of a time zone are kept with their BEGIN and END. ``raw``
    is the text of a well-formed event (``cut.well_formed``); its lines are taken out of it on first use.
    """

    __slots__ = ("_lines", "_named", "_raw", "_stamp", "calendar", "line", "name")

    def __init__(self, name: str, line: int, calendar: Calendar, raw: str = "") -> None:
        self.name = name
        self.line = line
        self.calendar = calendar
        self._raw = raw
        self._stamp = ""
        self._lines: list[tuple[str, str]] | None = None if raw else []
        self._named: dict[str, list[str]] | None = None

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The lines that Touchbase uses, each with its name."""
        if self._lines is None:
            self._lines = self._taken_out()
        return self._lines

    @property
    def stamp(self) -> str:
        """DTSTAMP. It is not among the lines, because every export renews it."""
        return self._stamp if self.lines is not None else ""

    def take(self, name: str, text: str, *, own: bool = True) -> None:
        """Add a line if Touchbase uses it. ``own`` is False for the lines of an event's sub-component."""
        if self.name == "VEVENT":
            if name == "DTSTAMP" and own:
                self._stamp = value_of(text).strip()
            if not own or name not in _EVENT_LINES:
                return
        self.lines.append((name, text[:MAX_TEXT] if name in TEXTS else text))

    def takes(self, name: str, *, own: bool) -> bool:
        """Whether ``take`` would add a line of this name, whatever its length."""
        return self.name != "VEVENT" or (own and name in _EVENT_LINES)

    @property
    def named(self) -> dict[str, list[str]]:
        """The lines by name."""
        if self._named is None:
            named: dict[str, list[str]] = {}
            for name, line in self.lines:
                if name in named:
                    named[name].append(line)
                else:
                    named[name] = [line]
            self._named = named
        return self._named

    def first(self, name: str) -> str | None:
        """The unescaped value of the first property of this name."""
        lines = self.named.get(name)
        return unescape(value_of(lines[0])).strip() if lines else None

    def has(self, *names: str) -> bool:
        """Whether a property of one of these names is there."""
        return not self.named.keys().isdisjoint(names)

    @property
    def uid(self) -> str | None:
        """The UID, as ``first`` gives it, if possible without taking the event apart."""
        raw = self._raw
        at = raw.find("\nUID:") if self._lines is None else -1
        if at >= 0:
            end, inside = raw.index("\n", at + 1), raw.find("\nBEGIN:")
            if raw[end + 1] not in " \t" and (inside < 0 or at < inside):
                return unescape(raw[at + 5 : end]).strip()
        return self.first("UID")

    def content(self) -> bytes:
        """Everything that is written here, without what exports renew: the same for an unchanged event."""
        text = self._raw or repr(self.lines)
        if self._raw:
            for name in _RENEWED:
                at = text.find(name)
                if at >= 0:
                    text = text[:at] + text[text.index("\n", at + 1) :]
        return text.encode("utf-8", "replace")

    def fold_up(self) -> None:
        """Forget the lines of a piece, which take five times its room. They can be taken out once more."""
        if self._raw:
            self._lines = self._named = None

    def _taken_out(self) -> list[tuple[str, str]]:
        text = self._raw
        if "\n " in text or "\n\t" in text:
            text = text.replace("\n ", "").replace("\n\t", "")
        lines: list[tuple[str, str]] = []
        inside = False
        for line in text.split("\n")[1:-2]:
            name = line.partition(":")[0].partition(";")[0]
            if inside:
                inside = name != "END"
            elif name in _EVENT_LINES:
                lines.append((name, line[:MAX_TEXT] if name in TEXTS else line))
            elif name == "BEGIN":
                inside = True
            elif name == "DTSTAMP":
                self._stamp = value_of(line).strip()
        return lines


def sequence_of(block: Block) -> int:
    """SEQUENCE, 0 if it is missing or not a number."""
    value = block.first("SEQUENCE") or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
