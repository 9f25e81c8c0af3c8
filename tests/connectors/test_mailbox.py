"""Mail in files: mboxes that split where a mail begins, Maildirs, Takeout's labels, cheap cursors."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.mailbox import mbox as splitting
from connectors.mailbox.settings import MailboxSettings
from connectors.mailbox.source import MailboxSource
from flows.settings.loading import load
from people.errors import SettingsError, SourceMissing, UserMustAct
from people.types import Page
from tests.contracts.sources import Known, SourceContract
from tests.support.mails import ME, SEPARATOR, deliver, mail, maildir, mbox, messages, names

TODAY = dt.date(2026, 3, 4)


def source(path: Path, **settings: object) -> MailboxSource:
    return MailboxSource("archive", path, my_emails=[ME], today=TODAY, **settings)  # type: ignore[arg-type]


def read(path: Path, cursor: str | None = None) -> list[Page]:
    return list(source(path).changes(cursor))


def problems(pages: Sequence[Page]) -> list[str]:
    return [f"{problem.where}: {problem.message}" for page in pages for problem in page.problems]


class MboxWorld:
    many = 1100
    keeps_ids = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mails: dict[str, str] = {}

    def source(self, known: Known) -> MailboxSource:  # noqa: ARG002 - a mail source needs no hashes
        return source(self.path)

    def put(self, names: list[str]) -> None:
        self.mails = {name: mail(name) for name in names}
        self._write()

    def edit(self, name: str) -> None:
        self.mails[name] = mail(name, "Cc: another@x.example")
        self._write()

    def _write(self) -> None:
        self.path.write_bytes(mbox(*self.mails.values()))


class MaildirWorld(MboxWorld):
    def _write(self) -> None:
        maildir(self.path)
        for old in (self.path / "new").iterdir():
            old.unlink()
        for name, text in self.mails.items():
            deliver(self.path, name, text)


class TestMboxContract(SourceContract):
    forgets = False

    @pytest.fixture
    def world(self, tmp_path: Path) -> MboxWorld:
        return MboxWorld(tmp_path / "mail.mbox")


class TestMaildirContract(SourceContract):
    forgets = False

    @pytest.fixture
    def world(self, tmp_path: Path) -> MaildirWorld:
        return MaildirWorld(tmp_path / "Maildir")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mail.mbox"


class TestSplitting:
    @pytest.mark.parametrize(
        "line",
        [
            "From here on all is well",
            "From: nobody@x.example",
            ">From sender@x.example Mon Mar  2 09:00:00 2026",
            "From Monday to Friday, Mar 2 2026",
            "From sender@x.example Mon Mar  2 09:00:00 2026",
            "From sender@x.example Mon Mar  2 09:00:00 2026\nFrom: Eve <eve@x.example>",
            "\nFrom sender@x.example Mon Mar  2 09:00:00 2026",
            "\nFrom sender@x.example Mon Mar  2 09:00:00 2026\n",
            "\nFrom sender@x.example Mon Mar  2 09:00:00 2026\nas he wrote",
            "\nFrom here: Anna",
        ],
    )
    def test_a_line_of_a_text_begins_no_mail(self, path: Path, line: str) -> None:
        path.write_bytes(mbox(mail("Anna", body=f"Hello\n{line}\nBye\n"), mail("Bert")))
        assert names(read(path)) == ["Anna", "Bert"]

    @pytest.mark.parametrize(
        "separator",
        [
            SEPARATOR,
            "From - Mon Mar 02 09:00:00 2026",
            "From 1858551111111111111@xxx Mon Mar 02 09:00:01 +0000 2026",
            "From sender@x.example  Mon Mar  2 09:00:00 CET 2026",
            'From "a b"@x.example Mon Mar  2 09:00 2026',
            "From sender@x.example Mon, 2 Mar 2026 09:00:00 +0100",
            "From MAILER-DAEMON Mon Mar  2 09:00:00 2026 remote from host",
        ],
    )
    def test_every_programs_separator_begins_one(self, path: Path, separator: str) -> None:
        path.write_bytes(mbox(mail("Anna"), mail("Bert"), separator=separator))
        assert names(read(path)) == ["Anna", "Bert"]

    def test_windows_line_ends(self, path: Path) -> None:
        path.write_bytes(mbox(mail("Anna"), mail("Bert")).replace(b"\n", b"\r\n"))
        assert names(read(path)) == ["Anna", "Bert"]

    def test_a_program_that_forgets_the_empty_line(self, path: Path) -> None:
        mails = [mail(name, "X-Mozilla-Status: 0001", body="Bye") for name in ("Anna", "Bert")]
        path.write_bytes("".join(f"From - Mon Mar 02 09:00:00 2026\n{one}\n" for one in mails).encode())
        assert names(read(path)) == ["Anna", "Bert"]

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
    def test_the_size_of_the_chunks_does_not_matter(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, size: int
    ) -> None:
        bodies = ["", "\n", "From here on\n", f"\n{SEPARATOR}\nand so on\n", "x" * 3000 + "\n"]
        path.write_bytes(mbox(*(mail(f"P{at}", body=body) for at, body in enumerate(bodies))))
        monkeypatch.setattr(splitting, "CHUNK", size)
        assert names(read(path)) == ["P0", "P1", "P2", "P3", "P4"]

    def test_headers_without_end_are_read_up_to_a_bound(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(splitting, "CHUNK", 1000)
        monkeypatch.setattr(splitting, "MOST_HEADERS", 5000)
        long = "\n".join(
            [*mail("Anna").splitlines()[:5], *(f"X-{n}: {'x' * 90}" for n in range(500)), "", "Hi\n"]
        )
        path.write_bytes(mbox(long, mail("Bert")))
        assert names(read(path)) == ["Anna", "Bert"]

    def test_the_separators_date_stands_in_for_one_that_cannot_be_true(self, path: Path) -> None:
        path.write_bytes(mbox(mail("Anna", "Date: Thu, 1 Jan 1970 00:00:00 +0000"), mail("Bert", "Date: ")))
        assert [one.at for one in messages(read(path))] == [datetime(2026, 3, 2, 9, tzinfo=UTC)] * 2


def test_an_mbox_that_is_cut_in_a_text_loses_no_mail(path: Path) -> None:
    whole = mbox(mail("Anna"), mail("Bert", body="A long text\n"))
    path.write_bytes(whole[:-9])
    pages = read(path)
    assert (names(pages), problems(pages)) == (["Anna", "Bert"], [])


def test_an_mbox_that_is_cut_in_its_headers_says_where_and_goes_on_when_it_is_whole(path: Path) -> None:
    first, whole = mbox(mail("Anna")), mbox(mail("Anna"), mail("Bert"))
    path.write_bytes(whole[: len(first) + 80])
    pages = read(path)
    assert names(pages) == ["Anna"]
    assert problems(pages) == [
        f"mail.mbox: the file ends within the headers of its last mail, at byte {len(first)}"
    ]
    path.write_bytes(whole)
    assert names(read(path, pages[-1].cursor)) == ["Bert"]


def test_an_mbox_that_has_grown_is_read_from_its_last_mail_on(path: Path) -> None:
    path.write_bytes(mbox(*(mail(f"P{n}") for n in range(9))))
    cursor = read(path)[-1].cursor
    with path.open("ab") as file:
        file.write(mbox(mail("Anna")))
    assert names(read(path, cursor)) == ["P8", "Anna"]


def test_an_mbox_that_was_rewritten_is_read_again(path: Path) -> None:
    path.write_bytes(mbox(*(mail(f"P{n}") for n in range(9))))
    cursor = read(path)[-1].cursor
    path.write_bytes(mbox(*(mail(f"Q{n}") for n in range(20))))
    assert len(names(read(path, cursor))) == 20


def test_what_shapes_a_message_leads_to_a_full_read(path: Path) -> None:
    path.write_bytes(mbox(mail("Anna", "Subject: Lunch")))
    cursor = read(path)[-1].cursor
    assert messages(source(path).changes(cursor)) == []
    (found,) = messages(source(path, subjects=True).changes(cursor))
    assert found.subject == "Lunch"


def test_mail_before_since_is_left_out(path: Path) -> None:
    path.write_bytes(
        mbox(mail("Old", "Date: 28 Feb 2026 23:59:59 +0000"), mail("New", "Date: 1 Mar 2026 00:00:00 +0000"))
    )
    assert names(source(path, since="2026-03-01").changes(None)) == ["New"]
    assert names(source(path, since="3d").changes(None)) == ["New"]
    assert names(source(path, since="1w").changes(None)) == ["Old", "New"]


def test_nothing_of_a_body_and_no_other_header_is_kept(path: Path) -> None:
    path.write_bytes(mbox(mail("Anna", "X-Secret: a secret header", body="a secret body\n")))
    pages = read(path)
    assert "secret" not in "".join(page.model_dump_json() for page in pages)


class TestTakeout:
    @pytest.mark.parametrize(
        ("labels", "counts"),
        [
            ("Inbox,Opened", True),
            ("Archived", True),
            ("Spam", False),
            ("Opened,Trash", False),
            ("=?UTF-8?Q?Papierkorb,Ge=C3=B6ffnet?=", False),
            ("=?UTF-8?B?RW50d8O8cmZl?=", False),
            ("=?UTF-8?Q?Entw=C3=BC?=\n =?UTF-8?Q?rfe?=", False),
            ("=?UTF-8?Q?Corbeille?=", False),
            ("Borradores", False),
            ("=?UTF-8?B?0KHQv9Cw0Lw=?=", False),
            ("=?UTF-8?B?5LiL5pu444GN?=", False),
            ("=?UTF-8?B?6I2J56i/?=", False),
            ('"Trash, and more",Inbox', True),
            ("Chat", False),
        ],
    )
    def test_drafts_spam_and_deleted_mail_do_not_count_in_any_language(
        self, path: Path, labels: str, *, counts: bool
    ) -> None:
        path.write_bytes(mbox(mail("Anna", f"X-Gmail-Labels: {labels}")))
        assert names(read(path)) == (["Anna"] if counts else [])

    def test_gmails_thread_and_number_are_known(self, path: Path) -> None:
        separator = "From 1278455344230334865@xxx Mon Mar 02 09:00:01 +0000 2026"
        text = mail("Anna", "X-GM-THRID: 1266894439832287888", "Message-ID:", "X-Gmail-Labels: Inbox")
        path.write_bytes(mbox(text, separator=separator))
        (found,) = messages(read(path))
        assert (found.source_id, found.thread) == ("11bdfc5cae0c8191", f"{1266894439832287888:x}")

    def test_what_lies_under_sent_is_mine_under_whatever_address(self, path: Path) -> None:
        path.write_bytes(
            mbox(mail("Alias", "To: Anna <anna@x.example>", "X-Gmail-Labels: =?UTF-8?Q?Envoy=C3=A9s?="))
        )
        (found,) = messages(read(path))
        assert (found.direction, [one.email for one in found.counterparts]) == ("sent", ["anna@x.example"])


class TestMaildir:
    def test_its_folders_are_read_and_their_names_are_kept(self, tmp_path: Path) -> None:
        root = maildir(tmp_path / "Maildir", [("1.host", mail("Anna")), ("2.host:2,S", mail("Bert"))])
        maildir(root / ".Work.Old", [("3.host", mail("Carl"))])
        maildir(root / ".Entw&APw-rfe", [("4.host", mail("Draft"))])
        maildir(root / ".Trash", [("5.host", mail("Gone"))])
        maildir(root / ".Sent", [("6.host", mail("Alias", "To: Dora <dora@x.example>"))])
        found = messages(read(root))
        assert sorted((one.folder, one.direction, one.counterparts[0].name) for one in found) == [
            ("INBOX", "received", "Anna"),
            ("INBOX", "received", "Bert"),
            ("Sent", "sent", "Dora"),
            ("Work/Old", "received", "Carl"),
        ]

    def test_a_fifo_and_a_folder_are_problems_and_the_rest_is_read(self, tmp_path: Path) -> None:
        root = maildir(tmp_path / "Maildir", [("1.host", mail("Anna"))])
        os.mkfifo(root / "new" / "0.pipe")
        (root / "cur" / "folder").mkdir()
        (root / "cur" / "nowhere").symlink_to(tmp_path / "missing")
        pages = read(root)
        assert names(pages) == ["Anna"]
        assert sorted(problems(pages)) == [
            "./cur/folder: cannot be read: it is not a regular file",
            "./new/0.pipe: cannot be read: it is not a regular file",
        ]

    def test_a_new_mail_costs_only_itself(self, tmp_path: Path) -> None:
        root = maildir(tmp_path / "Maildir", [(f"{n}.host", mail(f"P{n}")) for n in range(9)])
        cursor = read(root)[-1].cursor
        assert names(read(root, cursor)) == []
        deliver(root, "99.host", mail("Anna"))
        assert names(read(root, cursor)) == ["Anna"]

    def test_a_mail_that_was_read_is_the_same_mail(self, tmp_path: Path) -> None:
        root = maildir(tmp_path / "Maildir", [("1.host", mail("Anna"))])
        first = messages(read(root))
        (root / "new" / "1.host").rename(root / "cur" / "1.host:2,S")
        assert messages(read(root)) == first

    def test_the_headers_end_where_the_text_begins(self, tmp_path: Path) -> None:
        text = mail("Anna", *(f"X-{n}: {'x' * 70}" for n in range(400)), body="Cc: not@a.header\n")
        root = maildir(tmp_path / "Maildir", [("1.host", text.replace("\n", "\r\n"))])
        (found,) = messages(read(root))
        assert [one.email for one in found.counterparts] == ["anna@x.example"]


class TestFolders:
    def test_a_folder_of_mboxes(self, tmp_path: Path) -> None:
        takeout = tmp_path / "Takeout" / "Mail"
        apple, thunderbird = tmp_path / "Export" / "Work.mbox", tmp_path / "Local Folders"
        for folder in (takeout, apple, thunderbird / "Work.sbd"):
            folder.mkdir(parents=True)
        (takeout / "All mail Including Spam and Trash.mbox").write_bytes(mbox(mail("Anna")))
        (takeout / "Spam.mbox").write_bytes(mbox(mail("Spam")))
        (apple / "mbox").write_bytes(mbox(mail("Bert")))
        (thunderbird / "Work.sbd" / "Old").write_bytes(mbox(mail("Carl")))
        (thunderbird / "Work.sbd" / "Old.msf").write_bytes(b"index")
        (thunderbird / "notes").write_bytes(b"no mail")
        found = messages(read(tmp_path))
        assert sorted((one.folder, one.counterparts[0].name) for one in found) == [
            ("Export/Work", "Bert"),
            ("Local Folders/Work/Old", "Carl"),
            ("Takeout/Mail/All mail Including Spam and Trash", "Anna"),
        ]

    def test_one_bad_file_never_stops_the_rest(self, tmp_path: Path) -> None:
        (tmp_path / "a.mbox").write_bytes(b"%PDF-1.7 no mail at all")
        os.mkfifo(tmp_path / "b.mbox")
        (tmp_path / "c.mbox").write_bytes(mbox(mail("Anna")))
        pages = read(tmp_path)
        assert names(pages) == ["Anna"]
        assert problems(pages) == [
            "a.mbox: is not an mbox: no mail begins with a line 'From ... date'",
            "b.mbox: cannot be read: it is not a regular file",
        ]

    def test_what_holds_no_mail_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(SourceMissing, match=r"gone\.mbox of source 'archive' does not exist"):
            read(tmp_path / "gone.mbox")
        with pytest.raises(UserMustAct, match="holds neither an mbox nor a Maildir"):
            read(tmp_path)
        (tmp_path / "a.mbox").write_bytes(b"%PDF-1.7 no mail at all")
        with pytest.raises(UserMustAct, match="is not an mbox"):
            read(tmp_path / "a.mbox")
        (tmp_path / "empty.mbox").write_bytes(b"")
        assert names(read(tmp_path / "empty.mbox")) == []


def test_mails_that_do_not_count_are_named_in_few_words(path: Path) -> None:
    path.write_bytes(mbox(*(mail(f"P{n}", "From: nobody") for n in range(20)), mail("Anna")))
    pages = read(path)
    assert names(pages) == ["Anna"]
    said = problems(pages)
    assert said[0] == "mail.mbox mail at byte 0: the mail names no sender"
    assert said[5:] == ["mail.mbox: and 15 more mails without a usable sender or date"]


def test_progress_is_told_with_every_page(path: Path) -> None:
    path.write_bytes(mbox(*(mail(f"P{n}", body="x" * 2000 + "\n") for n in range(1100))))
    told: list[tuple[int, int]] = []
    list(source(path, progress=lambda done, total: told.append((done, total))).changes(None))
    assert len(told) == 2
    assert all(0 < done < total == path.stat().st_size >> 10 for done, total in told)


class TestSettings:
    def settings(self, tmp_path: Path, *lines: str) -> MailboxSettings:
        text = "\n".join(["[[sources]]", 'name = "archive"', 'type = "mailbox"', 'path = "m.mbox"', *lines])
        (tmp_path / "touchbase.toml").write_text(text)
        found = load(tmp_path / "touchbase.toml", {}).sources[0]
        assert isinstance(found, MailboxSettings)
        return found

    @pytest.mark.parametrize("since", ["3y", "18m", "6w", "90d", "2024-01-31"])
    def test_since_is_a_span_or_a_day(self, tmp_path: Path, since: str) -> None:
        assert self.settings(tmp_path, f'since = "{since}"').since == since

    @pytest.mark.parametrize("since", ["", "3", "y", "0d", "three years", "2024-02-30", "9999y"])
    def test_another_since_is_refused_with_the_way_to_write_it(self, tmp_path: Path, since: str) -> None:
        with pytest.raises(SettingsError) as raised:
            self.settings(tmp_path, f'since = "{since}"')
        assert "write 3y, 18m, 90d or a day" in f"{raised.value.message} {raised.value.help}"

    def test_doctor_says_what_lies_there(self, tmp_path: Path) -> None:
        config = tmp_path / "touchbase.toml"
        settings = self.settings(tmp_path)
        around = load(config, {}).around(TODAY)
        assert settings.check(around).status == "error"
        (tmp_path / "m.mbox").write_bytes(mbox(mail("Anna")))
        found = settings.check(around)
        assert (found.status, found.message) == ("ok", f"{tmp_path / 'm.mbox'}: 1 mbox")


def test_a_cursor_holds_no_address_and_no_header(path: Path) -> None:
    path.write_bytes(mbox(mail("Anna")))
    cursor = read(path)[-1].cursor or ""
    assert set(json.loads(cursor)) == {"version", "shaped", "mboxes", "maildirs"}
    assert "@" not in cursor
