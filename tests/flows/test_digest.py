"""The day's page: in Markdown, in a folder, and by a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from flows.pages import daily_page
from flows.pages.mail import send
from flows.run import deliver
from flows.run.context import Context
from flows.run.decide import plan_tasks
from flows.run.judge import Judged
from flows.run.outcome.report import RunReport
from flows.settings.loading import load
from people.planning.plan import Plan
from people.store import open_store
from people.types import Problem
from tests.support.crash_points import DAYS, all_of, run, wish
from tests.support.dav_servers import free_port
from tests.support.opening import open_sink

TODAY = DAYS[1]


class Inbox:
    """What a mail server on 127.0.0.1 received."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def mail() -> Iterator[tuple[Inbox, int]]:
    inbox, port = Inbox(), free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox, port
    controller.stop()


def bring(config: Path, *problems: Problem) -> RunReport:
    """A day with a run and its digest: anna's is done, ben was met, cleo is new, dora waits."""
    settings = load(config)
    run(settings, [wish("anna"), wish("ben", notes="Ask about the *garden*.\nAnd the boat.")], DAYS[0])
    open_sink(settings).complete(next(i.ref for i in all_of(settings) if i.person_id == "anna"))
    store = open_store(settings.store_url)
    context = Context(settings, store, TODAY, datetime(2026, 3, 3, 9, tzinfo=UTC))
    report = RunReport("r1", TODAY, problems=list(problems))
    report.read_back = deliver.read_tasks(context)
    wishes = [
        wish("cleo", title="Write to <b>Cleo</b>", notes="Say hello from Tom.", priority="high"),
        wish("dora"),
    ]
    report.plan = plan_tasks(context, Judged(wishes=wishes, rules=frozenset({"gone-quiet"}))).plan
    report.deliveries = deliver.deliver(context)
    daily_page.bring(context, report, send)
    daily_page.bring(context, report, send)
    store.close()
    return report


def settings(folder: Path, text: str) -> Path:
    path = folder / "touchbase.toml"
    path.write_text(f"[tasks]\ncapacity_per_day = 1\n[digest]\n{text}")
    run(load(path), [], DAYS[0])
    return path


def test_the_page_says_what_is_due_and_why_and_what_became_of_the_rest(tmp_path: Path) -> None:
    config = settings(tmp_path, 'path = "digest"\n')
    config.write_text(config.read_text().replace("capacity_per_day = 1", "capacity_per_day = 2"))
    run(load(config), [wish("anna"), wish("ben")], DAYS[0])
    config.write_text(config.read_text().replace("capacity_per_day = 2", "capacity_per_day = 1"))
    bring(config, Problem(where="source phone", message="phone.vcf does not exist", help="bring it back"))
    page = (tmp_path / "digest" / "2026-03-03.md").read_text()
    assert page.startswith("# Follow-ups of 2026-03-03\n")
    assert "New today: 1, of at most 1 per working day. 1 wait.\n" in page
    sections = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    assert list(sections) == [
        "Due",
        "Closed by Touchbase",
        "Done and dismissed",
        "Deferred",
        "Needs attention",
    ]
    assert "Write to \\<b\\>Cleo\\</b\\>" in sections["Due"]
    assert "Say hello from Tom" in sections["Due"]
    assert "Why: gone-quiet" in sections["Due"]
    assert "no longer needed: its rule does not match any more" in sections["Closed by Touchbase"]
    assert "you completed the task" in sections["Done and dismissed"]
    assert "capacity of 1" in sections["Deferred"]
    assert "phone.vcf does not exist" in sections["Needs attention"]


def test_the_mail_is_the_page_and_comes_once_a_day(tmp_path: Path, mail: tuple[Inbox, int]) -> None:
    inbox, port = mail
    server = f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_security = "INSECURE"\n'
    report = bring(settings(tmp_path, f'mail_to = ["alex@example.com"]\n{server}'))
    assert report.problems == []
    (message,) = inbox.messages
    assert (message["Subject"], message["To"]) == ("Follow-ups of 2026-03-03", "alex@example.com")
    (text,) = (part.get_payload(decode=True) for part in message.walk() if not part.is_multipart())
    assert isinstance(text, bytes)
    assert "# Follow-ups of 2026-03-03" in text.decode()


def test_a_mail_server_that_is_down_is_a_problem_of_the_run(tmp_path: Path) -> None:
    server = 'smtp_host = "127.0.0.1"\nsmtp_port = 1\nsmtp_security = "INSECURE"\n'
    report = bring(settings(tmp_path, f'mail_to = ["alex@example.com"]\n{server}'))
    assert "could not be sent by 127.0.0.1" in report.problems[0].message
    assert report.status == "partial"


def test_a_password_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOUCHBASE_SMTP_PASSWORD", raising=False)
    report = bring(settings(tmp_path, 'mail_to = ["alex@example.com"]\nsmtp_user = "alex"\n'))
    assert "TOUCHBASE_SMTP_PASSWORD" in report.problems[0].help


def test_a_folder_that_cannot_be_made_is_a_problem_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "digest").write_text("in the way")
    report = bring(settings(tmp_path, 'path = "digest"\n'))
    assert "cannot be written" in report.problems[0].message


def test_a_flood_is_told() -> None:
    created = Plan(flood=4)
    report = RunReport("r1", TODAY, plan=created)
    assert report.status == "partial"
    assert "the usual is 4" in report.all_problems()[0].message
