"""The People API: connections, single people, contact groups, other contacts."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from tests.support.google_server.listing import BadToken, Collection, ExpiredToken, PageOf
from tests.support.google_server.people import People, is_gone
from tests.support.google_server.protocol import ApiError, Clock, Json, Request, Route

TOKEN_LIFETIME = timedelta(days=7)
_READ, _WRITE = ("contacts", "contacts.readonly"), ("contacts",)


def invalid(message: str, reason: str = "") -> ApiError:
    return ApiError(400, message, status="INVALID_ARGUMENT", reason=reason)


def not_found(what: str) -> ApiError:
    return ApiError(404, f"{what} was not found", status="NOT_FOUND")


class PeopleApi:
    """Answers requests from what ``people`` holds."""

    def __init__(self, people: People, clock: Clock) -> None:
        self._people = people
        self._clock = clock
        self._full_reads: deque[datetime] = deque()
        self._requests: deque[datetime] = deque()

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/v1/people/me/connections", self._list_connections, *_READ),
            Route("GET", "/v1/people:batchGet", self._batch_get, *_READ),
            Route("GET", "/v1/{+resource}/connections", self._only_me, *_READ),
            Route("PATCH", "/v1/{+resource}:updateContact", self._update_contact, *_WRITE),
            Route("GET", "/v1/otherContacts", self._list_others, "contacts.other.readonly"),
            Route("GET", "/v1/contactGroups", self._list_groups, *_READ),
            Route("POST", "/v1/contactGroups", self._create_group, *_WRITE),
            Route("POST", "/v1/contactGroups/{group}/members:modify", self._modify_members, *_WRITE),
            Route("GET", "/v1/contactGroups/{group}", self._get_group, *_READ),
            Route("PUT", "/v1/contactGroups/{group}", self._update_group, *_WRITE),
            Route("DELETE", "/v1/contactGroups/{group}", self._delete_group, *_WRITE),
            Route("GET", "/v1/people/{person}", self._get_person, *_READ),
        ]

    def count(self, request: Request) -> None:
        """Count one request against the quotas. Raises ``ApiError``."""
        self._count(
            self._requests, self._people.requests_a_minute, "Quota exceeded for 'Critical read requests'"
        )
        first_of_full = request.path.endswith(("/connections", "/otherContacts")) and not (
            request.get("pageToken") or request.get("syncToken")
        )
        if first_of_full:
            self._count(
                self._full_reads, self._people.full_reads_a_minute, "Quota exceeded for full sync requests"
            )

    def _count(self, times: deque[datetime], most: int | None, message: str) -> None:
        now = self._clock.now()
        while times and times[0] <= now - timedelta(minutes=1):
            times.popleft()
        if most is not None and len(times) >= most:
            raise ApiError(429, message, reason="RATE_LIMIT_EXCEEDED", status="RESOURCE_EXHAUSTED")
        times.append(now)

    def _list_connections(self, request: Request) -> Json:
        mask = _mask(request, "personFields")
        self._people.let_show()
        page = self._page(self._people.listed, request)
        former = bool(request.get("syncToken"))
        shown = [_shown(person, mask, former=former) for person in page.items]
        return _answer("connections", shown, page, request, totalPeople=page.total, totalItems=page.total)

    def _only_me(self, _request: Request) -> Json:
        raise invalid("only people/me has connections")

    def _list_others(self, request: Request) -> Json:
        mask = _mask(request, "readMask")
        page = self._page(self._people.others, request)
        shown = [_shown(person, mask, former=False) for person in page.items]
        return _answer("otherContacts", shown, page, request, totalSize=page.total)

    def _page(self, collection: Collection, request: Request) -> PageOf:
        size = request.number("pageSize", 100) or 100
        if not 1 <= size <= 1000:
            raise invalid("pageSize must be between 1 and 1000")
        try:
            return collection.page(request, size, lifetime=TOKEN_LIFETIME, wanted=lambda v: not is_gone(v))
        except ExpiredToken:
            message = "Sync token is expired. Clear local cache and retry call without the sync token."
            raise ApiError(400, message, reason="EXPIRED_SYNC_TOKEN", status="FAILED_PRECONDITION") from None
        except BadToken:
            raise invalid("the token is invalid, or the parameters differ from the first call") from None

    def _get_person(self, request: Request) -> Json:
        return self._shown_person(f"people/{request.names['person']}", _mask(request, "personFields"))

    def _batch_get(self, request: Request) -> Json:
        names = request.query.get("resourceNames", [])
        if len(names) > 200:
            raise invalid("at most 200 resource names")
        mask = _mask(request, "personFields")
        people = [self._shown_person(name, mask) for name in names]
        return {
            "responses": [
                {"person": person, "requestedResourceName": person["resourceName"]} for person in people
            ]
        }

    def _shown_person(self, resource: str, mask: set[str]) -> Json:
        if resource not in self._people.persons:
            raise not_found(resource)
        return _shown(self._people.persons[resource], mask, former=False)

    def _update_contact(self, request: Request) -> Json:
        resource, body = request.names["resource"], request.json()
        fields = [name for name in request.get("updatePersonFields").split(",") if name]
        if resource not in self._people.persons:
            raise not_found(resource)
        person = self._people.persons[resource]
        sources = body.get("metadata", {}).get("sources", [])
        contact = next((row for row in sources if row.get("type") == "CONTACT"), None)
        if contact is None:
            raise invalid("person.metadata.sources is required")
        if contact.get("etag") != person["metadata"]["sources"][0]["etag"]:
            raise ApiError(400, "the contact has changed", reason="failedPrecondition", old_style=True)
        if not fields:
            raise invalid("updatePersonFields is required")
        if "memberships" in fields and not body.get("memberships"):
            raise invalid("a contact needs at least one membership")
        if "names" in fields and len(body.get("names", ())) > 1:
            raise invalid("names is a singleton for contact sources")
        self._people.edit(resource, **{name: body.get(name) for name in fields})
        return self._people.persons[resource]

    def _list_groups(self, request: Request) -> Json:
        size = request.number("pageSize", 30) or 30
        if not 1 <= size <= 1000:
            raise invalid("pageSize must be between 1 and 1000")
        try:
            page = self._people.groups.page(request, size, wanted=lambda v: not is_gone(v))
        except (BadToken, ExpiredToken):
            raise invalid("the token is invalid") from None
        shown = [self._shown_group(group) for group in page.items]
        return _answer("contactGroups", shown, page, request, always_token=True, totalItems=page.total)

    def _get_group(self, request: Request) -> Json:
        resource = self._existing_group(request)
        members = self._people.members(resource)[: request.number("maxMembers", 0)]
        found = self._shown_group(self._people.groups.find(resource) or {})
        return {**found, "memberResourceNames": members} if members else found

    def _create_group(self, request: Request) -> Json:
        name = request.json().get("contactGroup", {}).get("name", "").strip()
        if not name:
            raise invalid("a group needs a name")
        self._refuse_duplicate(name)
        return self._shown_group(self._people.groups.find(self._people.add_group(name)) or {})

    def _update_group(self, request: Request) -> Json:
        resource = self._existing_group(request)
        group = request.json().get("contactGroup", {})
        if group.get("etag") not in (None, (self._people.groups.find(resource) or {}).get("etag")):
            raise ApiError(400, "the group has changed", reason="failedPrecondition", old_style=True)
        self._refuse_duplicate(group.get("name", ""))
        self._people.rename_group(resource, group["name"])
        return self._shown_group(self._people.groups.find(resource) or {})

    def _delete_group(self, request: Request) -> Json:
        resource = self._existing_group(request)
        people = self._people.members(resource)
        self._people.delete_group(resource)
        if request.flag("deleteContacts"):
            for person in people:
                self._people.delete(person)
        return {}

    def _modify_members(self, request: Request) -> Json:
        resource, body = self._existing_group(request), request.json()
        add, remove = body.get("resourceNamesToAdd", []), body.get("resourceNamesToRemove", [])
        if not 1 <= len(add) + len(remove) <= 1000:
            raise invalid("between 1 and 1000 resource names")
        missing = [name for name in (*add, *remove) if name not in self._people.persons]
        last = [
            name
            for name in remove
            if name in self._people.persons and len(self._people.persons[name].get("memberships", ())) <= 1
        ]
        for name in add:
            if name not in missing:
                self._people.join(name, resource)
        for name in remove:
            if name not in missing and name not in last:
                self._people.leave(name, resource)
        answer: Json = {"notFoundResourceNames": missing, "canNotRemoveLastContactGroupResourceNames": last}
        return {key: names for key, names in answer.items() if names}

    def _existing_group(self, request: Request) -> str:
        resource = f"contactGroups/{request.names['group']}"
        group = self._people.groups.find(resource)
        if group is None or is_gone(group):
            raise not_found(resource)
        return resource

    def _refuse_duplicate(self, name: str) -> None:
        if self._people.group_named(name):
            raise ApiError(409, "Contact group name already exists", status="ALREADY_EXISTS")

    def _shown_group(self, group: Json) -> Json:
        count = 0 if is_gone(group) else len(self._people.members(group["resourceName"]))
        return {**group, "memberCount": count} if count else group


def _mask(request: Request, name: str) -> set[str]:
    mask = {field for field in request.get(name).split(",") if field}
    if not mask:
        raise invalid(f"{name} mask is required. Please specify one or more valid paths.")
    return mask


def _shown(person: Json, mask: set[str], *, former: bool) -> Json:
    """A person reduced to the fields asked for; tombstones and former names only in a sync."""
    shown = {key: value for key, value in person.items() if key in mask or key in ("resourceName", "etag")}
    if "metadata" in shown and not former:
        shown["metadata"] = {k: v for k, v in shown["metadata"].items() if k != "previousResourceNames"}
    return shown


def _answer(
    key: str, items: list[Json], page: PageOf, request: Request, *, always_token: bool = False, **more: Any
) -> Json:
    answer: Json = {**more}
    if items:
        answer[key] = items
    if page.next_page:
        answer["nextPageToken"] = page.next_page
    elif page.next_sync and (always_token or request.flag("requestSyncToken") or request.get("syncToken")):
        answer["nextSyncToken"] = page.next_sync
    return answer
