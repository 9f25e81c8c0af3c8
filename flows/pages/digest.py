"""The digest of a day in Markdown: what is due and why, what was closed, what waits, what failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from flows.run.outcome.report import RunReport
from people.planning.model import OPEN, PastFollowUp
from people.store import Store, follow_ups
from people.tasks import FollowUp
from people.text import for_markdown
from people.wording import title_with_who, why_in_words

_MOST = 20


def page(report: RunReport, store: Store, capacity: int) -> str:
    """Return the digest of the report's day. It covers all runs of that day."""
    with store.read() as connection:
        past = follow_ups.past(connection)
        waiting = [item for item in follow_ups.listed(connection, closed=False) if item.status == "deferred"]
    today = report.today
    due = [item for item in past if item.follow_up.status in OPEN and item.follow_up.due <= today]
    coming = [item for item in past if item.follow_up.status in OPEN and item.follow_up.due > today]
    closed = [item.follow_up for item in past if item.closed_on == today]
    new = sum(item.created_on == today for item in past)
    lines = [f"# Follow-ups of {today.isoformat()}", "", report.headline(), ""]
    lines += [f"New today: {new}, of at most {capacity} per working day. {len(waiting)} wait.", ""]
    lines += _tasks("Due", due, today)
    lines += _tasks("Coming", coming, today)
    lines += _reasons("Closed by Touchbase", (item for item in closed if item.status == "withdrawn"))
    lines += _reasons("Done and dismissed", (item for item in closed if item.status in ("done", "dismissed")))
    lines += _reasons("Deferred", waiting)
    lines += _problems(report)
    return "\n".join(lines).rstrip() + "\n"


def _tasks(title: str, items: Sequence[PastFollowUp], today: date) -> list[str]:
    lines = []
    for item in sorted(items, key=lambda i: (i.follow_up.due, -i.follow_up.value, i.follow_up.key)):
        task = item.follow_up
        details = [f"due {task.due.isoformat()}"]
        details += ["snoozed by you"] if task.status == "snoozed" else []
        details += ["new"] if item.created_on == today else []
        details += [task.channel.replace("_", " ")] if task.channel != "any" else []
        lines.append(f"- {_who(task)} · {', '.join(details)}")
        lines += [f"  - {for_markdown(line)}" for line in task.notes.splitlines() if line.strip()]
        lines.append(f"  - Why: {for_markdown(why_in_words(task, today))}")
    return [f"## {title}", "", *lines, ""] if lines else []


def _reasons(title: str, items: Iterable[FollowUp]) -> list[str]:
    listed = list(items)
    if not listed:
        return []
    lines = [f"- {_who(item)}: {for_markdown(item.reason or item.status)}" for item in listed[:_MOST]]
    more = [f"- and {len(listed) - _MOST} more: touchbase follow-ups"] if len(listed) > _MOST else []
    return [f"## {title}", "", *lines, *more, ""]


def _problems(report: RunReport) -> list[str]:
    problems = report.all_problems()
    if not problems:
        return []
    lines = [
        f"- {for_markdown(p.where)}: {for_markdown(p.message)}. {for_markdown(p.help)}".rstrip()
        for p in problems
    ]
    return ["## Needs attention", "", *lines, ""]


def _who(item: FollowUp) -> str:
    return f"**{for_markdown(title_with_who(item))}**"
