"""What mail says about people: contact, who waits for whom, and what is no contact at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.cli.commands.init import copy_rules
from flows.run.context import Context, context_of
from flows.run.facts import meetings
from flows.run.facts.fact_sources import sources_of
from flows.run.facts.mail import Mail
from flows.run.facts.people import People, gather, gather_some
from flows.run.resolve import resolve
from flows.run.rule_versions import load_rules
from flows.settings.loading import load
from people.facts.mail import message_facts
from people.store import lookup, open_store
from people.store.dismissals import dismiss_threads
from people.store.ingest.reading import Reading
from people.types import Attendee, Contact, Counterpart, JournalLine, Meeting, Message, Page
from tests.support.stores import with_own_store

TODAY = date(2026, 11, 30)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ME = "alex@doe.example"


class Network:
    """Anna with two addresses and Ben with one, and the mail between them and the user."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.rules = folder / "rules"
        (folder / "touchbase.toml").write_text(f'[me]\nemails = ["{ME}"]\n')
        copy_rules(self.rules)
        self.settings = load(with_own_store(folder / "touchbase.toml"), {})
        self.store = open_store(self.settings.store_url)
        self.number = 0
        self.tell(
            "phone",
            self.card("Anna Berg", "anna@berg.example", "anna@home.example"),
            self.card("Ben Park", "ben@park.example"),
        )

    def card(self, name: str, *emails: str) -> Contact:
        given, _, family = name.partition(" ")
        return Contact(
            source="phone", source_id=name, name=name, given_name=given, family_name=family, emails=emails
        )

    def tell(self, source: str, *changes: Any) -> None:
        reading = Reading(self.store, source, NOON)
        reading.apply(Page(changes=changes, cursor="1"))
        reading.finish()

    def sent(self, days_ago: float, *to: str, **fields: Any) -> None:
        """The user writes to these addresses."""
        people = tuple(Counterpart(email=email, role="to") for email in to)
        self._mail(days_ago, direction="sent", counterparts=people, recipients=len(to), **fields)

    def received(self, days_ago: float, sender: str, **fields: Any) -> None:
        """Somebody writes to the user, and to nobody else unless ``fields`` say so."""
        usual = {"role": "to", "recipients": 1, "counterparts": (Counterpart(email=sender, role="from"),)}
        self._mail(days_ago, direction="received", **(usual | fields))

    def _mail(self, days_ago: float, **fields: Any) -> None:
        self.number += 1
        usual = {"source": "post", "source_id": f"<{self.number}@doe.example>", "thread": f"<{self.number}>"}
        at = NOON - timedelta(days=days_ago)
        self.tell("post", Message.model_validate({**usual, "at": at, **fields}))

    @property
    def context(self) -> Context:
        return context_of(self.settings, self.store, TODAY)

    def resolved(self) -> Context:
        rules = load_rules(self.settings)
        resolve(self.context, rules, meetings.classify(self.store, rules, self.settings.me, save=False))
        return self.context

    def people(self) -> People:
        context, rules = self.resolved(), load_rules(self.settings)
        return gather(context, rules, meetings.classify(self.store, rules, self.settings.me, save=True))

    def facts(self, name: str) -> dict[str, Any]:
        """The facts of one person, which must be the same among all and when looked up alone."""
        everybody = self.people().facts
        row = everybody.row(by_predicate=_named(name), named=True)
        alone = gather_some(self.context, load_rules(self.settings), [row["id"]]).facts
        assert alone.row(0, named=True) == row
        return row

    def evidence(self, name: str) -> dict[str, str]:
        people = self.people()
        person = people.facts.row(by_predicate=_named(name), named=True)["id"]
        return sources_of(self.store, people, [person])[person]


