"""Who is who by name: the names of the world, halves of names, words that are no names, and common names."""

from __future__ import annotations

import pytest

from people.facts.guests import guest_as_contact
from people.identity import Record, record_from_contact, resolve, score_pair
from people.identity.cards import kin
from people.types import Address
from tests.support.records import make_record

MOBILE = "+44 7911 123456"
HOUSE = Address(street="7 Weir Lane", city="Exeter", postal_code="EX1 2AB")


def card(source: str, name: str, **values: object) -> Record:
    """A card whose name fields are the words before the last, and the last."""
    given, _, family = name.rpartition(" ")
    fields = {"name": name, "given": given, "family": family, "region": "GB", **values}
    return make_record(f"{source}:1", **fields)  # type: ignore[arg-type]  # test values


def guest(name: str | None, email: str) -> Record:
    return record_from_contact(guest_as_contact("work", email, name), "GB")


def verdict(*records: Record) -> str:
    """*one* person, *asked* about some, or *apart* without a question."""
    found = resolve(records)
    if len(set(found.people.values())) == 1:
        return "one"
    return "asked" if found.open_pairs else "apart"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pavel", "Pavla"), ("Simon", "Simone"), ("Ivan", "Ivana"), ("Francis", "Frances"),
        ("Marco", "Marta"), ("Lena", "Lina"), ("Gabriel", "Gabrielle"), ("Anil", "Anita"), ("Kenta", "Kenji"),
        ("Olaf", "Olga"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "shared", [{"emails": ["haus@kupka.example"]}, {"phones": [MOBILE]}, {"organisation": "Kupka"}]
)
def test_given_names_that_differ_are_two_people_or_a_question(
    one: str, other: str, shared: dict[str, object]
) -> None:
    assert verdict(card("a", f"{one} Kupka", **shared), card("b", f"{other} Kupka", **shared)) != "one"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Petr", "Peter"), ("Yulia", "Julia"), ("Mohammed", "Muhammad"), ("Jürgen", "Juergen"),
        ("Katherine", "Catherine"), ("Дмитрий", "Dmitri"), ("Bob", "Robert"), ("Teddie", "Edward"),
    ],
)  # fmt: skip
def test_forms_of_one_given_name_are_one_person(one: str, other: str) -> None:
    shared = {"emails": ["x.k77@mail.example"], "phones": [MOBILE]}
    assert verdict(card("a", f"{one} Kupka", **shared), card("b", f"{other} Kupka", **shared)) == "one"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Kate", "Catherine"), ("Charley", "Charles"), ("Bobbie", "Bob"), ("Timmie", "Timothy")],
)
def test_short_forms_are_known_in_every_spelling(one: str, other: str) -> None:
    shared = {"emails": ["x.k77@mail.example"], "phones": [MOBILE]}
    assert verdict(card("a", f"{one} Kupka", **shared), card("b", f"{other} Kupka", **shared)) == "one"


@pytest.mark.parametrize(("one", "other"), [("Paul", "Paulo"), ("Artie", "Arthur"), ("Bernard", "Bernardo")])
def test_names_that_may_be_one_are_asked_about_and_part_no_third_card(one: str, other: str) -> None:
    a, b = card("a", f"{one} Kupka", organisation="Ulm"), card("b", f"{other} Kupka", organisation="Ulm")
    assert verdict(a, b) == "asked"
    assert not score_pair(a, b).clashes


def test_twins_with_names_of_one_root_are_a_question() -> None:
    shared = {"birthday": "2001-04-09", "addresses": [HOUSE]}
    assert verdict(card("a", "Sara Kupka", **shared), card("b", "Sarah Kupka", **shared)) == "asked"


@pytest.mark.parametrize(
    ("fields", "other"),
    [
        (("Hui Min", "Lim"), "Lim Hui Min"),
        (("Huimin", "Lim"), "Lim Hui Min"),
        (("Quang", "Tran"), "Tran Quang"),
        (("Hanako", "Suzuki"), "鈴木 花子"),
        (("Hanako", "Suzuki"), "鈴木花子"),
    ],
)
def test_a_guest_with_the_words_in_another_order_is_the_card(fields: tuple[str, str], other: str) -> None:
    given, family = fields
    email = "h.s.lim@desk.example"
    known = make_record("a:1", name=f"{given} {family}", given=given, family=family, emails=[email])
    assert verdict(known, guest(other, email)) == "one"


def test_a_name_in_a_script_that_nobody_can_read_back_is_asked_about() -> None:
    shared = {"emails": ["sh@desk.example"]}
    assert verdict(card("a", "Shira Amsalem", **shared), card("b", "කසුන් පෙරේරා", **shared)) == "asked"


@pytest.mark.parametrize(
    ("one", "other"), [("Ana Costa Filho", "Ana Costa Neto"), ("João Reis Júnior", "João Reis Sobrinho")]
)
def test_words_for_a_generation_part_a_family(one: str, other: str) -> None:
    shared = {"emails": ["casa@reis.example"]}
    assert verdict(card("a", one, **shared), card("b", other, **shared)) == "apart"


