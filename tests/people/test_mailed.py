"""The sums of mail give the facts that all the letters give."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from people.facts.days.mailed import Mailed, contacts, last_contacts, mailed
from people.facts.ledger import ledger
from people.facts.person import contact_days, person_facts
from people.facts.waiting import mail_part, until_dismissed
from tests.people.test_person_facts import DONE, LINES, MET, PROFILE

TODAY = date(2026, 11, 30)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ZONE = "Pacific/Auckland"
PEOPLE = ("p1", "p2", "p3", "p4")
LETTER = {
    "message": pl.Int64(), "email": pl.String(), "at": pl.Datetime("us", "UTC"), "sent": pl.Boolean(),
    "counts": pl.String(), "bounced": pl.Boolean(), "answers": pl.Boolean(), "thread": pl.Int64(),
    "subject": pl.String(), "waits": pl.Boolean(), "person_id": pl.String(),
}  # fmt: skip
DISMISSED = {"thread": pl.Int64(), "until": pl.Datetime("us", "UTC")}
NONE = pl.DataFrame(schema=DISMISSED)


def world(seed: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Letters and meetings of four people on the same few days, and dismissed threads."""
    chance = random.Random(seed)
    rows = []
    for number in range(chance.choice((0, 3, 12, 60))):
        counts, bounced = chance.choice(("full", "full", "together", "none")), chance.random() < 0.1
        rows.append(
            {
                "message": chance.randrange(10**9),
                "email": f"{number}@mail.example",
                "at": NOON - timedelta(minutes=chance.choice((5, 1440, 500_000)) * chance.randrange(1, 12)),
                "sent": chance.random() < 0.5,
                "counts": "none" if bounced else counts,
                "bounced": bounced,
                "answers": chance.random() < 0.5,
                "thread": chance.randrange(5),
                "subject": chance.choice((None, "Lunch")),
                "waits": counts == "full" and not bounced and chance.random() < 0.8,
                "person_id": chance.choice(PEOPLE[:3]),
            }
        )
    met = []
    for number in range(chance.randrange(8)):
        day = TODAY - timedelta(days=chance.choice((0, 1, 2, 300, -3)))
        at = chance.choice((None, datetime(day.year, day.month, day.day, chance.randrange(24), tzinfo=UTC)))
        counts = chance.choice(("full", "together", "none"))
        # "a..." stands before "mail:...", and "z..." behind it.
        record = f"{chance.choice('az')}:{number}"
        met.append((chance.choice(PEOPLE[1:]), day, at, counts, "club", f"Event {number}", record))
    threads = [(thread, NOON - timedelta(days=thread)) for thread in range(3) if chance.random() < 0.3]
    return (
        pl.DataFrame(rows, schema=LETTER),
        pl.DataFrame(met, schema=MET, orient="row"),
        pl.DataFrame(threads, schema=DISMISSED, orient="row"),
    )


def summed(letters: pl.DataFrame, dismissed: pl.DataFrame = NONE) -> Mailed:
    return mailed(until_dismissed(letters, dismissed), ZONE)


@pytest.mark.parametrize("seed", range(60))
def test_contact_is_the_same_from_sums_and_from_letters(seed: int) -> None:
    letters, met, dismissed = world(seed)
    people = pl.DataFrame([{"id": one} for one in PEOPLE], schema=PROFILE)
    lines, done = pl.DataFrame(schema=LINES), pl.DataFrame(schema=DONE)
    besides = contact_days(met, lines, done, TODAY, NOON)
    entries = ledger(lines, {}, TODAY, happened=besides)
    found = summed(letters, dismissed)
    every = pl.concat([besides, contacts(letters, ZONE)])
    by_sums = person_facts(people, met, besides, entries, today=TODAY, moment=NOON, letters=found)
    by_letters = person_facts(people, met, every, entries, today=TODAY, moment=NOON)
    assert_frame_equal(by_sums, by_letters)
    last = every.filter(pl.col("channel") == "email").sort("day", "record").group_by("person_id").last()
    assert_frame_equal(last_contacts(found, PEOPLE), last.select(besides.columns), check_row_order=False)


@pytest.mark.parametrize("seed", range(60))
def test_who_waits_is_what_the_letters_say_one_by_one(seed: int) -> None:
    letters, met, dismissed = world(seed)
    besides = contact_days(met, pl.DataFrame(schema=LINES), pl.DataFrame(schema=DONE), TODAY, NOON)
    found = summed(letters, dismissed)
    part = mail_part(found, met, besides, today=TODAY, moment=NOON, zone=ZONE)
    said = {row.pop("person_id"): row for row in part.iter_rows(named=True)}
    rows = until_dismissed(letters, dismissed).sort("at", "message").rows(named=True)
    meetings = met.filter(pl.col("counts") == "full").rows(named=True)
    assert said == {
        one: _expected(
            [row for row in rows if row["person_id"] == one],
            [row for row in meetings if row["person_id"] == one],
        )
        for one in {row["person_id"] for row in rows}
    }
    assert set(found.let_rest()) == {
        one for one in said if [row["dismissed"] for row in rows if row["person_id"] == one][-1]
    }


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(ZONE)).date()


def _expected(letters: list[dict[str, Any]], meetings: list[dict[str, Any]]) -> dict[str, Any]:
    """The facts of one person, letter by letter."""
    timed = [row["at"] for row in meetings if row["at"] and row["at"] <= NOON]
    whole = [row["day"] for row in meetings if row["at"] is None and row["day"] < TODAY]
    booked = any(row["at"] and row["at"] > NOON for row in meetings)

    def last(*, sent: bool, waits: bool = False) -> dict[str, Any] | None:
        own = [row for row in letters if row["sent"] == sent and not (sent and row["bounced"])]
        if waits:
            own = [row for row in letters if row["sent"] == sent and row["waits"]]
        return own[-1] if own else None

    def still(letter: dict[str, Any], answer: dict[str, Any] | None) -> bool:
        instants = [*timed, *([answer["at"]] if answer else [])]
        day = _day(letter["at"])
        return not (any(at >= letter["at"] for at in instants) or any(one >= day for one in whole))

    sent, received = last(sent=True), last(sent=False)
    for_me, for_them = last(sent=False, waits=True), last(sent=True, waits=True)
    me = _day(for_me["at"]) if for_me and still(for_me, sent) and not booked else None
    them = _day(for_them["at"]) if for_them and still(for_them, received) and not booked else None
    in_person = [row for row in letters if row["sent"] and row["counts"] == "full"]
    return {
        "last_mail_sent": _day(sent["at"]) if sent else None,
        "last_mail_received": _day(received["at"]) if received else None,
        "mails_90d": sum(not row["bounced"] and (TODAY - _day(row["at"])).days <= 90 for row in letters),
        "unanswered_in_a_row": sum(still(row, received) for row in in_person),
        "mail_bounced": letters[-1]["bounced"],
        "waiting_for_me_since": me,
        "waiting_for_me_days": (TODAY - me).days if me else None,
        "waiting_for_them_since": them,
        "waiting_for_them_days": (TODAY - them).days if them else None,
        "waiting_for_them_in_reply": bool(them and for_them and for_them["answers"]),
    }
