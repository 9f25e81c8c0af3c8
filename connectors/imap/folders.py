"""The folders of an account, and which of them are read: by their flags first, then by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.imap.session import Answer, CommandFailed, Session
from connectors.shared.mail.folders import UNSENT, kind_of
from connectors.shared.mail.utf7 import decoded
from people.text import did_you_mean, one_line

COUNTS = "MESSAGES UIDNEXT UIDVALIDITY"

_LINE = re.compile(rb'\(([^)]*)\)\s+(NIL|"(?:[^"\\]|\\.)*")\s+(.*)', re.DOTALL)
_NAME = re.compile(rb'"((?:[^"\\]|\\.)*)"|([^\s()"]+)')
_COUNT = re.compile(rb"(MESSAGES|UIDNEXT|UIDVALIDITY)\s+(\d+)", re.IGNORECASE)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"\s+(?:"(?:[^"\\]|\\.)*"|NIL)')
_TOPS = frozenset({"inbox", "[gmail]", "[google mail]"})
_LEFT_OUT = {
    "\\drafts": "\\Drafts", "\\junk": "\\Junk", "\\trash": "\\Trash", "\\spam": "\\Spam",
}  # fmt: skip
_VIEWS = {"\\all": "\\All", "\\flagged": "\\Flagged", "\\important": "\\Important"}


class Counts(NamedTuple):
    """What STATUS says of a folder; None is what it does not say."""

    messages: int | None = None
    uid_next: int | None = None
    uid_validity: int | None = None


UNKNOWN = Counts()


@dataclass(frozen=True)
class Folder:
    """One folder. ``raw`` is its full path as IMAP writes it, ``name`` as people do, with slashes."""

    raw: str
    name: str
    flags: frozenset[str] = frozenset()
    counts: Counts = UNKNOWN

    @property
    def holds_mail(self) -> bool:
        """Whether it can be opened. A parent of folders often cannot."""
        return not self.flags & {"\\noselect", "\\nonexistent"}

    @property
    def parts(self) -> list[str]:
        """The path without INBOX or [Gmail] at its start."""
        parts = self.name.split("/")
        return parts[1:] if len(parts) > 1 and parts[0].lower() in _TOPS else parts


class Choice(NamedTuple):
    """A folder and why it is read, or not. ``sent`` holds mail that the user wrote."""

    folder: Folder
    why: str
    sent: bool = False


@dataclass
class Chosen:
    """The folders to read and the others.

    ``missing`` are names in the settings that no folder has, each with a hint. ``by_name`` says that the
    settings name the folders. ``sent`` are all that hold sent mail, read or not.
    """

    by_name: bool = False
    read: list[Choice] = field(default_factory=list)
    left_out: list[Choice] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    sent: list[Folder] = field(default_factory=list)


def folders_of(session: Session) -> list[Folder]:
    """List the account's own folders, with their counts if the server gives them at once."""
    options = []
    if "LIST-EXTENDED" in session.capabilities:
        options += ["SPECIAL-USE"] if "SPECIAL-USE" in session.capabilities else []
        options += [f"STATUS ({COUNTS})"] if "LIST-STATUS" in session.capabilities else []
    answer = session.list_folders(f"RETURN ({' '.join(options)})" if options else "")
    counts = dict(filter(None, map(_counted, _lines(session.leftover("STATUS")))))
    foreign = _foreign(session)
    found = {}
    for line in _lines(answer):
        folder = _folder(line)
        if folder is not None and not folder.raw.startswith(foreign):
            found[folder.raw] = Folder(folder.raw, folder.name, folder.flags, counts.get(folder.raw, UNKNOWN))
    return list(found.values())


def counts_of(session: Session, folder: Folder) -> Counts:
    """Ask for the counts of one folder. Raises ``CommandFailed``."""
    found = map(_counted, _lines(session.status(folder.raw, f"({COUNTS})")))
    return next((item[1] for item in found if item is not None), UNKNOWN)


def choose(folders: Sequence[Folder], wanted: Sequence[str] | None, *, is_gmail: bool) -> Chosen:
    """Choose the folders to read: those named ``wanted``, or all that may hold mail that somebody sent.

    Gmail shows a mail in each of its labels, so there only the folder of all mail is read.
    """
    usable = [folder for folder in folders if folder.holds_mail]
    chosen = Chosen(by_name=wanted is not None, sent=_sent(usable))
    if wanted is not None:
        return _named(chosen, usable, wanted)
    everything = [folder for folder in usable if "\\all" in folder.flags] if is_gmail else []
    for folder in everything or usable:
        reason = None if everything else _reason_against(folder)
        if reason is not None:
            chosen.left_out.append(Choice(folder, reason))
        elif everything:
            chosen.read.append(Choice(folder, "all mail, marked as \\All"))
        else:
            sent = folder in chosen.sent
            chosen.read.append(Choice(folder, _reason_for(folder, sent=sent), sent))
    return chosen


