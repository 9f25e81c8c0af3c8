"""Settings of vCard files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar, Literal

from connectors.base import Check, Surroundings
from connectors.questions import Question
from connectors.shared.text_source import TextSource

if TYPE_CHECKING:
    from connectors.vcard.source import VCardSource


class VCardSettings(TextSource):
    """A .vcf file, or a folder of them.

    With ``add_here``, ``touchbase add`` writes new people into the folder.
    """

    tells = frozenset({"contacts"})
    title = "a .vcf file, or a folder of them"
    asks = (Question("path"),)
    example = """\
[[sources]]
name = "phone"
type = "vcard"
path = "contacts"                # a .vcf file, or a folder of them
"""

    own_folder: ClassVar[str] = """\
[[sources]]
name = "added"
type = "vcard"
path = "people"
add_here = true                    # touchbase add writes new people here
"""

    type: Literal["vcard"]
    add_here: bool = False

    def check(self, around: Surroundings) -> Check:
        """Say whether the path can be read, and written if new people go there."""
        path = around.path(self.path)
        if self.add_here and path.is_file():
            remedy = "make path a folder, or remove add_here from this source"
            return Check("error", f"{path} is a file, so touchbase add cannot write cards into it", remedy)
        if self.add_here and path.is_dir() and not os.access(path, os.W_OK):
            return Check("error", f"{path} cannot be written", f"chmod u+w {path}")
        return super().check(around)

    def open(self, around: Surroundings) -> VCardSource:
        """Make the source. Cards that the store holds are not read again."""
        from connectors.vcard.source import VCardSource  # noqa: PLC0415 - vobject is slow to import

        path = around.path(self.path)
        return VCardSource(
            self.name,
            path,
            known=around.known_cards,
            pool=around.pool,
            progress=around.progress,
            encoding=self.codec,
        )
