"""THE list of connectors. To add one, write its folder and name its settings class here.

The settings, ``touchbase doctor``, ``touchbase init`` and every run take their connectors from these tuples.
"""

from __future__ import annotations

from connectors.android.settings import AndroidSettings
from connectors.base import Connector, SinkSettings, SourceSettings, type_of
from connectors.caldav.settings import CalDavSettings, CalDavTasks
from connectors.carddav.settings import CardDavSettings
from connectors.csv.settings import CsvSettings
from connectors.google.settings import GoogleSettings, GoogleTasks
from connectors.ics.settings import IcsSettings
from connectors.imap.settings import ImapSettings
from connectors.inbox.settings import InboxSettings
from connectors.interactions.settings import InteractionsSettings
from connectors.journal.settings import JournalSettings
from connectors.linkedin.settings import LinkedInSettings
from connectors.mailbox.settings import MailboxSettings
from connectors.markdown.settings import MarkdownTasks
from connectors.vcard.settings import VCardSettings
from connectors.vtodo.settings import VtodoTasks

SOURCES: tuple[type[SourceSettings], ...] = (
    VCardSettings,
    IcsSettings,
    CardDavSettings,
    CalDavSettings,
    LinkedInSettings,
    CsvSettings,
    GoogleSettings,
    ImapSettings,
    MailboxSettings,
    JournalSettings,
    InboxSettings,
    InteractionsSettings,
    AndroidSettings,
)
"""Where people and meetings come from, in the order in which ``touchbase init`` offers them."""

SINKS: tuple[type[SinkSettings], ...] = (VtodoTasks, MarkdownTasks, CalDavTasks, GoogleTasks)
"""Where follow-ups become tasks. The first one is the default."""


def types() -> list[str]:
    """Every ``type`` that the settings accept, sorted."""
    connectors: tuple[type[Connector], ...] = (*SOURCES, *SINKS)
    return sorted({type_of(connector) for connector in connectors})
