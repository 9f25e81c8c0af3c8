"""Mail in files as a source of messages: an mbox, a Maildir, or a folder of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from pydantic import Field

from connectors.base import Check
from connectors.mailbox import maildir, mbox, takeout
from connectors.mailbox.listing import Listing, Place, listing_of
from connectors.mailbox.maildir import MaildirState
from connectors.shared.files import regular_file
from connectors.shared.mail.settings import first_day
from connectors.shared.mail_batch import Batch, ShapedCursor, shaping
from connectors.shared.mail_headers import HeaderReader, Known
from people.errors import SkipThis, SourceMissing, TouchbaseError, UserMustAct
from people.types import Frozen, Page, Problem

Progress = Callable[[int, int], None]
_State = TypeVar("_State")
_TAIL = 4096
_GROUP = 20
"""Mails whose headers are in memory at once: each may have 4 MiB of them."""


class MboxState(Frozen):
    """What was read of one mbox: all before byte ``start``, where the last mail begins.

    ``tail`` is a digest of the bytes before ``start``. ``size`` and ``changed`` (nanoseconds) are those of
    the file after its end was reached.
    """

    start: int = 0
    tail: str = ""
    size: int = -1
    changed: int = 0


class MailboxCursor(ShapedCursor):
    """The state of all files."""

    mboxes: dict[str, MboxState] = Field(default_factory=dict)
    maildirs: dict[str, MaildirState] = Field(default_factory=dict)


class MailboxSource:
    """Messages from mail in files. Bodies are skipped, and nothing of them is kept.

    ``path`` is an mbox, a Maildir (with subfolders), or a folder that holds such. ``my_emails`` tell sent
    mail from received mail. Drafts, spam and deleted mail are left out: by the name of a mail folder, and in
    a Takeout by its labels, in 35 languages. An mbox that has grown is read from its last mail on, and one
    that was rewritten is read again. ``progress`` is called with KiB of an mbox, or files of a Maildir.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        *,
        my_emails: Collection[str],
        today: date,
        since: str = "10y",
        subjects: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self._shaped = shaping(my_emails, since, subjects=subjects)
        self._reader = HeaderReader(name, my_emails, today=today, subjects=subjects, more=takeout.HEADERS)
        self._first_day = first_day(since, today)
        self._progress = progress or (lambda _done, _total: None)

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield what was added since ``cursor``, with a cursor per page; everything if it is None.

        Raises ``SourceMissing`` if the path does not exist, and ``UserMustAct`` if it holds no mail.
        """
        listing = self.listing()
        state = MailboxCursor.parse(cursor, self._shaped)
        read = _Reading(self._reader, self._first_day, self._progress, listing.problems)
        mboxes = {place.name: state.mboxes.get(place.name, MboxState()) for place in listing.mboxes}
        maildirs = {place.name: state.maildirs.get(place.name, MaildirState()) for place in listing.maildirs}

        def saved() -> str:
            found = MailboxCursor(shaped=self._shaped, mboxes=mboxes, maildirs=maildirs)
            return found.model_dump_json()

        for place in listing.mboxes:
            for state_now in read.each(place.name, read.read_mbox(place, mboxes[place.name])):
                mboxes[place.name] = state_now
                if read.batch.full:
                    yield Page(changes=read.batch.take(), cursor=saved())
        for folder in listing.maildirs:
            for folder_now in read.each(folder.name, read.read_maildir(folder, maildirs[folder.name])):
                maildirs[folder.name] = folder_now
                if read.batch.full:
                    yield Page(changes=read.batch.take(), cursor=saved())
        if len(listing.mboxes) == 1 and not listing.maildirs and read.foreign:
            raise UserMustAct(f"{self.path} {_NOT_AN_MBOX}", help=_HOW_TO_EXPORT)
        yield Page(
            changes=read.batch.take(),
            problems=(*read.problems, *read.batch.problems()),
            cursor=saved(),
            complete=cursor is None,
        )

    def check(self) -> Check:
        """Say what lies below the path, for ``touchbase doctor``."""
        found = self.listing()
        counts = [
            f"{len(places)} {what}"
            for places, what in ((found.mboxes, "mbox"), (found.maildirs, "mail folders"))
            if places
        ]
        left_out = ", ".join(place.folder for place in found.left_out)
        without = f"; not read: {left_out}" if left_out else ""
        return Check("ok", f"{self.path}: {', '.join(counts)}{without}")

    def listing(self) -> Listing:
        """List the files. Raises ``SourceMissing`` and ``UserMustAct``."""
        if not self.path.exists():
            raise SourceMissing(
                f"mail {self.path} of source '{self.name}' does not exist",
                help="check the path of this source in touchbase.toml",
            )
        found = listing_of(self.path)
        if not found.mboxes and not found.maildirs:
            raise UserMustAct(f"{self.path} holds neither an mbox nor a Maildir", help=_HOW_TO_EXPORT)
        return found


_NOT_AN_MBOX = "is not an mbox: no mail begins with a line 'From ... date'"
_HOW_TO_EXPORT = "docs/mail.md says how to export mail"


class _Reading:
    """One read of all files. ``foreign`` are the names of other files."""

    def __init__(
        self, reader: HeaderReader, since: date, progress: Progress, problems: list[Problem]
    ) -> None:
        self._reader = reader
        self.batch = Batch(reader, since)
        self._progress = progress
        self.problems = problems
        self.foreign: list[str] = []

    def each(self, name: str, states: Iterator[_State]) -> Iterator[_State]:
        """Pass the states on. A file that fails is a problem, and the next one is read."""
        try:
            yield from states
        except (OSError, SkipThis) as error:
            self._problem(name, error)

    def read_mbox(self, place: Place, state: MboxState) -> Iterator[MboxState]:
        """Read on from ``state``; yield the state after each page, and at last that of the whole file."""
        with regular_file(place.path) as file:
            status = os.fstat(file.fileno())
            size, changed = status.st_size, status.st_mtime_ns
            if (size, changed) == (state.size, state.changed):
                return
            start = state.start if _tail(file, state.start) == state.tail else 0
            empty, sent = not start and size > 0, place.kind == "sent"
            found = mbox.mails(file, start)
            # Reading headers one after the other is quicker than in turns with the search for the next mail.
            while group := list(islice(found, _GROUP)):
                for mail in group:
                    start, empty = mail.start, False
                    if mail.whole:
                        self._add(place, mail, sent=sent)
                    else:
                        self._cut(place, start)
                if self.batch.full:
                    self._progress(start >> 10, size >> 10)
                    yield MboxState(start=start, tail=_tail(file, start))
            if empty:
                self.foreign.append(place.name)
                self.problems.append(Problem(where=place.name, message=_NOT_AN_MBOX, help=_HOW_TO_EXPORT))
            yield MboxState(start=start, tail=_tail(file, start), size=size, changed=changed)

    def _add(self, place: Place, mail: mbox.RawMail, *, sent: bool) -> None:
        fields = self._reader.fields(mail.headers)
        here = Known(folder=place.folder, arrived=partial(mbox.arrival, mail.line), sent=sent)
        if known := takeout.known_by_gmail(here, fields, mail.line):
            self.batch.add(fields, place.name, f"{place.name} mail at byte {mail.start}", known)

    def _cut(self, place: Place, start: int) -> None:
        message = f"the file ends within the headers of its last mail, at byte {start}"
        remedy = "it was not copied to its end: copy or export it again; the other mails count"
        self.problems.append(Problem(where=place.name, message=message, help=remedy))

    def read_maildir(self, place: Place, state: MaildirState) -> Iterator[MaildirState]:
        """Read what came since ``state``; yield the state after each page, and at last that of the folder."""
        times = maildir.times_of(place.path)
        if state.unchanged(times):
            return

        def failed(path: Path, error: OSError) -> None:
            self._problem(f"{place.name}/{path.name}", error)

        found = maildir.news(place.path, state, failed)
        known = Known(folder=place.folder, sent=place.kind == "sent")
        for count, one in enumerate(found, 1):
            where = f"{place.name}/{one.path.parent.name}/{one.path.name}"
            try:
                fields = self._reader.fields(maildir.header_block(one.path))
            except FileNotFoundError:
                continue  # It was moved or deleted meanwhile. A mail that moved is read with the next run.
            except (OSError, SkipThis) as error:
                self._problem(where, error)
                continue
            self.batch.add(fields, place.name, where, known)
            if self.batch.full:
                self._progress(count, len(found))
                yield state.after(found[:count], times)
        yield state.after(found, times, times)

    def _problem(self, where: str, error: OSError | SkipThis) -> None:
        if isinstance(error, TouchbaseError):
            message, remedy = error.message, error.help
        else:
            message = f"cannot be read: {error.strerror or error}"
            remedy = "check the file and its permissions"
        self.problems.append(Problem(where=where, message=message, help=remedy))


def _tail(file: BinaryIO, start: int) -> str:
    """A digest of what stands before byte ``start``: if it is the same, the file has only grown."""
    here = file.tell()
    file.seek(max(0, start - _TAIL))
    digest = hashlib.blake2b(file.read(min(start, _TAIL)), digest_size=16).hexdigest()
    file.seek(here)
    return digest
