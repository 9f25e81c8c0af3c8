"""Where a DAV account is."""

from __future__ import annotations

from typing import NamedTuple


class Server(NamedTuple):
    """Where to ask. The login also goes to hosts within ``domain``, which a redirect may name."""

    url: str
    domain: str | None = None
