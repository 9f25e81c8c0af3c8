"""Settings of an Android phone's calls and messages."""

from __future__ import annotations

from typing import Literal

from connectors.android.source import AndroidSource
from connectors.base import FileSource, Surroundings


class AndroidSettings(FileSource):
    """A backup of the app SMS Backup & Restore, or a folder of them."""

    tells = frozenset({"journal"})
    example = """\
[[sources]]
name = "android"
type = "android"
path = "phone-backups"           # sms-*.xml and calls-*.xml of SMS Backup & Restore
"""

    type: Literal["android"]

    def open(self, around: Surroundings) -> AndroidSource:
        """Make the source."""
        return AndroidSource(self.name, around.path(self.path), zone=around.me.zone, region=around.me.region)
