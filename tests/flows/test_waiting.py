"""Who waits for whose answer: the tasks, what closes them, the command, the digest, threads dismissed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.hourly_calendar import _KINDS as HOURLY
from flows.pages.digest import digest_of
from flows.run.context import Context, clock, context_of, network
from flows.run.look import look
from flows.run.outcome.report import RunReport
from flows.run.steps import Job, run_steps
from flows.settings.loading import load
from people.errors import UserMustAct
from people.store import open_store
from tests.flows.test_steps import Plainly
from tests.support import small_network
from tests.support.demo import TODAY, command, pulled, run
from tests.support.demo import network as demo_network
from tests.support.mails import mail, mbox

MONDAY, THURSDAY = date(2026, 3, 2), date(2026, 3, 5)
SETTINGS = (
    small_network.SETTINGS.replace("alex@doe.example", "me@example.com")
    + """
[[sources]]
name = "post"
type = "mailbox"
path = "mail.mbox"

[tasks]
type = "markdown"
path = "tasks.md"
"""
)
CARDS = """BEGIN:VCARD
VERSION:3.0
UID:anna
FN:Anna Berg
N:Berg;Anna;;;
EMAIL:anna@x.example
EMAIL:anna@home.example
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:ben
FN:Ben Park
N:Park;Ben;;;
EMAIL:ben@x.example
END:VCARD
"""
CALENDAR = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{}END:VCALENDAR\n"
LUNCH = """BEGIN:VEVENT
UID:lunch
SUMMARY:Lunch
DTSTART:{day}T120000Z
DTEND:{day}T130000Z
ATTENDEE:mailto:anna@x.example
ATTENDEE:mailto:me@example.com
END:VEVENT
"""
JOURNAL = "date,person,kind,direction,other,group,hours,amount,outcome,note\n"
FROM_ANNA = mail("Anna", "Subject: Shall we meet?", day=2)


def to(name: str, address: str, day: int, *lines: str) -> str:
    """A mail that the user wrote."""
    return mail(name, "From: me@example.com", f"To: {address}", *lines, day=day)


class Home:
    """A network with an mbox, a calendar and a journal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = small_network.written(folder, settings=SETTINGS, cards=CARDS, journal=JOURNAL)
        self.mails: list[str] = []
        self.deliver()

    def deliver(self, *mails: str) -> None:
        self.mails += mails
        (self.folder / "mail.mbox").write_bytes(mbox(*self.mails))

    def daily(self, today: date) -> dict[str, Any]:
        return run(self.config, today=today)

    def hourly(self, today: date) -> RunReport:
        with network(self.config) as (settings, store):
            context = Context(settings, store, *clock(settings, today))
            report = RunReport("hourly", today)
            run_steps(Job(reads=HOURLY, adds=False), context, report, Plainly(), asks=False)
        return report

    def waiting(self, today: date, *options: str) -> dict[str, Any]:
        result = command("waiting", "--config", self.config, "--today", str(today), "--json", *options)
        found: dict[str, Any] = json.loads(result.stdout)
        return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def tasks(home: Home) -> dict[str, str]:
    """The open and closed follow-ups by title, with the state and the reason of each."""
    result = command("follow-ups", "--all", "--config", home.config, "--json")
    return {item["title"]: f"{item['status']}: {item['reason']}" for item in json.loads(result.stdout)}


def write_an_answer(home: Home) -> None:
    home.deliver(to("answer", "anna@home.example", 5))


def hold_a_meeting(home: Home) -> None:
    (home.folder / "calendar.ics").write_text(CALENDAR.format(LUNCH.format(day="20260305")))


def book_a_meeting(home: Home) -> None:
    (home.folder / "calendar.ics").write_text(CALENDAR.format(LUNCH.format(day="20260312")))


