"""LinkedIn's archive as it comes: the ZIP or its folder, with messages and invitations as contact."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from connectors.linkedin.archive import parts_of
from connectors.linkedin.settings import LinkedInSettings
from connectors.linkedin.source import LinkedInSource
from people.errors import SourceMissing, UserMustAct
from people.store import Store, runs
from people.store.db import schema
from people.store.ingest import already_read
from people.store.ingest.reading import Reading
from people.types import Contact, JournalLine, Page
from tests.contracts.sources import Known, SourceContract
from tests.support.demo import command

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
IN = "https://www.linkedin.com/in"
CONNECTIONS = (
    "Notes:\n"
    '"When exporting your connection data, you may notice that some of the email addresses are missing."\n'
    "\n"
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    f"Anna,Berg,{IN}/anna-berg,,Berg Ltd,Owner,05 Jun 2025\n"
    f"Ben,Cole,{IN}/ben-cole,,Cole Ltd,Baker,06 Jun 2025\n"
    f"Zoë,Łuk,{IN}/zo%C3%AB-luk,,,,07 Jun 2025\n"
)
COLUMNS = (
    "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,SUBJECT,"
    "CONTENT,FOLDER,ATTACHMENTS,IS MESSAGE DRAFT,IS CONVERSATION DRAFT\n"
)
INVITED = "From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl\n"
ALEX = ("Alex Doe", f"{IN}/alex-doe")
ANNA = ("Anna Berg", f"{IN}/anna-berg")
BEN = ("Ben Cole", f"{IN}/ben-cole")
EVE = ("Eve Stranger", f"{IN}/eve-stranger")

Person = tuple[str, str]


def message(
    conversation: str,
    sender: Person,
    *receivers: Person,
    at: str = "2026-03-01 10:00:00 UTC",
    title: str = "",
    folder: str = "INBOX",
    draft: str = "No",
) -> str:
    names, urls = ",".join(name for name, _ in receivers), ",".join(url for _, url in receivers)
    text = 'My secret, "quoted"\nand long'.replace('"', '""')
    return (
        f'{conversation},{title},"{sender[0]}",{sender[1]},"{names}","{urls}",{at},A secret subject,"{text}",'
        f"{folder},,{draft},No\n"
    )


def packed(
    path: Path, *, messages: str = "", invitations: str = "", inside: str = "", connections: str = CONNECTIONS
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{inside}Profile.csv", "First Name,Last Name\nAlex,Doe\n")
        archive.writestr("__MACOSX/._messages.csv", "junk")
        if connections:
            archive.writestr(f"{inside}Connections.csv", connections)
        if messages:
            archive.writestr(f"{inside}messages.csv", COLUMNS + messages)
        if invitations:
            archive.writestr(f"{inside}Invitations.csv", INVITED + invitations)
    return path


def pages(path: Path) -> list[Page]:
    return list(LinkedInSource("linkedin", path, zone=BERLIN).changes(None))


def contact(path: Path) -> list[tuple[str, str, str | None]]:
    found = [change for page in pages(path) for change in page.changes if isinstance(change, JournalLine)]
    return [(str(line.date), line.person, line.note) for line in found]


def names(path: Path) -> list[str | None]:
    return [change.name for page in pages(path) for change in page.changes if isinstance(change, Contact)]


def problems(path: Path) -> list[str]:
    return [f"{one.where} {one.message}" for page in pages(path) for one in page.problems]


class ArchiveWorld:
    """Messages with connections; a connection is a record too, so the brake and the tombstones see both."""

    many = 1100
    keeps_ids = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.firms: dict[str, str] = {}

    def source(self, known: Known) -> LinkedInSource:  # noqa: ARG002 - a file source needs no hashes
        return LinkedInSource("linkedin", self.path, zone=BERLIN)

    def put(self, names: list[str]) -> None:
        self.firms = dict.fromkeys(names, "Firm")
        self._write()

    def edit(self, name: str) -> None:
        self.firms[name] = "Another firm"
        self._write()

    def _write(self) -> None:
        rows = [f"{name},Berg,{IN}/{name},,{firm},Boss,05 Jun 2025" for name, firm in self.firms.items()]
        packed(self.path, connections=CONNECTIONS.split("Anna")[0] + "\n".join(rows) + "\n")


class TestArchiveContract(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> ArchiveWorld:
        return ArchiveWorld(tmp_path / "Complete_LinkedInDataExport_10-02-2026.zip")


@pytest.mark.parametrize("inside", ["", "Basic_LinkedInDataExport_10-02-2026/"])
@pytest.mark.parametrize("name", ["Basic_LinkedInDataExport_10-02-2026.zip", "Complete.zip", "archive"])
def test_the_zip_is_read_as_it_comes(tmp_path: Path, name: str, inside: str) -> None:
    rows = message("c1", ANNA, ALEX) + message("c1", ALEX, ANNA) + message("c2", ALEX, BEN)
    sent = f'Alex Doe,Ben Cole,"1/29/26, 11:37 PM",Hi,OUTGOING,{ALEX[1]},{BEN[1]}\n'
    archive = packed(tmp_path / name, messages=rows, invitations=sent, inside=inside)
    assert names(archive) == ["Anna Berg", "Ben Cole", "Zoë Łuk"]
    assert contact(archive) == [
        ("2026-01-29", "linkedin:in/ben-cole", "invitation, from you"),
        ("2026-03-01", "linkedin:in/anna-berg", "2 messages, both ways"),
        ("2026-03-01", "linkedin:in/ben-cole", "message, from you"),
    ]
    assert problems(archive) == []
    assert "secret" not in "".join(page.model_dump_json() for page in pages(archive))


def test_the_folder_of_an_unpacked_archive_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(packed(tmp_path / "a.zip", messages=message("c1", ANNA, ALEX))) as archive:
        archive.extractall(tmp_path / "unpacked" / "Complete")
    assert contact(tmp_path / "unpacked") == [("2026-03-01", "linkedin:in/anna-berg", "message, from them")]


def test_of_two_archives_in_a_folder_each_table_is_the_newest(tmp_path: Path) -> None:
    old = packed(tmp_path / "Complete_LinkedInDataExport_1.zip", messages=message("c1", ANNA, ALEX))
    new = CONNECTIONS.replace("Anna,Berg", "Anna,Berg-Ode")
    packed(tmp_path / "Basic_LinkedInDataExport_2.zip", connections=new)
    (tmp_path / "another.zip").write_bytes(b"PK\x03\x04 not ours, and damaged")
    os.utime(old, (1, 1))
    assert names(tmp_path)[0] == "Anna Berg-Ode"
    assert len(contact(tmp_path)) == 1


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (message("c", ANNA, ALEX, BEN) + message("c", BEN, ANNA, ALEX), "a conversation of three"),
        (message("c", ALEX, ANNA, BEN), "two receivers"),
        (message("c", ANNA, ALEX) + message("c", BEN, ALEX), "two who wrote to me in one conversation"),
        (message("c", EVE, ALEX), "a stranger's InMail"),
        (message("c", ("LinkedIn Member", ""), ALEX), "an account that is gone"),
        (message("c", ("Acme", "https://www.linkedin.com/company/acme"), ALEX), "a firm's page"),
        (message("c", ANNA, ALEX, title="Sponsored Conversation"), "advertising in a connection's name"),
        (message("c", ALEX, ANNA, draft="Yes"), "a draft"),
        (message("c", ANNA, ALEX, folder="SPAM"), "spam"),
        (message("c", ("Anna Berg", EVE[1]), ALEX), "a stranger with a connection's name"),
    ],
)
def test_what_is_no_contact_with_one_person_does_not_count(tmp_path: Path, rows: str, why: str) -> None:
    archive = packed(tmp_path / "a.zip", messages=rows + message("other", ALEX, BEN))
    assert contact(archive) == [("2026-03-01", "linkedin:in/ben-cole", "message, from you")], why
    assert problems(archive) == []


@pytest.mark.parametrize(
    "again",
    [
        ("Alex Doe", f"{IN}/ACoAAB123"),
        ("Alexander Doe, MBA", f"{IN}/alex-doe-mba"),
        ("Alexander Doe, MBA", ""),
    ],
)
def test_the_users_own_profile_may_be_written_in_two_ways(tmp_path: Path, again: Person) -> None:
    rows = message("c", ANNA, ALEX) + message("c", again, ANNA) + message("d", again, BEN)
    rows += message("e", ALEX, ANNA, BEN) + message("f", again, ANNA, BEN)
    rows += message("g", ALEX, BEN)
    assert contact(packed(tmp_path / "a.zip", messages=rows)) == [
        ("2026-03-01", "linkedin:in/anna-berg", "2 messages, both ways"),
        ("2026-03-01", "linkedin:in/ben-cole", "2 messages, from you"),
    ]


def test_a_connection_with_the_users_name_is_not_the_user(tmp_path: Path) -> None:
    twin = ("Alex Doe", f"{IN}/alex-doe-2")
    connections = CONNECTIONS + f"Alex,Doe,{twin[1]},,,,08 Jun 2025\n"
    rows = message("c", ALEX, ANNA, twin) + message("d", ALEX, twin) + message("e", ALEX, BEN)
    assert [
        who for _, who, _ in contact(packed(tmp_path / "a.zip", messages=rows, connections=connections))
    ] == [
        "linkedin:in/alex-doe-2",
        "linkedin:in/ben-cole",
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-11-28 23:30:00 UTC", "2025-11-29"),
        ("2025-11-28T23:30:00.000Z", "2025-11-29"),
        ("2025-11-28T23:30:00+00:00", "2025-11-29"),
        ("2025-11-28T23:30:00.123456+0000", "2025-11-29"),
        ("2025-11-28T23:30:00+01:00", "2025-11-28"),
        ("2025-11-28T23:30:00-05:00", "2025-11-29"),
        ("2025-11-28 23:30 GMT", "2025-11-29"),
    ],
)
def test_an_instant_may_be_written_in_many_ways(tmp_path: Path, text: str, day: str) -> None:
    archive = packed(tmp_path / "a.zip", messages=message("c", ANNA, ALEX, at=text))
    assert [one for one, _, _ in contact(archive)] == [day]


def test_the_direction_of_an_invitation_says_who_of_two_is_meant(tmp_path: Path) -> None:
    me = f"Alex,Doe,{ALEX[1]},,,,08 Jun 2025\n"
    rows = (
        f'Alex Doe,Ben Cole,"1/29/26, 11:37 PM",Hi,OUTGOING,{ALEX[1]},{BEN[1]}\n'
        f'Anna Berg,Alex Doe,"1/28/26, 11:37 PM",Hi,Incoming,{ANNA[1]},{ALEX[1]}\n'
    )
    assert contact(packed(tmp_path / "a.zip", invitations=rows, connections=CONNECTIONS + me)) == [
        ("2026-01-28", "linkedin:in/anna-berg", "invitation, from them"),
        ("2026-01-29", "linkedin:in/ben-cole", "invitation, from you"),
    ]


def test_days_are_the_users_and_profiles_have_many_spellings(tmp_path: Path) -> None:
    zoe = ("Zoë Łuk", "http://de.linkedin.com/in/Zo%c3%ab-luk/?trk=x")
    archive = packed(tmp_path / "a.zip", messages=message("c", zoe, ALEX, at="2026-03-01 23:30:00 UTC"))
    assert contact(archive) == [("2026-03-02", "linkedin:in/zoë-luk", "message, from them")]


def test_older_archives_have_no_profiles_of_receivers(tmp_path: Path) -> None:
    header = "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,DATE,SUBJECT,CONTENT,FOLDER\n"
    rows = (
        f"c1,,Anna Berg,{ANNA[1]},Alex Doe,2026-03-01 10:00:00 UTC,,Hi,INBOX\n"
        f"c1,,Alex Doe,{ALEX[1]},Anna Berg,2026-03-02 10:00:00 UTC,,Hi,INBOX\n"
        f"c2,,Alex Doe,{ALEX[1]},Ben Cole,2026-03-03 10:00:00 UTC,,Hi,INBOX\n"
        f'c3,,Alex Doe,{ALEX[1]},"Ben Cole,Anna Berg",2026-03-04 10:00:00 UTC,,Hi,INBOX\n'
    )
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / "Connections.csv").write_text(CONNECTIONS)
    (folder / "messages.csv").write_text(header + rows)
    assert contact(folder) == [
        ("2026-03-01", "linkedin:in/anna-berg", "message, from them"),
        ("2026-03-02", "linkedin:in/anna-berg", "message, from you"),
        ("2026-03-03", "linkedin:in/ben-cole", "message, from you"),
    ]


def test_only_invitations_between_connections_count(tmp_path: Path) -> None:
    rows = (
        f'Alex Doe,Anna Berg,"13/02/2026, 09:00",,OUTGOING,{ALEX[1]},{ANNA[1]}\n'
        f'Ben Cole,Alex Doe,"03/02/2026, 09:00","Let us talk",INCOMING,{BEN[1]},{ALEX[1]}\n'
        f'Eve Stranger,Alex Doe,"01/02/2026, 09:00","Buy this",INCOMING,{EVE[1]},{ALEX[1]}\n'
    )
    assert contact(packed(tmp_path / "a.zip", invitations=rows)) == [
        ("2026-02-03", "linkedin:in/ben-cole", "invitation, from them"),
        ("2026-02-13", "linkedin:in/anna-berg", "invitation, from you"),
    ]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_a_spreadsheet_saved_again(tmp_path: Path, codec: str, delimiter: str) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / "Connections.csv").write_bytes(
        f"Vorname,Nachname,URL,E-Mail-Adresse,Unternehmen,Position,Verbunden am\n"
        f"Jörg,Grün,{ANNA[1]},,Grün & Co,Chef,05.06.2025\n"
        f"Eva,Weiß,{BEN[1]},,,,15.06.2025\n".replace(",", delimiter).encode(codec)
    )
    rows = (
        f"c1,,Jörg Grün,{ANNA[1]},Alex Doe,{ALEX[1]},01.02.2026 10:00,,Hallo,INBOX,,Nein,Nein\n"
        f"c1,,Jörg Grün,{ANNA[1]},Alex Doe,{ALEX[1]},13.02.2026 10:00,,Hallo,INBOX,,Falsch,Nein\n"
    )
    (folder / "messages.csv").write_bytes((COLUMNS + rows).replace(",", delimiter).encode(codec))
    assert names(folder) == ["Jörg Grün", "Eva Weiß"]
    assert [day for day, _, _ in contact(folder)] == ["2026-02-01", "2026-02-13"]


def test_rows_that_cannot_be_read_are_named_and_never_quoted(tmp_path: Path) -> None:
    rows = message("c", ANNA, ALEX, at="whenever") + "broken secret\n" + message("c", ANNA, ALEX)
    archive = packed(tmp_path / "a.zip", messages=rows)
    assert problems(archive) == [
        "messages.csv:4 the row cannot be read",
        "messages.csv:2 'whenever' is not a date",
    ]
    assert not any("secret" in problem for problem in problems(archive))
    assert len(contact(archive)) == 1


def stored(store: Store, path: Path) -> tuple[list[str], list[str], list[str]]:
    """Read the export into the store as a run does; its people, its contact and the problems."""
    known = already_read.days(store, "linkedin", NOW)
    with store.read() as connection:
        state = runs.source_state(connection, "linkedin")
    reading = Reading(store, "linkedin", NOW)
    source = LinkedInSource("linkedin", path, zone=BERLIN, known=known)
    for page in source.changes(state.cursor if state else None):
        reading.apply(page)
    people, lines = schema.contacts.c, schema.journal.c
    with store.read() as connection:
        docs = connection.scalars(sa.select(people.doc).where(people.gone_at.is_(None))).all()
        met = connection.scalars(sa.select(lines.person).where(lines.gone_at.is_(None))).all()
    return (
        sorted(json.loads(doc)["name"] for doc in docs),
        sorted(who.removeprefix("linkedin:in/") for who in met),
        [f"{one.where} {one.message}" for one in reading.problems],
    )


TO_BEN = f'Alex Doe,Ben Cole,"1/29/26, 11:37 PM",Hi,OUTGOING,{ALEX[1]},{BEN[1]}\n'
NEW = CONNECTIONS + f"Cy,Low,{IN}/cy-low,,,,08 Jun 2025\n"
STAY = "its contact from earlier exports stays"


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        (None, "export.zip has no messages.csv, as an earlier export had; its contact stays"),
        ("something,else\n1,2\n", f"messages.csv has not the columns of LinkedIn's own file; {STAY}"),
        (COLUMNS.replace("DATE", "WHEN") + message("c", ANNA, ALEX), "messages.csv has not the columns"),
        ("", "messages.csv has not the columns"),
        (COLUMNS + message("c", ANNA, ALEX, at="2026.wk9"), "messages.csv:2 '2026.wk9' is not a date"),
        (COLUMNS + "broken\n", "messages.csv:2 the row cannot be read"),
    ],
)
def test_contact_stays_if_a_newer_export_cannot_tell_of_it(
    tmp_path: Path, memory: Store, messages: str | None, problem: str
) -> None:
    path = tmp_path / "export.zip"
    packed(path, messages=message("c", ANNA, ALEX), invitations=TO_BEN)
    before = ["anna-berg", "ben-cole"]
    assert stored(memory, path) == (["Anna Berg", "Ben Cole", "Zoë Łuk"], before, [])
    packed(path, connections=NEW, invitations=TO_BEN)
    if messages is not None:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("messages.csv", messages)
    for _ in range(2):
        people, lines, problems = stored(memory, path)
        assert (people, lines) == (["Anna Berg", "Ben Cole", "Cy Low", "Zoë Łuk"], before)
        assert len(problems) == 1
        assert problems[0].startswith(problem)
    packed(path, connections=NEW, messages=message("c", BEN, ALEX), invitations=TO_BEN)
    assert stored(memory, path)[1:] == (["ben-cole", "ben-cole"], [])


def test_a_damaged_table_takes_only_itself(tmp_path: Path, memory: Store) -> None:
    path = packed(tmp_path / "a.zip", messages=message("c", ANNA, ALEX))
    assert stored(memory, path)[1] == ["anna-berg"]
    packed(path, connections=NEW, messages=message("c", ANNA, ALEX) * 9)
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("messages.csv").header_offset
    data = bytearray(path.read_bytes())
    data[start + 60] ^= 0xFF
    path.write_bytes(data)
    people, lines, problems = stored(memory, path)
    assert (len(people), lines) == (4, ["anna-berg"])
    assert "damaged or cut short" in problems[0]


def test_an_archive_that_never_had_messages_lacks_nothing(tmp_path: Path, memory: Store) -> None:
    for connections in (CONNECTIONS, NEW):
        path = packed(tmp_path / "a.zip", connections=connections, invitations=TO_BEN)
        assert stored(memory, path)[1:] == (["ben-cole"], [])


def at(path: Path, year: int, copied: int) -> Path:
    """Rewrite a ZIP as exported in this year and copied here at this second."""
    with zipfile.ZipFile(path) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (year, 11, 20, 1, 2, 4)), data)
    os.utime(path, (copied, copied))
    return path


def test_the_newest_export_is_the_one_that_linkedin_wrote_last(tmp_path: Path) -> None:
    renamed = CONNECTIONS.replace("Anna,Berg", "Anna,Berg-Ode")
    complete = packed(tmp_path / "Complete_LinkedInDataExport_11-20-2026.zip", connections=renamed)
    basic = packed(tmp_path / "Basic_LinkedInDataExport_01-02-2025.zip")
    at(complete, 2026, copied=1_700_000_000)
    at(basic, 2025, copied=1_800_000_000)
    assert names(tmp_path)[0] == "Anna Berg-Ode"
    at(complete, 1980, copied=1_800_000_001)
    assert names(tmp_path)[0] == "Anna Berg-Ode"


@pytest.mark.parametrize(
    "foreign", ["host,port\nx,1\n", "First Name,Last Name,Phone\nEve,Stranger,1\n", "", "\0\xff"]
)
def test_files_of_other_programs_do_not_stop_the_source(tmp_path: Path, foreign: str) -> None:
    packed(tmp_path / "LinkedIn.zip", messages=message("c", ANNA, ALEX))
    (tmp_path / "other").mkdir()
    for name in ("connections.csv", "Messages.csv"):
        (tmp_path / "other" / name).write_text(foreign)
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "connections.csv").symlink_to("nowhere")
    os.mkfifo(tmp_path / "gone" / "messages.csv")
    assert names(tmp_path)[0] == "Anna Berg"
    assert len(contact(tmp_path)) == 1
    assert problems(tmp_path) == []


def test_a_message_of_many_lines_is_one_row(tmp_path: Path) -> None:
    long = message("c", ANNA, ALEX).replace("and long", "line\n" * 3000)
    archive = packed(tmp_path / "a.zip", messages=long + message("d", ALEX, BEN))
    assert len(contact(archive)) == 2
    assert problems(archive) == []


class TestHostileArchives:
    def test_a_small_file_that_grows_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("Connections.csv", "w") as file,
        ):
            for _ in range(70):
                file.write(b"\0" * (1 << 20))
        assert path.stat().st_size < 200_000
        with pytest.raises(
            UserMustAct, match=r"Connections\.csv in LinkedIn export .* is larger than 64 MiB"
        ):
            pages(path)

    def test_a_size_that_lies_is_a_damaged_archive(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("Connections.csv", CONNECTIONS * 1000)
        data = bytearray(path.read_bytes())
        at = data.rindex(b"PK\x01\x02")
        data[at + 24 : at + 28] = struct.pack("<I", 100)
        path.write_bytes(data)
        with pytest.raises(UserMustAct, match="damaged or cut short"):
            pages(path)

    @pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_only_what_linkedin_packs_is_unpacked(self, tmp_path: Path, way: int) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", way) as archive:
            archive.writestr("Connections.csv", CONNECTIONS)
        with pytest.raises(UserMustAct, match="is packed in a way that LinkedIn does not use"):
            pages(path)

    def test_a_size_too_large_is_not_even_opened(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = packed(tmp_path / "a.zip")
        data = bytearray(path.read_bytes())
        at = data.rindex(b"Connections.csv") - 46
        data[at + 24 : at + 28] = struct.pack("<I", 1 << 30)
        path.write_bytes(data)
        monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
        with pytest.raises(UserMustAct, match="is larger than 64 MiB"):
            pages(path)

    def test_a_pipe_does_not_block(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "LinkedIn.zip")
        with pytest.raises(UserMustAct, match="is not a regular file"):
            pages(tmp_path / "LinkedIn.zip")
        with pytest.raises(UserMustAct, match="holds no Connections"):
            pages(tmp_path)
        whole = packed(tmp_path / "a.zip")
        (part,) = (part for part in parts_of(whole).values() if part.table == "connections")
        whole.unlink()
        os.mkfifo(whole)
        with pytest.raises(UserMustAct, match="is not a regular file"):
            part.read()

    @pytest.mark.parametrize("kept", [0.2, 0.6, 0.98])
    def test_an_archive_that_is_cut_short_says_so(self, tmp_path: Path, kept: float) -> None:
        path = packed(tmp_path / "a.zip", messages=message("c", ANNA, ALEX) * 50)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * kept)])
        with pytest.raises(UserMustAct, match="damaged or cut short") as told:
            pages(path)
        assert told.value.help.startswith("download it again")

    def test_a_byte_that_flipped_says_so(self, tmp_path: Path) -> None:
        path = packed(tmp_path / "a.zip")
        with zipfile.ZipFile(path) as archive:
            start = archive.getinfo("Connections.csv").header_offset
        data = bytearray(path.read_bytes())
        data[start + 60] ^= 0xFF
        path.write_bytes(data)
        with pytest.raises(UserMustAct, match="damaged or cut short"):
            pages(path)

    def test_an_encrypted_archive_says_what_to_do(self, tmp_path: Path) -> None:
        data = bytearray(packed(tmp_path / "a.zip").read_bytes())
        for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = -1
            while (at := data.find(mark, at + 1)) >= 0:
                data[at + offset] |= 1
        (tmp_path / "a.zip").write_bytes(data)
        with pytest.raises(UserMustAct, match="is encrypted") as told:
            pages(tmp_path / "a.zip")
        assert told.value.help == "unpack it with its password, and set path to the folder"

    def test_an_archive_without_connections_removes_nobody(self, tmp_path: Path) -> None:
        archive = packed(tmp_path / "a.zip", connections="", messages=message("c", ANNA, ALEX))
        with pytest.raises(UserMustAct, match="holds no Connections"):
            pages(archive)
        (tmp_path / "empty").mkdir()
        with pytest.raises(UserMustAct, match="holds no Connections"):
            pages(tmp_path / "empty")
        with pytest.raises(SourceMissing):
            pages(tmp_path / "nowhere.zip")
        (tmp_path / "login.zip").write_text("<html>Sign in</html>")
        with pytest.raises(UserMustAct, match="damaged or cut short"):
            pages(tmp_path / "login.zip")

    def test_a_name_that_leads_out_of_the_archive_is_only_a_name(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        archive = packed(tmp_path / "in" / "a.zip", inside="../../")
        assert names(archive) == ["Anna Berg", "Ben Cole", "Zoë Łuk"]
        assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip", "in"]


def test_nothing_is_unpacked_again_while_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = packed(tmp_path / "a.zip", messages=message("c", ANNA, ALEX))
    source = LinkedInSource("linkedin", archive, zone=BERLIN)
    cursor = list(source.changes(None))[-1].cursor
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    assert [page.changes for page in source.changes(cursor)] == [()]


def test_what_a_source_tells_hangs_on_its_path() -> None:
    def kinds(path: str) -> frozenset[str]:
        return LinkedInSettings(name="x", type="linkedin", path=Path(path)).kinds

    assert kinds("Connections.csv") == {"contacts"}
    assert kinds("Basic_LinkedInDataExport_10-02-2026.zip") == kinds("folder") == {"contacts", "journal"}


def test_columns_say_what_they_became_and_texts_are_never_shown(tmp_path: Path) -> None:
    archive = packed(
        tmp_path / "a.zip",
        messages=message("c", ANNA, ALEX),
        connections=CONNECTIONS.replace("Connected On", "Connected On,Mood").replace(
            "05 Jun 2025", "05 Jun 2025,glad"
        ),
    )
    (tmp_path / "touchbase.toml").write_text(
        f'[[sources]]\nname="linkedin"\ntype="linkedin"\npath="{archive.name}"\n'
    )
    config = ("--config", tmp_path / "touchbase.toml")
    rows = json.loads(command("contacts", "--columns", "--json", *config).stdout)
    became = {one["column"]: (one["field"], one["known"]) for one in rows}
    assert became["First Name"] == ("given_name", True)
    assert became["Mood"] == ("custom", False)
    assert became["DATE"] == ("contact", True)
    assert became["CONTENT"] == became["SUBJECT"] == (None, True)
    assert "secret" not in json.dumps(rows)
    screen = command("contacts", "--source", "linkedin", *config).output
    assert "Connections.csv:4: column 'Mood' is not known" in screen


def test_contact_reaches_the_person_and_a_forgotten_one_stays_forgotten(tmp_path: Path) -> None:
    command("init", tmp_path, "--no-input")
    packed(tmp_path / "a.zip", messages=message("c", ANNA, ALEX) + message("d", ALEX, BEN))
    (tmp_path / "touchbase.toml").write_text(
        '[me]\nemails = ["alex@example.com"]\n'
        '[[sources]]\nname="linkedin"\ntype="linkedin"\npath="a.zip"\n'
        '[tasks]\ntype="vtodo-folder"\npath="tasks"\n'
    )
    config = ("--config", tmp_path / "touchbase.toml", "--today", "2026-03-05")
    ran = json.loads(command("run", "--json", *config).stdout)
    assert ran["status"] == "ok", ran
    people = {
        one["name"]: one["last_contact"] for one in json.loads(command("people", "--json", *config).stdout)
    }
    assert people == {"Anna Berg": "2026-03-01", "Ben Cole": "2026-03-01", "Zoë Łuk": None}
    left = json.loads(command("forget", "Anna Berg", "--yes", "--json", *config[:2]).stdout)["left"]
    assert [one["where"] for one in left if "a.zip" in one["where"]] == ["a.zip"]
    packed(tmp_path / "a.zip", messages=message("c", ANNA, ALEX, at="2026-03-03 10:00:00 UTC"))
    command("run", "--json", "--accept-removals", "linkedin", *config)
    assert b"anna" not in (tmp_path / "touchbase.db").read_bytes().lower()
    assert [one["name"] for one in json.loads(command("people", "--json", *config).stdout)] == [
        "Ben Cole",
        "Zoë Łuk",
    ]
