"""Calendar v3: the list of calendars, and events with their series and exceptions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.google_server.listing import BadToken, Collection, ExpiredToken, PageOf
from tests.google_server.protocol import ApiError, Clock, Json, Request, Route

_EVENTS = ("calendar.events", "calendar.events.readonly", "calendar", "calendar.readonly")
_LISTS = ("calendar.calendarlist", "calendar.calendarlist.readonly", "calendar", "calendar.readonly")
_WRITE = ("calendar.events", "calendar")
_NOT_WITH_TOKEN = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMax",
    "timeMin",
    "updatedMin",
)
_UPDATED_MIN_LIMIT = timedelta(days=28)


def error(code: int, reason: str, message: str) -> ApiError:
    return ApiError(code, message, reason=reason, old_style=True)


def _is_cancelled(event: Json) -> bool:
    return event.get("status") == "cancelled"


@dataclass
class Shelf:
    """One calendar: its entry in the list, its events by id, and whether it is still shared."""

    entry: Json
    events: Collection
    shared: bool = True


@dataclass
class Calendar:
    """The calendars of the account, by id; ``user`` is the primary one."""

    clock: Clock
    user: str
    time_zone: str = "Europe/London"
    requests_a_minute: int | None = None
    shelves: dict[str, Shelf] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _times: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entries = Collection("calendarList", self.clock, lambda entry: bool(entry.get("deleted")))
        self.add_calendar(self.user, self.user, primary=True)

    # What the owner does in Google's own apps.

    def add_calendar(self, calendar_id: str, title: str, *, primary: bool = False) -> None:
        entry: Json = {
            "id": calendar_id,
            "summary": title,
            "timeZone": self.time_zone,
            "accessRole": "reader",
        }
        if primary:
            entry |= {"primary": True, "accessRole": "owner"}
        self.entries.put(calendar_id, entry)
        self.shelves[calendar_id] = Shelf(
            entry, Collection(f"events {calendar_id}", self.clock, _is_cancelled)
        )

    def rename_calendar(self, calendar_id: str, title: str) -> None:
        """A change of a property alone, which no sync token tells of."""
        self.shelves[calendar_id].entry["summary"] = title

    def unshare(self, calendar_id: str) -> None:
        self.shelves[calendar_id].shared = False
        self.entries.put(calendar_id, {"id": calendar_id, "deleted": True})

    def add(
        self,
        summary: str = "Meeting",
        *,
        start: str,
        end: str,
        calendar: str = "primary",
        attendees: tuple[str, ...] = (),
        **fields: Any,
    ) -> str:
        """A new event, from ``start`` to ``end`` as ``when`` takes them.

        ``fields`` are further ones of the API (``recurrence=["RRULE:..."]``).
        """
        event_id = fields.pop("id", None) or f"evt{next(self._numbers)}"
        event: Json = {
            "id": event_id,
            "iCalUID": f"{event_id}@google.com",
            "status": "confirmed",
            "summary": summary,
            "start": self.when(start),
            "end": self.when(end),
            "organizer": {"email": self.user, "self": True},
            "eventType": "default",
            **fields,
        }
        if attendees:
            event["attendees"] = [
                {
                    "email": email,
                    "responseStatus": "accepted",
                    **({"self": True} if email == self.user else {}),
                }
                for email in attendees
            ]
        self._save(calendar, event)
        return str(event_id)

    def edit(self, event_id: str, *, calendar: str = "primary", **fields: Any) -> None:
        """Set fields of an event; None takes one away.

        Exceptions of a series stay as they are, unless it ends to be one.
        """
        event = {**self.event(event_id, calendar), **fields}
        if not event.get("recurrence"):
            self._drop_exceptions(event_id, calendar)
        self._save(calendar, {key: value for key, value in event.items() if value is not None})

    def delete(self, event_id: str, *, calendar: str = "primary") -> None:
        """Delete an event, or a series with all its exceptions."""
        self._drop_exceptions(event_id, calendar)
        self.shelf(calendar).events.put(event_id, {**self.event(event_id, calendar), "status": "cancelled"})

    def change_instance(self, master: str, original: str, *, calendar: str = "primary", **fields: Any) -> str:
        """Change one instance of a series: ``original`` is its start before, ``start=`` moves it."""
        series = self.event(master, calendar)
        when = self.when(original)
        length = _moment(series["end"]) - _moment(series["start"])
        event: Json = {key: value for key, value in series.items() if key != "recurrence"}
        event |= {
            "id": f"{master}_{_instance_name(when)}",
            "recurringEventId": master,
            "originalStartTime": when,
            "start": when,
            "end": _later(when, length),
        }
        moved: Json = {key: self.when(fields[key]) for key in ("start", "end") if key in fields}
        if "start" in moved:
            moved.setdefault("end", _later(moved["start"], length))
        fields = {**fields, **moved}
        self._save(calendar, {**event, **fields})
        return str(event["id"])

    def cancel_instance(self, master: str, original: str, *, calendar: str = "primary") -> None:
        self.change_instance(master, original, calendar=calendar, status="cancelled")

    def exceptions(self, master: str, *, calendar: str = "primary") -> list[Json]:
        records = self.shelf(calendar).events.everything()
        return [event for event in records if event.get("recurringEventId") == master]

    def _drop_exceptions(self, master: str, calendar: str) -> None:
        for exception in self.exceptions(master, calendar=calendar):
            self.shelf(calendar).events.purge(exception["id"])

    def shelf(self, calendar: str) -> Shelf:
        shelf = self.shelves.get(self.user if calendar == "primary" else calendar)
        if shelf is None or not shelf.shared:
            raise error(404, "notFound", "Not Found")
        return shelf

    def when(self, text: str) -> Json:
        """``2026-11-01`` or ``2026-11-01T09:00`` (in the calendar's zone, or with its own offset)."""
        if "T" not in text:
            return {"date": text}
        return {"dateTime": _with_offset(text, self.time_zone), "timeZone": self.time_zone}

    # The API.

    def routes(self) -> list[Route]:
        events = "/calendar/v3/calendars/{calendar}/events"
        return [
            Route("GET", "/calendar/v3/users/me/calendarList", self._list_calendars, *_LISTS),
            Route("GET", events, self._list_events, *_EVENTS),
            Route("POST", events, self._insert, *_WRITE),
            Route("GET", events + "/{event}", self._get, *_EVENTS),
            Route("PATCH", events + "/{event}", self._patch, *_WRITE),
            Route("DELETE", events + "/{event}", self._delete, *_WRITE),
        ]

    def count(self, _request: Request) -> None:
        """Count one request against the quota. Raises ``ApiError``."""
        now = self.clock.now()
        self._times = [time for time in self._times if time > now - timedelta(minutes=1)]
        if self.requests_a_minute is not None and len(self._times) >= self.requests_a_minute:
            raise error(403, "rateLimitExceeded", "Rate Limit Exceeded")
        self._times.append(now)

    def _list_calendars(self, request: Request) -> Json:
        token, hidden = (
            request.get("syncToken"),
            request.flag("showDeleted", True) and request.flag("showHidden", True),
        )
        if token and not hidden:
            raise error(400, "badRequest", "showDeleted and showHidden may not be false with a sync token")
        shown = request.flag("showDeleted")
        page = self._page(self.entries, request, 250, wanted=lambda e: shown or not e.get("deleted"))
        return _answer("calendar#calendarList", page.items, page)

    def _list_events(self, request: Request) -> Json:
        shelf = self.shelf(request.names["calendar"])
        self._check_listing(request)
        shown = request.flag("showDeleted")
        uid, first = request.get("iCalUID"), request.get("updatedMin")

        def wanted(event: Json) -> bool:
            if uid and event["iCalUID"] != uid:
                return False
            if first and event["updated"] < first:
                return False
            return shown or not _is_cancelled(event) or "recurringEventId" in event

        page = self._page(shelf.events, request, 2500, wanted=wanted)
        answer = _answer("calendar#events", [_shown(event) for event in page.items], page)
        return {**answer, "summary": shelf.entry["summary"], "timeZone": self.time_zone}

    def _check_listing(self, request: Request) -> None:
        if request.get("syncToken"):
            forbidden = [name for name in _NOT_WITH_TOKEN if name in request.query]
            if forbidden:
                raise error(400, "badRequest", f"{', '.join(forbidden)} may not go with a sync token")
            if request.get("showDeleted") == "false":
                raise error(400, "badRequest", "showDeleted may not be false with a sync token")
        if request.flag("singleEvents"):
            raise error(400, "badRequest", "this server does not expand series")
        if request.get("updatedMin"):
            since = datetime.fromisoformat(request.get("updatedMin"))
            if since < self.clock.now() - _UPDATED_MIN_LIMIT:
                raise error(
                    410, "updatedMinTooLongAgo", "The requested minimum modification time lies too far"
                )

    def _page(self, collection: Collection, request: Request, most: int, **options: Any) -> PageOf:
        size = min(most, request.number("maxResults", 250 if most > 250 else 100))
        try:
            return collection.page(request, size, **options)
        except ExpiredToken:
            message = "Sync token is no longer valid, a full sync is required."
            raise error(410, "fullSyncRequired", message) from None
        except BadToken:
            raise error(400, "badRequest", "the token is invalid or the parameters differ") from None

    def _get(self, request: Request) -> Json:
        return _shown(self._existing(request))

    def _insert(self, request: Request) -> Json:
        calendar, body = request.names["calendar"], request.json()
        event_id = body.get("id") or f"evt{next(self._numbers)}"
        if self.shelf(calendar).events.find(event_id):
            raise error(409, "duplicate", "The requested identifier already exists.")
        event = {
            "iCalUID": f"{event_id}@google.com",
            "status": "confirmed",
            "eventType": "default",
            **body,
            "id": event_id,
        }
        return self._save(calendar, event)

    def _patch(self, request: Request) -> Json:
        event = self._existing(request)
        wanted = request.headers.get("if-match", "*")
        if wanted not in ("*", event["etag"]):
            raise error(412, "conditionNotMet", "Precondition Failed")
        self.edit(event["id"], calendar=request.names["calendar"], **{**request.json(), "id": event["id"]})
        return self.event(event["id"], request.names["calendar"])

    def _delete(self, request: Request) -> None:
        event = self._existing(request)
        self.delete(event["id"], calendar=request.names["calendar"])

    def _existing(self, request: Request) -> Json:
        event = self.shelf(request.names["calendar"]).events.find(request.names["event"])
        if event is None:
            raise error(404, "notFound", "Not Found")
        if _is_cancelled(event):
            raise error(410, "deleted", "Resource has been deleted")
        return event

    def event(self, event_id: str, calendar: str = "primary") -> Json:
        event = self.shelf(calendar).events.find(event_id)
        if event is None:
            raise KeyError(event_id)
        return event

    def _save(self, calendar: str, event: Json) -> Json:
        number = next(self._numbers)
        saved = {
            "created": self.clock.stamp(),
            "creator": {"email": self.user, "self": True},
            "htmlLink": f"https://calendar.google.com/calendar/event?eid={event['id']}",
            "sequence": 0,
            "reminders": {"useDefault": True},
            **event,
            "kind": "calendar#event",
            "etag": f'"{number}"',
            "updated": self.clock.stamp(),
        }
        return self.shelf(calendar).events.put(event["id"], saved)


def _shown(event: Json) -> Json:
    """An event as it is told; of a cancelled one only what Google guarantees."""
    if not _is_cancelled(event):
        return event
    kept = ("kind", "etag", "id", "status", "recurringEventId", "originalStartTime")
    return {key: event[key] for key in kept if key in event}


def _answer(kind: str, items: list[Json], page: PageOf) -> Json:
    answer: Json = {"kind": kind, "items": items}
    if page.next_page:
        answer["nextPageToken"] = page.next_page
    elif page.next_sync:
        answer["nextSyncToken"] = page.next_sync
    return answer


def _with_offset(text: str, zone: str) -> str:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).isoformat()


def _moment(when: Json) -> datetime:
    return datetime.fromisoformat(when.get("dateTime") or when["date"])


def _later(when: Json, length: timedelta) -> Json:
    if "date" in when:
        return {"date": (_moment(when) + length).date().isoformat()}
    moment = (_moment(when).astimezone(UTC) + length).isoformat()
    return {**when, "dateTime": moment}


def _instance_name(when: Json) -> str:
    moment = _moment(when)
    return f"{moment:%Y%m%d}" if "date" in when else f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
