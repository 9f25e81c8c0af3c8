"""A real DNS server on 127.0.0.1 that answers from a list, and this process asking it for everything."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset


@dataclass
class Zone:
    """Records by name and type, as in a zone file: ``{("_caldavs._tcp.doe.test", "SRV"): ["0 0 443 ."]}``.

    A host without an address of its own is 127.0.0.1. ``silent`` answers nothing, as a firewall does.
    """

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    silent: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, wire: bytes) -> bytes | None:
        """The answer to one request; None for none."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if self.silent and kind != "A":
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        found = self.records.get((name, kind), ["127.0.0.1"] if kind == "A" else [])
        if found:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        elif not any(known == name for known, _ in self.records) and kind != "AAAA":
            answer.set_rcode(dns.rcode.NXDOMAIN)
        wire_back: bytes = answer.to_wire()
        return wire_back


@contextmanager
def dns_server(zone: Zone) -> Iterator[None]:
    """Answer from ``zone``. Until the block ends, this process resolves all names there."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, socket = self.request
            if (answer := zone.answer(wire)) is not None:
                socket.sendto(answer, self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        dns.resolver.override_system_resolver(resolver)
        before, dns.resolver.default_resolver = dns.resolver.default_resolver, resolver
        try:
            yield
        finally:
            dns.resolver.default_resolver = before
            dns.resolver.restore_system_resolver()
            server.shutdown()
