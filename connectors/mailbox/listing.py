"""Which mboxes and mail folders lie below the path of a source."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from connectors.mailbox.maildir import PARTS, is_maildir
from connectors.shared.mail.folders import UNSENT, FolderKind, kind_of
from connectors.shared.mail.utf7 import decoded
from people.text import one_line
from people.types import Problem


class Place(NamedTuple):
    """An mbox or a mail folder. ``name`` is relative to the source's path, ``folder`` is what rules test."""

    name: str
    folder: str
    path: Path

    @property
    def kind(self) -> FolderKind | None:
        """What it holds, by its name or by that of a folder above it."""
        return next((kind for part in self.folder.split("/") if (kind := kind_of(part))), None)


class Listing(NamedTuple):
    """What lies below the path of a source. Drafts, spam and the like are in ``left_out``."""

    mboxes: list[Place]
    maildirs: list[Place]
    left_out: list[Place]
    problems: list[Problem]


def listing_of(path: Path) -> Listing:
    """List an mbox, a Maildir with its subfolders, or a folder of them. What is named directly is read."""
    if not path.is_dir():
        return Listing([Place(path.name, path.stem, path)], [], [], [])
    found = Listing([], [], [], [])

    def failed(error: OSError) -> None:
        where = _text(os.path.relpath(error.filename or path, path))
        message = f"cannot be listed: {error.strerror or error}"
        found.problems.append(
            Problem(where=where, message=message, help="check the folder and its permissions")
        )

    for folder, subfolders, names in os.walk(path, onerror=failed):
        here = Path(folder)
        subfolders.sort()
        if is_maildir(here):
            _add(found.maildirs, found, _maildir(here, path))
            subfolders[:] = [name for name in subfolders if name not in (*PARTS, "tmp")]
            continue
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in sorted(names):
            if _is_mbox(name, names):
                _add(found.mboxes, found, _mbox(here / name, path))
    return found


def _add(places: list[Place], found: Listing, place: Place) -> None:
    left_out = place.kind in UNSENT and place.name != "."
    (found.left_out if left_out else places).append(place)


def _is_mbox(name: str, names: list[str]) -> bool:
    """Whether a file is an mbox by its name: Takeout's and Apple's, or Thunderbird's with its index."""
    return not name.startswith(".") and (
        name.lower().endswith(".mbox") or name == "mbox" or f"{name}.msf" in names
    )


def _mbox(path: Path, root: Path) -> Place:
    relative = path.relative_to(root)
    parts = [part.removesuffix(".sbd").removesuffix(".mbox") for part in relative.parts]
    # Apple's export is a folder "Name.mbox" with a file "mbox".
    folder = parts[:-1] if relative.name == "mbox" and len(parts) > 1 else parts
    return Place(_text(relative.as_posix()), _text("/".join(folder)), path)


def _maildir(path: Path, root: Path) -> Place:
    """A mail folder. In a Maildir, the subfolder Old of Work is named ``.Work.Old``."""
    relative = path.relative_to(root)
    parts = [
        part
        for name in relative.parts
        for part in (name[1:].split(".") if name.startswith(".") else [name])
        if part
    ]
    return Place(_text(relative.as_posix()), _text("/".join(map(decoded, parts)) or "INBOX"), path)


def _text(name: str) -> str:
    return one_line(name.encode("utf-8", "replace").decode())
