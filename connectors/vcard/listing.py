"""The files of a source: lists them, detects changes, and splits each into cards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.shared.digest_cursor import digest
from connectors.shared.files import SourceFile, find, read_bytes
from connectors.vcard import decode
from connectors.vcard.split import PARSER_VERSION, RawCard, split
from people.errors import SkipThis, SourceMissing, UserMustAct
from people.types import Problem

_SUFFIXES = (".vcf", ".vcard")


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a source, by name. ``single`` is True if the path is a file itself.

    ``encoding`` is the codec of text that is not in UTF-8, as the settings say.
    """

    source: str
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    single: bool
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class CardFile:
    """The cards of one file. ``whole`` is False if cards that were there before may be missing."""

    name: str
    cards: list[RawCard]
    problem: Problem | None = None
    whole: bool = True


def list_files(source: str, path: Path, encoding: str | None = None) -> Listing:
    """List the .vcf and .vcard files at or below ``path``, except hidden ones.

    Raises ``SourceMissing`` if ``path`` does not exist. Folders that cannot be listed are problems.
    """
    problems: list[Problem] = []

    def failed(name: str, reason: str) -> None:
        problems.append(
            Problem(
                where=f"{source}/{name}",
                message=f"the folder cannot be listed: {reason}",
                help="check the folder and its permissions",
            )
        )

    if not path.is_dir():
        if not path.exists():
            raise SourceMissing(
                f"{path} of source '{source}' does not exist",
                help="check the path of this source in touchbase.toml; a vCard file or folder belongs there",
            )
        name = path.name.encode("utf-8", "replace").decode()
        return Listing(source, (SourceFile(name, path),), (), single=True, encoding=encoding)
    files = sorted(file for suffix in _SUFFIXES for file in find(path, suffix, failed))
    return Listing(source, tuple(files), tuple(dict.fromkeys(problems)), single=False, encoding=encoding)


def state(listing: Listing) -> str:
    """A digest that changes if any card may have changed, or with a new version of the parser.

    For a folder it covers names, sizes, times and inodes, so that no file is read. For a single file it
    covers the content.
    """
    settings = f"{PARSER_VERSION} {listing.encoding or ''}"
    return digest([settings, *(_state_of(file, listing) for file in listing.files)])


def _state_of(file: SourceFile, listing: Listing) -> bytes:
    if listing.single:
        return _read(file, listing)
    try:
        stat = file.path.stat()
    except OSError:
        return f"{file.name}\0unreadable".encode()
    return f"{file.name}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ino}".encode()


def read_file(file: SourceFile, listing: Listing) -> CardFile:
    """Split one file into its cards, undecoded.

    Raises ``UserMustAct`` if the source is a single file that cannot be read. In a folder, such a file is a
    problem, and the other files are read.
    """
    where = f"{listing.source}/{file.name}"
    try:
        data = _read(file, listing)
    except SkipThis as error:
        problem = Problem(where=where, message=f"the file {error.message}", help=error.help)
        return CardFile(file.name, [], problem, whole=False)
    cards = split(decode.as_utf8(data), listing.encoding)
    if not cards:
        problem = Problem(where=where, message="the file is empty", help="remove it, or restore its card")
        return CardFile(file.name, [], problem, whole=listing.single)
    if all(card.fatal == "no-begin" for card in cards):
        problem = Problem(where=where, message="the file contains no vCard", help="export the contacts again")
        return CardFile(file.name, cards, problem, whole=False)
    if len(cards) > 1 and cards[-1].cut_short:
        problem = Problem(
            where=where, message="the last card has no end, so the file is cut short", help="export it again"
        )
        return CardFile(file.name, cards, problem, whole=False)
    return CardFile(file.name, cards)


def _read(file: SourceFile, listing: Listing) -> bytes:
    try:
        return read_bytes(file.path)
    except SkipThis as error:
        if not listing.single:
            raise
        raise UserMustAct(
            f"{file.path} of source '{listing.source}' {error.message}", help=error.help
        ) from error
