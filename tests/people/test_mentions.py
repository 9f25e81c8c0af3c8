"""Where a text names somebody: found however it is written, and changed only where it surely is them."""

from __future__ import annotations

import pytest

from people.mentions import Sought, email_mark, name_mark, number_mark, without

BOB = Sought(
    filter(
        None,
        [
            name_mark("Bob J. Hale"),
            email_mark("Bob@Hale.example"),
            number_mark("07700 900147", "GB"),
        ],
    ),
    "GB",
)
JORG = Sought(filter(None, [name_mark("Jörg Müller-Lüdenscheidt")]), "DE")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Lunch with Bob Hale", "Lunch with (forgotten)"),
        ("BOB  HALE's party", "(forgotten)'s party"),
        ("Bob X. Hale", "(forgotten)"),
        ("Hale, Bob", "(forgotten)"),
        ("HALE, BOB; Marsh, Ann", "(forgotten); Marsh, Ann"),
        ("bob.hale", "(forgotten)"),
        ("write to bob@HALE.example.", "write to (forgotten)."),
        ("+44 (7700) 900-147 or 00447700900147", "(forgotten) or (forgotten)"),
        ("Bob Hale and bob hale", "(forgotten) and (forgotten)"),
    ],
)
def test_a_text_loses_what_names_them(text: str, left: str) -> None:
    assert BOB.without(text) == left
    assert BOB.is_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Anna Hale, Bob Marsh",
        "Met Bob. Hale came later",
        "Hale met Bob Marsh",
        "Bobby Hale",
        "Bob Haleson",
        "bob@hale.example.org",
        "447700900148",
        "07700 9001470",
        "Order 170077009001471",
        "",
    ],
)
def test_a_text_about_somebody_else_stays_as_it_is(text: str) -> None:
    assert BOB.without(text) == text


@pytest.mark.parametrize("text", ["N:Hale;Bob;J.;;", "Bob,Hale,Hale Ltd", "Hale Bob", "id;bob;hale"])
def test_a_search_finds_other_forms(text: str) -> None:
    assert BOB.is_in(text)


def test_accents_and_other_letters_make_no_difference() -> None:
    assert JORG.without("mit Jorg MULLER LUDENSCHEIDT") == "mit (forgotten)"
    assert JORG.is_in("Müller-Lüdenscheidt, Jörg")
    ivan = Sought(filter(None, [name_mark("Иван Петров")]), "RU")
    assert ivan.without("Обед: Иван Петров") == "Обед: (forgotten)"


@pytest.mark.parametrize("name", ["J. Smith", "S", "Bob", "", "?", "J S"])
def test_what_is_many_peoples_name_is_no_mark(name: str) -> None:
    assert name_mark(name) is None


def test_a_single_name_is_found_and_never_taken_out_of_a_text() -> None:
    madonna = Sought(filter(None, [name_mark("Madonna")]), "GB")
    assert madonna.is_in("Lunch with Madonna")
    assert madonna.without("Anna Madonna") == "Anna Madonna"


def test_a_long_text_without_spaces_ends() -> None:
    """A search in quadratic time would take minutes for it."""
    text = "@" + "a" * 400_000
    assert without(text, lambda _mark: True, "GB") == text