def _named(name: str) -> Any:
    return pl.col("name") == name


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    made = Network(tmp_path / "network")
    yield made
    made.store.close()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_a_mail_that_you_wrote_is_contact_and_waits_for_an_answer(network: Network) -> None:
    network.sent(8, "anna@berg.example")
    anna = network.facts("Anna Berg")
    assert (anna["last_contact"], anna["days_since_contact"], anna["last_channel"]) == (ago(8), 8, "email")
    assert (anna["last_mail_sent"], anna["last_mail_received"], anna["mails_90d"]) == (ago(8), None, 1)
    assert (anna["waiting_for_them_since"], anna["waiting_for_them_days"]) == (ago(8), 8)
    assert (anna["waiting_for_me_days"], anna["unanswered_in_a_row"]) == (None, 1)
    assert (anna["last_together"], anna["contacts_90d"]) == (None, 1)
    assert network.facts("Ben Park")["last_contact"] is None


def test_the_evidence_names_the_mail(network: Network) -> None:
    network.sent(8, "anna@berg.example")
    told = network.evidence("Anna Berg")
    for field in ("last_contact", "last_mail_sent", "waiting_for_them_days"):
        assert told[field].startswith("you wrote to anna@berg.example on 2026-11-22 (mail:")


def test_an_answer_from_another_address_of_theirs_counts(network: Network) -> None:
    network.sent(8, "anna@berg.example")
    network.received(3, "anna@home.example")
    anna = network.facts("Anna Berg")
    assert (anna["waiting_for_them_days"], anna["unanswered_in_a_row"]) == (None, 0)
    assert (anna["waiting_for_me_days"], anna["last_mail_received"]) == (3, ago(3))
    network.sent(1, "anna@home.example")
    assert network.facts("Anna Berg")["waiting_for_me_days"] is None


def test_an_address_that_a_card_gains_later_finds_the_mail(network: Network) -> None:
    network.received(3, "ben@new.example")
    assert network.facts("Ben Park")["last_contact"] is None
    network.tell("phone", network.card("Ben Park", "ben@park.example", "ben@new.example"))
    ben = network.facts("Ben Park")
    assert (ben["last_contact"], ben["waiting_for_me_days"]) == (ago(3), 3)


@pytest.mark.parametrize(
    "fields",
    [
        {"bulk": True},
        {"automatic": True},
        {"calendar": True},
        {"list_id": "chamber.example"},
        {"bounce": True},
    ],
)
def test_what_machines_send_is_no_contact_and_no_answer(network: Network, fields: dict[str, Any]) -> None:
    network.sent(8, "anna@berg.example")
    network.received(3, "anna@berg.example", **fields)
    anna = network.facts("Anna Berg")
    assert (anna["last_contact"], anna["waiting_for_them_days"], anna["waiting_for_me_days"]) == (
        ago(8),
        8,
        None,
    )


def test_in_copy_you_were_only_in_the_same_mail(network: Network) -> None:
    network.received(3, "anna@berg.example", role="cc", recipients=2)
    anna = network.facts("Anna Berg")
    assert (anna["last_contact"], anna["waiting_for_me_days"], anna["mails_90d"]) == (None, None, 1)


def test_who_is_named_beside_you_wrote_nothing(network: Network) -> None:
    both = (
        Counterpart(email="anna@berg.example", role="from"),
        Counterpart(email="ben@park.example", role="to"),
    )
    network.received(3, "", counterparts=both, recipients=2)
    assert network.facts("Anna Berg")["waiting_for_me_days"] == 3
    assert network.facts("Ben Park")["waiting_for_me_days"] is None


def test_a_copy_to_them_in_somebody_elses_mail_is_no_answer(network: Network) -> None:
    network.sent(8, "ben@park.example")
    both = (
        Counterpart(email="anna@berg.example", role="from"),
        Counterpart(email="ben@park.example", role="cc"),
    )
    network.received(3, "", counterparts=both, recipients=2)
    ben = network.facts("Ben Park")
    assert (ben["last_mail_received"], ben["waiting_for_them_days"], ben["unanswered_in_a_row"]) == (
        None,
        8,
        1,
    )


def test_strangers_who_write_to_you_are_no_people(network: Network) -> None:
    network.received(3, "stranger@far.example")
    assert network.people().facts.height == 2


def test_strangers_who_you_write_to_become_people_unless_they_are_machines(network: Network) -> None:
    network.sent(3, "new@friend.example")
    network.sent(3, "info@shop.example")
    network.sent(3, "colleague@doe.example")
    facts = network.people().facts
    assert sorted(facts.get_column("name").to_list()) == ["Anna Berg", "Ben Park", "new@friend.example"]


