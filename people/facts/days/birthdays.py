"""Birthdays: the next one, and the year of birth where a card has it. Pure."""

from __future__ import annotations

from datetime import date

import polars as pl

_LONGEST_LIFE = 122
"""Years. Some phones write an early year, such as 1604, for a birthday without a year."""


def next_birthday(today: date) -> pl.Expr:
    """Return the next birthday, today included. In years without 29 February, that birthday is on 1 March."""
    month_day = pl.col("birthday").str.tail(5)
    number = month_day.str.head(2).cast(pl.Int32, strict=False)
    month = pl.when(number.is_between(1, 12)).then(number)
    day = month_day.str.tail(2).cast(pl.Int32, strict=False)

    def in_year(year: int) -> pl.Expr:
        return pl.date(year, month, 1).dt.offset_by(pl.concat_str(day - 1, pl.lit("d")))

    this_year = in_year(today.year)
    return pl.when(this_year >= today).then(this_year).otherwise(in_year(today.year + 1))


def year_of_birth(today: date) -> pl.Expr:
    """Return the year of a birthday, null for ``--MM-DD`` and for a year in which nobody alive was born."""
    year = pl.col("birthday").str.extract(r"^(\d{4})-").cast(pl.Int32)
    return pl.when(year.is_between(today.year - _LONGEST_LIFE, today.year)).then(year)
