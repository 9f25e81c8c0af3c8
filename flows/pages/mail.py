"""Bringing the digest to the user: a page in a folder, and an e-mail by prefect-email."""

from __future__ import annotations

import asyncio
import os
from smtplib import SMTPException

from flows.pages import digest
from flows.run.context import Context
from flows.run.report import RunReport
from flows.settings.model import Digest
from people.errors import TouchbaseError, UserMustAct
from people.store.db import values
from people.types import Problem

_MAILED = "digest_mailed"


def bring(context: Context, report: RunReport) -> None:
    """Write the day's page and mail it, each as the settings say; what fails is a problem of the run.

    The page is written anew by each run of a day, the mail is sent once.
    """
    settings = context.settings.digest
    text = digest.page(report, context.store, context.settings.tasks.capacity_per_day)
    if settings.path is not None:
        folder = context.settings.resolve(settings.path)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{report.today.isoformat()}.md").write_text(text, "utf-8")
        except OSError as error:
            message = f"the page cannot be written to {folder}: {error.strerror or error}"
            report.problems.append(Problem(where="digest", message=message, help="check [digest] path"))
    # The day's one mail is for a run that knows what is due.
    if settings.mail_to and not report.failed:
        try:
            _mail_once(context, report, text)
        except TouchbaseError as error:
            report.problems.append(Problem(where="digest", message=error.message, help=error.help))


def _mail_once(context: Context, report: RunReport, text: str) -> None:
    today = report.today.isoformat()
    with context.store.read() as connection:
        if values.get(connection, _MAILED) == today:
            return
    _mail(context.settings.digest, f"Follow-ups of {today}", text)
    with context.store.begin() as connection:
        values.put(connection, _MAILED, today)


def _mail(settings: Digest, subject: str, text: str) -> None:
    # prefect-email takes a second to import, and few need it.
    from prefect_email import EmailServerCredentials, email_send_message  # noqa: PLC0415

    password = os.environ.get(settings.smtp_password_env)
    if settings.smtp_user and not password:
        raise UserMustAct(
            f"the password of {settings.smtp_user} at {settings.smtp_host} is not known",
            help=f"put it into the environment variable {settings.smtp_password_env}",
        )
    server = EmailServerCredentials(
        username=settings.smtp_user or None,
        password=password or "",
        smtp_server=settings.smtp_host,
        smtp_type=settings.smtp_security,
        smtp_port=settings.smtp_port,
    )
    try:
        asyncio.run(
            email_send_message.fn(
                subject=subject,
                msg="",
                msg_plain=text,
                email_server_credentials=server,
                email_from=settings.mail_from or settings.mail_to[0],
                email_to=list(settings.mail_to),
            )
        )
    except (SMTPException, OSError) as error:
        raise UserMustAct(
            f"the e-mail could not be sent by {settings.smtp_host}: {type(error).__name__}",
            help="check [digest] smtp_host, smtp_port, smtp_security and smtp_user in touchbase.toml",
        ) from error
