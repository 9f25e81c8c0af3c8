"""Send an e-mail through prefect-email."""

from __future__ import annotations

import asyncio
import os
from smtplib import SMTPException

from flows.settings.model import Digest
from people.errors import UserMustAct


def send(settings: Digest, subject: str, text: str) -> None:
    """Send one e-mail as the settings say. Raises ``UserMustAct`` with the setting to check."""
    # It takes a second to import, and only networks with [digest] mail_to send e-mail.
    from prefect_email import EmailServerCredentials, email_send_message  # noqa: PLC0415

    password = os.environ.get(settings.smtp_password_env)
    if settings.smtp_user and not password:
        raise UserMustAct(
            f"the password of {settings.smtp_user} at {settings.smtp_host} is not set",
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