def test_a_mail_that_did_not_arrive_is_no_contact(network: Network) -> None:
    network.sent(8, "anna@berg.example", thread="<lost>")
    network.received(7.9, "mailer-daemon@mx.example", thread="<lost>", bounce=True, automatic=True)
    anna = network.facts("Anna Berg")
    assert (anna["mail_bounced"], anna["last_contact"], anna["waiting_for_them_days"]) == (True, None, None)
    assert network.evidence("Anna Berg")["mail_bounced"].endswith("and it did not arrive")
    network.sent(2, "anna@home.example")
    assert network.facts("Anna Berg")["mail_bounced"] is False


def test_mails_in_a_row_are_counted_until_they_answer(network: Network) -> None:
    for days in (30, 20, 10):
        network.sent(days, "anna@berg.example")
    assert network.facts("Anna Berg")["unanswered_in_a_row"] == 3
    network.received(15, "anna@home.example", role="cc", recipients=2)
    assert network.facts("Anna Berg")["unanswered_in_a_row"] == 1


def meeting(days_ago: float, **fields: Any) -> Meeting:
    start = NOON - timedelta(days=days_ago)
    guests = (Attendee(email="anna@berg.example"), Attendee(email=ME, is_self=True))
    usual = {"source": "work", "source_id": "m", "title": "Lunch", "attendees": guests}
    return Meeting.model_validate({**usual, "start": start, "end": start + timedelta(hours=1), **fields})


@pytest.mark.parametrize("days_ago", [1, -5])
def test_a_meeting_answers_whether_held_or_booked(network: Network, days_ago: float) -> None:
    network.received(3, "anna@berg.example")
    network.sent(8, "ben@park.example")
    network.tell("work", meeting(days_ago))
    assert network.facts("Anna Berg")["waiting_for_me_days"] is None
    assert network.facts("Ben Park")["waiting_for_them_days"] == 8


def test_a_meeting_before_the_mail_does_not_answer_it(network: Network) -> None:
    network.tell("work", meeting(3.2))
    network.received(3, "anna@berg.example")
    assert network.facts("Anna Berg")["waiting_for_me_days"] == 3


@pytest.mark.parametrize(("days_ago", "waits"), [(3, None), (4, 3)])
def test_a_call_in_the_journal_answers_all_mail_of_its_day(
    network: Network, days_ago: int, waits: int | None
) -> None:
    network.received(3, "anna@berg.example")
    line = JournalLine(
        source="log", source_id="1", date=ago(days_ago), person="Anna Berg", kind="contact", file="j", line=2
    )
    network.tell("log", line)
    assert network.facts("Anna Berg")["waiting_for_me_days"] == waits


def test_the_last_word_of_a_long_thread_waits_for_nobody(network: Network) -> None:
    for days in (9, 8, 7, 6, 5):
        network.received(days, "anna@berg.example", thread="<long>")
    anna = network.facts("Anna Berg")
    assert (anna["last_contact"], anna["waiting_for_me_days"]) == (ago(5), None)


def test_without_rules_about_mail_its_headers_decide(network: Network) -> None:
    (network.rules / "mail.yaml").unlink()
    network.sent(8, "anna@berg.example")
    network.received(3, "ben@park.example", bulk=True)
    assert network.facts("Anna Berg")["waiting_for_them_days"] == 8
    assert network.facts("Ben Park")["last_contact"] is None


def test_a_rule_about_age_is_judged_by_the_day(network: Network) -> None:
    rules = network.rules / "mine.yaml"
    rules.write_text(
        "version: 1\nrules:\n  - {id: old, for: message, when: {age|gt: 5d}, then: {noise: true}}\n"
    )
    network.sent(8, "anna@berg.example")
    network.sent(3, "ben@park.example")
    assert network.facts("Anna Berg")["last_contact"] is None
    assert network.facts("Ben Park")["last_contact"] == ago(3)


