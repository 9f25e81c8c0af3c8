"""What no free server does: Gmail's folders, answers that leave things out, and answers that mean harm."""

from __future__ import annotations

import datetime as dt
import re
from datetime import UTC, datetime

import pytest

from connectors.imap import session
from connectors.imap.fetch import arrival, uid_set
from connectors.imap.session import Account
from connectors.imap.source import ImapSource
from people.errors import LoginNeeded, RetryLater
from people.types import Page
from tests.support.imap_script import Script, fetched, scripted
from tests.support.mails import mail, messages, names

TODAY = dt.date(2026, 3, 4)
EXAMINED = "* 2 EXISTS\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 9] ok\n"
LIST = '* LIST (\\HasNoChildren) "/" INBOX\n* LIST (\\HasNoChildren \\Sent) "/" "Sent"\n'


def account(script: Script, password: str = "secret") -> Account:
    return Account("127.0.0.1", script.port, "alex@example.com", password, "none", password_env="PASSWORD")


def read(script: Script, cursor: str | None = None, *folders: str) -> list[Page]:
    source = ImapSource("mail", account(script), my_emails=[], today=TODAY, folders=folders or None)
    return list(source.changes(cursor))


def head(name: str, *lines: str) -> str:
    """The headers of a mail."""
    return mail(name, *lines).partition("\n\n")[0] + "\n"


GMAIL_LIST = r"""* LIST (\HasNoChildren) "/" "INBOX"
* LIST (\HasChildren \NonExistent) "/" "[Gmail]"
* LIST (\All \HasNoChildren) "/" "[Gmail]/Alle Nachrichten"
* LIST (\Drafts \HasNoChildren) "/" "[Gmail]/Entw&APw-rfe"
* LIST (\HasNoChildren \Sent) "/" "[Gmail]/Gesendet"
* LIST (\HasNoChildren \Junk) "/" "[Gmail]/Spam"
* LIST (\Flagged \HasNoChildren) "/" "[Gmail]/Markiert"
* LIST (\HasNoChildren) "/" "Kunden"
"""


class TestGmail:
    @pytest.fixture
    def script(self) -> Script:
        found = [
            fetched(1, 3, head("Anna"), "X-GM-THRID 1266894439832287888", "X-GM-MSGID 1278455344230334865",
                    'X-GM-LABELS ("\\\\Inbox" Kunden "mit \\"Draft\\" im Namen")'),
            fetched(2, 4, head("Draft"), "X-GM-THRID 2", "X-GM-MSGID 12", 'X-GM-LABELS ("\\\\Draft")'),
            fetched(3, 5, head("Alias", "To: Bert <bert@x.example>", "Message-ID:"), "X-GM-THRID 3",
                    "X-GM-MSGID 13", "X-GM-LABELS (\\Sent)"),
        ]  # fmt: skip
        return Script(
            {
                "LIST": GMAIL_LIST,
                "EXAMINE": EXAMINED.replace("* 2 EXISTS", "* 3 EXISTS"),
                "UID SEARCH": "* SEARCH 3 4 5\n",
                "UID FETCH": "".join(found),
            },
            capabilities="IMAP4rev1 AUTH=PLAIN X-GM-EXT-1 SPECIAL-USE",
        )

    def test_all_mail_alone_is_read_with_gmails_own_numbers(self, script: Script) -> None:
        with scripted(script):
            pages = read(script)
        assert [one for one in script.commands if "EXAMINE" in one] == ['EXAMINE "[Gmail]/Alle Nachrichten"']
        anna, bert = messages(pages)
        assert (anna.source_id, anna.thread) == ("Anna@id.example", f"{1266894439832287888:x}")
        assert (bert.source_id, bert.thread, bert.direction) == ("d", "3", "sent")
        assert pages[-1].problems == ()

    def test_without_it_the_folders_are_read(self, script: Script) -> None:
        script.replies["LIST"] = re.sub(r".*Alle Nachrichten.*\n", "", GMAIL_LIST)
        with scripted(script):
            read(script)
        examined = {one for one in script.commands if "EXAMINE" in one}
        assert examined == {'EXAMINE "INBOX"', 'EXAMINE "[Gmail]/Gesendet"', 'EXAMINE "Kunden"'}

    def test_named_folders_are_read_as_they_are_named(self, script: Script) -> None:
        with scripted(script):
            read(script, None, "Kunden", "[Gmail]/Entwürfe")
        assert [one for one in script.commands if "EXAMINE" in one] == [
            'EXAMINE "Kunden"',
            'EXAMINE "[Gmail]/Entw&APw-rfe"',
        ]


