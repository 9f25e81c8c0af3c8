"""The user's own addresses that the settings do not name: who is proposed, and who is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.run.outcome import own_addresses
from tests.support.demo import command, network

DAY = date(2026, 1, 14)
TODAY = DAY.isoformat()
SETTINGS = """
[me]
name = "Alex Doe"
emails = {emails}
time_zone = "Europe/London"
{more}
[[sources]]
name = "work"
type = "ics"
path = "work.ics"

[[sources]]
name = "phone"
type = "vcard"
path = "phone.vcf"
"""
NO_CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Tom Hale\nEMAIL:tom@hale.example\nEND:VCARD\n"

Network = Callable[..., Path]


def calendar(meetings: Sequence[Sequence[str]]) -> str:
    """A meeting per list of guests, on the days before ``TODAY``. The first guest has organised it."""
    events = []
    for day, guests in enumerate(meetings, start=1):
        start = f"{DAY - timedelta(days=day):%Y%m%d}"
        people = "".join(f"ATTENDEE;CN={g.split('@')[0]}:mailto:{g}\r\n" for g in guests)
        events.append(
            f"BEGIN:VEVENT\r\nUID:{day}\r\nDTSTART:{start}T100000Z\r\nDURATION:PT1H\r\n"
            f"SUMMARY:Meeting {day}\r\nORGANIZER:mailto:{guests[0]}\r\n{people}END:VEVENT\r\n"
        )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(events)}END:VCALENDAR\r\n"


@pytest.fixture
def made(tmp_path: Path) -> Network:
    """Write a network with these guest lists, the first guest as organiser."""

    def make(
        *meetings: Sequence[str], emails: str = '["alex@example.com"]', more: str = "", card: str = NO_CARD
    ) -> Path:
        (tmp_path / "work.ics").write_text(calendar(meetings))
        (tmp_path / "phone.vcf").write_text(card)
        (tmp_path / "touchbase.toml").write_text(SETTINGS.format(emails=emails, more=more))
        return tmp_path / "touchbase.toml"

    return make


def ran(config: Path) -> list[str]:
    """Run, and return the screen as one line if it says something about addresses."""
    text = " ".join(command("run", "--config", config, "--today", TODAY).stdout.split())
    return [text] if "[me]" in text else []


def me(config: Path) -> tuple[str, str, str]:
    checks = json.loads(command("doctor", "--json", "--config", config).stdout)
    found = next(check for check in checks if check["name"] == "me")
    return found["status"], found["message"], found["help"]


def test_an_address_at_all_meetings_is_asked_about_once_and_by_doctor_always(made: Network) -> None:
    config = made(*[["alex@doe.example", f"guest{n}@firm.example"] for n in range(3)])
    (said,) = ran(config)
    assert said.endswith(
        "alex@doe.example is at 3 of 3 meetings: yours? Add it to [me] emails in touchbase.toml; "
        "if it is not yours, add it to [me] not_mine"
    )
    assert ran(config) == []
    assert me(config) == (
        "warning",
        "alex@doe.example is at 3 of 3 meetings: yours?",
        "add it to [me] emails in touchbase.toml; if it is not yours, add it to [me] not_mine",
    )


def test_a_dry_run_asks_and_does_not_remember(made: Network) -> None:
    config = made(*[["alex@doe.example", f"guest{n}@firm.example"] for n in range(3)])
    dry = command("run", "--dry-run", "--config", config, "--today", TODAY).stdout
    assert "alex@doe.example is at 3 of 3 meetings" in " ".join(dry.split())
    assert len(ran(config)) == 1


@pytest.mark.parametrize(
    ("emails", "more"),
    [
        ('["alex@example.com", "alex@doe.example"]', ""),
        ('["alex@example.com"]', 'not_mine = ["Alex@doe.example"]'),
    ],
    ids=["yes", "no"],
)
def test_an_answer_ends_the_question(made: Network, emails: str, more: str) -> None:
    config = made(*[["alex@doe.example", f"g{n}@firm.example"] for n in range(3)], emails=emails, more=more)
    assert ran(config) == []
    assert me(config)[0] == "ok"


def test_a_colleague_at_nearly_all_of_the_users_meetings_is_not_taken_for_the_user(made: Network) -> None:
    config = made(*[["alex@example.com", "sam@doe.example", f"g{n}@firm.example"] for n in range(9)])
    assert ran(config) == []
    assert me(config) == ("ok", "alex@example.com", "")


def test_nor_for_a_few_meetings_that_the_user_is_not_on(made: Network) -> None:
    with_me = [["alex@example.com", "sam@doe.example"]] * 10
    config = made(*with_me, *[["sam@doe.example", f"g{n}@firm.example"] for n in range(3)])
    assert me_after_run(config) == "ok"


def me_after_run(config: Path) -> str:
    ran(config)
    return me(config)[0]


@pytest.mark.parametrize(("meetings", "status"), [(2, "ok"), (3, "warning")])
def test_two_meetings_are_too_few(made: Network, meetings: int, status: str) -> None:
    config = made(*[["alex@doe.example", f"g{n}@firm.example"] for n in range(meetings)])
    assert me_after_run(config) == status


def test_of_two_at_every_meeting_the_one_with_the_users_name_is_proposed(made: Network) -> None:
    config = made(*[["sam@doe.example", "alex.doe@doe.example", f"g{n}@firm.example"] for n in range(4)])
    ran(config)
    assert me(config)[1] == "alex.doe@doe.example is at 4 of 4 meetings: yours?"


def test_the_meetings_without_the_user_are_what_counts(made: Network) -> None:
    config = made(*[["alex@example.com", "x@firm.example"]] * 4, *[["alex@doe.example", "y@z.example"]] * 3,
                  ["alex@doe.example", "anna@berg.example"])  # fmt: skip
    ran(config)
    assert me(config)[1] == "alex@doe.example is at 4 of 4 meetings without an address of yours: yours?"


def test_a_card_with_the_users_name_is_asked_about(made: Network) -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Álex Doe\nEMAIL:alex@home.example\nEND:VCARD\n"
    config = made(["alex@example.com", "tom@hale.example"], card=card)
    ran(config)
    assert me(config)[1] == "alex@home.example is on a card with your name: yours?"


def test_the_placeholder_is_named(made: Network) -> None:
    config = made(["alex@doe.example", "anna@berg.example"], emails='["you@example.com"]')
    (said,) = ran(config)
    assert said.endswith(f"{own_addresses.PLACEHOLDER}; {own_addresses.PLACEHOLDER_HELP}")
    assert me(config) == ("warning", own_addresses.PLACEHOLDER, own_addresses.PLACEHOLDER_HELP)


def test_the_demo_has_no_question(tmp_path: Path) -> None:
    config = network(tmp_path)
    document = json.loads(command("run", "--json", "--config", config, "--today", TODAY).stdout)
    assert document["possible_addresses"] == []
    assert me(config)[0] == "ok"
