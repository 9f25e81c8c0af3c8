"""The report: its figures against the JSON documents, its links, and the file itself in a real browser."""

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

from flows.cli.commands.init import copy_rules
from flows.pages.reach_links import Link, email_link, phone_link, ways
from people.days import month_and_year
from people.errors import UserMustAct
from tests.support.demo import TODAY, command, network, pulled, run
from tests.support.pictures import CHROMIUM, FLAGS
from tests.support.stores import copy_network, with_own_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo network after its daily run."""
    config = network(tmp_path_factory.mktemp("demo") / "network")
    run(config)
    return config


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


def percent(cell: str) -> int:
    return int(cell.removesuffix(" %"))


class Page(HTMLParser):
    """The text of each section by the id of its heading, and all links with their texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sections: dict[str, str] = {}
        self.links: list[tuple[str, str]] = []
        self._section: str | None = None
        self._href: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section":
            self._section = given["aria-labelledby"]
        elif tag == "a":
            self._href = given["href"]
            self.links.append((self._href or "", ""))

    def handle_data(self, data: str) -> None:
        if self._section:
            self.sections[self._section] = self.sections.get(self._section, "") + data
        if self._href:
            self.links[-1] = (self._href, self.links[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "section" and self._section:
            self.sections[self._section] = " ".join(self.sections[self._section].split())
            self._section = None
        elif tag == "a":
            self._href = None


def small_network(folder: Path, *cards: str, calendar: str = "", journal: str = "") -> Path:
    """Write a network of a few cards with the starter rules, do the run, and return its settings file."""
    folder.mkdir()
    sources = '[[sources]]\nname = "phone"\ntype = "vcard"\npath = "phone.vcf"\n'
    text = "".join(f"BEGIN:VCARD\nVERSION:3.0\n{card}\nEND:VCARD\n" for card in cards)
    (folder / "phone.vcf").write_text(text, "utf-8")
    if calendar:
        (folder / "work.ics").write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{calendar}END:VCALENDAR\n", "utf-8")
        sources += '[[sources]]\nname = "work"\ntype = "ics"\npath = "work.ics"\n'
    if journal:
        (folder / "journal.csv").write_text(journal, "utf-8")
        sources += '[[sources]]\nname = "journal"\ntype = "journal"\npath = "journal.csv"\n'
    config = folder / "touchbase.toml"
    me = '[me]\nname = "Alex"\nemails = ["alex@doe.example"]\nregion = "GB"\n'
    config.write_text(f'{me}{sources}[tasks]\ntype = "vtodo-folder"\npath = "tasks"\n', "utf-8")
    copy_rules(folder / "rules", quiet=True)
    run(with_own_store(config))
    return config


def page_of(config: Path) -> Page:
    """The report of a network."""
    path = config.parent / "report.html"
    command("report", "-o", path, "--config", config, "--today", TODAY.isoformat())
    return Page(path.read_text("utf-8"))


ANNA = """UID:anna
N:Berg;Anna;;;
FN:Anna Berg
ORG:Berg & Sons
TEL;TYPE=CELL:07911 123456
EMAIL:anna@berg.example
CATEGORIES:client"""

LUNCH = """BEGIN:VEVENT
UID:lunch
DTSTAMP:20250901T080000Z
DTSTART:20250901T120000Z
DTEND:20250901T130000Z
SUMMARY:Lunch at the harbour
ORGANIZER:mailto:alex@doe.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:alex@doe.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@berg.example
END:VEVENT
"""

COFFEE = """BEGIN:VEVENT
UID:coffee
DTSTAMP:20260110T080000Z
DTSTART:20260116T090000Z
DTEND:20260116T093000Z
SUMMARY:Coffee
LOCATION:Harbour Hotel
ORGANIZER:mailto:alex@doe.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:alex@doe.example
ATTENDEE;PARTSTAT=ACCEPTED;CN=Zoe Lind:mailto:zoe@lind.example
END:VEVENT
"""


class TestTheWeekComesFirst:
    def test_what_to_do_who_you_meet_and_who_goes_cold(self, tmp_path: Path) -> None:
        page = page_of(small_network(tmp_path / "network", ANNA, calendar=LUNCH + COFFEE))
        assert [*page.sections][:3] == ["todo", "meetings", "cold"]
        assert page.sections["todo"] == (
            "What to do The next 7 days Call Anna Berg (Berg & Sons) Friday "
            "Going cold: last contact on 1 Sep 2025 (Lunch at the harbour); you aim for every 30 days. "
            "Key person: label client. "
            "07911 123456anna@berg.example "
            "Done? Tick it in your task list, or: touchbase done " + page.sections["todo"].split()[-1]
        )
        assert page.sections["meetings"] == (
            "Who you meet Friday, 16 Jan 09:00-09:30 Coffee · Harbour Hotel Zoe Lind nobody known yet "
            "zoe@lind.example More about each: touchbase brief --day DAY"
        )
        assert page.sections["cold"] == (
            "Who is going cold Anna Berg · Berg & Sons · key person "
            "135 days, the aim is 30. Last contact on 1 Sep 2025 (Lunch at the harbour) "
            "07911 123456anna@berg.example 1 without any contact on record."
        )
        assert page.links[4:8] == [
            ("tel:+447911123456", "07911 123456"),
            ("mailto:anna@berg.example", "anna@berg.example"),
            ("mailto:zoe@lind.example", "zoe@lind.example"),
            ("tel:+447911123456", "07911 123456"),
        ]

    def test_the_demo_lists_every_open_task_by_its_day_and_every_meeting_of_a_week(self, demo: Path) -> None:
        report, page = told(demo, "report"), page_of(demo)
        tasks = [one for one in told(demo, "follow-ups") if one["status"] == "open"]
        assert [one["key"] for one in report["tasks"]] == [
            one["key"] for one in sorted(tasks, key=lambda one: (one["due"], -one["value"], one["key"]))
        ]
        ahead = [TODAY + dt.timedelta(days=days) for days in range(8)]
        briefs = [told(demo, "brief", "--day", day.isoformat()) for day in ahead]
        assert report["meetings"] == [meeting for brief in briefs for meeting in brief["meetings"]]
        for one in (*report["tasks"], *report["meetings"]):
            section = "todo" if "key" in one else "meetings"
            assert " ".join(one["title"].split()) in page.sections[section]

    def test_a_meeting_of_several_days_is_listed_once(self, tmp_path: Path) -> None:
        expo = COFFEE.replace("DTSTART:20260116T090000Z", "DTSTART;VALUE=DATE:20260113")
        expo = expo.replace("DTEND:20260116T093000Z", "DTEND;VALUE=DATE:20260117")
        config = small_network(tmp_path / "network", ANNA, calendar=expo)
        # The starter rules take no whole day for a meeting.
        rules = config.parent / "rules" / "meetings.yaml"
        rules.write_text(rules.read_text("utf-8").replace("      - all_day: true\n", ""), "utf-8")
        page = page_of(config)
        assert page.sections["meetings"].count("Coffee") == 1
        assert "Today, 14 Jan all day Coffee" in page.sections["meetings"]


class TestLinks:
    @pytest.mark.parametrize(
        ("written", "href"),
        [
            ("07911 123456", "tel:+447911123456"),
            ("+49 30 123456", "tel:+4930123456"),
            ("07700 900133", "tel:+447700900133"),  # of the range for plays: phones dial it
            ("tel:07911 123456", "tel:+447911123456"),
            ("12", None),
            ("112358", None),  # a local number: the area code is missing
            ("ask Jane", None),
            ("javascript:alert(1)", None),
            ("", None),
        ],
    )
    def test_only_what_can_be_dialled_is_a_link(self, written: str, href: str | None) -> None:
        assert phone_link(written, "GB").href == href

    @pytest.mark.parametrize(
        ("written", "href"),
        [
            ("anna@berg.example", "mailto:anna@berg.example"),
            ("a+b@berg.example", "mailto:a%2Bb@berg.example"),
            ("o'hara&co@berg.example", "mailto:o%27hara%26co@berg.example"),
            ("jörg@müller.example", "mailto:j%C3%B6rg@m%C3%BCller.example"),
            ("javascript:alert(1)", None),
            ("javascript:alert(1)@berg.example", None),
            ("anna@berg.example?bcc=all@berg.example", None),
            ('"><script>@berg.example', None),
            ("anna@berg.example, eve@berg.example", None),
            ("anna@localhost", None),
            ("anna at berg.example", None),
        ],
    )
    def test_only_an_address_is_a_link_and_it_is_encoded(self, written: str, href: str | None) -> None:
        assert email_link(written).href == href

    def test_the_channel_comes_first_and_a_valid_way_before_one_that_is_not(self) -> None:
        phones, emails = ("ext 4", "07911 123456"), ("anna@berg.example",)
        assert [link.text for link in ways(phones, emails, "phone", "GB")] == ["07911 123456", *emails]
        assert [link.text for link in ways(phones, emails, "email", "GB")] == [*emails, "07911 123456"]
        assert ways(("ext 4",), (), "any", "GB") == [Link("ext 4", None)]

    def test_no_link_of_a_page_leads_elsewhere(self, tmp_path: Path) -> None:
        bad = ANNA.replace("07911 123456", "javascript:alert(1)").replace(
            "anna@berg.example", 'x"onclick="alert(1)@berg.example'
        )
        page = page_of(small_network(tmp_path / "network", bad.replace("anna", "bad"), calendar=LUNCH))
        assert {href[:1] for href, _ in page.links} == {"#"}


class TestWhatIsNotUsed:
    def test_cards_alone_fold_into_one_section_and_nothing_is_said_to_go_cold(self, tmp_path: Path) -> None:
        page = page_of(small_network(tmp_path / "network", ANNA, "UID:2\nN:Lind;Zoe;;;\nFN:Zoe Lind"))
        assert [*page.sections] == ["todo", "meetings", "cold", "unused"]
        assert page.sections["cold"] == "Who is going cold 2 without any contact on record."
        assert page.sections["meetings"] == "Who you meet No meeting in the next 7 days."
        assert "2 of 2 people have no contact on record, so nothing can go cold." in page.sections["todo"]
        assert [text for href, text in page.links if href == "#cold"] == ["2without any contact on record"]
        told_of = page.sections["unused"]
        assert [
            name
            for name in ("Give and get", "Groups", "Hours and money", "Referrals", "Introductions")
            if f"{name}: " in told_of
        ] == ["Give and get", "Groups", "Hours and money", "Referrals", "Introductions"]

    def test_what_is_used_has_its_section_again(self, tmp_path: Path) -> None:
        journal = (
            "date,person,kind,direction,other,group,hours,amount,outcome,note\n"
            "2026-01-05,Anna Berg,referral,given,Zoe Lind,,,,met,New shop\n"
        )
        zoe = "UID:2\nN:Lind;Zoe;;;\nFN:Zoe Lind"
        page = page_of(small_network(tmp_path / "network", ANNA, zoe, journal=journal))
        assert {"balance", "referrals"} <= page.sections.keys()
        assert "Anna Berg with Zoe Lind 5 Jan, you gave it: New shop met" in page.sections["referrals"]
        assert "Referrals: " not in page.sections["unused"]
        assert "Groups: " in page.sections["unused"]

    def test_nothing_at_all_names_the_next_step(self, tmp_path: Path) -> None:
        (tmp_path / "touchbase.toml").write_text('[me]\nname = "A"\n', "utf-8")
        (tmp_path / "rules").mkdir()
        page = page_of(tmp_path / "touchbase.toml")
        assert page.sections["todo"] == "What to do There is no run yet. Next: touchbase run"
        assert page.sections["cold"] == "Who is going cold No one is known yet."

    def test_a_reader_meets_no_word_of_the_makers(self, demo: Path) -> None:
        text = " ".join(page_of(demo).sections.values())
        for word in ("stale", "ledger", "suppressed", "withdrawn", "no clock", "cadence", "because"):
            assert word not in text.lower()


class TestFigures:
    def test_the_report_is_the_documents_of_the_single_commands(self, demo: Path) -> None:
        report = told(demo, "report")
        for name in ("balance", "groups", "referrals", "introductions"):
            assert report[name] == told(demo, name)

    def test_the_glance_counts_everybody_once_and_as_people_say(self, demo: Path) -> None:
        glance, people = told(demo, "report")["network"], told(demo, "people")
        assert glance["people"] == len(people)
        assert glance["stale"] == sum(one["stale"] for one in people)
        assert glance["without_contact"] == sum(one["last_contact"] is None for one in people)
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
        assert [[row[0], *(percent(cell) for cell in row[1:])] for row in by_start["Share of each tier"]] == [
            [tier["tier"], *(round(100 * tier[state] / sum(tier[s] for s in states)) for state in states)]
            for tier in report["network"]["tiers"]
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
                [month_and_year(month["month"]), month["spent"], month["booked"], month["state"]]
                for month in report["groups"]["investment"][figure]["months"]
            ]
        assert [numbers(row[1:]) for row in by_start["How far they came"]] == [
            [way[step] for step in ("introduced", "met", "won", "lost", "value")]
            for way in report["referrals"]["funnel"].values()
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
        self.page: Tab = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri())


@pytest.mark.browser
class TestInTheBrowser:
    @pytest.fixture(params=[(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")], ids=str)
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

    def test_the_keyboard_reaches_every_link_and_table_that_scrolls(self, seen: Seen) -> None:
        wanted = seen.page.evaluate(
            "[...document.querySelectorAll('a, summary, .scroll')].filter(e => e.checkVisibility()).length"
        )
        reached = set()
        for _ in range(wanted):
            seen.page.keyboard.press("Tab")
            reached.add(
                seen.page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
            )
        assert len(reached) == wanted

    def test_a_finger_hits_what_it_aims_at(self, seen: Seen) -> None:
        small = seen.page.evaluate(
            """[...document.querySelectorAll('main a, nav a, summary')].filter(one => one.checkVisibility())
            .map(one => [one.getBoundingClientRect(), one.outerHTML])
            .filter(([box]) => box.height < 44 || box.width < 44).map(([_, html]) => html)"""
        )
        assert small == [] or seen.page.viewport_size == {"width": 1280, "height": 844}

    def test_on_a_phone_the_days_stand_below_the_name(self, seen: Seen) -> None:
        name, days, ways = seen.page.evaluate(
            """['.name', '.name + p', '.ways'].map(one => document.querySelector(`#cold ~ ul > li ${one}`))
            .map(one => one.getBoundingClientRect()).map(one => [one.top, one.bottom])"""
        )
        assert name[1] <= days[0]
        if seen.page.viewport_size == {"width": 375, "height": 844}:
            assert days[1] <= ways[0]


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
    # All of those who are going cold are printed, those behind the fold too.
    seen.page.emulate_media(media="print")
    heights = seen.page.evaluate(
        "[...document.querySelectorAll('.printed li')].map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) == 3
    assert min(heights) > 0
    seen.context.close()


@pytest.mark.browser
def test_no_headline_stands_alone_at_the_end_of_a_printed_page(browser: Browser, page_file: Path) -> None:
    """At each way to cut the paper, what follows a headline is on its page: Chromium keeps the rule."""
    seen = Seen(browser, page_file, 1100, "light")
    seen.page.emulate_media(media="print")
    rules = seen.page.evaluate(
        """[...document.querySelectorAll('h2, h3')].map(one => [one.textContent,
        getComputedStyle(one).breakAfter === 'avoid' || one.closest('.empty') !== null])"""
    )
    assert [title for title, kept in rules if not kept] == []
    leads = seen.page.evaluate(
        "[...document.querySelectorAll('.lead')].map(one => getComputedStyle(one).breakInside)"
    )
    assert leads == ["avoid"] * 5
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
