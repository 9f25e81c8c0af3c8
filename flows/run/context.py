"""What a run carries from step to step, and how a command opens a network."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from flows.settings.model import Settings
from people.parallel import Pool
from people.store import Store

if TYPE_CHECKING:
    from flows.run.meetings import Calendar
    from rules.engine import RuleSet

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, time
from pathlib import Path
from typing import TYPE_CHECKING

from rules.engine import RuleSet

if TYPE_CHECKING:
    from flows.settings.model import Settings


@dataclass
class Context:
    """What a run carries from stage to stage. ``moment`` is UTC, ``today`` its day for the user."""

    settings: Settings
    store: Store
    today: date
    moment: datetime
    accept_removals: Collection[str] = ()
    progress: Callable[[str, int, int], None] | None = None
    # Read once a run, and used by both resolve and judge.
    ruleset: RuleSet | None = None
    calendar: Calendar | None = None
    # Whether frames that were worked out are kept for the next run; who only looks writes nothing.
    keeps: bool = True
    # Starts with the first work that is large enough; whoever conducts the run opens and ends it.
    pool: Pool = field(default_factory=Pool)


def context_of(settings: Settings, store: Store, today: date | None) -> Context:
    """A context for looking, outside a run."""
    day, moment = clock(settings, today)
    return Context(settings, store, day, moment, keeps=False)


def clock(settings: Settings, today: date | None) -> tuple[date, datetime]:
    """The day to judge (in the user's zone) and the instant up to which things have happened (UTC).

    For a day other than the real one the instant is that day's end. This is the only place where
    a command reads the clock.
    """
    now = datetime.now(UTC)
    real = now.astimezone(settings.me.zone).date()
    if today is None or today == real:
        return real, now
    return today, datetime.combine(today, time.max, settings.me.zone).astimezone(UTC)


@contextmanager
def network(config: Path) -> Iterator[tuple[Settings, Store]]:
    """The settings and the open store of one network."""
    from flows.settings.loading import load  # noqa: PLC0415 - not needed for --help
    from people.store import open_store  # noqa: PLC0415

    settings = load(config)
    store = open_store(settings.store_url)
    try:
        yield settings, store
    finally:
        store.close()