class TestSimpleServers:
    def test_without_extensions_each_folder_is_asked_for_its_counts(self) -> None:
        script = Script(
            {
                "LIST": LIST,
                "EXAMINE": EXAMINED,
                "UID SEARCH": "* SEARCH 8\n",
                "UID FETCH": fetched(1, 8, head("Anna")),
                "STATUS": lambda command: (
                    f"* {command.replace('(', '(MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7) x')}\n"
                ),
            }
        )
        with scripted(script):
            cursor = read(script)[-1].cursor
            script.commands.clear()
            assert names(read(script, cursor)) == []
        assert [one.split()[0] for one in script.commands] == [
            "CAPABILITY", "AUTHENTICATE", "CAPABILITY", "LIST", "STATUS", "STATUS", "LOGOUT",
        ]  # fmt: skip

    def test_names_as_literals_and_with_quotes(self) -> None:
        script = Script(
            {
                "LIST": '* LIST () "." {9}\nSent "x" \n* LIST () NIL "a\\\\b\\"c"\n'
                '* LIST (\\Sent) "." &AOk-t&AOk-\n',
                "EXAMINE": EXAMINED,
                "UID SEARCH": "* SEARCH\n",
            }
        )
        with scripted(script):
            read(script)
        examined = [one for one in script.commands if "EXAMINE" in one]
        assert sorted(examined) == [
            'EXAMINE "&AOk-t&AOk-"',
            'EXAMINE "Sent \\"x\\" "',
            'EXAMINE "a\\\\b\\"c"',
        ]

    def test_folders_of_others_are_left_alone(self) -> None:
        more = ("Other Users/bob", "~carl", "Public/News", "Publicity")
        script = Script(
            {
                "NAMESPACE": '* NAMESPACE (("" "/")) (("Other Users/" "/")("~" "/"))'
                ' (("Public/" "/" "X" ("Y")))\n',
                "LIST": LIST + "".join(f'* LIST () "/" "{name}"\n' for name in more),
                "EXAMINE": EXAMINED,
                "UID SEARCH": "* SEARCH\n",
            },
            capabilities="IMAP4rev1 AUTH=PLAIN NAMESPACE",
        )  # fmt: skip
        with scripted(script):
            read(script)
        assert {one for one in script.commands if "EXAMINE" in one} == {
            'EXAMINE "INBOX"', 'EXAMINE "Sent"', 'EXAMINE "Publicity"',
        }  # fmt: skip

    def test_answers_in_any_order_and_with_news_of_flags_between(self) -> None:
        block = head("Anna").replace("\n", "\r\n") + "\r\n"
        answer = (
            f"* 1 FETCH (BODY[HEADER.FIELDS (FROM)] {{{len(block)}}}\r\n{block}"
            ' INTERNALDATE "02-Mar-2026 10:00:00 +0100" UID 8)\r\n'
            "* 2 FETCH (FLAGS (\\Seen) UID 8)\r\n* 3 EXISTS\r\n* 1 EXPUNGE\r\n"
        )
        script = Script(
            {"LIST": LIST, "EXAMINE": EXAMINED, "UID SEARCH": "* SEARCH 8\n", "UID FETCH": answer}
        )
        with scripted(script):
            assert names(read(script, None, "INBOX")) == ["Anna"]

    def test_labels_may_come_last_and_a_search_may_add_a_number(self) -> None:
        block = head("Anna").replace("\n", "\r\n") + "\r\n"
        answer = (
            f"* 1 FETCH (UID 8 BODY[HEADER.FIELDS (FROM)] {{{len(block)}}}\r\n{block}"
            " X-GM-LABELS (\\Inbox \\Draft))\r\n"
        )
        searched = "* SEARCH 8 (MODSEQ 917)\n"
        script = Script({"LIST": LIST, "EXAMINE": EXAMINED, "UID SEARCH": searched, "UID FETCH": answer})
        with scripted(script):
            assert names(read(script, None, "INBOX")) == []

    def test_the_arrival_stands_in_for_a_date_that_cannot_be_true(self) -> None:
        arrived = 'INTERNALDATE "02-Mar-2026 10:00:00 +0100"'
        answer = fetched(1, 8, head("Anna", "Date: Thu, 1 Jan 1970 00:00:00 +0000"), arrived)
        script = Script(
            {"LIST": LIST, "EXAMINE": EXAMINED, "UID SEARCH": "* SEARCH 8\n", "UID FETCH": answer}
        )
        with scripted(script):
            (found,) = messages(read(script, None, "INBOX"))
        assert found.at == datetime(2026, 3, 2, 9, tzinfo=UTC)


