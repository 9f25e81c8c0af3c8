"""The bulk lane: whoever alone bears a name is merged, listed once, and parted again in one step."""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from people.identity import Overrides, Record, decide, keys_of, resolve, resolve_changes
from people.identity.namesakes import LISTED, WHY
from people.planning.model import Plan
from people.store import Store, follow_ups, open_store
from people.store.db import values as meta
from people.store.ingest.reading import Reading
from people.store.resolving import bulk, decisions, questions, resolution
from people.store.resolving.questions import Question
from people.tasks import FollowUp
from people.types import Address, Contact, Page
from tests.support.memory_index import MemoryIndex
from tests.support.records import make_record

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def name(number: int) -> tuple[str, str]:
    """A given and a family name that are like no other."""
    dice = random.Random(number)
    given, family = ("".join(dice.choices("abcdefghijklmnoprstuvwz", k=9)).capitalize() for _ in range(2))
    return given, family


def contact(source: str, number: int, **fields: object) -> Contact:
    given, family = name(number)
    told = {"name": f"{given} {family}", "given_name": given, "family_name": family, **fields}
    return Contact.model_validate({"source": source, "source_id": f"{number}", **told})


def record(source: str, number: int, **fields: object) -> Record:
    given, family = name(number)
    told = {"name": f"{given} {family}", "given": given, "family": family, **fields}
    return make_record(f"{source}:{number}", region="GB", **told)  # type: ignore[arg-type]  # test values


def book(size: int = 80) -> list[Record]:
    """People who each have a card on the phone, with a number."""
    return [record("phone", n, phones=[f"+44 7911 {n:06}"]) for n in range(size)]


