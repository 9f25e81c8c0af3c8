"""A live source on a DAV server: list with ETags, ask for what changed, hand the texts to a reader."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from connectors.base import Check
from connectors.shared.dav.answers import Service
from connectors.shared.dav.client import DAV, DavClient, Resource
from connectors.shared.dav.collection import Text, Words, etags, texts
from connectors.shared.dav.discovery import Home, first_that_answers, last_step
from connectors.shared.dav.saved import Member, Saved, read_saved
from connectors.shared.dav.server import Server
from connectors.shared.digest_cursor import digest
from people.errors import LoginNeeded, NoAnswer, UserMustAct
from people.text import did_you_mean
from people.types import Change, Page, Problem

if TYPE_CHECKING:
    from connectors.shared.dav.domain import MailDomain

PAGE_SIZE = 200

Names = Mapping[str, str]
"""The names of collections, by address."""
Listed = Mapping[str, Mapping[str, str]]
"""The ETags of members by path, by collection."""
Members = dict[str, dict[str, Member]]
Wanted = Mapping[str, list[str]]
"""The paths to ask for, by collection."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """Members that come from the server while they are read, each with its collection. Iterate once."""

    total: int
    texts: Iterator[tuple[str, Text]]


class ReadAll(Exception):
    """What arrived shapes the members that did not change, so all are read."""


@dataclass(slots=True)
class Records:
    """What the reader made of some members. ``members`` says by path how the store will know each.

    ``limited`` is True if something was left out, so that nothing counts as removed.
    """

    changes: list[Change] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    limited: bool = False


class DavSource(ABC):
    """Everything in the collections that ``wanted`` names, or in all of them if it is empty.

    ETags are the truth: each read lists all members, and asks for the text of those whose ETag is new. The
    cursor holds the list. Nothing is ever written. A member that the server lists and does not give keeps
    what the store has of it, and nothing counts as removed in that read.
    """

    kind: tuple[str, str]
    words: Words
    service_name: str
    collection_word: str
    covers_from: date | None = None

    def __init__(
        self, name: str, server: Server, *, user: str, password: str, wanted: Sequence[str], timeout: float
    ) -> None:
        self.name = name
        self._url = server.url
        self._wanted = wanted
        self._account = (server.url, user)
        self._service = Service(server.url, f"source '{name}'", self.service_name)
        self._mail_domain = self._asked(server.mail_domain)
        self._domain = server.domain if self._mail_domain is None else self._mail_domain.registered
        self._timeout = timeout
        self._client = self._connect(user, password)

    def _connect(self, user: str, password: str) -> DavClient:
        return DavClient(
            self._url,
            user=user,
            password=password,
            timeout=self._timeout,
            domain=self._domain,
            # A domain's own server may know its users by the part before the @ (RFC 6764).
            short_user=(user.rpartition("@")[0] or None) if self._mail_domain else None,
        )

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if no ETag changed, else all that changed, and the ids of the rest.

        Raises ``LoginNeeded``, ``UserMustAct`` or ``RetryLater``. A cursor that means nothing, or that comes
        from another account, leads to a full read.
        """
        saved = read_saved(cursor)
        if saved.settings != self._shaping():
            saved = Saved()
        home, names = self._located(saved.home)
        listed = {url: etags(self._client, self._service, url) for url in names}
        if saved.settings and saved.lists(listed):
            yield Page(cursor=cursor, problems=saved.problems)
            return
        yield from self._read(saved, names, listed, home)

    def _shaping(self) -> str:
        return digest([*self._account, self.settings()])

    def look(self) -> Check:
        """Log in and name the collections, with the number of members of each."""
        _, found = self._located(None)
        counts = {name: len(etags(self._client, self._service, url)) for url, name in found.items()}
        told = ", ".join(f"{name} ({count})" for name, count in counts.items())
        return Check("ok", f"{self._service.url}: {told or f'no {self.collection_word}'}")

    def takes(self, collection: Resource) -> bool:  # noqa: ARG002 - for subclasses
        """Whether to read a collection of the right type."""
        return True

    @abstractmethod
    def settings(self) -> str:
        """A digest of everything but the server that shapes a record. All is read again when it changes."""

    @abstractmethod
    def ids(self, member: Member) -> Sequence[str] | None:
        """The source ids of an unchanged member; None if the store does not know it."""

    @abstractmethod
    def read(self, arriving: Arriving, names: Names, kept: Collection[str]) -> Records:
        """Read new and changed members. Hold few of their texts at a time: pictures make them large.

        ``names`` are the collections' names, ``kept`` the ids of what did not change. Raises ``ReadAll`` if
        that is not enough, and nothing for what a text says.
        """

    def _located(self, known: str | None) -> tuple[Home, dict[str, str]]:
        """Where the collections are, and their names. They may have moved since ``known`` was found."""
        home = self._home(known)
        try:
            return home, self._collections(home)
        except (UserMustAct, NoAnswer) as error:
            same_host = isinstance(error, NoAnswer) and self._mail_domain is None
            if known is None or same_host or isinstance(error, LoginNeeded):
                raise
        return self._located(None)

    def _home(self, known: str | None) -> Home:
        url = self._url
        if known is None and self._mail_domain is not None:
            urls, remarks = self._mail_domain.places()
            wanted = replace(self._service, url=self._mail_domain.name)
            url = first_that_answers(self._client, self._connect("", ""), wanted, urls, remarks)
        if self._mail_domain is not None:
            self._service = replace(self._service, url=known or url)
        return Home(self._client, url, self.kind, self._service.check, known)

    def _asked(self, mail_domain: str | None) -> MailDomain | None:
        if mail_domain is None:
            return None
        from connectors.shared.dav.domain import MailDomain  # noqa: PLC0415 - few networks need DNS for it

        return MailDomain(mail_domain, self.service_name.lower())

    def _collections(self, home: Home) -> dict[str, str]:
        """The names of the collections to read, by address."""
        with self._service.plain_errors():
            here = None if home.known else home.at_the_address()
            found = [here] if here is not None else home.collections()
        names = {
            item.href: item.text(f"{DAV}displayname") or last_step(item.href)
            for item in found
            if self.takes(item)
        }
        if not self._wanted or here is not None:
            return names
        return {self._named(wanted, names): wanted for wanted in self._wanted}

    def _named(self, wanted: str, names: Mapping[str, str]) -> str:
        for url, name in names.items():
            if wanted in (name, last_step(url), url):
                return url
        hint = did_you_mean(wanted, names.values(), otherwise=f"the server has: {', '.join(names.values())}")
        raise UserMustAct(f"the server has no {self.collection_word} '{wanted}'", help=hint)

    def _read(self, saved: Saved, names: Names, listed: Listed, home: Home) -> Iterator[Page]:
        kept, wanted = self._compare(saved, listed)
        arriving = Arriving(sum(map(len, wanted.values())), self._texts(wanted))
        try:
            records = self.read(arriving, names, self._ids(kept))
        except ReadAll:
            yield from self._read(Saved(), names, listed, home)
            return
        problems = [*records.problems, *self._not_given(saved, wanted, records, kept)]
        for start in range(0, len(records.changes), PAGE_SIZE):
            yield Page(changes=tuple(records.changes[start : start + PAGE_SIZE]))
        yield Page(
            unchanged=(*self._ids(kept), *records.unchanged),
            problems=tuple(problems),
            cursor=self._cursor(home, kept, wanted, records, problems),
            complete=not records.limited and self._knows(kept) and self._has_all(wanted, kept, records),
            covers_from=self.covers_from,
        )

    def _texts(self, wanted: Wanted) -> Iterator[tuple[str, Text]]:
        for url, paths in wanted.items():
            for text in texts(self._client, self._service, url, paths, self.words):
                yield url, text

    def _compare(self, saved: Saved, listed: Listed) -> tuple[Members, Wanted]:
        """The members that did not change, and the paths of the others, by collection."""
        kept: Members = {}
        wanted: dict[str, list[str]] = {}
        if self._group_changed(saved, listed):
            saved = Saved()
        for url, members in listed.items():
            before = saved.collections.get(url, {})
            kept[url] = {
                path: before[path]
                for path, etag in members.items()
                if path in before and _same(before[path], etag) and self.ids(before[path]) is not None
            }
            wanted[url] = [path for path in members if path not in kept[url]]
        return kept, wanted

    def _group_changed(self, saved: Saved, listed: Listed) -> bool:
        return any(
            member.group and listed.get(url, {}).get(path) != member.etag
            for url, members in saved.collections.items()
            for path, member in members.items()
        )

    def _not_given(self, saved: Saved, wanted: Wanted, records: Records, kept: Members) -> Iterator[Problem]:
        """Keep what the store has of members that are listed and not given, and say so."""
        for url, paths in wanted.items():
            missing = [path for path in paths if path not in records.members]
            before = saved.collections.get(url, {})
            # Without an ETag it is asked for again.
            kept[url] |= {
                path: before[path].model_copy(update={"etag": ""}) for path in missing if path in before
            }
            for path in missing:
                yield Problem(
                    where=path,
                    message="the server lists it and does not give it",
                    help="the next run asks again",
                )

    def _knows(self, kept: Members) -> bool:
        """Whether the store knows all that was kept, so that what no page names is really gone."""
        return all(self.ids(member) is not None for of_one in kept.values() for member in of_one.values())

    def _has_all(self, wanted: Wanted, kept: Members, records: Records) -> bool:
        """Whether each listed member was given now or before. Else nobody knows which records are its own."""
        return all(
            path in kept[url] or path in records.members for url, paths in wanted.items() for path in paths
        )

    def _ids(self, kept: Members) -> list[str]:
        members = (member for of_one in kept.values() for member in of_one.values())
        return [source_id for member in members for source_id in self.ids(member) or ()]

    def _cursor(
        self,
        home: Home,
        kept: Members,
        wanted: Wanted,
        records: Records,
        problems: Sequence[Problem],
    ) -> str:
        collections = {
            url: members | {path: records.members[path] for path in wanted[url] if path in records.members}
            for url, members in kept.items()
        }
        saved = Saved(
            settings=self._shaping(), home=home.known, collections=collections, problems=tuple(problems)
        )
        return saved.model_dump_json(exclude_defaults=True)


def _same(member: Member, etag: str) -> bool:
    return bool(etag) and member.etag == etag and not member.again
