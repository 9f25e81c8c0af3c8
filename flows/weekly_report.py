"""The weekly report: an HTML file, and a link to it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.artifacts import create_link_artifact, create_markdown_artifact
from prefect.states import Completed

from flows.pages import html_report
from flows.pages.report_of import report_of
from flows.run.context import network
from people.private_files import private_folder, write_private


@flow(name="weekly-report", flow_run_name="weekly-report", persist_result=False)
def weekly_report(config: Path = Path("touchbase.toml"), today: date | None = None) -> State[Any]:
    """Write the week's report beside the settings file.

    Args:
        config: The settings file, touchbase.toml, on the worker's machine.
        today: Report as of this day. Leave it empty for the real day.
    """
    path = _write(config, today)
    create_link_artifact(path.as_uri(), link_text=path.name, key="report", description="Report")
    # A browser does not open a file link on a page that comes from a server.
    create_markdown_artifact(
        f"The report is in the file\n\n    {path}\n", key="report-place", description="Where the report is"
    )
    return Completed(message=str(path))


def _write(config: Path, today: date | None) -> Path:
    """Write the report into ``reports/`` beside the settings file; return its path."""
    with network(config) as (settings, store):
        document = report_of(settings, store, today)
        folder = settings.resolve(Path("reports"))
    private_folder(folder)
    path = folder / f"report-{document.today.isoformat()}.html"
    page = html_report.render(document, settings.me)
    write_private(path, page)
    return path
