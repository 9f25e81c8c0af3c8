"""The screens about people and groups: the whole text that a small network shows in 80 columns."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.cli.daily_run import run_daily
from flows.cli.screens import identity
from flows.pages import identity_words
from people.errors import UserMustAct
from people.store.resolving.decisions import OpenPair
from people.types import Contact
from tests.support.demo import command
from tests.support.stores import with_own_store
from tests.support.terminal import cells, in_terminal

TODAY = date(2026, 11, 28)

CARDS = """\
BEGIN:VCARD
VERSION:3.0
UID:felix
FN:Felix Moreau
ORG:Moreau & Fils, Ltd
TITLE:Managing Director
ADR;TYPE=WORK:;;;Bath;;;United Kingdom
TEL:+447700900133
TEL:+4930123456
EMAIL:felix.moreau@mailbox.example
CATEGORIES:client
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:eleanor
FN:Eleanor Voss
ORG:Voss Ceramics
EMAIL:eleanor@voss.example
CATEGORIES:client,wica
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:eve
FN:Nina \x1b[31m\u202eEvil
EMAIL:nina@evil.example
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:nina
FN:Nina Marsh
ORG:Marsh Marketing
EMAIL:nina@marsh.example
CATEGORIES:wica
END:VCARD
"""

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:lunch
SUMMARY:Lunch with Félix
DTSTART:20260811T120000Z
DTEND:20260811T130000Z
ATTENDEE:mailto:felix.moreau@mailbox.example
ATTENDEE:mailto:alex@example.com
END:VEVENT
BEGIN:VEVENT
UID:review
SUMMARY:Glaze review
DTSTART:20261123T100000Z
DTEND:20261123T110000Z
ATTENDEE:mailto:eleanor@voss.example
ATTENDEE:mailto:alex@example.com
END:VEVENT
BEGIN:VEVENT
UID:next
SUMMARY:Kiln plans
DTSTART:20261217T100000Z
DTEND:20261217T110000Z
ATTENDEE:mailto:eleanor@voss.example
ATTENDEE:mailto:alex@example.com
END:VEVENT
END:VCALENDAR
"""

JOURNAL = """\
date,person,kind,direction,other,group,hours,amount,outcome,note
2026-10-01,Eleanor Voss,referral,received,Felix Moreau,wica,,1600,won,New kiln
"""

SETTINGS = """\
[me]
name = "Alex Doe"
emails = ["alex@example.com"]
time_zone = "Europe/London"
region = "GB"
currency = "GBP"

[budget]
money_per_month = 50

[[sources]]
name = "phone"
type = "vcard"
path = "phone.vcf"

[[sources]]
name = "work"
type = "ics"
path = "work.ics"

[[sources]]
name = "journal"
type = "journal"
path = "journal.csv"

[tasks]
type = "vtodo-folder"
path = "tasks"
"""

RULES = """\
version: 1
groups:
  - {id: wica, name: WICA, since: 2025-10-01, fee: 95.00, fee_per: month, members: {labels: wica}}
  - {id: club, name: Coffee club, since: 2026-10-01}
rules:
  - id: clients
    for: person
    when: {labels: client}
    then: {tier: key}

  - id: everyone-else
    for: person
    then: {tier: general}

  - id: key-monthly
    for: person
    when: {tier: key}
    then: {cadence: 30d}

  - id: overdue
    for: person
    when: {overdue|gte: 0d}
    then: {stale: true}

  - id: gone-cold
    for: person
    when: {stale: true, cadence_used|gte: 1.5}
    then:
      follow_up: {title: "Call {first_name}", channel: phone, due: 2d, occasion: last_contact}

  - id: nobody-to-meet
    for: group
    why: After a year nobody to meet there.
    when: {months_in|gte: 12, target_members|lte: 1}
    then: {verdict: leave}

  - id: too-early
    for: group
    why: It is too early to tell.
    then: {verdict: keep}
"""

SCRIPT = """
import json, sys
from flows.cli.main import cli
for words in json.loads(sys.argv[1]):
    print(">>>", *words)
    cli.main([*words, *sys.argv[2:]], standalone_mode=False)
"""
"""Run several commands in one process, because each start takes seconds."""

SCREENS = (
    "explain Felix", "people", "groups", "balance", "referrals", "introductions", "explain Felix --all",
    "explain Eleanor --rules", "explain group:wica --all", "people --ids", "balance eleanor",
)  # fmt: skip


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screens") / "network"
    (folder / "rules").mkdir(parents=True)
    for name, text in {
        "phone.vcf": CARDS, "work.ics": CALENDAR, "journal.csv": JOURNAL, "touchbase.toml": SETTINGS,
        "rules/own.yaml": RULES,
    }.items():  # fmt: skip
        (folder / name).write_text(text, "utf-8")
    settings = with_own_store(folder / "touchbase.toml")
    run_daily(settings, today=TODAY)
    return settings


def piped(config: Path, *words: str) -> list[str]:
    """The lines of a command in a pipe, where nothing is cut."""
    shown = command(*words, "--config", config, "--today", TODAY.isoformat()).output
    return shown.rstrip("\n").split("\n")


def at(columns: int, config: Path, *screens: str) -> dict[str, list[str]]:
    """The lines of commands on a terminal, by command."""
    words = json.dumps([screen.split() for screen in screens])
    options = ("--config", config, "--today", TODAY.isoformat())
    shown: dict[str, list[str]] = {}
    for line in in_terminal(SCRIPT, words, *options, columns=columns):
        if line.startswith(">>> "):
            shown[line.removeprefix(">>> ")] = lines = []
        else:
            lines.append(line)
    return shown


@pytest.fixture(scope="module")
def in_80(config: Path) -> dict[str, list[str]]:
    """All screens in 80 columns."""
    (task,) = tasks(config)
    return at(80, config, *SCREENS, f"explain {task['key'][:4]}")


def tasks(config: Path) -> list[dict[str, Any]]:
    """The document of ``follow-ups --json``."""
    found: list[dict[str, Any]] = json.loads(command("follow-ups", "--json", "--config", config).output)
    return found


def masked(lines: Sequence[str]) -> list[str]:
    """The lines with ids of people and keys of follow-ups as ID and KEY."""
    no_ids = [re.sub(r"\bp[0-9a-f]{12}\b", "ID", line) for line in lines]
    return [re.sub(r"\([0-9a-f]{4}\)", "(KEY)", line) for line in no_ids]


class TestExplain:
    def test_somebody_who_goes_cold(self, in_80: dict[str, list[str]]) -> None:
        assert masked(in_80["explain Felix"]) == [
            "Felix Moreau · Moreau & Fils, Ltd · Managing Director, Bath",
            "+49 30 123456 · 07700 900133 · felix.moreau@mailbox.example",
            "Going cold: last contact 11 Aug (Lunch with Félix), 109 days; the aim is 30.",
            "  key person     label client on the phone card  own.yaml:8",
            "  every 30 days  key person                      own.yaml:17",
            "  going cold     due for contact since 10 Sep    own.yaml:22",
            "  Call Felix     3.6 times the aim, from 1.5 on  own.yaml:27",
            "Known from phone and work.",
            "Open: Call Felix, due Mon 30 Nov (KEY)",
            "Every test: add --rules. Cards: touchbase identity history ID",
        ]

    def test_somebody_in_touch_with_a_meeting_a_balance_and_a_group(self, config: Path) -> None:
        assert masked(piped(config, "explain", "Eleanor")) == [
            "Eleanor Voss · Voss Ceramics",
            "eleanor@voss.example",
            "Last contact 23 Nov (Glaze review), 5 days; the aim is 30.",
            "  key person     label client on the phone card  own.yaml:8",
            "  every 30 days  key person                      own.yaml:17",
            "You meet on Thu 17 Dec (Kiln plans).",
            "Balance: you received 3 more than you gave.",
            "Groups: WICA.",
            "Known from phone and work.",
            "Every test: add --rules. Cards: touchbase identity history ID",
        ]

    def test_the_trace_of_the_day_follows_on_request(self, config: Path) -> None:
        shown = piped(config, "explain", "Felix", "--rules")
        assert shown[0] == "Felix Moreau · Moreau & Fils, Ltd · Managing Director, Bath"
        assert "  yes  key-monthly  (rules/own.yaml:15)" in shown
        assert "         tier is key: it is 'key' (rule clients, rules/own.yaml:6)" in shown
        assert not [line for line in shown if line.startswith("  no ")]
        assert "  yes  key-monthly  (rules/own.yaml:15)" in piped(config, "explain", "Eleanor", "--all")
        assert [line for line in piped(config, "explain", "Eleanor", "--all") if line.startswith("  no ")]

    def test_a_follow_up_by_the_start_of_its_key(self, config: Path, in_80: dict[str, list[str]]) -> None:
        (task,) = tasks(config)
        shown = masked(in_80[f"explain {task['key'][:4]}"])
        assert shown == [
            "Call Felix Moreau (Moreau & Fils, Ltd)",
            "Open, due Mon 30 Nov, medium priority (KEY).",
            "+49 30 123456 · 07700 900133 · felix.moreau@mailbox.example",
            "Going cold: last contact on 11 Aug (Lunch with Félix); you aim for every 30",
            "days. Key person: label client.",
            "  going cold                      meeting 'Lunch with Félix' on 11…  own.yaml:27",
            "  3.6 times the aim, from 1.5 on  meeting 'Lunch with Félix' on 11…  own.yaml:27",
            "  due for contact since 10 Sep    meeting 'Lunch with Félix' on 11…  own.yaml:22",
            "  key person                                                         own.yaml:17",
            "  label client                    phone card                         own.yaml:8",
            "Rule gone-cold. All about the person: touchbase explain ID",
        ]
        # Both name the line of the deciding test.
        place = task["because"][0]["line"]
        assert piped(config, "explain", "Felix")[6].endswith(f"own.yaml:{place}")

    def test_a_name_that_several_have_lists_them(self, config: Path) -> None:
        with pytest.raises(UserMustAct) as refused:
            piped(config, "explain", "Nina")
        assert masked(refused.value.message.split("\n")) == [
            "'Nina' may mean 2 people:",
            "    Nina Marsh           Marsh Marketing  general  no contact  ID",
            "    Nina [31m\\u202eEvil                   general  no contact  ID",
        ]


class TestPeople:
    def test_by_tier_and_the_longest_overdue_first(self, in_80: dict[str, list[str]]) -> None:
        assert in_80["people"] == [
            "                              firm                last    next    over",
            "key      Felix Moreau         Moreau & Fils, Ltd  11 Aug  -       79 d",
            "key      Eleanor Voss         Voss Ceramics       23 Nov  17 Dec     -",
            "general  Nina Marsh           Marsh Marketing     -       -          -",
            "general  Nina [31m\\u202eEvil                      -       -          -",
        ]

    def test_by_words_of_name_firm_and_label_with_ids_on_request(self, config: Path) -> None:
        assert masked(piped(config, "people", "wica", "voss", "--ids")) == [
            f"{'':19}firm           last    next    over  id",
            "key  Eleanor Voss  Voss Ceramics  23 Nov  17 Dec     -  ID",
        ]
        assert [line.split()[1] for line in piped(config, "people", "client")[1:]] == ["Felix", "Eleanor"]
        assert piped(config, "people", "golf") == ["No one matches 'golf'."]

    def test_the_document_stays_sorted_by_name(self, config: Path) -> None:
        names = [one["name"] for one in json.loads("\n".join(piped(config, "people", "--json")))]
        assert names[:3] == ["Eleanor Voss", "Felix Moreau", "Nina Marsh"]


class TestGroups:
    def test_the_verdict_first_and_why_below(self, in_80: dict[str, list[str]]) -> None:
        assert in_80["groups"] == [
            "leave  WICA         £1,140  0 h  0 targets of 2  £1,600       nobody new  wica",
            "       After a year nobody to meet there (months 13, targets 0). own.yaml:34",
            "keep   Coffee club      £0  0 h  0 targets of 0  no business  nobody new  club",
            "       It is too early to tell. own.yaml:37",
            "",
            "This month: 2 h.",
            "This month: £95 of £50: £45 over your budget.",
            "Figures since 28 Nov 2025. Every line behind them: touchbase explain group:wica",
        ]

    def test_every_line_behind_a_figure(self, config: Path) -> None:
        shown = piped(config, "explain", "group:WICA")
        assert shown[:4] == [
            "WICA · informal",
            "Leave: After a year nobody to meet there (months 13, targets 0). own.yaml:34",
            "The first business came after 12 months. You met no new target people there in a year.",
            "",
        ]
        start = shown.index("Business: £1,600")
        assert shown[start + 1 : start + 3] == [
            "  day    counts  what                           where",
            "  1 Oct    1600  Eleanor Voss and Felix Moreau  journal.csv:2",
        ]


def test_mutual_support_in_words(in_80: dict[str, list[str]]) -> None:
    assert in_80["balance"][:2] == [
        "              given  received  balance  warning  referrals",
        "Eleanor Voss      0         3       -3           0 given, 1 received",
    ]
    assert in_80["referrals"] == [
        "              with                    made   status   value  about",
        "Eleanor Voss  Felix Moreau  received  1 Oct  won     £1,600  New kiln",
        "",
        "You received 1: 1 met, 1 brought business (£1,600), 0 came to nothing.",
    ]


@pytest.mark.parametrize("columns", [60, 80])
def test_no_screen_is_wider_than_the_terminal(
    config: Path, in_80: dict[str, list[str]], columns: int
) -> None:
    shown = in_80 if columns == 80 else at(columns, config, *SCREENS)
    assert len(shown) >= len(SCREENS)
    wide = [line for lines in shown.values() for line in lines if cells(line) > columns]
    # A path or a command is never broken, because it is there to copy.
    assert [line for line in wide if len(line.split()) > 1] == []


class TestIdentity:
    A = Contact(source="phone", source_id="A1", name="Arthur Penrose", phones=("+441174960170",))
    B = Contact(source="outlook", source_id="77", name="Arthur \x1b[31mPenrose", organisation="Roofing Ltd")
    EVIDENCE = (
        "family name same (penrose) +14.0",
        "given name same (arthur) +9.0",
        "phone differs (+441174960170 / +447700900138) -2.0",
        "any two cards -13.0",
    )

    def test_how_likely_it_is_and_what_speaks_for_and_against(self) -> None:
        shown = OpenPair(self.A, self.B, "p1", "p2", 8.0, self.EVIDENCE, "")
        assert identity.pair(shown, "GB", figures=False).split("\n") == [
            "Very likely one person.",
            "  A   Arthur Penrose, 0117 496 0170, phone:A1",
            "  B   Arthur [31mPenrose, Roofing Ltd, outlook:77",
            "  For: same family name (penrose), same given name (arthur)",
            "  Against: different phone (+441174960170 / +447700900138)",
        ]
        assert identity.pair(shown, "GB", figures=True).split("\n")[3:] == [
            "      family name same (penrose) +14.0",
            "      given name same (arthur) +9.0",
            "      phone differs (+441174960170 / +447700900138) -2.0",
            "      any two cards -13.0",
        ]

    @pytest.mark.parametrize(
        ("bits", "note", "words"),
        [
            (30.0, "", "Almost certainly one person"),
            (4.0, "", "Likely one person"),
            (0.0, "", "As likely one person as two"),
            (-5.0, "", "Unlikely to be one person"),
            (-13.0, "", "Very unlikely to be one person"),
            (34.0, "only you can tell: one home", "Much agrees, but only you can tell: one home"),
        ],
    )  # fmt: skip
    def test_likelihood_in_words(self, bits: float, note: str, words: str) -> None:
        evidence = (*self.EVIDENCE, note) if note else self.EVIDENCE
        assert identity_words.chance(OpenPair(self.A, self.B, "p1", "p2", bits, evidence, "")) == words
