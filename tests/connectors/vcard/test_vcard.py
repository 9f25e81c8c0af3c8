"""What one card says: repaired by us, modelled by vobject, read into a Contact."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.vcard.card import Place
from connectors.vcard.decode import as_utf8
from connectors.vcard.repair import repair
from connectors.vcard.source import Job, read_card
from connectors.vcard.split import split
from people.types import Address, Contact
from tests.support.repaired_cards import card_text


def read_all(data: bytes) -> list[Contact]:
    return [
        read_card(Job(raw, Place("phone", "a.vcf", index), raw.digest))
        for index, raw in enumerate(split(as_utf8(data)))
    ]


def read(lines: str | bytes, version: str = "3.0") -> Contact:
    """The contact of one card; only its inner lines are given."""
    inner = lines if isinstance(lines, bytes) else textwrap.dedent(lines).strip("\n").encode()
    (contact,) = read_all(b"BEGIN:VCARD\nVERSION:%s\n%s\nEND:VCARD\n" % (version.encode(), inner))
    return contact


def codes(contact: Contact) -> list[str]:
    return [issue.code for issue in contact.issues]


def test_an_iphone_card() -> None:
    contact = read(
        """
        PRODID:-//Apple Inc.//iPhone OS 18.2//EN
        N:Perez;Ana;Maria,Jose;Dr.;MBA
        FN:Ana Perez
        NICKNAME:Anita,Annie
        ORG:Acme Inc;Sales
        TITLE:Director
        EMAIL;type=INTERNET;type=HOME:ANA2@example.com
        EMAIL;type=INTERNET;type=WORK;type=pref:ana@example.com
        TEL;type=CELL;type=VOICE:+54 9 11 5555-1234
        item1.TEL:tel:+54-11-4444;ext=9
        item1.X-ABLabel:Side project
        ADR;type=HOME;type=pref:;;Av. Siempreviva 742;Springfield;Buenos Aires;B1636;Argentina
        URL;type=pref:https\\://ana.example.com
        X-SOCIALPROFILE;type=linkedin:https://linkedin.com/in/ana
        BDAY:1980-04-15
        item4.X-ABDATE;type=pref:2010-06-12
        item4.X-ABLabel:_$!<Anniversary>!$_
        item6.X-ABRELATEDNAMES;type=pref:Juan Perez
        item6.X-ABLabel:_$!<Spouse>!$_
        CATEGORIES:referral-partner,chamber
        NOTE:Met at the dinner\\, table 3\\nneeds: bookkeeping\\nOffers: web design
        X-PHONETIC-FIRST-NAME:A-na
        REV:2026-10-01T08:00:00Z
        UID:urn:uuid:1111-2222
        """
    )
    assert contact.source_id == contact.uid == "1111-2222"
    assert (contact.name, contact.given_name, contact.family_name) == ("Ana Perez", "Ana", "Perez")
    assert (contact.prefix, contact.middle_name, contact.suffix) == ("Dr.", "Maria Jose", "MBA")
    assert contact.nickname == "Anita, Annie"
    assert (contact.organisation, contact.title) == ("Acme Inc", "Director")
    assert contact.emails == ("ana@example.com", "ana2@example.com"), "the preferred one is first"
    assert contact.phones == ("+54 9 11 5555-1234", "+54-11-4444;ext=9")
    assert contact.addresses == (
        Address(
            street="Av. Siempreviva 742",
            city="Springfield",
            region="Buenos Aires",
            postal_code="B1636",
            country="Argentina",
        ),
    )
    assert contact.urls == ("https://ana.example.com", "https://linkedin.com/in/ana")
    assert (contact.birthday, contact.anniversary) == ("1980-04-15", "2010-06-12")
    assert contact.related == (("spouse", "Juan Perez"),)
    assert contact.labels == ("referral-partner", "chamber")
    assert contact.note == "Met at the dinner, table 3\nneeds: bookkeeping\nOffers: web design"
    assert contact.custom == (("needs", "bookkeeping"), ("offers", "web design"), ("department", "Sales"))
    assert contact.extra == ("item1.X-ABLABEL:Side project", "X-PHONETIC-FIRST-NAME:A-na")
    assert contact.revised_at == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert contact.kind == "person"
    assert not contact.issues


def test_an_outlook_card() -> None:
    contact = read(
        b"N;LANGUAGE=en-us:Doe;John;;Mr.;III\r\nFN:John Doe III\r\nORG:Company, The;TheDepartment\r\n"
        b"NOTE;ENCODING=QUOTED-PRINTABLE:This is the note!!=0D=0ASecond line=0D=0A=0D=0AFourth =\r\n"
        b"line=0D=\r\n=0A\r\nTEL;WORK;VOICE:(905) 555-1234\r\nTEL;CELL;PREF:555\r\n"
        b"ADR;WORK:;TheOffice;123 Main St;Austin;TX;12345;USA\r\n"
        b"KEY;X509;ENCODING=BASE64:\r\n    MIIDITCCAoqgAwIB\r\n    VQQGEwJaQTElMCMG\r\n\r\n\r\n"
        b"EMAIL;PREF;INTERNET:jdoe@hotmail.com\r\nX-MS-SPOUSE:Jane\r\nREV:20121012T210525Z",
        version="2.1",
    )
    assert contact.note == "This is the note!!\nSecond line\n\nFourth line"
    assert contact.organisation == "Company, The"
    assert contact.phones == ("555", "(905) 555-1234")
    assert contact.addresses[0].street == "TheOffice, 123 Main St"
    assert contact.related == (("spouse", "Jane"),)
    assert contact.emails == ("jdoe@hotmail.com",)
    assert not contact.issues


def test_an_android_card() -> None:
    contact = read(
        b"N;CHARSET=UTF-8;ENCODING=quoted-printable:=C3=91=3B=20;Ana=2C;;;\r\n"
        b"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=91=20=C3=91=\r\n=20=C3=91\r\n"
        b"ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=91=C3=91=\r\n\r\nTEL;CELL:1",
        version="2.1",
    )
    assert contact.family_name == "Ñ;", "an encoded semicolon is text"
    assert contact.given_name == "Ana,"
    assert contact.name == "Ñ Ñ Ñ"
    assert contact.organisation == "ÑÑ", "a soft break before a blank line ends the value"
    assert contact.phones == ("1",)


def test_a_soft_break_does_not_swallow_the_end_of_the_card() -> None:
    contacts = read_all(
        b"BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:cut=\nEND:VCARD\nBEGIN:VCARD\nFN:Next\nEND:VCARD\n"
    )
    assert [contact.note for contact in contacts] == ["cut", None]
    assert contacts[1].name == "Next"


def test_a_folded_quoted_printable_value() -> None:
    assert read(b"NOTE;ENCODING=QUOTED-PRINTABLE:one=\n  two=\n  three").note == "one two three"
    assert read(b"NOTE;QUOTED-PRINTABLE:one =\n  two").note == "one   two", "a single one may be text"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("FN:Doe, John", "Doe, John"),
        ("FN:Doe\\, John; \\; \\\\ \\N", "Doe, John; ; \\"),
        ('FN:John \\"Jack\\" Doe', 'John \\"Jack\\" Doe'),
        ("FN: B\n A ", "BA"),
        ("FN:B\n\t A", "B A"),
        ("fn ;CHARSET=utf-8 : B A ", "B A"),
        ('item1.FN;X="a:b;c":B A', "B A"),
        ("FN;PREF=2:Second\nFN;PREF=1:First", "First"),
        ("FN:", None),
    ],
)
def test_ways_to_write_a_name(line: str, name: str | None) -> None:
    assert read(line.encode() + b"\nTEL:1").name == name


def test_the_name_is_the_formatted_one_or_nothing() -> None:
    contact = read("N:A;B;;;")
    assert contact.name is None
    assert (contact.given_name, contact.family_name) == ("B", "A")


@pytest.mark.parametrize(
    ("n", "family", "given", "middle", "suffix"),
    [
        ("O'Neil\\, Jr.;Ann\\;Mary;;;", "O'Neil, Jr.", "Ann;Mary", None, None),
        ("Doe;John;Richter,James;;M.D.,A.C.P.", "Doe", "John", "Richter James", "M.D., A.C.P."),
        ("Doe, Sr;John", "Doe, Sr", "John", None, None),
        ("A", "A", None, None, None),
    ],
)
def test_parts_of_a_name(
    n: str, family: str, given: str | None, middle: str | None, suffix: str | None
) -> None:
    contact = read(f"N:{n}")
    assert (contact.family_name, contact.given_name) == (family, given)
    assert (contact.middle_name, contact.suffix) == (middle, suffix)


def test_more_parts_than_the_format_has_are_kept_as_written() -> None:
    contact = read("N:A;B;C;D;E;F;G\nADR:1;2;3;4;5;6;7;8;9")
    assert contact.suffix == "E"
    assert contact.addresses[0].country == "7"
    assert contact.extra == ("N:A;B;C;D;E;F;G", "ADR:1;2;3;4;5;6;7;8;9")
    assert codes(contact) == ["too-many-parts", "too-many-parts"]


@pytest.mark.parametrize(
    ("line", "birthday"),
    [
        ("BDAY:19850407", "1985-04-07"),
        ("BDAY:1985-4-7", "1985-04-07"),
        ("BDAY;VALUE=date:1985-04-07", "1985-04-07"),
        ("BDAY:1985-01-28T00:00:00Z", "1985-01-28"),
        ("BDAY:--0412", "--04-12"),
        ("BDAY:--04-12", "--04-12"),
        ("BDAY:--0229", "--02-29"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12", "--04-12"),
        ("BDAY:1604-04-12", "--04-12"),
        ("BDAY;X-APPLE-OMIT-YEAR=1900:1900-04-12", "--04-12"),
    ],
)
def test_birthdays(line: str, birthday: str) -> None:
    contact = read(f"FN:B A\n{line}")
    assert contact.birthday == birthday
    assert not contact.issues


@pytest.mark.parametrize("text", ["foo", "1985-02-30", "1985", "---12", "04/12/1985", "--0230"])
def test_what_is_no_day_is_kept_as_written(text: str) -> None:
    contact = read(f"FN:B A\nBDAY:{text}")
    assert contact.birthday is None
    assert contact.extra == (f"BDAY:{text}",)
    assert codes(contact) == ["bad-date"]


@pytest.mark.parametrize(
    ("rev", "revised"),
    [
        ("19951031T222710Z", datetime(1995, 10, 31, 22, 27, 10, tzinfo=UTC)),
        ("2009-08-08T14:30:00-05:00", datetime(2009, 8, 8, 19, 30, tzinfo=UTC)),
        ("20110731", datetime(2011, 7, 31, tzinfo=UTC)),
    ],
)
def test_revisions(rev: str, revised: datetime) -> None:
    assert read(f"FN:B A\nREV:{rev}").revised_at == revised


def test_a_revision_that_is_none_is_kept_as_written() -> None:
    contact = read("FN:B A\nREV:0001-01-01T00:00:00+23:00")
    assert contact.revised_at is None
    assert contact.extra == ("REV:0001-01-01T00:00:00+23:00",)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ("FN:Friends\nKIND:group\nMEMBER:urn:uuid:1\nMEMBER:mailto:X@example.com", "group"),
        ("FN:Friends\nX-ADDRESSBOOKSERVER-KIND:GROUP", "group"),
        ("FN:Acme\nN:Acme\nKIND:ORG", "organisation"),
        ("FN:Travel\nN:Brown;Gwen\nX-ABShowAs:COMPANY", "organisation"),
        ("FN:Acme\nORG:Acme;Sales\nN:;;;;", "organisation"),
        ("ORG:Acme\nEMAIL:a@b.example", "organisation"),
        ("FN:Acme\nORG:Acme\nKIND:individual", "person"),
        ("FN:Acme\nORG:Acme\nN:Acme;;;;", "person"),
        ("FN:B A\nORG:Acme", "person"),
    ],
)
def test_kinds(lines: str, kind: str) -> None:
    assert read(lines).kind == kind


def test_members_are_uids_or_addresses() -> None:
    contact = read(
        "FN:Friends\nKIND:group\nMEMBER:urn:uuid:1\nX-ADDRESSBOOKSERVER-MEMBER:mailto:X@example.com"
    )
    assert contact.members == ("1", "x@example.com")


@pytest.mark.parametrize(
    ("line", "email"),
    [
        ("EMAIL:mailto:A@B.example", "a@b.example"),
        ("EMAIL:Ana Perez <Ana@B.example>", "ana@b.example"),
        ("EMAIL; : a@b.example", "a@b.example"),
    ],
)
def test_emails(line: str, email: str) -> None:
    assert read(line).emails == (email,)


def test_what_is_no_email_is_kept_as_written() -> None:
    contact = read("FN:B A\nEMAIL;TYPE=work:none, yet")
    assert contact.emails == ()
    assert contact.extra == ("EMAIL;TYPE=work:none\\, yet",)
    assert codes(contact) == ["bad-email"]


def test_unknown_properties_survive_and_pictures_do_not() -> None:
    contact = read(
        "FN:B A\nX_MY_PROP:1\nGEO:45.0;-87.3\n"
        "PHOTO;ENCODING=b;TYPE=JPEG:Zm9v\nPHOTO:data:image/gif;base64,Zm9v"
        "\nPHOTO;VALUE=uri:file:///etc/passwd\nX-MESSAGING/XMPP-ALL:a\nTITLE:One\nTITLE:Two"
    )
    assert contact.extra == (
        "X-MY-PROP:1",
        "GEO:45.0;-87.3",
        "PHOTO;VALUE=uri:file:///etc/passwd",
        "X-MESSAGING-XMPP-ALL:a",
        "TITLE:Two",
    )
    assert contact.title == "One"
    assert codes(contact) == ["bad-property-name"]


@pytest.mark.parametrize(
    ("lines", "uid"),
    [
        ("X-ABUID:07D43ED3-2026\\:ABPerson", "07d43ed3-2026"),
        ("X-ABUID:07D43ED3-2026:ABPerson\nUID:URN:UUID:Other", "Other"),
    ],
)
def test_apples_own_id_stands_in_for_a_uid(lines: str, uid: str) -> None:
    contact = read(f"FN:B A\n{lines}")
    assert contact.source_id == contact.uid == uid
    assert contact.extra == ()


def test_bad_base64_is_a_loss() -> None:
    contact = read("FN:B A\nPHOTO;ENCODING=b;TYPE=JPEG:!!!notbase64!\nTEL:1")
    assert contact.phones == ("1",)
    assert [(issue.code, issue.lost) for issue in contact.issues] == [("bad-base64", True)]


def test_text_in_base64_is_read() -> None:
    assert read("FN;ENCODING=B:Wm/Dqw==").name == "Zoë"


@pytest.mark.parametrize(
    ("photo", "version"),
    [
        (b"PHOTO;BASE64;JPEG:\r\n/9j/4AAQ\r\nEw8UHRof\r\n\r\n", "2.1"),
        (b"PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r\n Ew8UHRof\r\n\r\n", "2.1"),
        (b"PHOTO;ENCODING=b:/9j/4AAQEw8UHR", "3.0"),
    ],
)
def test_a_line_after_a_picture_is_not_part_of_it(photo: bytes, version: str) -> None:
    contact = read(b"FN:B A\r\n" + photo + b"\r\nTEL;CELL:1", version)
    assert contact.phones == ("1",)
    assert not contact.issues


def test_a_note_broken_without_escapes_is_put_together() -> None:
    contact = read("FN:B A\nNOTE:first\nsecond line\nthird\nTEL:1")
    assert contact.note == "first\nsecond line\nthird"
    assert contact.phones == ("1",)
    assert codes(contact) == ["stray-line"]


def test_a_line_that_is_no_property_is_kept() -> None:
    contact = read("FN:B A\nthis is not a property\nTEL:1")
    assert (contact.name, contact.phones) == ("B A", ("1",))
    assert contact.extra == ("this is not a property",)
    assert [(issue.code, issue.lost) for issue in contact.issues] == [("stray-line", False)]


def test_an_address_unquoted_in_a_parameter() -> None:
    assert read("FN:B A\nURL;X-LABEL=http://x:https://y").urls == ("https://y",)


def test_a_card_in_a_card_is_kept_as_text() -> None:
    contact = read(
        b"N:Boss;Big\nFN:Big Boss\nAGENT:\nBEGIN:VCARD\nVERSION:2.1\nFN:Retary\nTEL:2\nEND:VCARD\nTEL:1",
        "2.1",
    )
    assert (contact.name, contact.phones) == ("Big Boss", ("1",))
    assert contact.extra == (r"AGENT:BEGIN:VCARD\nVERSION:2.1\nFN:Retary\nTEL:2\nEND:VCARD",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    text = end.join(("BEGIN:VCARD", "VERSION:3.0", "N:Zoë;Ann;;;", "FN:Ann", " Zoë", "END:VCARD", ""))
    (contact,) = read_all(text.encode(encoding))
    assert (contact.name, contact.family_name) == ("AnnZoë", "Zoë")
    assert not contact.issues


@pytest.mark.parametrize(
    ("line", "name", "found"),
    [
        ("FN:Zoë".encode("cp1252"), "Zoë", ["not-utf8"]),
        (b"FN;CHARSET=Windows-1252:Euro \x80", "Euro €", []),
        ("FN;CHARSET=SHIFT_JIS:表示".encode("cp932"), "表示", []),
        ("FN;CHARSET=ISO-2022-JP:日本".encode("iso-2022-jp"), "日本", []),
        (b"FN;CHARSET=GB2312;ENCODING=QUOTED-PRINTABLE:=D6=D0", "中", []),
        (b"FN;CHARSET=unicode_escape:\\u0041\xff", "\\u0041ÿ", ["unknown-charset", "not-utf8"]),
        (b"FN;CHARSET=foobar:plain", "plain", []),
        (b"FN:a\x81b", "a\N{REPLACEMENT CHARACTER}b", ["not-utf8", "undecodable"]),
        (b"FN;CHARSET=ISO-8859-1:Zo\xc3\xab", "Zoë", []),
        (b"FN:caf\xc3\n \xa9", "café", []),
    ],
)
def test_character_sets(line: bytes, name: str, found: list[str]) -> None:
    contact = read(line)
    assert contact.name == name
    assert codes(contact) == found


def test_control_characters_go_and_odd_line_ends_become_line_feeds() -> None:
    contact = read(
        "FN:B\x00\x07 \x1b[31mA\u202etxt.exe\nNOTE:line\u2028sep\x85nel\x0cff\x1ers\\ttab\tlf\\nend"
    )
    assert contact.name == "B [31mA\u202etxt.exe"
    assert contact.note == "line\nsep\nnel\nff\nrs\\ttab\tlf\nend"
    assert codes(contact) == ["control-characters", "bidi-controls"]


def test_what_names_nobody_is_rejected() -> None:
    contact = read("UID:foo\nBDAY:1980-01-01")
    assert contact.rejected
    assert (contact.source_id, contact.birthday) == ("foo", "1980-01-01")
    assert [(issue.code, issue.lost) for issue in contact.issues] == [("nothing-to-identify", True)]


def test_a_bad_card_in_the_middle_loses_only_itself() -> None:
    good, bad = b"BEGIN:VCARD\nFN:%s\nEND:VCARD\n", b"BEGIN:VCARD\n\xff\xfe;;:\x00\nN\nEND:VCARD\n"
    contacts = read_all(good % b"One" + bad + good % b"Two")
    assert [(contact.name, contact.rejected) for contact in contacts] == [
        ("One", False),
        (None, True),
        ("Two", False),
    ]


@pytest.mark.parametrize("missing", [b"", b"END:VCARD \n"])
def test_a_card_without_end_stops_at_the_next(missing: bytes) -> None:
    contacts = read_all(b"BEGIN:VCARD\nFN:One\n" + missing + b"BEGIN:VCARD \nFN:Two\nEND:VCARD\n\x1a")
    assert [contact.name for contact in contacts] == ["One", "Two"]
    assert codes(contacts[0]) == ([] if missing else ["missing-end"])


def test_text_outside_of_cards_is_named() -> None:
    contacts = read_all(b"my friends\nBEGIN:VCARD\nFN:One\nEND:VCARD\nBEGIN:VCARD\nFN:Two\nEND:VCARD\n")
    assert [contact.name for contact in contacts] == ["One", "Two"]
    assert codes(contacts[0]) == ["stray-text"]


def test_a_card_without_begin_is_rejected() -> None:
    first, second = read_all(b"VERSION:3.0\nFN:x\nEND:VCARD\nBEGIN:VCARD\nFN:Two\nEND:VCARD\n")
    assert (first.rejected, codes(first)) == (True, ["no-begin"])
    assert (second.name, second.index) == ("Two", 1)


def test_a_file_that_is_no_vcard_is_one_rejected_card() -> None:
    (contact,) = read_all(b"<html><body>Please log in</body></html>\n")
    assert (contact.rejected, codes(contact)) == (True, ["no-begin"])


# Words that programs write for a missing name are read as none.
LINE_TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60
).filter(lambda text: not {"null", "(null)", "undefined"} & set(text.split()))


@settings(max_examples=150, deadline=None)
@given(name=LINE_TEXT, note=LINE_TEXT, family=LINE_TEXT, city=LINE_TEXT, label=LINE_TEXT)
def test_what_vobject_writes_is_read_back(name: str, note: str, family: str, city: str, label: str) -> None:
    card = vobject.vCard()
    card.add("fn").value = name
    card.add("n").value = vobject.vcard.Name(family=family)
    card.add("adr").value = vobject.vcard.Address(city=city)
    card.add("note").value = f"{note}\n{note}"
    card.add("categories").value = [label]
    (contact,) = read_all(card.serialize().encode())
    assert (contact.name or "") == name.strip()
    assert (contact.family_name or "") == family.strip()
    assert (contact.note or "") == f"{note}\n{note}".strip()
    assert contact.labels == ((label.strip(),) if label.strip() else ())
    assert [address.city for address in contact.addresses] == ([city.strip()] if city.strip() else [])


PIECES = st.sampled_from(
    [
        *(
            b"BEGIN:VCARD\r\n",
            b"END:VCARD\r\n",
            b"FN:",
            b"N:",
            b"ORG:",
            b"ADR;TYPE=home:",
            b"NOTE:",
            b"AGENT:\r\n",
        ),
        *(
            b"BDAY:",
            b"CATEGORIES:",
            b"EMAIL:",
            b";ENCODING=QUOTED-PRINTABLE:",
            b";ENCODING=b:",
            b"=C3=91",
            b"=\r\n",
        ),
        *(
            b"\\",
            b"\\n",
            b";",
            b",",
            b":",
            b'"',
            b"\r\n",
            b"\n ",
            b"\t",
            b"\xc3\xab",
            b"\xff",
            b"\x00",
            b"^n",
            b"a",
            b"Zm9v",
        ),
        b";CHARSET=shift_jis:",
    ]
)


@settings(max_examples=300, deadline=None)
@given(data=st.one_of(st.lists(PIECES, max_size=40).map(b"".join), st.binary(max_size=200)))
def test_any_bytes_become_cards_that_vobject_reads_without_loss(data: bytes) -> None:
    assert all(contact.issues for contact in read_all(data) if contact.rejected)
    for card in map(repair, split(as_utf8(data))):
        text = card_text(card)
        assert "\x00" not in text
        (component,) = vobject.readComponents(text)
        read_back = [line.value for line in component.contents.get("fn", ())]
        assert read_back == [prop.value for prop in card.properties if prop.head.name == "FN"]


@settings(max_examples=100, deadline=None)
@given(inner=st.lists(PIECES, max_size=15).map(b"".join).filter(lambda text: b"VCARD" not in text))
def test_whatever_a_card_holds_its_neighbours_are_read(inner: bytes) -> None:
    good = b"BEGIN:VCARD\r\nFN:%s\r\nEND:VCARD\r\n"
    contacts = read_all(good % b"One" + b"BEGIN:VCARD\r\n" + inner + b"\r\nEND:VCARD\r\n" + good % b"Two")
    assert len(contacts) == 3
    assert [contacts[0].name, contacts[2].name] == ["One", "Two"]
    assert not contacts[0].issues
    assert not contacts[2].issues
