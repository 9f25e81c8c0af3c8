"""Compare the streets, postcodes and towns of two records."""

from __future__ import annotations

from typing import NamedTuple

from people.identity.cards.record import Record, districts
from people.identity.weighing.kinds import AT_ODDS, ENOUGH, OTHER_ADDRESS, PLACE, SAME_HOME, TOWN
from people.identity.weighing.name_parts import near
from people.identity.weighing.terms import Term, What, term


class _Place(NamedTuple):
    """The terms of one part of an address."""

    same: What
    nearly_same: What
    differs: What


_STREET = _Place(What.STREET_SAME, What.STREET_NEARLY_SAME, What.STREET_DIFFERS)
_POSTCODE = _Place(What.POSTCODE_SAME, What.POSTCODE_NEARLY_SAME, What.POSTCODE_DIFFERS)
_TOWN = _Place(What.TOWN_SAME, What.TOWN_NEARLY_SAME, What.TOWN_DIFFERS)


def compare_places(a: Record, b: Record, terms: list[Term]) -> int:
    """Add the terms of the addresses of two records; returns the kind, and the marks for home and move."""
    street = _best_of(_STREET, a.streets, b.streets, terms)
    postcode = _best_of(_POSTCODE, a.postcodes, b.postcodes, terms)
    town = _best_of(_TOWN, a.cities, b.cities, terms)
    if street > 0:
        return PLACE | SAME_HOME
    moved = AT_ODDS | OTHER_ADDRESS if street < 0 or (postcode < 0 and town <= 0) else 0
    if postcode > ENOUGH:
        return PLACE | moved
    return TOWN | moved if town > 0 or postcode > 0 else moved


def _best_of(place: _Place, texts: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> float:
    """Add the term of the best agreement of two lists; returns its bits, 0 if a list is empty."""
    if not texts or not others:
        return 0.0
    common = [text for text in texts if text in others]
    if common:
        best = term(place.same, min(common))
    elif pairs := [sorted((x, y)) for x in texts for y in others if near(x, y)]:
        best = term(place.nearly_same, ", ".join(min(pairs)))
    elif place is _POSTCODE and not districts(texts).isdisjoint(districts(others)):
        best = term(What.POSTCODE_BEGINS_THE_SAME)
    else:
        best = term(place.differs)
    terms.append(best)
    return best[1]
