"""Groups, ledger, referrals, introductions and spending as pure frames; the input stands in each test."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any, ClassVar

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from people.facts import connector_value, groups, introductions, ledger, referrals, spending
from people.facts.declared import PersonFacts
from people.facts.person import columns
from people.facts.spending import DeclaredGroup

TODAY = dt.date(2026, 6, 15)
MOMENT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
WEIGHTS: Any = {
    "referral": Decimal(3),
    "introduction": Decimal(2),
    "purchase": Decimal(1),
    "mention": Decimal(0),
}
HEADER = ("date", "person", "kind", "direction", "other", "group", "hours", "amount", "outcome", "note")
NAMES = pl.DataFrame({"id": ["anna", "tom"], "name": ["Anna Berg", "Tom Hale"]})


def journal(text: str = "") -> pl.DataFrame:
    """Journal lines as the store gives them; whoever is written without a ? is known by that id."""
    rows = list(csv.DictReader(io.StringIO(text.strip()), fieldnames=HEADER))
    found = []
    for number, row in enumerate(rows, start=2):
        told = {name: (row[name] or "").strip() or None for name in HEADER}
        known = {
            f"{side}_id": None if (told[side] or "?").startswith("?") else told[side]
            for side in ("person", "other")
        }
        place = {"source": "journal", "source_id": str(number), "file": "journal.csv", "line": number}
        found.append({**told, "date": dt.date.fromisoformat(told["date"] or ""), **known, **place})
    types: dict[str, Any] = dict.fromkeys(
        ("person", "kind", "direction", "other", "group", "hours", "amount", "outcome", "note", "person_id",
         "other_id", "source", "source_id", "file"), pl.String,
    )  # fmt: skip
    return pl.DataFrame(found, schema={"date": pl.Date, **types, "line": pl.Int64})


def persons(*rows: dict[str, Any]) -> pl.DataFrame:
    """Judged ``PersonFacts`` with what a test says of each, and the defaults for all else."""
    models = [PersonFacts(**row).model_dump() for row in rows]
    return pl.DataFrame(models, schema=columns(PersonFacts), strict=False)


class TestReferrals:
    def test_later_lines_about_the_pair_bring_news_of_the_same_referral(self) -> None:
        lines = journal("""
2026-01-05,anna,referral,given,tom,bni,,400,introduced,New shop
2026-02-01,tom,referral,,anna,,,,met,
2026-03-01,anna,referral,given,tom,,,650,won,
""")
        (row,) = referrals.referral_facts(lines, NAMES, TODAY).to_dicts()
        assert (row["person"], row["other"], row["direction"]) == ("Anna Berg", "Tom Hale", "given")
        assert (row["outcome"], row["amount"], row["group"]) == ("won", Decimal(650), "bni")
        assert (row["days_since"], row["days_since_update"]) == (161, 106)
        assert (row["won_on"], row["note"]) == (dt.date(2026, 3, 1), "New shop")
        assert row["places"] == ["journal.csv:2", "journal.csv:3", "journal.csv:4"]

    def test_after_the_end_a_new_introduction_is_a_new_referral(self) -> None:
        lines = journal("""
2026-01-05,anna,referral,given,tom,,,,lost,
2026-03-01,anna,referral,given,tom,,,,introduced,
2026-04-01,anna,referral,given,tom,,,,met,
""")
        newer, older = referrals.referral_facts(lines, NAMES, TODAY).to_dicts()
        assert (newer["made_on"], newer["outcome"]) == (dt.date(2026, 3, 1), "met")
        assert older["outcome"] == "lost"
        assert newer["id"] != older["id"]

    def test_the_two_directions_are_two_referrals(self) -> None:
        lines = journal("""
2026-01-05,anna,referral,given,tom,,,,won,
2026-01-06,anna,referral,received,tom,,,,met,
""")
        assert referrals.referral_facts(lines, NAMES, TODAY).height == 2

    def test_more_business_adds_up_and_an_estimate_is_replaced(self) -> None:
        lines = journal("""
