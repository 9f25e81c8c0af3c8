"""A follow-up about somebody who may be on two cards asks who it is, in words that fit a phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flows.run.confirm_identity import ask_first
from people.identity.namesakes import LISTED
from people.store.resolving.decisions import OpenPair
from people.tasks import FollowUpWish
from people.types import Contact

ROOFER = Contact(
    source="outlook",
    source_id="a1",
    name="Arthur Penrose",
    organisation="Penrose Roofing",
    title="Roofer",
    phones=("(0117) 496 0170",),
    emails=("a@roofing.example",),
)
FATHER = Contact(source="phone", source_id="b2", name="Arthur Penrose", phones=("0117 496 0170",))


def wish(person: str, title: str = "Call Arthur Penrose") -> FollowUpWish:
    return FollowUpWish(
        rule="gone-cold", person_id=person, person="Arthur Penrose", title=title, due=date(2026, 11, 30)
    )


def test_one_question_shows_both_cards_and_how_to_decide() -> None:
    evidence = ("family name same (penrose) +14.0", "any two cards -13.0")
    pair = OpenPair(ROOFER, FATHER, "p1", "p2", 34.0, evidence, "")
    wishes = [wish("p1"), wish("p2", "Wish Arthur Penrose a happy birthday"), wish("p3", "Call Anna")]
    other, question = ask_first(wishes, [pair])
    assert other.title == "Call Anna"
    assert (question.rule, question.person_id, question.done_is_contact) == ("confirm-who", "p1", False)
    assert question.title == "Confirm who this is: Arthur Penrose"
    assert question.notes.split("\n") == [
        "These two cards may be one person.",
        "A: Arthur Penrose, Penrose Roofing, Roofer, (0117) 496 0170, a@roofing.example (from outlook)",
        "B: Arthur Penrose, 0117 496 0170 (from phone)",
        "One person: touchbase identity same outlook:a1 phone:b2",
        "Two people: touchbase identity different outlook:a1 phone:b2",
        "Then: Call Arthur Penrose",
    ]


def test_a_hostile_id_of_a_card_is_one_word_of_the_command() -> None:
    pair = OpenPair(
        ROOFER.model_copy(update={"source_id": "a; rm -rf ~\nx"}), FATHER, "p1", "p2", 34.0, (), ""
    )
    (question,) = ask_first([wish("p1"), wish("p2", "Write to Arthur")], [pair])
    assert "One person: touchbase identity same 'outlook:a; rm -rf ~ x' phone:b2" in question.notes.split(
        "\n"
    )


class TestNoFollowUpIsHijacked:
    pair = OpenPair(ROOFER, FATHER, "p1", "p2", 34.0, (), "")

    def test_one_side_keeps_its_follow_up_and_says_who_else_it_may_be(self) -> None:
        (kept,) = ask_first([wish("p1")], [self.pair])
        assert (kept.rule, kept.title) == ("gone-cold", "Call Arthur Penrose")
        line = "Perhaps the same person: Arthur Penrose, 0117 496 0170 (from phone)."
        assert kept.notes == f"{line} Decide: touchbase identity review"

    def test_a_pair_of_the_list_leaves_the_notes_as_they_are(self) -> None:
        listed = replace(self.pair, evidence=(LISTED,))
        (kept,) = ask_first([wish("p1"), wish("p2")], [listed])
        assert kept == wish("p1")

    def test_two_sides_that_wish_the_same_have_one_follow_up(self) -> None:
        (kept,) = ask_first([wish("p1"), wish("p2")], [self.pair])
        assert kept.rule == "gone-cold"

    def test_two_follow_ups_of_one_side_both_stay(self) -> None:
        kept = ask_first([wish("p1"), wish("p1", "Thank Arthur")], [self.pair])
        assert [one.title for one in kept] == ["Call Arthur Penrose", "Thank Arthur"]
