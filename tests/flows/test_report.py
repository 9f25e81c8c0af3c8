"""The report: its figures against the JSON documents, and the file itself in a real browser."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from people.errors import UserMustAct
from tests.support.demo import TODAY, command, network, pulled
from tests.support.stores import copy_network

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo network, pulled and resolved without Prefect."""
    return pulled(network(tmp_path_factory.mktemp("demo") / "network"))


@pytest.fixture(scope="module")
def page_file(demo: Path) -> Path:
    """The report of the demo network."""
    path = demo.parent / "report.html"
    command("report", "-o", path, "--config", demo, "--today", TODAY.isoformat())
    return path


def told(config: Path, *words: str) -> Any:
    return json.loads(command(*words, "--json", "--config", config, "--today", TODAY.isoformat()).output)


class Tables(HTMLParser):
    """The text of each table by its caption: a list of rows, the head first."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self._caption: str | None = None
        self._into: list[str] | None = None
        self._rows: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser gives them
        if tag == "table":
            self._rows, self._caption = [], None
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("th", "td", "caption"):
            self._into = []

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "caption") and self._into is not None:
            text = " ".join("".join(self._into).split())
            self._into = None
            if tag == "caption":
                self._caption = text
            else:
                self._rows[-1].append(text)
        elif tag == "table":
            self.found[self._caption or ""] = self._rows


def numbers(cells: list[str]) -> list[float]:
    return [float(cell.replace(",", "")) for cell in cells]


class TestFigures:
    def test_the_report_is_the_documents_of_the_single_commands(self, demo: Path) -> None:
        report = told(demo, "report")
        for name in ("balance", "groups", "referrals", "introductions"):
            assert report[name] == told(demo, name)

    def test_the_glance_counts_everybody_once_and_as_people_say(self, demo: Path) -> None:
        glance, people = told(demo, "report")["network"], told(demo, "people")
        assert glance["people"] == len(people)
        assert glance["stale"] == sum(one["stale"] for one in people)
        cold = {
            (one["person_id"], one["days_since_contact"], one["cadence_days"]) for one in glance["going_cold"]
        }
        assert cold == {(p["id"], p["days_since_contact"], p["cadence_days"]) for p in people if p["stale"]}
        for row in glance["tiers"]:
            mine = [one for one in people if (one["tier"] or "no tier") == row["tier"]]
            assert sum(row[state] for state in ("fresh", "due", "stale", "no clock")) == len(mine)
            timed = [
                one["days_since_contact"] / one["cadence_days"]
                for one in mine
                if one["cadence_days"] and one["days_since_contact"] is not None and not one["stale"]
            ]
            assert (row["fresh"], row["due"]) == (
                sum(u < 0.795 for u in timed),
                sum(u >= 0.795 for u in timed),
            )

    def test_the_tables_show_what_json_says(self, demo: Path, page_file: Path) -> None:
        report = told(demo, "report")
        tables = Tables(page_file.read_text("utf-8")).found
        by_start = {caption.split(";")[0]: rows[1:] for caption, rows in tables.items()}
        states = ("fresh", "due", "stale", "no clock")
        assert [numbers(row[1:]) for row in by_start["People by tier"]] == [
            [tier[state] for state in states] for tier in report["network"]["tiers"]
        ]
        assert [[row[0], *numbers(row[1:4])] for row in by_start["Balance by person"]] == [
            [one["person"], one["given"], one["received"], one["balance"]]
            for one in report["balance"]["people"]
        ]
        assert [[*numbers(row[2:9])] for row in by_start["Money in GBP"]] == [
            [
                one["members"], one["target_members"], one["new_target_members"], one["meetings_attended"],
                one["hours"], one["money"], one["business_received"],
            ]
            for one in report["groups"]["groups"]
        ]  # fmt: skip
        for figure, caption in (
            ("hours", "Hours per month, budget 40"),
            ("money", "GBP per month, budget 150"),
        ):
            assert [[row[0], *numbers(row[1:3]), row[3]] for row in by_start[caption]] == [
                [month["month"], month["spent"], month["booked"], month["state"]]
                for month in report["groups"]["investment"][figure]["months"]
            ]
        assert [numbers(row[1:]) for row in by_start["How far they came"]] == [
            [way[step] for step in ("introduced", "met", "won", "lost", "value")]
            for way in report["referrals"]["funnel"].values()
        ]
        assert [row[2] for row in by_start["The newest first"]] == [
            referral["person"] for referral in report["referrals"]["referrals"]
        ]

    def test_the_plots_say_the_same_to_whoever_cannot_see_them(self, demo: Path, page_file: Path) -> None:
        text = page_file.read_text("utf-8")
        said = re.findall(r"<desc[^>]*>(.*?)</desc>", text)
        assert len(said) == 6
        wica = next(one for one in told(demo, "groups")["groups"] if one["id"] == "wica")
        assert f"wica: {wica['money']} GBP and {wica['hours']} hours, 1 target people, leave" in said[2]
        assert len(set(re.findall(r'\bid="([^"]+)"', text))) == len(re.findall(r'\bid="([^"]+)"', text))

    def test_what_strangers_wrote_arrives_escaped(self, demo: Path, tmp_path: Path) -> None:
        own = tmp_path / "network"
        copy_network(demo, own)
        with (own / "journal.csv").open("a", encoding="utf-8") as file:
            file.write(
                "2026-01-10,max@hartnellsigns.example,referral,given,Leo Brandt,,,,,<img src=x> $a^2$\n"
            )
        pulled(own / "touchbase.toml")
        command(
            "report", "-o", own / "r.html", "--config", own / "touchbase.toml", "--today", TODAY.isoformat()
        )
        text = (own / "r.html").read_text("utf-8")
        assert "<script" not in text
        assert "<img" not in text
        assert "&lt;script&gt;" in text
        assert "$a^2$" in text

    def test_it_refuses_to_write_where_it_cannot(self, demo: Path, tmp_path: Path) -> None:
        with pytest.raises(UserMustAct, match="cannot be written"):
            command("report", "-o", tmp_path / "nowhere" / "r.html", "--config", demo)

    def test_the_same_day_gives_the_same_file(self, demo: Path, page_file: Path, tmp_path: Path) -> None:
        command("report", "-o", tmp_path / "again.html", "--config", demo, "--today", TODAY.isoformat())
        assert (tmp_path / "again.html").read_bytes() == page_file.read_bytes()
        later = (TODAY + dt.timedelta(days=40)).isoformat()
        command("report", "-o", tmp_path / "later.html", "--config", demo, "--today", later)
        assert (tmp_path / "later.html").read_bytes() != page_file.read_bytes()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; in CI it must be there."""
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is not there; install it with: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


