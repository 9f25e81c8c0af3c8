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
COLOURS = 64
"""A page has few colours; so a picture takes a third of the space."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, which uses no network of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def take(
    browser: Browser, page: Path, picture: Path, *, width: int, height: int | None, scale: float
) -> None:
    """Photograph a page on a screen of ``width``: all of it, or its first ``height`` pixels."""
    context = browser.new_context(
        viewport={"width": width, "height": height or 900}, device_scale_factor=scale
    )
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.screenshot(path=picture, full_page=height is None)
    context.close()
    with Image.open(picture) as image:
        image.convert("RGB").quantize(COLOURS).save(picture, optimize=True)


def main() -> None:
    """Do the daily run on the demo network, and photograph its report."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = Path(folder) / "report.html"
        config = network(Path(folder) / "network", DAY)
        run(config, today=DAY)
        command("report", "-o", page, "--config", config, "--today", DAY.isoformat())
        docs = ROOT / "docs"
        take(browser, page, docs / "report.png", (1100, 2600), 1)
        take(browser, page, docs / "images" / "report-phone.png", (375, 812), 1.5)


if __name__ == "__main__":
    main()
