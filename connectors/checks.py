"""What `touchbase doctor` looks at: its lines, files that are read or written, secrets, addresses."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from shlex import quote
from typing import Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``touchbase doctor``; ``help`` says how to fix the problem."""

    status: Literal["ok", "warning", "error"]
    message: str
    help: str = ""


def readable(path: Path) -> Check:
    """Check a file or folder that will be read."""
    if not path.exists():
        return Check(
            "error", f"{path} does not exist", "put the file there, or correct its path in the settings"
        )
    if not (path.is_file() or path.is_dir()):
        return Check(
            "error", f"{path} is neither a file nor a folder", "correct the path, or put a file in its place"
        )
    if not os.access(path, os.R_OK):
        return Check("error", f"{path} cannot be read", f"chmod u+r {path}")
    return Check("ok", str(path))


def private(path: Path) -> Check:
    """Check a file with a secret: it can be read, and by nobody else."""
    found = readable(path)
    mode = path.stat().st_mode & 0o777 if found.status == "ok" else 0
    if mode & 0o077:
        message = f"{path} can be read by others (mode {mode:04o})"
        return Check("warning", message, f"chmod 600 {quote(str(path))}")
    return found


def is_private(url: str) -> bool:
    """Whether nobody else can read what is sent to an address: by https, or within this machine.

    >>> is_private("http://127.0.0.1:5232/"), is_private("http://dav.example/")
    (True, False)
    """
    address = urlsplit(url)
    return address.scheme == "https" or is_this_machine(address.hostname or "")


def is_this_machine(host: str) -> bool:
    """Whether a host is the machine that Touchbase runs on.

    >>> is_this_machine("127.0.0.2"), is_this_machine("::1"), is_this_machine("dav.example")
    (True, True, False)
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def writable(path: Path) -> Check:
    """Check a file or folder that will be written, or made with what is above it."""
    nearest = next(p for p in (path, *path.parents) if p.exists())
    if not os.access(nearest, os.W_OK):
        return Check(
            "error", f"{nearest} cannot be written", "make it writable, or set tasks.path to another place"
        )
    return Check("ok", str(path))
