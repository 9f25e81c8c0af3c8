"""A run on the files that services export: who becomes a person, and which meetings are told as doubtful."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.cli.commands.init import copy_rules
from tests.support.demo import command, run
from tests.support.stores import with_own_store

TODAY = date(2026, 11, 1)
SETTINGS = """
[me]
emails = ["me@doe.example"]
time_zone = "Europe/London"

[[sources]]
name = "takeout"
type = "vcard"
path = "Takeout"

[[sources]]
name = "work"
type = "ics"
path = "calendar.ics"
"""
NORA = "BEGIN:VCARD\nVERSION:3.0\nFN:Nora Lind\nN:Lind;Nora;;;\nCATEGORIES:myContacts\nEND:VCARD\n"
ANNA = "BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nN:Berg;Anna;;;\nEMAIL:anna@berg.example\nEND:VCARD\n"
EVENTS = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:coffee
DTSTART:20261005T090000Z
SUMMARY:Coffee
ORGANIZER;CN=Unknown Organizer:mailto:unknownorganizer@calendar.google.com
ATTENDEE;CN=Anna Berg;PARTSTAT=ACCEPTED:mailto:anna@berg.example
ATTENDEE;PARTSTAT=TENTATIVE:mailto:me@doe.example
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("strangers")
    for label in ("All Contacts", "My Contacts", "Starred in Android"):
        (folder / "Takeout" / label).mkdir(parents=True)
        (folder / "Takeout" / label / f"{label}.vcf").write_text(NORA + ANNA)
    (folder / "calendar.ics").write_text(EVENTS)
    config = folder / "touchbase.toml"
    config.write_text(SETTINGS)
    with_own_store(config)
    copy_rules(folder / "rules", quiet=True)
    run(config, today=TODAY)
    return config


def output(config: Path, *words: str) -> str:
    return command(*words, "--config", config, "--today", str(TODAY)).output


def people(config: Path) -> dict[str, Any]:
    return {person["name"]: person for person in json.loads(output(config, "people", "--json"))}


def test_a_person_in_several_files_of_one_source_is_one(config: Path) -> None:
    found = people(config)
    assert sorted(found) == ["Anna Berg", "Nora Lind"]
    assert len(found["Nora Lind"]["records"]) == 3


def test_the_unknown_organiser_of_google_is_nobody(config: Path) -> None:
    """Neither a person, nor a third at the table: the meeting of two is one."""
    assert people(config)["Anna Berg"]["last_contact"] == "2026-10-05"
    brief = json.loads(output(config, "brief", "--day", "2026-10-05", "--json"))
    assert "google" not in json.dumps(brief)


def test_a_meeting_that_you_did_not_confirm_counts_and_is_told_so(config: Path) -> None:
    assert people(config)["Anna Berg"]["last_contact"] == "2026-10-05"
    shown = output(config, "explain", "Anna Berg", "--rules")
    assert "unconfirmed meeting 'Coffee'" in " ".join(shown.split())
