"""Cards made to hang, exhaust or trick a reader: each ends at once, with a typed finding."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from connectors.vcard import limits
from connectors.vcard.card import Place
from connectors.vcard.decode import as_utf8
from connectors.vcard.source import Job, read_card
from connectors.vcard.split import RawCard, split
from people.types import Contact

MIB = limits.MIB
CPU_SECONDS = 10
"""What hangs needs minutes to years; the slowest of these takes well under a second of this."""


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    def give_up(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail(f"still running after {CPU_SECONDS} s of processor time")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


def read_all(data: bytes) -> list[Contact]:
    return [
        read_card(Job(raw, Place("phone", "a.vcf", index), raw.digest))
        for index, raw in enumerate(split(as_utf8(data)))
    ]


def wrap(inner: bytes) -> bytes:
    return b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nFN:B A\r\n" + inner + b"\r\nEND:VCARD\r\n"


NEXT = b"BEGIN:VCARD\r\nFN:Next\r\nEND:VCARD\r\n"

FOUND_IN_A_CARD_THAT_STAYS = {
    "regex bomb of equal signs": (b"A;B" + b"=a" * 26, "stray-line"),
    "a long one": (b"A;B" + b"=a" * 400_000, "stray-line"),
    "regex bomb of commas": (b"A;B" + b",a" * 26, "stray-line"),
    "quotes without end": (b'X;A="' + b'a";b="' * 1_000 + b":x", None),
    "a head of 1 MB": (b"X;" + b"a=" * 500_000 + b":1", "stray-line"),
    "10 MiB on one line": (b"NOTE:" + b"x" * 10 * MIB, "line-too-long"),
    "10 MiB without a colon": (b"x" * 10 * MIB, "line-too-long"),
    "a picture of 9 MiB": (b"PHOTO;ENCODING=b:" + b"A" * 12 * MIB, "picture-too-large"),
    "quoted-printable bomb": (b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"=3D" * 600_000, "line-too-long"),
    "folded quoted-printable": (b"NOTE;QUOTED-PRINTABLE:" + b"=a=\r\n =" * 30_000, None),
    "unicode_escape": (b"NOTE;CHARSET=unicode_escape:\\u0041\\x00\xff", "unknown-charset"),
    "NULs": (b"NOTE:" + b"\0" * 100_000, "control-characters"),
    "9,000 bad addresses": (b"EMAIL:x\n" * 9_000, "bad-email"),
    "a UID of 900 KB": (b"UID:" + b"u" * 900_000, None),
    "a preference of 5,000 digits": (b"TEL;PREF=" + b"9" * 5_000 + b":1", None),
    "white space in a note": (b"NOTE:a: " + b" " * 900_000 + b"\\nx", None),
}

FOUND_IN_A_CARD_THAT_IS_REFUSED = {
    "1-byte folds": (b"PHOTO;ENCODING=b:" + b"\r\n ".join([b"A"] * 5 * MIB), "card-too-large"),
    "1-byte lines": (b"a\n" * 1_000_000, "card-too-large"),
    "1-byte lines after a note": (b"NOTE:x\n" + b"a\n" * 300_000, "card-too-large"),
    "300,000 properties": (b"A:b\n" * 300_000, "card-too-large"),
    "12,000 bad names": (b"".join(b"A/%d:x\n" % number for number in range(12_000)), "card-too-large"),
    "soft breaks": (b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"a=\r\n" * 1_000_000, "card-too-large"),
    "an address of 500,000 commas": (b"ADR:" + b"\\," * 500_000, "card-too-large"),
    "a name of 900,000 backslashes": (b"N:" + b"\\" * 900_001, "card-too-large"),
    "16 addresses of 1 MB": (b"\n".join([b"ADR:" + b"x;" * 500_000] * 16), "card-too-large"),
    "500,000 categories": (b"CATEGORIES:" + b"a," * 500_000, "card-too-large"),
    "17 MiB": (b"\n".join([b"NOTE:" + b"x" * 1_000_000] * 18), "card-too-large"),
}


@pytest.mark.parametrize("case", FOUND_IN_A_CARD_THAT_STAYS)
def test_the_line_is_refused_and_the_card_stays(case: str) -> None:
    inner, code = FOUND_IN_A_CARD_THAT_STAYS[case]
    contact, following = read_all(wrap(inner) + NEXT)
    assert (contact.name, contact.rejected) == ("B A", False)
    assert code in {None, *(issue.code for issue in contact.issues)}
    assert len(contact.issues) <= 50
    assert (following.name, following.issues) == ("Next", ())


@pytest.mark.parametrize("case", FOUND_IN_A_CARD_THAT_IS_REFUSED)
def test_the_card_is_refused_and_keeps_its_record(case: str) -> None:
    inner, code = FOUND_IN_A_CARD_THAT_IS_REFUSED[case]
    contact, following = read_all(wrap(inner) + NEXT)
    assert (contact.rejected, contact.source_id) == (True, "u1")
    assert code in {issue.code for issue in contact.issues if issue.lost}
    assert len(contact.issues) <= 51
    assert (following.name, following.issues) == ("Next", ())


@pytest.mark.parametrize(
    "nested",
    [
        b"BEGIN:VCARD\r\n" * 2_000 + b"END:VCARD\r\n" * 2_000,
        b"BEGIN:VCARD\r\n" * 2_000 + b"END:VCARD\r\n",
        b"BEGIN:VCARD\r\nFN:a\r\nAGENT:\r\n" * 2_000 + b"END:VCARD\r\n" * 2_001,
    ],
)
def test_cards_nested_without_end(nested: bytes) -> None:
    contact, following = read_all(nested + NEXT)
    assert contact.rejected
    assert "nesting-too-deep" in {issue.code for issue in contact.issues if issue.lost}
    assert (following.name, following.issues) == ("Next", ())


def test_four_levels_are_not_too_deep() -> None:
    deep = b"BEGIN:VCARD\nFN:a\nAGENT:\n" * 3 + b"BEGIN:VCARD\nFN:d\nEND:VCARD\n" + b"END:VCARD\n" * 3
    contact, following = read_all(deep + NEXT)
    assert (contact.name, contact.rejected) == ("a", False)
    assert following.name == "Next"


@pytest.mark.parametrize("length", [15, 20, 40, 50])
def test_a_file_cut_anywhere(length: int) -> None:
    whole = NEXT + wrap(b"TEL:1")
    contacts = read_all(whole[: len(NEXT) + length])
    assert contacts[0].name == "Next"
    assert "missing-end" in {issue.code for issue in contacts[1].issues}


@pytest.mark.parametrize(
    "text",
    [b"VCARD" * 2 * MIB, b"\nBEGIN: : " * MIB, b"\nBEGIN" + b" " * 10 * MIB, b"\n:" * 4 * MIB],
)
def test_text_that_nearly_is_a_card(text: bytes) -> None:
    (contact,) = read_all(text)
    assert [issue.code for issue in contact.issues] == ["no-begin"]


def test_nothing_but_nuls_is_no_card() -> None:
    assert read_all(b"\0" * 10 * MIB) == []


def test_a_uid_never_is_a_path_or_a_line() -> None:
    (long,) = read_all(wrap(b"UID;PREF=1:" + b"../" * 1_000))
    (broken,) = read_all(wrap(b"UID;PREF=1:a\\nb"))
    assert long.source_id.startswith("uid-")
    assert len(long.source_id) < 40
    assert broken.source_id.isprintable()
    assert broken.uid == "a\nb"


def test_whatever_goes_wrong_is_a_rejected_card() -> None:
    broken = RawCard(body=None, digest="d")  # type: ignore[arg-type]  # a defect of ours
    contact = read_card(Job(broken, Place("phone", "a.vcf", 0), "d"))
    assert contact.rejected
    assert [issue.code for issue in contact.issues] == ["unreadable"]
