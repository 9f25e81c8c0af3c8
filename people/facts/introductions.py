"""Introductions to suggest: one person needs what another offers, and the two have not met. Pure.

Needs and offers come from custom fields and notes of cards (``needs: bookkeeping``), from labels in the
same form and from the journal. The synonyms in the rules join different words for one thing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import polars as pl

from people.identity.cards.record import company_name
from people.text import fold

ALIVE_DAYS = 365
"""Days after which a relationship without any contact is too cold for an introduction."""
NOT_TO_INTRODUCE = ("off-limits", "dormant")
"""Tiers of people who are not introduced."""
AT_MOST = 200
"""The most offers considered per topic, and the most suggestions returned."""
_WANT = re.compile(r"(?im)\b(needs|offers)\s*:[ \t]*([^.;\n]+)")
_ARTICLE = re.compile(r"^(?:an?|the|some) (?=\w)")
_SEPARATORS = re.compile(r"\s*(?:,|/|\band\b)\s*")

Key = tuple[str, str]
"""The ids of two people, in order."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """Two people who should meet: ``needs`` looks for ``topic``, ``offers`` has it.

    ``key`` is the same for the same two people, whatever the topic. ``mutual`` are topics that the
    second person needs and the first one offers. ``value`` ranks suggestions;
    ``reason`` is a sentence for the user.
    """

    key: str
    needs_id: str
    needs: str
    offers_id: str
    offers: str
    topic: str
    mutual: tuple[str, ...]
    value: float
    reason: str


def introduction_key(one: str, other: str) -> str:
    """The key of a pair in either order: 10 hex digits."""
    return hashlib.sha256("\n".join(sorted((one, other))).encode()).hexdigest()[:10]


def pair_of(one: str, other: str) -> Key:
    """Return two ids in order."""
    return (one, other) if one <= other else (other, one)


def with_wants(profiles: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add ``needs`` and ``offers`` from labels and journal notes to those of the profiles.

    ``profiles`` has ``id, labels, needs, offers``; ``lines`` is the journal with ``person_id`` and ``note``.
    """
    texts = pl.concat(
        [
            profiles.select("id", text="labels").explode("text"),
            lines.select(pl.col("person_id").alias("id"), text="note"),
        ]
    ).filter(pl.col("id").is_not_null() & pl.col("text").str.contains(r"(?i)\b(needs|offers)\s*:"))
    rows = [(one, kind, item) for one, text in texts.iter_rows() for kind, item in wants_in(text)]
    found = pl.DataFrame(rows, schema={"id": pl.String, "kind": pl.String, "item": pl.String}, orient="row")
    for kind in ("needs", "offers"):
        more = found.filter(pl.col("kind") == kind).group_by("id", maintain_order=True).agg(more="item")
        joined = profiles.join(more, on="id", how="left", maintain_order="left")
        both = pl.concat_list(pl.col(kind).fill_null([]), pl.col("more").fill_null([]))
        profiles = joined.with_columns(both.list.unique(maintain_order=True).alias(kind)).drop("more")
    return profiles


def wants_in(text: str) -> Iterable[tuple[str, str]]:
    """Yield (``needs`` or ``offers``, item) for each item in a note or label."""
    for kind, items in _WANT.findall(text):
        for item in _SEPARATORS.split(items):
            if item.strip():
                yield kind.lower(), item.strip()


def partners(people: pl.DataFrame, of: pl.DataFrame, synonyms: Mapping[str, str]) -> set[str]:
    """Return the ids of ``people`` who offer what one of ``of`` needs, or need what one of them offers.

    Both frames have ``id, needs, offers``. At most ``AT_MOST`` are returned, because each is judged.
    """

    def topics(items: Iterable[str] | None) -> set[str]:
        return {synonyms.get(fold(item)) or fold(item) for item in items or ()}

    needed = {topic for items in of.get_column("needs").to_list() for topic in topics(items)}
    offered = {topic for items in of.get_column("offers").to_list() for topic in topics(items)}
    wanting = people.filter((pl.col("needs").list.len() > 0) | (pl.col("offers").list.len() > 0))
    found = (
        one
        for one, needs, offers in wanting.sort("id").select("id", "needs", "offers").iter_rows()
        if topics(offers) & needed or topics(needs) & offered
    )
    return set(islice(found, AT_MOST))


def suggest(
    people: pl.DataFrame,
    met: pl.DataFrame,
    lines: pl.DataFrame,
    *,
    synonyms: Mapping[str, str],
    dismissed: Collection[Key] = (),
    free_mail: Collection[str] = (),
) -> list[Introduction]:
    """Return the introductions worth making, best first.

    ``people`` are judged ``PersonFacts``. ``met`` (``person_id, record, counts``) says who was at which
    meeting; two guests of a large event have not met. ``lines`` is the journal: pairs that were introduced
    or referred before are left out, as are those in ``dismissed``. ``synonyms`` maps folded words to
    topics; ``free_mail`` are domains that do not identify a firm.
    """
    seen = pl.min_horizontal("days_since_contact", "days_since_together")
    alive = people.filter(
        seen <= ALIVE_DAYS,
        ~pl.col("tier").fill_null("").is_in(list(NOT_TO_INTRODUCE)),
        (pl.col("needs").list.len() > 0) | (pl.col("offers").list.len() > 0),
    )
    ranked = alive.sort(
        pl.col("tier").replace_strict(_TIER_VALUE, default=0.0, return_dtype=pl.Float64),
        "id",
        descending=[True, False],
    )
    rows = {row["id"]: row for row in ranked.select(_READ).iter_rows(named=True)}
    wishes = _Wishes(rows, synonyms)
    candidates = wishes.pairs()
    if not candidates:
        return []
    known = _introduced(lines) | set(dismissed) | _have_met(met, rows)
    free = frozenset(free_mail)
    found: dict[Key, Introduction] = {}
    for needs_id, offers_id, topic in candidates:
        pair = pair_of(needs_id, offers_id)
        if pair in known or pair in found or _same_house(rows[needs_id], rows[offers_id], free):
            continue
        found[pair] = _introduction(rows[needs_id], rows[offers_id], topic, wishes)
    return sorted(found.values(), key=lambda one: (-one.value, one.key))[:AT_MOST]


