"""Send the digest as an e-mail."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage

from flows.settings.model import Digest
from flows.settings.secret_files import variable
from people.errors import UserMustAct

_TIMEOUT = 30.0
_PORTS = {"STARTTLS": 587, "SSL": 465, "INSECURE": 25}


def send(settings: Digest, subject: str, text: str) -> None:
    """Send one e-mail as the settings say: a Markdown text, and the same as HTML for a phone.

    Raises ``UserMustAct`` with the setting to check.
    """
    password = variable(settings.smtp_password_env)
    if settings.smtp_user and not password:
        raise UserMustAct(
            f"the password of {settings.smtp_user} at {settings.smtp_host} is not set",
            help=f"put it into the environment variable {settings.smtp_password_env}",
        )
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = settings.mail_from or settings.mail_to[0]
    message["To"] = ", ".join(settings.mail_to)
    message.set_content(text)
    message.add_alternative(_html(text), subtype="html")
    try:
        with _server(settings) as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, password or "")
            server.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        raise UserMustAct(
            f"the e-mail could not be sent by {settings.smtp_host}: {type(error).__name__}",
            help="check [digest] smtp_host, smtp_port, smtp_security and smtp_user in touchbase.toml",
        ) from error


def _html(text: str) -> str:
    """The Markdown text as a small page. HTML in it is shown, and not obeyed."""
    # Only networks with [digest] mail_to send e-mail.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    body = MarkdownIt("commonmark", {"html": False}).render(text)
    style = "font: 16px/1.4 sans-serif; max-width: 40em"
    return f'<!doctype html><html><body style="{style}">{body}</body></html>'


def _server(settings: Digest) -> smtplib.SMTP:
    """Connect to the mail server. Its certificate is checked, unless ``smtp_security`` is INSECURE."""
    port = settings.smtp_port or _PORTS[settings.smtp_security]
    if settings.smtp_security == "SSL":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(settings.smtp_host, port, timeout=_TIMEOUT, context=context)
    server = smtplib.SMTP(settings.smtp_host, port, timeout=_TIMEOUT)
    if settings.smtp_security == "STARTTLS":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server
