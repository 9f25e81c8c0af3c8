"""Labels written back: the tier and tags of people, as contact groups that the phone shows.

Only groups under our own prefix are changed. Membership changes through the groups, with one request for up
to 1,000 people. Such a request contains neither a person's etag nor their other groups, so it cannot
overwrite an edit made meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from connectors.base import LabelChange
from connectors.google.client.api import Api, Patience, answers
from connectors.google.client.auth import Login, scopes_for
from connectors.google.client.errors import AlreadyExists, NotFound, StaleEtag
from connectors.google.person import is_deleted
from people.errors import SettingsError
from people.types import Problem

Json = Mapping[str, Any]

PREFIX = "Touchbase/"
_MOST_NAMES = 1000
_MOST_TRIES = 4


@dataclass(frozen=True)
class OwnGroup:
    """A contact group under our prefix: its resource name and those of its members."""

    resource: str
    members: frozenset[str]


def plan_labels(wanted: Mapping[str, AbstractSet[str]], current: Mapping[str, OwnGroup]) -> list[LabelChange]:
    """The changes that turn ``current`` into ``wanted``.

    ``wanted`` maps the resource names of people to labels, and ``current`` labels to groups, both without the
    prefix. Labels that differ only in case are one, as in Google. A label without people is deleted, but its
    former people are not.
    """
    by_label: dict[str, tuple[str, set[str]]] = {}
    for person in sorted(wanted):
        for label in sorted(wanted[person]):
            by_label.setdefault(label.casefold(), (label, set()))[1].add(person)
    groups = {label.casefold(): (label, group) for label, group in current.items()}
    changes = []
    for key in sorted(by_label.keys() | groups.keys()):
        if key not in by_label:
            changes.append(LabelChange(action="delete", label=groups[key][0]))
            continue
        label, people = by_label[key]
        members = groups[key][1].members if key in groups else frozenset()
        if key not in groups:
            changes.append(LabelChange(action="create", label=label))
        changes += _in_portions("add", label, people - members)
        changes += _in_portions("remove", label, members - people)
    return changes


def _in_portions(action: Literal["add", "remove"], label: str, people: AbstractSet[str]) -> list[LabelChange]:
    names = sorted(people)
    return [
        LabelChange(action=action, label=label, people=tuple(names[at : at + _MOST_NAMES]))
        for at in range(0, len(names), _MOST_NAMES)
    ]


class GoogleLabels:
    """Writes labels to the contacts of one account, one change at a time."""

    def __init__(
        self,
        source: str,
        token: Path,
        *,
        prefix: str = PREFIX,
        endpoint: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        if not prefix.strip():
            raise SettingsError("the prefix of labels may not be empty", help='set it to "Touchbase/"')
        self._source = source
        self._prefix = prefix
        scopes = scopes_for(contacts=True, write_labels=True)
        login = Login(token, f"touchbase login google --source {source} --write-labels", scopes)
        self._api = Api(login, endpoint=endpoint, patience=patience)

    @property
    def prefix(self) -> str:
        """What every label of ours begins with."""
        return self._prefix

    def sync(
        self, wanted: Mapping[str, AbstractSet[str]], *, dry_run: bool = False
    ) -> tuple[list[LabelChange], list[Problem]]:
        """Make the labels as ``wanted``; return the changes, and what of them could not be done.

        Only contacts of the account (``people/...``) can have labels; other records are left out. A dry run
        returns the changes alone. Raises the groups of ``people.errors``; what was done
        before stays, and the next run does the rest.
        """
        taken = {record: labels for record, labels in wanted.items() if record.startswith("people/")}
        changes = plan_labels(taken, self.current())
        return changes, [] if dry_run else self.apply(changes)

    def current(self) -> dict[str, OwnGroup]:
        """Our groups with their members, by label without the prefix."""
        groups = {}
        for label, group in self._own_groups():
            groups[label] = OwnGroup(group["resourceName"], self._members(group))
        return groups

    def apply(self, changes: Sequence[LabelChange]) -> list[Problem]:
        """Apply the changes in order, and return a problem for each part that Google refused."""
        if not changes:
            return []
        groups = self._by_key()
        problems: list[Problem] = []
        for change in changes:
            problems += self._apply_one(change, groups)
        return problems

    def _apply_one(self, change: LabelChange, groups: dict[str, Json]) -> list[Problem]:
        for _ in range(_MOST_TRIES):
            try:
                return self._try(change, groups)
            except (StaleEtag, NotFound, AlreadyExists):
                groups.clear()
                groups.update(self._by_key())
                change = self._still_to_do(change, groups)
        return [self._problem(change, "another program keeps changing it")]

    def _still_to_do(self, change: LabelChange, groups: Mapping[str, Json]) -> LabelChange:
        """The part of a change that the current group still needs."""
        group = groups.get(change.label.casefold())
        if group is None or not change.people:
            return change
        members = self._members(group)
        people = [name for name in change.people if (name in members) == (change.action == "remove")]
        return change.model_copy(update={"people": tuple(people)})

    def _try(self, change: LabelChange, groups: dict[str, Json]) -> list[Problem]:
        service, key = self._api.service("people", "contactGroups"), change.label.casefold()
        doing = f"{change.action} the label {self._prefix}{change.label}"
        if change.action == "create" and key not in groups:
            body = {"contactGroup": {"name": self._prefix + change.label}}
            groups[key] = self._api.write(service.create(body=body), doing)
        elif change.action == "delete" and key in groups:
            resource = groups[key]["resourceName"]
            self._api.write(service.delete(resourceName=resource, deleteContacts=False), doing)
            del groups[key]
        elif change.people:
            return self._modify(change, groups.get(key), doing)
        return []

    def _modify(self, change: LabelChange, group: Json | None, doing: str) -> list[Problem]:
        if group is None:
            raise NotFound(f"Google could not {doing}: it does not exist")
        field = "resourceNamesToAdd" if change.action == "add" else "resourceNamesToRemove"
        members = self._api.service("people", "contactGroups", "members")
        request = members.modify(resourceName=group["resourceName"], body={field: list(change.people)})
        answer = self._api.write(request, doing)
        missing = answer.get("notFoundResourceNames", ())
        last = answer.get("canNotRemoveLastContactGroupResourceNames", ())
        return [
            *(self._problem(change, f"{name} is no longer there") for name in missing),
            *(self._problem(change, f"it is the only group of {name}") for name in last),
        ]

    def _by_key(self) -> dict[str, Json]:
        """Our groups as they are now, by case-folded label."""
        return {label.casefold(): group for label, group in self._own_groups()}

    def _own_groups(self) -> Iterator[tuple[str, Json]]:
        groups = self._api.service("people", "contactGroups")
        parameters = {"pageSize": 1000, "groupFields": "groupType,memberCount,metadata,name"}
        for answer in answers(self._api, groups, parameters, "list the contact groups"):
            for group in answer.get("contactGroups", ()):
                name = group.get("name", "")
                ours = name.startswith(self._prefix) and group.get("groupType") != "SYSTEM_CONTACT_GROUP"
                if ours and not is_deleted(group):
                    yield name.removeprefix(self._prefix), group

    def _members(self, group: Json) -> frozenset[str]:
        if not group.get("memberCount"):
            return frozenset()
        groups = self._api.service("people", "contactGroups")
        request = groups.get(resourceName=group["resourceName"], maxMembers=group["memberCount"])
        return frozenset(self._api.read(request, "read a label's members").get("memberResourceNames", ()))

    def _problem(self, change: LabelChange, why: str) -> Problem:
        return Problem(
            where=f"{self._source} label {self._prefix}{change.label}",
            message=f"could not {change.action} it: {why}",
            help="the next run tries again",
        )