_TIER_VALUE = {"key": 3.0, "target": 2.0, "connector": 2.0, "general": 1.0}
_READ = (
    "id", "name", "tier", "organisation", "email_domains", "needs", "offers", "days_since_contact",
    "days_since_together", "cadence_used", "balance",
)  # fmt: skip


class _Wishes:
    """Who needs and who offers what, by topic."""

    def __init__(self, rows: Mapping[str, Mapping[str, Any]], synonyms: Mapping[str, str]) -> None:
        self.synonyms = synonyms
        self._own: dict[str, str] = {}
        self.needs = {one: self._topics(row["needs"]) for one, row in rows.items()}
        self.offers = {one: self._topics(row["offers"]) for one, row in rows.items()}

    def _topics(self, items: Iterable[str]) -> tuple[str, ...]:
        """Return the topic of each item. Without a synonym, it is the item in the first spelling seen.

        *A bookkeeper* is *bookkeeper*.
        """
        keyed = ((_ARTICLE.sub("", fold(item)), item) for item in items)
        found = (self.synonyms.get(key) or self._own.setdefault(key, item) for key, item in keyed)
        return tuple(dict.fromkeys(found))

    def pairs(self) -> list[tuple[str, str, str]]:
        """(who needs, who offers, topic), the most important people first."""
        offering: dict[str, list[str]] = {}
        for one, topics in self.offers.items():
            for topic in topics:
                offering.setdefault(topic, []).append(one)
        return [
            (one, other, topic)
            for one, topics in self.needs.items()
            for topic in topics
            for other in offering.get(topic, ())[:AT_MOST]
            if other != one
        ]

    def mutual(self, needs_id: str, offers_id: str) -> tuple[str, ...]:
        """The topics that the second person needs and the first one offers."""
        return tuple(topic for topic in self.needs[offers_id] if topic in self.offers[needs_id])


def _introduced(lines: pl.DataFrame) -> set[Key]:
    joined = lines.filter(
        pl.col("kind").is_in(["introduction", "referral"])
        & pl.col("person_id").is_not_null()
        & pl.col("other_id").is_not_null()
    )
    return {pair_of(*row) for row in joined.select("person_id", "other_id").iter_rows()}


def _have_met(met: pl.DataFrame, rows: Mapping[str, Any]) -> set[Key]:
    """The pairs of ``rows`` who were at one meeting small enough to meet."""
    there = met.filter(
        pl.col("counts").is_in(["full", "together"]) & pl.col("person_id").is_in(list(rows))
    ).select("record", "person_id")
    pairs = there.join(there, on="record", suffix="_b").filter(pl.col("person_id") < pl.col("person_id_b"))
    return set(pairs.select("person_id", "person_id_b").unique().iter_rows())


def _same_house(one: Mapping[str, Any], other: Mapping[str, Any], free: frozenset[str]) -> bool:
    firms = [company_name(row["organisation"] or "") for row in (one, other)]
    domains = [set(row["email_domains"] or ()) - free for row in (one, other)]
    # A domain counts only if a card names no firm, because several firms may share a mail provider.
    if all(firms):
        return firms[0] == firms[1]
    return bool(domains[0] & domains[1])


def _introduction(
    needs: Mapping[str, Any], offers: Mapping[str, Any], topic: str, wishes: _Wishes
) -> Introduction:
    mutual = wishes.mutual(needs["id"], offers["id"])
    both = (needs, offers)
    value = sum(_TIER_VALUE.get(row["tier"] or "", 0.0) for row in both) + 2.0 * len(mutual)
    # People you owe something come first, because an introduction is a way to give.
    value += sum(1.0 for row in both if row["balance"] is not None and row["balance"] < 0)
    names = [row["name"] or row["id"] for row in both]
    reason = f"{names[0]} looks for {topic}, {names[1]} offers it"
    if mutual:
        reason += f"; {names[1]} looks for {', '.join(mutual)} in turn"
    return Introduction(
        key=introduction_key(needs["id"], offers["id"]),
        needs_id=needs["id"],
        needs=names[0],
        offers_id=offers["id"],
        offers=names[1],
        topic=topic,
        mutual=mutual,
        value=value,
        reason=f"{reason}; they have not met at any meeting of up to 20 people, and nobody introduced them",
    )


def made_this_week(lines: pl.DataFrame, today: date) -> int:
    """Count the introductions that the user made in the calendar week of ``today``, by the journal."""
    monday = pl.lit(today).dt.truncate("1w")
    week = (pl.col("date") >= monday) & (pl.col("date") <= today)
    made = (pl.col("kind") == "introduction") & (pl.col("direction") == "given")
    return lines.filter(week & made).height
