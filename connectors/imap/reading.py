"""One folder read on from its state: what is new first, then older mail, in batches with a state each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connectors.imap.fetch import fetch, uids_from, uids_since
from connectors.imap.folders import Choice, Counts, counts_of
from connectors.imap.session import CommandFailed, Session
from connectors.shared.mail_batch import BATCH, Batch
from people.types import Frozen, Problem


class FolderState(Frozen):
    """What was read of one folder: all UIDs from ``low`` up to, but without, ``next``.

    ``low`` is 0 when nothing older is left. UIDs mean something only together with ``validity``.
    """

    validity: int
    next: int
    low: int = 0

    def is_that_of(self, counts: Counts) -> bool:
        """Whether the folder holds nothing new."""
        return (self.validity, self.next, self.low) == (counts.uid_validity, counts.uid_next, 0)


@dataclass
class FolderReader:
    """Reads folders over one connection into ``batch``.

    ``what`` is asked of each mail, and ``day`` is the first day as IMAP writes it. ``progress`` is called
    with the number of mails that were read, and of those that came into sight.
    """

    session: Session
    batch: Batch
    what: str
    day: str
    problems: list[Problem]
    progress: Callable[[int, int], None]

    def read(self, choice: Choice, state: FolderState | None) -> Iterator[FolderState]:
        """Read on from ``state``; yield the state after each batch, and nothing if nothing is new.

        Raises ``CommandFailed`` and ``ConnectionLost``; the states before stay valid.
        """
        folder = choice.folder
        counts = folder.counts
        if state is not None and counts.uid_next is None:
            counts = counts_of(self.session, folder)
        if state is not None and state.is_that_of(counts):
            return
        opened = self.session.examine(folder.raw)
        validity, uid_next = opened.get("UIDVALIDITY", 0), opened.get("UIDNEXT", 0)
        if state is None or state.validity != validity or 0 < uid_next < state.next:
            # The server has numbered the mails again, or never did before.
            uids = uids_since(self.session, opened.get("EXISTS", 0), self.day)
            after = max(uid_next, self._after_all(uids, opened))
            state = FolderState(validity=validity, next=after, low=after)
        else:
            new = uids_from(self.session, opened.get("EXISTS", 0), state.next)
            for newer in self._newer(choice, state, new, uid_next):
                yield newer
                state = newer
            uids = uids_since(self.session, opened.get("EXISTS", 0), self.day) if state.low else []
        yield from self._older(choice, state, uids)

    def _after_all(self, uids: Sequence[int], opened: dict[str, int]) -> int:
        """One more than the highest UID. A mail may have come after the server said UIDNEXT."""
        if not uids and opened.get("EXISTS") and "UIDNEXT" not in opened:
            uids = self.session.search("UID", "*")
        return uids[-1] + 1 if uids else 1

    def _newer(
        self, choice: Choice, state: FolderState, uids: Sequence[int], uid_next: int
    ) -> Iterator[FolderState]:
        """Read what came since ``state``, the oldest first."""
        self.progress(0, len(uids))
        for start in range(0, len(uids), BATCH):
            part = uids[start : start + BATCH]
            self._take(choice, part)
            state = state.model_copy(update={"next": part[-1] + 1})
            yield state
        if uid_next > state.next:
            yield state.model_copy(update={"next": uid_next})

    def _older(self, choice: Choice, state: FolderState, uids: Sequence[int]) -> Iterator[FolderState]:
        """Read what lies below ``state``, the newest first."""
        left = [uid for uid in uids if uid < state.low]
        self.progress(0, len(left))
        while left:
            part = left[-BATCH:]
            del left[-BATCH:]
            self._take(choice, part)
            state = state.model_copy(update={"low": part[0]})
            yield state
        yield state.model_copy(update={"low": 0})

    def _take(self, choice: Choice, uids: Sequence[int]) -> None:
        """Fetch one batch. Raises ``CommandFailed`` if the server says OK and sends nothing at all."""
        name = choice.folder.name
        mails, missing = fetch(self.session, uids, self.what)
        if missing and not mails:
            raise CommandFailed(f"the server sent none of {missing} headers that were asked for")
        if missing:
            message = f"the server did not send {missing} of {len(uids)} headers that were asked for"
            self.problems.append(Problem(where=name, message=message, help="these mails do not count"))
        for mail in mails:
            if not mail.draft:
                fields = self.batch.reader.fields(mail.block)
                self.batch.add(fields, name, f"{name} UID {mail.uid}", mail.known(name, sent=choice.sent))
        self.progress(len(uids), 0)