def _named(chosen: Chosen, usable: Sequence[Folder], wanted: Sequence[str]) -> Chosen:
    by_name = {_key(name): folder for folder in usable for name in (folder.name, folder.raw)}
    for name in wanted:
        folder = by_name.get(_key(name))
        if folder is None:
            hint = did_you_mean(name, [one.name for one in usable], otherwise="see: touchbase doctor")
            chosen.missing.append((name, hint))
        else:
            chosen.read.append(Choice(folder, "named in the settings", folder in chosen.sent))
    return chosen


def _key(name: str) -> str:
    """A name as it is compared: only INBOX may be written in any case (RFC 3501, 5.1)."""
    return "INBOX" if name.upper() == "INBOX" else name


def _sent(folders: Sequence[Folder]) -> list[Folder]:
    """The folders of sent mail: those with the flag, and those with such a name.

    A flagged folder may be empty while a mail program files its copies in another one.
    """
    return [
        folder
        for folder in folders
        if "\\sent" in folder.flags or any(kind_of(part) == "sent" for part in folder.parts)
    ]


def _reason_against(folder: Folder) -> str | None:
    for flag in sorted(folder.flags):
        if flag in _LEFT_OUT:
            return f"marked as {_LEFT_OUT[flag]}"
        if flag in _VIEWS:
            return f"marked as {_VIEWS[flag]}: it shows mail of other folders"
    # A folder "Drafts" further below may hold mail about drafts.
    return "by its name" if kind_of(folder.parts[0]) in UNSENT and "\\sent" not in folder.flags else None


def _reason_for(folder: Folder, *, sent: bool) -> str:
    if folder.name.upper() == "INBOX":
        return "the inbox"
    if sent:
        return "sent mail, marked as \\Sent" if "\\sent" in folder.flags else "sent mail, by its name"
    return "the archive, marked as \\Archive" if "\\archive" in folder.flags else "a folder of yours"


def _lines(answer: Answer) -> list[bytes]:
    """The lines of an answer; a name that came as a literal is put into quotes."""
    lines: list[bytes] = []
    begun = b""
    for part in answer:
        if isinstance(part, tuple):
            literal = part[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            begun += part[0].rpartition(b"{")[0] + b'"' + literal + b'"'
        elif isinstance(part, bytes):
            lines.append(begun + part)
            begun = b""
    return [*lines, begun] if begun else lines


def _folder(line: bytes) -> Folder | None:
    match = _LINE.match(line)
    named = _NAME.match(match.group(3)) if match else None
    if match is None or named is None:
        return None
    raw = _name(named)
    delimiter = match.group(2).strip(b'"').decode("ascii", "replace")
    flags = frozenset(match.group(1).decode("ascii", "replace").lower().split())
    name = decoded(raw)
    if match.group(2) != b"NIL" and delimiter:
        name = name.replace(delimiter, "/")
    return Folder(raw, one_line(name), flags)


def _counted(line: bytes) -> tuple[str, Counts] | None:
    named = _NAME.match(line)
    if named is None:
        return None
    found = {key.upper(): int(number) for key, number in _COUNT.findall(line, named.end())}
    return _name(named), Counts(found.get(b"MESSAGES"), found.get(b"UIDNEXT"), found.get(b"UIDVALIDITY"))


def _name(match: re.Match[bytes]) -> str:
    text, atom = match.groups()
    raw = _ESCAPED.sub(rb"\1", text) if atom is None else atom
    return raw.decode("utf-8", "replace")


def _foreign(session: Session) -> tuple[str, ...]:
    """What the paths of other people's and of shared folders begin with."""
    if "NAMESPACE" not in session.capabilities:
        return ()
    try:
        line = b" ".join(_lines(session.namespaces()))
    except CommandFailed:
        return ()
    return tuple(prefix for prefix in _prefixes(line) if prefix)


def _prefixes(line: bytes) -> list[str]:
    """The prefixes in the second and third list of a NAMESPACE answer (RFC 2342)."""
    found, depth, lists, at = [], 0, 0, 0
    while at < len(line):
        quoted = _QUOTED.match(line, at) if depth == 2 else None
        if quoted:
            if lists > 1:
                found.append(_ESCAPED.sub(rb"\1", quoted.group(1)).decode("utf-8", "replace"))
            at = quoted.end()
            continue
        if line[at : at + 1] == b"(":
            depth += 1
            lists += depth == 1
        elif line[at : at + 1] == b")":
            depth -= 1
        elif depth == 0 and line[at : at + 3].upper() == b"NIL":
            lists += 1
            at += 2
        at += 1
    return found
