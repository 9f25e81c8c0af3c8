"""A follow-up as a VTODO (RFC 5545): written by vobject, changed line by line.

Everything that a person or their client put into the task stays byte for byte. We only replace our own
properties, and only if they still are what we last wrote (X-TOUCHBASE-WROTE holds their hashes). So an
edited text stays edited, and a moved due date stays moved. vobject never parses an existing file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, tzinfo

import vobject
from dateutil import tz

from connectors.shared.content_lines import name_of, unfold
from connectors.shared.task_keys import encode, token
from connectors.vtodo.state import WITHDRAWN, WROTE, Value, digest, remembered, stamp, still_ours
from connectors.vtodo.state import read_state as read_state  # noqa: PLC0414 - beside what writes it
from connectors.vtodo.text import KEY, UID_PREFIX, VtodoText
from people.tasks import FollowUp, Priority
from people.text import clean, one_line
from people.wording import task_text, title_with_who

ALARM_AT = time(9)
"""Local time of the alarm on the due day. Thunderbird alerts for alarms only, not for DUE."""

_PRIORITY: dict[Priority, str] = {"high": "1", "medium": "5", "low": "9"}


def utc_now() -> datetime:
    """The current instant."""
    return datetime.now(UTC)


def uid_of(key: str) -> str:
    """The task's UID. It is stable, and safe as a file name."""
    return UID_PREFIX + token(key)


class VtodoSink(ABC):
    """What all sinks of VTODOs do to a task that is there. ``time_zone`` is the user's, a ref is a UID."""

    time_zone: tzinfo
    now: Callable[[], datetime]

    @abstractmethod
    def _change(self, ref: str, change: Callable[[str], str | None]) -> None:
        """Write the text that ``change`` makes of the task's; None leaves it alone."""

    def withdraw(self, ref: str, reason: str) -> None:
        """Cancel the open task with this UID, and write the reason into it."""
        self._change(ref, lambda text: withdrawn_task(text, reason, self.time_zone, self.now()))

    def complete(self, ref: str) -> None:
        """Tick the open task with this UID."""
        self._change(ref, lambda text: completed_task(text, self.now()))

    def move(self, ref: str, due: date) -> None:
        """Give the open task with this UID the due date that the user chose."""
        self._change(ref, lambda text: moved_task(text, due, self.time_zone, self.now()))


def new_task(follow_up: FollowUp, zone: tzinfo, now: datetime, uid: str | None = None) -> str:
    """A calendar with one new task; ``uid`` if it is not the usual one of its key."""
    wanted = _wanted(follow_up)
    alarm = _alarm_time(follow_up.due, zone)
    wrote = {name: digest(value) for name, value in wanted.items()} | {"ALARM": stamp(alarm)}
    calendar = vobject.iCalendar()
    calendar.add("prodid").value = "-//Touchbase//Touchbase//EN"
    properties: dict[str, Value] = {
        "UID": uid or uid_of(follow_up.key),
        "CREATED": now,
        **_touched(now, 0),
        **wanted,
        "STATUS": "NEEDS-ACTION",
        "PERCENT-COMPLETE": "0",
        KEY: encode(follow_up.key),
        WROTE: _memory(wrote, now),
    }
    _fill(calendar.add("vtodo"), properties)
    # vobject would put our X- properties below the alarm, which RFC 5545 does not allow.
    text = VtodoText(calendar.serialize(validate=False))
    return text.changed({}, drop_alarm=None, alarm=_alarm_lines(alarm, _title(follow_up)))


def updated_task(text: str, follow_up: FollowUp, zone: tzinfo, now: datetime) -> str | None:
    """The text with our fields updated; None if nothing changes.

    A task that the user completed or cancelled is left alone. One that we withdrew is opened again. Raises
    ``SkipThis`` if the text contains no complete task of ours.
    """
    todo = VtodoText(text)
    reopened = todo.has(WITHDRAWN) and todo.status() != "done"
    if todo.status() != "open" and not reopened:
        return None
    wrote = remembered(todo)
    changes: dict[str, Value] = {"STATUS": "NEEDS-ACTION", WITHDRAWN: None} if reopened else {}
    for name, value in _wanted(follow_up).items():
        if wrote.get(name, "") not in ("", digest(value)) and still_ours(todo, name, wrote, zone):
            changes[name] = value
            wrote[name] = digest(value)
    due = follow_up.due if "DUE" in changes else todo.due(zone)
    before, alarm = wrote.get("ALARM"), _alarm_time(due or follow_up.due, zone)
    # An alarm that the user moved or removed is theirs. "" means that we removed it.
    ours = before is not None and before in ("", *todo.alarms())
    rings = ours and (before != stamp(alarm) or "SUMMARY" in changes)
    if not (changes or rings):
        return None
    if rings:
        wrote["ALARM"] = stamp(alarm)
    changes |= {WROTE: _memory(wrote, now), **_touched(now, todo.sequence() + 1)}
    title = _title(follow_up) if "SUMMARY" in changes else todo.text("SUMMARY")
    lines = _alarm_lines(alarm, title) if rings else []
    return todo.changed(_lines(changes), drop_alarm=before if rings else None, alarm=lines)