2026-01-05,anna,referral,received,tom,,,1000,introduced,
2026-02-05,anna,referral,received,tom,,,700,won,
2026-03-05,anna,referral,received,tom,,,250,won,
""")
        assert referrals.referral_facts(lines, NAMES, TODAY)["amount"].to_list() == [Decimal(950)]

    def test_its_id_stays_while_news_comes_in(self) -> None:
        first = "2026-01-05,anna,referral,given,tom,,,,,"
        before = referrals.referral_facts(journal(first), NAMES, TODAY)
        after = referrals.referral_facts(
            journal(f"{first}\n2026-02-01,anna,referral,given,tom,,,,met,"), NAMES, TODAY
        )
        assert before["id"].to_list() == after["id"].to_list()
        assert before["outcome"].to_list() == ["introduced"]

    def test_what_lies_ahead_is_not_known_yet_and_mentions_are_kept_apart(self) -> None:
        lines = journal("""
2026-07-05,anna,referral,given,tom,,,,,
2026-06-01,?Zed,mention,received,,,,,,Praised us
""")
        assert referrals.referral_facts(lines, NAMES, TODAY).is_empty()
        (row,) = referrals.mentions(lines, NAMES, TODAY).to_dicts()
        assert (row["person"], row["person_id"], row["note"]) == ("?Zed", None, "Praised us")


class TestLedger:
    def totals(self, text: str, weights: Any = WEIGHTS, **more: Any) -> dict[str, dict[str, Any]]:
        entries = ledger.ledger(journal(text), weights, TODAY, **more)
        return {row["person_id"]: row for row in ledger.totals(entries, TODAY).to_dicts()}

    def test_balance_is_given_minus_received_in_the_rules_weights(self) -> None:
        text = """
2026-05-01,anna,referral,given,tom,,,,,
2026-05-02,anna,purchase,given,,,,20,,
2026-05-03,anna,introduction,received,tom,,,,,
"""
        row = self.totals(text)["anna"]
        assert (row["given"], row["received"], row["balance"]) == (4, 2, 2)
        assert (row["given_count"], row["received_count"]) == (2, 1)
        assert (row["referrals_given"], row["days_since_referral_given"]) == (1, 45)
        heavier = self.totals(text, {**WEIGHTS, "introduction": Decimal("4.5")})["anna"]
        assert heavier["balance"] == Decimal("-0.5")

    def test_a_mention_weighs_nothing(self) -> None:
        row = self.totals("2026-05-01,anna,mention,received,,,,,,")["anna"]
        assert (row["balance"], row["received_count"]) == (0, 0)

    def test_news_of_a_referral_is_not_a_second_one(self) -> None:
        row = self.totals("""
