"""A start for everybody: an address book or LinkedIn alone gives a few sensible first steps per week."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from flows.cli.commands.init import copy_rules
from flows.settings.loading import load
from people.store import follow_ups, open_store
from people.tasks import FollowUp
from tests.support.demo import run
from tests.support.stores import with_own_store

MONDAY, TUESDAY, NEXT_MONDAY = date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 7)
FIRST = ["Anna", "Ben", "Carys", "Dan", "Eleanor", "Felix", "Gwen", "Hugo", "Ines", "Jack"]
LAST = ["Abbott", "Fairfax", "Kowalczyk", "Montague", "Prendergast", "Zimmermann"]
NAMES = [f"{first} {last}" for last in LAST for first in FIRST]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_rules(tmp_path / "rules", quiet=True)
    return tmp_path


def settings(folder: Path, source: str) -> Path:
    config = folder / "touchbase.toml"
    config.write_text(
        '[me]\nname = "Alex Doe"\nemails = ["alex@doe.example"]\n'
        '[tasks]\ntype = "vtodo-folder"\npath = "tasks"\n' + source
    )
    return with_own_store(config)


def created(config: Path, today: date) -> list[FollowUp]:
    """The follow-ups that the run of a day adds."""
    run(config, today=today)
    store = open_store(load(config, {}).store_url)
    with store.read() as connection:
        past = follow_ups.past(connection)
    store.close()
    return [item.follow_up for item in past if item.created_on == today]


def test_an_address_book_alone(folder: Path) -> None:
    """Of sixty cards ten are clients, ten owners, and forty say nothing: the plumber gets no task."""
    cards = []
    for number, name in enumerate(NAMES):
        first, last = name.split()
        more = {0: "CATEGORIES:client\n", 1: "TITLE:Managing Director\n"}.get(number % 6, "TITLE:Plumber\n")
        cards.append(f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nN:{last};{first};;;\n{more}END:VCARD\n")
    (folder / "cards.vcf").write_text("".join(cards))
    config = settings(folder, '[[sources]]\nname = "phone"\ntype = "vcard"\npath = "cards.vcf"\n')
    weeks = [created(config, day) for day in (MONDAY, TUESDAY, NEXT_MONDAY)]
    assert [len(week) for week in weeks] == [3, 0, 3]
    steps = [item for week in weeks for item in week]
    assert {item.rule for item in steps} == {"never-spoken"}
    assert len({item.person_id for item in steps}) == 6
    assert all(item.title == f"Get in touch with {item.person}" for item in steps)
    # Clients come before owners.
    assert {evidence.value for item in steps for evidence in item.because if evidence.field == "tier"} == {
        "key"
    }


def test_linkedin_alone(folder: Path) -> None:
    rows = ["First Name,Last Name,URL,Email Address,Company,Position,Connected On"]
    for number, name in enumerate(NAMES):
        first, last = name.split()
        job = "Owner" if number % 3 == 0 else "Office Manager"
        when = "27 Nov 2026" if number < 8 else "14 May 2023"
        rows.append(f"{first},{last},https://www.linkedin.com/in/x{number},,Firm {number},{job},{when}")
    (folder / "Connections.csv").write_text("\n".join(rows) + "\n")
    config = settings(folder, '[[sources]]\nname = "linkedin"\ntype = "linkedin"\npath = "Connections.csv"\n')
    first_week = [*created(config, MONDAY), *created(config, TUESDAY)]
    assert Counter(item.rule for item in first_week) == {"never-spoken": 3, "new-connection": 5}
    assert Counter(item.rule for item in created(config, NEXT_MONDAY)) == {"never-spoken": 3}