def test_neto_alone_is_a_family_name() -> None:
    assert card("a", "Carlos Neto").name.family == "neto"


def test_a_remark_in_brackets_is_nobodys_nickname() -> None:
    one, other = (
        card("a", "Ella Drake (choir)", phones=[MOBILE]),
        card("b", "Noah Drake (choir)", phones=[MOBILE]),
    )
    assert verdict(one, other) != "one"
    assert card("a", "Elizabeth (Lizzie) Drake").name.nickname == "lizzie"


@pytest.mark.parametrize("name", ["New Contact", "Taxi", "Unknown", "Bramley Bookings", "Customer Support"])
def test_what_is_written_for_a_name_is_no_name(name: str) -> None:
    assert not any(make_record("a:1", name=name).name[:3])


def test_a_known_given_name_makes_a_word_for_a_desk_a_family_name() -> None:
    assert make_record("a:1", name="Jordan Sales").name.family == "sales"


class TestHalfANameAndInitials:
    def test_an_initial_that_fits_two_people_of_one_mailbox_is_a_question(self) -> None:
        shared = {"emails": ["the.kupkas@mail.example"]}
        initial, pavel, petra = (card(name, f"{name} Kupka", **shared) for name in ("P", "Pavel", "Petra"))
        found = resolve([initial, pavel, petra])
        assert len(set(found.people.values())) == 3
        asked = {key for one in found.open_pairs for key in (one.a, one.b)}
        assert {"P:1", "Pavel:1", "Petra:1"} <= asked

    def test_half_a_name_chains_no_two_family_names(self) -> None:
        lima = card("a", "Rita Lima", emails=["rita.lima@mail.example"])
        half = make_record(
            "b:1", name="Rita", emails=["rita.lima@mail.example"], phones=[MOBILE], region="GB"
        )
        mendes = card("c", "Rita Mendes", emails=["rm@firm.example"], phones=[MOBILE])
        found = resolve([lima, half, mendes]).people
        assert found["a:1"] != found["c:1"]

    def test_middle_initials_that_differ_are_a_question(self) -> None:
        shared = {"organisation": "Lowther"}
        one, other = card("a", "Alan B Grant", **shared), card("b", "Alan K Grant", **shared)
        assert verdict(one, other) == "asked"

    def test_middle_names_with_one_initial_are_two_people(self) -> None:
        shared = {"organisation": "Lowther"}
        maria, mona = card("a", "Anna Maria Grant", **shared), card("b", "Anna Mona Grant", **shared)
        assert verdict(maria, mona) == "asked"
        assert verdict(maria, card("b", "Anna M Grant", **shared)) == "one"

    def test_three_names_in_full_are_enough_for_one_person(self) -> None:
        cards = [card(source, "Ughtred James Kayworth") for source in ("a", "b")]
        assert verdict(*cards) == "one"
        assert verdict(*(card(source, "Ughtred Kayworth") for source in ("a", "b"))) == "asked"
        home = [card(source, "Ughtred James Kayworth", addresses=[HOUSE]) for source in ("a", "b")]
        assert verdict(*home) == "asked"
        abroad = [guest("عبد الرحمن القحطاني", f"{name}@mail.example") for name in ("a.r77", "x.y88")]
        assert verdict(*abroad) != "one"

    @pytest.mark.parametrize(
        "name", ["Anna Maria Kowalska", "Ana Maria Popescu", "Nguyen Thi Lan", "Kim Min Jun"]
    )
    def test_three_names_that_many_bear_are_not_enough(self, name: str) -> None:
        assert verdict(card("a", name), card("b", name)) == "asked"

    @pytest.mark.parametrize("field", ["emails", "phones", "organisation"])
    def test_three_rare_names_do_not_join_what_differs(self, field: str) -> None:
        values = {
            "emails": (["u.j@lot.example"], ["ughtred@pko.example"]),
            "phones": (["+48601234567"], ["+48602345999"]),
            "organisation": ("Lot", "Pekao"),
        }[field]
        name = "Ughtred James Kayworth"
        assert verdict(*(card(s, name, **{field: v}) for s, v in zip("ab", values, strict=True))) != "one"

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("https://www.linkedin.com/in/ren%C3%A9-kupka", "linkedin.com/in/René-Kupka/"),
            ("https://linkedin.com/in/anna%2Dkupka", "https://de.linkedin.com/in/anna-kupka?trk=x"),
            ("https://facebook.com/profile.php?id=77", "https://www.facebook.com/profile.php?sk=about&id=77"),
        ],
    )
    def test_one_profile_in_two_spellings_is_one(self, one: str, other: str) -> None:
        assert (
            card("a", "Anna Kupka", urls=[one]).profiles
            == card("b", "Anna Kupka", urls=[other]).profiles
            != ()
        )

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("https://facebook.com/profile.php?id=1", "https://facebook.com/profile.php?id=2"),
            ("https://linkedin.com/pub/john-smith/1/2/3", "https://linkedin.com/pub/john-smith/4/5/6"),
            ("https://facebook.com/groups/1", "https://facebook.com/groups/2"),
            ("https://instagram.com/p/x1", "https://instagram.com/p/x2"),
        ],
    )
    def test_profiles_of_two_people_are_two(self, one: str, other: str) -> None:
        first, second = card("a", "John Smith", urls=[one]), card("b", "John Smith", urls=[other])
        assert set(first.profiles).isdisjoint(second.profiles)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("https://linkedin.com/pub/anna-kupka/1/2/3", "https://linkedin.com/in/anna-kupka"),
            ("https://github.com/acme/tool", "https://github.com/kupka"),
            ("https://x.com/anna_k", "https://x.com/kupka_work"),
        ],
    )
    def test_two_accounts_part_nobody(self, one: str, other: str) -> None:
        assert not score_pair(
            card("a", "Anna Kupka", urls=[one]), card("b", "Anna Kupka", urls=[other])
        ).clashes

    def test_two_profiles_at_linkedin_are_two_people(self) -> None:
        url = "https://www.linkedin.com/in/"
        one, other = (card(s, "Fiyaz Chada", organisation="Singh", urls=[url + s]) for s in ("a", "b"))
        assert verdict(one, other) == "asked"
        third = card("c", "Fiyaz Chada", organisation="Singh", title="Buyer")
        found = resolve([one, other, third]).people
        assert found[one.key] != found[other.key]
        mailbox = {"emails": ["x.k77@mail.example"]}
        moved = [card(s, "Fiyaz Chada", urls=[url + s], **mailbox) for s in ("a", "b")]
        assert verdict(*moved) == "one"

    @pytest.mark.parametrize(
        ("name", "address"),
        [("K. Suvorov", "kirat.suvorov70@mail.example"), ("Vytauts Hiltunen", "vytautas@firm.example")],
    )
    def test_a_bare_address_that_fits_the_name_on_its_card_is_that_person(
        self, name: str, address: str
    ) -> None:
        assert verdict(card("a", name, emails=[address]), guest(None, address)) == "one"
        other = card("a", "Lena Suvorov", emails=["kirat.suvorov70@mail.example"])
        assert verdict(other, guest(None, "kirat.suvorov70@mail.example")) == "asked"

    def test_like_addresses_of_two_guests_with_family_name_first_are_two_people(self) -> None:
        guests = [guest("Yuan Xiaohong", "x.yuan@ma.example"), guest("Yun Xiaohong", "x.yun@ma.example")]
        assert verdict(*guests) != "one"


