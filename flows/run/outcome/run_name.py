"""How a run appears in the list of runs: its name, its state, and the alerts it raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from flows.run.outcome.health import Alert, Kind
from flows.run.outcome.report import RunReport
from flows.run.pull import Cause, SourceReport
from people.text import one_line
from people.types import Problem

StateName = Literal["Completed", "Partial", "Nothing changed", "Failed"]

_MOST_MISTAKES = 1
"""How many mistakes a line names; the page of the run has all of them."""


def run_name(report: RunReport, kind: str, open_now: int) -> str:
    """The run's name: ``daily · 12 open · 3 waiting · google: login needed``."""
    waiting = report.plan.deferred_count
    parts = [f"{kind} (dry run)" if report.dry_run else kind, f"{open_now} open"]
    parts += [f"{waiting} waiting"] if waiting else []
    parts += [f"{s.name}: {s.cause or 'failed'}" for s in report.sources if s.status != "ok"]
    broken = report.judged.rule_errors if report.judged else 0
    parts += [f"{broken} broken rule{'s' * (broken != 1)}"] if broken else []
    if report.judged and report.judged.brakes:
        parts.append(f"held back: {', '.join(brake.rule for brake in report.judged.brakes)}")
    if report.deliveries.waiting:
        parts.append(f"{report.deliveries.waiting} not delivered")
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


def mistakes(problems: Sequence[Problem]) -> str:
    """Name the first mistake with its place: ``cadence.yaml:18:5 'sixty' is not ... and 2 more``."""
    named = [f"{problem.where} {problem.message}" for problem in problems[:_MOST_MISTAKES]]
    more = len(problems) - len(named)
    return one_line(", ".join(named) + (f" and {more} more" if more else ""))


def broken_rules(problems: Sequence[Problem]) -> list[Alert]:
    """One alert for all mistakes in the rules; none without a mistake."""
    if not problems:
        return []
    count = len(problems)
    message = f"{count} rule{'s' * (count != 1)} cannot be used: {mistakes(problems)}"
    return [Alert("rules-broken", "rules", message, "touchbase rules check")]


_KINDS: Mapping[Cause | None, Kind] = {"login needed": "login-needed", "held back": "held-back"}
_ORDER: Sequence[Kind] = ("login-needed", "held-back", "stale", "source-failed")


def alerts(report: RunReport, stale: Sequence[Alert]) -> list[Alert]:
    """What to notify the user about: one alert per source, per rule that was stopped, and for broken rules.

    ``stale`` are the sources that have failed for days. Their alerts say since when.
    """
    since = {alert.subject: alert for alert in stale}
    failed = [_of_source(s, since.pop(s.name, None)) for s in report.sources if s.status != "ok"]
    sources = sorted([*failed, *since.values()], key=lambda alert: _ORDER.index(alert.kind))
    stopped = [problem for problem in report.problems if problem.where == "rules"]
    stopped += [brake.problem for brake in report.judged.brakes] if report.judged else []
    rules = [Alert("held-back", p.where, f"{p.where}: {p.message}", p.help) for p in stopped]
    return [*sources, *rules, *broken_rules(report.judged.rule_problems if report.judged else [])]


def _of_source(source: SourceReport, stale: Alert | None) -> Alert:
    kind = _KINDS.get(source.cause)
    if stale is not None:
        return replace(stale, kind=kind or stale.kind)
    error = source.error or ""
    message = error if source.name in error else f"source '{source.name}': {error}"
    return Alert(kind or "source-failed", source.name, message, source.help or "touchbase status")
