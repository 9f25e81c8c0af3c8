"""The day's page: in Markdown, in a folder, and by a real mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from flows.pages import daily_page
from flows.pages.digest import Digest
from flows.pages.documents.brief import BriefDocument, BriefGuest, BriefMeeting
from flows.pages.documents.waiting import WaitingDocument, WaitingPerson
from flows.pages.mail import send
from flows.run import deliver
from flows.run.context import Context, context_of
from flows.run.decide import plan_tasks
from flows.run.judge import Judged
from flows.run.outcome import own_words
from flows.run.outcome.document import TooLate
from flows.run.outcome.report import RunReport
from flows.settings.loading import load
from people.planning.plan import Plan
from people.store import open_store
from people.tasks import About, Ending, FollowUp, Status
from people.types import Problem
from tests.support.crash_points import DAYS, all_of, run, wish
from tests.support.dav_servers import free_port
from tests.support.opening import open_sink
from tests.support.small_network import CELLAR, FAIR, LUNCH, world

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
    report = RunReport("r1", TODAY, problems=list(problems), resolution={"total": 4})
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


def ours(file: Path) -> str:
    """The page without the line below which users write."""
    text = file.read_text()
    page = text.partition("<!-- ")[0]
    assert text == own_words.after(page, "")
    return page


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
    page = ours(tmp_path / "digest" / "2026-03-03.md")
    (waits,) = [item for item in all_of(load(config)) if item.status == "deferred"]
    assert (
        page
        == f"""\
# Tue 3 Mar: 1 due

## Due
- **Write to \\<b>Cleo\\</b>** · new
  - The rule gone-quiet asks for it.
  - Say hello from Tom.

## Also
- Waiting: 1. {waits.title}.
- Done: 1 (anna)
- Closed by Touchbase: 1 (ben): no longer needed: its rule does not match any more

## Needs attention
- **source phone**: phone.vcf does not exist. Bring it back
"""
    )


def test_a_day_with_meetings_begins_with_them(tmp_path: Path, mail: tuple[Inbox, int]) -> None:
    inbox, port = mail
    config = world(tmp_path, FAIR, LUNCH, CELLAR)
    server = f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_security = "INSECURE"\n'
    config.write_text(config.read_text() + f'[digest]\npath = "digest"\nmail_to = ["a@b.example"]\n{server}')
    with closing(open_store(load(config).store_url)) as store:
        today = context_of(load(config), store, date(2026, 11, 30))
        daily_page.bring(today, RunReport("r1", today.today, resolution={"total": 4}), send)
    page = ours(tmp_path / "digest" / "2026-11-30.md")
    assert (
        page
        == """\
# Mon 30 Nov: nothing due, 1 meeting

## You meet
- 10:00 **Cellar plans**, Harbour Hotel: Felix Moreau (Moreau & Fils, key person)
  - Last contact 2 Nov. You owe them word on Priya Nair, their referral of 2 Nov (met). \
