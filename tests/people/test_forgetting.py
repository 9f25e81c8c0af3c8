"""Forgetting a person on both databases: all of theirs goes, nothing of anybody else's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from people.errors import UserMustAct
from people.planning.plan import Plan
from people.store import Store, follow_ups, frame_cache, lookup
from people.store.db import schema
from people.store.ingest.forgotten import Forgotten, tombstone
from people.store.ingest.reading import Reading
from people.store.one_person import forgetting
from people.store.resolving import resolution
from people.tasks import FollowUp
from people.types import Contact, Counterpart, JournalLine, Message, Page

NOW = datetime(2026, 1, 14, 6, 30, tzinfo=UTC)
DAY = date(2026, 1, 14)


def card(source_id: str, name: str, *emails: str, source: str = "phone", **values: object) -> Contact:
    given, _, family = name.partition(" ")
    fields = {
        "source": source,
        "source_id": source_id,
        "name": name,
        "given_name": given,
        "family_name": family,
    }
    return Contact.model_validate(fields | {"emails": emails} | values)


def told(store: Store, *cards: Contact, source: str = "phone") -> None:
    """One full read of a source, and resolution."""
    reading = Reading(store, source, NOW, accept_removals=True)
    reading.apply(Page(changes=cards, cursor="c", complete=True))
    resolution.resolve_store(store, region="GB", overrides=Path("no such file"), now=NOW)


def who(store: Store, text: str) -> str:
    with store.read() as connection:
        return lookup.one(connection, text)


def forget(store: Store, text: str) -> forgetting.Forgetting:
    with store.begin() as connection:
        return forgetting.forget(connection, lookup.one(connection, text), NOW, "GB")


def everything(store: Store) -> str:
    with store.read() as connection:
        rows = [connection.execute(sa.select(table)).all() for table in schema.metadata.sorted_tables]
    return str(rows)


def test_a_forgotten_person_stays_forgotten(store: Store) -> None:
    told(store, card("1", "Bob Hale", "bob@example.com"), card("2", "Ann Lee", "ann@example.com"))
    frame = pl.DataFrame({"name": ["Bob Hale"]})
    frame_cache.cached(store, "people", "as of now", lambda: {"profiles": frame})
    assert forget(store, "Bob Hale").records == 1
    assert "bob" not in everything(store).lower()
    with store.read() as connection:
        assert frame_cache.load(connection, "people", "as of now", ["profiles"]) is None
    told(store, card("1", "Bob Hale", "bob@example.com"), card("2", "Ann Lee", "ann@example.com"))
    assert "bob" not in everything(store).lower()
    assert who(store, "Ann Lee")


def test_whoever_shares_an_address_is_not_forgotten_with_them(store: Store) -> None:
    shared = "hales@example.com"
    told(store, card("1", "Bob Hale", shared), card("2", "Alice Hale", shared))
    forget(store, "Bob Hale")
    told(store, card("1", "Bob Hale", shared), card("2", "Alice Hale", shared, title="Dr"))
    assert who(store, "Alice Hale")
    with pytest.raises(UserMustAct, match="no one matches"):
        who(store, "Bob Hale")


def test_a_card_that_was_deleted_before_is_forgotten_too(store: Store) -> None:
    told(store, card("1", "Bob Hale", "bob@example.com"), card("2", "Ann Lee", "ann@example.com"))
    told(store, card("9", "Bob Hale", "bob@example.com", source="work"), source="work")
    told(store, card("2", "Ann Lee", "ann@example.com"))
    forget(store, "Bob Hale")
    assert "bob" not in everything(store).lower()


def test_follow_ups_go_with_a_merge_even_when_their_card_is_gone(store: Store) -> None:
    told(store, card("1", "Bob Hale", "bob@example.com"))
    told(store, card("2", "Robert Hale", "rh@example.com", source="work"), source="work")
    with store.read() as connection:
        rows = connection.execute(sa.select(schema.contacts.c.source, schema.contacts.c.person_id))
        people = {row.source: row.person_id for row in rows}
    task = FollowUp(key="k", person_id=people["work"], person="Robert Hale", rule="r", title="Call", due=DAY)
    with store.begin() as connection:
        follow_ups.record_plan(connection, Plan(create=(task,)), DAY)
        connection.execute(sa.update(schema.follow_ups).values(record="work:gone"))
    told(store, card("2", "Bob Hale", "rh@example.com", "bob@example.com", source="work"), source="work")
    with store.read() as connection:
        (item,) = follow_ups.past(connection)
    assert item.follow_up.person_id == who(store, "bob@example.com")


def mail(number: int, *emails: str, subject: str | None = None) -> Message:
    return Message(
        source="post",
        source_id=f"<{number}@mail.example>",
        at=NOW,
        direction="sent",
        counterparts=tuple(Counterpart(email=one, role="to", name=one.partition("@")[0]) for one in emails),
        thread=f"<{number}@mail.example>",
        subject=subject,
        folder="Clients/Bob Hale",
    )


def test_mail_with_them_goes_and_mail_with_others_stays(store: Store) -> None:
    told(store, card("1", "Bob Hale", "bob@example.com"), card("2", "Ann Lee", "ann@example.com"))
    mails = (
        mail(1, "bob@example.com"),
        mail(2, "bob@example.com", "ann@example.com", subject="For you both"),
        mail(3, "ann@example.com", subject="What Bob Hale said"),
    )
    for forgotten in (False, True):
        reading = Reading(store, "post", NOW)
        reading.apply(Page(changes=mails if not forgotten else mails[:2], cursor="c", complete=True))
        if not forgotten:
            forget(store, "Bob Hale")
        with store.read() as connection:
            counted = [
                connection.scalar(sa.select(sa.func.count()).select_from(table))
                for table in (schema.messages, schema.counterparts, schema.mail_addresses)
            ]
            subjects = sorted(filter(None, connection.scalars(sa.select(schema.messages.c.subject))))
        assert counted == [2, 2, 1]
        assert subjects == ["For you both", "What (forgotten) said"]
    assert "bob" not in everything(store).lower()


def test_what_a_later_read_says_of_them_is_silenced_everywhere() -> None:
    known = Forgotten(frozenset({tombstone("name:bob hale")}), "GB")
    line = JournalLine(
        source="journal", source_id="1", date=NOW.date(), person="Ann Lee", kind="referral",
        other="Cy Orr", outcome="Bob Hale called", note="Ask Bob Hale",
    )  # fmt: skip
    quiet = known.without_mention(line)
    assert (quiet.outcome, quiet.note) == ("(forgotten) called", "Ask (forgotten)")
    ann = known.without_mention(Contact(
        source="phone", source_id="2", name="Ann Lee", related=(("spouse", "Bob Hale"),),
        custom=(("needs", "news of Bob Hale"),), extra=("X-FRIEND:Bob Hale",),
    ))  # fmt: skip
    assert ann.related == (("spouse", "(forgotten)"),)
    assert ann.custom == (("needs", "news of (forgotten)"),)
    assert ann.extra == ("X-FRIEND:(forgotten)",)
    to_self = mail(4, subject="Call Bob Hale")
    assert to_self.counterparts == ()
    kept = known.without_counterparts(to_self)
    assert kept is not None
    assert (kept.subject, kept.folder) == ("Call (forgotten)", "Clients/(forgotten)")