def test_a_mail_dated_in_the_future_counts_once_its_hour_has_come(network: Network) -> None:
    network.sent(3, "anna@berg.example")
    network.sent(-2, "anna@berg.example")
    network.resolved()
    # What an earlier day made is kept, and later days, and a look back, must not believe it.
    for later, last in ((0, ago(3)), (1, ago(3)), (2, ago(-2)), (30, ago(-2)), (0, ago(3)), (-5, None)):
        day = TODAY + timedelta(days=later)
        context = Context(network.settings, network.store, day, NOON + timedelta(days=later, minutes=1))
        calendar = meetings.classify(
            network.store, load_rules(network.settings), context.settings.me, save=True
        )
        facts = gather(context, load_rules(network.settings), calendar).facts
        assert facts.row(by_predicate=_named("Anna Berg"), named=True)["last_contact"] == last, later


def test_a_thread_that_is_dismissed_later_waits_no_longer(network: Network) -> None:
    network.received(3, "anna@berg.example", thread="<1>")
    assert network.facts("Anna Berg")["waiting_for_me_days"] == 3
    letters = network.people().letters
    with network.store.begin() as connection:
        dismiss_threads(connection, dict(letters.select("thread", "at").iter_rows()))
    assert network.facts("Anna Berg")["waiting_for_me_days"] is None
    assert network.people().mailed.let_rest() == letters.get_column("person_id").to_list()


def test_with_no_new_mail_no_mail_is_read(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    network.sent(3, "anna@berg.example")
    first = network.facts("Anna Berg")
    monkeypatch.setattr(Mail, "of_people", lambda *_: pytest.fail("letters were read"))
    people = network.people()
    assert people.facts.row(by_predicate=_named("Anna Berg"), named=True) == first
    (last,) = people.last_happened([first["id"]]).iter_rows(named=True)
    assert last["title"] == "you wrote to anna@berg.example"


def test_a_possible_duplicate_shares_the_mail(network: Network) -> None:
    network.tell(
        "linked",
        Contact(source="linked", source_id="a", name="Anna Berg", given_name="Anna", family_name="Berg"),
    )
    network.sent(8, "anna@berg.example")
    network.resolved()
    with network.store.read() as connection:
        both = lookup.exactly(connection, {"Anna Berg"})["Anna Berg"]
    people = network.people()
    days = people.facts.filter(people.facts["id"].is_in(list(both))).get_column("waiting_for_them_days")
    assert set(days) == {8}


MINUTE = 1 / 1440


@pytest.mark.parametrize(
    ("minutes", "goes_on", "waiting"),
    [(1, False, 5), (2, False, 5), (2.1, False, None), (1, True, None)],
)
def test_an_answer_within_two_minutes_is_no_answer_unless_the_thread_goes_on(
    network: Network, minutes: float, goes_on: bool, waiting: int | None
) -> None:
    network.sent(9, "ben@park.example", thread="<other>")
    network.sent(5, "anna@berg.example", thread="<t>")
    network.received(5 - minutes * MINUTE, "anna@berg.example", thread="<t>")
    if goes_on:
        network.received(4, "anna@berg.example", thread="<t>")
    assert network.facts("Anna Berg")["waiting_for_them_days"] == waiting


def test_the_minutes_until_an_answer_are_those_since_your_last_mail_in_its_thread() -> None:
    times = [(True, 0), (False, 61), (True, 120), (False, 120), (False, 3720), (False, -5)]
    frame = pl.DataFrame(
        [
            {"id": number, "thread": 1, "sent": sent, "at": NOON + timedelta(seconds=seconds)}
            for number, (sent, seconds) in enumerate(times)
        ]
        + [{"id": 9, "thread": 2, "sent": False, "at": NOON + timedelta(hours=1)}]
    )
    usual = {"role": "to", "recipients": 1, "list_id": None, "folder": None, "source": "post"}
    flags = dict.fromkeys(("bulk", "automatic", "calendar", "bounce"), pl.lit(value=False))
    guests = pl.DataFrame(schema={"message": pl.Int64, "email": pl.String, "role": pl.String})
    messages = frame.with_columns(**{name: pl.lit(value) for name, value in usual.items()}, **flags)
    facts = message_facts(messages, guests, [], "UTC", TODAY)
    assert facts["answered_within"].to_list() == [None, 2, None, 0, 60, None, None]
