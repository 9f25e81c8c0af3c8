"""A network of two address books, ``phone`` and ``outlook``, without rules; run once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.support.demo import command

_CARD = "BEGIN:VCARD\nVERSION:3.0\nUID:{0}\nFN:{1} {2}\nN:{2};{1};;;\n{3}END:VCARD\n"


def card(uid: str, given: str, family: str, lines: str = "") -> str:
    """A card with further lines, each with its line end."""
    return _CARD.format(uid, given, family, lines)


def two_books(folder: Path, phone: Iterable[str], outlook: Iterable[str]) -> Path:
    """Write both books and run once. Returns the settings file."""
    (folder / "rules").mkdir()
    config = folder / "touchbase.toml"
    text = '[me]\nname="Me"\nregion="GB"\n'
    for name, cards in (("phone", phone), ("outlook", outlook)):
        (folder / f"{name}.vcf").write_text("".join(cards))
        text += f'[[sources]]\nname="{name}"\ntype="vcard"\npath="{name}.vcf"\n'
    config.write_text(text)
    command("run", "--config", config)
    return config