def call(home: Home) -> None:
    (home.folder / "journal.csv").write_text(f"{JOURNAL}2026-03-05,Anna Berg,contact,,,,,,,Phoned\n")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (write_an_answer, "no longer needed; last contact on 5 Mar (you wrote to anna@home.example)"),
        (hold_a_meeting, "no longer needed; last contact on 5 Mar (Lunch)"),
        (book_a_meeting, "no longer needed; you meet on 12 Mar"),
        (call, "no longer needed; last contact on 5 Mar (Phoned)"),
    ],
)
def test_an_answer_closes_the_task_by_the_next_hour(
    home: Home, answer: Callable[[Home], None], reason: str
) -> None:
    home.deliver(FROM_ANNA)
    home.daily(MONDAY)
    assert tasks(home) == {}
    home.daily(date(2026, 3, 4))
    assert tasks(home) == {"Answer Anna Berg": "open: "}
    answer(home)
    home.hourly(THURSDAY)
    assert tasks(home)["Answer Anna Berg"] == f"withdrawn: {reason}"
    assert "- [-] Answer Anna Berg" in (home.folder / "tasks.md").read_text()


def test_a_mail_without_an_answer_is_asked_about_again_and_then_by_phone(home: Home) -> None:
    home.deliver(to("first", "ben@x.example", 2))
    home.daily(date(2026, 3, 8))
    assert tasks(home) == {}
    home.daily(date(2026, 3, 9))
    assert tasks(home) == {"Ask Ben Park once more": "open: "}
    home.deliver(to("second", "ben@x.example", 9))
    home.daily(date(2026, 3, 10))
    assert tasks(home)["Ask Ben Park once more"].startswith("withdrawn: no longer needed; last contact")
    home.daily(date(2026, 3, 26))
    assert tasks(home)["Call Ben Park: two mails have no answer"] == "open: "


def test_the_command_lists_both_sides_and_a_dismissed_thread_waits_no_longer(home: Home) -> None:
    home.deliver(FROM_ANNA, to("asked", "ben@x.example", 3))
    home.daily(THURSDAY)
    found = home.waiting(THURSDAY)
    assert [(one["person"], one["since"], one["days"]) for one in found["for_me"]] == [
        ("Anna Berg", "2026-03-02", 3)
    ]
    assert [(one["person"], one["in_a_row"]) for one in found["for_them"]] == [("Ben Park", 1)]
    # A number of 19 digits would be rounded by JavaScript.
    assert found["for_me"][0]["thread"].isdigit()
    shown = command("waiting", "--config", home.config, "--today", str(THURSDAY)).stdout
    assert "They wait for your answer: 1\n  Anna Berg" in shown
    assert "You wait for their answer: 1\n  Ben Park" in shown
    said = command(
        "waiting", "--config", home.config, "--today", str(THURSDAY), "--dismiss", "Anna Berg"
    ).stdout
    assert said == "What waited with Anna Berg waits no longer. Their next mail waits again.\n"
    assert home.waiting(THURSDAY)["for_me"] == []
    home.daily(THURSDAY)
    assert tasks(home)["Answer Anna Berg"] == "withdrawn: no longer needed: you dismissed the thread"
    home.deliver(mail("Anna", "Message-ID: <again@id.example>", "In-Reply-To: <Anna@id.example>", day=6))
    home.daily(date(2026, 3, 9))
    assert [one["since"] for one in home.waiting(date(2026, 3, 9))["for_me"]] == ["2026-03-06"]


def test_nothing_to_dismiss_says_so(home: Home) -> None:
    home.daily(THURSDAY)
    words = ("waiting", "--config", home.config, "--today", str(THURSDAY))
    assert "Nobody waits" in command(*words).stdout
    with pytest.raises(UserMustAct, match="nothing waits with 'Ben Park'"):
        command(*words, "--dismiss", "Ben Park")


def test_the_digest_has_both_sides(home: Home) -> None:
    home.deliver(FROM_ANNA, to("asked", "ben@x.example", 3))
    home.daily(THURSDAY)
    page = digest_of(home.hourly(THURSDAY), _context(home)).page()
    assert "## They wait for your answer\n- **Anna Berg** · since Mon 2 Mar" in page
    assert "You wait for answers of: Ben Park." in page


