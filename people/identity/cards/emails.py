"""E-mail addresses: one spelling per mailbox, its parts, and whether it belongs to one person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from people.identity.cards.words import word_group

_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_ROLES = word_group("roles")
FREE_MAIL = word_group("free-mail")
"""Domains where anyone can get an address: a shared one does not make two people colleagues."""

_NOT_LETTERS = re.compile(r"[^a-z]+")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_SEPARATOR = re.compile(r"[._\-\d]+")


@lru_cache(maxsize=65536)
def canonical(address: str) -> str:
    """The mailbox of an address, in lower case; '' if the text is not an address.

    Removes dots and +tags only for gmail.com and googlemail.com, which ignore them.
    """
    local, at, domain = address.strip().lower().removeprefix("mailto:").rpartition("@")
    domain = domain.rstrip(".")
    if not at or not local or "." not in domain or " " in local:
        return ""
    if domain in _GMAIL:
        local, domain = local.partition("+")[0].replace(".", ""), "gmail.com"
    return f"{local}@{domain}" if local else ""


def untagged(address: str) -> str:
    """A canonical address without its +tag, which many providers deliver to the same mailbox."""
    if "+" not in address:
        return address
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


class Mailbox(NamedTuple):
    """The parts of an address.

    ``firm`` is the domain, or '' for a provider that is open to everyone; ``role`` is True for an address
    that several people read (info@, sales@). ``letters`` leaves out separators and digits, because two
    addresses that differ only in those are two people's choices, not a misspelling.
    """

    address: str
    local: str
    domain: str
    firm: str
    role: bool
    letters: str
    digits: str


@lru_cache(maxsize=200_000)
def mailbox(address: str) -> Mailbox:
    """The parts of a canonical address."""
    local, _, domain = address.rpartition("@")
    return Mailbox(
        address=address,
        local=local,
        domain=domain,
        firm=firm(address),
        role=is_role(address),
        letters=f"{_NOT_LETTERS.sub('', local)}@{domain}",
        digits=_NOT_DIGITS.sub("", address),
    )


def firm(address: str) -> str:
    """The domain of a canonical address; '' for a provider that is open to everyone."""
    domain = address.rpartition("@")[2]
    return "" if domain in FREE_MAIL else domain


@lru_cache(maxsize=65536)
def is_role(address: str) -> bool:
    """Whether several people read an address (info@, sales@)."""
    local = address.partition("@")[0].partition("+")[0]
    return local in _ROLES or _SEPARATOR.split(local)[0] in _ROLES


@lru_cache(maxsize=65536)
def local_words(address: str) -> tuple[str, ...]:
    """The words before the @ (``anna.berg7`` gives anna, berg)."""
    return tuple(w for w in _NOT_LETTERS.split(address.partition("@")[0].partition("+")[0]) if w)


@lru_cache(maxsize=65536)
def spells(address: str, given: str, family: str) -> bool:
    """Whether an address is made of a name: anna.berg@, aberg@, berg.anna@, annab@."""
    local = "".join(local_words(address))
    if len(given) < 2 and len(family) < 2:
        return False
    forms = {given + family, family + given}
    forms |= {given[:1] + family, family + given[:1], given + family[:1], family[:1] + given}
    return len(local) >= 4 and (local in forms or (local == family and len(family) >= 5))


def own_locals(boxes: Iterable[Mailbox], given: str, family: str) -> tuple[str, ...]:
    """The parts before the @ of a person's addresses, without those that only repeat the name."""
    personal = (box for box in boxes if len(box.local) >= 4 and not box.role)
    locals_ = (
        box.local
        for box in personal
        if box.local not in (given, family) and not spells(box.address, given, family)
    )
    return tuple(dict.fromkeys(locals_))
