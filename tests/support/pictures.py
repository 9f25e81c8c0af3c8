"""Take the pictures of docs/images that show Prefect's UI: ``python -m tests.support.pictures PORT FOLDER``.

First, in an empty FOLDER: ``touchbase serve --demo --port PORT``. A rule gets a mistake between two daily
runs, so the list shows what is well and what is not.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT
from tests.support.prefect_api import Api, until

_SIZE = {"width": 1280, "height": 860}
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


def main(port: int, folder: Path) -> None:
    """Run the demo network of ``folder`` on the server at ``port``, and photograph it."""
    from playwright.sync_api import sync_playwright

    api = Api(port)
    run = api.completed(api.trigger("daily"))
    api.completed(api.trigger("hourly-calendar"))
    (folder / "demo" / "rules" / "mine.yaml").write_text(_BROKEN)
    for name in ("rules-check", "daily"):
        api.ended(api.trigger(name))
    attention = {
        "flows": {"name": {"any_": ["attention"]}},
        "flow_runs": {"state": {"type": {"any_": ["FAILED"]}}},
    }
    until(lambda: api.ask("/flow_runs/filter", attention), "the automation's run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=_SIZE)  # type: ignore[arg-type]
        _shoot(page, f"http://127.0.0.1:{port}/v2/runs/flow-run/{run['id']}", "run.png")
        # Tall enough for the rows, which begin below the filters and the chart.
        page.set_viewport_size({"width": 1280, "height": 1400})
        _shoot(page, f"http://127.0.0.1:{port}/v2/runs", "runs.png", below="Items per page")
        browser.close()


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
    main(int(sys.argv[1]), Path(sys.argv[2]))
