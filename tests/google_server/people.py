"""The People API: connections, single people, contact groups, other contacts."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.google_server.listing import BadToken, Collection, ExpiredToken, PageOf
from tests.google_server.protocol import ApiError, Clock, Json, Request, Route

TOKEN_LIFETIME = timedelta(days=7)
MY_CONTACTS = "contactGroups/myContacts"
_READ, _WRITE = ("contacts", "contacts.readonly"), ("contacts",)


def invalid(message: str, reason: str = "") -> ApiError:
    return ApiError(400, message, status="INVALID_ARGUMENT", reason=reason)


def not_found(what: str) -> ApiError:
    return ApiError(404, f"{what} was not found", status="NOT_FOUND")


def _is_gone(value: Json) -> bool:
    return bool(value.get("metadata", {}).get("deleted"))


class People:
    """The contacts of the account. Persons and groups are the JSON of the real API.

    ``lag`` is how long an edit takes to show in listings. ``full_reads_a_minute`` and
    ``requests_a_minute`` are quotas; None is none.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._etags = itertools.count(1)
        self.persons: dict[str, Json] = {}
        self.listed = Collection("connections", clock, _is_gone)
        self.others = Collection("otherContacts", clock, _is_gone)
        self.groups = Collection("contactGroups", clock, _is_gone)
        self.lag = timedelta()
        self.full_reads_a_minute: int | None = None
        self.requests_a_minute: int | None = None
        self._waiting: deque[tuple[datetime, str, Json]] = deque()
        self._full_reads: deque[datetime] = deque()
        self._requests: deque[datetime] = deque()
        for name in ("myContacts", "starred"):
            self._put_group(f"contactGroups/{name}", name, "SYSTEM_CONTACT_GROUP")

    # What the owner does in Google's own apps.

    def add(self, name: str | None = None, *, emails: Iterable[str] = (), **fields: Any) -> str:
        """A new contact; ``fields`` are further ones of the API (``organizations=[...]``)."""
        resource = f"people/c{next(self._numbers)}"
        person: Json = {"memberships": [_membership(MY_CONTACTS)], **fields}
        if name:
            given, _, family = name.partition(" ")
            person["names"] = [{"displayName": name, "givenName": given, "familyName": family}]
        if emails:
            person["emailAddresses"] = [{"value": email} for email in emails]
        self._save(resource, person)
        return resource

    def edit(self, resource: str, **fields: Any) -> None:
        """Set fields; None takes one away."""
        person = {**self.persons[resource], **fields}
        self._save(resource, {key: value for key, value in person.items() if value is not None})

    def delete(self, resource: str) -> None:
        former = self.persons.pop(resource)["metadata"].get("previousResourceNames")
        metadata = {"deleted": True, **({"previousResourceNames": former} if former else {})}
        self._publish(resource, {"resourceName": resource, "metadata": metadata})

    def merge(self, keep: str, gone: str) -> None:
        """What "Merge" does: one is updated, the other deleted."""
        kept, lost = self.persons[keep], self.persons[gone]
        lists = ("emailAddresses", "phoneNumbers", "memberships")
        together = {key: [*kept.get(key, ()), *map(_without_primary, lost.get(key, ()))] for key in lists}
        self.edit(keep, **{key: rows for key, rows in together.items() if rows})
        self.delete(gone)

    def rename(self, resource: str) -> str:
        """Give a person a new resource name, as linking a profile does."""
        person = self.persons.pop(resource)
        new = f"people/c{next(self._numbers)}"
        former = [*person["metadata"].get("previousResourceNames", ()), resource]
        self._save(new, {**person, "metadata": {"previousResourceNames": former}})
        self.listed.purge(resource)
        return new

    def note_other(self, email: str, name: str | None = None) -> str:
        """An address that Google notes by itself."""
        resource = f"otherContacts/c{next(self._numbers)}"
        value: Json = {"resourceName": resource, "etag": self._etag(), "emailAddresses": [{"value": email}]}
        if name:
            value["names"] = [{"displayName": name}]
        self.others.put(resource, value)
        return resource

    def forget_other(self, resource: str) -> None:
        self.others.put(resource, {"resourceName": resource, "metadata": {"deleted": True}})

    def add_group(self, name: str) -> str:
        return self._put_group(f"contactGroups/g{next(self._numbers)}", name, "USER_CONTACT_GROUP")

    def rename_group(self, resource: str, name: str) -> None:
        self._put_group(resource, name, "USER_CONTACT_GROUP")

    def delete_group(self, resource: str) -> None:
        self.groups.put(resource, {"resourceName": resource, "metadata": {"deleted": True}})
        for person in self.members(resource):
            self.leave(person, resource)

    def group_named(self, name: str) -> str | None:
        found = (g["resourceName"] for g in self.groups.live() if g["name"].casefold() == name.casefold())
        return next(found, None)

    def members(self, group: str) -> list[str]:
        return [name for name, person in self.persons.items() if group in _groups_of(person)]

    def join(self, person: str, group: str) -> None:
        if group not in _groups_of(self.persons[person]):
            rows = self.persons[person].get("memberships", [])
            self.edit(person, memberships=[*rows, _membership(group)])

    def leave(self, person: str, group: str) -> None:
        left = [_membership(name) for name in _groups_of(self.persons[person]) if name != group]
        self.edit(person, memberships=left or None)

    # The API.

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
        self._count(self._requests, self.requests_a_minute, "Quota exceeded for 'Critical read requests'")
        first_of_full = request.path.endswith(("/connections", "/otherContacts")) and not (
            request.get("pageToken") or request.get("syncToken")
        )
        if first_of_full:
            self._count(self._full_reads, self.full_reads_a_minute, "Quota exceeded for full sync requests")

    def _count(self, times: deque[datetime], most: int | None, message: str) -> None:
        now = self._clock.now()
        while times and times[0] <= now - timedelta(minutes=1):
            times.popleft()
        if most is not None and len(times) >= most:
            raise ApiError(429, message, reason="RATE_LIMIT_EXCEEDED", status="RESOURCE_EXHAUSTED")
        times.append(now)

    def _list_connections(self, request: Request) -> Json:
        mask = _mask(request, "personFields")
        while self._waiting and self._waiting[0][0] <= self._clock.now():
            _, resource, value = self._waiting.popleft()
            self.listed.put(resource, value)
        page = self._page(self.listed, request)
        former = bool(request.get("syncToken"))
        shown = [_shown(person, mask, former=former) for person in page.items]
        return _answer("connections", shown, page, request, totalPeople=page.total, totalItems=page.total)

    def _only_me(self, _request: Request) -> Json:
        raise invalid("only people/me has connections")

    def _list_others(self, request: Request) -> Json:
        mask = _mask(request, "readMask")
        page = self._page(self.others, request)
        shown = [_shown(person, mask, former=False) for person in page.items]
        return _answer("otherContacts", shown, page, request, totalSize=page.total)

    def _page(self, collection: Collection, request: Request) -> PageOf:
        size = request.number("pageSize", 100) or 100
        if not 1 <= size <= 1000:
            raise invalid("pageSize must be between 1 and 1000")
        try:
            return collection.page(request, size, lifetime=TOKEN_LIFETIME, wanted=lambda v: not _is_gone(v))
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
        if resource not in self.persons:
            raise not_found(resource)
        return _shown(self.persons[resource], mask, former=False)

    def _update_contact(self, request: Request) -> Json:
        resource, body = request.names["resource"], request.json()
        fields = [name for name in request.get("updatePersonFields").split(",") if name]
        if resource not in self.persons:
            raise not_found(resource)
        person = self.persons[resource]
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
        self.edit(resource, **{name: body.get(name) for name in fields})
        return self.persons[resource]

    def _list_groups(self, request: Request) -> Json:
        size = request.number("pageSize", 30) or 30
        if not 1 <= size <= 1000:
            raise invalid("pageSize must be between 1 and 1000")
        try:
            page = self.groups.page(request, size, wanted=lambda v: not _is_gone(v))
        except (BadToken, ExpiredToken):
            raise invalid("the token is invalid") from None
        shown = [self._shown_group(group) for group in page.items]
        return _answer("contactGroups", shown, page, request, always_token=True, totalItems=page.total)

    def _get_group(self, request: Request) -> Json:
        resource = self._existing_group(request)
        members = self.members(resource)[: request.number("maxMembers", 0)]
        found = self._shown_group(self.groups.find(resource) or {})
        return {**found, "memberResourceNames": members} if members else found

    def _create_group(self, request: Request) -> Json:
        name = request.json().get("contactGroup", {}).get("name", "").strip()
        if not name:
            raise invalid("a group needs a name")
        self._refuse_duplicate(name)
        return self._shown_group(self.groups.find(self.add_group(name)) or {})

    def _update_group(self, request: Request) -> Json:
        resource = self._existing_group(request)
        group = request.json().get("contactGroup", {})
        if group.get("etag") not in (None, (self.groups.find(resource) or {}).get("etag")):
            raise ApiError(400, "the group has changed", reason="failedPrecondition", old_style=True)
        self._refuse_duplicate(group.get("name", ""))
        self.rename_group(resource, group["name"])
        return self._shown_group(self.groups.find(resource) or {})

    def _delete_group(self, request: Request) -> Json:
        resource = self._existing_group(request)
        people = self.members(resource)
        self.delete_group(resource)
        if request.flag("deleteContacts"):
            for person in people:
                self.delete(person)
        return {}

    def _modify_members(self, request: Request) -> Json:
        resource, body = self._existing_group(request), request.json()
        add, remove = body.get("resourceNamesToAdd", []), body.get("resourceNamesToRemove", [])
        if not 1 <= len(add) + len(remove) <= 1000:
            raise invalid("between 1 and 1000 resource names")
        missing = [name for name in (*add, *remove) if name not in self.persons]
        last = [
            name
            for name in remove
            if name in self.persons and len(self.persons[name].get("memberships", ())) <= 1
        ]
        for name in add:
            if name not in missing:
                self.join(name, resource)
        for name in remove:
            if name not in missing and name not in last:
                self.leave(name, resource)
        answer: Json = {"notFoundResourceNames": missing, "canNotRemoveLastContactGroupResourceNames": last}
        return {key: names for key, names in answer.items() if names}

    def _existing_group(self, request: Request) -> str:
        resource = f"contactGroups/{request.names['group']}"
        group = self.groups.find(resource)
        if group is None or _is_gone(group):
            raise not_found(resource)
        return resource

    def _refuse_duplicate(self, name: str) -> None:
        if self.group_named(name):
            raise ApiError(409, "Contact group name already exists", status="ALREADY_EXISTS")

    def _shown_group(self, group: Json) -> Json:
        count = 0 if _is_gone(group) else len(self.members(group["resourceName"]))
        return {**group, "memberCount": count} if count else group

    def _put_group(self, resource: str, name: str, kind: str) -> str:
        value = {
            "resourceName": resource,
            "etag": self._etag(),
            "groupType": kind,
            "name": name,
            "formattedName": name,
            "metadata": {"updateTime": self._clock.stamp()},
        }
        self.groups.put(resource, value)
        return resource

    def _save(self, resource: str, person: Json) -> None:
        etag = self._etag()
        source = {
            "type": "CONTACT",
            "id": resource.rpartition("/c")[2],
            "etag": f"#{etag}",
            "updateTime": self._clock.stamp(),
        }
        metadata = {**person.get("metadata", {}), "sources": [source], "objectType": "PERSON"}
        fields = {key: _with_sources(rows, source["id"]) for key, rows in person.items() if key != "metadata"}
        value = {**fields, "resourceName": resource, "etag": etag, "metadata": metadata}
        self.persons[resource] = value
        self._publish(resource, value)

    def _publish(self, resource: str, value: Json) -> None:
        if self.lag:
            self._waiting.append((self._clock.now() + self.lag, resource, value))
        else:
            self.listed.put(resource, value)

    def _etag(self) -> str:
        return f"%etag{next(self._etags)}"


def _membership(group: str) -> Json:
    return {
        "contactGroupMembership": {
            "contactGroupId": group.partition("/")[2],
            "contactGroupResourceName": group,
        }
    }


def _without_primary(row: Json) -> Json:
    return {key: value for key, value in row.items() if key != "metadata"}


def _groups_of(person: Json) -> list[str]:
    rows = person.get("memberships", ())
    return [row["contactGroupMembership"]["contactGroupResourceName"] for row in rows]


def _with_sources(rows: Any, contact_id: str) -> Any:
    """Each value of a field says where it comes from; the first is primary unless another one is."""
    if not isinstance(rows, list):
        return rows
    source = {"type": "CONTACT", "id": contact_id}
    told = any(row.get("metadata", {}).get("primary") for row in rows)
    return [
        {"metadata": {"source": source, **({} if told or number else {"primary": True})}, **row}
        for number, row in enumerate(rows)
    ]


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
