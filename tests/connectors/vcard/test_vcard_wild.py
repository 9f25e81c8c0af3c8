"""Cards as programs in the wild really write them: joined, indented, in code pages, with odd breaks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.base import Surroundings
from connectors.vcard.settings import VCardSettings
from connectors.vcard.source import VCardSource
from people.identity.cards.record import record_from_contact
from people.identity.weighing.scoring import score_pair
from people.types import Contact

ANNA = "BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nEMAIL:anna@berg.example\nEND:VCARD"
BEN = "BEGIN:VCARD\nVERSION:3.0\nFN:Ben Ode\nEMAIL:ben@ode.example\nEND:VCARD"
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def read(path: Path, data: str | bytes, encoding: str | None = None) -> list[Contact]:
    file = path / "cards.vcf"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    pages = VCardSource("phone", file, encoding=encoding).changes(None)
    return [change for page in pages for change in page.changes if isinstance(change, Contact)]


def card(*lines: str | bytes) -> bytes:
    """A card of vCard 2.1 with these lines."""
    encoded = [line.encode() if isinstance(line, str) else line for line in lines]
    return b"\r\n".join((b"BEGIN:VCARD", b"VERSION:2.1", *encoded, b"END:VCARD", b""))


@pytest.mark.parametrize(
    "text",
    [
        ANNA + BEN,
        f"{ANNA} {BEN}\n",
        f"{BOM}{ANNA}{BOM}{BEN}",
        f"{ANNA}\0{BEN}",
        (ANNA + BEN).replace("\n", "\r\n"),
        (ANNA + BEN).replace("\n", "\r"),
        f"{ANNA}{BEN}".replace("\nEND", "END"),
        f"{ANNA.removesuffix('END:VCARD').strip()}{BEN}",
        f'"{ANNA}","{BEN}"',
        f'id,card\n1,"{ANNA}"\n2,"{BEN}"\n',
        "\n".join(f"    {line}" for line in f"{ANNA}\n{BEN}".split("\n")),
        "\n".join(f"> {line}" for line in f"{ANNA}\n{BEN}".split("\n")),
        f"\t{ANNA}\n".replace("\n", "\n\t") + BEN,
    ],
)
def test_each_card_is_found_and_keeps_its_own_address(tmp_path: Path, text: str) -> None:
    anna, ben = read(tmp_path, text)
    assert (anna.name, anna.emails) == ("Anna Berg", ("anna@berg.example",))
    assert (ben.name, ben.emails) == ("Ben Ode", ("ben@ode.example",))


def test_a_card_that_is_quoted_in_a_note_is_no_card_of_its_own(tmp_path: Path) -> None:
    note = "NOTE:he sent BEGIN:VCARD\\nFN:X\\nEND:VCARD and\n  BEGIN:VCARD in a fold"
    note += "\nAGENT:BEGIN:VCARD\\nEND:VCARD\\n"
    (contact,) = read(tmp_path, ANNA.replace("EMAIL", f"{note}\nEMAIL"))
    assert (contact.name, contact.emails) == ("Anna Berg", ("anna@berg.example",))
    assert contact.note is not None
    assert contact.note.endswith("BEGIN:VCARD in a fold")


def test_the_quotes_of_a_csv_cell_are_not_doubled_in_a_card(tmp_path: Path) -> None:
    (contact,) = read(tmp_path, f'"{ANNA}"'.replace("Anna Berg", 'Anna ""Annie"" Berg'))
    assert contact.name == 'Anna "Annie" Berg'


@pytest.mark.parametrize(
    ("codec", "charset", "name"),
    [
        ("cp1250", "windows-1250", "Łukasz Gądek"),
        ("cp1251", "windows-1251", "Анна Берг"),
        ("cp1253", "windows-1253", "Ελένη Παππά"),
        ("cp1254", "windows-1254", "Ayşe Yılmaz"),
        ("cp1255", "windows-1255", "דנה לוי"),
        ("cp932", "shift_jis", "山田 太郎"),
    ],
)
def test_the_charset_of_another_property_or_card_is_the_best_guess(
    tmp_path: Path, codec: str, charset: str, name: str
) -> None:
    label = f"LABEL;WORK;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:=41"
    line = f"FN:{name}".encode(codec)
    for data in (card(line, label), card(line) + card("FN:Other", label)):
        assert read(tmp_path, data)[0].name == name
        assert read(tmp_path, data)[0].issues[0].message == f"FN: not UTF-8; read as {codec}"


def test_the_language_of_a_name_tells_its_code_page(tmp_path: Path) -> None:
    (contact,) = read(tmp_path, card("N;LANGUAGE=ru:Берг;Анна".encode("cp1251")))
    assert (contact.family_name, contact.given_name) == ("Берг", "Анна")


def test_the_settings_name_the_encoding_where_the_file_does_not(tmp_path: Path) -> None:
    data = card("FN:Łukasz Gądek".encode("cp1250"))
    assert read(tmp_path, data)[0].name != "Łukasz Gądek"
    assert read(tmp_path, data, "cp1250")[0].name == "Łukasz Gądek"
    path = tmp_path / "cards.vcf"
    settings = VCardSettings(name="phone", type="vcard", path=path, encoding="Windows-1250")
    (contact, *_) = next(
        iter(settings.open(Surroundings(folder=tmp_path, today=date(2026, 11, 1))).changes(None))
    ).changes
    assert isinstance(contact, Contact)
    assert contact.name == "Łukasz Gądek"
    with pytest.raises(ValidationError, match="'utf-7' is not a known encoding"):
        VCardSettings(name="phone", type="vcard", path=path, encoding="utf-7")


def test_another_encoding_in_the_settings_reads_the_cards_again(tmp_path: Path) -> None:
    path = tmp_path / "cards.vcf"
    path.write_bytes(card("FN:Łukasz".encode("cp1250")))
    (first, last) = VCardSource("phone", path).changes(None)
    known = {
        contact.raw_hash or "": contact.source_id for contact in first.changes if isinstance(contact, Contact)
    }
    pages = list(VCardSource("phone", path, known=known, encoding="cp1250").changes(last.cursor))
    (contact,) = [change for page in pages for change in page.changes]
    assert isinstance(contact, Contact)
    assert contact.name == "Łukasz"


def test_an_emoji_in_two_halves_is_one_and_a_cut_one_costs_only_itself(tmp_path: Path) -> None:
    (contact,) = read(
        tmp_path, card(b"FN:M\xc3\xbcller \xed\xa0\xbd\xed\xb3\x9e", b"NOTE:gr\xc3\xbcn \xf0\x9f")
    )
    assert contact.name == "Müller \N{TELEPHONE RECEIVER}"
    assert contact.note == "grün \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("14.03.1985", "1985-03-14"),
        ("14. 3. 1985", "1985-03-14"),
        ("1985/03/14", "1985-03-14"),
        ("1985.3.14", "1985-03-14"),
        ("14/03/1985", "1985-03-14"),
        ("Thu, 14 Mar 1985 00:00:00 +0100", "1985-03-14"),
        ("March 14, 1985", "1985-03-14"),
        ("14 mars 1985", "1985-03-14"),
        ("14 Mart 1985", "1985-03-14"),
        ("14 марта 1985", "1985-03-14"),
        ("1985年3月14日", "1985-03-14"),
        ("14.03.", "--03-14"),
        ("14 March", "--03-14"),
        ("03/14", "--03-14"),
        ("03/04", None),
        ("14.03.85", "--03-14"),
        ("1604/03/14", "--03-14"),
        ("03/04/1985", None),
        ("1985", None),
        ("spring", None),
        ("31.02.1985", None),
    ],
)
def test_birthdays_as_people_write_them(tmp_path: Path, written: str, day: str | None) -> None:
    (contact,) = read(tmp_path, card("FN:Anna", f"BDAY:{written}"))
    assert contact.birthday == day
    assert bool(contact.issues) == (day is None)


@pytest.mark.parametrize(
    "written",
    [
        "an@berg.example,b@berg.example",
        "an@berg.example; b@berg.example",
        "An@Berg.example b@berg.example",
        "an@berg.example / b@berg.example",
        "Anna Berg <an@berg.example>, mailto:b@berg.example",
        "<an@berg.example>;<b@berg.example>;",
    ],
)
def test_several_addresses_in_one_line(tmp_path: Path, written: str) -> None:
    (contact,) = read(tmp_path, card("FN:Anna", f"EMAIL:{written}"))
    assert contact.emails == ("an@berg.example", "b@berg.example")
    assert contact.issues == ()


def test_words_beside_an_address_are_kept(tmp_path: Path) -> None:
    (contact,) = read(tmp_path, card("FN:Anna", "EMAIL:an@berg.example (work)", "EMAIL:ask Ben"))
    assert contact.emails == ("an@berg.example",)
    assert [line.replace("\\", "") for line in contact.extra] == [
        "EMAIL:an@berg.example (work)",
        "EMAIL:ask Ben",
    ]


QP = "ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8"


@pytest.mark.parametrize(
    "lines",
    [
        (f"NOTE;{QP}:Gr=C3=", "=BC=C3=9Fe aus=", " K=C3=B6ln"),
        (f"NOTE;{QP}:Gr=C3=BC=C3=9Fe=", "  aus K=C3=", " =B6ln"),
        (f"NOTE;{QP}:Gr=C3=", " =BC=C3=9Fe aus K=C3=B6ln"),
        (f"NOTE;{QP}:Gr=C3=BC=", "", "=C3=9Fe aus K=C3=B6ln"),
        (f"NOTE;{QP}:Gr=C3=BC=C3=9Fe aus K=C3=B6ln=", "TEL;CELL:1"),
        (f"NOTE;{QP}:Gr=C3=BC=C3=9Fe aus K=C3=B6ln=",),
    ],
)
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\n\n", "\r\r\n", "\r\n\r\n"])
def test_breaks_of_quoted_printable(tmp_path: Path, lines: tuple[str, ...], line_end: str) -> None:
    data = card("FN:Anna", *lines).replace(b"\r\n", line_end.encode())
    (contact,) = read(tmp_path, data)
    assert (contact.name, contact.note) == ("Anna", "Grüße aus Köln")
    assert contact.phones == (("1",) if "TEL;CELL:1" in lines else ())


def test_what_android_keeps_in_lines_of_its_own(tmp_path: Path) -> None:
    custom = "X-ANDROID-CUSTOM:vnd.android.cursor.item"
    (contact,) = read(
        tmp_path,
        card(
            "N:Berg;Anna;;;",
            f"{custom}/nickname;Annie;1;;;;;;;;;;;;;",
            f"{custom}/contact_event;2010-06-05;1;;;;;;;;;;;;;",
            f"{custom}/contact_event;1985-03-14;3;;;;;;;;;;;;;",
            f"{custom}/relation;Ben;14;;;;;;;;;;;;;",
        ),
    )
    assert (contact.nickname, contact.anniversary, contact.birthday) == ("Annie", "2010-06-05", "1985-03-14")
    assert len(contact.extra) == 4


def test_encoded_words_of_mail_headers(tmp_path: Path) -> None:
    (contact,) = read(
        tmp_path,
        card("FN:=?UTF-8?Q?J=C3=B6rg?= =?iso-8859-1?Q?_Gr=FCn?=", "N:=?utf-8?B?R3LDvG4=?=;=?x-odd?Q?J?=;;;"),
    )
    assert (contact.name, contact.family_name, contact.given_name) == ("Jörg Grün", "Grün", "=?x-odd?Q?J?=")


def test_the_word_null_is_no_name_but_mr_null_keeps_his(tmp_path: Path) -> None:
    anna, null = read(
        tmp_path,
        card("N:null;Anna;null;null;null", "FN:Anna null", "ORG:null", "TITLE:null")
        + card("N:Null;Jan", "FN:Jan Null"),
    )
    assert (anna.name, anna.given_name, anna.family_name) == ("Anna", "Anna", None)
    assert (anna.organisation, anna.title) == (None, None)
    assert (null.name, null.family_name) == ("Jan Null", "Null")


def test_equal_cards_are_records_of_their_own_and_one_person(tmp_path: Path) -> None:
    """Google Takeout writes a person once per label."""
    for name, line_end in (("All Contacts.vcf", "\n"), ("Friends.vcf", "\r\n"), ("Ben.vcf", "\n")):
        text = BEN if name == "Ben.vcf" else "BEGIN:VCARD\nFN:Nora Lind\nN:Lind;Nora\nEND:VCARD\n"
        (tmp_path / name).write_text(text.replace("\n", line_end), newline="")
    pages = list(VCardSource("takeout", tmp_path).changes(None))
    one, ben, other = (change for page in pages for change in page.changes if isinstance(change, Contact))
    assert one.source_id != other.source_id
    assert score_pair(record_from_contact(one, "GB"), record_from_contact(other, "GB")).band == "auto"
    assert ben.uid is None


def test_a_card_is_read_again_when_its_first_copy_appears(tmp_path: Path) -> None:
    path = tmp_path / "cards.vcf"
    path.write_text(ANNA)
    (first, last) = VCardSource("phone", path).changes(None)
    (anna,) = first.changes
    assert isinstance(anna, Contact)
    path.write_text(f"{ANNA}\n{ANNA}")
    known = {anna.raw_hash or "": anna.source_id}
    pages = list(VCardSource("phone", path, known=known).changes(last.cursor))
    both = [change for page in pages for change in page.changes if isinstance(change, Contact)]
    assert {contact.uid for contact in both} == {f"copies-of-{anna.raw_hash}"}
    assert anna.source_id in {contact.source_id for contact in both}
    known = {contact.raw_hash or "": contact.source_id for contact in both}
    again = list(VCardSource("phone", path, known=known).changes(None))
    assert [page.changes for page in again if page.changes] == []
    assert {key for page in again for key in page.unchanged} == {contact.source_id for contact in both}
