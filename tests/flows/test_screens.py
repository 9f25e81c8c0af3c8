"""The screens of ``run``, ``follow-ups`` and ``status``: what they show of a document."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest

from flows.cli.screens import run as run_screen
from flows.cli.screens import status as status_screen
from flows.cli.screens.follow_ups import listing
from flows.pages.documents.status import StatusDocument
from flows.run.outcome.document import (
    ChangedFollowUp,
    FollowUpCounts,
    NewFollowUp,
    PeopleCounts,
    RecordCounts,
    RunDocument,
    SourceDocument,
    TooLate,
)
from flows.run.outcome.first_step import first_step
from people.planning.plan import Plan
from people.store import follow_ups, open_store
from people.tasks import About, FollowUp
from people.types import Problem
from tests.support.demo import command

SATURDAY = date(2026, 11, 28)
MONDAY = date(2026, 11, 30)


def source(name: str, **values: Any) -> SourceDocument:
    return SourceDocument(name=name, **({"status": "ok"} | values))


def contacts(count: int, **more: int) -> RecordCounts:
    return RecordCounts(unchanged=count, **more)


def new(key: str, what: str, reach: str, why: str, due: date = MONDAY) -> NewFollowUp:
    return NewFollowUp(key=key, title=what, what=what, person="", reach=reach, why=why, due=due)


def a_run(**values: Any) -> RunDocument:
    """A run over three sources with 63 people."""
    usual = {
        "sources": (source("phone", contacts=contacts(40)), source("work", meetings=contacts(9))),
        "people": PeopleCounts(total=63, stale=11, without_contact=12),
        "capacity": 5,
    }
    return RunDocument(**({"run_id": "r", "today": SATURDAY, "status": "ok"} | usual | values))


def summary(run: RunDocument, short: dict[str, str] | None = None) -> str:
    return click.unstyle(run_screen.summary(run, short))


class TestRun:
    def test_it_lists_who_is_new(self) -> None:
        shown = summary(
            a_run(
                new=(
                    new("61e207d6aa01", "Call Felix Moreau", "07700 900133", "client, 109 days, aim 30"),
                    new("a0addd0abb02", "Ask Kate Sumner", "kate@sumner.example", "no news since 27 Oct"),
                ),
                follow_ups=FollowUpCounts(created=2, deferred=15),
            ),
            {"61e207d6aa01": "61e2", "a0addd0abb02": "a0add"},
        )
        assert shown.splitlines() == [
            "Sat 28 Nov 2026   63 people · 11 going cold · 2 sources read, all well",
            "New for Monday (2 of 5)",
            "  61e2   Call Felix Moreau  07700 900133         client, 109 days, aim 30",
            "  a0add  Ask Kate Sumner    kate@sumner.example  no news since 27 Oct",
            "Waiting: 15 (touchbase follow-ups)",
        ]

    def test_a_dry_run_says_would_and_each_line_its_own_day(self) -> None:
        earlier = ChangedFollowUp(key="c", title="Call Vera Lind", person="", status="withdrawn", due=MONDAY)
        shown = summary(
            a_run(
                dry_run=True,
                new=(new("a" * 8, "Call Ann", "", "x"), new("b" * 8, "Call Bo", "", "y", date(2026, 12, 3))),
                changed=(earlier.model_copy(update={"reason": "you met on 24 Nov"}),),
                labels=("google: add to key (2 contacts)",),
            )
        )
        assert shown.splitlines()[1:] == [
            "A dry run: nothing was changed.",
            "Since the last run",
            "  would be closed  Call Vera Lind  you met on 24 Nov",
            "Would be new (2 of 5)",
            "  aaaaaaaa  30 Nov  Call Ann  x",
            "  bbbbbbbb  3 Dec   Call Bo   y",
            "Would change labels: google: add to key (2 contacts)",
        ]

    def test_what_became_of_earlier_follow_ups(self) -> None:
        states = (("done", "Call Ann"), ("snoozed", "Call Bo"), ("dismissed", "Call Cy"))
        changed = [
            ChangedFollowUp(key=title, title=title, person="", status=status, due=MONDAY)
            for status, title in states
        ]
        changed += [
            ChangedFollowUp(
                key="d", title="Call Di", person="", status="withdrawn", ending="set back", due=MONDAY
            )
        ]
        assert summary(a_run(changed=tuple(changed))).splitlines()[1:] == [
            "Since the last run",
            "  done         Call Ann",
            "  moved        Call Bo   to Mon 30 Nov",
            "  dropped      Call Cy",
            "  waits again  Call Di",
            "Nothing new.",
        ]

    def test_what_is_soon_too_late_or_already_is(self) -> None:
        def late(person: str, why: str) -> TooLate:
            return TooLate(key=person, title=person, person=person, why=why, until=MONDAY)

        soon = (late("Freya Lindqvist", "met 4 days ago"), late("Ines Duarte", "met 4 days ago"))
        missed = (late("Ann", "a"), late("Bo", "b"), late("Cy", "c"), late("Di", "d"), late("Ed", "e"))
        shown = summary(a_run(follow_ups=FollowUpCounts(deferred=15), soon_too_late=soon, missed=missed))
        soon_too_late = "Soon too late: Freya Lindqvist, Ines Duarte (met 4 days ago)"
        assert shown.splitlines()[2:] == [
            f"Waiting: 15 (touchbase follow-ups). {soon_too_late}",
            "Came too late: Ann, Bo, Cy, Di, and 1 more",
        ]

    def test_what_needs_attention_comes_with_its_remedy_or_its_command(self) -> None:
        failed = source("android", status="failed", error="android.vcf does not exist")
        shown = summary(
            a_run(
                status="partial",
                sources=(source("phone", contacts=contacts(40, problems=3)), failed),
                problems=(
                    Problem(where="source android", message="android.vcf does not exist", help="put it back"),
                    Problem(where="journal.csv:20", message="no one matches 'Al'", kind="journal name"),
                    Problem(where="journal.csv:25", message="no one matches 'Bo'", kind="journal name"),
                    Problem(where="inbox.txt:3", message="names several people", kind="inbox line"),
                    Problem(where="budget", message="95 of 90 GBP", kind="budget"),
                ),
            )
        )
        assert shown.splitlines() == [
            "Sat 28 Nov 2026   63 people · 11 going cold · 1 source read, not read: android",
            "Nothing new.",
            "Needs attention",
            "  android: android.vcf does not exist",
            "    put it back",
            ", ".join(
                (
                    "2 lines of your journal need a name (touchbase inbox)",
                    "1 line of your inbox is unclear (touchbase inbox)",
                    "1 budget warning (touchbase groups)",
                    "3 problems in cards (touchbase contacts)",
                )
            ),
        ]

    def test_a_document_of_an_earlier_version_is_still_shown(self) -> None:
        old = {"run_id": "r", "today": "2026-11-28", "status": "ok", "people": {"total": 2, "stale": 1}}
        assert summary(RunDocument.model_validate(old | {"gone": 1})).splitlines() == [
            "Sat 28 Nov 2026   2 people · 1 going cold",
            "Nothing new.",
        ]


class TestFirstStep:
    """A sentence that is true, and names the next step."""

    def of(self, total: int, without: int, *sources: SourceDocument) -> str | None:
        people = PeopleCounts(total=total, without_contact=without)
        return first_step(a_run(people=people, sources=sources))

    def test_contacts_alone(self) -> None:
        said = self.of(1592, 1592, source("phone", contacts=contacts(1592)))
        assert said == (
            "1,592 of 1,592 people have no contact on record, so nothing can go cold. Name your calendar in "
            "touchbase.toml (touchbase doctor), or: touchbase log WHO contact --date YYYY-MM-DD"
        )

    def test_meetings_with_nobody_you_know(self) -> None:
        said = self.of(9, 9, source("phone", contacts=contacts(9)), source("work", meetings=contacts(4)))
        assert said is not None
        assert "None of them is a guest of your meetings: name the calendar where you meet them" in said

    def test_a_calendar_alone(self) -> None:
        assert self.of(27, 0, source("work", meetings=contacts(40))) == (
            "27 people are known from guest lists alone, without number and firm. "
            "Name your contacts in touchbase.toml, then: touchbase run"
        )

    @pytest.mark.parametrize(
        ("meetings", "said"), [(0, "No source names a person"), (4, "No meeting has a guest")]
    )
    def test_nobody(self, meetings: int, said: str) -> None:
        next_step = ": name your contacts in touchbase.toml, then: touchbase doctor"
        assert self.of(0, 0, source("work", meetings=contacts(meetings))) == said + next_step

    def test_nothing_is_configured(self) -> None:
        sentence = (
            "Nothing is read yet: name your contacts and your calendar in touchbase.toml (touchbase doctor)."
        )
        assert self.of(0, 0) == sentence
        assert summary(a_run(people=PeopleCounts(), sources=())) == sentence

    def test_none_is_needed_once_anybody_can_go_cold(self) -> None:
        assert self.of(9, 8, source("phone", contacts=contacts(9))) is None
        assert self.of(9, 9, source("phone", status="failed")) is None

    def test_nothing_is_said_to_be_going_cold_where_that_cannot_be_known(self) -> None:
        people = PeopleCounts(total=1592, without_contact=1592)
        head = summary(a_run(people=people, sources=(source("phone", contacts=contacts(1592)),))).split("\n")
        assert head[0] == "Sat 28 Nov 2026   1,592 people · 1 source read, all well"
        assert head[1].startswith("1,592 of 1,592 people have no contact on record")


def follow_up(key: str, title: str, **values: Any) -> FollowUp:
    about = About(name=title.removeprefix("Call "), phones=("07700 900133",))
    usual = {"rule": "gone-cold", "person_id": "p", "person": about.name, "due": SATURDAY, "about": about}
    return FollowUp(key=key, title=title, **(usual | values))


class TestFollowUps:
    def shown(self, *items: FollowUp, everything: bool = False) -> list[str]:
        short = {item.key: item.key[:4] for item in items}
        lines = listing(items, short, SATURDAY, everything=everything)
        return click.unstyle("\n".join(lines)).split("\n")

    def test_they_are_grouped_and_the_key_comes_first(self) -> None:
        full = "waits: today's 5 places are taken"
        waiting = [
            follow_up(f"{n}999", f"Call W{n}", status="deferred", reason=full, value=n) for n in range(7)
        ]
        assert self.shown(
            follow_up("aaaa1", "Call Ann", due=date(2026, 11, 24)),
            follow_up("bbbb1", "Call Bo", status="snoozed", due=MONDAY),
            *waiting,
        ) == [
            "Due",
            "  aaaa  Call Ann  07700 900133  gone-cold  since 24 Nov",
            "Mon 30 Nov",
            "  bbbb  Call Bo   07700 900133  gone-cold  moved by you",
            "Waits: today's 5 places are taken",
            "  6999  Call W6   07700 900133  gone-cold",
            "  5999  Call W5   07700 900133  gone-cold",
            "  4999  Call W4   07700 900133  gone-cold",
            "  3999  Call W3   07700 900133  gone-cold",
            "  2999  Call W2   07700 900133  gone-cold",
            "  and 2 more: touchbase follow-ups --all",
            "Next: touchbase done KEY, touchbase snooze KEY or touchbase explain KEY",
        ]

    def test_all_shows_the_closed_ones_too(self) -> None:
        shown = self.shown(
            follow_up("aaaa", "Call Ann", status="done"),
            follow_up("bbbb", "Call Bo", status="withdrawn", reason="you met on 24 Nov"),
            everything=True,
        )
        assert shown[:-1] == [
            "Done",
            "  aaaa  Call Ann  07700 900133  gone-cold",
            "Closed by Touchbase",
            "  bbbb  Call Bo   07700 900133  gone-cold  you met on 24 Nov",
        ]

    def test_nothing_due_says_what_comes_next(self, tmp_path: Path) -> None:
        (tmp_path / "touchbase.toml").write_text("")
        assert command("follow-ups", "--config", tmp_path / "touchbase.toml").output == (
            "There is no run yet. Next: touchbase run\n"
        )


def test_a_key_is_as_short_as_it_may_be() -> None:
    store = open_store("sqlite://")
    items = [follow_up(key, "Call Ann") for key in ("61e207d6", "61e299aa", "9a8b79cc")]
    with store.begin() as connection:
        follow_ups.record_plan(connection, Plan(create=tuple(items)), SATURDAY)
        short = follow_ups.short_keys(connection, ["61e207d6", "9a8b79cc", "9a8c0000"])
        found = [follow_ups.find(connection, start) for start in short.values()]
    store.close()
    assert short == {"61e207d6": "61e20", "9a8b79cc": "9a8b", "9a8c0000": "9a8c"}
    assert [item and item.key for item in found] == ["61e207d6", "9a8b79cc", None]


class TestStatus:
    NOW = datetime(2026, 11, 28, 19, 30, tzinfo=UTC)
    """In Rome it is 20:30."""

    def shown(self, **values: Any) -> list[str]:
        usual = {
            "store": "sqlite://",
            "sources": (),
            "runs": (),
            "attention": (),
            "rules": (),
            "problems": (),
        }
        document = StatusDocument.model_validate(usual | values)
        lines = status_screen.lines(document, self.NOW, ZoneInfo("Europe/Rome"))
        return click.unstyle("\n".join(lines)).split("\n")

    def source(self, name: str, **values: Any) -> dict[str, Any]:
        return {
            "name": name, "type": "vcard", "status": "ok", "error": None, "help": None, "cursor_age": None,
            "last_success": self.NOW - timedelta(minutes=27), "last_attempt": self.NOW,
            "counts": {"contacts": 26, "meetings": 0, "journal": 0}, "problems": (),
        } | values  # fmt: skip

    def run(self, status: str, ago: timedelta, created: int = 0) -> dict[str, Any]:
        counts = {"created": created}
        started = self.NOW - ago
        return {"id": "r", "started_at": started, "today": SATURDAY, "status": status, "follow_ups": counts}

    def test_times_are_in_the_users_zone(self) -> None:
        hours = timedelta(hours=1)
        assert self.shown(
            sources=[
                self.source("phone"),
                self.source("work", last_success=self.NOW - 21 * hours),
                self.source("old", last_success=datetime(2026, 8, 11, 22, 30, tzinfo=UTC)),
            ],
            runs=[self.run("ok", hours), self.run("ok", 2 * hours, 5), self.run("partial", 22 * hours)],
        ) == [
            "All well",
            "  phone  26 contacts  today 20:03",
            "  work   26 contacts  yesterday 23:30",
            "  old    26 contacts  12 Aug",
            "Last runs: today 19:30 ok · 18:30 ok (5 new) · yesterday 22:30 partial",
        ]

    def test_what_is_not_well_comes_with_its_remedy(self) -> None:
        failed = {"status": "failed", "error": "android.vcf does not exist", "help": "put it back"}
        mistake = {
            "where": "cadence.yaml:18",
            "message": "'sixty' is not a length of time",
            "help": "say 60d",
        }
        assert self.shown(
            sources=[self.source("phone"), self.source("android", **failed)],
            runs=[self.run("partial", timedelta(hours=1))],
            rules=[mistake],
            problems=[{"where": "source android", "message": "x"}, mistake],
        ) == [
            "All well but 2: android, rules",
            "  phone  26 contacts  today 20:03",
            "  android  FAILED, last read today 20:03: android.vcf does not exist",
            "           put it back",
            "  rules    1 broken: cadence.yaml:18 'sixty' is not a length of time",
            "           say 60d",
            "Last runs: today 19:30 partial",
        ]

    def test_a_partial_run_is_never_all_well(self) -> None:
        shown = self.shown(sources=[self.source("phone")], runs=[self.run("partial", timedelta(0))])
        assert shown[0] == "All well but 1: the last run (partial)"

    def test_without_sources_it_names_the_next_step(self) -> None:
        assert self.shown() == [
            "No source is named yet: add your contacts and your calendar to touchbase.toml",
            "There is no run yet. Next: touchbase run",
        ]
