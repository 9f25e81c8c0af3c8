"""Headers of mail: who wrote to whom, which kind of mail it is, and input that means harm."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.shared.mail.addresses import Mailbox, mailboxes, shown
from connectors.shared.mail_headers import HEADERS, HeaderReader, Known, gmail_id
from people.types import Message, Problem

ME = ("me@example.com", "Alias@Example.org")
READER = HeaderReader("mail", ME, today=dt.date(2026, 3, 4))
ARRIVED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

WHOLE = """\
Return-Path: <anna@berg.example>
Received: from somewhere by elsewhere; Mon, 2 Mar 2026 10:00:01 +0100
From: Anna Berg <Anna@Berg.example>
To: "Doe, Alex" <me@example.com>, Tom Hale <tom@hale.example>
Cc: zoe@example.net
Subject: Lunch
Date: Mon, 2 Mar 2026 10:00:00 +0100
Message-ID: <abc@berg.example>
References: <root@example.com>
\t<second@berg.example>
In-Reply-To: <second@berg.example>

A body that nobody reads
Cc: not@a.header
"""


def read(*lines: str, known: Known | None = None, reader: HeaderReader = READER) -> Message:
    """The message of these headers, and of those that every mail has unless they are given."""
    usual = {
        "from": "From: anna@berg.example",
        "to": "To: me@example.com",
        "date": "Date: Mon, 2 Mar 2026 10:00:00 +0100",
        "message-id": "Message-ID: <abc@berg.example>",
    }
    given = {line.partition(":")[0].lower() for line in lines}
    text = "\n".join([*lines, *(line for name, line in usual.items() if name not in given)])
    found = reader.read(text.encode("utf-8", "surrogateescape"), "place", known or Known())
    assert isinstance(found, Message), found
    return found


def others(message: Message) -> list[tuple[str, str]]:
    return [(one.role, one.email) for one in message.counterparts]


def test_a_whole_mail() -> None:
    found = READER.read(WHOLE.partition("\n\n")[0].encode(), "place", Known(folder="INBOX"))
    assert isinstance(found, Message)
    assert found.model_dump() == {
        "source": "mail",
        "source_id": "abc@berg.example",
        "at": datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        "direction": "received",
        "role": "to",
        "counterparts": (
            {"email": "anna@berg.example", "role": "from", "name": "Anna Berg"},
            {"email": "tom@hale.example", "role": "to", "name": "Tom Hale"},
            {"email": "zoe@example.net", "role": "cc", "name": None},
        ),
        "recipients": 3,
        "thread": "root@example.com",
        "list_id": None,
        "bulk": False,
        "automatic": False,
        "calendar": False,
        "bounce": False,
        "folder": "INBOX",
        "subject": None,
    }


def test_pairs_of_name_and_value_say_the_same_as_a_block() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Zoë Berg <zoe@berg.example>"
    message["To"] = "me@example.com"
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0100"
    message["Message-ID"] = "<abc@berg.example>"
    pairs = [("FROM", "Zoë Berg <zoe@berg.example>"), *list(message.items())[1:]]
    assert READER.read(pairs, "place") == READER.read(message.as_bytes(), "place")


def test_what_i_sent_names_those_to_whom_it_went() -> None:
    found = read("From: alias@example.org", "To: Anna <a@x.example>, me@example.com", "Bcc: b@x.example")
    assert (found.direction, found.role, found.recipients) == ("sent", None, 2)
    assert others(found) == [("to", "a@x.example"), ("cc", "b@x.example")]


def test_my_address_with_a_tag_is_mine() -> None:
    found = read("From: me+work@example.com", "To: a+news@x.example, me+copy@example.com")
    assert (found.direction, others(found)) == ("sent", [("to", "a+news@x.example")])


def test_mail_in_the_sent_folder_is_mine_under_whatever_address() -> None:
    found = read("From: another@mine.example", "To: a@x.example", known=Known(sent=True))
    assert (found.direction, others(found)) == ("sent", [("to", "a@x.example")])


@pytest.mark.parametrize(
    ("to", "cc", "role"),
    [
        ("me@example.com", "", "to"),
        ("x@x.example", "ALIAS@example.org", "cc"),
        ("me+shop@example.com", "", "to"),
        ("x@x.example", "Me+a+b@example.com", "cc"),
        ("me+shop@elsewhere.example, other+me@example.com", "", None),
        ("x@x.example", "y@x.example", None),
        ("undisclosed-recipients:;", "", None),
    ],
)
def test_my_role_in_a_received_mail(to: str, cc: str, role: str | None) -> None:
    assert read(f"To: {to}", f"Cc: {cc}").role == role


@pytest.mark.parametrize(
    ("lines", "thread"),
    [
        (["References: <root@x> <mid@x>", "In-Reply-To: <mid@x>"], "root@x"),
        (["References:\n <root@x>\n\t<mid@x>"], "root@x"),
        (["In-Reply-To: <mid@x>"], "mid@x"),
        (["In-Reply-To: Your message of Monday <mid@x>"], "mid@x"),
        (["In-Reply-To: Your message of Monday"], "abc@berg.example"),
        (["References: "], "abc@berg.example"),
        (["Subject: Re: Lunch"], "abc@berg.example"),
    ],
)
def test_the_thread_is_the_root_of_the_references_and_never_the_subject(
    lines: list[str], thread: str
) -> None:
    assert read(*lines).thread == thread


def test_gmails_threads_are_known_and_its_numbers_name_what_has_no_message_id() -> None:
    known = Known(number=gmail_id("1278455344230334865"), thread=gmail_id(1266894439832287888))
    found = read("References: <root@x>", known=known)
    assert (found.source_id, found.thread) == ("abc@berg.example", "1194e9c7de1efa90")
    assert read("Message-ID:", known=known).source_id == "11bdfc5cae0c8191"


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        ("X-Mailer: Mail", set()),
        ("Auto-Submitted: no", set()),
        ("Auto-Submitted: No (a person)", set()),
        ("Auto-Submitted: auto-replied", {"automatic"}),
        ("Auto-Submitted: auto-generated; owner-email=x@y", {"automatic"}),
        ("X-Autoreply: yes", {"automatic"}),
        ("X-Auto-Response-Suppress: All", {"automatic"}),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", {"automatic"}),
        ("X-Auto-Response-Suppress: RN, NRN", set()),
        ("Precedence: bulk", {"bulk"}),
        ("Precedence: LIST", {"bulk"}),
        ("Precedence: auto_reply", {"automatic"}),
        ("Precedence: first-class", set()),
        ("List-Unsubscribe: <mailto:leave@x.example>", {"bulk"}),
        ("List-Id: Friends <friends.x.example>", {"bulk"}),
        ("Return-Path: <>", {"automatic"}),
        ("Content-Type: text/calendar; method=REPLY", {"calendar"}),
        ("Content-Class: urn:content-classes:CalendarMessage", {"calendar"}),
        ("Content-Class: urn:content-classes:message", set()),
        ('Content-Type: multipart/report;\n report-type="delivery-status"', {"automatic", "bounce"}),
        ("Content-Type: multipart/report; boundary=x", {"automatic", "bounce"}),
        ("Content-Type: multipart/report; report-type=disposition-notification", {"automatic"}),
        ("Content-Type: multipart/mixed; x=report-type=delivery-status", set()),
        ("From: no-reply@x.example", {"automatic"}),
        ("From: noreply+abc@x.example", {"automatic"}),
        ("From: calendar-noreply@x.example", {"automatic"}),
        ("From: Do_Not_Reply@x.example", {"automatic"}),
        ("From: nicht-antworten@x.example", {"automatic"}),
        ("From: ne.pas.repondre@x.example", {"automatic"}),
        ("From: MAILER-DAEMON@x.example", {"automatic"}),
        ("From: arno.reply@x.example", set()),
        ("From: norepl@x.example", set()),
        ("From: newsletter@x.example", set()),
        ("From: noreplyson@x.example", set()),
    ],
)
def test_kinds_of_mail(line: str, flags: set[str]) -> None:
    found = read(line)
    assert {name for name in ("bulk", "automatic", "calendar", "bounce") if getattr(found, name)} == flags


def test_a_bounce_without_a_report_is_known_by_its_sender() -> None:
    assert read("From: MAILER-DAEMON@x.example", "Return-Path: <>").bounce


def test_the_id_of_a_list() -> None:
    assert read('List-Id: "Friends, all" <Friends.X.example>').list_id == "friends.x.example"
    assert read("List-ID: friends.x.example").list_id == "friends.x.example"


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Mon, 2 Mar 2026 10:00:00 +0100", "2026-03-02T09:00:00"),
        ("2 Mar 2026 10:00 -0230", "2026-03-02T12:30:00"),
        ("Mon, 02 Mar 2026 10:00:00 GMT", "2026-03-02T10:00:00"),
        ("Mon, 02 Mar 2026 10:00:00 EST", "2026-03-02T15:00:00"),
        ("Mon, 02 Mar 2026 10:00:00", "2026-03-02T10:00:00"),
        ("Mon, 2 Mar 2026 10:00:60 +0000 (UTC)", "2026-03-02T10:00:59"),
        ("Monday, 02-Mar-26 10:00:00 UTC", "2026-03-02T10:00:00"),
        # What cannot be true gives way to the arrival.
        ("Thu, 1 Jan 1970 00:00:00 +0000", "2026-03-02T09:00:00"),
        ("Mon, 2 Mar 2107 10:00:00 +0100", "2026-03-02T09:00:00"),
        ("Mon, 2 Mar 2026 99:00:00 +0100", "2026-03-02T09:00:00"),
        ("Mon, 30 Feb 2026 10:00:00 +0100", "2026-03-02T09:00:00"),
        ("Mon, 2 Mar 99999999 10:00:00 +0100", "2026-03-02T09:00:00"),
        ("tomorrow", "2026-03-02T09:00:00"),
        ("", "2026-03-02T09:00:00"),
    ],
)
def test_dates(date: str, at: str) -> None:
    found = read(f"Date: {date}", known=Known(arrived=lambda: ARRIVED))
    assert found.at == datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (b"Date: Mon, 2 Mar 2026 10:00:00 +0100\n", "the mail names no sender"),
        (b"From: nobody\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n", "the mail names no sender"),
        (b"From: a@x.example\n", "the mail has no date"),
        (
            b"From: a@x.example\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n",
            "the date of the mail, 'Thu, 1 Jan 1970 00:00:00 +0000', cannot be true",
        ),
        (
            b"From: a@x.example\nDate: Mon, 2 Mar 2107 10:00:00 +0100\n",
            "the date of the mail, 'Mon, 2 Mar 2107 10:00:00 +0100', cannot be true",
        ),
        (b"", "the mail names no sender"),
    ],
)
def test_a_mail_that_cannot_count_is_a_problem_at_its_place(block: bytes, message: str) -> None:
    found = READER.read(block, "mail.mbox mail 7")
    assert isinstance(found, Problem)
    assert (found.where, found.message) == ("mail.mbox mail 7", message)
    assert found.help


def test_the_subject_is_kept_only_on_request() -> None:
    with_subjects = HeaderReader("mail", ME, today=dt.date(2026, 3, 4), subjects=True)
    line = "Subject: =?utf-8?q?Caf=C3=A9?=\n today"
    assert read(line).subject is None
    assert read(line, reader=with_subjects).subject == "Café today"
    assert "Subject" not in READER.wanted
    assert with_subjects.wanted == (*HEADERS, "Subject")


def test_a_mail_without_an_id_gets_the_same_one_in_each_folder() -> None:
    first, again = (read("Message-ID: ", known=Known(folder=folder)) for folder in ("INBOX", "Archive"))
    later = read("Message-ID: ", "Date: Mon, 2 Mar 2026 10:00:01 +0100")
    assert first.source_id == again.source_id == first.thread
    assert later.source_id != first.source_id


def test_an_id_of_5_kb_becomes_short() -> None:
    long = "x" * 5000
    found, other = read(f"Message-ID: <{long}@x>"), read(f"Message-ID: <{long}y@x>")
    assert len(found.source_id) < 64
    assert found.source_id != other.source_id
    assert read(f"In-Reply-To: <{long}@x>").thread == found.source_id


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("a@x.example", ["a@x.example"]),
            ("<A@X.example>", ["a@x.example"]),
            ("a@x.example, b@x.example", ["a@x.example", "b@x.example"]),
            ("a@x.example; b@x.example", ["a@x.example", "b@x.example"]),
            ('"a@x.example" <b@x.example>', ["b@x.example"]),
            ('"a@x.example, c@x.example" <b@x.example>', ["b@x.example"]),
            ("a@x.example (b@x.example, c@x.example)", ["a@x.example"]),
            ("(a@x.example) <b@x.example>", ["b@x.example"]),
            ("A (B (C) <c@x.example>) <b@x.example>", ["b@x.example"]),
            ("Anna :( <b@x.example>", ["b@x.example"]),
            ("Anna (never closed <b@x.example>", ["b@x.example"]),
            ('Anna "never closed <b@x.example>, c@x.example', ["b@x.example", "c@x.example"]),
            (
                "Team: a@x.example, B <b@x.example>; c@x.example",
                ["a@x.example", "b@x.example", "c@x.example"],
            ),
            ("undisclosed-recipients:;", []),
            ("mailto:a@x.example", ["a@x.example"]),
            ("<@relay.example,@other.example:a@x.example>", ["a@x.example"]),
            ("=?utf-8?q?=3Cevil=40x=2Eexample=3E?= <a@x.example>", ["a@x.example"]),
            ("Berg, Anna <a@x.example>", ["a@x.example"]),
            ("zoë@exämple.example", ["zoë@exämple.example"]),
            ("a b@x.example", ["b@x.example"]),
            ("a@b@c", []),
            ("\u202ea@x.example", []),
            ("a\udc80@x.example", []),
            ("@x.example", []),
            ("a@", []),
            (f"{'a' * 300}@x.example", []),
            ("", []),
            (",,;:<>()", []),
        ],
    )
    def test_who_is_a_recipient(self, text: str, found: list[str]) -> None:
        assert [one.email for one in mailboxes(text)] == found

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Anna Berg <a@x.example>", "Anna Berg"),
            ('"Berg, Anna" <a@x.example>', "Berg, Anna"),
            (r'"Anna \"Ann\" Berg" <a@x.example>', 'Anna "Ann" Berg'),
            ("a@x.example (Anna Berg)", "Anna Berg"),
            ("a@x.example <a@x.example>", None),
            ("<a@x.example>", None),
            ("=?iso-8859-1?Q?Zo=EB?= <a@x.example>", "Zoë"),
            ("=?utf-8?B?w5ZtZXI=?= =?utf-8?B?IMOW?= <a@x.example>", "Ömer Ö"),
            ("=?utf-8?B?w?= =?utf-8?B?5ZtZXI=?= <a@x.example>", "Ömer"),
            ("=?no-such-charset?q?Anna?= <a@x.example>", "=?no-such-charset?q?Anna?="),
            ("=?hex?q?Anna?= <a@x.example>", "=?hex?q?Anna?="),
            ("Anna\x00\r\n Berg <a@x.example>", "Anna Berg"),
        ],
    )
    def test_names(self, text: str, name: str | None) -> None:
        assert mailboxes(text) == (Mailbox("a@x.example", name),)

    def test_raw_bytes_are_utf_8_or_else_windows(self) -> None:
        assert read("From: Zoë <a@x.example>").counterparts[0].name == "Zoë"
        raw = b"From: Zo\xeb <a@x.example>\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n"
        found = READER.read(raw, "place")
        assert isinstance(found, Message)
        assert found.counterparts[0].name == "Zoë"


MANY = 100_000


class TestHarm:
    """Inputs that take time out of proportion if a reader is careless. A quadratic one would not end."""

    @pytest.mark.parametrize(
        "text",
        [
            '"' * MANY,
            '"\\' * MANY,
            "(" * MANY,
            "(\\" * MANY,
            "()" * MANY,
            "<" * MANY,
            "<a," * MANY,
            ":" * MANY,
            " " * MANY + "x",
            "a@" * MANY,
            "=?utf-8?q?" * MANY,
            "=?utf-8?q?=41?= " * MANY,
            "=?utf-8?b?" + "QUFB" * MANY + "?=",
            "=?" * MANY,
            "\\" * MANY,
        ],
        ids=lambda text: ascii(text[:12]),
    )
    def test_any_header_is_read_in_linear_time(self, text: str) -> None:
        for name in ("From", "To", "Date", "Message-ID", "References", "List-Id", "Content-Type"):
            READER.read([("From", "a@x.example"), (name, text)], "place", Known(arrived=lambda: ARRIVED))
        block = "From: a@x.example\nTo: " + text + "\n"
        assert READER.read(block.encode(), "place", Known(arrived=lambda: ARRIVED))
        assert len(shown(text)) <= 200

    def test_10_000_recipients(self) -> None:
        many = ", ".join(f"Person {n} <p{n}@x.example>" for n in range(10_000))
        found = read(f"To: {many}, me@example.com")
        assert (found.recipients, len(found.counterparts), found.role) == (10_001, 50, "to")

    def test_folded_references_of_1_mb(self) -> None:
        lines = "\n ".join(f"<{n}@x.example>" for n in range(60_000))
        assert len(lines) > 1 << 20
        assert read(f"References: {lines}").thread == "0@x.example"

    def test_a_fold_without_end(self) -> None:
        assert read("References:" + "\n " * 500_000 + "<a@x>").thread == "abc@berg.example"

    @given(st.binary(max_size=300), st.sampled_from(HEADERS))
    def test_whatever_bytes_come_there_is_an_answer(self, data: bytes, name: str) -> None:
        block = b"From: a@x.example\n" + name.encode() + b": " + data + b"\nTo: " + data
        found = READER.read(block, "place", Known(arrived=lambda: ARRIVED))
        if isinstance(found, Message):
            assert found.source_id
            assert found.thread
            assert len(found.model_dump_json()) < 50_000

    @given(st.text(max_size=300))
    def test_whatever_text_comes_the_addresses_are_lower_case_and_whole(self, text: str) -> None:
        for one in mailboxes(text):
            assert one.email == one.email.lower()
            assert one.email.count("@") == 1
