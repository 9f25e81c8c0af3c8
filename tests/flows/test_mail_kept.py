"""Letters that are cached between runs equal those of a fresh look, whatever mail comes in between."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.base import Me
from flows.run.facts import mail as mail_module
from flows.run.facts.mail import Mail
from people.store import Store, frame_cache, mail_news, open_store
from people.store.db import values
from people.store.ingest.reading import Reading
from people.types import Counterpart, Message, Page
from rules.engine import RuleSet, load
from rules.engine.judging.classify import classify_messages

TODAY = date(2026, 11, 30)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ME = Me(name="Alex Doe", emails=("alex@doe.example",), time_zone="UTC", region="GB")
PEOPLE = ("anna@berg.example", "ben@park.example", "no-reply@shop.example", "mailer-daemon@doe.example")
STARTER = Path(__file__).parents[2] / "rules"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'touchbase.db'}")
    yield made
    made.close()


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load(STARTER)


def a_mail(chance: random.Random, number: int) -> Message:
    sent, thread = chance.random() < 0.5, chance.randrange(6)
    emails = chance.sample(PEOPLE, chance.choice((1, 1, 2)))
    roles = ["to" if sent else "from", "cc"]
    return Message.model_validate(
        {
            "source": "post",
            "source_id": f"<{number}@mail.example>",
            "at": NOON - timedelta(minutes=chance.randrange(1, 10_000)),
            "direction": "sent" if sent else "received",
            "role": None if sent else "to",
            "counterparts": [
                Counterpart(email=email, role=role, name=chance.choice((None, "Anna Berg")))
                for email, role in zip(emails, roles, strict=False)
            ],
            "recipients": len(emails),
            "thread": f"<{thread}@mail.example>",
            "bounce": chance.random() < 0.1,
            "automatic": chance.random() < 0.1,
        }
    )


def read(store: Store, *mails: Message) -> None:
    reading = Reading(store, "post", NOON, my_emails=ME.emails)
    reading.apply(Page(changes=mails, cursor="c"))
    reading.finish()


def seen(store: Store, rules: RuleSet) -> tuple[pl.DataFrame, pl.DataFrame]:
    kept = Mail(store, rules, ME, save=True)
    order = ["message", "email"]
    return kept.letters(TODAY).sort(order), kept.written_to(TODAY)


@pytest.mark.parametrize("seed", range(8))
def test_kept_letters_are_those_of_a_fresh_look(store: Store, rules: RuleSet, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        # A number that came before is the same mail, which its source now describes otherwise.
        read(store, *(a_mail(chance, chance.randrange(40)) for _ in range(chance.choice((0, 1, 1, 8)))))
        letters, written = seen(store, rules)
        with store.rehearsal():
            with store.begin() as connection:
                frame_cache.drop(connection)
            fresh, fresh_written = seen(store, rules)
        assert_frame_equal(letters, fresh)
        assert_frame_equal(written, fresh_written)


def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many mails are judged, each time that some are."""
    counts: list[int] = []

    def counting(ruleset: RuleSet, facts: pl.DataFrame, *more: Any) -> pl.DataFrame:
        counts.append(facts.height)
        return classify_messages(ruleset, facts, *more)

    monkeypatch.setattr(mail_module, "classify_messages", counting)
    return counts


def one(number: int, thread: str, **fields: Any) -> Message:
    made = a_mail(random.Random(number), number)
    return made.model_copy(update={"thread": thread, **fields})


def test_only_the_threads_of_new_mail_are_judged_again(
    store: Store, rules: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = judged(monkeypatch)
    read(store, one(1, "<a>"), one(2, "<a>"), one(3, "<b>"))
    seen(store, rules)
    read(store, one(4, "<a>"))
    seen(store, rules)
    seen(store, rules)
    assert counts == [3, 3]


def test_more_threads_than_are_remembered_are_judged_with_all_others(
    store: Store, rules: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = judged(monkeypatch)
    monkeypatch.setattr(mail_news, "MOST", 2)
    read(store, one(1, "<a>"), one(2, "<b>"))
    seen(store, rules)
    read(store, one(3, "<c>"))
    read(store, one(4, "<d>"))
    seen(store, rules)
    read(store, one(5, "<e>"), one(6, "<f>"), one(7, "<g>"))
    seen(store, rules)
    read(store, one(8, "<h>"))
    seen(store, rules)
    assert counts == [2, 2, 7, 1]


def test_a_store_that_an_older_version_wrote_is_judged_as_a_whole(store: Store) -> None:
    with store.begin() as connection:
        values.put(connection, values.MAIL, "7")
        assert mail_news.since(connection, "7") is None
        mail_news.tell(connection, {5})
        assert mail_news.since(connection, "7") == {5}
        assert mail_news.since(connection, "6") is None
        assert mail_news.since(connection, "8") == set()
        assert mail_news.since(connection, "") is None
