"""Which records of all sources are one person. No input or output; see docs/identity.md.

``record_from_contact`` makes a contact comparable, ``keys_of`` says where to look for similar records,
``resolve`` and ``resolve_changes`` decide, and the ``Resolution`` that they return explains why.
"""

from people.identity.cards.record import Record, record_from_contact
from people.identity.index import Index
from people.identity.keys import keys_of
from people.identity.overrides import Overrides, across, decide, undo
from people.identity.resolve import resolve, resolve_changes
from people.identity.result import Event, Pair, Resolution
from people.identity.weighing.scoring import Score, score_pair
from people.identity.weighing.weights import VERSION

__all__ = [
    "VERSION",
    "Event",
    "Index",
    "Overrides",
    "Pair",
    "Record",
    "Resolution",
    "Score",
    "across",
    "decide",
    "keys_of",
    "record_from_contact",
    "resolve",
    "resolve_changes",
    "score_pair",
    "undo",
]
