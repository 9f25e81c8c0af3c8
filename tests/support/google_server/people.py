"""The account's contacts: persons, contact groups and other contacts, as their owner handles them."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.support.google_server.listing import Collection
from tests.support.google_server.protocol import Clock, Json

MY_CONTACTS = "contactGroups/myContacts"


def is_gone(value: Json) -> bool:
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
        self.listed = Collection("connections", clock, is_gone)
        self.others = Collection("otherContacts", clock, is_gone)
        self.groups = Collection("contactGroups", clock, is_gone)
        self.lag = timedelta()
        self.full_reads_a_minute: int | None = None
        self.requests_a_minute: int | None = None
        self._waiting: deque[tuple[datetime, str, Json]] = deque()
        for name in ("myContacts", "starred"):
            self._put_group(f"contactGroups/{name}", name, "SYSTEM_CONTACT_GROUP")

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

    def let_show(self) -> None:
        """Let the edits whose lag is over show in listings."""
        while self._waiting and self._waiting[0][0] <= self._clock.now():
            _, resource, value = self._waiting.popleft()
            self.listed.put(resource, value)

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