2026-05-01,anna,referral,given,tom,,,,,
2026-05-20,anna,referral,given,tom,,,,won,
""")["anna"]
        assert (row["given"], row["referrals_given"]) == (3, 1)

    def test_a_kind_that_weighs_nothing_is_counted_all_the_same_as_a_referral(self) -> None:
        row = self.totals("2026-05-01,anna,referral,given,tom,,,,,", {"referral": Decimal(0)})["anna"]
        assert (row["given"], row["referrals_given"], row["given_count"]) == (0, 1, 0)

    @pytest.mark.parametrize(
        ("day", "counts"), [("2025-06-15", True), ("2025-06-14", False), ("2026-06-16", False)]
    )
    def test_the_window_is_a_year_up_to_today(self, day: str, *, counts: bool) -> None:
        assert bool(self.totals(f"{day},anna,purchase,given,,,,,,")) == counts

    def test_a_line_whose_person_is_unclear_counts_for_nobody(self) -> None:
        assert self.totals("2026-05-01,?Ann,referral,given,tom,bni,,,,") == {}

    def test_meetings_and_done_follow_ups_weigh_what_the_rules_give_contact(self) -> None:
        happened = pl.DataFrame(
            [
                ("anna", dt.date(2026, 5, 1), "full", "meeting", None, "Lunch", "work:1"),
                ("anna", dt.date(2026, 5, 2), "full", "meeting", None, "Visit", "work:2"),
                ("anna", dt.date(2026, 5, 3), "full", "task", None, "Call", "follow-up:3"),
                ("anna", dt.date(2026, 5, 4), "together", "meeting", "bni", "Mixer", "work:4"),
            ],
            schema=["person_id", "day", "counts", "channel", "group", "title", "record"],
            schema_overrides={"group": pl.String},
            orient="row",
        )
        hosts = pl.DataFrame({"record": ["work:1", "work:2"], "direction": ["given", "received"]})
        weights = {"contact": Decimal("0.5")}
        row = self.totals("", weights, happened=happened, hosts=hosts)["anna"]
        assert (row["given"], row["received"]) == (1, Decimal("0.5"))
        assert self.totals("", {"contact": Decimal(0)}, happened=happened, hosts=hosts) == {}

    @settings(max_examples=50, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["anna", "tom", "zoe"]),
                st.sampled_from(["purchase", "introduction", "mention"]),
                st.sampled_from(["given", "received"]),
                st.integers(0, 500),
            )
        )
    )
    def test_balances_are_the_sum_of_their_lines(self, told: list[tuple[str, str, str, int]]) -> None:
        text = "\n".join(
            f"{TODAY - dt.timedelta(days=ago)},{who},{kind},{way},,,,,," for who, kind, way, ago in told
        )
        found = {who: row["balance"] for who, row in self.totals(text).items()}
        expected: dict[str, Decimal] = {}
        for who, kind, way, ago in told:
            if ago <= 365:
                sign = 1 if way == "given" else -1
                expected[who] = expected.get(who, Decimal(0)) + sign * WEIGHTS[kind]
        assert found == expected


def attended(*rows: tuple[str, str | None, float]) -> pl.DataFrame:
    """Meetings as (day, group, hours), at ten in the morning UTC."""
    found = [
        {
            "day": dt.date.fromisoformat(day),
            "at": dt.datetime.fromisoformat(f"{day}T10:00:00+00:00"),
            "group": group,
            "hours": Decimal(str(hours)),
            "cost": None,
            "title": "Breakfast",
            "record": f"work:{day}",
        }
        for day, group, hours in rows
    ]
    number = pl.Decimal(38, 6)
    return pl.DataFrame(
        found,
        schema={
            "day": pl.Date, "at": pl.Datetime("us", "UTC"), "group": pl.String, "hours": number,
            "cost": number, "title": pl.String, "record": pl.String,
        },
    )  # fmt: skip


class TestSpending:
    def money(
        self, group: DeclaredGroup, meetings: pl.DataFrame | None = None
    ) -> list[tuple[str, str, float]]:
        frame = spending.spending(
            attended() if meetings is None else meetings, journal(), [group], today=TODAY, moment=MOMENT
        )
        picked = frame.filter(pl.col("figure") == "money").sort("day")
        return [
            (str(day), state, value)
            for day, state, value in picked.select("day", "state", "value").iter_rows()
        ]

    def test_a_monthly_fee_falls_due_on_the_day_you_joined(self) -> None:
        group = DeclaredGroup("bni", "BNI", since=dt.date(2026, 3, 31), fee=Decimal(50), fee_per="month")
        assert self.money(group) == [
            ("2026-03-31", "spent", 50), ("2026-04-30", "spent", 50), ("2026-05-31", "spent", 50),
            ("2026-06-30", "booked", 50),
        ]  # fmt: skip

    def test_a_yearly_fee_is_spread_over_its_months(self) -> None:
        group = DeclaredGroup("bni", "BNI", since=dt.date(2026, 5, 1), fee=Decimal(240), fee_per="year")
        assert self.money(group) == [("2026-05-01", "spent", 20), ("2026-06-01", "spent", 20)]

    def test_a_fee_per_meeting_is_paid_for_what_was_attended_and_will_be(self) -> None:
        group = DeclaredGroup("bni", "BNI", fee=Decimal("12.50"), fee_per="meeting")
        meetings = attended(("2026-06-01", "bni", 2), ("2026-06-20", "bni", 2), ("2026-07-01", "bni", 2))
        paid = 12.5
        assert self.money(group, meetings) == [("2026-06-01", "spent", paid), ("2026-06-20", "booked", paid)]

    def test_purchases_buy_something_and_are_no_cost_of_networking(self) -> None:
        lines = journal("""
