"""`touchbase forget`, end to end: afterwards nothing names the person but what the command lists."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.cli.commands.init import copy_rules
from flows.settings.loading import load
from people.errors import UserMustAct
from people.store import open_store
from people.store.db import schema
from people.store.one_person.tables import BY_HAND, TABLES, WITHOUT_PEOPLE
from tests.support import small_network
from tests.support.demo import command, run
from tests.support.marks import ON_POSTGRES
from tests.support.small_network import ME, event, written

TODAY = date(2026, 11, 30)
SETTINGS = f"""{small_network.SETTINGS}
[[sources]]
name = "old"
type = "vcard"
path = "old.vcf"

[tasks]
type = "TASKS"
path = "PLACE"

[digest]
path = "digests"
"""
ZOE = """BEGIN:VCARD
VERSION:3.0
UID:zoe
FN:Zoë Quillfeather
N:Quillfeather;Zoë;;;
ORG:Quill Books
TEL:+44 7700 900147
EMAIL:zoe@quill.example
CATEGORIES:key
END:VCARD
"""
ELSEWHERE = """BEGIN:VCARD
VERSION:3.0
UID:zq
FN:Zoë A. Quillfeather
N:Quillfeather;Zoë;A.;;
EMAIL:zq@oldfirm.example
TEL:0117 946 0147
END:VCARD
"""
OWEN = """BEGIN:VCARD
VERSION:3.0
UID:owen
FN:Owen Price
N:Price;Owen;;;
EMAIL:owen@price.example
CATEGORIES:key
NOTE:Married to Zoë Quillfeather
END:VCARD
"""
EVENTS = (
    event(
        "lunch",
        "20260611T110000Z",
        "20260611T123000Z",
        "Lunch with Zoe QUILLFEATHER",
        f"{ME}, Zoë Quillfeather <zoe@quill.example>",
        DESCRIPTION="Call her: 07700 900147 or zq@oldfirm.example",
    ),
    event(
        "owen",
        "20260612T110000Z",
        "20260612T123000Z",
        "Owen about Zoë Quillfeather",
        f"{ME}, Owen Price <owen@price.example>",
    ),
)
JOURNAL = """date,person,kind,direction,other,group,hours,amount,outcome,note
2026-07-14,Zoë Quillfeather,contact,,,,,,,
2026-07-15,Owen Price,contact,,,,,,,Spoke of Zoë Quillfeather
2026-07-16,Owen Price,introduction,given,zoe@quill.example,,,,,Books
"""
RULE = """
- name: a-rule-about-one-person
  when: { name: Zoë Quillfeather }
  then: { tag: poet }
"""
NAMES = re.compile(
    rb"quillfeather|zoe@quill\.example|zq@oldfirm\.example|7700\D{0,2}900\D{0,2}147|946\D?0147"
)


def named_in(folder: Path) -> set[str]:
    """The files below a folder that name her, by a plain search of their bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)) for path in files if NAMES.search(path.read_bytes().lower())}


def write_cards(config: Path, *cards: str, file: str = "contacts.vcf") -> None:
    (config.parent / file).write_text("\n".join(cards))


def world(folder: Path, tasks: str = "vtodo-folder", place: str = "tasks") -> Path:
    """A network that knows Zoë from two cards, meetings, the journal and a rule."""
    settings = SETTINGS.replace("TASKS", tasks).replace("PLACE", place)
    cards = "\n".join((ZOE, OWEN))
    config = written(folder, *EVENTS, settings=settings, cards=cards, journal=JOURNAL)
    write_cards(config, ELSEWHERE, file="old.vcf")
    return config


