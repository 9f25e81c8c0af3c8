"""Where a DAV account is."""

from __future__ import annotations

from typing import NamedTuple


class Server(NamedTuple):
    """Where to ask. The login also goes to hosts within ``domain``, which a redirect may name.

    With ``mail_domain``, the domain of a mail address, DNS says where the server is (RFC 6764). Then ``url``
    only names the account.
    """

    url: str
    domain: str | None = None
    mail_domain: str | None = None
