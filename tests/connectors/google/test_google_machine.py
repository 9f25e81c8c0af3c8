"""Random edits and faults at Google against syncs.

After each sync that succeeds, what is known equals what Google holds. After one that fails, nothing is
lost or doubled: each record is as before or as it is now, and none is missing that both know. What
Google holds is told by the test itself, without any code of ours.
"""

from __future__ import annotations

import contextlib
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from people.errors import RetryLater, TouchbaseError
from people.types import Contact
from tests.contracts.sinks import follow_up
from tests.support.google_server import Fault
from tests.support.google_server.faults import Kind
from tests.support.google_server.fixtures import Client, fresh_google

LONDON = ZoneInfo("Europe/London")
TEAM = "team@group.calendar.google.com"
Told = tuple[object, ...]

days = st.integers(0, 40).map(lambda number: date(2026, 10, 5) + timedelta(days=number))
numbers = st.integers(0, 5)
refusals = st.sampled_from(
    [
        (500, "backendError"),
        (429, "rateLimitExceeded"),
        (403, "rateLimitExceeded"),
        (403, "quotaExceeded"),
        (410, "fullSyncRequired"),
        (400, "EXPIRED_SYNC_TOKEN"),
        (400, "badRequest"),
    ]
)


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    on = draw(st.sampled_from(["connections", "contactGroups", "events", "otherContacts", "token", ""]))
    kinds: list[Kind] = ["error", "drop", "drop_after", "truncate", "garble"]
    kind = draw(st.sampled_from(kinds))
    code, reason = draw(refusals)
    if on in ("token", ""):
        code, reason = 400, "badRequest"  # after others of the token endpoint google-auth really sleeps
    times, skip = draw(st.sampled_from([1, 2, 9])), draw(st.integers(0, 3))
    old_style = reason != "EXPIRED_SYNC_TOKEN"
    return Fault(kind, on, times=times, skip=skip, code=code, reason=reason, old_style=old_style)


