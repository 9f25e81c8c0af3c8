"""The brief of a day and of a person, as the command prints it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from flows.cli.commands.brief import lines_of
from flows.pages import brief as briefs
from flows.pages.brief_lines import markdown
from flows.pages.documents.brief import BriefDocument
from flows.pages.guests import stranger
from flows.run.context import context_of
from flows.run.decide import plan_tasks
from flows.run.judge import Judged
from flows.settings.loading import load
from people.store import frames, lookup, open_store
from tests.support.crash_points import wish
from tests.support.demo import command
from tests.support.small_network import CARDS, CELLAR, FAIR, FELIX, JOURNAL, LUNCH, ME, TODAY, event, world


def shown(config: Path, *words: str) -> str:
    return command("brief", *words, "--config", config, "--today", TODAY.isoformat()).output


def briefed(config: Path, day: date = TODAY, now: datetime | None = None) -> BriefDocument:
    settings = load(config)
    with closing(open_store(settings.store_url)) as store:
        return briefs.of_day(context_of(settings, store, TODAY), day, now)


@pytest.fixture(scope="module")
def felix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Felix was met twice, and comes today; Tom comes on Thursday."""
    walk = event("walk", "20261203T100000Z", "20261203T110000Z", "Walk", f"{ME}, Tom Hale <tom@hale.example>")
    return world(tmp_path_factory.mktemp("felix"), FAIR, LUNCH, CELLAR, walk)


def test_a_day_with_one_meeting(felix: Path) -> None:
    expected = """\
Mon 30 Nov

10:00-11:30 Cellar plans · Harbour Hotel

  Felix Moreau · Moreau & Fils · Managing Director · key person
    07700 900133
    Last contact 2 Nov
    3 times in a year; first met 3 Mar 2025 at Wine fair
    You owe them word on Priya Nair, their referral of 2 Nov (met)
    Owes you word on Tom Hale, your referral of 14 Oct (introduced)
    You gave 3, they gave 3
    Needs bookkeeping: Owen Price (Price Books) could help
    Offers wine
    Birthday Wed 2 Dec, 50

Afterwards, with what was said:
  touchbase log 'Felix Moreau' contact --date 2026-11-30 --note ''

Thu 3 Dec, 1 meeting: touchbase brief --day thursday
"""
    assert shown(felix) == expected
    # At 80 columns nothing is longer than the screen.
    assert max(map(len, expected.splitlines())) <= 80


def test_a_person_and_their_next_meeting(felix: Path) -> None:
    page = shown(felix, "felix")
    assert page.startswith(
        "  Felix Moreau · Moreau & Fils · Managing Director · key person\n    07700 900133\n"
    )
    assert "\n    Next meeting Mon 30 Nov, 10:00-11:30: Cellar plans · Harbour Hotel\n" in page


def test_a_person_without_a_meeting_and_both_sides_of_a_referral(felix: Path) -> None:
    assert (
        shown(felix, "Priya Nair")
        == """\
  Priya Nair · Nair Books
    priya@nair.example
    No contact on record
    You owe Felix Moreau word on them, a referral of 2 Nov (met)
    No meeting is booked

Afterwards, with what was said:
  touchbase log 'Priya Nair' contact --date 2026-11-30 --note ''
"""
    )


def test_whom_a_guest_could_help(felix: Path) -> None:
    page = shown(felix, "owen")
    assert "    Last contact 1 Oct\n    Offers bookkeeper: Felix Moreau (Moreau & Fils) needs it\n" in page


def test_the_open_follow_ups_of_a_guest(tmp_path: Path) -> None:
    config = world(tmp_path, CELLAR)
    settings = load(config)
    with closing(open_store(settings.store_url)) as store:
        context = context_of(settings, store, TODAY)
        felix = next(one.person_id for one in briefed(config).meetings[0].guests)
        wishes = [wish(felix or "", title="Send Felix the plans", due=date(2026, 12, 1))]
        plan_tasks(context, Judged(wishes=wishes))
    (item,) = briefed(config).meetings[0].guests[0].follow_ups
    assert f"    Open: Send Felix the plans, due Tue 1 Dec ({item.key[:4]})\n" in shown(config)


def test_what_is_no_meeting_with_anybody_is_left_out(tmp_path: Path) -> None:
    at = ("20261130T140000Z", "20261130T150000Z")
    config = world(
        tmp_path,
        event("a", *at, "Cancelled", f"{ME}, {FELIX}", STATUS="CANCELLED"),
        event("b", *at, "Declined by me", f"!{ME}, {FELIX}"),
        event("c", *at, "Declined by him", f"{ME}, !{FELIX}"),
        event("d", *at, "A room and a machine", f"{ME}, No Reply <noreply@booking.example>"),
        event("e", *at, "With a colleague", f"{ME}, Kim Doe <kim@doe.example>"),
        event("f", *at, "Alone"),
        event("g", "20261201T090000Z", "20261201T100000Z", "Tomorrow", f"{ME}, {FELIX}"),
    )
    assert shown(config) == (
        "No meetings on Mon 30 Nov.\n\nTue 1 Dec, 1 meeting: touchbase brief --day tomorrow\n"
    )
    assert shown(config, "--day", "tomorrow").startswith("Tue 1 Dec\n\n09:00-10:00 Tomorrow\n")
    assert shown(config, "--day", "tue") == shown(config, "--day", "2026-12-01")
    assert shown(config, "--day", "wednesday") == "No meetings on Wed 2 Dec, nor in the week after.\n"


