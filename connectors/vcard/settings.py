"""Settings of vCard files."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from connectors.base import FileSource, Surroundings
from people.types import RecordKind

if TYPE_CHECKING:
    from connectors.vcard.source import VCardSource


class VCardSettings(FileSource):
    """A .vcf file, or a folder of them."""

    tells: ClassVar[frozenset[RecordKind]] = frozenset({"contacts"})
    example: ClassVar[str] = """\
[[sources]]
name = "phone"
type = "vcard"
path = "contacts"                # a .vcf file, or a folder of them
"""

    type: Literal["vcard"]

    def open(self, around: Surroundings) -> VCardSource:
        """Make the source. Cards that the store holds are not read again."""
        from connectors.vcard.source import VCardSource  # noqa: PLC0415 - vobject is slow to import

        path = around.path(self.path)
        return VCardSource(
            self.name, path, known=around.known_cards, pool=around.pool, progress=around.progress
        )
