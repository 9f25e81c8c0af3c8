"""Mail on a real IMAP server: which folders are read, what is asked, and what happens when things break."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.imap import fetch
from connectors.imap.check import check
from connectors.imap.session import Account
from connectors.imap.source import ImapSource
from connectors.shared.mail_headers import HEADERS
from people.errors import LoginNeeded, RetryLater, UserMustAct
from people.types import Page
from tests.contracts.sources import Known, SourceContract
from tests.support.mail_server import PASSWORD, USER, MailServer, mail_server
from tests.support.mails import mail, messages, names
from tests.support.wire import Wire, wire_to

pytestmark = pytest.mark.mail

TODAY = dt.date(2026, 3, 4)
FRESH = itertools.count()
USUAL = {"Sent": "\\Sent", "Junk": "\\Junk", "Trash": "\\Trash", "Drafts": "\\Drafts", "Archive": "\\Archive"}


@pytest.fixture(scope="module")
def shared() -> Iterator[MailServer]:
    """One server for all tests that read a folder of their own."""
    with mail_server(USUAL) as server:
        yield server


@pytest.fixture
def plain() -> Iterator[MailServer]:
    """A server that marks no folder."""
    with mail_server() as server:
        yield server


@pytest.fixture
def usual() -> Iterator[MailServer]:
    """A server that marks the usual folders."""
    with mail_server(USUAL) as server:
        yield server


def account(port: int, **changes: object) -> Account:
    settings = {"encryption": "none", "password_env": "MAIL_PASSWORD", **changes}
    return Account("127.0.0.1", port, **{"user": USER, "password": PASSWORD, **settings})  # type: ignore[arg-type]


def source(port: int, *folders: str, **settings: object) -> ImapSource:
    return ImapSource(
        "mail",
        account(port),
        my_emails=["me@example.com"],
        today=TODAY,
        folders=folders or None,
        **settings,  # type: ignore[arg-type]
    )


def read(port: int, *folders: str, cursor: str | None = None) -> list[Page]:
    return list(source(port, *folders).changes(cursor))


def by_folder(pages: list[Page]) -> list[tuple[str | None, str, str]]:
    return sorted(
        (one.folder, one.direction, one.counterparts[0].email.partition("@")[0]) for one in messages(pages)
    )


def problems(pages: list[Page]) -> list[str]:
    return [f"{problem.where}: {problem.message}" for page in pages for problem in page.problems]


def sent(to: str) -> str:
    return mail("Me", f"From: {USER}", f"To: {to} <{to.lower()}@x.example>", f"Message-ID: <to-{to}@x>")


class ImapWorld:
    many = 1100
    keeps_ids = True

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.folder = f"Folder{next(FRESH)}"
        self.files: dict[str, Path] = {}

    def source(self, known: Known) -> ImapSource:  # noqa: ARG002 - a mail source needs no hashes
        return source(self.server.port, self.folder)

    def put(self, names: list[str]) -> None:
        wanted = [mail(name) for name in names]
        for path in self.server.files(self.folder):
            if path.read_text() not in wanted:
                path.unlink()
        there = {path.read_text() for path in self.server.files(self.folder)}
        self.server.deliver(self.folder, *(text for text in wanted if text not in there))

    def edit(self, name: str) -> None:
        for path in self.server.files(self.folder):
            if path.read_text() == mail(name):
                path.unlink()
        self.server.deliver(self.folder, mail(name, "Cc: another@x.example"))


class TestImapContract(SourceContract):
    forgets = False

    @pytest.fixture
    def world(self, shared: MailServer) -> ImapWorld:
        return ImapWorld(shared)


class TestFolders:
    def test_marked_folders_are_known_whatever_their_names(self) -> None:
        marked = {"Raus": "\\Sent", "Weg": "\\Trash", "Mist": "\\Junk", "Halb fertig": "\\Drafts"}
        with mail_server(marked) as server:
            server.deliver("INBOX", mail("Anna"))
            server.deliver("Raus", mail("Alias", "To: Bert <bert@x.example>"))
            for folder in ("Weg", "Mist", "Halb fertig"):
                server.deliver(folder, mail("Nobody"))
            server.deliver("Kunden/Berg", mail("Carl"))
            assert by_folder(read(server.port)) == [
                ("INBOX", "received", "anna"),
                ("Kunden/Berg", "received", "carl"),
                ("Raus", "sent", "bert"),
            ]

    @pytest.mark.parametrize(
        ("folder", "draft"),
        [
            ("Gesendet", "Entwürfe"),
            ("Éléments envoyés", "Brouillons"),
            ("Отправленные", "Черновики"),
            ("送信済みアイテム", "下書き"),
            ("INBOX/Gesendete Objekte", "INBOX/Papierkorb"),
            ("Sent/2026", "Trash/2026"),
        ],
    )
    def test_unmarked_ones_are_known_by_their_names(self, plain: MailServer, folder: str, draft: str) -> None:
        plain.deliver(folder, mail("Alias", "To: Bert <bert@x.example>"))
        plain.deliver(draft, mail("Alias", "To: Nobody <nobody@x.example>"))
        pages = read(plain.port)
        assert by_folder(pages) == [(folder, "sent", "bert")]
        assert problems(pages) == []

    def test_a_flagged_folder_may_be_empty_while_another_one_is_used(self, usual: MailServer) -> None:
        usual.deliver("Sent")
        usual.deliver("Sent Items", mail("Alias", "To: Bert <bert@x.example>"))
        assert by_folder(read(usual.port)) == [("Sent Items", "sent", "bert")]

    def test_without_a_folder_of_sent_mail_it_says_so_unless_folders_are_named(
        self, plain: MailServer
    ) -> None:
        plain.deliver("INBOX", mail("Anna"))
        (said,) = problems(read(plain.port))
        assert said.startswith(f"folders: no folder of sent mail was found at {USER} at 127.0.0.1, so what")
        assert problems(read(plain.port, "INBOX")) == []

    def test_full_paths_keep_folders_of_one_name_apart(self, plain: MailServer) -> None:
        plain.deliver("A/Work", mail("Anna"))
        plain.deliver("B/Work", mail("Bert"))
        assert by_folder(read(plain.port)) == [("A/Work", "received", "anna"), ("B/Work", "received", "bert")]
        assert by_folder(read(plain.port, "B/Work")) == [("B/Work", "received", "bert")]

    def test_a_parent_that_cannot_be_opened_is_passed_over(self, plain: MailServer) -> None:
        plain.deliver("Parent/Child", mail("Anna"))
        assert by_folder(read(plain.port)) == [("Parent/Child", "received", "anna")]
        (problem,) = read(plain.port, "Parent")[-1].problems
        assert problem.message == f"{USER} at 127.0.0.1 has no folder 'Parent' that holds mail"

    def test_a_drafts_folder_of_a_project_is_a_folder_of_yours(self, plain: MailServer) -> None:
        plain.deliver("Project/Drafts", mail("Anna"))
        assert by_folder(read(plain.port)) == [("Project/Drafts", "received", "anna")]

    def test_a_folder_that_the_settings_misspell_has_a_hint(self, plain: MailServer) -> None:
        plain.deliver("Clients", mail("Anna"))
        pages = read(plain.port, "Cleints", "inbox")
        (problem,) = pages[-1].problems
        assert problem.message == f"{USER} at 127.0.0.1 has no folder 'Cleints' that holds mail"
        assert problem.help == "did you mean 'Clients'?"

    def test_a_folder_that_fails_leaves_the_others(self, usual: MailServer) -> None:
        usual.deliver("INBOX", mail("Anna"))
        usual.deliver("Sent", sent("Bert"))
        usual.deliver("Broken", mail("Carl"))
        usual.folder("Broken").chmod(0)
        try:
            pages = read(usual.port)
        finally:
            usual.folder("Broken").chmod(0o755)
        assert by_folder(pages) == [("INBOX", "received", "anna"), ("Sent", "sent", "bert")]
        (said,) = problems(pages)
        assert said.startswith(f"Broken: this folder of {USER} at 127.0.0.1 cannot be read: ")
        again = read(usual.port, cursor=pages[-1].cursor)
        assert by_folder(again) == [("Broken", "received", "carl")]


class TestReadingOn:
    def test_only_what_is_new_comes(self, usual: MailServer) -> None:
        usual.deliver("INBOX", mail("Anna"))
        usual.deliver("Sent", sent("Bert"))
        cursor = read(usual.port)[-1].cursor
        usual.deliver("INBOX", mail("Carl"))
        usual.deliver("New", mail("Dora"))
        pages = read(usual.port, cursor=cursor)
        assert by_folder(pages) == [("INBOX", "received", "carl"), ("New", "received", "dora")]

    def test_a_mail_in_two_folders_is_one_message(self, usual: MailServer) -> None:
        usual.deliver("INBOX", mail("Anna"))
        usual.deliver("Archive", mail("Anna"))
        assert len({one.source_id for one in messages(read(usual.port))}) == 1

    def test_a_folder_that_is_numbered_again_is_read_again(self, usual: MailServer) -> None:
        usual.deliver("Work", mail("Anna"), mail("Bert"))
        first = read(usual.port)
        client = usual.login()
        client.delete("Work")
        client.create("Work")
        client.logout()
        usual.deliver("Work", mail("Bert"), mail("Carl"))
        again = read(usual.port, cursor=first[-1].cursor)
        assert names(again) == ["Bert", "Carl"]
        assert {one.source_id for one in messages(first)} & {one.source_id for one in messages(again)}

    def test_what_is_deleted_there_asks_for_nothing(self, usual: MailServer) -> None:
        usual.deliver("INBOX", mail("Anna"), mail("Bert"))
        cursor = read(usual.port)[-1].cursor
        for path in usual.files("INBOX"):
            path.unlink()
        assert names(read(usual.port, cursor=cursor)) == []

    def test_a_large_folder_is_searched_in_parts(
        self, shared: MailServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = f"Folder{next(FRESH)}"
        monkeypatch.setattr(fetch, "_WINDOW", 7)
        shared.deliver(folder, *(mail(f"P{n}") for n in range(40)))
        cursor = read(shared.port, folder)[-1].cursor
        shared.deliver(folder, *(mail(f"Q{n}") for n in range(20)))
        pages = read(shared.port, folder, cursor=cursor)
        assert sorted(names(pages)) == sorted(f"Q{n}" for n in range(20))
        assert names(read(shared.port, folder, cursor=pages[-1].cursor)) == []

    def test_since_is_where_the_first_read_ends(self, usual: MailServer) -> None:
        usual.deliver("INBOX", mail("Old", "Date: 28 Feb 2026 12:00:00 +0000"), mail("New", day=2))
        assert names(source(usual.port, since="2026-03-01").changes(None)) == ["New"]

    def test_the_newest_mail_comes_first_and_progress_is_told(self, shared: MailServer) -> None:
        folder = f"Folder{next(FRESH)}"
        shared.deliver(folder, *(mail(f"P{n}") for n in range(1100)))
        told: list[tuple[int, int]] = []
        pages = list(source(shared.port, folder, progress=lambda *one: told.append(one)).changes(None))
        assert [len(page.changes) for page in pages] == [500, 500, 100]
        assert names(pages[:1])[-1] == "P1099"
        assert told == [(500, 1100), (1000, 1100), (1100, 1100)]

    def test_after_a_kill_new_mail_comes_first_and_then_the_rest(self, shared: MailServer) -> None:
        folder = f"Folder{next(FRESH)}"
        shared.deliver(folder, *(mail(f"P{n}") for n in range(1100)))
        first = next(iter(source(shared.port, folder).changes(None)))
        shared.deliver(folder, mail("Anna"))
        rest = read(shared.port, folder, cursor=first.cursor)
        assert names(rest)[0] == "Anna"
        assert len(messages(rest)) == 601
        assert len({one.source_id for one in (*messages([first]), *messages(rest))}) == 1101


class TestWire:
    @pytest.fixture
    def wire(self, usual: MailServer) -> Iterator[Wire]:
        with wire_to(usual.port) as wire:
            yield wire

    def test_no_body_is_ever_asked_for_and_nothing_there_changes(self, usual: MailServer, wire: Wire) -> None:
        secret = mail("Anna", "X-Secret: a secret header", body="a secret body\n")
        usual.deliver("INBOX", secret, mail("Bert"))
        usual.deliver("Sent", sent("Carl"))
        pages = read(wire.port)
        usual.deliver("INBOX", mail("Dora", body="another secret body\n"))
        pages += read(wire.port, cursor=pages[-1].cursor)
        check(account(wire.port), None, TODAY)
        assert len(messages(pages)) == 4
        assert "secret" not in "".join(page.model_dump_json() for page in pages)
        fields = re.escape(f"BODY.PEEK[HEADER.FIELDS ({' '.join(HEADERS)})]")
        allowed = re.compile(
            r"CAPABILITY|NAMESPACE|LOGOUT|AUTHENTICATE PLAIN|LIST .*|STATUS .*|EXAMINE .*|UID SEARCH .*"
            rf"|UID FETCH [\d:,]+ \(UID INTERNALDATE {fields}\)|UID FETCH \* \(UID INTERNALDATE\)"
        )
        assert [one for one in wire.commands if not allowed.fullmatch(one)] == []
        assert sum(one.startswith("UID FETCH") for one in wire.commands) >= 3
        client = usual.login()
        assert client.status("INBOX", "(MESSAGES UNSEEN)")[1] == [b"INBOX (MESSAGES 3 UNSEEN 3)"]
        client.logout()

    def test_the_subject_is_asked_for_only_on_request(self, usual: MailServer, wire: Wire) -> None:
        usual.deliver("INBOX", mail("Anna", "Subject: Lunch"))
        read(wire.port)
        assert "Subject" not in wire.sent.decode()
        (found,) = messages(source(wire.port, subjects=True).changes(None))
        assert found.subject == "Lunch"

    def test_nothing_new_costs_no_command_per_folder_and_a_new_mail_costs_three(
        self, usual: MailServer, wire: Wire
    ) -> None:
        for folder in ("INBOX", "Sent", "A", "B", "C"):
            usual.deliver(folder, mail(folder))
        cursor = read(wire.port)[-1].cursor
        wire.sent.clear()
        read(wire.port, cursor=cursor)
        assert [one.split()[0] for one in wire.commands] == [
            "CAPABILITY", "AUTHENTICATE", "CAPABILITY", "LIST", "NAMESPACE", "LOGOUT",
        ]  # fmt: skip
        usual.deliver("A", mail("New"))
        wire.sent.clear()
        assert names(read(wire.port, cursor=cursor)) == ["New"]
        assert sum("EXAMINE" in one or one.startswith("UID") for one in wire.commands) == 3

    def test_a_mail_that_arrives_between_two_commands_comes_once(self, usual: MailServer, wire: Wire) -> None:
        usual.deliver("INBOX", mail("Anna"))
        cursor = read(wire.port)[-1].cursor
        usual.deliver("INBOX", mail("Bert"))

        def arrive(sent: bytes) -> bool:
            if b"UID SEARCH" in sent:
                wire.asked = lambda _sent: True
                usual.deliver("INBOX", mail("Carl"))
            return True

        wire.asked = arrive
        pages = read(wire.port, cursor=cursor)
        pages += read(wire.port, cursor=pages[-1].cursor)
        assert sorted(names(pages)) == ["Bert", "Carl"]

    def test_after_a_broken_connection_the_other_folders_are_read(
        self, usual: MailServer, wire: Wire
    ) -> None:
        usual.deliver("INBOX", mail("Anna"))
        usual.deliver("Sent", sent("Bert"))
        usual.deliver("Work", mail("Carl"))
        wire.asked = lambda sent: not (b"FETCH" in sent and wire.sent.count(b"EXAMINE") == 2)
        seen: list[Page] = []
        with pytest.raises(RetryLater, match="the connection broke in INBOX; what was read is kept"):
            seen.extend(source(wire.port).changes(None))
        assert by_folder(seen) == [("Sent", "sent", "bert"), ("Work", "received", "carl")]
        assert not seen[-1].complete
        wire.asked = lambda _sent: True
        assert by_folder(read(wire.port, cursor=seen[-1].cursor)) == [("INBOX", "received", "anna")]

    def test_a_server_that_always_breaks_off_is_left_for_later(self, usual: MailServer, wire: Wire) -> None:
        for folder in ("INBOX", "A", "B", "C", "D"):
            usual.deliver(folder, mail(folder))
        wire.asked = lambda sent: b"EXAMINE" not in sent
        with pytest.raises(RetryLater, match="the connection broke in"):
            read(wire.port)
        assert wire.connections == 3
        wire.asked = lambda _sent: False
        with pytest.raises(RetryLater, match="the connection broke"):
            read(wire.port)

    def test_a_cut_in_the_middle_of_headers_loses_nothing(self, usual: MailServer, wire: Wire) -> None:
        usual.deliver("INBOX", *(mail(f"P{n}") for n in range(40)))

        def cut(got: bytes) -> bytes:
            if b"BODY[HEADER" in got:
                wire.over = True
                return got[: len(got) // 2]
            return got

        wire.answer = cut
        with pytest.raises(RetryLater):
            read(wire.port, "INBOX")
        wire.answer, wire.over = (lambda got: got), False
        assert len(messages(read(wire.port, "INBOX"))) == 40


class TestLogin:
    def test_a_wrong_password_says_what_to_set(self, shared: MailServer) -> None:
        mail = ImapSource("mail", account(shared.port, password="wrong"), my_emails=[], today=TODAY)
        with pytest.raises(LoginNeeded) as raised:
            list(mail.changes(None))
        assert (
            raised.value.message
            == f"the mail of {USER} at 127.0.0.1: the server does not accept the password"
        )
        assert raised.value.help == "put the right password into MAIL_PASSWORD, or check 'user': docs/mail.md"
        assert "wrong" not in f"{raised.value} {raised.value.__cause__}"

    def test_nobody_there(self) -> None:
        with pytest.raises(RetryLater, match="the server cannot be reached: Connection refused"):
            read(1)

    @pytest.mark.parametrize(("encryption", "tls"), [("tls", True), ("starttls", False)])
    def test_a_certificate_that_is_named_is_trusted(
        self, shared: MailServer, encryption: str, *, tls: bool
    ) -> None:
        port = shared.tls_port if tls else shared.port
        trusted = account(port, encryption=encryption, ca=shared.ca)
        assert check(trusted, ["INBOX"], TODAY).status in ("ok", "warning")
        with pytest.raises(UserMustAct, match=r"the certificate of 127\.0\.0\.1 is not valid: self-signed"):
            check(account(port, encryption=encryption), ["INBOX"], TODAY)

    def test_a_certificate_of_another_host_is_never_ignored(self) -> None:
        with mail_server(names="DNS:elsewhere.example") as server:
            for encryption, port in (("tls", server.tls_port), ("starttls", server.port)):
                wrong = account(port, encryption=encryption, ca=server.ca)
                with pytest.raises(UserMustAct, match="is not valid: IP address mismatch"):
                    check(wrong, None, TODAY)

    def test_tls_is_not_given_up_where_the_server_has_none(self, shared: MailServer) -> None:
        with pytest.raises(UserMustAct, match="does not speak TLS as expected"):
            check(account(shared.port, encryption="tls"), None, TODAY)

    def test_a_certificate_file_that_is_none(self, shared: MailServer, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("no certificate")
        for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
            with pytest.raises(UserMustAct, match=r"\.pem cannot be used"):
                check(account(shared.tls_port, encryption="tls", ca=path), None, TODAY)


class TestDoctor:
    def test_it_names_the_folders_and_why(self, usual: MailServer) -> None:
        for folder in ("INBOX", "Sent", "Archive", "Junk", "Work/Old", "Papierkorb"):
            usual.deliver(folder, mail("Anna", day=3))
        found = check(account(usual.port), None, datetime.now(UTC).date())
        assert found.status == "ok"
        read, _, left_out = found.message.partition("; not ")
        assert sorted(read.partition(" reads ")[2].split(", ")) == sorted(
            [
                "Archive (the archive",
                "INBOX (the inbox)",
                "Sent (sent mail",
                "Work/Old (a folder of yours)",
                "marked as \\Archive)",
                "marked as \\Sent)",
            ]
        )
        assert sorted(left_out.split(", ")) == ["Junk (marked as \\Junk)", "Papierkorb (by its name)"]

    def test_a_stale_folder_of_sent_mail(self, usual: MailServer) -> None:
        usual.deliver("Sent")
        client = usual.login()
        client.append("Sent", "", '"02-Mar-2026 10:00:00 +0000"', sent("Anna").encode())
        client.logout()
        found = check(account(usual.port), None, dt.date(2026, 4, 1))
        assert (found.status, found.message.partition(";")[0]) == (
            "warning",
            "no mail sent since 2 Mar, says Sent",
        )
        assert "save sent mail on the server" in found.help
        assert check(account(usual.port), None, dt.date(2026, 3, 10)).status == "ok"

    def test_an_empty_one_and_none(self, usual: MailServer, plain: MailServer) -> None:
        usual.deliver("Sent")
        assert check(account(usual.port), None, TODAY).message.startswith(
            "the folder of sent mail is empty: Sent;"
        )
        found = check(account(plain.port), None, TODAY)
        assert found.message.startswith(f"no folder of sent mail was found at {USER} at 127.0.0.1")
        assert found.status == "warning"
