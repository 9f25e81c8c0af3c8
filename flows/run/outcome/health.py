"""What needs the user's attention, each with the next command. Pure: no Prefect, no store, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from people.days import short_day
from people.store.runs import Run, SourceState

STALE = timedelta(days=3)
"""A source is stale if it could not be read for this long."""
SILENCE = timedelta(hours=26)
"""Without a finished run for this long, runs have stopped: a day, and two hours to spare."""

Kind = Literal["login-needed", "held-back", "stale", "source-failed", "rules-broken", "no-run"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that needs attention: its subject, what is wrong, and the command to run next."""

    kind: Kind
    subject: str
    message: str
    next: str


def stale(states: Iterable[SourceState], now: datetime) -> list[Alert]:
    """The sources that have failed for longer than ``STALE``. ``now`` is UTC."""
    return [
        Alert(
            "stale",
            state.name,
            f"source '{state.name}' was last read on {_day(state.last_success, now)}: {state.error}",
            state.help or "touchbase status",
        )
        for state in states
        if state.status == "failed" and state.last_success and now - state.last_success > STALE
    ]


def _day(moment: datetime, now: datetime) -> str:
    return short_day(moment.date(), now.date())


def silent(latest: Sequence[Run], now: datetime) -> list[Alert]:
    """An alert if runs have stopped. ``latest`` is newest first. A network that never ran gives no alert."""
    ended = [run.ended_at for run in latest if run.ended_at and run.status in ("ok", "partial")]
    started = [run.started_at for run in latest]
    last = max(ended, default=None) or min(started, default=None)
    if last is None or now - last <= SILENCE:
        return []
    hours = int((now - last).total_seconds() // 3600)
    message = f"no run has succeeded for {hours} hours"
    return [Alert("no-run", "runs", message, "touchbase serve (or touchbase run), then: touchbase status")]