def test_a_guest_whom_nobody_knows(tmp_path: Path) -> None:
    config = world(
        tmp_path,
        event(
            "x", "20261130T140000Z", "20261130T150000Z", "Tea",
            f"{ME}, Jane Roe <jane@roe.example>, {FELIX}, zed@roe.example <zed@roe.example>",
        ),
    )  # fmt: skip
    page = shown(config)
    assert "  Jane Roe · jane@roe.example\n    nobody known yet\n" in page
    assert "  zed@roe.example\n    nobody known yet\n" in page
    # Those you know comes first.
    assert page.index("Felix Moreau") < page.index("Jane Roe")
    # After one meeting she is known, though no card names her.
    later = briefs_of(config, "jane@roe.example", date(2026, 12, 5))
    assert later.person is not None
    assert later.person.known
    assert later.person.first_event == "Tea"


def test_of_a_large_meeting_only_those_who_matter(tmp_path: Path) -> None:
    crowd = ", ".join(f"Guest {n} <guest{n}@fair.example>" for n in range(23))
    at = ("20261130T170000Z", "20261130T190000Z")
    config = world(tmp_path, event("x", *at, "Autumn fair", f"{ME}, {crowd}, {FELIX}"))
    page = shown(config)
    assert page.count("· key person\n") == 1
    assert "\n  and 23 more\n" in page
    assert page.count("touchbase log") == 1
    assert "Guest" not in page


def test_of_a_large_meeting_without_anybody_who_matters(tmp_path: Path) -> None:
    crowd = ", ".join(f"Guest {n} <guest{n}@fair.example>" for n in range(23))
    config = world(tmp_path, event("x", "20261130T170000Z", "20261130T190000Z", "Fair", f"{ME}, {crowd}"))
    expected = "Mon 30 Nov\n\n17:00-19:00 Fair\n\n  23 guests, none of them key, target or connector\n"
    assert shown(config) == expected


def test_after_the_last_meeting_of_today(tmp_path: Path) -> None:
    config = world(
        tmp_path, CELLAR, event("g", "20261201T090000Z", "20261201T100000Z", "Tasting", f"{ME}, {FELIX}")
    )
    document = briefed(config, now=datetime(2026, 11, 30, 11, 30, tzinfo=UTC))
    assert (
        click.unstyle("\n".join(lines_of(document)))
        == """\
Your last meeting of today is over (Cellar plans, 10:00-11:30).

10:00-11:30 Cellar plans · Harbour Hotel (over)
  Felix Moreau · Moreau & Fils · Managing Director · key person

Afterwards, with what was said:
  touchbase log 'Felix Moreau' contact --date 2026-11-30 --note ''

Tue 1 Dec, 1 meeting: touchbase brief --day tomorrow"""
    )
    before = briefed(config, now=datetime(2026, 11, 30, 11, 29, tzinfo=UTC))
    assert [meeting.over for meeting in before.meetings] == [False]


def test_the_day_is_that_of_the_user(tmp_path: Path) -> None:
    config = world(tmp_path, event("x", "20261129T153000Z", "20261129T163000Z", "Early", f"{ME}, {FELIX}"))
    config.write_text(config.read_text().replace("Europe/London", "Asia/Tokyo"))
    assert shown(config).startswith("Mon 30 Nov\n\n00:30-01:30 Early\n")


def test_one_event_in_two_calendars_is_one_meeting(tmp_path: Path) -> None:
    config = world(tmp_path, CELLAR, CELLAR.replace("UID:cellar", "UID:copy"))
    assert [meeting.title for meeting in briefed(config).meetings] == ["Cellar plans"]


def test_a_meeting_of_today_is_no_contact_yet(tmp_path: Path) -> None:
    config = world(tmp_path, CELLAR, journal=JOURNAL.splitlines()[0])
    (guest,) = briefed(config).meetings[0].guests
    assert guest.last_contact is None


