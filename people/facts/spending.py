"""What networking costs in hours and money, each with the meeting, journal line or fee behind it. Pure.

An hour at a meeting costs about two with the travel; hours in the journal are as written. A fee is due
each month on the day of the month on which you joined; a yearly fee is due in twelfths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import polars as pl
from dateutil.relativedelta import relativedelta

from people.facts.guests import best_copy_first, held, is_past, last_day
from people.facts.referrals import NUMBER, decimals, place_of

WHOLE_DAY_HOURS = 8
"""Hours per day of a whole-day event."""
COST_KINDS = ("participation", "contact", "met")
"""Journal kinds whose amount is a cost of networking: a ticket, a lunch. A purchase is not."""


@dataclass(frozen=True, slots=True)
class DeclaredGroup:
    """A group as the rules declare it. ``fee`` is in the network's currency per month, year or meeting."""

    id: str
    name: str
    kind: str = "informal"
    since: date | None = None
    fee: Decimal | None = None
    fee_per: str = "year"


def attendance(
    meetings: pl.DataFrame,
    verdicts: pl.DataFrame,
    groups: Sequence[DeclaredGroup],
    *,
    zone: str,
    travel: Decimal,
) -> pl.DataFrame:
    """Return every meeting that was or will be attended: ``day, at, group, hours, cost, title, record``.

    Cancelled and declined ones, and those that count for nothing, are left out. ``at`` is the end (UTC), or
    null for whole days. ``hours`` include travel: the length times ``travel``, except for groups that meet
    online and meetings whose location is a link. An event in several calendars is there once (``meetings``
    have ``event`` and ``attendee_count``), with the highest cost that rules set on one of its copies.
    """
    copies = held(meetings).join(verdicts, on=["source", "source_id"])
    copies = copies.filter(pl.col("counts").fill_null("none") != "none")
    classified = _one_per_event(copies)
    minutes = (pl.col("end_at") - pl.col("start_at")).dt.total_minutes()
    days = (pl.col("end_date") - pl.col("start_date")).dt.total_days()
    online = pl.col("group").is_in([group.id for group in groups if group.kind == "online"]) | pl.col(
        "location"
    ).str.contains(r"(?i)https?://")
    spent = pl.coalesce(minutes, days * WHOLE_DAY_HOURS * 60).cast(NUMBER) / 60
    factor = pl.when(online.fill_null(value=False)).then(pl.lit(1.0)).otherwise(pl.lit(float(travel)))
    return classified.select(
        last_day(zone).alias("day"),
        pl.col("end_at").alias("at"),
        "group",
        (spent.cast(pl.Float64) * factor).round(4).cast(NUMBER).alias("hours"),
        pl.col("cost").cast(NUMBER).alias("cost"),
        "title",
        pl.concat_str("source", "source_id", separator=":").alias("record"),
    )


def _one_per_event(copies: pl.DataFrame) -> pl.DataFrame:
    several = copies.get_column("event").is_duplicated()
    dearest = copies.filter(several).with_columns(pl.col("cost").max().over("event"))
    once = best_copy_first(dearest).unique("event", keep="first", maintain_order=True)
    return pl.concat([copies.filter(~several), once])


def joined_on(groups: Iterable[DeclaredGroup], attended: pl.DataFrame) -> dict[str, date]:
    """Return when the user joined each group: its ``since``, else the first meeting attended."""
    first = attended.filter(pl.col("group").is_not_null()).group_by("group").agg(pl.col("day").min())
    seen: dict[str, date] = dict(first.iter_rows())
    return {group.id: day for group in groups if (day := group.since or seen.get(group.id))}


def spending(
    attended: pl.DataFrame,
    lines: pl.DataFrame,
    groups: Sequence[DeclaredGroup],
    *,
    today: date,
    moment: datetime,
) -> pl.DataFrame:
    """Return one row per cost: ``group, day, state, figure, value, what, record``.

    ``figure`` is hours or money; ``state`` is spent, or booked for what comes before the end of the
    month of ``today``. ``group`` is null for one-to-ones and other meetings outside groups. ``lines`` is
    the journal; lines whose person is unclear do not count.
    """
    end = today + relativedelta(day=31)  # the last day of the month, however long it is
    known = attended.filter(pl.col("day") <= end).with_columns(
        state=pl.when(is_past(moment, today)).then(pl.lit("spent")).otherwise(pl.lit("booked")),
        what=pl.col("title").fill_null("meeting"),
    )
    written = lines.filter(pl.col("person_id").is_not_null() & (pl.col("date") <= today)).select(
        "group",
        pl.col("date").alias("day"),
        pl.lit("spent").alias("state"),
        pl.concat_str("kind", pl.lit(" with "), "person").alias("what"),
        place_of().alias("record"),
        decimals("hours").alias("hours"),
        pl.when(pl.col("kind").is_in(COST_KINDS)).then(decimals("amount")).alias("cost"),
    )
    fees = _fees(groups, joined_on(groups, attended), known, today, end)
    parts = [
        _figure(frame, column, figure)
        for frame in (known, written)
        for column, figure in (("hours", "hours"), ("cost", "money"))
    ]
    return pl.concat([*parts, _figure(fees, "cost", "money")])


def _figure(frame: pl.DataFrame, column: str, figure: str) -> pl.DataFrame:
    return frame.filter(pl.col(column) > 0).select(
        "group",
        "day",
        "state",
        pl.lit(figure).alias("figure"),
        pl.col(column).cast(NUMBER).alias("value"),
        "what",
        "record",
    )


def _fees(
    groups: Sequence[DeclaredGroup],
    joined: dict[str, date],
    attended: pl.DataFrame,
    today: date,
    end: date,
) -> pl.DataFrame:
    rows = [
        (group.id, day, "spent" if day <= today else "booked", str(cost), f"fee per {group.fee_per}", "rules")
        for group in groups
        for day, cost in _charges(group, joined.get(group.id), end)
    ]
    names = ("group", "day", "state", "cost", "what", "record")
    types = [pl.String, pl.Date, pl.String, pl.String, pl.String, pl.String]
    regular = pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")
    per_meeting = {group.id: str(group.fee) for group in groups if group.fee and group.fee_per == "meeting"}
    each = attended.filter(pl.col("group").is_in(list(per_meeting))).select(
        "group",
        "day",
        "state",
        pl.col("group").replace_strict(per_meeting, default=None, return_dtype=pl.String).alias("cost"),
        pl.concat_str(pl.lit("fee for "), "what").alias("what"),
        "record",
    )
    return pl.concat([regular, each]).with_columns(pl.col("cost").cast(NUMBER))


def _charges(group: DeclaredGroup, joined: date | None, end: date) -> Iterator[tuple[date, Decimal]]:
    if not group.fee or joined is None or joined > end or group.fee_per == "meeting":
        return
    cost = group.fee if group.fee_per == "month" else (group.fee / 12).quantize(Decimal("0.0001"))
    for count in range(months_between(joined, end) + 1):
        yield joined + relativedelta(months=count), cost


def months_between(start: date, end: date) -> int:
    """Return the whole months from ``start`` to ``end``; 0 or less if ``end`` comes first.

    >>> months_between(date(2026, 1, 31), date(2026, 2, 28))
    1
    >>> months_between(date(2026, 1, 15), date(2026, 2, 14))
    0
    """
    passed = relativedelta(end, start)
    return passed.years * 12 + passed.months
