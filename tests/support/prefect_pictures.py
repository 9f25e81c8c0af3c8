"""Renew the pictures of Prefect's UI in the documentation: ``make pictures``. They show the demo network.

A rule gets a mistake between two daily runs, so the list shows what is well and what is not.
"""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.support.demo import network
from tests.support.paths import ROOT
from tests.support.prefect_api import until
from tests.support.serving import QUIET, Served, chromium, serving

_SECONDS_TO_DRAW = 4.0
_ROWS = 4
_BROKEN = """version: 1
rules:
  - id: partners
    for: person
    why: Partners hear from me every two months.
    when: {labels: partner}
    then: {cadence: sixty}
"""


def main() -> None:
    """Serve the demo network, run it, and photograph a run and the list of runs."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(network(Path(folder) / "demo", datetime.now(UTC).date())) as served,
        sync_playwright() as playwright,
    ):
        run = _runs(served)
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(served.note.enter)
        page.wait_for_url(re.compile("/dashboard"))
        base = f"http://127.0.0.1:{served.port}/v2"
        _shoot(page, f"{base}/runs/flow-run/{run}", "run.png")
        # Tall enough for the rows, which begin below the filters and the chart.
        page.set_viewport_size({"width": 1280, "height": 1400})
        _shoot(page, f"{base}/runs", "runs.png", below="Items per page")
        browser.close()


def _runs(served: Served) -> str:
    """Fill the list of runs; return the first daily run."""
    first = served.completed(served.trigger("daily"))
    served.completed(served.trigger("hourly-calendar"))
    (served.config.parent / "rules" / "mine.yaml").write_text(_BROKEN)
    for name in ("rules-check", "daily"):
        served.ended(served.trigger(name))
    attention = {
        "flows": {"name": {"any_": ["attention"]}},
        "flow_runs": {"state": {"type": {"any_": ["FAILED"]}}},
    }
    until(lambda: served.ask("/flow_runs/filter", attention), "the automation's run")
    return str(first["id"])


def _shoot(page: Any, address: str, name: str, below: str | None = None) -> None:
    page.goto(address)
    page.get_by_text("daily").first.wait_for()
    page.wait_for_timeout(_SECONDS_TO_DRAW * 1000)
    path = ROOT / "docs" / "images" / name
    if below is None:
        page.screenshot(path=path)
        return
    top = page.get_by_text(below).bounding_box()
    page.screenshot(path=path, clip={"x": 256, "y": top["y"] + 28, "width": 1024, "height": _ROWS * 121})


if __name__ == "__main__":
    main()
