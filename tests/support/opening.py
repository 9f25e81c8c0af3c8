"""Open the connectors of a network as a run does, outside a run."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flows.settings.model import Settings
from people.tasks import TaskSink
from people.types import Source


def open_sink(settings: Settings) -> TaskSink:
    """The task sink, believed to be empty."""
    return settings.tasks.open(settings.around(datetime.now(UTC).date()))


def open_source(settings: Settings, name: str, today: date) -> Source:
    """The source of this name; nothing of it is known yet."""
    return settings.source(name).open(settings.around(today))
