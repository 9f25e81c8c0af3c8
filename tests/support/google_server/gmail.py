"""Gmail v1: profile, labels, messages and history, as a login with the scope gmail.metadata sees them.

Errors and their words are those that clients report: googleworkspace/cli #104 (``q``), meteor-gmail #7
(``format``), OpenArchiver #443 (an old history id), google-api-nodejs-client #978 (none).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.support.google_server.protocol import ApiError, Clock, Json, Request, Route, old_error, partial

METADATA = "gmail.metadata"
_READ = (METADATA, "gmail.readonly", "gmail.modify")
_SYSTEM = (
    "CHAT", "SENT", "INBOX", "IMPORTANT", "TRASH", "DRAFT", "SPAM", "CATEGORY_FORUMS", "CATEGORY_UPDATES",
    "CATEGORY_PERSONAL", "CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "STARRED", "UNREAD",
)  # fmt: skip
_UNITS = {"messages": 5, "history": 2}
_FIRST_ID = 0x18B0000000000000
_ACTIVATION = "https://console.developers.google.com/apis/api/gmail.googleapis.com/overview?project=428"


@dataclass
class Mail:
    """One message. ``body`` and ``snippet`` are what must never be asked for."""

    id: str
    thread: str
    at: datetime
    labels: set[str]
    headers: list[tuple[str, str]]
    history: int
    body: str = "A confidential body."

    def reference(self) -> Json:
        return {"id": self.id, "threadId": self.thread}

    def minimal(self) -> Json:
        return {
            **self.reference(),
            "labelIds": sorted(self.labels),
            "snippet": self.body[:100],
            "historyId": str(self.history),
            "internalDate": str(round(self.at.timestamp() * 1000)),
            "sizeEstimate": 2000 + len(self.body),
        }


@dataclass
class Gmail:
    """The mail of the account, as its owner handles it, and the API over it.

    ``units_a_minute`` is the quota per user, ``at_once`` how many parts of a batch are answered. ``enabled``
    is whether the Cloud project may use the API, ``exists`` whether the account has a mailbox.
    """

    clock: Clock
    user: str
    mails: dict[str, Mail] = field(default_factory=dict)
    units_a_minute: int | None = None
    at_once: int = 100
    page_limit: int = 500
    empty_pages: int = 0
    history_id_missing: bool = False
    enabled: bool = True
    exists: bool = True
    page_tokens: set[str] = field(default_factory=set)
    history: list[Json] = field(default_factory=list)
    now_at: int = 1000
    oldest: int = 0
    _used: deque[tuple[datetime, int]] = field(default_factory=deque)

    # What the owner and their correspondents do.

    def receive(
        self, sender: str, to: str | None = None, *, labels: tuple[str, ...] = ("INBOX",), **more: Any
    ) -> str:
        """A mail arrives. ``more``: ``at``, ``thread`` (an id), ``message_id``, ``body``, further headers."""
        return self._add(sender, self.user if to is None else to, {*labels, "UNREAD"}, **more)

    def send(self, to: str, *, sender: str | None = None, **more: Any) -> str:
        return self._add(sender or self.user, to, {"SENT"}, **more)

    def draft(self, to: str, **more: Any) -> str:
        return self._add(self.user, to, {"DRAFT"}, **more)

    def relabel(self, mail_id: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        """Read, archive, delete (``TRASH``), or take out of the spam."""
        mail = self.mails[mail_id]
        mail.labels = (mail.labels | set(add)) - set(remove)
        for kind, labels in (("labelsAdded", add), ("labelsRemoved", remove)):
            if labels:
                self._note(kind, mail, labelIds=list(labels))

    def purge(self, mail_id: str) -> None:
        self._note("messagesDeleted", self.mails.pop(mail_id))

    def expire_history(self) -> None:
        """Forget the history so far: each id that was given out answers 404."""
        self.now_at += 7
        self.oldest = self.now_at

    def _add(
        self, sender: str, to: str, labels: set[str], *, at: datetime | None = None,
        thread: str | None = None, message_id: str | None = "", body: str = "A confidential body.",
        **more: str,
    ) -> str:  # fmt: skip
        moment = at or self.clock.now()
        mail_id = f"{_FIRST_ID + self.now_at:016x}"
        headers = [("From", sender), ("To", to), ("Date", format_datetime(moment))]
        if message_id is not None:
            headers.append(("Message-ID", message_id or f"<{mail_id}@mail.example>"))
        headers += [(name.replace("_", "-"), value) for name, value in more.items()]
        headers.append(("Received", "from mx.example by mx.google.example"))
        self.mails[mail_id] = mail = Mail(
            mail_id, thread or mail_id, moment, labels, headers, self.now_at, body
        )
        self._note("messagesAdded", mail)
        return mail_id

    def _note(self, kind: str, mail: Mail, **more: Any) -> None:
        self.now_at += 3  # ids increase with gaps
        mail.history = self.now_at
        self.history.append({"id": str(self.now_at), kind: [{"message": mail, **more}]})

    # The API.

    def routes(self) -> list[Route]:
        user = "/gmail/v1/users/{user}"
        return [
            Route("GET", user + "/profile", self._profile, *_READ),
            Route("GET", user + "/labels", self._list_labels, *_READ, "gmail.labels"),
            Route("GET", user + "/labels/{label}", self._get_label, *_READ, "gmail.labels"),
            Route("GET", user + "/messages", self._list, *_READ),
            Route("GET", user + "/messages/{message}", self._get, *_READ),
            Route("GET", user + "/history", self._list_history, *_READ),
        ]

    def count(self, request: Request) -> None:
        """Count the quota units of one request. Raises ``ApiError``."""
        if not self.enabled:
            raise _switched_off()
        if not self.exists:
            raise ApiError(
                400, "Mail service not enabled", reason="failedPrecondition", status="FAILED_PRECONDITION",
                old_style=True,
            )  # fmt: skip
        user, _, what = request.path.removeprefix("/gmail/v1/users/").partition("/")
        if user not in ("me", self.user):
            raise _forbidden(f"Delegation denied for {self.user}")
        now, units = self.clock.now(), _UNITS.get(what.partition("/")[0], 1)
        while self._used and self._used[0][0] <= now - timedelta(minutes=1):
            self._used.popleft()
        if self.units_a_minute is not None and sum(u for _, u in self._used) + units > self.units_a_minute:
            raise old_error(403, "userRateLimitExceeded", "User-rate limit exceeded.  Retry after a minute")
        self._used.append((now, units))

    def _profile(self, request: Request) -> Json:
        shown = [mail for mail in self.mails.values() if not mail.labels & {"SPAM", "TRASH"}]
        profile = {
            "emailAddress": self.user,
            "messagesTotal": len(shown),
            "threadsTotal": len({mail.thread for mail in shown}),
            "historyId": str(self.now_at),
        }
        return partial(profile, request)

    def _list_labels(self, request: Request) -> Json:
        return partial(
            {"labels": [{"id": name, "name": name, "type": "system"} for name in _SYSTEM]}, request
        )

    def _get_label(self, request: Request) -> Json:
        name = request.names["label"]
        if name not in _SYSTEM:
            raise _not_found()
        count = sum(name in mail.labels for mail in self.mails.values())
        return partial({"id": name, "name": name, "type": "system", "messagesTotal": count}, request)

    def _list(self, request: Request) -> Json:
        if "q" in request.query and METADATA in request.scopes:
            raise _forbidden("Metadata scope does not support 'q' parameter")
        wanted = set(request.query.get("labelIds", ()))
        hidden = set() if request.flag("includeSpamTrash") else {"SPAM", "TRASH"} - wanted
        found = [m for m in self.mails.values() if wanted <= m.labels and not m.labels & hidden]
        found.sort(key=lambda mail: (mail.at, mail.id), reverse=True)
        page, following = self._cut(found, request)
        answer: Json = {"resultSizeEstimate": len(found)}
        if page:
            answer["messages"] = [mail.reference() for mail in page]
        return partial({**answer, **following}, request)

    def _get(self, request: Request) -> Json:
        form = request.get("format", "full").lower()
        if form in ("full", "raw") and METADATA in request.scopes:
            raise _forbidden(f"Metadata scope doesn't allow format {form.upper()}")
        mail = self.mails.get(request.names["message"])
        if mail is None:
            raise _not_found()
        answer = mail.minimal()
        if form != "minimal":
            only = {name.lower() for name in request.query.get("metadataHeaders", ())}
            headers = [
                {"name": name, "value": value}
                for name, value in mail.headers
                if form == "full" or not only or name.lower() in only
            ]
            answer["payload"] = {"mimeType": "text/plain", "headers": headers}
            if form == "full":
                answer["payload"]["body"] = {"size": len(mail.body), "data": mail.body}
        return partial(answer, request)

    def _list_history(self, request: Request) -> Json:
        start = request.get("startHistoryId")
        if not start.isdigit():
            raise old_error(400, "invalidArgument", "Missing/invalid parameter: startHistoryId")
        if not self.oldest <= int(start) <= self.now_at:
            raise _not_found()
        kinds = {_KINDS[kind] for kind in request.query.get("historyTypes", _KINDS)}
        label = request.get("labelId")
        found = [
            record
            for record in self.history
            if int(record["id"]) > int(start)
            and any(not label or label in e["message"].labels for k in kinds for e in record.get(k, ()))
        ]
        page, following = self._cut(found, request)
        answer: Json = {} if self.history_id_missing else {"historyId": str(self.now_at)}
        if page:
            answer["history"] = [_shown(record) for record in page]
        return partial({**answer, **following}, request)

    def _cut(self, found: list[Any], request: Request) -> tuple[list[Any], Json]:
        """One page, and what names the next. A token that was never given out is refused."""
        token = request.get("pageToken")
        if token and token not in self.page_tokens:
            raise old_error(400, "invalidArgument", "Invalid pageToken")
        at = int(token.partition(":")[2]) if token else -self.empty_pages
        end = at + 1 if at < 0 else at + min(request.number("maxResults", 100), 500, self.page_limit)
        if at >= 0 and end >= len(found):
            return found[at:], {}
        following = f"page:{end}"
        self.page_tokens.add(following)
        return [] if at < 0 else found[at:end], {"nextPageToken": following}


_KINDS = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


def _shown(record: Json) -> Json:
    """A record of the history, in which messages have only their ids and labels."""
    shown: Json = {"id": record["id"], "messages": []}
    for kind, entries in record.items():
        if kind == "id":
            continue
        mails = [{**e["message"].reference(), "labelIds": sorted(e["message"].labels)} for e in entries]
        shown[kind] = [{**entry, "message": mail} for entry, mail in zip(entries, mails, strict=True)]
        shown["messages"] += mails
    return shown


def _forbidden(message: str) -> ApiError:
    return ApiError(403, message, reason="forbidden", status="PERMISSION_DENIED", old_style=True)


def _not_found() -> ApiError:
    return ApiError(
        404, "Requested entity was not found.", reason="notFound", status="NOT_FOUND", old_style=True
    )


def _switched_off() -> ApiError:
    message = f"Gmail API has not been used in project 428 before or it is disabled. Visit {_ACTIVATION}"
    return ApiError(
        403,
        message,
        reason="accessNotConfigured",
        status="PERMISSION_DENIED",
        old_style=True,
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [{"description": "Google developers console API activation", "url": _ACTIVATION}],
            },
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"service": "gmail.googleapis.com", "activationUrl": _ACTIVATION},
            },
        ],
    )
