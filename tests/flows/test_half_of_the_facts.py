"""A source that was never read holds back what depends on it, and a clock that is wrong begins no run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli.commands.init import copy_rules
from flows.run import context
from people.errors import UserMustAct
from tests.flows.test_broken_rules import TODAY, ago, card, event, run, tasks
from tests.support.demo import command
from tests.support.stores import with_own_store

SETTINGS = """
[me]
emails = ["alex@doe.example"]
time_zone = "Europe/London"

[tasks]
path = "tasks"
capacity_per_day = 100
open_at_most = 100

[[sources]]
name = "phone"
type = "vcard"
path = "contacts.vcf"

[[sources]]
name = "work"
type = "ics"
path = "work.ics"
"""
PRIVATE = '\n[[sources]]\nname = "private"\ntype = "ics"\npath = "private.ics"\n'


def calendar(*events: str) -> str:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{''.join(events)}END:VCALENDAR\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Ten clients who were met three weeks ago: nobody is out of touch. It is the birthday of one."""

    cards = [card(0, CATEGORIES="client", BDAY=f"1980-{TODAY:%m-%d}")]
    cards += [card(n, CATEGORIES="client") for n in range(1, 10)]
    (tmp_path / "contacts.vcf").write_text("".join(cards))
    met = [event(n, ago(20), f"p{n}@firm{n}.example") for n in range(10)]
    earlier = [event(n + 50, ago(300), f"p{n}@firm{n}.example") for n in range(10)]
    (tmp_path / "all.ics").write_text(calendar(*met, *earlier))
    (tmp_path / "touchbase.toml").write_text(SETTINGS)
    copy_rules(tmp_path / "rules", quiet=True)
    return with_own_store(tmp_path / "touchbase.toml")


def test_a_first_run_without_the_calendar_makes_nothing_of_its_absence(config: Path) -> None:
    first = run(config)
    # A birthday is on the card, and no meeting changes who is a client.
    assert [item["what"] for item in first["new"]] == ["Wish Person 000 a happy birthday"]
    told = [one["message"] for one in first["problems"] if one["where"] == "follow-ups"]
    assert told == ["10 new ones wait: source 'work' was never read, and their rules depend on it"]
    (config.parent / "all.ics").rename(config.parent / "work.ics")
    second = run(config)
    assert second["status"] == "ok"
    assert second["new"] == []


def test_so_does_a_calendar_that_is_new_and_fails(config: Path) -> None:
    (config.parent / "all.ics").rename(config.parent / "work.ics")
    assert run(config)["status"] == "ok"
    config.write_text(config.read_text() + PRIVATE)
    before = tasks(config)
    later = run(config, TODAY + timedelta(days=25))
    assert later["follow_ups"]["created"] == later["follow_ups"]["updated"] == 0
    assert [one["message"] for one in later["problems"] if one["where"] == "follow-ups"] == [
        "10 new ones wait: source 'private' was never read, and their rules depend on it"
    ]
    (config.parent / "private.ics").write_text(calendar(event(900, ago(-24), "p3@firm3.example")))
    assert run(config, TODAY + timedelta(days=25))["follow_ups"]["created"] == 9
    assert before.keys() < tasks(config).keys()


@pytest.mark.parametrize(("days", "created"), [(15, 10), (31, 0)])
def test_a_source_that_was_not_read_for_a_month_counts_as_unread(
    config: Path, days: int, created: int
) -> None:
    work = config.parent / "work.ics"
    (config.parent / "all.ics").rename(work)
    run(config)
    work.rename(config.parent / "elsewhere.ics")
    later = run(config, TODAY + timedelta(days=days))
    assert later["follow_ups"]["created"] == created
    told = "10 new ones wait: source 'work' was last read on 25 Nov, and their rules depend on it"
    assert (told in str(later["problems"])) == (not created)


class Clock(datetime):
    """The clock of the machine, set to ``at``."""

    at = datetime(2026, 11, 25, 9, tzinfo=UTC)

    @classmethod
    def now(cls, _tz: object = None) -> datetime:  # type: ignore[override]
        return cls.at


def test_a_clock_far_behind_the_last_run_begins_no_run(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (config.parent / "all.ics").rename(config.parent / "work.ics")
    monkeypatch.setattr(context, "datetime", Clock)
    assert command("run", "--config", config).return_value == 0
    before = tasks(config)
    monkeypatch.setattr(Clock, "at", datetime(1970, 1, 1, 0, 5, tzinfo=UTC))
    for words in (["run"], ["run", "--dry-run"]):
        with pytest.raises(UserMustAct, match="says 1970-01-01 01:05, but the last run was on 2026-11-25"):
            command(*words, "--config", config)
    assert tasks(config) == before
    assert "but the last run was on" in command("doctor", "--config", config).output
    # A day back is a time zone, or a clock that was corrected.
    monkeypatch.setattr(Clock, "at", datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert command("run", "--config", config).return_value == 0
    # The way out of a clock that was wrong before.
    monkeypatch.setattr(Clock, "at", datetime(2026, 10, 1, 9, tzinfo=UTC))
    assert command("run", "--config", config, "--today", "2026-10-01").return_value == 0
    assert command("run", "--config", config).return_value == 0
