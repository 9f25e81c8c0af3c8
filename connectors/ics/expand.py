"""From the VEVENTs of one UID to its instances within a window.

recurring-ical-events replaces regular instances by changed ones (RECURRENCE-ID, SEQUENCE, RANGE). Its rules
are checked before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import icalendar
from icalendar.prop import vDDDTypes
from recurring_ical_events import EventAdapter, Occurrence, Series

from connectors.ics.copies import place
from connectors.ics.event import ITSELF, Event
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
from people.text import one_line

LIBRARY_ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError)
"""What icalendar, dateutil and recurring-ical-events raise on input they do not expect."""

FREE_CANDIDATES = 5000
"""A series that tries at most this many candidates is not charged to the budget."""


@dataclass(slots=True)
class Budget:
    """How many candidates one read may try for unusually long series (400,000 take about a second)."""

    left: int = 1_500_000

    def spend(self, cost: int) -> None:
        """Charge an expensive series. Raises ``SkipThis`` if the budget is spent."""
        if cost > FREE_CANDIDATES:
            self.left -= cost
        if self.spent:
            raise SkipThis("its rules and those before it take too long to expand")

    @property
    def spent(self) -> bool:
        """Whether rules were refused only because others cost too much."""
        return self.left < 0


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance. ``original`` is its place in the series, None for a single event."""

    event: Event
    start: Moment
    end: Moment
    original: Moment | None


Refuse = Callable[[Event, str], None]
"""Hears why a rule was refused, so that only the event itself is read."""


def expand(events: Sequence[Event], window: Window, budget: Budget, refuse: Refuse) -> list[Instance]:
    """Expand the VEVENTs that share one UID. What cannot be expanded is read without its rules."""
    if len(events) == 1 and events[0].alone:
        event = events[0]
        return (
            [Instance(event, event.start, event.end, None)] if window.overlaps(event.start, event.end) else []
        )
    rules = [_checked_rules(event, window, budget, refuse) for event in events]
    _settle_places(events, rules)
    try:
        return _expanded(events, rules, window)
    except SkipThis as error:
        message = error.message
    except LIBRARY_ERRORS as error:
        message = f"it cannot be expanded ({type(error).__name__}: {one_line(str(error))[:100]})"
    refuse(events[0], f"{message}; {ITSELF}")
    for event in events:
        event.rules, event.extra, event.excluded = [], [], []
    return _expanded(events, [set() for _ in events], window)


def _expanded(events: Sequence[Event], rules: Sequence[set[str]], window: Window) -> list[Instance]:
    first, last = window.bounds()
    series = _Series([_Adapter(event, checked) for event, checked in zip(events, rules, strict=True)])
    instances = list(islice(series.between(first, last), MAX_INSTANCES + 1))
    if len(instances) > MAX_INSTANCES:
        raise too_many(window)
    repeats = any(event.rules or event.extra or event.original for event in events)
    return [
        Instance(one.event, one.start, one.end, one.original if repeats else None)
        for one in instances
        if window.overlaps(one.start, one.end)
    ]


def _settle_places(events: Sequence[Event], rules: Sequence[set[str]]) -> None:
    """Say for each changed instance which place in the series it takes."""
    at = next((at for at, event in enumerate(events) if event.original is None), None)
    if at is None:
        return
    for event in events:
        if event.original is not None:
            event.original = place(event.original, events[at], sorted(rules[at]))


def _checked_rules(event: Event, window: Window, budget: Budget, refuse: Refuse) -> set[str]:
    rules = set()
    for text in event.rules:
        try:
            budget.spend(0)
            rule, cost = check_rule(text, event.start, window.stop)
            budget.spend(cost)
        except SkipThis as error:
            if isinstance(error, NeverHappens):
                budget.left -= NEVER_COST
            refuse(event, f"{error.message}; {ITSELF}")
        else:
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
