"""Links that call or write to people. What is not a valid number or address stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from people.phones import as_dialled, callable_number
from people.tasks import Channel
from people.text import one_line

_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[^\W_](?:[^\W_]|-(?=[^\W_]|-))*"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
"""The addresses that people have: words with dots, an @, and a domain (RFC 5322, 3.4.1, without quotes)."""
_LONGEST_ADDRESS = 254


class Link(NamedTuple):
    """A number or an address as text, and where it leads; None if it is not valid."""

    text: str
    href: str | None


def ways(phones: Iterable[str], emails: Iterable[str], channel: Channel, region: str) -> list[Link]:
    """Return the best number and the best address, that of the channel first.

    A valid one comes before one that is not. ``region`` is where the user dials (``GB``).
    """
    best = [_best(phone_link(one, region) for one in phones), _best(email_link(one) for one in emails)]
    return [link for link in (reversed(best) if channel == "email" else best) if link]


def phone_link(written: str, region: str) -> Link:
    """Return the number as the user dials it.

    >>> phone_link("+447700900133", "GB")
    Link(text='07700 900133', href='tel:+447700900133')
    >>> phone_link("ask at the desk", "GB")
    Link(text='ask at the desk', href=None)
    """
    number = callable_number(written, region)
    return Link(one_line(as_dialled(written, region)), f"tel:{number}" if number else None)


def email_link(written: str) -> Link:
    """Return the address; a character that has a meaning in links is encoded (RFC 6068).

    >>> email_link("a&b@firm.example")
    Link(text='a&b@firm.example', href='mailto:a%26b@firm.example')
    >>> email_link("x@y.example?bcc=all@z.example").href
    """
    text = one_line(written)
    valid = len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text)
    return Link(text, f"mailto:{quote(text, safe='@')}" if valid else None)


def _best(links: Iterable[Link]) -> Link | None:
    found = [link for link in links if link.text]
    return next((link for link in found if link.href), next(iter(found), None))
