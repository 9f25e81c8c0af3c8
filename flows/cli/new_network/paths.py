"""Paths as people type them or drop them on a terminal."""

from __future__ import annotations

import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit


def typed(text: str) -> Path:
    r"""Return the path in ``text``: without quotes, escapes and ``file://`` that a terminal adds.

    >>> typed("'/home/alex/My Contacts.vcf' ").as_posix()
    '/home/alex/My Contacts.vcf'
    >>> typed(r"/home/alex/My\ Contacts.vcf").as_posix()
    '/home/alex/My Contacts.vcf'
    >>> typed("file:///home/alex/My%20Contacts.vcf").as_posix()
    '/home/alex/My Contacts.vcf'
    >>> typed("Alex's cards").as_posix()
    "Alex's cards"
    """
    text = text.strip()
    if text.startswith("file://"):
        return Path(unquote(urlsplit(text).path))
    if Path(text).expanduser().exists():
        return Path(text)
    try:
        words = shlex.split(text)
    except ValueError:  # one quotation mark alone: it is part of the name
        words = []
    return Path(words[0] if len(words) == 1 else text)


def found(text: str, folder: Path) -> Path:
    """Return the typed path of something that exists, as seen from here or from the network's ``folder``."""
    path = typed(text)
    here, there = path.expanduser(), folder / path.expanduser()
    return path if here.exists() or not there.exists() else there


def written(path: Path, folder: Path) -> str:
    """Return ``path`` as the settings in ``folder`` have it: relative inside it, else absolute or with ~."""
    absolute = path.expanduser().absolute()
    if absolute.is_relative_to(folder):
        return absolute.relative_to(folder).as_posix()
    return str(path if path.parts[:1] == ("~",) else absolute)
