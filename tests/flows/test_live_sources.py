"""A network without one exported file: contacts, calendar and tasks on a server, mail on another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.dav_servers import DavServer, radicale
from tests.support.demo import command
from tests.support.mail_server import PASSWORD, USER, MailServer, mail_server
from tests.support.mails import mail

pytestmark = [pytest.mark.dav, pytest.mark.mail]

ME = "alex@example.com"
CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{0}\r\nFN:{1}\r\nN:;{1};;;\r\nEMAIL:{0}@x.example\r\n"
    "CATEGORIES:client\r\nEND:VCARD\r\n"
)
CARDS = CARD.format("freya", "Freya Lind") + CARD.format("anna", "Anna Berg")
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:lunch\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260105T120000Z\r\nDTEND:20260105T130000Z\r\nSUMMARY:Lunch\r\n"
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:freya@x.example\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alex@example.com\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
ACCOUNT = 'url = "{0.url}"\nuser = "{0.user}"\n'
SETTINGS = """\
[me]
emails = ["{me}"]

[tasks]
type = "caldav"
list = "people-tasks"
{account}
[[sources]]
name = "book"
type = "carddav"
{account}
[[sources]]
name = "calendar"
type = "caldav"
{account}
[[sources]]
name = "mail"
type = "imap"
host = "127.0.0.1"
port = {mail.port}
user = "{user}"
encryption = "none"
"""


@pytest.fixture
def dav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DavServer]:
    """Radicale with two cards and an event."""
    with radicale(tmp_path / "radicale") as server:
        for name in ("TOUCHBASE_CARDDAV_PASSWORD", "TOUCHBASE_CALDAV_PASSWORD"):
            monkeypatch.setenv(name, server.password)
        for path, kind, text in (("people", "vcard", CARDS), ("work", "calendar", EVENT)):
            made = requests.put(
                f"{server.home}{path}/", data=text.encode(), headers={"Content-Type": f"text/{kind}"},
                auth=(server.user, server.password), timeout=30,
            )  # fmt: skip
            assert made.status_code == 201
        yield server


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """Dovecot with a mail that waits for an answer, in an account that also has sent mail."""
    monkeypatch.setenv("TOUCHBASE_IMAP_PASSWORD", PASSWORD)
    with mail_server({"Sent": "\\Sent"}) as server:
        server.deliver("INBOX", mail("Anna", f"To: {ME}"))
        server.deliver("Sent", mail("Hello", f"From: {ME}", "To: anna@x.example", day=1))
        yield server


class Network:
    """A settings file that names servers only."""

    def __init__(self, folder: Path, dav: DavServer, post: MailServer) -> None:
        command("init", folder, "--no-input")
        self.config = folder / "touchbase.toml"
        self.config.write_text(SETTINGS.format(me=ME, account=ACCOUNT.format(dav), mail=post, user=USER))
        self.dav = dav

    def json(self, *words: str) -> Any:
        return json.loads(command(*words, "--json", "--config", self.config, "--today", "2026-03-05").output)

    def open(self) -> list[str]:
        """Who has an open follow-up."""
        return sorted(task["person"] for task in self.json("follow-ups"))

    def tasks(self) -> str:
        """The text of all tasks on the server."""
        answer = requests.get(
            f"{self.dav.home}people-tasks/", auth=(self.dav.user, self.dav.password), timeout=30
        )
        return answer.text


def test_the_daily_run_needs_no_exported_file(tmp_path: Path, dav: DavServer, post: MailServer) -> None:
    network = Network(tmp_path / "network", dav, post)
    first = network.json("run")
    assert first["status"] == "ok", first
    added = {
        source["name"]: sum(source[kind]["added"] for kind in ("contacts", "meetings", "messages"))
        for source in first["sources"]
    }
    assert added == {"book": 2, "calendar": 1, "mail": 2}
    people = {one["name"]: one for one in network.json("people")}
    assert people["Freya Lind"]["last_contact"] == "2026-01-05"  # the lunch
    assert people["Anna Berg"]["last_contact"] == "2026-03-02"  # her mail
    assert first["follow_ups"]["created"] == 2
    assert "SUMMARY:Answer Anna Berg" in network.tasks()
    assert network.open() == ["Anna Berg", "Freya Lind"]
    assert "Anna Berg" in str(first["waiting_for_you"])

    again = network.json("run")
    assert again["status"] == "ok", again
    assert again["follow_ups"]["created"] == 0

    # The answer is sent from a phone: its copy in the folder of sent mail closes the task.
    post.deliver("Sent", mail("Re", f"From: {ME}", "To: anna@x.example", day=4))
    settled = network.json("run")
    assert settled["follow_ups"]["created"] == 0
    assert network.open() == ["Freya Lind"]


def test_doctor_names_books_and_calendars_with_counts(
    tmp_path: Path, dav: DavServer, post: MailServer
) -> None:
    network = Network(tmp_path / "network", dav, post)
    checked = " ".join(command("doctor", "--config", network.config).output.split())
    assert f"source book: {dav.url}: alex/people (2)" in checked
    assert f"source calendar: {dav.url}: alex/work (1)" in checked
    assert "INBOX" in checked
    assert "Sent" in checked
