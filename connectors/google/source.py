"""A Google account as a source: contacts, other contacts, calendars and mail, each with its own token."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from connectors.google.calendars import PRIMARY, CalendarPart, calendar_id_of, is_title
from connectors.google.client.api import Api, Patience
from connectors.google.client.auth import Login, scopes_for
from connectors.google.client.errors import Forbidden, NotFound, ScopeMissing
from connectors.google.contacts import ContactsPart, read_groups
from connectors.google.events import EventReader
from connectors.google.labels import PREFIX
from connectors.google.mail import MailPart, mail_login
from connectors.google.part import GoogleCursor, PartNews
from people.errors import LoginNeeded, SettingsError, TouchbaseError
from people.types import Meeting, Page, Problem

_Pages = Iterator[tuple[PartNews, GoogleCursor]]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class MailWanted:
    """How mail is read: how far back (``connectors.shared.mail.settings``), and whether subjects are kept.

    ``progress`` is called with the number of mails listed so far and about how many there are.
    """

    since: str = "3y"
    subjects: bool = False
    progress: Callable[[int, int], None] | None = None


class GoogleSource:
    """Contacts, meetings and mail of one account, as ``people.types.Source``.

    Each part is one page with its own ``scope`` and the cursor of all parts so far; mail comes last, and in
    several pages. ``mail`` are its settings, None to leave it out. ``calendars`` are ids,
    titles or ``primary``. ``known`` maps the raw hashes of contacts in the store to their ids; these are
    reported as ``unchanged``. ``time_zone`` is the user's IANA zone. ``label_prefix`` marks the labels that
    Touchbase writes itself; they are not read back. If a calendar is no longer shared, that is a ``Problem``
    and its meetings stay. If another part fails, the others are still read, and its error is raised at the
    end.
    """

    def __init__(
        self,
        name: str,
        token: Path,
        *,
        calendars: Sequence[str] = ("primary",),
        endpoint: str | None = None,
        my_emails: Sequence[str] = (),
        today: date,
        time_zone: str = "UTC",
        contacts: bool = True,
        labels: bool = True,
        other_contacts: bool = False,
        label_prefix: str = PREFIX,
        mail: MailWanted | None = None,
        known: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = _utc_now,
        patience: Patience | None = None,
    ) -> None:
        self.name = name
        self._calendars = tuple(dict.fromkeys(calendars))
        self._my_emails = frozenset(email.strip().lower() for email in my_emails)
        self._today = today
        self._zone = time_zone
        self._contacts = contacts
        self._labels = labels
        self._other_contacts = other_contacts
        self._label_prefix = label_prefix
        self._mail = mail
        self._known = {} if known is None else known
        self._now = now
        login = Login(token, f"touchbase login google --source {name}", self.scopes())
        self._api = Api(login, endpoint=endpoint, patience=patience)

    def scopes(self) -> tuple[str, ...]:
        """The OAuth scopes that the login needs for this source."""
        return scopes_for(
            contacts=self._contacts,
            other_contacts=self._other_contacts,
            calendars=bool(self._calendars),
            calendar_titles=any(map(is_title, self._calendars)),
            mail=self._mail is not None,
        )

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield a page for each part; see ``people.types.Source``.

        An expired token leads to one full read of its part, so ``CursorExpired`` is never raised. Raises
        the groups of ``people.errors``. Pages yielded before an error stay valid.
        """
        state = GoogleCursor.parse(cursor)
        state, dropped = self._without_dropped_parts(state)
        if dropped:
            yield Page(replaces=dropped, cursor=state.model_dump_json())
        failures: list[TouchbaseError] = []
        for part in self._parts():
            try:
                for news, state in part(state):  # noqa: B020 - each page continues from the last
                    yield news.page(state.model_dump_json())
            except TouchbaseError as error:
                if _concerns_all(error):
                    raise
                failures.append(error)
        if failures:
            yield Page(problems=tuple(self._problem(error) for error in failures[1:]))
            raise failures[0]

    def _parts(self) -> Iterator[Callable[[GoogleCursor], _Pages]]:
        if self._contacts:
            yield self._read_people
        if self._other_contacts:
            yield self._read_other
        # The primary one first: it tells which addresses are the user's.
        for name in sorted(self._calendars, key=lambda name: name != PRIMARY):
            yield lambda state, name=name: self._read_calendar(state, name)  # type: ignore[misc]
        if self._mail is not None:
            yield partial(self._read_mail, wanted=self._mail)

    def _read_mail(self, state: GoogleCursor, wanted: MailWanted) -> _Pages:
        reading = MailPart(
            self._api,
            self.name,
            mine=self._my_emails.union(state.mine),
            subjects=wanted.subjects,
            since=wanted.since,
            today=self._today,
            now=self._now(),
            progress=wanted.progress,
        )
        try:
            for news, part in reading.read(state.mail):
                yield news, state.model_copy(update={"mail": part})
        except ScopeMissing as error:
            raise ScopeMissing(error.message, help=f"log in again: {mail_login(self.name)}") from None

    def _read_people(self, state: GoogleCursor) -> _Pages:
        groups, problems = self._groups()
        reading = ContactsPart(
            self._api,
            self.name,
            groups,
            self._known,
            self._now(),
            own_prefix=self._label_prefix,
            shaping=(self._labels,),
        )
        news, part = reading.read(state.people, state.groups)
        news.problems += problems
        # A group whose name is not known makes the next run read everybody.
        groups |= dict.fromkeys(reading.strangers if self._labels else (), "?")
        yield news, state.model_copy(update={"people": part, "groups": groups})

    def _groups(self) -> tuple[dict[str, str], list[Problem]]:
        """The contact groups. Contacts are read even if an emulator has no groups."""
        try:
            return read_groups(self._api) if self._labels else {}, []
        except NotFound as error:
            return {}, [self._problem(error)]

    def _read_other(self, state: GoogleCursor) -> _Pages:
        reading = ContactsPart(self._api, self.name, {}, self._known, self._now(), other=True)
        news, part = reading.read(state.other, {})
        yield news, state.model_copy(update={"other": part})

    def _read_calendar(self, state: GoogleCursor, name: str) -> _Pages:
        part, now = state.calendars.get(name), self._now()
        try:
            calendar_id = calendar_id_of(
                self._api, name, state.titles, refresh=part is None or not part.fresh(now)
            )
            news, part = self._calendar(name, calendar_id, now, state.mine).read(part)
        except (NotFound, Forbidden) as error:
            yield self._inaccessible(name, error), state
            return
        if name == PRIMARY:
            state = state.model_copy(update={"mine": _marked(news, state.mine)})
        yield news, state.with_calendar(name, calendar_id, part)

    def _calendar(self, name: str, calendar_id: str, now: datetime, marked: Sequence[str]) -> CalendarPart:
        mine = self._my_emails if name == PRIMARY else self._my_emails.union(marked)
        return CalendarPart(
            self._api,
            self.name,
            name,
            calendar_id,
            my_emails=mine,
            zone=self._zone,
            today=self._today,
            now=now,
        )

    def _inaccessible(self, name: str, error: TouchbaseError) -> PartNews:
        problem = Problem(
            where=f"{self.name} calendar {name}",
            message=f"this calendar cannot be read: {error.message}; its stored meetings stay",
            help="ask its owner to share it again, or remove it from 'calendars' in touchbase.toml",
        )
        return PartNews(self._path(name), complete=False, problems=[problem])

    def _without_dropped_parts(self, state: GoogleCursor) -> tuple[GoogleCursor, tuple[str, ...]]:
        """The cursor without parts that the settings no longer name, and the paths of their records."""
        gone = [name for name in state.calendars if name not in self._calendars]
        paths = [self._path(name) for name in gone]
        update: dict[str, object] = {
            "calendars": {name: part for name, part in state.calendars.items() if name not in gone}
        }
        for wanted, field, path in (
            (self._contacts, "people", "people"),
            (self._other_contacts, "other", "otherContacts"),
        ):
            if not wanted and getattr(state, field) is not None:
                update[field] = None
                paths.append(path)
        if self._mail is None:
            # Mail that was read stays: it was written, whatever the settings say now.
            update["mail"] = None
        return state.model_copy(update=update), tuple(paths)

    def _path(self, calendar: str) -> str:
        return EventReader(self.name, calendar, frozenset(), self._zone).path

    def _problem(self, error: TouchbaseError) -> Problem:
        return Problem(where=self.name, message=error.message, help=error.help)


def _marked(news: PartNews, before: Sequence[str]) -> tuple[str, ...]:
    meetings = (change for change in news.changes if isinstance(change, Meeting))
    found = {row.email for meeting in meetings for row in meeting.attendees if row.is_self}
    return tuple(sorted({*before, *found}))


def _concerns_all(error: TouchbaseError) -> bool:
    """Whether all parts would fail in the same way, as with an expired login or a missing token file."""
    return isinstance(error, LoginNeeded | SettingsError) and not isinstance(error, ScopeMissing)
