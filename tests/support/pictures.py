"""Renew the report's pictures in the documentation: ``make pictures``. They show the demo network."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.support.demo import command, network, run
from tests.support.paths import ROOT

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
DAY = date(2026, 11, 30)
"""A Monday, so that the week lies ahead."""
COLOURS = 96
"""A page has few colours; so a picture takes a third of the space."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, which uses no network of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def take(
    browser: Browser, page: Path, picture: Path, screen: tuple[int, int], *, scale: float = 1, to: str = ""
) -> None:
    """Photograph a page on a screen of this width and height, from its top or from the section ``to``."""
    width, height = screen
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
    tab = context.new_page()
    tab.goto(page.as_uri())
    if to:
        tab.evaluate("id => document.getElementById(id).closest('section').scrollIntoView()", to)
    tab.screenshot(path=picture)
    context.close()
    with Image.open(picture) as image:
        image.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)


def main() -> None:
    """Do the daily run on the demo network, and photograph its report."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = Path(folder) / "report.html"
        config = network(Path(folder) / "network", DAY)
        run(config, today=DAY)
        command("report", "-o", page, "--config", config, "--today", DAY.isoformat())
        docs = ROOT / "docs"
        take(browser, page, docs / "report.png", (1100, 1330))
        take(browser, page, docs / "images" / "report-phone.png", (375, 812), scale=1.5)
        take(browser, page, docs / "images" / "report-support.png", (1100, 1500), to="balance")


if __name__ == "__main__":
    main()
