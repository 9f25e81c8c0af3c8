"""Read files that may be odd: only regular ones, and no larger ones than a limit. Nothing here blocks.

Where a file is expected there may be a FIFO, which blocks for ever, a device without an end, a socket, or a
link that leads elsewhere.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

TEXT_LIMIT = 4 * 1024 * 1024
"""Bytes of a file that a person writes: settings, rules, decisions. A larger one is something else."""


class NotRegular(OSError):
    """There is something else than a regular file; ``strerror`` says what."""


class TooLarge(OSError):
    """The file is larger than the limit; ``strerror`` names it."""


def open_regular(path: Path, *, buffering: int = -1) -> BinaryIO:
    """Open a regular file of any size. Raises ``NotRegular``, or another ``OSError``."""
    _check(path, path.stat())
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        # It may be another one by now.
        _check(path, os.fstat(descriptor))
        return os.fdopen(descriptor, "rb", buffering=buffering)
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path, limit: int = TEXT_LIMIT) -> bytes:
    """Read a regular file of at most ``limit`` bytes. Raises ``NotRegular``, ``TooLarge`` or ``OSError``."""
    try:
        with open_regular(path) as file:
            # The size of a file that grows, or of one in /proc, is not what is read.
            data = file.read(limit + 1) if os.fstat(file.fileno()).st_size <= limit else None
    except FileNotFoundError:
        if path.is_symlink():
            raise NotRegular(errno.ELOOP, "the link leads nowhere", str(path)) from None
        raise
    if data is None or len(data) > limit:
        raise TooLarge(errno.EFBIG, f"it is larger than {max(1, limit >> 20)} MiB", str(path))
    return data


def read_inside(path: Path, limit: int = TEXT_LIMIT) -> bytes:
    """Read a file as ``read_regular`` does, but through no link that leaves the folder of ``path``."""
    real = path.resolve()
    if not real.is_relative_to(path.parent.resolve()):
        raise NotRegular(errno.ELOOP, "it is a link that leads out of its folder", str(path))
    return read_regular(real, limit)


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotRegular(errno.EINVAL, "it is not a regular file", str(path))
