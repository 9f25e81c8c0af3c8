"""Which addresses are people: the rules about guest lists, applied to meetings and to mail."""

from __future__ import annotations

import polars as pl

from people.facts import person as person_facts
from people.facts.declared import AttendeeFacts
from people.identity.cards.emails import FREE_MAIL
from people.types import GOOGLE_MACHINES
from rules.engine import RuleSet
from rules.engine.judging.classify import noise


def real_guests(
    rules: RuleSet, rows: pl.DataFrame, my_emails: tuple[str, ...], stopped: dict[str, int]
) -> pl.DataFrame:
    """The guest rows that are neither the user nor noise. Each distinct attendee is judged once."""
    # Rooms and calendars are dropped even if the rule files cannot be read.
    machine = pl.col("resource") | pl.any_horizontal(
        pl.col("email").str.ends_with(end) for end in GOOGLE_MACHINES
    )
    others = rows.filter(~pl.col("email").is_in(list(my_emails)) & ~machine)
    distinct = others.select("email", "name", "resource").unique(maintain_order=True)
    silent = noise(rules, _attendee_facts(distinct, my_emails), stopped)
    return others.join(
        distinct.filter(~silent), on=["email", "name", "resource"], how="semi", nulls_equal=True
    )


def _attendee_facts(distinct: pl.DataFrame, my_emails: tuple[str, ...]) -> pl.DataFrame:
    parts = pl.col("email").str.split("@")
    frame = distinct.with_columns(
        domain=parts.list.last(), local_part=parts.list.first().str.split("+").list.first()
    ).with_columns(own_domain=pl.col("domain").is_in(own_domains(my_emails)))
    return frame.select(pl.col(n).cast(t) for n, t in person_facts.columns(AttendeeFacts).items())


def own_domains(my_emails: tuple[str, ...]) -> list[str]:
    """The domains of the user's addresses, without those where anyone can get one."""
    return sorted({email.rpartition("@")[2] for email in my_emails} - FREE_MAIL)
