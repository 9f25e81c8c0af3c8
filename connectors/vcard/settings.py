"""Settings of vCard files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from connectors.base import FileSource, Surroundings

if TYPE_CHECKING:
    from connectors.vcard.source import VCardSource


class VCardSettings(FileSource):
    """A .vcf file, or a folder of them."""

    tells = frozenset({"contacts"})
    example = """\
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
