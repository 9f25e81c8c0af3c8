"""A calendar behind an address: read once, never shown, and never taken for empty by mistake."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from connectors.base import Surroundings
from connectors.ics.feed import FeedSource, address
from connectors.ics.settings import IcsSettings
from people.errors import LoginNeeded, RetryLater, UserMustAct
from people.types import Meeting, Page
from tests.contracts.sources import Known, SourceContract

TODAY = date(2026, 11, 1)
SECRET = "/private-0f3e2d/basic.ics"


@dataclass
class Feed:
    """One calendar at a secret address of a server on this machine."""

    many = 600
    keeps_ids = True
    base: str = ""
    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def source(self, known: Known | None = None, today: date = TODAY) -> FeedSource:  # noqa: ARG002
        return FeedSource(
            "work", self.base + SECRET, my_emails=["alex@example.com"], today=today,
            time_zone=ZoneInfo("Europe/London"),
        )  # fmt: skip

    def put(self, names: list[str]) -> None:
        self.events = {
            name: f"BEGIN:VEVENT\nUID:{name}\nDTSTART:20261105T090000Z\nSUMMARY:{name}" for name in names
        }
        self._write()

    def edit(self, name: str) -> None:
        self.events[name] += " moved"
        self._write()

    def _write(self) -> None:
        told = "".join(f"{event}\nEND:VEVENT\n" for event in self.events.values())
        self.text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{told}END:VCALENDAR\n"
        self.headers["ETag"] = f'"{abs(hash(self.text))}"'


@pytest.fixture
def feed() -> Iterator[Feed]:
    served = Feed()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append({"path": self.path, **dict(self.headers.items())})
            tag = served.headers.get("ETag")
            same = served.status == 200 and tag is not None and self.headers.get("If-None-Match") == tag
            body = b"" if same else served.text.encode()
            self.send_response(304 if same else served.status)
            for name, value in {**served.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.base = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield served
        server.shutdown()


class TestFeedContract(SourceContract):
    @pytest.fixture
    def world(self, feed: Feed) -> Feed:
        return feed


def read(feed: Feed, cursor: str | None = None, today: date = TODAY) -> list[Page]:
    return list(feed.source(today=today).changes(cursor))


def titles(pages: list[Page]) -> set[str | None]:
    return {change.title for page in pages for change in page.changes if isinstance(change, Meeting)}


def test_an_unchanged_calendar_is_not_sent_again(feed: Feed) -> None:
    feed.put(["lunch"])
    first = read(feed)
    second = read(feed, first[-1].cursor)
    assert (titles(first), titles(second)) == ({"lunch"}, set())
    assert feed.asked[1]["If-None-Match"] == feed.headers["ETag"]
    # The window has moved, so all of it is wanted.
    read(feed, first[-1].cursor, date(2027, 1, 1))
    assert "If-None-Match" not in feed.asked[2]


def test_another_address_is_read_whole(feed: Feed) -> None:
    feed.put(["lunch"])
    first = read(feed)
    other = FeedSource(
        "work", f"{feed.base}/other.ics", my_emails=["alex@example.com"], today=TODAY,
        time_zone=ZoneInfo("Europe/London"),
    )  # fmt: skip
    list(other.changes(first[-1].cursor))
    assert "If-None-Match" not in feed.asked[-1]


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (200, "<html>Please log in</html>", UserMustAct),
        (200, "", UserMustAct),
        (404, "", UserMustAct),
        (403, "", LoginNeeded),
        (429, "", RetryLater),
        (503, "", RetryLater),
    ],
)
def test_what_is_no_calendar_removes_nothing_and_names_no_address(
    feed: Feed, status: int, text: str, expected: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    feed.put(["lunch"])
    first = read(feed)
    feed.status, feed.text, feed.headers = status, text, {}
    with caplog.at_level(logging.INFO), pytest.raises(expected) as told:
        read(feed, first[-1].cursor)
    shown = f"{told.value!r} {getattr(told.value, 'help', '')} {told.value.__cause__!r} {caplog.text}"
    assert "private-0f3e2d" not in shown
    assert told.value.__suppress_context__ or told.value.__context__ is None


def test_a_server_that_is_down_is_tried_again_by_the_next_run(feed: Feed) -> None:
    gone = FeedSource(
        "work", "http://127.0.0.1:9" + SECRET, my_emails=[], today=TODAY, time_zone=ZoneInfo("UTC")
    )
    with pytest.raises(RetryLater) as told:
        list(gone.changes(None))
    assert "private" not in f"{told.value} {told.value.help}"
    assert feed.asked == []


def test_a_redirect_is_followed_within_https_only(feed: Feed) -> None:
    feed.status, feed.headers = 302, {"Location": "http://calendar.example.com/x.ics"}
    with pytest.raises(UserMustAct, match="away from https"):
        read(feed)


def test_webcal_is_https() -> None:
    assert address(" webcal://cal.example.com/x.ics\n") == "https://cal.example.com/x.ics"
    for wrong in (
        "http://cal.example.com/x.ics",
        "cal.example.com",
        "",
        "https://[secret/x",
        "https://[x]/y",
    ):
        with pytest.raises(UserMustAct, match="does not begin with https"):
            address(wrong)


class TestSettings:
    def test_the_address_comes_from_the_environment(self, feed: Feed, tmp_path: Path) -> None:
        feed.put(["lunch"])
        settings = IcsSettings(name="work", type="ics", url_env="WORK_URL")
        around = Surroundings(folder=tmp_path, today=TODAY, environ={"WORK_URL": feed.base + SECRET})
        assert titles(list(settings.open(around).changes(None))) == {"lunch"}
        assert settings.check(around).message == "the calendar at 127.0.0.1 (1)"
        with pytest.raises(LoginNeeded, match="is not set") as told:
            settings.open(Surroundings(folder=tmp_path, today=TODAY, environ={}))
        assert "WORK_URL" in told.value.help

    @pytest.mark.parametrize(
        "given",
        [{}, {"path": "a.ics", "url": "https://x.example/a.ics"}, {"url": "https://x", "url_env": "X"}],
    )
    def test_a_calendar_has_one_place(self, given: dict[str, str]) -> None:
        with pytest.raises(ValidationError, match="give one of path, url and url_env"):
            IcsSettings.model_validate({"name": "work", "type": "ics", **given})