Owes you word on Tom Hale, your referral of 14 Oct (introduced)
"""
    )
    (message,) = inbox.messages
    assert message["Subject"] == "Nothing due, 1 meeting: Felix Moreau 10:00"


def test_the_mail_is_the_page_and_comes_once_a_day(tmp_path: Path, mail: tuple[Inbox, int]) -> None:
    inbox, port = mail
    server = f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_security = "INSECURE"\n'
    report = bring(settings(tmp_path, f'mail_to = ["alex@example.com"]\n{server}'))
    assert report.problems == []
    (message,) = inbox.messages
    assert (message["Subject"], message["To"]) == ("1 due: Write to <b>Cleo</b>", "alex@example.com")
    plain, html = (part.get_payload(decode=True) for part in message.walk() if not part.is_multipart())
    assert isinstance(plain, bytes)
    assert isinstance(html, bytes)
    assert "# Tue 3 Mar: 1 due" in plain.decode()
    assert "<h1>Tue 3 Mar: 1 due</h1>" in html.decode()
    # What a stranger wrote is shown, and not obeyed.
    assert "<strong>Write to &lt;b&gt;Cleo&lt;/b&gt;</strong>" in html.decode()


HOSTILE = ["Anna Berg", "**x** [y](https://evil.example)", "a\nb", "# h", "<b>", "`", "x" * 300]
DAY = date(2026, 3, 3)


def follow_up(number: int, name: str) -> FollowUp:
    about = About(name=name, organisation=name, phones=("0117 496 0000",))
    return FollowUp(
        key=f"{number:016x}", rule="r", person_id=f"p{number}", person=name, title=f"Call {name}",
        notes=f"One.\n{name}", due=DAY, about=about, reason=name,
    )  # fmt: skip


def meeting(number: int, name: str, guests: int) -> BriefMeeting:
    coming = [
        BriefGuest(person_id=f"p{i}", name=name, email=None, known=True, last_contact=DAY)
        for i in range(guests)
    ]
    return BriefMeeting(
        record=f"work:{number}", title=name, location=name, day=DAY, start=None, end=None, time="10:00-11:00",
        over=False, guests=tuple(coming), more=number,
    )  # fmt: skip


def answer(name: str) -> WaitingPerson:
    return WaitingPerson(
        person_id=name, person=name, organisation=None, since=DAY, days=0, email="a@x.example", subject=None,
        in_a_row=0, in_reply=False, thread="1",
    )  # fmt: skip


def digest(numbers: dict[str, int], name: str) -> Digest:
    items = {
        field: [follow_up(i, f"{name} {i}") for i in range(numbers[field])]
        for field in ("due", "coming", "waiting")
    }
    endings: list[tuple[Status, Ending | None]] = [
        ("done", None), ("dismissed", None), ("withdrawn", None), ("withdrawn", "missed"),
        ("withdrawn", "set back"),
    ]  # fmt: skip
    meetings = tuple(meeting(i, name, numbers["guests"]) for i in range(numbers["meetings"]))
    return Digest(
        today=DAY,
        brief=BriefDocument(
            today=DAY, day=DAY, person=None, meetings=meetings, next_day=None, next_day_meetings=0
        ),
        problems=[Problem(where=name, message=name, help=name)] * numbers["problems"],
        more_waiting=numbers["waiting"],
        soon_too_late=[
            TooLate(key=f"{i}", title=name, person=f"{name} {i}", why=name, until=DAY)
            for i in range(numbers["soon"])
        ],
        closed=[
            follow_up(i, f"{name} {i}").model_copy(update={"status": status, "ending": ending})
            for status, ending in endings
            for i in range(numbers["closed"])
        ],
        first_step=name * numbers["first"],
        new=frozenset(item.key for item in items["coming"]),
        since=date(2026, 2, 27),
        answers=WaitingDocument(
            today=DAY, for_me=[answer(f"{name} {i}") for i in range(numbers["answers"])], for_them=()
        ),
        **items,
    )  # fmt: skip


WORST = {
    "due": 15, "coming": 15, "waiting": 900, "soon": 15, "closed": 15, "meetings": 12, "guests": 12,
    "problems": 500, "first": 1, "answers": 15,
}  # fmt: skip


def check(numbers: dict[str, int], page: str) -> None:
    assert len(page.splitlines()) <= 40
    sections = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    titles = {"You meet": "meetings", "Due": "due", "Coming": "coming", "Needs attention": "problems"}
    titles |= {"They wait for your answer": "answers"}
    for title, field in titles.items():
        if field == "answers" and numbers["due"] > 10:
            assert title not in sections
            continue
        assert (title in sections) == bool(numbers[field])
        if numbers[field]:
            shown = [line for line in sections[title].splitlines() if line.startswith("- ")]
            left = re.fullmatch(r"- and (\d+) more: `touchbase [a-z-]+`", shown[-1])
            # Nothing is left out without a word.
            assert len(shown) - bool(left) + int(left[1] if left else 0) == numbers[field]


def test_the_worst_day_has_forty_lines() -> None:
    page = digest(WORST, "Anna Berg").page()
    check(WORST, page)
    # What is due goes first: all fifteen are there.
    assert page.split("## Due")[1].split("##")[0].count("**Call Anna Berg") == 15
    assert "- and 499 more: `touchbase status`" in page
    assert "- Done since Fri 27 Feb: 15 (Anna Berg 0, Anna Berg 1, " in page
    assert "- They wait for your answer: Anna Berg 0, " in page
    assert "- Soon too late: Anna Berg 0, " in page
    assert "- Missed, no place was free in time: 15 (Anna Berg 0, " in page
    assert ". Set back to make room: 15 (Anna Berg 0, " in page


@given(
    st.fixed_dictionaries({field: st.integers(0, most) for field, most in WORST.items()}),
    st.sampled_from(HOSTILE),
)
@settings_of_hypothesis(max_examples=200, deadline=None)
def test_no_day_has_more_than_forty_lines(numbers: dict[str, int], name: str) -> None:
    day = digest(numbers, name)
    check(numbers, day.page())
    assert "\n" not in day.subject()


def test_a_quiet_day() -> None:
    day = digest(dict.fromkeys(WORST, 0), "")
    assert (day.page(), day.subject()) == ("# Tue 3 Mar: nothing due\n", "Nothing due")


def test_a_mail_server_that_is_down_is_a_problem_of_the_run(tmp_path: Path) -> None:
    server = 'smtp_host = "127.0.0.1"\nsmtp_port = 1\nsmtp_security = "INSECURE"\n'
    report = bring(settings(tmp_path, f'mail_to = ["alex@example.com"]\n{server}'))
    assert "could not be sent by 127.0.0.1" in report.problems[0].message
    assert report.status == "partial"


def test_a_password_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOUCHBASE_SMTP_PASSWORD", raising=False)
    report = bring(settings(tmp_path, 'mail_to = ["alex@example.com"]\nsmtp_user = "alex"\n'))
    assert "TOUCHBASE_SMTP_PASSWORD" in report.problems[0].help


def test_what_the_user_writes_below_the_page_stays(tmp_path: Path) -> None:
    config = settings(tmp_path, 'path = "digest"\n')
    report = bring(config)
    file = tmp_path / "digest" / "2026-03-03.md"
    own = "\n# Mine\n<!-- a comment -->\nCleo likes figs \u2014 bring some\n"
    file.write_text(f"{file.read_text().rstrip()} \t\n{own}")
    with closing(open_store(load(config).store_url)) as store:
        today = Context(load(config), store, TODAY, datetime(2026, 3, 3, 10, tzinfo=UTC))
        report.problems.append(Problem(where="source phone", message="phone.vcf does not exist"))
        daily_page.bring(today, report, send)
    text = file.read_text()
    assert "phone.vcf does not exist" in text
    assert text.endswith(f"-->\n{own}")
    assert text.count("Touchbase keeps what you write") == 1


def test_a_daily_note_of_the_same_name_stays_below_the_page(tmp_path: Path) -> None:
    config = settings(tmp_path, 'path = "digest"\n')
    file = tmp_path / "digest" / "2026-03-03.md"
    file.parent.mkdir()
    file.write_text("# My day\n\nFigs for Cleo.\n")
    bring(config)
    assert file.read_text().endswith("-->\n# My day\n\nFigs for Cleo.\n")
    assert file.read_text().count("My day") == 1


def test_a_page_that_cannot_be_read_is_left_as_it_is(tmp_path: Path) -> None:
    config = settings(tmp_path, 'path = "digest"\n')
    file = tmp_path / "digest" / "2026-03-03.md"
    file.parent.mkdir()
    file.write_bytes(b"caf\xe9 with Cleo")
    report = bring(config)
    assert "cannot be written" in report.problems[0].message
    assert file.read_bytes() == b"caf\xe9 with Cleo"


def test_a_folder_that_cannot_be_made_is_a_problem_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "digest").write_text("in the way")
    report = bring(settings(tmp_path, 'path = "digest"\n'))
    assert "cannot be written" in report.problems[0].message


def test_a_flood_is_told() -> None:
    created = Plan(flood=4)
    report = RunReport("r1", TODAY, plan=created)
    assert report.status == "partial"
    assert "the usual is 4" in report.all_problems()[0].message
