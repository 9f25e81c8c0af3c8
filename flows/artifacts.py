"""What a run leaves in the Prefect UI: the day's page and a table of sources."""

from __future__ import annotations

import logging

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.report import RunReport

logger = logging.getLogger(__name__)


def publish(report: RunReport) -> None:
    """Create the run's artifacts. A UI that cannot be reached never fails a run that did its work."""
    try:
        create_markdown_artifact(
            report.digest(), key="follow-ups", description=f"Follow-ups of {report.today.isoformat()}"
        )
        create_table_artifact(
            [_row(source) for source in report.document()["sources"]] or [{"source": "none"}],
            key="sources",
            description=f"Sources on {report.today.isoformat()}",
        )
    except Exception:
        # Whatever goes wrong with the display, the work is done.
        logger.warning("the artifacts could not be saved", exc_info=True)


def _row(source: dict[str, object]) -> dict[str, object]:
    """Few, short columns: the UI cuts wide tables."""
    row: dict[str, object] = {"source": source["name"], "status": source["status"]}
    for kind in ("contacts", "meetings", "journal"):
        counts = source[kind]
        if isinstance(counts, dict):
            news = [f"{counts[word]} {word}" for word in ("added", "changed", "gone") if counts[word]]
            row[kind] = ", ".join(news) or str(counts["unchanged"] or "")
    row["error"] = source["error"] or ""
    return row