class GoogleMachine(RuleBasedStateMachine):
    """Few rules with many actions each, so that a sync is never far away."""

    @initialize()
    def open_account(self) -> None:
        self.stack = contextlib.ExitStack()
        self.google = fresh_google()
        self.google.calendar.add_calendar(TEAM, "Team")
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.client = Client(self.google, Path(folder))
        self.unshared = False
        groups = [self.google.people.add_group(name) for name in ("BNI", "Touchbase/key")]
        for name in ("Anna Berg", "Tom Hale"):
            self.google.people.join(self.google.people.add(name), groups[0])
        self.google.calendar.add("Coffee", **_hour(date(2026, 10, 7)))
        self._meet_weekly("primary", date(2026, 10, 5), 3)

    def teardown(self) -> None:
        self.stack.close()

    @rule(
        action=st.sampled_from(["create", "edit", "delete", "merge", "rename", "note", "forget"]),
        one=numbers,
        other=numbers,
    )
    def people_change(self, action: str, one: int, other: int) -> None:
        people = self.google.people
        person, second = _pick(list(people.persons), one), _pick(list(people.persons), other)
        stranger = _pick([found["resourceName"] for found in people.others.live()], one)
        match action:
            case "create":
                people.add(f"Person {one}", emails=[f"{one}@example.com"])
            case "note":
                people.note_other(f"{one}@elsewhere.example", f"Stranger {one}")
            case "forget" if stranger:
                people.forget_other(stranger)
            case "edit" if person:
                people.edit(person, biographies=[{"value": f"note {other}"}])
            case "delete" if person:
                people.delete(person)
            case "merge" if person and second and person != second:
                people.merge(person, second)
            case "rename" if person:
                people.rename(person)

    @rule(action=st.sampled_from(["add", "join", "leave", "rename", "delete"]), one=numbers, other=numbers)
    def group_change(self, action: str, one: int, other: int) -> None:
        people = self.google.people
        person = _pick(list(people.persons), one)
        groups = [row["resourceName"] for row in people.groups.live() if row["groupType"].startswith("USER")]
        group = _pick(groups, other)
        match action:
            case "add" if people.group_named(f"Group {one}") is None:
                people.add_group(f"Group {one}")
            case "rename" if group and people.group_named(f"Group {one}") is None:
                people.rename_group(group, f"Group {one}")
            case "delete" if group:
                people.delete_group(group)
            case "join" | "leave" if group and person:
                getattr(people, action)(person, group)

    @rule(
        action=st.sampled_from(["meet", "whole day", "weekly", "retitle", "postpone", "call off", "unshare"]),
        calendar=st.sampled_from(["primary", "primary", TEAM]),
        number=numbers,
        day=days,
    )
    def calendar_change(self, action: str, calendar: str, number: int, day: date) -> None:
        google = self.google.calendar
        calendar = "primary" if self.unshared else calendar
        live = google.shelf(calendar).events.live()
        event = _pick([found["id"] for found in live if "recurringEventId" not in found], number)
        match action:
            case "meet":
                google.add("Coffee", **_hour(day), calendar=calendar)
            case "whole day":
                following = day + timedelta(days=1)
                google.add("Fair", start=f"{day}", end=f"{following}", calendar=calendar)
            case "weekly":
                self._meet_weekly(calendar, day, number + 1)
            case "unshare" if number == 0 and not self.unshared:
                google.unshare(TEAM)
                self.unshared = True
            case "retitle" if event:
                google.edit(event, calendar=calendar, summary=f"Tea {number}")
            case "postpone" if event:
                moved = {key: google.when(text) for key, text in _hour(day).items()}
                google.edit(event, calendar=calendar, **moved)
            case "call off" if event:
                google.delete(event, calendar=calendar)

    @rule(
        action=st.sampled_from(["move", "cancel", "once", "repeat", "retitle"]),
        number=numbers,
        week=st.integers(0, 3),
        day=days,
    )
    def series_change(self, action: str, number: int, week: int, day: date) -> None:
        google = self.google.calendar
        live = google.shelf("primary").events.live()
        timed = [found for found in live if "recurringEventId" not in found and "dateTime" in found["start"]]
        series = _pick([found["id"] for found in timed if found.get("recurrence")], number)
        single = _pick([found["id"] for found in timed if not found.get("recurrence")], number)
        if action == "repeat" and single:
            google.edit(single, recurrence=[f"RRULE:FREQ=WEEKLY;COUNT={week + 1}"])
        if series is None:
            return
        start = datetime.fromisoformat(google.event(series)["start"]["dateTime"]).astimezone(LONDON)
        original = (start.replace(tzinfo=None) + timedelta(weeks=week)).isoformat()
        match action:
            case "move":
                google.change_instance(series, original, **_hour(day))
            case "cancel":
                google.cancel_instance(series, original)
            case "retitle":
                google.edit(series, summary=f"Weekly {number}")
            case "once":
                google.edit(series, recurrence=None)

    def _meet_weekly(self, calendar: str, day: date, count: int) -> None:
        rule = [f"RRULE:FREQ=WEEKLY;COUNT={count}"]
        self.google.calendar.add("Weekly", **_hour(day), calendar=calendar, recurrence=rule)

    @rule(
        action=st.sampled_from(["hours", "days", "expire people", "expire events", "small pages", "log in"]),
        number=numbers,
    )
    def trouble(self, action: str, number: int) -> None:
        match action:
            case "hours":
                self.google.clock.advance(timedelta(hours=1 + number))
            case "days":
                self.google.clock.advance(timedelta(days=1 + 2 * number))
            case "expire people":
                self.google.people.listed.expire_tokens()
                self.google.people.others.expire_tokens()
            case "expire events":
                for shelf in self.google.calendar.shelves.values():
                    shelf.events.expire_tokens()
            case "small pages":
                self.google.people.listed.page_limit = number or None
                for shelf in self.google.calendar.shelves.values():
                    shelf.events.page_limit = number or None
            case "log in":
                self._log_in_anew()

    def _log_in_anew(self) -> None:
        self.google.oauth.revoke()
        before = dict(self.client.known.records)
        with contextlib.suppress(TouchbaseError):
            self._sync()
        assert self.client.known.records == before
        self.google.write_token(self.client.token)

    @rule(fault=faults())
    def fail(self, fault: Fault) -> None:
        self.google.faults.append(fault)

    # Syncs.

    @rule()
    def sync_among_faults(self) -> None:
        before, truth = self._known(), self._truth()
        try:
            self._sync()
        except TouchbaseError:
            now = self._known()
            assert all(told in (before.get(key), truth.get(key)) for key, told in now.items())
            assert (before.keys() & truth.keys()) <= now.keys()
        else:
            assert self._known() == truth

    @rule()
    def sync(self) -> None:
        self.google.faults.clear()
        self._sync()
        assert self._known() == self._truth()

    def _sync(self) -> None:
        self.client.sync(calendars=["primary", TEAM], other_contacts=True)

    def _known(self) -> dict[str, Told]:
        told: dict[str, Told] = {}
        for key, record in self.client.known.records.items():
            if isinstance(record, Contact):
                told[key] = (record.name, set(record.emails), set(record.labels), record.note)
            elif not (self.unshared and key.startswith(f"calendars/{TEAM}/")):
                meeting: Any = record
                told[key] = (
                    meeting.title,
                    meeting.start or meeting.start_date,
                    meeting.end or meeting.end_date,
                )
        return told

    def _truth(self) -> dict[str, Told]:
        people = self.google.people
        labels = {row["resourceName"]: row["name"] for row in people.groups.live()}
        told = {key: _person(person, labels) for key, person in people.persons.items()}
        told |= {person["resourceName"]: _person(person, {}) for person in people.others.live()}
        for name in ("primary",) if self.unshared else ("primary", TEAM):
            live = self.google.calendar.shelf(name).events.everything()
            told |= {f"calendars/{name}/{key}": row for key, row in _meetings(live).items()}
        return told


def _hour(day: date) -> dict[str, Any]:
    return {"start": f"{day}T09:00", "end": f"{day}T10:00"}


def _pick(found: list[str], number: int) -> str | None:
    return found[number % len(found)] if found else None


