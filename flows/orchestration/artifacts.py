"""The artifacts of a run in the Prefect UI: the day's page, and tables with few, short columns."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.pages import tables
from flows.pages.brief_lines import markdown
from flows.pages.digest import digest_of
from flows.run.capture import inbox
from flows.run.context import Context
from flows.run.outcome.document import RunDocument, SourceDocument
from flows.run.outcome.report import RunReport
from people.store import runs
from people.store.resolving import decisions
from people.tasks import FollowUp
from people.text import one_line
from people.types import RECORD_KINDS
from people.wording import title_with_who, why_in_words

logger = logging.getLogger(__name__)

_TREND_RUNS = 14
_ROWS = 100


def publish(report: RunReport, context: Context, due: Sequence[FollowUp]) -> None:
    """Create the run's artifacts. A UI that cannot be reached does not fail the run."""
    day = report.today.isoformat()
    try:
        today = digest_of(report, context)
        create_markdown_artifact(today.page(), key="digest", description=f"# Digest of {day}")
        create_markdown_artifact(markdown(today.brief), key="brief", description=f"# Brief of {day}")
        _table("follow-ups", f"Follow-ups that are due or wait, {day}", _follow_ups(report, due))
        sources = [_source(source) for source in report.document().sources]
        _table("sources", f"Sources on {day}", sources)
        _table("trend", f"The last {_TREND_RUNS} runs", _trend(context))
        if report.judged and report.judged.support:
            for key, (title, rows) in tables.tables(report.judged.support).items():
                _table(key, f"{title}, {day}", rows)
        lines = _inbox(context)
        if lines:
            _table("inbox", "Lines of your inbox and journal that name nobody: touchbase inbox", lines)
        pairs = _pairs(context)
        if pairs:
            title = "Are these one person? Decide: touchbase identity same A B, or: different A B"
            _table("open-pairs", title, pairs)
    except Exception:
        # The work is done; a problem with its display must not fail the run.
        logger.warning("the artifacts could not be saved", exc_info=True)


def _table(key: str, title: str, rows: list[dict[str, object]]) -> None:
    # The UI uses an artifact's id as its heading, so the description has the title. Cells are plain text.
    create_table_artifact(rows[:_ROWS] or [{"none": "nothing to show"}], key=key, description=f"# {title}")


def _follow_ups(report: RunReport, due: Sequence[FollowUp]) -> list[dict[str, object]]:
    return [
        {
            "due": item.due.isoformat(),
            "follow-up": title_with_who(item),
            "status": item.status,
            "why": one_line(item.reason if item.status == "deferred" else why_in_words(item, report.today)),
        }
        for item in [*due, *report.plan.deferred]
    ]


def _source(source: SourceDocument) -> dict[str, object]:
    row: dict[str, object] = {"source": source.name, "status": source.status}
    for kind in RECORD_KINDS:
        counts = source.of(kind)
        row[kind] = ", ".join(counts.news()) or str(counts.unchanged or "")
    row["error"] = one_line(source.error or "")
    return row


def _trend(context: Context) -> list[dict[str, object]]:
    with context.store.read() as connection:
        latest = runs.latest(connection, _TREND_RUNS)
    rows: list[dict[str, object]] = []
    for run in latest:
        row: dict[str, object] = {
            "run (UTC)": run.started_at.strftime("%Y-%m-%d %H:%M"),
            "status": run.status,
            **dict.fromkeys(("people", "stale", "new / done", "deferred", "problems"), ""),
        }
        if run.result is not None:
            document = RunDocument.model_validate(run.result)
            counts = document.follow_ups
            row |= {
                "people": document.people.total,
                "stale": document.people.stale,
                "new / done": f"{counts.created} / {counts.done}",
                "deferred": counts.deferred,
                "problems": len(document.problems),
            }
        rows.append(row)
    return rows


def _inbox(context: Context) -> list[dict[str, object]]:
    waiting = inbox.waiting(context.settings, context.store)
    return [
        {
            "where": one.where,
            "line": one_line(one.text),
            "unclear": one_line(one.who or one.problem),
        }
        for one in waiting
    ]


def _pairs(context: Context) -> list[dict[str, object]]:
    with context.store.read() as connection:
        pairs = decisions.open_pairs(connection, limit=_ROWS)
    return [
        {
            "A": one_line(f"{pair.a.name} ({pair.a.source}:{pair.a.source_id})"),
            "B": one_line(f"{pair.b.name} ({pair.b.source}:{pair.b.source_id})"),
            "why": one_line(", ".join(pair.evidence[:3]) or pair.reason),
        }
        for pair in pairs
    ]