class TestWhatIsLeftOut:
    def script(self, fetch: object) -> Script:
        def search(command: str) -> str:
            return "* SEARCH 5 6 7 8\n" if "SINCE" in command else f"* SEARCH {command.split()[3]}\n"

        replies = {"LIST": LIST, "EXAMINE": EXAMINED, "UID SEARCH": search, "UID FETCH": fetch}
        return Script(replies)  # type: ignore[arg-type]

    def test_a_server_that_says_ok_and_sends_nothing_is_a_problem_and_asked_again(self) -> None:
        script = self.script("")
        script.replies["UID SEARCH"] = "* SEARCH 5 6 7 8\n"
        with scripted(script):
            pages = read(script, None, "INBOX")
            (problem,) = pages[-1].problems
            assert problem.where == "INBOX"
            assert "the server sent none of 4 headers that were asked for" in problem.message
            script.replies["UID FETCH"] = "".join(fetched(uid, uid, head(f"P{uid}")) for uid in (5, 6, 7, 8))
            assert len(names(read(script, pages[-1].cursor, "INBOX"))) == 4

    def test_a_mail_that_is_left_out_is_asked_for_twice_and_then_named(self) -> None:
        script = self.script("".join(fetched(uid, uid, head(f"P{uid}")) for uid in (5, 6, 8)))
        with scripted(script):
            pages = read(script, None, "INBOX")
        assert names(pages) == ["P5", "P6", "P8"]
        (problem,) = pages[-1].problems
        assert problem.message == "the server did not send 1 of 4 headers that were asked for"
        assert [one.split()[2] for one in script.commands if "FETCH" in one] == ["5:8", "7"]

    def test_a_mail_that_was_deleted_meanwhile_is_not_missed(self) -> None:
        script = self.script("".join(fetched(uid, uid, head(f"P{uid}")) for uid in (5, 6, 8)))
        script.replies["UID SEARCH UID 7"] = "* SEARCH\n"
        with scripted(script):
            pages = read(script, None, "INBOX")
        assert (names(pages), pages[-1].problems) == (["P5", "P6", "P8"], ())

    @pytest.mark.parametrize("empty", ["NIL", '""', "{0}\r\n"])
    def test_a_mail_without_any_header_is_a_problem_of_its_own(self, empty: str) -> None:
        answer = f"* 1 FETCH (UID 5 BODY[HEADER.FIELDS (FROM)] {empty})\r\n"
        script = self.script(answer + "".join(fetched(uid, uid, head(f"P{uid}")) for uid in (6, 7, 8)))
        with scripted(script):
            pages = read(script, None, "INBOX")
        (problem,) = pages[-1].problems
        assert (problem.where, problem.message) == ("INBOX UID 5", "the mail names no sender")

    def test_a_folder_that_is_not_numbered_any_more_is_read_again(self) -> None:
        script = self.script("".join(fetched(uid, uid, head(f"P{uid}")) for uid in (5, 6, 7, 8)))
        with scripted(script):
            cursor = read(script, None, "INBOX")[-1].cursor
            for again in (EXAMINED.replace("UIDVALIDITY 7", "UIDVALIDITY 8"), EXAMINED.replace("T 9", "T 6")):
                script.replies["EXAMINE"] = again
                assert len(names(read(script, cursor, "INBOX"))) == 4


