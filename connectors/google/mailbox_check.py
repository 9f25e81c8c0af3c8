"""What ``touchbase doctor`` says about the mail of a Google account."""

from __future__ import annotations

from pathlib import Path

from connectors.base import Check
from connectors.google.client.api import Api, Patience
from connectors.google.client.auth import Login, scopes_for
from connectors.google.client.errors import ScopeMissing
from connectors.google.mail import labelled, mail_login
from people.errors import TouchbaseError


def look(token: Path, source: str, endpoint: str | None, patience: Patience) -> Check:
    """Log in, and name the account, how much mail it has, and the scope that reads it."""
    scopes = scopes_for(mail=True)
    api = Api(Login(token, mail_login(source), scopes), endpoint=endpoint, patience=patience)
    try:
        users = api.service("gmail", "users")
        profile = api.read(users.getProfile(userId="me"), "read the profile of the mailbox")
        sent = labelled(api, "SENT")
    except TouchbaseError as error:
        again = f"log in again: {mail_login(source)}" if isinstance(error, ScopeMissing) else error.help
        return Check("error", error.message, again)
    account, total = profile.get("emailAddress"), int(profile.get("messagesTotal") or 0)
    scope = scopes[0].rpartition("/")[2]
    counts = f"{total:,} mails, {sent:,} of them sent"
    message = f"{token}; the mail of {account}: {counts} ({scope}, so headers only)"
    if total and not sent:
        remedy = "Gmail has no copy of what you sent, so your own mails do not count: docs/mail.md"
        return Check("warning", message, remedy)
    return Check("ok", message)