def _person(person: dict[str, Any], labels: dict[str, str]) -> Told:
    groups = {
        row["contactGroupMembership"]["contactGroupResourceName"] for row in person.get("memberships", ())
    }
    shown = {labels[group] for group in groups if group in labels and group != "contactGroups/myContacts"}
    emails = {row["value"].lower() for row in person.get("emailAddresses", ())}
    note = person.get("biographies", [{}])[0].get("value")
    return (
        person["names"][0]["displayName"],
        emails,
        {x for x in shown if not x.startswith("Touchbase/")},
        note,
    )


def _meetings(events: list[dict[str, Any]]) -> dict[str, Told]:
    """Single events, weekly instances counted by hand in local time, and exceptions in their places."""
    told: dict[str, Told] = {}
    for event in events:
        if "recurringEventId" in event or event["status"] == "cancelled":
            continue
        start, end = _moment(event["start"]), _moment(event["end"])
        if not event.get("recurrence"):
            told[event["id"]] = (event["summary"], start, end)
            continue
        assert isinstance(start, datetime)
        for week in range(int(event["recurrence"][0].rpartition("=")[2])):
            local = start.astimezone(LONDON).replace(tzinfo=None) + timedelta(weeks=week)
            at = local.replace(tzinfo=LONDON).astimezone(UTC)
            told[f"{event['id']}/{at:%Y%m%dT%H%M%SZ}"] = (event["summary"], at, at + (end - start))
    for event in events:
        if "recurringEventId" in event:
            key = f"{event['recurringEventId']}/{_moment(event['originalStartTime']):%Y%m%dT%H%M%SZ}"
            told.pop(key, None)
            if event["status"] != "cancelled":
                told[key] = (event["summary"], _moment(event["start"]), _moment(event["end"]))
    return told


def _moment(when: dict[str, str]) -> datetime | date:
    if "date" in when:
        return date.fromisoformat(when["date"])
    return datetime.fromisoformat(when["dateTime"]).astimezone(UTC)


class TasksMachine(RuleBasedStateMachine):
    """Follow-ups become tasks among faults; each key is one task at most, whatever happens to it."""

    @initialize()
    def open_account(self) -> None:
        self.stack = contextlib.ExitStack()
        self.google = fresh_google()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.client = Client(self.google, Path(folder))
        self.sink = self.client.tasks()
        self.closed: dict[str, str] = {}

    def teardown(self) -> None:
        self.stack.close()

    @rule(number=st.integers(1, 4), title=st.sampled_from(["Call", "Write"]))
    def ensure(self, number: int, title: str) -> None:
        with contextlib.suppress(RetryLater):
            self.sink.ensure(follow_up(number, title=title))

    @rule(
        kind=st.sampled_from(["drop", "drop_after", "truncate", "garble", "error"]),
        on=st.sampled_from(["POST .*/tasks$", "POST .*/lists$", "PATCH", "DELETE", "GET"]),
        times=st.integers(1, 3),
    )
    def fail(self, kind: Any, on: str, times: int) -> None:
        self.google.faults.append(Fault(kind, on, times=times))

    @rule(number=st.integers(1, 4), fate=st.sampled_from(["complete", "delete"]))
    def close(self, number: int, fate: str) -> None:
        for task in self.google.tasks.all():
            if follow_up(number).key in task["notes"] and task["status"] != "completed":
                getattr(self.google.tasks, fate)(task["id"])
                self.closed[task["id"]] = fate

    @rule(number=st.integers(1, 4))
    def withdraw(self, number: int) -> None:
        with contextlib.suppress(RetryLater):
            for state in [state for state in self.sink.states() if state.key == follow_up(number).key]:
                self.sink.withdraw(state.ref, "met")

    @rule()
    def restart(self) -> None:
        self.sink = self.client.tasks()

    @rule(number=st.integers(1, 4))
    def ensure_in_the_end(self, number: int) -> None:
        self.google.faults.clear()
        ref = self.sink.ensure(follow_up(number))
        assert ref in {state.ref for state in self.client.tasks().states()}

    @invariant()
    def each_key_is_one_task(self) -> None:
        if not hasattr(self, "google"):
            return
        notes = [task["notes"] for task in self.google.tasks.all(deleted=True)]
        keys = [line for text in notes for line in text.split() if line.startswith("touchbase:")]
        assert len(keys) == len(set(keys))
        titles = [row.entry["title"] for row in self.google.tasks.lists.values()]
        assert titles.count("Touchbase") <= 1

    @invariant()
    def closed_stays_closed(self) -> None:
        for task in self.google.tasks.all(deleted=True) if hasattr(self, "google") else ():
            if fate := self.closed.get(task["id"]):
                assert task["status"] == "completed" if fate == "complete" else task["deleted"]


def _settings(examples: int) -> settings:
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    return settings(max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=slow)


TestGoogleMachine = GoogleMachine.TestCase
TestGoogleMachine.settings = _settings(100)
TestTasksMachine = TasksMachine.TestCase
TestTasksMachine.settings = _settings(50)
