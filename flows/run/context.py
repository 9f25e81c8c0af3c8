"""The surroundings of a run: settings, store and day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path

from connectors.base import Surroundings, Unanswered
from flows.settings.loading import load
from flows.settings.model import Settings
from people.collector import gc_paused
from people.errors import UserMustAct
from people.parallel import Pool
from people.store import Store, open_store
from people.store.db import values


@dataclass(frozen=True)
class Context:
    """What every step of a run needs. ``moment`` is UTC, ``today`` its day in the user's zone.

    ``accept_removals`` names the sources whose sudden emptiness is accepted. ``progress`` is called with a
    source's name, the records read so far and their total. ``caches`` is False for a command that only
    looks: it uses the cached frames but writes none. ``pool`` starts processes with the first work that is
    large enough; who conducts the run opens and ends it. ``unanswered`` adds up the time that
    services out of reach cost the run. ``notes`` are sentences of what happened that needs no attention.
    """

    settings: Settings
    store: Store
    today: date
    moment: datetime
    accept_removals: Collection[str] = ()
    progress: Callable[[str, int, int], None] | None = None
    caches: bool = True
    pool: Pool = field(default_factory=Pool)
    unanswered: Unanswered = field(default_factory=Unanswered)
    notes: list[str] = field(default_factory=list)

    def around(self) -> Surroundings:
        """What a connector opens with in this run; the caller adds what the store knows."""
        return replace(self.settings.around(self.today), unanswered=self.unanswered)


def context_of(settings: Settings, store: Store, today: date | None) -> Context:
    """The context of a command that only looks. ``today`` None is the real day."""
    day, moment = clock(settings, today)
    return Context(settings, store, day, moment, caches=False)


def clock(settings: Settings, today: date | None) -> tuple[date, datetime]:
    """The day to judge (in the user's zone) and the instant up to which things have happened (UTC).

    For a day other than the real one the instant is the end of that day. Only here does a run or a
    command that judges read the clock.
    """
    now = datetime.now(UTC)
    real = now.astimezone(settings.me.zone).date()
    if today is None or today == real:
        return real, now
    return today, datetime.combine(today, time.max, settings.me.zone).astimezone(UTC)


_BEHIND = timedelta(hours=36)
"""How far the clock may be behind the last run: another time zone and a day set back are harmless."""


def check_clock(store: Store, settings: Settings, today: date | None) -> None:
    """Raise ``UserMustAct`` if the clock is far behind the last run, unless the user names the day.

    On a day long past nobody would be out of touch, so open tasks would close.
    """
    problem = clock_behind(store, settings)
    if today is None and problem is not None:
        raise UserMustAct(problem, help="set the clock; or name the day: touchbase run --today YYYY-MM-DD")
    with store.begin() as connection:
        values.put(connection, values.CLOCK, datetime.now(UTC).isoformat())


def clock_behind(store: Store, settings: Settings) -> str | None:
    """Say by how much the clock is behind the last run; None if it is right, or not far off."""
    with store.read() as connection:
        known = values.get(connection, values.CLOCK)
    _, now = clock(settings, None)
    if known is None or now >= (last := datetime.fromisoformat(known)) - _BEHIND:
        return None
    here, then = (f"{moment.astimezone(settings.me.zone):%Y-%m-%d %H:%M}" for moment in (now, last))
    return f"the clock says {here}, but the last run was on {then}"


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """The instant at which a day begins in ``zone``, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


@contextmanager
def network(config: Path) -> Iterator[tuple[Settings, Store]]:
    """Open the network of a settings file: its settings, and its store until the block ends."""
    settings = load(config)
    with closing(open_store(settings.store_url)) as store, gc_paused():
        yield settings, store
