"""What a run shows at a glance: its name in the list of runs, its state, and what needs attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from flows.run.health import Alert
from flows.run.report import RunReport
from people.text import one_line

StateName = Literal["Completed", "Partial", "Nothing changed", "Failed"]


def run_name(report: RunReport, kind: str, due: int) -> str:
    """The run's name: ``daily · 12 due · 3 deferred · google: login needed``."""
    deferred = report.plan.deferred_count
    parts = [f"{kind} (dry run)" if report.dry_run else kind, f"{due} due"]
    parts += [f"{deferred} deferred"] if deferred else []
    parts += [f"{s.name}: {s.trouble or 'failed'}" for s in report.sources if s.status != "ok"]
    broken = report.judged.rule_errors if report.judged else 0
    parts += [f"{broken} rule mistake{'s' * (broken != 1)}"] if broken else []
    if report.judged and report.judged.braked:
        parts.append(f"held back: {', '.join(report.judged.braked)}")
    if report.deliveries.problems:
        parts.append(f"{len(report.deliveries.problems)} not delivered")
    if report.failed:
        parts = [kind, "failed", *(p.message for p in report.problems[-1:])]
    return one_line(" · ".join(parts))[:200]


def state_name(report: RunReport) -> StateName:
    """Tells nothing changed from partial from failed."""
    if report.status == "failed":
        return "Failed"
    if report.status == "partial":
        return "Partial"
    return "Completed" if report.follow_ups().moved or report.changed() else "Nothing changed"


def alerts(report: RunReport, stale: Sequence[Alert]) -> list[Alert]:
    """What the user should hear of even when not looking."""
    found = [
        Alert("login-needed", s.name, s.error or "", s.help or "touchbase status")
        for s in report.sources
        if s.trouble == "login needed"
    ]
    found += [
        Alert("held-back", s.name, s.error or "", s.help or "touchbase status")
        for s in report.sources
        if s.trouble == "held back"
    ]
    found += [
        Alert("held-back", problem.where, f"{problem.where}: {problem.message}", problem.help)
        for problem in (report.judged.problems if report.judged else [])
        if report.judged and problem.where.removeprefix("rule ") in report.judged.braked
    ]
    return [*found, *stale]