@pytest.fixture(params=[("vtodo-folder", "tasks"), ("markdown", "Tasks.md")], ids=["vtodo", "markdown"])
def lived_in(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The same after two runs: Zoë's cards are merged by hand; pages, exports and copies are there."""
    config = world(tmp_path / "net", *request.param)
    folder = config.parent
    run(config, today=TODAY)
    command("identity", "same", "phone:zoe", "old:zq", "--config", config)
    words = ("Zoë Quillfeather", "contact", "--note", "by phone", "--date", "2026-07-20")
    command("log", *words, "--config", config)
    (folder / "rules" / "mine.yaml").write_text(RULE)
    run(config, today=TODAY)
    command("report", "-o", folder / "report.html", "--config", config, "--today", "2026-11-30")
    command("export", "--csv", "-o", folder / "people.csv", "--config", config, "--today", "2026-11-30")
    (folder / "notes.md").write_text("# Mine\n\nAsk z\u006fe@QUILL.example for a poem.\n")
    (folder / ".prefect").mkdir()
    (folder / ".prefect" / "prefect.db").write_bytes(b'SQLite format 3\0{"who": "Zo\\u00eb Quillfeather"}')
    if not ON_POSTGRES:
        store = folder / "touchbase.db"
        shutil.copy(store, f"{store}.backup-0005-20260101T000000Z")
        shutil.copy(store, f"{store}.damaged-20260101T000000Z")
        shutil.copy(store, folder / "backup.db")
    return config


def forget(config: Path, who: str = "zoe@quill.example") -> dict[str, Any]:
    said = command("forget", who, "--yes", "--json", "--config", config)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def everything(config: Path) -> bytes:
    """All that the tables of the store say."""
    store = open_store(load(config, {}).store_url)
    with store.read() as connection:
        rows = [connection.execute(table.select()).all() for table in schema.metadata.sorted_tables]
    store.close()
    return str(rows).lower().encode()


def test_own_words_at_the_end_of_a_digest_stay_and_are_listed(lived_in: Path) -> None:
    digest = lived_in.parent / "digests" / "2026-11-30.md"
    assert NAMES.search(digest.read_bytes().lower()) is not None
    digest.write_text(f"{digest.read_text()}\nBuy figs.\nZoë Quillfeather likes them.\n")
    said = forget(lived_in)
    mark, *own = digest.read_text().splitlines()
    assert "Touchbase keeps what you write" in mark
    assert own == ["", "Buy figs.", "Zoë Quillfeather likes them."]
    (left,) = [one for one in said["left"] if one["where"].startswith("digests/")]
    assert left["where"] == "digests/2026-11-30.md:4"
    assert (left["what"], left["ours"]) == ("your own words in a digest", False)


def test_what_still_names_them_is_exactly_what_is_listed(lived_in: Path) -> None:
    folder = lived_in.parent
    before = named_in(folder)
    assert {"report.html", "digests/2026-11-30.md"} <= before
    assert any(name.startswith("tasks/") or name == "Tasks.md" for name in before)
    assert NAMES.search(everything(lived_in)) is not None
    said = forget(lived_in)
    assert said["tasks"] > 0
    assert NAMES.search(everything(lived_in)) is None
    listed = {one["where"].partition(":")[0] for one in said["left"]}
    # Her decisions name her by the keys of her cards.
    assert named_in(folder) | {"identity.txt"} == listed
    expected = {
        "contacts.vcf",
        "old.vcf",
        "calendar.ics",
        "journal.csv",
        "identity.txt",
        "notes.md",
        "people.csv",
    }
    copies = {
        "touchbase.db.backup-0005-20260101T000000Z",
        "touchbase.db.damaged-20260101T000000Z",
        "backup.db",
    }
    expected |= {"rules/mine.yaml", ".prefect/prefect.db"} | (set() if ON_POSTGRES else copies)
    assert listed - {"postgresql+psycopg"} == expected
    assert {Path(page).name for page in said["pages"]} == {"report.html", "2026-11-30.md"}
    assert not any(one["ours"] for one in said["left"])
    assert all(one["help"] for one in said["left"])


def test_lines_of_the_users_files_are_named_and_not_edited(lived_in: Path) -> None:
    folder = lived_in.parent
    before = {name: (folder / name).read_bytes() for name in ("journal.csv", "identity.txt", "notes.md")}
    left = {one["where"].partition(":")[0]: one["where"] for one in forget(lived_in)["left"]}
    assert left["journal.csv"] == "journal.csv:2,3,4,5"
    assert left["notes.md"] == "notes.md:3"
    assert before == {name: (folder / name).read_bytes() for name in before}


def test_files_of_the_rules_folder_are_called_what_they_are(tmp_path: Path) -> None:
    config = written(tmp_path, settings=SETTINGS.replace("TASKS", "vtodo-folder").replace("PLACE", "tasks"),
                     cards=ZOE.replace("Zoë Quillfeather", "Claire Beaumont"))  # fmt: skip
    run(config, today=TODAY)
    copy_rules(tmp_path / "rules", quiet=True)
    edited = tmp_path / "rules" / "relevance.test.yaml"
    edited.write_text(edited.read_text("utf-8") + "# Claire Beaumont is one of mine\n", "utf-8")
    (tmp_path / "rules" / "mine.yaml").write_text("# not Claire Beaumont\nversion: 2\n")
    left = {one["where"].partition(":")[0]: one for one in forget(config, "phone:zoe")["left"]}
    said = {where: (one["what"], one["help"]) for where, one in left.items() if where.startswith("rules/")}
    assert said == {
        "rules/cadence.test.yaml": (
            "the starter rules, which came with Touchbase",
            "leave it: the people in it are invented",
        ),
        "rules/relevance.test.yaml": ("the tests of your rules", "edit these lines"),
        "rules/mine.yaml": ("your rules", "edit these lines"),
    }


def test_nothing_comes_back_with_later_runs(lived_in: Path) -> None:
    forget(lived_in)
    for number in range(2):
        (lived_in.parent / "contacts.vcf").touch()
        write_cards(lived_in, ZOE.replace("Quill Books", f"Books {number}"), OWEN)
        write_cards(lived_in, ELSEWHERE.replace("A.", f"B{number}"), file="old.vcf")
        (lived_in.parent / "journal.csv").open("a").write(
            f"2026-08-0{number + 1},Owen Price,contact,,,,,,,\n"
        )
        calendar = lived_in.parent / "calendar.ics"
        calendar.write_text(calendar.read_text().replace("SUMMARY:", f"SUMMARY:{number} "))
        run(lived_in, today=TODAY)
        people = json.loads(command("people", "--json", "--config", lived_in).stdout)
        assert [one["name"] for one in people] == ["Owen Price"]
    # The user's own rule, and the decision on the two cards, are listed and left alone.
    assert b"old:zq" not in everything(lived_in)
    (lived_in.parent / "rules" / "mine.yaml").unlink()
    run(lived_in, today=TODAY)
    assert NAMES.search(everything(lived_in)) is None


@pytest.mark.parametrize(
    "card",
    [
        "FN:Zoë Q. Marriedname\nN:Marriedname;Zoë;;;\nUID:new\nTEL:07700 900147",
        "FN:Quillfeather\nN:Quillfeather;;;;\nUID:new\nTEL:(+44) 117-946-0147",
        "FN:Z Quillfeather\nTEL:00447700900147",
    ],
)
def test_a_number_is_enough_to_know_a_card_again(tmp_path: Path, card: str) -> None:
    config = world(tmp_path)
    without = [one.replace("EMAIL:zoe@quill.example\n", "").replace("EMAIL:zq@oldfirm.example\n", "")
               for one in (ZOE, ELSEWHERE)]  # fmt: skip
    write_cards(config, *without, OWEN)
    (tmp_path / "old.vcf").write_text(OWEN)
    (tmp_path / "calendar.ics").write_text("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n")
    run(config, today=TODAY)
    for who in ("phone:zoe", "phone:zq"):
        command("forget", who, "--yes", "--config", config)
    write_cards(config, f"BEGIN:VCARD\nVERSION:3.0\n{card}\nEND:VCARD\n", OWEN)
    run(config, today=TODAY)
    people = json.loads(command("people", "--json", "--config", config).stdout)
    assert [one["name"] for one in people] == ["Owen Price"]


def test_a_colleague_at_the_same_switchboard_is_not_forgotten_with_them(tmp_path: Path) -> None:
    config = world(tmp_path)
    run(config, today=TODAY)
    forget(config)
    forget(config, "zq@oldfirm.example")
    ann = "BEGIN:VCARD\nVERSION:3.0\nUID:ann\nFN:Ann Lee\nN:Lee;Ann;;;\nTEL:0117 946 0147\nEND:VCARD\n"
    write_cards(config, ann, OWEN)
    run(config, today=TODAY)
    people = json.loads(command("people", "--json", "--config", config).stdout)
    assert sorted(one["name"] for one in people) == ["Ann Lee", "Owen Price"]


def test_packed_files_are_searched_or_listed(tmp_path: Path) -> None:
    config = world(tmp_path / "net")
    text = "First Name,Last Name,Email Address\nZoë,Quillfeather,zoe@quill.example\n"
    pack(tmp_path / "export.zip", zipfile.ZIP_DEFLATED, text)
    source = f'[[sources]]\nname = "linkedin"\ntype = "linkedin"\npath = "{tmp_path / "export.zip"}"\n'
    config.write_text(f"{config.read_text()}\n{source}")
    folder = config.parent
    pack(folder / "bomb.zip", zipfile.ZIP_BZIP2, text)
    pack(folder / "damaged.zip", zipfile.ZIP_LZMA, text)
    pack(folder / "outer.zip", zipfile.ZIP_STORED, (tmp_path / "export.zip").read_bytes())
    pack(folder / "harmless.zip", zipfile.ZIP_DEFLATED, "nobody")
    (folder / "old.csv.gz").write_bytes(gzip.compress(text.encode()))
    (folder / "plain.bin").write_bytes(b"\0\1\2")
    run(config, today=TODAY)
    listed = {one["where"]: one["what"] for one in forget(config)["left"]}
    unread = "a file that was not searched: it is"
    assert {where: what for where, what in listed.items() if where.endswith(("zip", "gz", "bin"))} == {
        str(tmp_path / "export.zip"): "source linkedin",
        "bomb.zip": f"{unread} packed in an unusual way",
        "damaged.zip": f"{unread} packed in an unusual way",
        "outer.zip": f"{unread} a ZIP with packed files in it",
        "old.csv.gz": f"{unread} packed",
    }


def pack(path: Path, way: int, content: str | bytes) -> None:
    with zipfile.ZipFile(path, "w", way) as archive:
        archive.writestr("Connections.csv", content)


def test_somebody_whose_cards_are_gone_can_be_forgotten(tmp_path: Path) -> None:
    config = world(tmp_path)
    (tmp_path / "calendar.ics").write_text("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n")
    run(config, today=TODAY)
    write_cards(config, OWEN)
    write_cards(config, OWEN, file="old.vcf")
    (tmp_path / "journal.csv").write_text(JOURNAL.splitlines()[0] + "\n")
    run(config, today=TODAY)
    assert NAMES.search(everything(config)) is not None
    # A given name, or a word of a stored card, is not enough to mean somebody who is gone.
    for who in ("Zoë", "given_name"):
        with pytest.raises(UserMustAct, match="no one matches"):
            command("forget", who, "--yes", "--config", config)
    for who in ("Zoë Quillfeather", "zq@oldfirm.example"):
        command("forget", who, "--yes", "--config", config)
    write_cards(config, OWEN.replace("NOTE:Married to Zoë Quillfeather\n", ""))
    write_cards(config, OWEN.replace("NOTE:Married to Zoë Quillfeather\n", ""), file="old.vcf")
    run(config, today=TODAY)
    assert NAMES.search(everything(config)) is None


def test_every_table_says_how_a_person_is_forgotten_in_it() -> None:
    listed = {one.table.name for one in TABLES} | {table.name for table in (*WITHOUT_PEOPLE, *BY_HAND)}
    assert set(schema.metadata.tables) == listed
