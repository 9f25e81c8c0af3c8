"""The hourly run: read calendars, mail and the journal, and close follow-ups that contact has settled."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from prefect import State, flow

from flows.orchestration.conduct import conduct
from flows.run.steps import Job
from people.types import RecordKind

_KINDS: frozenset[RecordKind] = frozenset({"meetings", "messages", "journal"})


@flow(name="hourly-calendar", flow_run_name="hourly-calendar", persist_result=False)
def hourly_calendar(config: Path = Path("touchbase.toml"), today: date | None = None) -> State[Any]:
    """Pull calendars, mail and the journal, and withdraw the follow-ups of people you were in touch with.

    New follow-ups wait for the daily run.

    Args:
        config: The settings file, touchbase.toml, on the worker's machine.
        today: Judge as of this day. Leave it empty for the real day.
    """
    return conduct(Job(name="hourly-calendar", reads=_KINDS, adds=False), config, today)
