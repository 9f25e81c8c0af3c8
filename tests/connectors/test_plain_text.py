"""Text files decoded line by line, so that one bad byte costs only its character."""

from __future__ import annotations

import pytest

from connectors.shared.plain_text import decode_lines

BAD = "\N{REPLACEMENT CHARACTER}"
DAMAGED = f"a character is damaged and is shown as {BAD}"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_whole_files(codec: str) -> None:
    assert decode_lines("Zoë\r\nŁuk\rJörg\n".encode(codec)) == ("Zoë\nŁuk\nJörg\n", ())


def test_a_file_in_another_encoding_is_told_once() -> None:
    data = "Zoë\nplain\nJörg".encode("cp1252")
    assert decode_lines(data) == ("Zoë\nplain\nJörg", ((1, "is not in UTF-8; it was read as cp1252"),))


def test_line_ends_of_old_macs_come_with_their_encoding() -> None:
    text, _ = decode_lines("Jörg\rGrün".encode("mac-roman"))
    assert text == "Jörg\nGrün"


def test_the_settings_name_the_encoding() -> None:
    assert decode_lines("Łuk\nGądek".encode("cp1250"), "cp1250").text == "Łuk\nGądek"
    assert decode_lines(b"\x81", "cp1250").text == BAD


def test_a_line_in_another_encoding_does_not_spoil_the_others() -> None:
    text, odd = decode_lines("Müller\n".encode() + "Café Jörg\n".encode("cp1252") + "Grün".encode())
    assert text == "Müller\nCafé Jörg\nGrün"
    assert odd == ((2, "is not in UTF-8; it was read as cp1252"),)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"Caf\xc3", f"Caf{BAD}"),
        (b"Chef\xf0\x9f,05 Jun", f"Chef{BAD},05 Jun"),
        (b"\xe6\x97", BAD),
        (b"gr\xc3\xbcn \xff", f"grün {BAD}"),
    ],
)
def test_a_character_that_was_cut_costs_only_itself(line: bytes, text: str) -> None:
    assert decode_lines("Jörg\n".encode() + line) == (f"Jörg\n{text}", ((2, DAMAGED),))


def test_an_emoji_in_two_halves_is_one() -> None:
    assert decode_lines(b"M\xc3\xbcller \xed\xa0\xbd\xed\xb3\x9e") == ("Müller \N{TELEPHONE RECEIVER}", ())


@pytest.mark.parametrize("fold", ["\r\n ", "\n\t", "\r\r\n "])
def test_a_fold_in_the_middle_of_a_character_moves_behind_it(fold: str) -> None:
    emoji = "\N{TELEPHONE RECEIVER}".encode()
    folded = fold.encode().join(emoji[at : at + 1] for at in range(4))
    text, odd = decode_lines(b"SUMMARY:Zo\xc3" + fold.encode() + b"\xab " + folded)
    assert (
        text.replace("\n ", "").replace("\n\t", "").replace("\n", "") == "SUMMARY:Zoë \N{TELEPHONE RECEIVER}"
    )
    assert odd == ()
