"""Once a week: the report as a file, and a link to it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.artifacts import create_link_artifact, create_markdown_artifact
from prefect.states import Completed

from flows.pages import html_report
from flows.pages.documents.report import report
from flows.run.context import context_of, network
from flows.run.judge import support_now


@flow(name="weekly-report", flow_run_name="weekly-report", persist_result=False)
def weekly_report(config: Path = Path("touchbase.toml"), today: date | None = None) -> State[Any]:
    """Write the week's report beside the settings file.

    Args:
        config: The settings file, touchbase.toml, on the machine of the worker.
        today: Report as of this day; leave it empty for the real one.
    """
    path = _write(config, today)
    create_link_artifact(path.as_uri(), link_text=path.name, key="report", description="# Report")
    # A browser does not follow a link from a server's page to a file.
    create_markdown_artifact(
        f"The report is in the file\n\n    {path}\n", key="report-place", description="# Where the report is"
    )
    return Completed(message=str(path))


def _write(config: Path, today: date | None) -> Path:
    """The report as one HTML file in ``reports/`` beside the settings file."""
    with network(config) as (settings, store):
        context = context_of(settings, store, today)
        document = report(support_now(context))
        folder = settings.resolve(Path("reports"))
    day = context.today
    folder.mkdir(exist_ok=True)
    path = folder / f"report-{day.isoformat()}.html"
    page = html_report.render(document, name=settings.me.name)
    path.write_text(page, encoding="utf-8")
    return path
