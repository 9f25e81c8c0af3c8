"""How a run appears in the list of runs: its name, its state, and the alerts it raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from flows.run.outcome.health import Alert, Kind
from flows.run.outcome.report import RunReport
from flows.run.pull import Cause
from people.text import one_line

StateName = Literal["Completed", "Partial", "Nothing changed", "Failed"]


def run_name(report: RunReport, kind: str, due: int) -> str:
    """The run's name: ``daily · 12 due · 3 deferred · google: login needed``."""
    deferred = report.plan.deferred_count
    parts = [f"{kind} (dry run)" if report.dry_run else kind, f"{due} due"]
    parts += [f"{deferred} deferred"] if deferred else []
    parts += [f"{s.name}: {s.cause or 'failed'}" for s in report.sources if s.status != "ok"]
    broken = report.judged.rule_errors if report.judged else 0
    parts += [f"{broken} rule mistake{'s' * (broken != 1)}"] if broken else []
    if report.judged and report.judged.brakes:
        parts.append(f"held back: {', '.join(brake.rule for brake in report.judged.brakes)}")
    if report.deliveries.problems:
        parts.append(f"{len(report.deliveries.problems)} not delivered")
    if report.failed:
        parts = [kind, "failed", *(p.message for p in report.problems[-1:])]
    return one_line(" · ".join(parts))[:200]


def state_name(report: RunReport) -> StateName:
    """The state that the list of runs shows."""
    if report.status == "failed":
        return "Failed"
    if report.status == "partial":
        return "Partial"
    return "Completed" if report.follow_ups().moved or report.changed() else "Nothing changed"


_ALERTS: dict[Cause, Kind] = {"login needed": "login-needed", "held back": "held-back"}


def alerts(report: RunReport, stale: Sequence[Alert]) -> list[Alert]:
    """What to notify the user about: logins, held back sources and rules, then the ``stale`` sources."""
    sources = [
        Alert(kind, source.name, source.error or "", source.help or "touchbase status")
        for cause, kind in _ALERTS.items()
        for source in report.sources
        if source.cause == cause
    ]
    problems = [problem for problem in report.problems if problem.where == "rules"]
    problems += [brake.problem for brake in report.judged.brakes] if report.judged else []
    rules = [Alert("held-back", p.where, f"{p.where}: {p.message}", p.help) for p in problems]
    return [*sources, *rules, *stale]