2026-06-01,anna,purchase,given,,bni,,420,,Desk
2026-06-02,anna,participation,given,,bni,2,35,,Dinner ticket
2026-06-03,?Zed,participation,given,,bni,9,99,,
""")
        frame = spending.spending(attended(), lines, [], today=TODAY, moment=MOMENT)
        assert frame.select("figure", "value", "record").rows() == [
            ("hours", Decimal(2), "journal.csv:3"), ("money", Decimal(35), "journal.csv:3"),
        ]  # fmt: skip

    def test_an_hour_costs_two_but_online_it_is_an_hour(self) -> None:
        start = dt.datetime(2026, 6, 1, 7, 30, tzinfo=dt.UTC)
        places = ["Harbour Hotel", "https://meet.example/abc", None, None]
        meetings = pl.DataFrame(
            {
                "source": "work",
                "source_id": ["a", "b", "c", "d"],
                "status": ["confirmed", "confirmed", "confirmed", "cancelled"],
                "my_response": [None, "accepted", None, None],
                "start_at": start,
                "end_at": start + dt.timedelta(minutes=90),
                "start_date": pl.Series([None] * 4, dtype=pl.Date),
                "end_date": pl.Series([None] * 4, dtype=pl.Date),
                "location": places,
                "title": "Meeting",
                "event": [0, 1, 2, 3],
                "attendee_count": 2,
            }
        ).with_columns(pl.col("start_at", "end_at").dt.convert_time_zone("UTC"))
        verdicts = pl.DataFrame(
            {
                "source": "work",
                "source_id": ["a", "b", "c", "d"],
                "group": [None, None, "web", None],
                "counts": "full",
                "cost": pl.Series([None] * 4, dtype=pl.Decimal(38, 6)),
            }
        )
        group = DeclaredGroup("web", "Web circle", kind="online")
        found = spending.attendance(meetings, verdicts, [group], zone="UTC", travel=Decimal(2))
        assert dict(found.select("record", "hours").iter_rows()) == {
            "work:a": Decimal(3), "work:b": Decimal("1.5"), "work:c": Decimal("1.5"),
        }  # fmt: skip

    @given(st.dates(dt.date(2000, 1, 1), dt.date(2050, 1, 1)), st.integers(0, 100))
    def test_months_are_counted_the_way_they_are_added(self, day: dt.date, count: int) -> None:
        assert spending.months_between(day, day + relativedelta(months=count)) == count


class TestGroups:
    GROUP = DeclaredGroup("bni", "BNI", since=dt.date(2025, 3, 1), fee=Decimal(10), fee_per="month")

    def facts(self, text: str = "", people: pl.DataFrame | None = None, met: Any = ()) -> Any:
        meetings = attended(("2025-06-15", "bni", 2), ("2025-06-16", "bni", 2), ("2026-06-01", "bni", 3))
        lines = journal(text)
        happened = pl.DataFrame(
            [(who, dt.date.fromisoformat(day), group, f"work:{day}") for who, day, group in met],
            schema={"person_id": pl.String, "day": pl.Date, "group": pl.String, "record": pl.String},
            orient="row",
        )
        first = happened.group_by("person_id").agg((pl.lit(TODAY) - pl.col("day").min()).dt.total_days())
        known = pl.col("id").replace_strict(dict(first.iter_rows()), default=None, return_dtype=pl.Int64)
        return groups.group_facts(
            [self.GROUP],
            attended=meetings,
            spent=spending.spending(meetings, lines, [self.GROUP], today=TODAY, moment=MOMENT),
            people=(persons() if people is None else people).with_columns(days_known=known),
            happened=happened,
            ledger=ledger.ledger(lines, WEIGHTS, TODAY),
            referrals=referrals.referral_facts(lines, NAMES, TODAY),
            today=TODAY,
            moment=MOMENT,
        )

    def test_the_window_is_twelve_months_and_hours_and_fees_add_up(self) -> None:
        (row,) = self.facts().facts.to_dicts()
        assert (row["meetings_attended"], row["hours"], row["money"]) == (2, 5, 120)
        assert (row["months_in"], row["months_to_first_business"], row["balance"]) == (15, None, None)

    def test_members_targets_and_the_new_ones(self) -> None:
        people = persons(
            {"id": "old", "name": "Old", "groups": ["bni"], "segments": ["owners"]},
            {"id": "new", "name": "New", "groups": ["bni"], "segments": ["owners"]},
            {"id": "late", "name": "Late", "groups": ["bni"], "segments": ["owners"]},
            {"id": "known", "name": "Known before", "groups": ["bni"], "segments": ["owners"]},
            {"id": "off", "name": "Off target", "groups": ["bni"]},
            {"id": "left", "name": "Left long ago", "groups": ["bni"], "segments": ["owners"]},
            {"id": "card", "name": "Member by label", "groups": ["bni"]},
        )
        met = [
            ("old", "2025-04-01", "bni"), ("old", "2026-06-01", "bni"), ("new", "2025-09-01", "bni"),
            ("late", "2026-05-01", "bni"), ("known", "2025-01-01", None), ("known", "2026-05-01", "bni"),
            ("off", "2026-05-01", "bni"), ("left", "2025-04-01", "bni"),
        ]  # fmt: skip
        (row,) = self.facts(people=people, met=met).facts.to_dicts()
        assert (row["members"], row["target_members"]) == (6, 4)
        assert (row["new_target_members"], row["new_target_members_6mo"], row["trend"]) == (2, 1, "steady")
        assert row["cost_per_new_target"] == 60

    def test_business_comes_from_lines_that_name_the_group(self) -> None:
        found = self.facts("""
