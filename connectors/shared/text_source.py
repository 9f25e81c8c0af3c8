"""Settings of sources that are text files: the encoding of what is not in UTF-8."""

from __future__ import annotations

from pydantic import field_validator

from connectors.base import FileSource
from connectors.shared.charsets import codec_of


class TextSource(FileSource):
    """A source that is a text file, or a folder of them.

    ``encoding`` is the character set of lines that are not in UTF-8 and whose own is not known from the file,
    such as ``windows-1250``.
    """

    encoding: str | None = None

    @field_validator("encoding", mode="after")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        if value is not None and codec_of(value) is None:
            msg = f"'{value}' is not a known encoding; use a name such as windows-1250, shift_jis or koi8-r"
            raise ValueError(msg)
        return value

    @property
    def codec(self) -> str | None:
        """The codec that ``encoding`` names."""
        return codec_of(self.encoding) if self.encoding else None
