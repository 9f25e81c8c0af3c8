"""Who of your people could help the guests of a day, or be helped by them."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from flows.run.context import Context
from flows.run.facts import inputs, meetings
from flows.run.look import Look, look_from
from people.facts import introductions
from people.facts.introductions import Introduction
from people.identity.cards.emails import FREE_MAIL
from people.store import dismissals, frames

_WANTS = ("id", "needs", "offers")


def helpers_of(context: Context, seen: Look, ids: Collection[str]) -> list[Introduction]:
    """The introductions worth making in which one of ``ids`` takes part, best first.

    ``seen`` judges at least these people. Only who has what they need, or needs what they have, is judged
    besides, so the size of the network hardly matters.
    """
    wanted = pl.col("id").is_in(list(ids)) & (
        (pl.col("needs").list.len() > 0) | (pl.col("offers").list.len() > 0)
    )
    guests = seen.judgement.frame.filter(wanted)
    if guests.is_empty():
        return []
    rules = seen.rules
    partners = introductions.partners(_everybody(context, seen), guests.select(_WANTS), rules.synonyms)
    both = look_from(context, rules, {*partners, *guests.get_column("id")})
    # Whoever you meet that day is in touch with you, even if it is the first time.
    met = pl.when(pl.col("id").is_in(list(ids))).then(0).otherwise(pl.col("days_since_contact"))
    with context.store.read() as connection:
        dismissed = dismissals.listed(connection)
    suggested = introductions.suggest(
        both.judgement.frame.with_columns(days_since_contact=met),
        both.people.met,
        both.people.lines,
        synonyms=rules.synonyms,
        dismissed=dismissed,
        free_mail=FREE_MAIL,
    )
    return [one for one in suggested if one.needs_id in ids or one.offers_id in ids]


def _everybody(context: Context, seen: Look) -> pl.DataFrame:
    """``id, needs, offers`` of all people, from the cards that are cached between runs and the journal."""
    store, me = context.store, context.settings.me
    calendar = meetings.classify(store, seen.rules, me, save=False)
    profiles = inputs.load_all(store, calendar, me, save=False).profiles
    with store.read() as connection:
        lines = frames.journal(connection)
    return introductions.with_wants(profiles, lines).select(_WANTS)