def _context(home: Home) -> Context:
    settings = load(home.config, {})
    return context_of(settings, open_store(settings.store_url), THURSDAY)


def test_explain_names_the_mail(home: Home) -> None:
    home.deliver(to("asked", "ben@x.example", 3))
    home.daily(THURSDAY)
    shown = command("explain", "Ben Park", "--config", home.config, "--today", str(THURSDAY)).stdout
    assert "Last contact 3 Mar (you wrote to ben@x.example), 2 days" in shown


def test_what_strangers_write_makes_no_task_and_no_person(home: Home) -> None:
    home.deliver(mail("Stranger"))
    document = home.daily(THURSDAY)
    assert document["people"]["total"] == 2
    assert tasks(home) == {}


def test_the_effect_of_a_rule_about_mail_names_who_it_affects(home: Home) -> None:
    home.deliver(FROM_ANNA)
    home.daily(THURSDAY)
    rules = home.folder / "rules" / "mine.yaml"
    rules.write_text(
        "version: 1\nrules:\n  - {id: anna-rests, for: message, when: {from_email: anna@x.example},"
        " then: {settled: true}, why: She needs no answers.}\n"
    )
    result = command("rules", "diff", "--config", home.config, "--today", str(THURSDAY))
    assert "-1 follow-ups answer-them, e.g. Anna Berg" in result.stdout


def test_a_task_says_a_value_with_two_limits_once(home: Home) -> None:
    home.deliver(FROM_ANNA)
    home.daily(THURSDAY)
    (item,) = json.loads(command("follow-ups", "--config", home.config, "--json").stdout)
    shown = command("explain", item["key"], "--config", home.config, "--today", str(THURSDAY)).stdout
    assert " ".join(shown.split()).count("at least 2 days ago and at most 30 days ago") == 1
    assert sum("2 days ago" in line for line in shown.splitlines()) == 1


def test_the_demo_shows_who_waits_and_what_is_no_contact(tmp_path: Path) -> None:
    with network(pulled(demo_network(tmp_path / "demo"))) as (settings, store):
        judged = look(settings, store, TODAY).judgement
    facts = {row["name"]: row for row in judged.frame.iter_rows(named=True)}
    waits = {name: row["waiting_for_me_days"] for name, row in facts.items() if row["waiting_for_me_days"]}
    assert waits == {"Carys Evans": 5}
    owed = {name: row["waiting_for_them_days"] for name, row in facts.items() if row["waiting_for_them_days"]}
    assert owed == {"Owen Price": 9, "Priya Nair": 6}
    assert facts["Priya Nair"]["waiting_for_them_in_reply"]
    assert facts["Amira Haddad"]["last_channel"] == "email"
    assert [name for name, row in facts.items() if row["mail_bounced"]] == ["Adrian Finch"]
    for name in ("Adrian Finch", "George Whitcombe", "Hannah Okafor", "Ruth Calloway"):
        assert facts[name]["last_channel"] != "email"


def test_each_mail_says_what_it_counts_for_and_by_which_rule(home: Home) -> None:
    away = mail("Ben", "Auto-Submitted: auto-replied", day=4)
    home.deliver(to("asked", "ben@x.example", 3), away, FROM_ANNA)
    home.daily(THURSDAY)
    shown = command("mails", "Ben Park", "--config", home.config, "--today", str(THURSDAY)).stdout
    assert [line.split() for line in shown.splitlines()] == [
        ["4", "Mar", "received", "ben@x.example", "none", "automatic-replies"],
        ["3", "Mar", "you", "wrote", "ben@x.example", "full", "written-to-a-few"],
    ]
    found = json.loads(command("mails", "Ben Park", "--config", home.config, "--json").stdout)
    assert [(one["counts"], one["rules"]) for one in found] == [
        ("none", ["automatic-replies"]),
        ("full", ["written-to-a-few"]),
    ]
