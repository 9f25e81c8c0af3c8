"""What a task says: who, how to reach them, why, and what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from people.facts.declared import PersonFacts, ReferralFacts
from people.phrases import SILENT, phrase
from people.planning.model import QUIET_DAYS
from people.tasks import About, Channel, Evidence, FollowUp
from people.wording import how_to_reach, short_why, task_text, title_with_who, why_in_words

TODAY = date(2026, 11, 28)
FELIX = About(
    name="Felix Moreau",
    first_name="Felix",
    organisation="Moreau & Fils",
    job_title="Managing Director",
    phones=("07700 900133", "+33 1 70 18 99 00"),
    emails=("felix.moreau@mailbox.example",),
    tier="key",
    labels=("client", "bath"),
    cadence_days=30,
    last_contact=date(2026, 8, 11),
    last_event="Lunch with Félix",
)


def saw(field: str, value: str | None, test: str = "is", threshold: str = "", **more: Any) -> Evidence:
    rule = more.pop("rule", "gone-cold")
    return Evidence(
        rule=rule, file="f.yaml", line=24, field=field, value=value, test=test, threshold=threshold, **more
    )


GONE_COLD = (
    saw("stale", "true", threshold="true"),
    saw("cadence_used", "3.63", "gte", "1.5"),
    saw("overdue", "79", "gte", "0d", rule="overdue-is-stale", day=date(2026, 9, 10)),
    saw("tier", "key", threshold="key", rule="key-monthly"),
    saw("labels", "bath, client", threshold="client or vip", rule="clients-and-vips"),
)


def task(title: str = "Call Felix", about: About = FELIX, **changes: Any) -> FollowUp:
    values: dict[str, Any] = {
        "key": "61e2a0b1c2d3e4f5",
        "rule": "gone-cold",
        "person_id": "p1",
        "person": about.name,
        "title": title,
        "due": date(2026, 11, 30),
        "channel": "phone",
        "about": about,
        "because": GONE_COLD,
    }
    return FollowUp(**values | changes)


class TestTitle:
    @pytest.mark.parametrize(
        ("title", "expected"),
        [
            ("Call Felix", "Call Felix Moreau (Moreau & Fils)"),
            ("Call Felix Moreau", "Call Felix Moreau (Moreau & Fils)"),
            ("Write to Felix: good to meet you", "Write to Felix Moreau (Moreau & Fils): good to meet you"),
            ("Send the offer", "Send the offer: Felix Moreau (Moreau & Fils)"),
            ("Call Felix Moreau (Moreau & Fils)", "Call Felix Moreau (Moreau & Fils)"),
            ("Visit Felix at Moreau & Fils", "Visit Felix Moreau at Moreau & Fils"),
            ("Felix's birthday", "Felix Moreau's birthday (Moreau & Fils)"),
            ("Felix and Felix", "Felix Moreau (Moreau & Fils) and Felix"),
            ("Take the felix line", "Take the felix line: Felix Moreau (Moreau & Fils)"),
            ("Order Felixstowe tickets", "Order Felixstowe tickets: Felix Moreau (Moreau & Fils)"),
            ("Call Felix-Marie", "Call Felix-Marie: Felix Moreau (Moreau & Fils)"),
            ("", "Felix Moreau (Moreau & Fils)"),
        ],
    )
    def test_the_title_gains_the_full_name_and_the_firm(self, title: str, expected: str) -> None:
        assert title_with_who(task(title)) == expected

    @pytest.mark.parametrize(
        ("about", "expected"),
        [
            (About(name="Will Hope"), "Call Will Hope"),
            (About(name="Will Hope", distinction="will@hope.example"), "Call Will Hope (will@hope.example)"),
            (
                About(name="Will Hope", organisation="Hope Ltd", distinction="0117 946 0000"),
                "Call Will Hope (Hope Ltd, 0117 946 0000)",
            ),
            (About(name="Dr Will Hope", first_name="Will"), "Call Dr Will Hope"),
            (About(name="Will"), "Call Will"),
            (About(name="Will Hope", organisation="All"), "Call Will Hope (All)"),
            (About(), "Call Will"),
            (About(organisation="Hope Ltd"), "Call Will"),
        ],
    )
    def test_what_is_missing_leaves_no_gap(self, about: About, expected: str) -> None:
        assert title_with_who(task("Call Will", about)) == expected

    def test_a_name_that_is_also_a_word_is_not_taken_for_the_word(self) -> None:
        about = About(name="May", organisation="Spring Ltd")
        assert title_with_who(task("You may call May", about)) == "You may call May (Spring Ltd)"

    def test_an_organisation_is_not_its_own_firm(self) -> None:
        about = About(name="HOPE LTD", first_name="HOPE", organisation="Hope Ltd")
        assert title_with_who(task("Call HOPE LTD", about)) == "Call HOPE LTD"

    def test_a_long_name_and_a_long_firm_are_cut_so_that_a_phone_shows_the_verb_and_the_name(self) -> None:
        about = About(
            name="Wolfeschlegelsteinhausenbergerdorff " * 3,
            first_name="Wolfeschlegelsteinhausenbergerdorff",
            organisation="The Worshipful Company of Makers of Playing Cards",
        )
        assert title_with_who(task("Call Wolfeschlegelsteinhausenbergerdorff", about)) == (
            "Call Wolfeschlegelsteinhausenbergerdorff Wolfeschleg… (The Worshipful Company of Maker…)"
        )


class TestWhy:
    def test_going_cold_names_the_day_the_aim_and_what_makes_the_person_important(self) -> None:
        assert why_in_words(task(), TODAY) == (
            "Going cold: last contact on 11 Aug (Lunch with Félix); you aim for every 30 days. "
            "Key person: label client."
        )
        assert short_why(task(), TODAY) == "client, 109 days, aim 30"

    def test_the_words_are_the_same_weeks_later(self) -> None:
        later = date(2026, 12, 24)
        assert why_in_words(task(), later) == why_in_words(task(), TODAY)
        assert task_text(task(), later) == task_text(task(), TODAY)

    def test_a_day_of_another_year_says_the_year(self) -> None:
        assert "11 Aug 2026" in why_in_words(task(), date(2027, 1, 4))

    def test_somebody_new(self) -> None:
        because = (
            saw("days_since_first_event", "1", "lte", "14d", day=date(2026, 11, 27)),
            saw("days_known", "1", "lte", "14d", day=date(2026, 11, 27)),
        )
        item = task(because=because, rule="met-someone-new")
        assert why_in_words(item, TODAY) == "First met on 27 Nov."
        assert short_why(item, TODAY) == "key person, first met 1 day ago"

    def test_a_referral_that_waits(self) -> None:
        because = (
            saw("days_since_update", "32", "gte", "14d", day=date(2026, 10, 27)),
            saw("direction", "given", threshold="given"),
            saw("other", "Julia Marsh", "exists", "true"),
        )
        item = task(because=because)
        assert why_in_words(item, TODAY) == "No news since 27 Oct. A referral that you gave."
        assert short_why(item, TODAY) == "key person, no news for 32 days, a referral that you gave"

    def test_never_spoken(self) -> None:
        about = FELIX.model_copy(update={"last_contact": None, "last_event": None})
        because = (
            saw("tier", "target", threshold="key or target"),
            saw("last_contact", None, "exists", "false"),
            saw("title", "Founder", "contains", "founder or owner", rule="owners"),
        )
        words = why_in_words(task(because=because, about=about), TODAY)
        assert words == "No contact on record. Target: job title Founder."

    def test_a_mutual_debt(self) -> None:
        because = (
            saw("tags", "owe-them, connector", threshold="owe-them"),
            saw("balance", "-3", "lte", "-3", rule="you-owe-them"),
        )
        words = why_in_words(task(because=because), TODAY)
        assert words == "Tag owe-them: you received 3 more than you gave."

    def test_without_evidence_the_rule_is_the_reason(self) -> None:
        assert why_in_words(task(because=()), TODAY) == "The rule gone-cold asks for it."

    @pytest.mark.parametrize("facts", [PersonFacts, ReferralFacts])
    def test_every_fact_has_plain_words(self, facts: type[PersonFacts | ReferralFacts]) -> None:
        for name in facts.model_fields:
            for value in ("45", "true", None):
                words = phrase(saw(name, value, "gte", "1", day=date(2026, 8, 11)), TODAY)
                assert words or name in SILENT, name
                assert "_" not in words
                assert not set(words) & set("≥≤<>=|"), words

    def test_a_fact_without_words_of_its_own_gets_a_plain_sentence(self) -> None:
        assert phrase(saw("shoe_size", "45"), TODAY) == "shoe size is 45"


class TestReach:
    @pytest.mark.parametrize(
        ("channel", "expected"),
        [
            ("phone", "07700 900133"),
            ("message", "07700 900133"),
            ("any", "07700 900133"),
            ("email", "felix.moreau@mailbox.example"),
        ],
    )
    def test_the_way_that_suits_the_channel(self, channel: Channel, expected: str) -> None:
        assert how_to_reach(FELIX, channel) == expected

    def test_the_other_way_if_it_is_missing(self) -> None:
        assert how_to_reach(About(name="A", emails=("a@b.example",)), "phone") == "a@b.example"
        assert how_to_reach(About(name="A"), "phone") == ""


class TestText:
    def test_everything_that_a_person_with_a_phone_needs(self) -> None:
        item = task(notes="Ask about the new shop.")
        what_to_do = (
            "Done? Tick it, and it counts as contact. Later? Move its date. "
            "Not now? Delete it, and it stays away for 30 days."
        )
        assert task_text(item, item.due).split("\n") == [
            "07700 900133 · +33 1 70 18 99 00 · felix.moreau@mailbox.example",
            "Managing Director, Moreau & Fils",
            "",
            "Ask about the new shop.",
            "",
            why_in_words(item, TODAY),
            "",
            what_to_do,
            "Rule gone-cold. More: touchbase explain 61e2a0b1",
        ]

    def test_what_to_do_is_true_of_the_rule_and_of_the_task_list(self) -> None:
        item = task(done_is_contact=False)
        text = task_text(item, TODAY, delete="Delete the line")
        assert "Done? Tick it. Later? Move its date. Not now? Delete the line, and it stays" in text
        assert f"stays away for {QUIET_DAYS} days." in text

    def test_the_address_comes_first_when_the_rule_wants_an_email(self) -> None:
        lines = task_text(task(channel="email"), TODAY).split("\n")
        assert lines[0] == "felix.moreau@mailbox.example · 07700 900133 · +33 1 70 18 99 00"

    def test_the_last_contact_is_named_once(self) -> None:
        assert task_text(task(), TODAY).count("ast contact") == 1
        other = task(because=(saw("city", "Bath"),))
        assert "In Bath.\nLast contact on 11 Aug (Lunch with Félix)." in task_text(other, TODAY)

    def test_somebody_without_number_and_address(self) -> None:
        assert task_text(task(about=About(name="A")), TODAY).startswith("No number or address on file.")

    def test_what_others_wrote_stays_on_its_line(self) -> None:
        about = About(name="A\nEND:VTODO", organisation="B\r\nSTATUS:COMPLETED", job_title="C\nD")
        assert title_with_who(task("Call", about)) == "Call: A END:VTODO (B STATUS:COMPLETED)"
        assert "C D, B STATUS:COMPLETED" in task_text(task("Call", about), TODAY).split("\n")
