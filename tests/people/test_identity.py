"""Who is who: the traps of the field, lasting ids, decisions, and incremental equals batch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.identity import (
    Overrides,
    Pair,
    Record,
    Resolution,
    across,
    decide,
    keys_of,
    record_from_contact,
    resolve,
    resolve_changes,
    score_pair,
    undo,
)
from people.types import Address, Contact
from tests.support.memory_index import MemoryIndex
from tests.support.records import make_record

MOBILE, OTHER_MOBILE = "+44 7911 123456", "+44 7911 654321"
LANDLINE = "+44 117 496 0170"


def card(key: str, given: str, family: str, **values: object) -> Record:
    fields = {"name": f"{given} {family}", "given": given, "family": family, "region": "GB"}
    return make_record(key if ":" in key else f"{key}:1", **(fields | values))  # type: ignore[arg-type]  # test values


def people(*records: Record, overrides: Overrides = Overrides()) -> int:  # noqa: B008 - frozen
    return len(set(resolve(records, overrides=overrides).people.values()))


def band(a: Record, b: Record) -> str:
    return score_pair(a, b).band


class TestOnePerson:
    @pytest.mark.parametrize(
        "other",
        [
            card("b", "Anna", "Berg", emails=["anna@berg.example"]),
            card("b", "Berg", "Anna", emails=["anna@berg.example"]),
            card("b", "ANNA", "BERG", emails=["anna@berg.example"], organisation="Elsewhere"),
            card("b", "Dr Anna", "Berg", emails=["anna@berg.example"]),
            card("b", "🌻 Anna", "Berg ☕", emails=["anna@berg.example"]),
            card("b", "Anna", "Berg", phones=["07911 123456"]),
            card("b", "Anna", "Berg", phones=["00 44 7911 123456"]),
            card("b", "Anna", "Lind", emails=["anna@berg.example"], phones=[MOBILE]),
        ],
        ids=["e-mail", "order", "case", "title", "emoji", "national", "double zero", "married"],
    )
    def test_the_same_personal_address_and_a_name_that_fits(self, other: Record) -> None:
        anna = card("a", "Anna", "Berg", emails=["anna@berg.example"], phones=[MOBILE])
        assert people(anna, other) == 1

    def test_dots_and_tags_count_for_nothing_at_gmail_alone(self) -> None:
        gmail = [
            card(k, "Tom", "Hale", emails=[e])
            for k, e in [("a", "t.hale@gmail.com"), ("b", "thale+x@googlemail.com")]
        ]
        assert people(*gmail) == 1
        elsewhere = [
            card(k, "Tom", "Hale", emails=[e])
            for k, e in [("a", "t.hale@x.example"), ("b", "thale@x.example")]
        ]
        assert people(*elsewhere) == 2

    def test_the_evidence_is_readable_and_symmetric(self) -> None:
        a = card("a", "Anna", "Berg", emails=["anna@berg.example"], organisation="Berg")
        b = card("b", "Anna", "Berg", emails=["anna@berg.example"], organisation="Lind")
        lines = score_pair(a, b).lines()
        assert lines == score_pair(b, a).lines()
        assert any(line.startswith("e-mail same (anna@berg.example) +") for line in lines)
        assert any(line.startswith("organisation differs") for line in lines)


class TestTwoPeople:
    def test_father_and_son_with_one_landline_are_a_question(self) -> None:
        home = Address(street="19 Slate Hill", city="Bristol", postal_code="BS1 4XX")
        father = card("a", "Arthur", "Penrose", phones=[LANDLINE], addresses=[home])
        son = card("b", "Arthur", "Penrose", phones=[LANDLINE, MOBILE], addresses=[home])
        found = resolve([father, son])
        assert len(set(found.people.values())) == 2
        assert [(pair.a, pair.b) for pair in found.open_pairs] == [("a:1", "b:1")]

    def test_a_shared_landline_and_a_nickname_are_never_merged_by_themselves(self) -> None:
        assert (
            people(card("a", "John", "Reed", phones=[LANDLINE]), card("b", "Jack", "Reed", phones=[LANDLINE]))
            == 2
        )

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"suffix": "Jr"}, {"suffix": "Sr"}),
            ({"birthday": "1950-01-01"}, {"birthday": "1980-05-05"}),
            ({"birthday": "--01-01"}, {"birthday": "1980-05-05"}),
        ],
        ids=["generation", "birthday", "birthday without a year"],
    )
    def test_a_veto_outweighs_everything(self, one: dict[str, str], other: dict[str, str]) -> None:
        same = {"emails": ["will@tranter.example"]}
        a, b = card("a", "Will", "Tranter", **same, **one), card("b", "Will", "Tranter", **same, **other)
        assert band(a, b) == "separate"
        assert people(a, b) == 2

    def test_info_and_the_switchboard_join_nobody(self) -> None:
        names = [("Naomi", "Fernley"), ("Josh", "Underhill"), ("Ruth", "Cole"), ("Ian", "Frost")]
        records = [
            card(
                f"a:{n}",
                given,
                family,
                emails=["info@fernhill.example"],
                phones=[LANDLINE],
                organisation="Fernhill",
            )
            for n, (given, family) in enumerate(names)
        ]
        assert people(*records) == 4

    def test_a_company_is_nobody(self) -> None:
        company = make_record(
            "a:1", name="Berg Interiors Ltd", organisation="Berg Interiors Ltd", emails=["anna@berg.example"]
        )
        assert company.kind == "organisation"
        assert people(company, card("b", "Anna", "Berg", emails=["anna@berg.example"])) == 2

    def test_one_uid_in_two_address_books_is_no_proof(self) -> None:
        records = [
            card(k, *n, ids=[("uid", "77")]) for k, n in [("a", ("Anna", "Berg")), ("b", ("Tom", "Hale"))]
        ]
        assert people(*records) == 2

    def test_namesakes_are_two(self) -> None:
        assert (
            people(
                card("a", "David", "Jones", emails=["david@plumbing.example"], organisation="Jones Plumbing"),
                card("b", "David", "Jones", emails=["d.jones@penhale.example"], organisation="Penhale"),
            )
            == 2
        )

    def test_middle_initials_that_differ_speak_against_it(self) -> None:
        a, b = card("a", "John", "Smith", middle="A"), card("b", "John", "Smith", middle="B")
        assert score_pair(a, b).bits < score_pair(card("a", "John", "Smith"), card("b", "John", "Smith")).bits

    def test_a_town_of_people_with_similar_names_stays_a_town(self) -> None:
        chance = random.Random(5)
        given = [
            stem + end
            for stem in ("Ann", "Ben", "Evan", "Gret", "Hug", "Pia")
            for end in ("a", "o", "el", "is", "us", "et")
        ]
        family = [
            stem + end
            for stem in ("Berg", "Holm", "Marsh", "Well", "Brook")
            for end in ("", "er", "man", "ton", "ley")
        ]
        town = Address(city="Bristol", postal_code="BS1")
        records = [
            card(
                f"t:{n}",
                chance.choice(given),
                chance.choice(family),
                emails=[f"p{n}@firm{n}.example"],
                phones=[f"+44 7911 {n:06}"],
                organisation=f"Firm {n}",
                addresses=[town],
            )
            for n in range(400)
        ]
        assert people(*records) == 400


class TestIds:
    def network(self, seed: int = 1) -> list[Record]:
        """A few dozen people on one to three cards each, some of them families and colleagues."""
        chance = random.Random(seed)
        records = []
        for n in range(40):
            first, last = f"Given{n % 17}", f"Family{n % 23}"
            mail, phone = f"g{n}@firm{n % 9}.example", f"+44 7911 {n:06}"
            for copy in range(chance.choice((1, 1, 2, 3))):
                details = {
                    "emails": [mail] if copy != 1 else [],
                    "phones": [phone] if copy else [],
                    "organisation": f"Firm {n % 9}",
                }
                if copy == 2:
                    details["phones"] = [phone, LANDLINE]
                records.append(card(f"s{copy}:{n}", first, last, **details))
        return records

    def test_the_order_of_input_matters_not(self) -> None:
        records = self.network()
        first = resolve(records)
        for seed in range(20):
            random.Random(seed).shuffle(records)
            again = resolve(records)
            assert again.people == first.people
            assert again.open_pairs == first.open_pairs
            assert list(map(again.explain, again.open_pairs)) == list(map(first.explain, first.open_pairs))

    def test_a_person_keeps_the_id_when_cards_come_and_go(self) -> None:
        a = card("a", "Anna", "Berg", emails=["anna@berg.example"])
        before = resolve([a])
        b = card("b", "Anna", "Berg", emails=["anna@berg.example"])
        after = resolve([a, b], people=before.people)
        assert set(after.people.values()) == set(before.people.values())
        assert resolve([b], people=after.people).people == {"b:1": before.people["a:1"]}

    def test_in_a_merge_the_oldest_id_survives_and_the_other_is_an_alias(self) -> None:
        a = card("a", "Anna", "Berg", emails=["anna@berg.example"])
        b = card("b", "Anna", "Berg", emails=["anna@home.example"])
        before = resolve([a, b]).people
        both = card("b", "Anna", "Berg", emails=["anna@home.example", "anna@berg.example"])
        born = {before["a:1"]: 2, before["b:1"]: 1}
        after = resolve([a, both], people=before, born=born)
        assert set(after.people.values()) == {before["b:1"]}
        assert after.aliases == {before["a:1"]: before["b:1"]}
        (event,) = [event for event in after.events if event.kind == "merged"]
        assert after.explain(event)

    def test_in_a_split_the_id_stays_with_the_larger_part(self) -> None:
        cards = [card(k, "Anna", "Berg", emails=["anna@berg.example"]) for k in ("a", "b", "c")]
        before = resolve(cards).people
        split = resolve(
            cards, people=before, overrides=Overrides(never=dict.fromkeys(across(["a:1"], ["b:1", "c:1"]), 0))
        )
        assert split.people["b:1"] == split.people["c:1"] == before["a:1"]
        assert split.people["a:1"] in split.fresh


class TestDecisions:
    a = card("a", "Anna", "Berg", emails=["anna@berg.example"])
    b = card("b", "Anna", "Berg", emails=["anna@berg.example"])
    c = card("c", "Tom", "Hale")

    def test_never_and_always_hold_and_never_wins(self, tmp_path: Path) -> None:
        path = tmp_path / "identity.txt"
        decide(path, "never", [("a:1", "b:1")], comment="father and son")
        decide(path, "always", [("c:1", "a:1")])
        overrides, problems = Overrides.load(path)
        assert problems == []
        found = resolve([self.a, self.b, self.c], overrides=overrides).people
        assert found["a:1"] == found["c:1"] != found["b:1"]
        path.write_text(path.read_text() + "always a:1 b:1\n")
        overrides, problems = Overrides.load(path)
        assert "never wins" in problems[0].message
        assert people(self.a, self.b, overrides=overrides) == 2

    def test_a_chain_of_always_holds_however_unlike_its_ends_are(self) -> None:
        mary = card("a", "Mary", "Khan", birthday="1950-01-02")
        aisha = card("b", "Aisha", "Khan", birthday="1980-05-05")
        chain = {("a:1", "c:1"): 0, ("b:1", "c:1"): 0}
        both = card("c", "A", "Khan")
        assert people(mary, aisha, both, overrides=Overrides(always=chain)) == 1
        assert people(mary, aisha, both, overrides=Overrides(always=chain, never={("a:1", "b:1"): 0})) == 2

    def test_a_changed_mind_replaces_the_decision_and_undo_removes_it(self, tmp_path: Path) -> None:
        path = tmp_path / "identity.txt"
        decide(path, "never", [("a:1", "b:1")])
        decide(path, "always", [("b:1", "a:1")])
        assert Overrides.load(path)[0].never == {}
        assert undo(path, [("a:1", "b:1")]) == 1
        assert Overrides.load(path)[0].always == {}

    def test_a_bad_line_is_named_and_the_others_hold(self, tmp_path: Path) -> None:
        path = tmp_path / "identity.txt"
        path.write_text("# mine\nnever a:1\nperhaps a:1 b:1\nnever a:1 b:1\n")
        overrides, problems = Overrides.load(path)
        assert [problem.where for problem in problems] == ["identity.txt:2", "identity.txt:3"]
        assert ("a:1", "b:1") in overrides.never


def whole(index: MemoryIndex, overrides: Overrides = Overrides()) -> Resolution:  # noqa: B008 - frozen
    return resolve(list(index.by_key.values()), overrides=overrides)


def questions(resolution: Resolution) -> dict[tuple[str, str], tuple[Pair, tuple[str, ...]]]:
    """Each open pair with its evidence."""
    return {(pair.a, pair.b): (pair, resolution.explain(pair)) for pair in resolution.open_pairs}


def partition(resolution: Resolution) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for record, person in resolution.people.items():
        groups.setdefault(person, set()).add(record)
    return {frozenset(group) for group in groups.values()}


EDITS = st.lists(
    st.tuples(
        st.integers(0, 11),
        st.sampled_from(["put", "delete"]),
        st.sampled_from(["Anna", "Anne", "Tom"]),
        st.sampled_from(["Berg", "Hale"]),
        st.lists(st.sampled_from(["a@x.example", "b@x.example", "info@x.example"]), max_size=2),
        st.lists(st.sampled_from([MOBILE, OTHER_MOBILE, LANDLINE]), max_size=2),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(EDITS, st.integers(1, 4))
def test_one_edit_after_another_gives_what_all_at_once_gives(
    edits: Sequence[tuple[int, str, str, str, list[str], list[str]]], size: int
) -> None:
    index = MemoryIndex()
    for run, start in enumerate(range(0, len(edits), size)):
        before: dict[str, list[str]] = {}
        for number, action, given_name, family, emails, phones in edits[start : start + size]:
            key = f"s:{number}"
            known = index.by_key.get(key)
            before.setdefault(key, keys_of(known) if known else [])
            if action == "delete":
                index.drop(key)
            else:
                index.put(card(key, given_name, family, emails=emails, phones=phones))
        index.keep(resolve_changes(before, index), run)
    groups: dict[str, set[str]] = {}
    for key in index.by_key:
        groups.setdefault(index.people[key], set()).add(key)
    # What was merged before may stay merged (hysteresis); nothing else may differ.
    fresh = partition(whole(index))
    assert all(any(part <= frozenset(group) for group in groups.values()) for part in fresh)


@settings(max_examples=100, deadline=None)
@given(EDITS)
def test_a_question_weighs_what_it_would_weigh_if_all_were_asked_anew(
    edits: Sequence[tuple[int, str, str, str, list[str], list[str]]],
) -> None:
    index = MemoryIndex()
    kept: dict[tuple[str, str], tuple[Pair, tuple[str, ...]]] = {}
    for run, (number, action, given_name, family, emails, phones) in enumerate(edits):
        key = f"s:{number}"
        known = index.by_key.get(key)
        before = {key: keys_of(known) if known else []}
        if action == "delete":
            index.drop(key)
        else:
            index.put(card(key, given_name, family, emails=emails, phones=phones))
        found = resolve_changes(before, index)
        index.keep(found, run)
        kept = {two: one for two, one in kept.items() if not found.touched.intersection(two)}
        kept |= questions(found)
    anew = questions(whole(index))
    both = kept.keys() & anew.keys()
    assert [(kept[two][0].bits, kept[two][1]) for two in both] == [
        (anew[two][0].bits, anew[two][1]) for two in both
    ]


@settings(max_examples=100, deadline=None)
@given(EDITS)
def test_scores_are_symmetric(edits: Sequence[tuple[int, str, str, str, list[str], list[str]]]) -> None:
    records = [card(f"s:{n}", g, f, emails=e, phones=p) for n, (_, _, g, f, e, p) in enumerate(edits)]
    for a, b in pairwise(records):
        assert set(score_pair(a, b).terms) == set(score_pair(b, a).terms)
        assert score_pair(a, b).bits == score_pair(b, a).bits


def test_a_contact_becomes_a_record_with_its_numbers_read_in_its_region() -> None:
    contact = Contact(
        source="phone",
        source_id="1",
        name="Anna Berg",
        given_name="Anna",
        family_name="Berg",
        phones=("0117 496 0170",),
    )
    assert record_from_contact(contact, "GB").landlines == ("+441174960170",)


class TestABareAddress:
    """A guest of whom nothing is known but the address is whoever has it."""

    def test_it_is_the_one_person_who_has_the_address(self) -> None:
        guest = make_record(
            "work:mailto:xq7@berg.example", name="xq7@berg.example", emails=["xq7@berg.example"]
        )
        card = make_record("phone:c1", given="Anna", family="Berg", emails=["xq7@berg.example"])
        assert score_pair(guest, card).band == "auto"

    def test_it_is_asked_of_an_address_that_two_people_share(self) -> None:
        guest = make_record("work:mailto:home@berg.example", emails=["home@berg.example"])
        cards = [
            make_record(f"phone:{name}", given=name, family="Berg", emails=["home@berg.example"])
            for name in ("Anna", "Tomas")
        ]
        found = resolve([guest, *cards])
        assert len(set(found.people.values())) == 3

    @pytest.mark.parametrize(
        "address", ["lisa_berg@mail.example", "cberg@mail.example", "teresa78@mail.example"]
    )
    def test_it_is_asked_of_an_address_that_names_another(self, address: str) -> None:
        guest = make_record(f"work:mailto:{address}", emails=[address])
        card = make_record("phone:c1", given="Anna", family="Berg", emails=[address])
        assert score_pair(guest, card).band == "review"

    def test_it_is_nobody_where_the_address_is_a_desk(self) -> None:
        guest = make_record("work:mailto:info@berg.example", emails=["info@berg.example"])
        card = make_record("phone:c1", given="Anna", family="Berg", emails=["info@berg.example"])
        assert score_pair(guest, card).band != "auto"

    def test_the_address_is_no_name(self) -> None:
        one = make_record("work:mailto:a", name="anna.berg@mail7.example", emails=["anna.berg@mail7.example"])
        assert (one.name.given, one.name.family) == ("", "")
