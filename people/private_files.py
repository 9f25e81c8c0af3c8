"""Files and folders with personal data: for the user alone, whatever the umask, and replaced in one step."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

_FILE = 0o600
_FOLDER = 0o700


def private_folder(path: Path) -> None:
    """Make a folder, and its parents if they are missing, for the user alone (mode 0700).

    A folder that exists stays as it is. Raises ``OSError``.
    """
    for folder in reversed([folder for folder in path.parents if not folder.exists()]):
        folder.mkdir(mode=_FOLDER, exist_ok=True)
    path.mkdir(mode=_FOLDER, exist_ok=True)


def private_opener(path: str, flags: int) -> int:
    """Open a file for ``open(path, ..., opener=private_opener)``: one that is new gets mode 0600."""
    return os.open(path, flags, _FILE)


def create_private(path: Path) -> None:
    """Make an empty file with mode 0600 if there is none. Raises ``OSError``."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, _FILE))


def close_to_others(path: Path) -> None:
    """Take from everybody but the user the rights to a file of Touchbase's own. Another user's file stays."""
    with suppress(OSError):
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_mode & 0o077 and found.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(found.st_mode) & 0o700)


def write_private(path: Path, text: str) -> None:
    """Write text to a file that only the user can read (0600), in one step. LF stays LF.

    A file that is there already keeps a tighter mode. A device or pipe (``-o /dev/stdout``) is written to,
    and never replaced. Raises ``OSError``.
    """
    data = text.encode()
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            file.write(data)
        return
    mode = stat.S_IMODE(path.stat().st_mode) & _FILE if path.exists() else _FILE
    replace_file(path, data, mode=mode)


def replace_file(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace ``path`` with ``data`` in one step, so that a reader never sees half of it.

    A link is followed: the file that it leads to is replaced. Without ``mode`` an existing file keeps its
    own, and a new one is readable by the user alone. Raises ``OSError``.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)  # 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is None and target.exists():
            mode = target.stat().st_mode & 0o7777
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
