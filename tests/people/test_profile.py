"""Which card a merged person's fields come from: the policy of people/identity/profile.py, rule by rule."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.identity.profile import Profile, merge_profile
from people.types import Address, Contact, Trust

TRUST = {"linkedin": Trust.IMPORTED, "work": Trust.GUEST_LIST}

OLD, NEW = datetime(2020, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def phone(**fields: Any) -> Contact:
    return Contact.model_validate({"source": "phone", "source_id": "1", "name": "Anna Berg"} | fields)


def outlook(**fields: Any) -> Contact:
    return Contact.model_validate({"source": "outlook", "source_id": "2", "name": "Anna Berg"} | fields)


def linkedin(**fields: Any) -> Contact:
    told = {"source": "linkedin", "source_id": "3", "name": "Anna Berg", "connected_on": date(2024, 1, 1)}
    return Contact.model_validate(told | fields)


def guest(**fields: Any) -> Contact:
    return Contact.model_validate({"source": "work", "source_id": "mailto:anna@berg.example"} | fields)


def merged(*cards: Contact) -> Profile:
    return merge_profile(cards, "GB", trust_of(*cards))


def trust_of(*cards: Contact) -> dict[str, Trust]:
    return {card.record: TRUST[card.source] for card in cards if card.source in TRUST}


class TestWhichCard:
    def test_the_card_revised_last_wins(self) -> None:
        profile = merged(
            phone(organisation="Old Firm", revised_at=OLD), outlook(organisation="New Firm", revised_at=NEW)
        )
        assert profile.organisation == "New Firm"
        assert profile.origin["organisation"] == "outlook:2"

    def test_a_card_without_a_date_comes_after_dated_ones(self) -> None:
        assert merged(phone(organisation="A"), outlook(organisation="B", revised_at=OLD)).organisation == "B"

    def test_the_users_own_card_wins_over_a_newer_export(self) -> None:
        profile = merged(
            phone(name="Anna Berg-Lind", organisation="Berg Interiors", revised_at=OLD),
            linkedin(name="Anna Lind", organisation="Lind Group", revised_at=NEW),
        )
        assert (profile.name, profile.organisation) == ("Anna Berg-Lind", "Berg Interiors")

    def test_a_source_can_be_trusted_otherwise(self) -> None:
        cards = [phone(organisation="A", revised_at=NEW), linkedin(organisation="B")]
        trust = {"linkedin:3": Trust.OWN, "phone:1": Trust.GUEST_LIST}
        assert merge_profile(cards, "GB", trust).organisation == "B"

    def test_a_field_that_the_best_card_lacks_comes_from_the_next(self) -> None:
        profile = merged(phone(), linkedin(organisation="Lind", urls=("https://www.linkedin.com/in/anna",)))
        assert (profile.organisation, profile.origin["organisation"]) == ("Lind", "linkedin:3")
        assert profile.urls == ("https://www.linkedin.com/in/anna",)

    def test_a_rejected_card_says_nothing(self) -> None:
        assert merged(phone(rejected=True, organisation="A"), outlook()).organisation is None


class TestRecordedOn:
    def test_it_is_the_earliest_day_of_any_card(self) -> None:
        linked = linkedin(connected_on=date(2025, 12, 31))
        profile = merged(phone(revised_at=NEW), outlook(revised_at=OLD), linked)
        assert (profile.recorded_on, profile.origin["recorded_on"]) == (OLD.date(), "outlook:2")
        assert merged(linkedin(connected_on=date(2024, 1, 1))).recorded_on == date(2024, 1, 1)

    def test_without_a_date_nobody_knows(self) -> None:
        assert merged(phone(), outlook()).recorded_on is None


class TestName:
    def test_a_full_name_before_one_word_before_an_address(self) -> None:
        assert merged(phone(name="Anna"), linkedin(name="Anna Berg")).name == "Anna Berg"
        assert merged(phone(name="anna@berg.example"), linkedin(name="Anna")).name == "Anna"

    @pytest.mark.parametrize("own", ["Anna Berg", "Mum"], ids=["full", "one word"])
    def test_what_a_guest_list_calls_someone_never_wins(self, own: str) -> None:
        profile = merged(guest(name="BERG Anna (External)", revised_at=NEW), phone(name=own, revised_at=OLD))
        assert (profile.name, profile.origin["name"]) == (own, "phone:1")

    def test_a_guests_name_is_better_than_none(self) -> None:
        named = guest(name="Anna Berg")
        assert merged(named, phone(name=None, emails=("anna@berg.example",))).name == "Anna Berg"
        assert merged(named, phone(name="anna@berg.example")).name == "Anna Berg"

    def test_the_parts_are_those_of_the_chosen_name(self) -> None:
        profile = merged(
            phone(name="Anna Berg", revised_at=NEW),
            outlook(name="Anna Berg", given_name="Anna", family_name="Berg", revised_at=OLD),
            linkedin(name="Annie Lind", given_name="Annie", family_name="Lind"),
        )
        assert (profile.given_name, profile.family_name) == ("Anna", "Berg")
        assert profile.origin["given_name"] == "outlook:2"


class TestLists:
    def test_the_preferred_address_of_the_best_card_is_first(self) -> None:
        # Sources put the address marked primary or preferred first.
        profile = merged(
            phone(emails=("home@berg.example", "work@berg.example"), revised_at=NEW),
            outlook(emails=("work@berg.example", "old@berg.example"), revised_at=OLD),
        )
        assert profile.emails == ("home@berg.example", "work@berg.example", "old@berg.example")
        assert profile.origin["emails[2]"] == "outlook:2"

    def test_the_guest_lists_address_is_last(self) -> None:
        profile = merged(guest(emails=("anna@berg.example",)), phone(emails=("home@berg.example",)))
        assert profile.emails == ("home@berg.example", "anna@berg.example")

    def test_a_valid_number_is_e164_and_comes_first(self) -> None:
        profile = merged(phone(phones=("12 34", "07911 123456")), outlook(phones=("+44 7911 123456",)))
        assert profile.phones == ("+447911123456", "12 34")

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("+44 7911 12345", "+44791112345"),
            ("07911 12345", "+44 7911 12345"),
            ("0044 7911 12345", "(07911) 12345"),
            ("*21", "* 21"),
        ],
        ids=["spaces", "national", "double zero", "a code"],
    )
    def test_a_number_that_is_not_valid_is_shown_once_as_first_written(self, one: str, other: str) -> None:
        assert merged(phone(phones=(one,), revised_at=NEW), outlook(phones=(other,))).phones == (one,)

    def test_labels_and_notes_are_all_kept_once(self) -> None:
        profile = merged(
            phone(labels=("Client", "vip"), note="Likes tea.", revised_at=NEW),
            outlook(labels=("client",), note="Likes tea."),
        )
        assert profile.labels == ("Client", "vip")
        assert profile.note == "Likes tea."


class TestWithCare:
    def test_a_birthday_with_its_year_before_one_without(self) -> None:
        profile = merged(phone(birthday="--05-04"), linkedin(birthday="1980-05-04"))
        assert (profile.birthday, profile.origin["birthday"]) == ("1980-05-04", "linkedin:3")

    def test_the_title_belongs_to_the_organisation(self) -> None:
        profile = merged(
            phone(organisation="Berg Ltd", revised_at=NEW),
            outlook(organisation="Lind", title="Partner", revised_at=OLD),
            linkedin(organisation="Berg", title="Owner"),
        )
        assert (profile.organisation, profile.title) == ("Berg Ltd", "Owner")

    def test_town_and_country_are_one_places(self) -> None:
        profile = merged(
            phone(addresses=(Address(country="Sweden"),), revised_at=NEW),
            outlook(addresses=(Address(city="Bristol"),), revised_at=OLD),
        )
        assert (profile.city, profile.country) == ("Bristol", None)


CARDS = st.lists(
    st.builds(
        lambda n, source, **fields: Contact(source=source, source_id=str(n), **fields),
        st.integers(0, 50),
        st.sampled_from(["phone", "outlook"]),
        name=st.sampled_from([None, "Anna", "Anna Berg", "anna@berg.example"]),
        organisation=st.sampled_from([None, "Berg", "Lind"]),
        title=st.sampled_from([None, "Owner"]),
        emails=st.lists(st.sampled_from(["a@x.example", "b@x.example"]), unique=True).map(tuple),
        phones=st.lists(st.sampled_from(["07911 123456", "+44 7911 12345", "07911 12345"])).map(tuple),
        revised_at=st.sampled_from([None, OLD, NEW]),
    ),
    max_size=5,
    unique_by=lambda card: card.record,
)


@pytest.mark.parametrize(
    ("fields", "custom"),
    [
        ({"custom": [("Cadence", "45d"), ("cadence", " 45d ")]}, ("Cadence: 45d",)),
        ({"related": [("cadence", "6w")]}, ("cadence: 6w",)),
        ({"extra": ["X-CADENCE:45d"]}, ("cadence: 45d",)),
        ({"extra": ["item1.X-Cadence:45d", "item1.X-ABLABEL:work"]}, ("cadence: 45d",)),
        ({"extra": ["Cadence: 45d"]}, ("cadence: 45d",)),
        ({"extra": ["X-IMAGE;ENCODING=b:aGVsbG8=", "X-EMPTY:", "X-KEY:" + "a" * 101]}, ()),
        ({"custom": [("", "45d"), ("cadence", " "), ("cadence", "a" * 101)]}, ()),
    ],
)
def test_labelled_fields_come_from_wherever_a_card_keeps_them(
    fields: dict[str, Any], custom: tuple[str, ...]
) -> None:
    profile = merged(phone(), outlook(**fields))
    assert profile.custom == custom
    assert [profile.origin[f"custom[{at}]"] for at in range(len(custom))] == ["outlook:2"] * len(custom)


@settings(max_examples=60, deadline=None)
@given(CARDS, st.randoms(use_true_random=False))
def test_the_order_of_cards_matters_not_and_every_field_has_its_origin(
    cards: list[Contact], dice: random.Random
) -> None:
    profile = merge_profile(cards, "GB")
    dice.shuffle(cards)
    assert merge_profile(cards, "GB") == profile
    records = {card.record for card in cards}
    for field in ("name", "organisation", "title"):
        assert (getattr(profile, field) is None) == (field not in profile.origin)
    for field in ("emails", "phones"):
        told = [profile.origin[f"{field}[{at}]"] for at in range(len(getattr(profile, field)))]
        assert set(told) <= records
