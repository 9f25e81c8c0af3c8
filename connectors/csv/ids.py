"""Source ids of rows: one that several rows share, such as the address of a firm, is told apart by name.

Ids never hang on the order of rows, because people sort their sheets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, count

from connectors.shared.digest_cursor import digest
from people.text import fold
from people.types import Contact

_SIGNS = re.compile(r"\W+")
_LONGEST = 60  # signs of a name in an id


def with_own_ids(contacts: Sequence[Contact], known: Mapping[str, str]) -> list[Contact]:
    """Give each contact an id of its own, and a raw hash of who it is.

    ``known`` maps raw hashes to the ids in the store. A contact that is there under another id names that in
    ``previous_ids``, because its id changes when a second row with its address comes or goes.
    """
    shared = Counter(contact.source_id for contact in contacts)
    used = {own for own, times in shared.items() if times == 1}
    own_ids: list[str] = []
    for contact in contacts:
        own = contact.source_id
        own_ids.append(own if shared[own] == 1 else _free(_with_name(contact), used))
        used.add(own_ids[-1])
    new = zip(contacts, own_ids, _earlier(contacts, shared, known), strict=True)
    return [
        contact.model_copy(
            update={
                "source_id": own,
                "raw_hash": _who(contact),
                "previous_ids": () if earlier is None or earlier in used else (earlier,),
            }
        )
        for contact, own, earlier in new
    ]


def _earlier(
    contacts: Sequence[Contact], shared: Mapping[str, int], known: Mapping[str, str]
) -> Iterator[str | None]:
    """The id of each contact in the store, as far as it is known."""
    place: Counter[str] = Counter()
    taken = frozenset(known.values())
    for contact in contacts:
        base = contact.source_id
        place[base] += 1
        earlier = known.get(_who(contact))
        if earlier is None and shared[base] > 1:
            # Versions before raw hashes told rows apart by their order.
            by_place = base if place[base] == 1 else f"{base}-{place[base]}"
            earlier = None if by_place in taken else by_place
        yield earlier


def _free(own: str, used: Collection[str]) -> str:
    numbered = (f"{own}-{number}" for number in count(2))
    return next(one for one in chain((own,), numbered) if one not in used)


def _who(contact: Contact) -> str:
    return digest([contact.source_id, fold(_called(contact))])


def _called(contact: Contact) -> str:
    return contact.name or contact.organisation or next(iter(contact.phones), "")


def _with_name(contact: Contact) -> str:
    name = _SIGNS.sub("-", fold(_called(contact)))[:_LONGEST].strip("-")
    made_of_it = contact.source_id.startswith("row-")
    return contact.source_id if made_of_it or not name else f"{contact.source_id}/{name}"
