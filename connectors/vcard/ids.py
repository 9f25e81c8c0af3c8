"""Source ids of cards: the UID if only one card has it, else an id made from the name.

A made id depends on the name (or the best substitute on the card), not on the order of cards or files. It
stays the same when a number or an address is edited.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Any

from connectors.vcard.problems import issue
from people.types import Contact

_URN = "urn:uuid:"
_MAX_UID = 200
# Fields that say who a card is about, best first. The first group with a value counts.
_WHO = (
    ("name", "given_name", "middle_name", "family_name", "suffix"),
    ("nickname", "organisation"),
    ("emails",),
    ("phones",),
    ("urls", "members"),
)


def bare_uid(text: str) -> str:
    """A UID without the prefix ``urn:uuid:``, which only some programs write."""
    text = text.strip()
    return text[len(_URN) :] if text[: len(_URN)].lower() == _URN else text


def names_somebody(fields: Mapping[str, Any]) -> bool:
    """Whether any field says who or what the card is about."""
    return any(fields.get(field) for group in _WHO for field in group)


def own_id(fields: Mapping[str, Any], raw_hash: str) -> str:
    """The id of a card if no other card claims it."""
    uid = fields.get("uid")
    if not uid:
        return _made(fields, raw_hash, None)
    if len(uid) > _MAX_UID or not uid.isprintable():
        return f"uid-{_hash(uid)}"
    return str(uid)


def _made(fields: Mapping[str, Any], raw_hash: str, uid: str | None) -> str:
    for group in _WHO:
        who = [fields.get(field) or None for field in group]
        if any(who):
            return f"card-{_hash([uid, group[0], *who])}"
    return f"card-{_hash([uid, raw_hash])}"


def _hash(material: object) -> str:
    return blake2b(json.dumps(material).encode(), digest_size=10).hexdigest()


def made_unique(
    contacts: Iterable[Contact], taken: Collection[str], known: Collection[str]
) -> dict[int, Contact]:
    """Return new versions of the contacts whose id is not unique, by position.

    ``taken`` are the ids of unchanged cards, which always keep them. ``known`` are all ids in the store. If
    several cards claim one UID, none of them gets it. A contact whose earlier id was made, and is known,
    names that id in ``previous_ids``.
    """
    contacts = list(contacts)
    tried: Counter[str] = Counter()
    claims: defaultdict[str, list[int]] = defaultdict(list)
    for at, contact in enumerate(contacts):
        claims[contact.source_id].append(at)
    used = {*taken, *(own for own, claimants in claims.items() if len(claimants) == 1)}
    changed: dict[int, Contact] = {}
    for own in sorted(claims):
        if len(claims[own]) > 1 or own in taken:
            for at in _rivals(contacts, claims[own], used, is_taken=own in taken):
                changed[at] = _with_made_id(contacts[at], used, tried)
    for at, contact in enumerate(contacts if known else ()):
        _name_earlier_id(changed, at, changed.get(at, contact), taken, known)
    return changed


def _rivals(contacts: list[Contact], claimants: list[int], used: set[str], *, is_taken: bool) -> list[int]:
    """The cards that need another id, in an order that depends on their content only.

    A rejected card never takes the id of a good one.
    """
    good = [at for at in claimants if not contacts[at].rejected]
    if len(good) == 1 and not is_taken:
        used.add(contacts[good[0]].source_id)
        claimants = [at for at in claimants if at != good[0]]
    return sorted(claimants, key=lambda at: (contacts[at].emails, contacts[at].phones, contacts[at].raw_hash))


def _with_made_id(contact: Contact, used: set[str], tried: Counter[str]) -> Contact:
    """Give a contact the first free id that its name makes.

    ``tried`` holds the last number given for each name: ids are never given back, so no number is tried
    twice, however many cards have one name.
    """
    base = _made(contact.__dict__, contact.raw_hash or "", contact.uid)
    number = tried[base] + 1
    while (made := base if number == 1 else f"{base}-{number}") in used:
        number += 1
    tried[base] = number
    used.add(made)
    update: dict[str, object] = {"source_id": made}
    if contact.uid:
        update["issues"] = (*contact.issues, issue("duplicate-uid", contact.uid))
    return contact.model_copy(update=update)


def _name_earlier_id(
    changed: dict[int, Contact], at: int, contact: Contact, taken: Collection[str], known: Collection[str]
) -> None:
    if contact.source_id in known or not contact.uid:
        return
    made = (_made(contact.__dict__, contact.raw_hash or "", uid) for uid in (None, contact.uid))
    earlier = tuple(one for one in made if one in known and one not in taken and one != contact.source_id)
    if earlier:
        changed[at] = contact.model_copy(update={"previous_ids": earlier})
