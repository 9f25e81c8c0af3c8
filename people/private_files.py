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

    A file that is there already keeps a tighter mode. A link, a pipe or a device of this name is replaced,
    and never written to. Raises ``OSError``.
    """
    mode = stat.S_IMODE(path.lstat().st_mode) & _FILE if _is_file(path) else _FILE
    replace_file(path, text.encode(), mode=mode)


def write_output(path: Path, text: str) -> None:
    """Write text where the user says (``-o``): as ``write_private`` does, but through a link.

    A device or pipe (``-o /dev/stdout``) is written to, and never replaced. Raises ``OSError``.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            file.write(text.encode())
    else:
        write_private(path.resolve(), text)


def replace_file(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace ``path`` with ``data`` in one step, so that a reader never sees half of it.

    A link is not followed: the new file takes its place. Without ``mode`` an existing file keeps its own,
    and a new one is readable by the user alone. A caller whose user may have put a link there passes
    ``path.resolve()``. Raises ``OSError``.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}."[:200], suffix=".tmp", dir=path.parent)  # 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is None and _is_file(path):
            mode = stat.S_IMODE(path.lstat().st_mode)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _is_file(path: Path) -> bool:
    """Whether there is a regular file, and not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