2025-10-01,anna,referral,received,tom,bni,,,introduced,
2025-12-05,anna,referral,received,tom,,,800,won,
2026-01-05,anna,purchase,received,,bni,,90,,
2026-01-06,anna,purchase,given,,bni,,40,,
2026-01-07,tom,purchase,received,,,,5000,,
2026-01-08,anna,referral,given,tom,bni,,,lost,
""")
        (row,) = found.facts.to_dicts()
        assert (row["business_received"], row["business_given"]) == (890, 40)
        assert (row["referrals_received"], row["referrals_given"]) == (1, 1)
        assert (row["balance"], row["months_to_first_business"]) == (0, 9)
        traced = found.lines.filter(pl.col("figure") == "business_received")
        assert dict(traced.select("record", "value").iter_rows()) == {
            "journal.csv:2, journal.csv:3": 800, "journal.csv:4": 90,
        }  # fmt: skip

    def test_every_figure_is_the_sum_of_its_lines(self) -> None:
        found = self.facts(
            "2026-01-05,anna,referral,received,tom,bni,1.5,75,won,",
            persons({"id": "anna", "name": "Anna", "groups": ["bni"], "segments": ["owners"]}),
            [("anna", "2026-06-01", "bni")],
        )
        (row,) = found.facts.to_dicts()
        sums = dict(found.lines.group_by("figure").agg(pl.col("value").sum()).iter_rows())
        balance = sums.pop("given", 0) - sums.pop("received", 0)
        assert {name: row[name] for name in sums} == sums
        assert row["balance"] == balance


def want(one: str, **more: Any) -> dict[str, Any]:
    """A person with a live relationship and a firm of their own."""
    return {
        "id": one, "name": one.title(), "tier": "general", "organisation": f"{one} and sons",
        "days_since_contact": 20, **more,
    }  # fmt: skip


class TestIntroductions:
    SYNONYMS: ClassVar[dict[str, str]] = {"bookkeeper": "bookkeeping", "bookkeeping": "bookkeeping"}

    def suggest(self, *people: dict[str, Any], met: Any = (), lines: str = "", **more: Any) -> list[Any]:
        there = pl.DataFrame(
            list(met), schema={"person_id": pl.String, "record": pl.String, "counts": pl.String}, orient="row"
        )
        return introductions.suggest(
            persons(*people), there, journal(lines), **{"synonyms": self.SYNONYMS, **more}
        )

    def pair(self, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return want("amy", needs=["Bookkeeping"], **more), want("bob", offers=["bookkeeper"])

    def test_a_need_meets_an_offer_through_a_synonym(self) -> None:
        (found,) = self.suggest(*self.pair())
        assert (found.needs, found.offers, found.topic) == ("Amy", "Bob", "bookkeeping")
        assert found.reason.startswith("Amy looks for bookkeeping, Bob offers it")
        assert self.suggest(*self.pair(), synonyms={}) == []

    def test_words_no_synonym_knows_still_meet_themselves(self) -> None:
        (found,) = self.suggest(
            want("amy", needs=["Dry stone walls"]), want("bob", offers=["dry  STONE walls"])
        )
        assert found.topic == "Dry stone walls"

    @pytest.mark.parametrize(
        "broken",
        [
            {"tier": "dormant"}, {"tier": "off-limits"}, {"days_since_contact": 400},
            {"days_since_contact": None}, {"organisation": "Bob and Sons Ltd"},
        ],
        ids=str,
    )  # fmt: skip
    def test_it_is_not_suggested(self, broken: dict[str, Any]) -> None:
        assert self.suggest(*self.pair(**broken)) == []

    def test_who_met_is_not_introduced_but_a_crowd_is_no_meeting(self) -> None:
        def there(counts: str) -> list[tuple[str, str, str]]:
            return [("amy", "work:1", counts), ("bob", "work:1", counts)]

        assert self.suggest(*self.pair(), met=there("together")) == []
        assert len(self.suggest(*self.pair(), met=there("group"))) == 1

    @pytest.mark.parametrize("kind", ["introduction", "referral"])
    def test_who_was_introduced_before_is_not_again_whichever_way_it_was_written(self, kind: str) -> None:
        assert self.suggest(*self.pair(), lines=f"2026-01-01,bob,{kind},given,amy,,,,,") == []

    def test_a_dismissed_pair_stays_away(self) -> None:
        assert self.suggest(*self.pair(), dismissed={("amy", "bob")}) == []
        assert introductions.introduction_key("amy", "bob") == introductions.introduction_key("bob", "amy")

    def test_a_shared_provider_is_no_shared_firm_but_a_shared_domain_without_one_is(self) -> None:
        amy, bob = self.pair(email_domains=["mail.example"])
        bob["email_domains"] = ["mail.example"]
        assert len(self.suggest(amy, bob)) == 1
        bob["organisation"] = None
        assert self.suggest(amy, bob) == []
        assert len(self.suggest(amy, bob, free_mail={"mail.example"})) == 1

    def test_what_helps_both_comes_first(self) -> None:
        found = self.suggest(
            want("amy", needs=["bookkeeping"], offers=["design"]),
            want("bob", offers=["bookkeeping"], needs=["design"]),
            want("cat", offers=["bookkeeping"]),
        )
        assert [(one.needs_id, one.offers_id) for one in found] == [("amy", "bob"), ("amy", "cat")]
        assert "Bob looks for design in turn" in found[0].reason

    def test_needs_are_read_from_labels_and_the_journal(self) -> None:
        profiles = pl.DataFrame(
            {
                "id": ["amy"],
                "labels": [["needs: premises", "client"]],
                "needs": [["staff"]],
                "offers": [None],
            },
            schema_overrides={"offers": pl.List(pl.String)},
        )
        lines = journal(
            '2026-05-01,amy,contact,given,,,,,,"Nice talk. Needs: web design and insurance. Offers: cakes"'
        )
        (row,) = introductions.with_wants(profiles, lines).to_dicts()
        assert row["needs"] == ["staff", "premises", "web design", "insurance"]
        assert row["offers"] == ["cakes"]

    def test_an_introduction_that_was_made_uses_up_the_week(self) -> None:
        lines = journal("""
