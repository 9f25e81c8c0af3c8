"""Mail in the store, on both databases: it only grows, a doubled mail is one, and a million is small."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from people.store import Store, runs
from people.store.db import schema, values
from people.store.ingest.forgotten import remember_to_forget
from people.store.ingest.messages import message_number
from people.store.ingest.reading import Reading
from people.types import Counterpart, Gone, Message, Page

NOW = datetime(2026, 1, 14, 6, 30, tzinfo=UTC)
MANY = 1200


def mail(number: int = 0, *, to: str = "anna@berg.example", source: str = "post", **fields: Any) -> Message:
    given: dict[str, Any] = {
        "source": source,
        "source_id": f"<{number}@mail.example>",
        "at": NOW - timedelta(days=number % 1000),
        "direction": "sent",
        "counterparts": (Counterpart(email=to, role="to", name="Anna Berg"),),
        "recipients": 1,
        "thread": f"<{number // 3}@mail.example>",
        "folder": "Sent",
    }
    return Message.model_validate(given | fields)


def read(store: Store, *pages: Page, source: str = "post", emails: Sequence[str] = ()) -> Reading:
    reading = Reading(store, source, NOW, my_emails=emails)
    for page in pages:
        reading.apply(page)
    reading.finish()
    return reading


def news(reading: Reading) -> tuple[int, int, int]:
    counts = reading.counts["messages"]
    return counts.added, counts.changed, counts.unchanged


def stored(store: Store) -> dict[int, tuple[Any, ...]]:
    """By message: when, its direction and role, and its addresses with their roles."""
    query = (
        sa.select(schema.messages, schema.counterparts.c.role.label("as_"), schema.mail_addresses.c.email)
        .join(schema.counterparts, schema.counterparts.c.message == schema.messages.c.id)
        .join(schema.mail_addresses, schema.mail_addresses.c.id == schema.counterparts.c.address)
        .order_by(schema.mail_addresses.c.email)
    )
    found: dict[int, tuple[Any, ...]] = {}
    with store.read() as connection:
        for row in connection.execute(query):
            start = (datetime.fromtimestamp(row.at, UTC), row.sent, row.role)
            found[row.id] = (*found.get(row.id, start), (row.as_, row.email))
    return found


def test_what_a_mail_says_is_kept_and_read_again(store: Store) -> None:
    answer = mail(
        7,
        direction="received",
        role="cc",
        counterparts=(
            Counterpart(email="ben@park.example", role="from"),
            Counterpart(email="anna@berg.example", role="to"),
            Counterpart(email="ben@park.example", role="cc"),
        ),
    )
    assert news(read(store, Page(changes=(mail(), answer), cursor="1"))) == (2, 0, 0)
    assert stored(store) == {
        message_number(mail()): (NOW, True, None, ("to", "anna@berg.example")),
        message_number(answer): (
            NOW - timedelta(days=7), False, "cc", ("to", "anna@berg.example"), ("from", "ben@park.example"),
        ),
    }  # fmt: skip


@pytest.mark.parametrize("count", [3, MANY])
def test_replaying_pages_changes_nothing(store: Store, count: int) -> None:
    pages = [Page(changes=tuple(mail(number) for number in range(count)), cursor="1")]
    assert news(read(store, *pages)) == (count, 0, 0)
    before, revision = stored(store), _revision(store)
    assert news(read(store, *pages, *pages)) == (0, 0, count)
    assert (stored(store), _revision(store)) == (before, revision)


def test_a_mail_in_two_folders_and_in_two_sources_is_one(store: Store) -> None:
    inbox, archive = mail(folder="INBOX"), mail(folder="Archive")
    assert news(read(store, Page(changes=(inbox, archive)))) == (1, 0, 0)
    takeout = mail(source="takeout", folder="Old")
    assert news(read(store, Page(changes=(takeout,)), source="takeout")) == (0, 0, 0)
    assert len(stored(store)) == 1
    with store.read() as connection:
        assert runs.live_counts(connection, "post")["messages"] == 1
        assert runs.live_counts(connection, "takeout")["messages"] == 0


def test_a_mail_that_is_gone_was_written_all_the_same(store: Store) -> None:
    read(store, Page(changes=tuple(map(mail, range(30))), cursor="1", complete=True))
    gone = Gone(source="post", source_id="<3@mail.example>")
    emptied = read(store, Page(changes=(gone,)), Page(cursor="2", complete=True))
    assert news(emptied) == (0, 0, 30)
    assert emptied.counts["messages"].gone == 0
    assert len(stored(store)) == 30


def test_an_address_that_turns_out_to_be_the_users_own_changes_the_mail(store: Store) -> None:
    both = (
        Counterpart(email="anna@berg.example", role="to"),
        Counterpart(email="me@second.example", role="from"),
    )
    read(store, Page(changes=(mail(direction="received", counterparts=both),)))
    assert news(read(store, Page(changes=(mail(),)))) == (0, 1, 0)
    assert stored(store) == {message_number(mail()): (NOW, True, None, ("to", "anna@berg.example"))}


def received(sender: str, **fields: Any) -> Message:
    return mail(
        direction="received", role="to", counterparts=(Counterpart(email=sender, role="from"),), **fields
    )


SENT = {message_number(mail()): (NOW, True, None, ("to", "anna@berg.example"))}


@pytest.mark.parametrize("first", [mail(), received("anna@berg.example", at=NOW)])
def test_a_stranger_who_uses_a_message_id_again_takes_no_mail_over(store: Store, first: Message) -> None:
    read(store, Page(changes=(first,)))
    before = stored(store)
    strangers = received("stranger@x.example", at=NOW + timedelta(days=1))
    assert news(read(store, Page(changes=(strangers,)))) == (0, 0, 1)
    assert stored(store) == before


@pytest.mark.parametrize("pages", [1, 2])
def test_of_two_mails_with_one_id_in_one_read_the_sent_one_counts(store: Store, pages: int) -> None:
    both = (received("stranger@x.example"), mail(), mail(folder="Archive"))
    split = [Page(changes=both)] if pages == 1 else [Page(changes=(one,)) for one in both]
    read(store, *split)
    assert stored(store) == SENT
    assert len(_folders(store)) == 1


def test_a_sent_mail_is_received_once_the_address_is_no_longer_the_users(store: Store) -> None:
    emails = ["me@example.com", "old@example.com"]
    read(store, Page(changes=(mail(),)), emails=emails)
    theirs = received("old@example.com")
    read(store, Page(changes=(theirs,)), emails=emails)
    assert stored(store) == SENT
    broken = Reading(store, "post", NOW, my_emails=emails[:1])
    broken.apply(Page(changes=(mail(5, folder="INBOX"),)))
    read(store, Page(changes=(theirs,)), emails=emails[:1])
    assert stored(store)[message_number(mail())] == (NOW, False, "to", ("from", "old@example.com"))
    assert news(read(store, Page(changes=(mail(),)), emails=emails)) == (0, 1, 1)
    assert news(read(store, Page(changes=(theirs,)), emails=emails)) == (0, 0, 2)


def test_the_first_name_of_an_address_is_kept(store: Store) -> None:
    nameless = mail(0, counterparts=(Counterpart(email="anna@berg.example", role="to"),))
    renamed = mail(2, counterparts=(Counterpart(email="anna@berg.example", role="to", name="A."),))
    for message in (nameless, mail(1), renamed):
        read(store, Page(changes=(message,)))
    with store.read() as connection:
        assert list(connection.scalars(sa.select(schema.mail_addresses.c.name))) == ["Anna Berg"]


def test_a_crash_between_pages_loses_only_the_page_that_was_not_saved(store: Store) -> None:
    reading = Reading(store, "post", NOW)
    reading.apply(Page(changes=(mail(0),), cursor="1"))
    reading.apply(Page(changes=(mail(1),), cursor="2"))
    with store.read() as connection:
        state = runs.source_state(connection, "post")
    assert state is not None
    assert state.cursor == "2"
    assert len(stored(store)) == 2


def test_a_forgotten_person_is_left_out_of_new_mail(store: Store) -> None:
    with store.begin() as connection:
        remember_to_forget(connection, ["email:anna@berg.example"], NOW)
    ben = Counterpart(email="ben@park.example", role="to")
    both = mail(1, counterparts=(*mail().counterparts, ben))
    read(store, Page(changes=(mail(0), both)))
    assert list(stored(store).values()) == [(NOW - timedelta(days=1), True, None, ("to", "ben@park.example"))]


def _revision(store: Store) -> str | None:
    with store.read() as connection:
        return values.get(connection, values.MAIL)


def _folders(store: Store) -> set[str]:
    folder = schema.mail_names.c.name
    query = sa.select(folder).where(schema.mail_names.c.id.in_(sa.select(schema.messages.c.folder)))
    with store.read() as connection:
        return set(connection.scalars(query))
