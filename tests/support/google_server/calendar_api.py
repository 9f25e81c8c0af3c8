"""Calendar v3: the list of calendars, and events with their series and exceptions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support.google_server.calendar import Calendar, is_cancelled
from tests.support.google_server.listing import BadToken, Collection, ExpiredToken, PageOf
from tests.support.google_server.protocol import Clock, Json, Request, Route, old_error

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


class CalendarApi:
    """Answers requests from what ``calendar`` holds."""

    def __init__(self, calendar: Calendar, clock: Clock) -> None:
        self._calendar = calendar
        self._clock = clock
        self._times: list[datetime] = []

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
        now = self._clock.now()
        self._times = [time for time in self._times if time > now - timedelta(minutes=1)]
        if (
            self._calendar.requests_a_minute is not None
            and len(self._times) >= self._calendar.requests_a_minute
        ):
            raise old_error(403, "rateLimitExceeded", "Rate Limit Exceeded")
        self._times.append(now)

    def _list_calendars(self, request: Request) -> Json:
        token, hidden = (
            request.get("syncToken"),
            request.flag("showDeleted", True) and request.flag("showHidden", True),
        )
        if token and not hidden:
            raise old_error(
                400, "badRequest", "showDeleted and showHidden may not be false with a sync token"
            )
        shown = request.flag("showDeleted")
        page = self._page(
            self._calendar.entries, request, 250, wanted=lambda e: shown or not e.get("deleted")
        )
        return _answer("calendar#calendarList", page.items, page)

    def _list_events(self, request: Request) -> Json:
        shelf = self._calendar.shelf(request.names["calendar"])
        self._check_listing(request)
        shown = request.flag("showDeleted")
        uid, first = request.get("iCalUID"), request.get("updatedMin")

        def wanted(event: Json) -> bool:
            if uid and event["iCalUID"] != uid:
                return False
            if first and event["updated"] < first:
                return False
            return shown or not is_cancelled(event) or "recurringEventId" in event

        page = self._page(shelf.events, request, 2500, wanted=wanted)
        answer = _answer("calendar#events", [_shown(event) for event in page.items], page)
        return {**answer, "summary": shelf.entry["summary"], "timeZone": self._calendar.time_zone}

    def _check_listing(self, request: Request) -> None:
        if request.get("syncToken"):
            forbidden = [name for name in _NOT_WITH_TOKEN if name in request.query]
            if forbidden:
                raise old_error(400, "badRequest", f"{', '.join(forbidden)} may not go with a sync token")
            if request.get("showDeleted") == "false":
                raise old_error(400, "badRequest", "showDeleted may not be false with a sync token")
        if request.flag("singleEvents"):
            raise old_error(400, "badRequest", "this server does not expand series")
        if request.get("updatedMin"):
            since = datetime.fromisoformat(request.get("updatedMin"))
            if since < self._clock.now() - _UPDATED_MIN_LIMIT:
                raise old_error(
                    410, "updatedMinTooLongAgo", "The requested minimum modification time lies too far"
                )

    def _page(self, collection: Collection, request: Request, most: int, **options: Any) -> PageOf:
        size = min(most, request.number("maxResults", 250 if most > 250 else 100))
        try:
            return collection.page(request, size, **options)
        except ExpiredToken:
            message = "Sync token is no longer valid, a full sync is required."
            raise old_error(410, "fullSyncRequired", message) from None
        except BadToken:
            raise old_error(400, "invalid", "Invalid sync token value.") from None

    def _get(self, request: Request) -> Json:
        return _shown(self._existing(request))

    def _insert(self, request: Request) -> Json:
        calendar, body = request.names["calendar"], request.json()
        event_id = body.get("id") or f"evt{self._calendar.new_number()}"
        if self._calendar.shelf(calendar).events.find(event_id):
            raise old_error(409, "duplicate", "The requested identifier already exists.")
        event = {
            "iCalUID": f"{event_id}@google.com",
            "status": "confirmed",
            "eventType": "default",
            **body,
            "id": event_id,
        }
        return self._calendar.save(calendar, event)

    def _patch(self, request: Request) -> Json:
        event = self._existing(request)
        wanted = request.headers.get("if-match", "*")
        if wanted not in ("*", event["etag"]):
            raise old_error(412, "conditionNotMet", "Precondition Failed")
        self._calendar.edit(
            event["id"], calendar=request.names["calendar"], **{**request.json(), "id": event["id"]}
        )
        return self._calendar.event(event["id"], request.names["calendar"])

    def _delete(self, request: Request) -> None:
        event = self._existing(request)
        self._calendar.delete(event["id"], calendar=request.names["calendar"])

    def _existing(self, request: Request) -> Json:
        event = self._calendar.shelf(request.names["calendar"]).events.find(request.names["event"])
        if event is None:
            raise old_error(404, "notFound", "Not Found")
        if is_cancelled(event):
            raise old_error(410, "deleted", "Resource has been deleted")
        return event


def _shown(event: Json) -> Json:
    """An event as it is told; of a cancelled one only what Google guarantees."""
    if not is_cancelled(event):
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
