"""LinkedIn's archive as it comes: the ZIP or its folder, with messages and invitations as contact."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.linkedin.settings import LinkedInSettings
from connectors.linkedin.source import LinkedInSource
from people.errors import SourceMissing, UserMustAct
from people.types import Contact, JournalLine, Page
from tests.contracts.sources import Known, SourceContract
from tests.support.demo import command

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
    odd = packed(tmp_path / "b.zip", messages="x\n")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "Connections.csv").write_text(CONNECTIONS)
    (tmp_path / "c" / "messages.csv").write_text("something,else\n1,2\n")
    assert names(tmp_path / "c") == names(odd)
    assert problems(tmp_path / "c") == [
        "messages.csv has not the columns of LinkedIn's own file; it was not read"
    ]


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