def partition(people: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for key, person in people:
        groups.setdefault(person, set()).add(key)
    return {frozenset(group) for group in groups.values()}


NAMESAKE = make_record("phone:second", name=" ".join(name(7)), given=name(7)[0], family=name(7)[1])


class TestWhoIsMerged:
    other = record("outlook", 7, emails=["g7@firm.example"], organisation="Firm")

    def test_a_name_that_stands_once_in_each_of_two_sources(self) -> None:
        found = resolve([*book(), self.other])
        assert found.people["phone:7"] == found.people["outlook:7"]
        (event,) = found.events
        assert found.explain(event)[-1] == WHY

    def test_it_is_asked_if_the_user_prefers_that(self) -> None:
        found = resolve([*book(), self.other], bulk=False)
        assert found.people["phone:7"] != found.people["outlook:7"]
        assert [(pair.a, pair.b) for pair in found.open_pairs] == [("outlook:7", "phone:7")]

    def test_a_second_bearer_makes_it_a_question(self) -> None:
        found = resolve([*book(), self.other, NAMESAKE])
        assert found.people["phone:7"] != found.people["outlook:7"]
        assert found.open_pairs

    def test_what_speaks_against_it_makes_it_a_question(self) -> None:
        moved = record("outlook", 7, phones=["+44 7911 888888"])
        found = resolve([*book(), moved])
        assert found.people["phone:7"] != found.people["outlook:7"]

    def test_a_father_is_not_joined_by_way_of_a_guest_who_is_his_son(self) -> None:
        home = [Address(street="7 Weir Lane", city="Exeter", postal_code="EX1 2AB")]
        father, son = record("phone", 90, addresses=home), record("outlook", 90, addresses=home)
        found = resolve([*book(), father, son, record("work", 90, emails=["g@firm.example"])])
        assert len({found.people[f"{source}:90"] for source in ("phone", "outlook", "work")}) == 3

    def test_a_small_book_cannot_say_how_rare_a_name_is(self) -> None:
        found = resolve([*book(20), self.other])
        assert found.people["phone:7"] != found.people["outlook:7"]
        assert found.open_pairs

    def test_a_name_whose_parts_many_bear_is_asked_about(self) -> None:
        given, family = name(7)
        crowd = [
            make_record(f"phone:x{n}", name="x", given=given if n % 2 else name(100 + n)[0],
                        family=family if n % 2 == 0 else name(200 + n)[1])
            for n in range(80)
        ]  # fmt: skip
        found = resolve([*book(), *crowd, self.other])
        assert found.people["phone:7"] != found.people["outlook:7"]

    def test_a_firm_in_common_outweighs_that_many_bear_a_part_of_the_name(self) -> None:
        given, _ = name(7)
        crowd = [
            make_record(f"phone:x{n}", name="x", given=given, family=name(100 + n)[1]) for n in range(40)
        ]
        at_firm = [record(source, 7, organisation="Firm") for source in ("outlook", "linkedin")]
        found = resolve([*book(), *crowd, *at_firm])
        assert found.people["outlook:7"] == found.people["linkedin:7"]
        listed = resolve([*book(), *crowd, record("outlook", 7)])
        assert listed.people["outlook:7"] != listed.people["phone:7"]
        assert [pair.listed for pair in listed.open_pairs] == [True]
        assert listed.explain(listed.open_pairs[0])[-1] == LISTED

    def test_a_new_job_is_listed_and_never_merged(self) -> None:
        jobs = [
            record(source, 90, organisation=firm)
            for source, firm in (("outlook", "Firm"), ("linkedin", "Quux"))
        ]
        found = resolve([*book(), *jobs])
        assert found.people["outlook:90"] != found.people["linkedin:90"]
        assert [pair.listed for pair in found.open_pairs] == [True]

    def test_a_guest_with_an_address_that_the_card_does_not_have_is_listed(self) -> None:
        card = record("outlook", 90, emails=["one@firm.example"])
        guest = record("work", 90, emails=["two@quux.example"])
        merged = resolve([*book(), card, guest])
        assert merged.people[card.key] == merged.people[guest.key]
        as_guest = replace(guest, key="work:mailto:two@quux.example")
        found = resolve([*book(), card, as_guest])
        assert found.people[card.key] != found.people[as_guest.key]
        assert [pair.listed for pair in found.open_pairs] == [True]

    def test_never_holds(self) -> None:
        never = Overrides(never={("outlook:7", "phone:7"): 1})
        found = resolve([*book(), self.other], overrides=never)
        assert found.people["phone:7"] != found.people["outlook:7"]

    def test_one_card_after_another_gives_what_all_at_once_gives(self) -> None:
        index = MemoryIndex()
        cards = [*book(), self.other, NAMESAKE]
        for run, card in enumerate(cards):
            index.put(card)
            index.keep(resolve_changes({card.key: ()}, index), run)
            known = list(index.by_key.values())
            if run > 58:
                anew = resolve(known, people=index.people, aliases=index.aliases, born=index.births)
                assert partition(index.people.items()) == partition(anew.people.items())
        before = {NAMESAKE.key: keys_of(NAMESAKE)}
        index.drop(NAMESAKE.key)
        index.keep(resolve_changes(before, index), 200)
        assert index.people["phone:7"] == index.people["outlook:7"]


class TestInAStore:
    def filled(self, folder: Path) -> Store:
        store = open_store(f"sqlite:///{folder}/touchbase.db")
        phone = [contact("phone", n, phones=(f"+44 7911 {n:06}",), raw_hash=f"p{n}") for n in range(80)]
        outlook = [
            contact("outlook", n, emails=(f"g{n}@firm{n}.example",), raw_hash=f"o{n}") for n in range(5)
        ]
        for source, cards in (("phone", phone), ("outlook", outlook)):
            Reading(store, source, NOW).apply(Page(changes=tuple(cards), cursor="1", complete=True))
        self.resolve(store, folder)
        return store

    def resolve(self, store: Store, folder: Path, *, in_bulk: bool = True) -> dict[str, Any]:
        decided = folder / "identity.txt"
        return resolution.resolve_store(store, region="GB", overrides=decided, now=NOW, in_bulk=in_bulk)

    def merged(self, store: Store, *, unseen: bool = False) -> list[tuple[str, ...]]:
        with store.read() as connection:
            return sorted(one.records for one in bulk.merges(connection, unseen=unseen))

    def test_the_list_is_shown_once_undone_in_one_step_and_done_again(self, tmp_path: Path) -> None:
        with closing(self.filled(tmp_path)) as store:
            everybody = [(f"outlook:{n}", f"phone:{n}") for n in range(5)]
            assert self.merged(store) == self.merged(store, unseen=True) == everybody
            with store.begin() as connection:
                bulk.mark_seen(connection)
                bulk.undo(connection, undone=True)
            assert self.merged(store, unseen=True) == []
            assert self.resolve(store, tmp_path)["total"] == 85
            assert self.merged(store) == []
            with store.begin() as connection:
                assert len(decisions.open_pairs(connection)) == 5
                bulk.undo(connection, undone=False)
            assert self.resolve(store, tmp_path)["total"] == 80
            assert self.merged(store) == everybody

    def test_one_of_them_is_parted_by_a_decision(self, tmp_path: Path) -> None:
        with closing(self.filled(tmp_path)) as store:
            decide(tmp_path / "identity.txt", "never", [("outlook:1", "phone:1")])
            assert self.resolve(store, tmp_path)["total"] == 81
            assert ("outlook:1", "phone:1") not in self.merged(store)

    def test_a_setting_asks_first(self, tmp_path: Path) -> None:
        with closing(self.filled(tmp_path)) as store:
            assert self.resolve(store, tmp_path, in_bulk=False)["to_review"] == 5

    def test_a_store_of_older_weights_is_judged_again_and_keeps_each_decision(self, tmp_path: Path) -> None:
        with closing(self.filled(tmp_path)) as store:
            decide(tmp_path / "identity.txt", "never", [("outlook:1", "phone:1")])
            decide(tmp_path / "identity.txt", "always", [("outlook:2", "phone:3")])
            before = self.resolve(store, tmp_path)
            with store.begin() as connection:
                meta.put(connection, "identity_version", "2")
                bulk.undo(connection, undone=False)
            after = self.resolve(store, tmp_path)
            assert (after["total"], after["merged"]) == (before["total"], before["merged"])
            assert ("outlook:1", "phone:1") not in self.merged(store)

    def test_an_upgrade_says_what_changed(self, tmp_path: Path) -> None:
        with closing(self.filled(tmp_path)) as store:
            self.resolve(store, tmp_path, in_bulk=False)
            with store.begin() as connection:
                meta.put(connection, "identity_version", "2")
            problems = self.resolve(store, tmp_path)["problems"]
            assert [problem.message for problem in problems] == [
                "the cards were judged again by better rules: 5 people were merged, and nobody was parted"
            ]
            assert self.resolve(store, tmp_path)["problems"] == []


def follow_up(person: str) -> FollowUp:
    due = NOW.date()
    return FollowUp(key="k1", rule="gone-cold", person_id=person, person="x", title="Call them", due=due)


class TestQuestions:
    def asked(self, store: Store, who: str = "") -> list[Question]:
        with store.read() as connection:
            return questions.questions(connection, who)

    def book(self, folder: Path, *more: Contact) -> Store:
        """Two people whose names many and few bear, each on two cards, and 80 others."""
        store = open_store(f"sqlite:///{folder}/touchbase.db")
        common, rare = name(500), name(600)
        crowd = [
            {"given_name": common[0], "family_name": name(n)[1]}
            if n % 2
            else {"given_name": name(n)[0], "family_name": common[1]}
            for n in range(80)
        ]
        pairs = [{"given_name": given, "family_name": family} for given, family in (common, rare)]
        for source, cards in (("phone", [*crowd, *pairs]), ("outlook", pairs)):
            page = [
                Contact.model_validate(
                    {
                        "source": source,
                        "source_id": f"{fields['given_name']} {fields['family_name']}",
                        "name": f"{fields['given_name']} {fields['family_name']}",
                        "raw_hash": f"{source}{at}",
                        **fields,
                    }
                )
                for at, fields in enumerate(cards)
            ]
            mine = [one for one in more if one.source == source]
            Reading(store, source, NOW).apply(Page(changes=(*page, *mine), cursor="1", complete=True))
        resolution.resolve_store(
            store, region="GB", overrides=folder / "identity.txt", now=NOW, in_bulk=False
        )
        return store

    def test_a_name_that_is_rare_in_this_book_comes_first(self, tmp_path: Path) -> None:
        with closing(self.book(tmp_path)) as store:
            found = self.asked(store)
            assert [one.cards[0].name for one in found] == [" ".join(name(600)), " ".join(name(500))]
            assert found[0].worth > found[1].worth

    def test_a_follow_up_that_waits_comes_before_what_is_likelier(self, tmp_path: Path) -> None:
        with closing(self.book(tmp_path)) as store:
            _, common = self.asked(store)
            with store.begin() as connection:
                follow_ups.record_plan(connection, Plan(create=(follow_up(common.people[0]),)), NOW.date())
            first = self.asked(store)[0]
            assert first.key == common.key
            assert first.waits == ("Call them",)

    def test_what_was_put_off_comes_last_and_is_remembered(self, tmp_path: Path) -> None:
        with closing(self.book(tmp_path)) as store:
            first, second = self.asked(store)
            with store.begin() as connection:
                questions.answer_later(connection, [first.key], NOW.date())
            assert [one.key for one in self.asked(store)] == [second.key, first.key]
            assert self.asked(store)[1].later == NOW.date()

    def test_namesakes_are_one_question(self, tmp_path: Path) -> None:
        more = [contact("phone", 600, source_id=f"n{n}", raw_hash=f"n{n}") for n in range(3)]
        with closing(self.book(tmp_path, *more)) as store:
            group = next(one for one in self.asked(store) if one.cards[0].name == " ".join(name(600)))
            assert len(group.people) == 5
            assert len(group.cards) == 5

    def test_a_name_finds_its_question(self, tmp_path: Path) -> None:
        with closing(self.book(tmp_path)) as store:
            assert [one.cards[0].name for one in self.asked(store, name(500)[1].upper())] == [
                " ".join(name(500))
            ]
