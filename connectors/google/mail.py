"""Mail: who wrote to the user and got mail from them, read from the Gmail API with the scope gmail.metadata.

A first read lists the mail, newest first, down to the day ``since``. Each page is saved with a cursor of its
own, so that a read of years survives an interruption. Later reads ask for the history since then. No request
asks for a body or for the ``snippet``, which Gmail would send with the headers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.google.client.api import Api, answers
from connectors.google.client.batch import MOST_PARTS
from connectors.google.client.errors import BrokenAnswer, NotFound, Refused, Unavailable
from connectors.google.part import Listing, MailCursor, PartNews
from connectors.shared.mail.settings import first_day
from connectors.shared.mail_batch import shaping
from connectors.shared.mail_headers import HeaderReader, Known
from people.days import start_of
from people.types import Message, Problem

Json = Mapping[str, Any]

log = logging.getLogger(__name__)

SCOPE = "mail"
_LEFT_OUT = frozenset({"SPAM", "TRASH", "DRAFT", "CHAT"})
_BACK = frozenset({"SPAM", "TRASH"})
"""Labels whose removal makes a mail count: it was rescued from the spam or the bin."""
_PAGE = 100
_MOST_LEFT = 500
"""Mails that the cursor names for the next run; it must not grow with an outage."""
_MARGIN = timedelta(days=7)
"""How much of the time that is known already is read again when Gmail has forgotten the history."""
_LIST_FIELDS = "messages/id,nextPageToken"
_MAIL_FIELDS = "id,threadId,labelIds,internalDate,payload/headers"
_HISTORY_FIELDS = (
    "history(id,messagesAdded/message(id,labelIds),labelsRemoved(labelIds,message(id,labelIds))),"
    "historyId,nextPageToken"
)


@dataclass
class MailPart:
    """The mail of the account.

    ``mine`` are the user's addresses; the account's own is added. ``since`` is how far back mail is read
    (``connectors.shared.mail.settings``). If one of these or ``subjects`` changes, all is read again.
    ``progress`` is called with the number of mails that were listed and about how many there are.
    """

    api: Api
    source: str
    mine: AbstractSet[str]
    subjects: bool
    since: str
    today: date
    now: datetime
    progress: Callable[[int, int], None] | None = None
    _asked: str = field(init=False)

    def __post_init__(self) -> None:
        self._asked = shaping(self.mine, self.since, subjects=self.subjects)

    def read(self, part: MailCursor | None) -> Iterator[tuple[PartNews, MailCursor]]:
        """Yield what is new, page by page. Raises the groups of ``people.errors``."""
        if part is None or part.asked != self._asked:
            yield from self._list(self._begin(first_day(self.since, self.today)))
        elif part.listing is not None:
            yield from self._list(part)
        else:
            try:
                yield from self._changes(part)
            except NotFound:
                log.info("%s mail: Gmail has forgotten the history, listing what came since", self.source)
                yield from self._list(self._begin(self._known_until(part), part.left))

    def _known_until(self, part: MailCursor) -> date | None:
        """The day from which on mail may be new. A clock that was wrong proves nothing."""
        known = part.began <= self.now
        return (part.began - _MARGIN).date() if known else first_day(self.since, self.today)

    def _begin(self, since: date | None, left: tuple[str, ...] = ()) -> MailCursor:
        """Start a listing. What arrives meanwhile is in the history, which is noted first."""
        users = self.api.service("gmail", "users")
        request = users.getProfile(userId="me", fields="emailAddress,historyId,messagesTotal")
        profile = self.api.read(request, "read the profile of the mailbox")
        return MailCursor(
            asked=self._asked,
            account=str(profile.get("emailAddress") or "").lower(),
            history=_history_id(profile),
            began=self.now,
            listing=Listing(since=since, total=int(profile.get("messagesTotal") or 0)),
            left=left,
        )

    def _intake(self, part: MailCursor, since: date | None) -> _Intake:
        mine = {*self.mine, part.account} - {""}
        reader = HeaderReader(self.source, mine, today=self.today, subjects=self.subjects)
        return _Intake(self.api, self.source, reader, since)

    def _list(self, part: MailCursor) -> Iterator[tuple[PartNews, MailCursor]]:
        listing = part.listing or Listing()
        for answer in self._pages(listing.page):
            following = answer.get("nextPageToken") or None
            ids = [mail["id"] for mail in answer.get("messages") or () if mail.get("id")]
            intake = self._intake(part, listing.since)
            intake.take([*part.left, *ids])
            listing = listing.model_copy(update={"page": following, "done": listing.done + len(ids)})
            # Gmail lists by arrival, but a page with one old mail may still have newer ones below.
            ended = following is None or intake.all_too_old
            part = part.model_copy(update={"listing": None if ended else listing, "left": intake.left})
            if self.progress is not None:
                self.progress(listing.done, listing.done if ended else max(listing.done, listing.total))
            intake.news.complete = ended
            yield intake.news, part
            if ended:
                return

    def _pages(self, page: str | None) -> Iterator[Json]:
        """The pages of the listing from ``page`` on, or from the top if Gmail no longer knows that page."""
        messages = self.api.service("gmail", "users", "messages")
        parameters = {"userId": "me", "maxResults": _PAGE, "fields": _LIST_FIELDS}
        doing = "list the mail"
        resumed = {**parameters, "pageToken": page} if page else parameters
        try:
            yield from answers(self.api, messages, resumed, doing)
        except Refused:
            if page is None:
                raise
            log.info("%s mail: Gmail no longer knows the page, listing from the top", self.source)
            yield from answers(self.api, messages, parameters, doing)

    def _changes(self, part: MailCursor) -> Iterator[tuple[PartNews, MailCursor]]:
        since = first_day(self.since, self.today)
        parameters = {
            "userId": "me",
            "startHistoryId": part.history,
            "historyTypes": ["messageAdded", "labelRemoved"],
            "maxResults": 500,
            "fields": _HISTORY_FIELDS,
        }
        history = self.api.service("gmail", "users", "history")
        for answer in answers(self.api, history, parameters, "read what changed in the mail"):
            records = answer.get("history") or ()
            intake = self._intake(part, since)
            intake.take([*part.left, *_new_ids(records)])
            if answer.get("nextPageToken"):
                part = part.model_copy(update={"history": _last_id(records, part.history)})
            else:
                part = part.model_copy(update={"history": _history_id(answer), "began": self.now})
            part = part.model_copy(update={"left": intake.left})
            yield intake.news, part


class _Intake:
    """The mails of one page: asked for in batches, and read."""

    def __init__(self, api: Api, source: str, reader: HeaderReader, since: date | None) -> None:
        self._api = api
        self._source = source
        self._reader = reader
        self._floor = start_of(since) if since else datetime.min.replace(tzinfo=UTC)
        self._newest: datetime | None = None
        self.news = PartNews(SCOPE, complete=False)
        self.left: tuple[str, ...] = ()
        """Mails that Gmail failed to give although it gave others. The next run asks for them again."""

    @property
    def all_too_old(self) -> bool:
        """Whether there were mails, and all of them arrived before the first day."""
        return self._newest is not None and self._newest < self._floor

    def take(self, ids: Iterable[str]) -> None:
        """Ask for these mails and read them. Raises the groups of ``people.errors``."""
        wanted = list(dict.fromkeys(ids))
        for at in range(0, len(wanted), MOST_PARTS):
            self._ask(wanted[at : at + MOST_PARTS])
        dropped, self.left = len(self.left[_MOST_LEFT:]), self.left[:_MOST_LEFT]
        if dropped:
            self.news.problems.append(
                Problem(
                    where=f"{self._source} mail",
                    message=f"Gmail did not give {dropped + _MOST_LEFT} mails, and {dropped} are given up",
                    help="they do not count; to read all mail again, change since of this source by a day",
                )
            )

    def _ask(self, ids: list[str]) -> None:
        messages = self._api.service("gmail", "users", "messages")
        headers = list(self._reader.wanted)
        batch = self._api.batch({
            mail_id: messages.get(
                userId="me", id=mail_id, format="metadata", metadataHeaders=headers, fields=_MAIL_FIELDS
            )
            for mail_id in ids
        })  # fmt: skip
        try:
            self._api.read(batch, "read the headers of mails")
        except (Unavailable, BrokenAnswer):
            if not batch.answers:
                raise
            self.left = (*self.left, *batch.left)
        for mail_id in batch.refused:
            self._unreadable(mail_id, "Gmail refuses it")
        for mail_id in ids:
            if mail_id in batch.answers:
                self._note(mail_id, batch.answers[mail_id])

    def _note(self, mail_id: str, mail: Json) -> None:
        try:
            read = self._read(mail_id, mail)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            self._unreadable(mail_id, type(error).__name__)
            return
        if isinstance(read, Problem):
            self.news.problems.append(read)
        elif read is not None and read.at >= self._floor:
            self.news.changes.append(read)

    def _read(self, mail_id: str, mail: Json) -> Message | Problem | None:
        """Read one mail; None for what is not mail, is not wanted or is too old."""
        arrived = datetime.fromtimestamp(int(mail["internalDate"]) / 1000, UTC)
        self._newest = max(arrived, self._newest or arrived)
        labels = frozenset(mail.get("labelIds") or ())
        if labels & _LEFT_OUT or arrived < self._floor:
            return None
        headers = [(one["name"], one["value"]) for one in (mail.get("payload") or {}).get("headers") or ()]
        known = Known(
            number=mail_id,
            thread=mail.get("threadId"),
            folder=_folder(labels),
            arrived=lambda: arrived,
            sent="SENT" in labels,
        )
        return self._reader.read(headers, f"{self._source} mail {mail_id}", known)

    def _unreadable(self, mail_id: str, why: str) -> None:
        self.news.problems.append(
            Problem(
                where=f"{self._source} mail {mail_id}",
                message=f"this mail could not be read ({why})",
                help="it does not count; the other mails were read",
            )
        )


def mail_login(source: str) -> str:
    """The command that asks for consent to read headers of mail."""
    return f"touchbase login google --mail --source {source}"


def labelled(api: Api, label: str) -> int:
    """Count the mails with a label. Raises the groups of ``people.errors``."""
    labels = api.service("gmail", "users", "labels")
    answer = api.read(labels.get(userId="me", id=label, fields="messagesTotal"), f"count the mail in {label}")
    return int(answer.get("messagesTotal") or 0)


def _folder(labels: frozenset[str]) -> str | None:
    """Where Gmail shows a mail: SENT, one of its categories, or INBOX; None if it is archived."""
    categories = sorted(label for label in labels if label.startswith("CATEGORY_"))
    return next((label for label in ("SENT", *categories, "INBOX") if label in labels), None)


def _new_ids(records: Iterable[Json]) -> Iterator[str]:
    """The mails that a stretch of the history brought: new ones, and those rescued from spam or bin."""
    for record in records:
        removed = record.get("labelsRemoved") or ()
        rescued = [entry for entry in removed if _BACK & set(entry.get("labelIds") or ())]
        for entry in [*(record.get("messagesAdded") or ()), *rescued]:
            message = entry.get("message") or {}
            if message.get("id") and not _LEFT_OUT & set(message.get("labelIds") or ()):
                yield message["id"]


def _last_id(records: Iterable[Json], before: str) -> str:
    return str(next((record["id"] for record in reversed(list(records)) if record.get("id")), before))


def _history_id(answer: Json) -> str:
    """The history id of an answer. Raises ``BrokenAnswer`` without one, so that the old one stays."""
    if not str(answer.get("historyId") or "").isdigit():
        message = "Google could not read the mail: the answer had no history id"
        raise BrokenAnswer(message, help="run again later")
    return str(answer["historyId"])