class Seen:
    """A page in the browser, and what it asked for and complained of."""

    def __init__(self, browser: Browser, file: Path, width: int, scheme: Any) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, java_script_enabled=True
        )
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri())


@pytest.mark.browser
class TestInTheBrowser:
    @pytest.fixture(params=[(1100, "light"), (1100, "dark"), (390, "light"), (390, "dark")], ids=str)
    def seen(self, request: pytest.FixtureRequest, browser: Browser, page_file: Path) -> Iterator[Seen]:
        width, scheme = request.param
        seen = Seen(browser, page_file, width, scheme)
        yield seen
        seen.context.close()

    def test_it_loads_nothing_complains_of_nothing_and_fits_the_screen(
        self, seen: Seen, page_file: Path
    ) -> None:
        seen.page.wait_for_load_state("networkidle")
        assert seen.requests == [page_file.as_uri()]
        assert seen.complaints == []
        wide, screen = seen.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= screen

    def test_it_is_accessible_contrast_included(self, seen: Seen) -> None:
        from axe_playwright_python.sync_playwright import Axe

        seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        result = Axe().run(seen.page).response
        assert [(one["id"], one["nodes"][0]["html"]) for one in result["violations"]] == []
        assert "color-contrast" in {one["id"] for one in result["passes"]}

    def test_plots_stand_out_from_the_page(self, seen: Seen) -> None:
        """Bars and lines need 3:1 against what is behind them (WCAG 1.4.11)."""
        names = ["fresh", "due", "stale", "none", "given", "received", "soft", *(f"s{n}" for n in range(7))]
        colours = seen.page.evaluate(
            "names => names.map(n => getComputedStyle(document.documentElement).getPropertyValue('--' + n))",
            [*names, "paper"],
        )
        *marks, paper = [colour.strip() for colour in colours]
        assert {name: contrast(mark, paper) for name, mark in zip(names, marks, strict=True)
                if contrast(mark, paper) < 3} == {}  # fmt: skip

    def test_text_in_plots_can_be_read_on_any_screen(self, seen: Seen) -> None:
        heights = seen.page.evaluate(
            "[...document.querySelectorAll('svg.plot text')].map(t => t.getBoundingClientRect().height)"
        )
        assert len(heights) > 60
        assert min(heights) >= 9

    def test_the_keyboard_reaches_every_section_and_table(self, seen: Seen) -> None:
        reached = set()
        for _ in range(60):
            seen.page.keyboard.press("Tab")
            reached.add(
                seen.page.evaluate(
                    "document.activeElement.getAttribute('href') ?? document.activeElement.ariaLabel"
                )
            )
        sections = seen.page.evaluate(
            "[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href'))"
        )
        tables = seen.page.evaluate(
            "[...document.querySelectorAll('.scroll')].filter(e => e.checkVisibility()).map(e => e.ariaLabel)"
        )
        assert {*sections, "#main"} <= reached
        assert {label for label in tables if label != "Table: the ledger"} <= reached


@pytest.mark.browser
def test_in_print_it_is_dark_on_white_and_whole(browser: Browser, page_file: Path) -> None:
    seen = Seen(browser, page_file, 1100, "dark")
    seen.page.emulate_media(media="print", color_scheme="dark")
    ink, paper, menu = seen.page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('nav')).display]"
    )
    assert (ink, paper, menu) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)", "none")
    assert seen.page.pdf(format="A4").startswith(b"%PDF")
    seen.context.close()


def contrast(one: str, other: str) -> float:
    """The contrast of two colours written #rrggbb, by WCAG."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        light = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