def withdrawn_task(text: str, reason: str, zone: tzinfo, now: datetime) -> str | None:
    """The text with the task cancelled and the reason below its notes; None if it is already closed.

    Raises ``SkipThis`` if the text contains no complete task of ours.
    """
    todo = VtodoText(text)
    if todo.status() != "open":
        return None
    wrote = remembered(todo)
    notes = f"{todo.text('DESCRIPTION')}\n\nClosed by Touchbase: {one_line(reason)}".strip()
    if still_ours(todo, "DESCRIPTION", wrote, zone):
        wrote["DESCRIPTION"] = digest(notes)
    alarm, wrote["ALARM"] = wrote.get("ALARM"), ""
    changes: dict[str, Value] = {
        "STATUS": "CANCELLED",
        "DESCRIPTION": clean(notes),
        WITHDRAWN: stamp(now),
        WROTE: _memory(wrote, now),
        **_touched(now, todo.sequence() + 1),
    }
    return todo.changed(_lines(changes), drop_alarm=alarm, alarm=())


def reopened_task(text: str, follow_up: FollowUp, zone: tzinfo, now: datetime) -> str | None:
    """The text with the task open again, whoever closed it, and our fields updated; None without a change.

    Raises ``SkipThis`` if the text contains no complete task of ours.
    """
    todo = VtodoText(text)
    opened: str | None = None
    if todo.status() != "open":
        changes: dict[str, Value] = {
            "STATUS": "NEEDS-ACTION",
            "PERCENT-COMPLETE": "0",
            "COMPLETED": None,
            WITHDRAWN: None,
            WROTE: _memory(remembered(todo), now),
            **_touched(now, todo.sequence() + 1),
        }
        opened = todo.changed(_lines(changes), drop_alarm=None, alarm=())
    return updated_task(opened or text, follow_up, zone, now) or opened


def completed_task(text: str, now: datetime) -> str | None:
    """The text with the task completed at ``now``; None if it is already closed.

    Raises ``SkipThis`` if the text contains no complete task of ours.
    """
    todo = VtodoText(text)
    if todo.status() != "open":
        return None
    wrote = remembered(todo)
    alarm, wrote["ALARM"] = wrote.get("ALARM"), ""
    changes: dict[str, Value] = {
        "STATUS": "COMPLETED",
        "PERCENT-COMPLETE": "100",
        "COMPLETED": now,
        WROTE: _memory(wrote, now),
        **_touched(now, todo.sequence() + 1),
    }
    return todo.changed(_lines(changes), drop_alarm=alarm, alarm=())


def moved_task(text: str, due: date, zone: tzinfo, now: datetime) -> str | None:
    """The text with the due date that the user chose, and our alarm on that day; None without a change.

    From then on the date is theirs. Raises ``SkipThis`` if the text contains no complete task of ours.
    """
    todo = VtodoText(text)
    if todo.status() != "open" or todo.due(zone) == due:
        return None
    wrote = remembered(todo)
    before = wrote.get("ALARM")
    rings = before is not None and before in todo.alarms()
    alarm = _alarm_time(due, zone)
    if rings:
        wrote["ALARM"] = stamp(alarm)
    changes: dict[str, Value] = {
        "DUE": due,
        WROTE: _memory(wrote, now),
        **_touched(now, todo.sequence() + 1),
    }
    lines = _alarm_lines(alarm, todo.text("SUMMARY")) if rings else []
    return todo.changed(_lines(changes), drop_alarm=before if rings else None, alarm=lines)


def _wanted(follow_up: FollowUp) -> dict[str, Value]:
    """The fields that a user may change, with the values that the follow-up asks for."""
    labels = (one_line(tag).replace(",", " ") for tag in follow_up.tags)
    return {
        "SUMMARY": _title(follow_up),
        "DESCRIPTION": task_text(follow_up, follow_up.due),
        "DUE": follow_up.due,
        "PRIORITY": _PRIORITY[follow_up.priority],
        "CATEGORIES": sorted(filter(None, labels)) or None,
    }


def _title(follow_up: FollowUp) -> str:
    return title_with_who(follow_up)[:500] or one_line(follow_up.person)[:500] or "Follow up"


def _memory(wrote: Mapping[str, str], now: datetime) -> str:
    # AT tells our own LAST-MODIFIED from that of a client.
    return " ".join(f"{name}={value}" for name, value in {**wrote, "AT": stamp(now)}.items())


def _touched(now: datetime, sequence: int) -> dict[str, Value]:
    return {"DTSTAMP": now, "LAST-MODIFIED": now, "SEQUENCE": str(sequence)}


def _alarm_time(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, ALARM_AT, zone).astimezone(UTC)


def _fill(component: vobject.base.Component, properties: Mapping[str, Value]) -> None:
    for name, value in properties.items():
        if isinstance(value, datetime):
            value = value.astimezone(tz.UTC)  # noqa: PLW2901 - vobject recognises only dateutil's UTC object
        if value is not None:
            component.add(name.lower()).value = value


def _lines(changes: Mapping[str, Value]) -> dict[str, list[str]]:
    """The folded lines of each property as vobject writes them; none for a removed one."""
    calendar = vobject.iCalendar()
    _fill(calendar.add("vtodo"), changes)
    written = list(unfold(calendar.serialize(validate=False).replace("\r\n", "\n")))
    return {name: [line.raw for line in written if name_of(line.text) == name] for name in changes}


def _alarm_lines(at: datetime, title: str) -> list[str]:
    calendar = vobject.iCalendar()
    alarm: dict[str, Value] = {"ACTION": "DISPLAY", "DESCRIPTION": one_line(title)[:500], "TRIGGER": at}
    _fill(calendar.add("vtodo").add("valarm"), alarm)
    _, begin, rest = str(calendar.serialize(validate=False)).partition("BEGIN:VALARM")
    inner, end, _ = rest.partition("END:VALARM")
    return f"{begin}{inner}{end}".split("\r\n")