class TestHarm:
    def test_a_header_block_without_bound_is_cut(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(session, "MOST_LITERAL", 10_000)
        long = head("Anna") + "".join(f"X-{n}: {'x' * 90}\n" for n in range(3000))
        answer = fetched(1, 7, long) + fetched(2, 8, head("Bert"))
        script = Script(
            {"LIST": LIST, "EXAMINE": EXAMINED, "UID SEARCH": "* SEARCH 7 8\n", "UID FETCH": answer}
        )
        with scripted(script):
            assert names(read(script, None, "INBOX")) == ["Anna", "Bert"]

    def test_a_literal_without_end_ends_the_connection(self) -> None:
        answer = "* 1 FETCH (UID 7 BODY[HEADER.FIELDS (FROM)] {99999999999}\nFrom: "
        script = Script(
            {"LIST": LIST, "EXAMINE": EXAMINED, "UID SEARCH": "* SEARCH 7\n", "UID FETCH": answer}
        )
        with scripted(script), pytest.raises(RetryLater, match="the connection broke in INBOX"):
            read(script, None, "INBOX")

    def test_mails_that_nobody_asked_for_do_not_count(self) -> None:
        answer = fetched(1, 7, head("Anna")) + fetched(2, 99, head("Eve"))
        script = Script(
            {"LIST": LIST, "EXAMINE": EXAMINED, "UID SEARCH": "* SEARCH 7\n", "UID FETCH": answer}
        )
        with scripted(script):
            assert names(read(script, None, "INBOX")) == ["Anna"]

    @pytest.mark.parametrize(
        "answer", ["* LIST ((( \n", "* LIST\n", "* LIST () \n", '* LIST () "/" \n', "* 5 LIST\n", "garbage\n"]
    )
    def test_a_list_that_cannot_be_read_ends_without_a_traceback(self, answer: str) -> None:
        script = Script({"LIST": answer})
        with scripted(script):
            try:
                pages = read(script)
            except RetryLater as error:
                assert error.help  # noqa: PT017 - either way the user is told
            else:
                assert pages[-1].problems

    def test_a_server_that_quotes_the_password_does_not_bring_it_into_a_message(self) -> None:
        script = Script({"AUTHENTICATE": "NO [AUTHENTICATIONFAILED] 'hunter2' is wrong"})
        with scripted(script):
            source = ImapSource("mail", account(script, "hunter2"), my_emails=[], today=TODAY)
            with pytest.raises(LoginNeeded) as raised:
                list(source.changes(None))
        assert "hunter2" not in f"{raised.value.message} {raised.value.help}"

    @pytest.mark.parametrize(
        "answer",
        ["NO [UNAVAILABLE] later", "NO [LIMIT] Too many simultaneous connections", "NO Temporary failure"],
    )
    def test_a_busy_server_is_asked_later(self, answer: str) -> None:
        with scripted(Script({"AUTHENTICATE": answer})) as script, pytest.raises(RetryLater, match="busy"):
            read(script)

    def test_a_password_that_plain_login_cannot_carry(self) -> None:
        script = Script(capabilities="IMAP4rev1")
        with scripted(script):
            source = ImapSource("mail", account(script, "pässword"), my_emails=[], today=TODAY)
            with pytest.raises(LoginNeeded, match="accepts only plain letters"):
                list(source.changes(None))
            source = ImapSource("mail", account(script, 'pass"word'), my_emails=[], today=TODAY)
            list(source.changes(None))
        assert script.commands.count('LOGIN "alex@example.com" "pass\\"word"') == 1


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (b"02-Mar-2026 10:00:00 +0100", "2026-03-02T09:00:00"),
        (b" 2-mar-2026 10:00:00 -0130", "2026-03-02T11:30:00"),
        (b"30-Feb-2026 10:00:00 +0100", None),
        (b"02-Xyz-2026 10:00:00 +0100", None),
        (b"", None),
    ],
)
def test_arrivals(text: bytes, at: str | None) -> None:
    assert arrival(text) == (datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None)


def test_a_set_of_uids_is_as_short_as_it_can_be() -> None:
    assert uid_set(range(1, 100_001)) == "1:100000"
    assert uid_set([]) == ""