def test_hostile_text_stays_text_and_the_log_line_can_be_pasted(tmp_path: Path) -> None:
    cards = r"""
BEGIN:VCARD
VERSION:3.0
UID:x
FN:$(touch owned) `id` 'O"Hara' \; rm -rf *
EMAIL:x@hostile.example
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:y
FN:--config
EMAIL:y@hostile.example
END:VCARD
"""
    guests = "Nice Name <x@hostile.example>, Other <y@hostile.example>"
    title = "Tea \x1b[31mred\x1b[0m \u202egnp.exe"
    config = world(
        tmp_path, event("x", "20261130T140000Z", "20261130T150000Z", title, f"{ME}, {guests}"), cards=cards
    )
    page = shown(config)
    assert "\x1b" not in page
    assert "\u202e" not in page
    commands = [line.strip() for line in page.splitlines() if line.startswith("  touchbase log")]
    assert len(commands) == 2
    for line in commands:
        subprocess.run(
            ["sh", "-c", f'touchbase() {{ printf "%s\\n" "$@" > said; }}; {line}'], check=True, cwd=tmp_path
        )
        words = (tmp_path / "said").read_text().splitlines()
        assert command(*words, "--config", config).exit_code == 0
    assert not (tmp_path / "owned").exists()
    lines = (tmp_path / "journal.csv").read_text().splitlines()[-2:]
    with closing(open_store(load(config).store_url)) as store, store.read() as connection:
        people = {
            row["person"] for row in csv.DictReader(io.StringIO("\n".join([JOURNAL.splitlines()[0], *lines])))
        }
        found = lookup.exactly(connection, people)
    assert [len(ids) for ids in found.values()] == [1, 1]


def test_the_artifact_is_the_same_in_markdown(tmp_path: Path) -> None:
    title = "Tea [here](https://evil.example) **now**"
    tea = event("x", "20261130T140000Z", "20261130T150000Z", title, f"{ME}, <b>Jane</b> <jane@roe.example>")
    assert (
        markdown(briefed(world(tmp_path, tea)))
        == """\
## 14:00-15:00 Tea `[here](https://evil.example)` \\*\\*now\\*\\*

- **\\<b>Jane\\</b> · jane@roe.example**
  - nobody known yet

Afterwards, with what was said:

- `touchbase log '<b>Jane</b>' contact --date 2026-11-30 --note ''`
"""
    )
    assert markdown(briefed(tmp_path / "touchbase.toml", date(2026, 12, 24))) == (
        "No meetings on Thu 24 Dec, nor in the week after."
    )


def test_a_guest_without_any_record_can_be_added() -> None:
    guest = stranger("Jane Roe", "jane@roe.example", "Tea at six", TODAY)
    assert guest.log == (
        "touchbase add 'Jane Roe' --email jane@roe.example --met 'Tea at six' --date 2026-11-30"
    )
    assert stranger(None, "jane@roe.example", "Tea", TODAY).log is None
    assert stranger("--help", "jane@roe.example", "Tea", TODAY).log is None


def test_two_people_of_one_name_are_logged_by_address(tmp_path: Path) -> None:
    twin = CARDS + "\n".join(
        ["BEGIN:VCARD", "VERSION:3.0", "UID:other", "FN:Felix Moreau", "EMAIL:f@other.example",
         "BDAY:1950-01-01", "TEL:+442079460000", "END:VCARD", ""]
    )  # fmt: skip
    config = world(tmp_path, CELLAR, cards=twin)
    (guest,) = briefed(config).meetings[0].guests
    assert guest.log == "touchbase log felix@moreau.example contact --date 2026-11-30 --note ''"


def test_the_document(felix: Path) -> None:
    document = json.loads(shown(felix, "--json"))
    assert list(document) == ["today", "day", "person", "meetings", "next_day", "next_day_meetings"]
    (meeting,) = document["meetings"]
    assert (meeting["start"], meeting["time"]) == ("2026-11-30T10:00:00+00:00", "10:00-11:30")
    (guest,) = meeting["guests"]
    assert [one["owes_word"] for one in guest["referrals"]] == ["you", "they"]
    assert BriefDocument.model_validate(document).day == TODAY


def test_only_the_guests_of_the_day_are_read(felix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def watched(*arguments: Any) -> Any:
        found = profiles(*arguments)
        read.append(found.height)
        return found

    profiles = frames.profiles
    monkeypatch.setattr(frames, "profiles", watched)
    settings = load(felix)
    with closing(open_store(settings.store_url)) as store:
        context = context_of(settings, store, TODAY)
        briefs.of_day(context, TODAY + timedelta(days=3))
    assert sum(read) == 1


@pytest.mark.parametrize("day", ["someday", "2026-13-01", "mo"])
def test_a_day_that_is_none(felix: Path, day: str) -> None:
    with pytest.raises(click.UsageError, match="write tomorrow, monday or 2026-01-31"):
        shown(felix, "--day", day)


def test_a_person_or_a_day(felix: Path) -> None:
    with pytest.raises(click.UsageError, match="not both"):
        shown(felix, "felix", "--day", "tomorrow")


def briefs_of(config: Path, who: str, today: date) -> BriefDocument:
    settings = load(config)
    with closing(open_store(settings.store_url)) as store:
        with store.read() as connection:
            person = lookup.one(connection, who)
        return briefs.of_person(context_of(settings, store, today), person)
