"""Secrets in files: where NAME is looked up, NAME_FILE may name a file that holds it.

Containers and systemd hand over secrets as files, because many tools show the environment of a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from people.errors import SettingsError
from people.regular_files import read_regular

_SUFFIX = "_FILE"
_MOST = 1 << 20


class WithFiles(Mapping[str, str]):
    """The environment ``own``, and what its files hold. A variable of its own wins over a file.

    A file is read when its variable is asked for; a line feed at its end does not count. Raises
    ``SettingsError`` if it cannot be read.
    """

    def __init__(self, own: Mapping[str, str]) -> None:
        self._own = own

    def __getitem__(self, name: str) -> str:
        if name in self._own:
            return self._own[name]
        path = Path(self._own[name + _SUFFIX])
        try:
            return read_regular(path, _MOST).decode().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise SettingsError(
                f"{name + _SUFFIX} names {path}, which cannot be read: {reason}",
                help=f"correct the path, or the rights of the file; or set {name} itself",
            ) from error

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._own or name + _SUFFIX in self._own)

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        for name in self._own:
            if name.endswith(_SUFFIX) and (held := name.removesuffix(_SUFFIX)) not in self._own:
                yield held

    def __len__(self) -> int:
        return sum(1 for _ in self)


def variable(name: str) -> str | None:
    """The value of an environment variable, or what its file holds; None if there is neither."""
    return WithFiles(os.environ).get(name)