2026-06-15,anna,introduction,given,tom,,,,,
2026-06-14,anna,introduction,given,tom,,,,,
2026-06-15,anna,introduction,received,tom,,,,,
""")
        assert introductions.made_this_week(lines, TODAY) == 1


class TestReach:
    def test_targets_brought_and_targets_around_are_counted_once(self) -> None:
        people = persons(
            {"id": "hub", "name": "Hub", "groups": ["bni", "club"], "organisation": "Tower"},
            {
                "id": "t1",
                "name": "T1",
                "groups": ["bni", "club"],
                "segments": ["owners"],
                "organisation": "Tower",
            },
            {"id": "t2", "name": "T2", "groups": ["club"], "segments": ["owners"]},
            {"id": "t3", "name": "T3", "segments": ["owners"], "organisation": " tower "},
            {"id": "far", "name": "Far", "groups": ["golf"]},
        )
        lines = journal("""
2024-01-01,hub,referral,received,t2,,,,,
2024-02-01,hub,introduction,received,t2,,,,,
2024-03-01,hub,introduction,received,far,,,,,
2024-03-01,hub,referral,given,t1,,,,,
""")
        found = connector_value.with_reach(people, people, lines)
        counted = {row["id"]: (row["targets_introduced"], row["targets_around"]) for row in found.to_dicts()}
        assert counted == {
            "hub": (1, 3), "t1": (0, 2), "t2": (0, 1), "t3": (0, 1), "far": (0, 0),
        }  # fmt: skip
        assert found.columns == people.columns
