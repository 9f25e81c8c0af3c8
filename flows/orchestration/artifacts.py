"""The artifacts of a run in the Prefect UI: the day's page, and tables with few, short columns."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.pages import tables
from flows.pages.brief_lines import markdown
from flows.pages.digest import digest_of
from flows.pages.documents.waiting import waiting_rows
from flows.pages.identity_words import chance, for_and_against
from flows.run.capture import inbox
from flows.run.context import Context
from flows.run.outcome.document import RunDocument, SourceDocument
from flows.run.outcome.report import RunReport
from people.days import weekday_and_day
from people.store import runs
from people.store.resolving import decisions, questions
from people.tasks import FollowUp
from people.text import code_for_markdown, for_cell, for_markdown
from people.types import RECORD_KINDS, Contact
from people.wording import how_to_reach, short_why, title_with_who

logger = logging.getLogger(__name__)

_TREND_RUNS = 14
_ROWS = 100
_QUESTIONS = 10


def publish(report: RunReport, context: Context, open_now: Sequence[FollowUp]) -> UUID | None:
    """Create the run's artifacts; return the digest's id. A UI out of reach does not fail the run."""
    day = weekday_and_day(report.today, report.today)
    digest: UUID | None = None
    try:
        today = digest_of(report, context)
        answers = today.answers
        # A page's first line is its title, and the UI shows the description as one.
        title, _, page = today.page().partition("\n")
        digest = _page("digest", title.removeprefix("# "), page)
        _page("brief", f"Brief of {day}", markdown(today.brief))
        table("follow-ups", f"Follow-ups that are open or wait, {day}", _follow_ups(report, open_now))
        sources = [_source(source) for source in report.document().sources]
        table("sources", f"Sources, {day}", sources)
        table("trend", f"The last {_TREND_RUNS} runs", _trend(context))
        if report.judged and report.judged.support:
            for key, (title, rows) in tables.tables(report.judged.support).items():
                table(key, f"{title}, {day}", rows)
        if answers and (rows := waiting_rows(answers)):
            table("waiting", f"Who waits for an answer, {day}", rows)
        lines = _inbox(context)
        if lines:
            table("inbox", "Lines of your inbox and journal that name nobody: touchbase inbox", lines)
        pairs = _pairs(context)
        if pairs:
            title = "Are these one person? Decide: touchbase identity same A B, or: different A B"
            table("open-pairs", title, pairs)
    except Exception:
        # The work is done; a problem with its display must not fail the run.
        logger.warning("the artifacts could not be saved", exc_info=True)
    return digest


class Ready(str):
    """The text of a cell that is escaped already."""

    __slots__ = ()


def table(key: str, title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Create a table artifact of at most 100 rows. Its cells read the same in both UIs of Prefect.

    The UI shows an artifact's id as its heading, so the description has the title.
    """
    shown = [{name: _cell(value) for name, value in row.items()} for row in rows[:_ROWS]]
    create_table_artifact(shown or [{"none": "nothing to show"}], key=key, description=for_markdown(title))


def _cell(value: object) -> object:
    return for_cell(value) if isinstance(value, str) and not isinstance(value, Ready) else value


def _page(key: str, title: str, page: str) -> UUID:
    # The call is synchronous here, because the flow is; its type does not say so.
    return cast("UUID", create_markdown_artifact(page, key=key, description=title))


def _follow_ups(report: RunReport, open_now: Sequence[FollowUp]) -> list[dict[str, object]]:
    return [
        {
            "due": "waits" if item.status == "deferred" else weekday_and_day(item.due, report.today),
            "follow-up": title_with_who(item),
            "why": short_why(item, report.today),
            "reach": how_to_reach(item.about, item.channel),
            "note": "moved by you" if item.status == "snoozed" else item.reason,
        }
        for item in [*open_now, *report.plan.deferred]
    ]


def _source(source: SourceDocument) -> dict[str, object]:
    row: dict[str, object] = {"source": source.name, "status": source.status}
    for kind in RECORD_KINDS:
        counts = source.of(kind)
        row[kind] = ", ".join(counts.news()) or str(counts.unchanged or "")
    row["error"] = source.error or ""
    return row


def _trend(context: Context) -> list[dict[str, object]]:
    with context.store.read() as connection:
        latest = runs.latest(connection, _TREND_RUNS)
    rows: list[dict[str, object]] = []
    for run in latest:
        started = run.started_at.astimezone(context.settings.me.zone)
        row: dict[str, object] = {
            "run": f"{weekday_and_day(started.date(), context.today)} {started:%H:%M}",
            "status": run.status,
            **dict.fromkeys(("people", "going cold", "new / done", "waiting", "problems"), ""),
        }
        if run.result is not None:
            document = RunDocument.model_validate(run.result)
            counts = document.follow_ups
            row |= {
                "people": document.people.total,
                "going cold": document.people.stale,
                "new / done": f"{counts.created} / {counts.done}",
                "waiting": counts.deferred,
                "problems": len(document.problems),
            }
        rows.append(row)
    return rows


def _inbox(context: Context) -> list[dict[str, object]]:
    waiting = inbox.waiting(context.settings, context.store)
    return [{"where": one.where, "line": one.text, "unclear": one.who or one.problem} for one in waiting]


def _pairs(context: Context) -> list[dict[str, object]]:
    """The few questions that matter: what holds back a follow-up first, and one row for each question."""
    with context.store.read() as connection:
        found = questions.questions(connection)[:_QUESTIONS]
    return [_question(one) for one in found if one.later is None]


def _question(one: questions.Question) -> dict[str, object]:
    waits = ", ".join(one.waits)
    if one.rows:
        names = f"{len(one.rows)} names that stand once in two sources"
        return {"A": names, "B": "", "why": Ready("`touchbase identity review` lists them"), "waits": waits}
    pair = one.pairs[0]
    return {"A": _card(pair.a), "B": _card(pair.b), "why": _why(pair), "waits": waits}


def _why(pair: decisions.OpenPair) -> str:
    return ". ".join([chance(pair), *for_and_against(pair.evidence)])


def _card(card: Contact) -> Ready:
    """A card's name, and the key that the command takes."""
    return Ready(f"{for_cell(card.name or '')} {code_for_markdown(card.record)}")