class TestCommonNames:
    def test_a_name_that_is_common_elsewhere_is_no_proof_in_a_firm(self) -> None:
        one = card("a", "Jürgen Krause", organisation="Stadtwerke Ulm")
        other = card("b", "Jürgen Krause", organisation="Stadtwerke Ulm")
        assert verdict(one, other) == "asked"

    def test_birthdays_that_are_close_join_nobody(self) -> None:
        one = card("a", "Jürgen Krause", birthday="1958-03-12")
        assert verdict(one, card("b", "Jürgen Krause", birthday="1968-04-11")) == "asked"

    def test_a_birthday_joins_no_two_family_names(self) -> None:
        one, other = (card(name, f"Matthias {name}", birthday="1964-12-18") for name in ("Krause", "Vogt"))
        assert verdict(one, other) != "one"


class TestStrongAgreement:
    def test_a_mistyped_birthday_against_name_mailbox_and_mobile_is_a_question(self) -> None:
        same = {"emails": ["w.tranter@mail.example"], "phones": [MOBILE]}
        one = card("a", "Will Tranter", birthday="1950-01-01", **same)
        assert score_pair(one, card("b", "Will Tranter", birthday="1980-05-05", **same)).band == "review"

    def test_a_tag_leads_to_the_same_mailbox(self) -> None:
        one, other = (
            card("a", "Ida Holm", emails=["ida+news@post.example"]),
            card("b", "Ida Holm", emails=["ida@post.example"]),
        )
        assert verdict(one, other) == "one"

    def test_a_nameless_guest_whose_address_has_a_slip_is_asked_about(self) -> None:
        known = card("a", "Ida Holm", emails=["ida.holm@orbital.example"])
        assert verdict(known, guest(None, "ida.holm@orbitl.example")) == "asked"

    def test_a_nameless_guest_is_whom_the_address_spells(self) -> None:
        boss = card("a", "Helen Marsh", emails=["h.marsh@bright.example", "t.quill@bright.example"])
        assistant = card("b", "Tom Quill", emails=["t.quill@bright.example"])
        found = resolve([boss, assistant, guest(None, "t.quill@bright.example")])
        assert (
            found.people["work:mailto:t.quill@bright.example"] == found.people["b:1"] != found.people["a:1"]
        )


def test_the_table_of_the_world_knows_names_across_scripts() -> None:
    assert kin.one_given("taro", "tailang")
    assert kin.one_family("tanaka", "tianzhong")
    assert not kin.one_given("petr", "petra")
