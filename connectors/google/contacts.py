"""Contacts, their groups and, on request, other contacts, read from the People API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.google.client.api import Api, answers, sync_token
from connectors.google.part import PartCursor, PartNews, fingerprint, read_part
from connectors.google.person import contact_of, group_ids, is_deleted, labels_of, raw_hash
from people.types import Gone, Problem

Json = Mapping[str, Any]

FIELDS = (
    "addresses,biographies,birthdays,emailAddresses,events,memberships,metadata,names,nicknames,"
    "organizations,phoneNumbers,relations,urls,userDefined"
)
OTHER_FIELDS = "emailAddresses,metadata,names,phoneNumbers"
_USEFUL_SYSTEM_GROUPS = {"starred", "friends", "family", "coworkers"}


def read_groups(api: Api) -> dict[str, str]:
    """Map the resource names of contact groups to their names. Meaningless system groups have an empty one.

    All groups are listed each time. That takes one request, as a sync token would.
    """
    names = {}
    parameters = {"pageSize": 1000, "groupFields": "groupType,metadata,name"}
    groups = api.service("people", "contactGroups")
    for answer in answers(api, groups, parameters, "list the contact groups"):
        for group in answer.get("contactGroups", ()):
            name = group.get("name") or ""
            system = group.get("groupType") == "SYSTEM_CONTACT_GROUP"
            if not is_deleted(group):
                telling = not system or name in _USEFUL_SYSTEM_GROUPS
                names[str(group["resourceName"])] = str(name) if telling else ""
    return names


@dataclass
class ContactsPart:
    """The user's contacts, or with ``other`` the addresses that Google collected.

    ``groups`` are the current contact groups by resource name. Touchbase writes the labels under
    ``own_prefix`` itself, so they are ignored: the output of rules must not be their input. ``known`` maps
    the raw hashes in the store to ids. ``shaping`` are settings that shape a contact; if they change, all
    contacts are read.
    """

    api: Api
    source: str
    groups: Mapping[str, str]
    known: Mapping[str, str]
    now: datetime
    own_prefix: str = ""
    shaping: tuple[object, ...] = ()
    other: bool = False
    _parameters: dict[str, Any] = field(init=False)
    _labels: dict[str, str] = field(init=False)
    strangers: set[str] = field(default_factory=set, init=False)
    """Groups of changed people that are not in ``groups``, because they are newer."""

    def __post_init__(self) -> None:
        mask = {"readMask": OTHER_FIELDS} if self.other else {"personFields": FIELDS}
        whose = {} if self.other else {"resourceName": "people/me"}
        self._labels = {
            group: name
            for group, name in self.groups.items()
            if name and not (self.own_prefix and name.startswith(self.own_prefix))
        }
        self._parameters = {**whose, **mask, "pageSize": 1000, "requestSyncToken": True}

    @property
    def scope(self) -> str:
        """The path under which all ids of this part are."""
        return "otherContacts" if self.other else "people"

    def read(self, part: PartCursor | None, known_groups: Mapping[str, str]) -> tuple[PartNews, PartCursor]:
        """Read what changed, or everything. ``known_groups`` are the groups of the last read.

        If a group was renamed or removed, all people are read, because Google does not report its members as
        changed. Raises the groups of ``people.errors``.
        """
        relabelled = any(self.groups.get(group) != name for group, name in known_groups.items())
        asked = fingerprint({**self._parameters, "shaping": [self.own_prefix, *self.shaping]})
        return read_part(
            None if relabelled else part,
            asked,
            self.now,
            changes=lambda part: self._changes(part, asked),
            full=lambda: self._full(asked),
            what=f"{self.source} {self.scope}",
        )

    def _changes(self, part: PartCursor, asked: str) -> tuple[PartNews, PartCursor]:
        news = PartNews(self.scope, complete=False)
        token = self._read({"syncToken": part.token}, news)
        return news, part.model_copy(update={"token": token, "asked": asked})

    def _full(self, asked: str) -> tuple[PartNews, PartCursor]:
        news = PartNews(self.scope, complete=True)
        token = self._read({}, news)
        return news, PartCursor(token=token, asked=asked, full_at=self.now)

    def _read(self, start: Json, news: PartNews) -> str:
        doing = f"list {'other contacts' if self.other else 'contacts'}"
        path = ("otherContacts",) if self.other else ("people", "connections")
        resource = self.api.service("people", *path)
        answer: Json = {}
        for answer in answers(self.api, resource, {**self._parameters, **start}, doing):
            for person in answer.get("otherContacts" if self.other else "connections", ()):
                self._note(person, news)
        return sync_token(answer, doing)

    def _note(self, person: Json, news: PartNews) -> None:
        record = person.get("resourceName")
        try:
            if is_deleted(person):
                news.changes.append(Gone(source=self.source, source_id=person["resourceName"]))
            elif self._is_known(person):
                news.unchanged.append(person["resourceName"])
            else:
                news.changes.append(contact_of(person, self.source, self._labels))
                if not news.complete:
                    self.strangers |= set(group_ids(person)) - self.groups.keys()
            news.changes += self._former_selves(person)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            news.unchanged.extend([record] if isinstance(record, str) else [])
            news.problems.append(
                Problem(
                    where=f"{self.source} {record}",
                    message=f"this contact could not be read ({type(error).__name__})",
                    help="open it at contacts.google.com and save it again",
                )
            )

    def _former_selves(self, person: Json) -> Iterator[Gone]:
        """Tombstones for the earlier ids of a person, whether or not the person still exists."""
        for former in person.get("metadata", {}).get("previousResourceNames", ()):
            if former != person["resourceName"]:
                yield Gone(source=self.source, source_id=former)

    def _is_known(self, person: Json) -> bool:
        digest = raw_hash(person, labels_of(person, self._labels)) if self.known else None
        return digest is not None and self.known.get(digest) == person["resourceName"]
