"""Settings of mail in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from connectors.base import Check, FileSource, Surroundings
from connectors.questions import Question
from connectors.shared.mail.settings import Since

if TYPE_CHECKING:
    from connectors.mailbox.source import MailboxSource


class MailboxSettings(FileSource):
    """Mail in files: an mbox, a Maildir, or a folder of them. Only headers are read, and since ``since``.

    ``subjects`` keeps the subject of each mail.
    """

    tells = frozenset({"messages"})
    title = "mail in files: an mbox, a Maildir, or a folder of them"
    asks = (Question("path"),)
    example = """\
[[sources]]
name = "archive"
type = "mailbox"
path = "mail.mbox"               # an mbox (Google Takeout), a Maildir, or a folder of them
since = "10y"                    # only headers are read: docs/mail.md
"""

    type: Literal["mailbox"]
    since: Since = "10y"
    subjects: bool = False

    def open(self, around: Surroundings) -> MailboxSource:
        """Make the source."""
        from connectors.mailbox.source import MailboxSource  # noqa: PLC0415 - few networks have mail in files

        return MailboxSource(
            self.name,
            around.path(self.path),
            my_emails=around.me.emails,
            today=around.today,
            since=self.since,
            subjects=self.subjects,
            progress=around.progress,
        )

    def check(self, around: Surroundings) -> Check:
        """Say whether the path can be read, and which mail lies there."""
        found = super().check(around)
        return found if found.status != "ok" else self.open(around).check()
