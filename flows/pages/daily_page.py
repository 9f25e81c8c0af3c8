"""Bring the day's digest to the user: a page in a folder, and an e-mail."""

from __future__ import annotations

from collections.abc import Callable

from flows.pages.digest import MOST_LINES, digest_of
from flows.run.context import Context
from flows.run.outcome import own_words
from flows.run.outcome.report import RunReport
from flows.settings.model import Digest
from people.errors import TouchbaseError
from people.private_files import private_folder, write_private
from people.store.db import values
from people.types import Problem

Send = Callable[[Digest, str, str], None]
"""Sends an e-mail with a subject and a text, as the settings say. Raises ``TouchbaseError``."""
_MAILED = "digest_mailed"


def bring(context: Context, report: RunReport, send: Send) -> None:
    """Write the day's page and mail it, each as the settings say. What fails is a problem of the run.

    Each run of a day writes the page again, but for what the user wrote at its end. The e-mail is sent once
    per day.
    """
    settings = context.settings.digest
    if settings.path is None and not settings.mail_to:
        return
    day = digest_of(report, context)
    if settings.path is not None:
        folder = context.settings.resolve(settings.path)
        try:
            private_folder(folder)
            file = folder / f"{report.today.isoformat()}.md"
            page = day.page(MOST_LINES - own_words.LINES)
            write_private(file, own_words.after(page, own_words.to_keep(file)))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            message = f"the page cannot be written to {folder}: {reason}"
            report.problems.append(Problem(where="digest", message=message, help="check [digest] path"))
    # A failed run does not know what is due, so the day's one e-mail waits for the next run.
    if settings.mail_to and not report.failed:
        try:
            _mail_once(context, day.subject(), day.page(), send)
        except TouchbaseError as error:
            report.problems.append(Problem(where="digest", message=error.message, help=error.help))


def _mail_once(context: Context, subject: str, text: str, send: Send) -> None:
    today = context.today.isoformat()
    with context.store.read() as connection:
        if values.get(connection, _MAILED) == today:
            return
    send(context.settings.digest, subject, text)
    with context.store.begin() as connection:
        values.put(connection, _MAILED, today)
