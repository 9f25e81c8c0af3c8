"""A calendar file with one of our tasks, changed without touching other text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

from connectors.shared.content_lines import Line, name_of, unescape, unfold, value_of
from connectors.shared.task_keys import decode
from people.errors import SkipThis

UID_PREFIX = "touchbase-"
KEY = "X-TOUCHBASE-KEY"
_MOMENT = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")


class VtodoText:
    """The first VTODO of a file that is ours by its key or its UID, and no instance of a repeating one.

    Raises ``SkipThis`` if there is none, or if it is cut short.
    """

    def __init__(self, text: str) -> None:
        self._lines = list(unfold(text.replace("\r\n", "\n")))
        found = self._find()
        _, self._begin, self._end = found[0]
        self._instances = [(begin, end) for instance, begin, end in found[1:] if instance]
        self._properties: dict[str, list[int]] = {}
        self._alarms: list[range] = []
        self._scan()
        self.uid = self.value("UID")
        # A second task of the key, after a dot: the first one's UID was taken.
        key = decode(self.value(KEY)) or decode(self.uid.removeprefix(UID_PREFIX).partition(".")[0])
        if key is None:
            raise SkipThis("its task has no key that can be read")
        self.key = key

    def _find(self) -> list[tuple[bool, int, int]]:
        """Whether each of our tasks is an instance of a repeating one, and its first and last line.

        Instances come last.
        """
        found: list[tuple[bool, int, int]] = []
        begin, ours, instance = -1, False, False
        for at, line in enumerate(self._lines):
            name = name_of(line.text)
            if name == "BEGIN" and _component(line) == "VTODO":
                begin, ours, instance = at, False, False
            elif name == KEY or (name == "UID" and value_of(line.text).startswith(UID_PREFIX)):
                ours = True
            elif name == "RECURRENCE-ID":
                instance = True
            elif name == "END" and _component(line) == "VTODO" and begin >= 0 and ours:
                found.append((instance, begin, at))
                begin = -1
        if not found:
            raise SkipThis("it contains no complete task of ours")
        return sorted(found, key=lambda one: one[0])

    def _scan(self) -> None:
        inside: list[int] = []
        for at in range(self._begin + 1, self._end):
            name = name_of(self._lines[at].text)
            if name == "BEGIN":
                inside.append(at)
            elif name == "END" and inside:
                start = inside.pop()
                if not inside and _component(self._lines[start]) == "VALARM":
                    self._alarms.append(range(start, at + 1))
            elif not inside:
                self._properties.setdefault(name, []).append(at)

    def has(self, name: str) -> bool:
        """Whether the task has this property."""
        return name in self._properties

    def value(self, name: str) -> str:
        """The value of the first such property as written, empty if there is none."""
        places = self._properties.get(name)
        return value_of(self._lines[places[0]].text).strip() if places else ""

    def text(self, name: str) -> str:
        """The value of the first such property, unescaped."""
        return unescape(self.value(name))

    def labels(self) -> list[str]:
        """The labels of all CATEGORIES lines."""
        lines = (value_of(self._lines[at].text) for at in self._properties.get("CATEGORIES", ()))
        escaped = [label for line in lines for label in line.replace("\\,", "\x00").split(",")]
        return [unescape(label.replace("\x00", "\\,")).strip() for label in escaped if label.strip()]

    def status(self) -> Literal["open", "done", "cancelled"]:
        """The state by STATUS, or without one by COMPLETED and PERCENT-COMPLETE."""
        status = self.value("STATUS").upper()
        if status == "CANCELLED":
            return "cancelled"
        finished = self.has("COMPLETED") or self.value("PERCENT-COMPLETE") == "100"
        return "done" if status == "COMPLETED" or (not status and finished) else "open"

    def instances(self) -> list[VtodoText]:
        """The instances of a repeating task that a client wrote beside it, such as a completed one."""
        return [
            VtodoText("\n".join(["BEGIN:VTODO", *self._plain(begin + 1, end), "END:VTODO"]))
            for begin, end in self._instances
        ]

    def _plain(self, begin: int, end: int) -> list[str]:
        return [line.text for line in self._lines[begin:end] if name_of(line.text) != "RECURRENCE-ID"]

    def due(self, zone: tzinfo) -> date | None:
        """The due day in ``zone``. A time in a named zone counts as written."""
        moment = self.moment("DUE", zone)
        return moment.astimezone(zone).date() if moment else None

    def moment(self, name: str, zone: tzinfo) -> datetime | None:
        """The UTC instant of a date (its start in ``zone``) or time; None if there is no valid one."""
        match = _MOMENT.fullmatch(self.value(name).upper())
        if match is None:
            return None
        try:
            naive = datetime.fromisoformat(f"{match[1]}T{match[2] or '000000'}")
            return naive.replace(tzinfo=UTC if match[3] else zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def sequence(self) -> int:
        """SEQUENCE, 0 if there is no valid one."""
        value = self.value("SEQUENCE")
        return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 0

    def alarms(self) -> list[str]:
        """The triggers of all alarms, as written."""
        return [self._trigger(alarm) for alarm in self._alarms]

    def _trigger(self, alarm: range) -> str:
        lines = (self._lines[at].text for at in alarm)
        return next((value_of(line).strip() for line in lines if name_of(line) == "TRIGGER"), "")

    def changed(
        self, properties: Mapping[str, Sequence[str]], *, drop_alarm: str | None, alarm: Sequence[str]
    ) -> str:
        """The whole text with new lines for these properties and a new alarm.

        Lines are folded. A property without lines is removed. ``drop_alarm`` is the trigger of the alarm to
        leave out.
        """
        dropped = [known for known in self._alarms if self._trigger(known) == drop_alarm]
        left_out = {at for lines in dropped for at in lines}
        places = self._properties
        last = max((at for lines in places.values() for at in lines), default=self._begin)
        put: dict[int, list[str]] = {self._end: list(alarm)}
        for name, new in properties.items():
            left_out.update(places.get(name, ()))
            # A new property goes after the last one, because sub-components must come below all properties.
            put.setdefault(places[name][0] if name in places else last + 1, []).extend(new)
        result: list[str] = []
        for at, line in enumerate(self._lines):
            result.extend(put.get(at, ()))
            if at not in left_out:
                result.append(line.raw)
        return "\r\n".join(result) + "\r\n"


def _component(line: Line) -> str:
    return value_of(line.text).strip().upper()
