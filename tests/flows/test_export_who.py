"""`touchbase export --who`: everything that is known of one person, and nothing of others' cards."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.flows.test_forget import NAMES, TODAY, named_in, world, write_cards
from tests.support.demo import command, run

DAY = TODAY.isoformat()


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A network in which Zoë's two cards are one person, who has a follow-up."""
    config = world(tmp_path)
    run(config, today=TODAY)
    command("identity", "same", "phone:zoe", "old:zq", "--config", config)
    run(config, today=TODAY)
    return config


def exported(config: Path, who: str = "Zoë Quillfeather") -> dict[str, Any]:
    out = config.parent / "zoe.json"
    assert command("export", "--who", who, "-o", out, "--config", config, "--today", DAY).return_value == 0
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def test_everything_is_in_one_file_that_only_the_user_can_read(known: Path) -> None:
    document = exported(known)
    assert stat.S_IMODE((known.parent / "zoe.json").stat().st_mode) == 0o600
    rows = document["rows"]
    assert sorted(row["doc"]["source"] for row in rows["records"]) == ["old", "phone", "work"]
    assert [row["meeting"]["title"] for row in rows["meetings"]] == ["Lunch with Zoe QUILLFEATHER"]
    assert sorted(row["date"] for row in rows["journal"]) == ["2026-07-14", "2026-07-16"]
    assert len(rows["follow_ups"]) > 0
    assert "joined" in {row["kind"] for row in rows["identity"]}
    assert len(document["ids"]) == 2
    assert sorted(document["person"]["emails"]) == ["zoe@quill.example", "zq@oldfirm.example"]
    assert document["why"]["evidence"]["emails"]
    assert document["why"]["rules"]


def test_texts_and_files_that_name_them_are_there_with_their_places(known: Path) -> None:
    document = exported(known)
    texts = {one["text"] for one in document["mentions"]}
    assert {
        "Owen about Zoë Quillfeather",
        "Spoke of Zoë Quillfeather",
        "Married to Zoë Quillfeather",
    } <= texts
    places = {one["where"].partition(":")[0] for one in document["places"]}
    named = named_in(known.parent) | {"identity.txt"}
    assert {name for name in named if not name.startswith("touchbase.db")} - {"zoe.json"} == places


def test_nothing_changes_and_pages_stay(known: Path) -> None:
    before = {path: path.read_bytes() for path in (known.parent / "digests").iterdir()}
    exported(known)
    assert before == {path: path.read_bytes() for path in (known.parent / "digests").iterdir()}


def test_somebody_else_is_not_in_it(known: Path) -> None:
    document = exported(known, "Owen Price")
    assert "zoe@quill.example" not in json.dumps(document["rows"]["records"])
    found = {row["doc"]["source_id"] for row in document["rows"]["records"]}
    assert found == {"owen", "mailto:owen@price.example"}


def test_part_of_a_name_and_another_format_are_refused(known: Path) -> None:
    with pytest.raises(Exception, match="only part of a name"):
        command("export", "--who", "Quillf", "--config", known)
    with pytest.raises(Exception, match="writes JSON"):
        command("export", "--who", "Owen Price", "--csv", "--config", known)


def test_somebody_whose_cards_are_gone_is_still_answered(tmp_path: Path) -> None:
    config = world(tmp_path)
    run(config, today=TODAY)
    write_cards(config, "BEGIN:VCARD\nVERSION:3.0\nUID:ann\nFN:Ann Lee\nEND:VCARD\n")
    (tmp_path / "calendar.ics").write_text("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n")
    run(config, today=TODAY, accept_removals=("phone", "work"))
    document = exported(config)
    assert document["person"] is None
    assert document["rows"]["records"][0]["gone_at"]
    assert NAMES.search(json.dumps(document, ensure_ascii=False).lower().encode())
