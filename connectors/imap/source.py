"""Mail on an IMAP server as a source of messages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from pydantic import Field

from connectors.imap.fetch import items
from connectors.imap.folders import Choice, Chosen, choose, folders_of
from connectors.imap.reading import FolderReader, FolderState
from connectors.imap.session import Account, CommandFailed, ConnectionLost, Session, in_words
from connectors.shared.mail.settings import first_day
from connectors.shared.mail_batch import Batch, ShapedCursor, shaping
from connectors.shared.mail_headers import HeaderReader
from people.errors import RetryLater, TouchbaseError
from people.types import Page, Problem

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_BREAKS = 3
"""After this number of broken connections the rest waits for the next try."""


class ImapCursor(ShapedCursor):
    """The state of all folders, by their path."""

    folders: dict[str, FolderState] = Field(default_factory=dict)


class ImapSource:
    """Messages from the folders of an account. Only headers are asked for; nothing on the server changes.

    ``folders`` None reads all that may hold mail between people. ``my_emails`` tell sent mail from received
    mail, and the user's name at the server counts as one of them. The first read goes from the newest mail
    back to ``since``, with a cursor per page. Later ones ask only for what is new. If a server numbers a
    folder again, that folder is read again; a mail that is known by its Message-ID counts once. A folder that
    fails is a Problem, and the others are read.
    """

    def __init__(
        self,
        name: str,
        account: Account,
        *,
        my_emails: Collection[str],
        today: date,
        folders: Sequence[str] | None = None,
        since: str = "3y",
        subjects: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.name = name
        self._account = account
        self._wanted = folders
        mine = {*my_emails, *([account.user] if "@" in account.user else [])}
        self._shaped = shaping({*mine, str(account)}, since, subjects=subjects)
        self._reader = HeaderReader(name, mine, today=today, subjects=subjects)
        self._first_day = first_day(since, today)
        self._progress = progress or (lambda _done, _total: None)

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield what came since ``cursor``, with a cursor per page; everything since ``since`` if it is None.

        Raises ``LoginNeeded``, ``UserMustAct`` for a certificate that is not valid, and ``RetryLater`` if the
        server cannot be reached, or if the connection broke: the other folders are read before.
        """
        known = ImapCursor.parse(cursor, self._shaped).folders
        batch = Batch(self._reader, self._first_day)
        run = _Run(self._account, batch, known, imap_day(self._first_day), self._progress)
        try:
            for _ in run.read(self._wanted):
                yield run.page(self._shaped)
        finally:
            run.session.close()
        problems = (*run.problems, *batch.problems())
        yield run.page(self._shaped, problems=problems, complete=cursor is None and not run.lost)
        if run.lost:
            names = ", ".join(choice.folder.name for choice in run.lost[:5])
            message = f"the mail of {self._account}: the connection broke in {names}; what was read is kept"
            raise RetryLater(message, help="run again later")


class _Run:
    """One read of all folders, over one connection, and over another one if it breaks.

    ``lost`` are the folders that could not be read because of that.
    """

    def __init__(
        self, account: Account, batch: Batch, known: Mapping[str, FolderState], day: str, progress: Progress
    ) -> None:
        self._account = account
        self._batch = batch
        self._known = known
        self._day = day
        self._progress = progress
        self._done = self._total = 0
        self._states: dict[str, FolderState] = {}
        self.session = Session(account)
        self.problems: list[Problem] = []
        self.lost: list[Choice] = []

    def page(self, shaped: str, *, problems: Collection[Problem] = (), complete: bool = False) -> Page:
        """What was read since the last page, with the cursor that goes with it."""
        saved = ImapCursor(shaped=shaped, folders=self._states).model_dump_json()
        return Page(changes=self._batch.take(), problems=tuple(problems), cursor=saved, complete=complete)

    def read(self, wanted: Sequence[str] | None) -> Iterator[None]:
        """Read the folders, those of sent mail first; yield when a page is due."""
        with in_words(self._account):
            chosen = chosen_folders(self.session, wanted)
        self.problems += problems_of(chosen, self._account)
        todo = sorted(
            chosen.read, key=lambda choice: (not choice.sent, choice.folder.name.upper() != "INBOX")
        )
        names = {choice.folder.raw for choice in todo}
        self._states = {raw: state for raw, state in self._known.items() if raw in names}
        for at, choice in enumerate(todo):
            try:
                yield from self._folder(choice)
            except CommandFailed as error:
                self._failed(choice, error)
            except ConnectionLost:
                self.lost.append(choice)
                if not self._connected_again():
                    self.lost += todo[at + 1 :]
                    return

    def _folder(self, choice: Choice) -> Iterator[None]:
        raw = choice.folder.raw
        what = items(self._batch.reader.wanted, is_gmail=self.session.is_gmail)
        reader = FolderReader(self.session, self._batch, what, self._day, self.problems, self._count)
        for state in reader.read(choice, self._states.get(raw)):
            self._states[raw] = state
            if self._batch.full:
                yield

    def _failed(self, choice: Choice, error: CommandFailed) -> None:
        name = choice.folder.name
        message = f"this folder of {self._account} cannot be read: {error}"
        remedy = "open it in a mail program; if it is not needed, name the other folders in 'folders'"
        self.problems.append(Problem(where=name, message=message, help=remedy))

    def _connected_again(self) -> bool:
        self.session.close()
        if len(self.lost) >= _MOST_BREAKS:
            return False
        try:
            self.session = Session(self._account)
        except TouchbaseError as error:
            log.info("%s", error.message)
            return False
        return True

    def _count(self, read: int, seen: int) -> None:
        self._done += read
        self._total += seen
        if read:
            self._progress(self._done, self._total)


def chosen_folders(session: Session, wanted: Sequence[str] | None) -> Chosen:
    """List the folders of an account, and choose."""
    return choose(folders_of(session), wanted, is_gmail=session.is_gmail)


def problems_of(chosen: Chosen, account: Account) -> Iterator[Problem]:
    """What the user should know about the choice."""
    for name, hint in chosen.missing:
        message = f"{account} has no folder '{name}' that holds mail"
        yield Problem(where="folders", message=message, help=hint)
    if not chosen.by_name and not chosen.sent:
        message = f"no folder of sent mail was found at {account}, so what you wrote may not count"
        yield Problem(
            where="folders", message=message, help="name all folders to read in 'folders': docs/mail.md"
        )


def imap_day(day: date) -> str:
    """The day before, as IMAP writes it: the server's days may begin elsewhere."""
    before = day - timedelta(days=1)
    return f"{before.day}-{_MONTHS[before.month - 1]}-{before.year}"
