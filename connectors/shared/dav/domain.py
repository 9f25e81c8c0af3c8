"""Where the domain of a mail address has its address books or calendars: DNS and /.well-known (RFC 6764)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import dns.exception
import dns.resolver
from publicsuffixlist import PublicSuffixList

from people.errors import UserMustAct

_PATIENCE = 5.0
_HTTPS = 443
_HOST = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*")
"""A name in DNS may hold any byte: with a slash or an @ in it, it would be another host in an address."""


class Places(NamedTuple):
    """Addresses to ask, the best first; and for the reader of an error, why there are not more."""

    urls: list[str]
    remarks: list[str]


class MailDomain:
    """The domain of a mail address, asked for ``carddav`` or ``caldav``."""

    def __init__(self, name: str, service: str) -> None:
        self.name = name
        self._service = service
        self._suffixes = PublicSuffixList()
        self._remarks: list[str] = []

    @property
    def registered(self) -> str | None:
        """The domain that was registered, whose owner speaks for all hosts within it; None if there is none.

        ``mail.doe.co.uk`` gives ``doe.co.uk``. Names below which anybody can register, such as ``co.uk``, are
        those of the Public Suffix List.
        """
        return self._registered(self.name)

    def places(self) -> Places:
        """Where to ask, in the order of RFC 6764, 6.

        SRV records come first, by priority and weight, each with the path in TXT. A record that leads out of
        the registered domain is left out, because whoever forges an answer of DNS would get the password.
        Without a record, the domain itself is asked. Raises ``UserMustAct`` if the domain says that it has no
        such service.
        """
        self._remarks = []
        record = f"_{self._service}s._tcp.{self.name}"
        servers = list(self._servers(record))
        if servers and not any(host for host, _ in servers):
            raise UserMustAct(
                f"{self.name} says that it has no server for this (SRV record {record})",
                help="put the address of the server into url, if there is one",
            )
        own = [(host, port) for host, port in servers if self._is_own(host, record)]
        path = self._path(record) if own else None
        urls = [url for host, port in own for url in self._steps(host, port, path)]
        if not urls:
            self._remarks += [] if self._remarks else [self._why_none()]
            urls = self._steps(self.name, _HTTPS, None)
        return Places(list(dict.fromkeys(urls)), self._remarks)

    def _registered(self, host: str) -> str | None:
        found: str | None = self._suffixes.privatesuffix(host)
        return found

    def _steps(self, host: str, port: int, path: str | None) -> list[str]:
        root = f"https://{host}" if port == _HTTPS else f"https://{host}:{port}"
        return [f"{root}{step}" for step in (path, f"/.well-known/{self._service}", "/") if step]

    def _servers(self, record: str) -> Iterator[tuple[str, int]]:
        """The hosts and ports of SRV records, the best first; an empty host says that there is no service."""
        for found in sorted(self._ask(record, "SRV"), key=lambda one: (one.priority, -one.weight)):
            yield str(found.target).rstrip(".").lower(), found.port

    def _is_own(self, host: str, record: str) -> bool:
        if not _HOST.fullmatch(host):
            self._remarks.append(f"the SRV record {record} names no host")
            return False
        if host != self.name and (self.registered is None or self._registered(host) != self.registered):
            self._remarks.append(
                f"{self.name} names the server {host} of another domain, where the password is not sent"
            )
            return False
        return True

    def _why_none(self) -> str:
        if any(self._ask(f"_{self._service}._tcp.{self.name}", "SRV")):
            return f"{self.name} names a server for http only, where others can read the password"
        return f"{self.name} has no SRV record for it"

    def _path(self, record: str) -> str | None:
        """The path in the TXT record beside an SRV record: ``path=/dav``."""
        for found in self._ask(record, "TXT"):
            for text in found.strings:
                key, _, path = text.decode("utf-8", "replace").partition("=")
                if key.lower() == "path" and path.startswith("/"):
                    return quote(path, safe="/%:@~+,;=!$&'()*")
        return None

    def _ask(self, record: str, kind: str) -> list[Any]:
        try:
            return list(dns.resolver.resolve(f"{record}.", kind, lifetime=_PATIENCE, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            # A network may let nothing through but https. Then the domain itself is asked.
            self._remarks.append(f"DNS does not answer for {record} ({type(error).__name__})")
            return []
