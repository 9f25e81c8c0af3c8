"""From the VEVENTs of one UID to its instances within a window.

recurring-ical-events replaces regular instances by changed ones (RECURRENCE-ID, SEQUENCE, RANGE). Its rules
are checked before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import icalendar
from icalendar.prop import vDDDTypes
from recurring_ical_events import EventAdapter, Occurrence, Series

from connectors.ics.event import Event
from connectors.shared.recurrence import (
    MAX_INSTANCES,
    NEVER_COST,
    Moment,
    NeverHappens,
    Window,
    check_rule,
    too_many,
)
from people.errors import SkipThis

FREE_CANDIDATES = 5000
"""A series that tries at most this many candidates is not charged to the budget."""


class TooMuch(SkipThis):
    """The read has spent its budget, so the rest of the file is not read."""


@dataclass(slots=True)
class Budget:
    """How many candidates one read may try for unusually long series (400,000 take about a second)."""

    left: int = 1_500_000

    def spend(self, cost: int) -> None:
        """Charge an expensive series. Raises ``TooMuch`` if the budget is spent."""
        if cost > FREE_CANDIDATES:
            self.left -= cost
        if self.left < 0:
            raise TooMuch("its rules and those before it take too long to expand")


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance. ``original`` is its place in the series, None for a single event."""

    event: Event
    start: Moment
    end: Moment
    original: Moment | None


def expand(events: Sequence[Event], window: Window, budget: Budget) -> list[Instance]:
    """Expand the VEVENTs that share one UID. Raises ``SkipThis`` if they cannot be expanded."""
    if len(events) == 1 and events[0].alone:
        event = events[0]
        return (
            [Instance(event, event.start, event.end, None)] if window.overlaps(event.start, event.end) else []
        )
    first, last = window.bounds()
    series = _Series([_Adapter(event, _checked_rules(event, window, budget)) for event in events])
    instances = list(islice(series.between(first, last), MAX_INSTANCES + 1))
    if len(instances) > MAX_INSTANCES:
        raise too_many(window)
    repeats = any(event.rules or event.extra or event.original for event in events)
    return [
        Instance(one.event, one.start, one.end, one.original if repeats else None)
        for one in instances
        if window.overlaps(one.start, one.end)
    ]


def _checked_rules(event: Event, window: Window, budget: Budget) -> set[str]:
    rules = set()
    for text in event.rules:
        try:
            rule, cost = check_rule(text, event.start, window.stop)
        except NeverHappens:
            budget.spend(NEVER_COST)
            raise
        budget.spend(cost)
        rules.add(rule)
    return rules


class _Adapter(EventAdapter):  # type: ignore[misc]  # the library has no annotations
    """Our event in the form that recurring-ical-events expands. ``rules`` are checked ones."""

    def __init__(self, event: Event, rules: set[str]) -> None:
        component = icalendar.Event()
        component["DTSTART"] = vDDDTypes(event.start)
        component["DTEND"] = vDDDTypes(event.end)
        if event.original is not None:
            component["RECURRENCE-ID"] = vDDDTypes(event.original)
            if event.and_future:
                component["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"
        super().__init__(component)
        self.event = event
        self._rules = rules

    @property
    def uid(self) -> str:
        return self.event.uid

    @property
    def sequence(self) -> int:
        return self.event.sequence

    @property
    def rrules(self) -> set[str]:
        return self._rules

    @property
    def rdates(self) -> list[Moment | tuple[Moment, timedelta]]:
        return self.event.extra

    @property
    def exdates(self) -> list[Moment]:
        return self.event.excluded

    def has_recurrence_rules(self) -> bool:
        return bool(self.rrules or self.rdates or self.exdates)


class _Occurrence(Occurrence):  # type: ignore[misc]  # the library has no annotations
    """An occurrence with its event and its place in the series."""

    def __init__(
        self,
        adapter: _Adapter,
        start: Moment | None = None,
        end: Moment | timedelta | None = None,
        sequence: int = -1,
    ) -> None:
        super().__init__(adapter, start, end, sequence)
        self.event = adapter.event
        # Without a start this is a changed instance, whose RECURRENCE-ID is its place.
        self.original = adapter.event.original if start is None else start - adapter.move_recurrences_by


class _Series(Series):  # type: ignore[misc]  # the library has no annotations
    def occurrence(
        self, adapter: _Adapter, start: Moment | None = None, end: Moment | timedelta | None = None
    ) -> _Occurrence:
        return _Occurrence(adapter, start, end, self.sequence)
