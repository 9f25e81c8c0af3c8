"""Which kind of mail it is, by its headers: a mailing, a machine's, a calendar's, or a bounce."""

from __future__ import annotations

import re
from collections.abc import Mapping

_END_OF_WORD = re.compile(r"[\s;(]+")
_REPORT_TYPE = re.compile(r'report-type\s*=\s*"?([\w-]+)', re.IGNORECASE)
_NO_REPLY = re.compile(
    r"(?:^|[._+=-])(?:no[._-]?reply|do[._-]?not[._-]?reply|no[._-]?responde?r?|nao[._-]?responda|"
    r"ne[._-]?pas[._-]?repondre|non[._-]?rispondere|nicht[._-]?antworten|keine[._-]?antwort|"
    r"mailer[._-]?daemon|postmaster|auto[._-]?(?:reply|responder|confirm))(?:$|[._+=\d-])"
)
_DAEMON = re.compile(r"(?:mailer[._-]?daemon|postmaster)(?:$|[+])")


def kinds_of(fields: Mapping[str, str], author: str) -> dict[str, bool]:
    """The flags of a `Message` with these headers, named in lower case, by this author."""
    precedence = _word(fields, "precedence")
    null_sender = fields.get("return-path", "x").strip() == "<>"
    local = author.partition("@")[0]
    kind = _word(fields, "content-type")
    report = _REPORT_TYPE.search(fields["content-type"][:2000]) if kind == "multipart/report" else None
    bounce = kind == "multipart/report" and (report is None or report.group(1).lower() == "delivery-status")
    return {
        "bulk": "list-id" in fields or "list-unsubscribe" in fields or precedence in ("bulk", "list", "junk"),
        "automatic": kind == "multipart/report"
        or null_sender
        or _written_by_a_machine(fields)
        or precedence in ("auto_reply", "auto-reply")
        or bool(_NO_REPLY.search(local)),
        # Exchange wraps invitations and their answers into a multipart, and says so beside it.
        "calendar": kind == "text/calendar"
        or fields.get("content-class", "")[:200].strip().lower() == "urn:content-classes:calendarmessage",
        "bounce": bounce or (null_sender and bool(_DAEMON.match(local))),
    }


def _written_by_a_machine(fields: Mapping[str, str]) -> bool:
    """Whether a header says so. ``Auto-Submitted: no`` says the opposite (RFC 3834, 5)."""
    suppress = fields.get("x-auto-response-suppress", "")[:200].lower()
    return (
        _word(fields, "auto-submitted") not in ("", "no")
        or _word(fields, "x-autoreply") not in ("", "no", "false", "0")
        # A sender who only wants no receipts may be a person.
        or (suppress != "" and any(word in suppress for word in ("all", "oof", "autoreply")))
    )


def _word(fields: Mapping[str, str], name: str) -> str:
    """The first word of a header, in lower case."""
    text = fields.get(name)
    return _END_OF_WORD.split(text[:200].strip().lower(), maxsplit=1)[0] if text else ""
