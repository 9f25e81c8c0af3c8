"""The document of a run: what ``touchbase run --json`` prints and the table of runs keeps."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from people.tasks import Ending, Status
from people.types import Frozen, Problem, RecordKind

RunStatus = Literal["ok", "partial", "failed"]


class _Stored(Frozen):
    """Part of a stored document: a later or earlier version of Touchbase may have written it."""

    model_config = ConfigDict(extra="ignore")


class RecordCounts(_Stored):
    """What became of one kind of record of a source."""

    added: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    problems: int = 0

    @property
    def total(self) -> int:
        """How many records the source has now."""
        return self.added + self.changed + self.unchanged

    def news(self) -> list[str]:
        """Return the counts that say something changed: ``["2 added", "1 gone"]``."""
        counts = (("added", self.added), ("changed", self.changed), ("gone", self.gone))
        return [f"{count} {word}" for word, count in counts if count]


class SourceDocument(_Stored):
    """How one source fared."""

    name: str
    status: str = Field(description="`ok` or `failed`.")
    error: str | None = None
    contacts: RecordCounts = RecordCounts()
    meetings: RecordCounts = RecordCounts()
    messages: RecordCounts = RecordCounts()
    journal: RecordCounts = RecordCounts()

    def of(self, kind: RecordKind) -> RecordCounts:
        """Return the counts of one kind of record."""
        counts: RecordCounts = getattr(self, kind)
        return counts


class PeopleCounts(_Stored):
    """How many people there are."""

    total: int = 0
    merged: int = Field(default=0, description="People with more than one card.")
    to_review: int = Field(default=0, description="Pairs that may be one person; see `identity review`.")
    stale: int = 0
    without_contact: int = Field(default=0, description="People without any contact on record.")


class FollowUpCounts(_Stored):
    """What became of the follow-ups."""

    created: int = 0
    updated: int = 0
    done: int = 0
    snoozed: int = 0
    dismissed: int = 0
    reopened: int = Field(default=0, description="What you opened again after it was closed.")
    suppressed: int = 0
    deferred: int = 0
    withdrawn: int = 0
    missed: int = Field(
        default=0, description="What came too late without a place, on this day or the working day before."
    )

    @property
    def moved(self) -> bool:
        """Whether any task or decision changed; suppressed and deferred follow-ups change nothing."""
        return any((self.created, self.updated, self.done, self.snoozed, self.dismissed, self.withdrawn))

    def words(self) -> list[str]:
        """Return the counts other than zero: ``["3 created", "1 done"]``."""
        return [f"{count} {name}" for name, count in self if count]


class NewFollowUp(_Stored):
    """A follow-up that became a task; in a dry run, one that would."""

    key: str
    title: str = Field(description="What to do, with who it is about.")
    what: str = Field(description="The title without the firm.")
    person: str
    organisation: str = ""
    reach: str = Field(description="The number or address that suits the channel; empty if none is known.")
    why: str = Field(description="Why, in a few words.")
    due: date


class ChangedFollowUp(_Stored):
    """An earlier follow-up that was done, moved or closed since the last run."""

    key: str
    title: str = Field(description="What was to do, with who it is about.")
    person: str
    status: Status
    due: date
    reason: str = ""
    ending: Ending | None = Field(default=None, description="How it ended, if Touchbase closed it by itself.")


class TooLate(_Stored):
    """A follow-up without a place that is useful for a few days only."""

    key: str
    title: str = Field(description="What to do, with who it is about.")
    person: str
    why: str = Field(description="Why, in a few words.")
    until: date = Field(description="The last day on which it is useful.")


class RuleCounts(_Stored):
    """How many rules there are."""

    files: int = 0
    rules: int = 0
    problems: int = Field(default=0, description="Rules that were left out because of a mistake.")


class PossibleAddress(_Stored):
    """An address that may be the user's own, but is not in ``[me] emails``."""

    email: str
    reason: Literal["marked", "meetings", "card"] = Field(
        description="The calendar marks it as yours; it is at nearly all meetings without you; "
        "it is on a card with your name."
    )
    source: str | None = None
    meetings: int = Field(default=0, description="At how many of the latest meetings without you it is.")
    of: int = Field(default=0, description="How many these meetings are.")
    meetings_of_source: int = Field(default=0, description="How many of the latest meetings have guests.")


class RunDocument(_Stored):
    """One run."""

    run_id: str
    today: date = Field(description="The judged day, in your time zone.")
    status: RunStatus = Field(description="`partial` when a source or a rule failed and the rest went on.")
    dry_run: bool = False
    sources: tuple[SourceDocument, ...] = ()
    people: PeopleCounts = PeopleCounts()
    follow_ups: FollowUpCounts = FollowUpCounts()
    new: tuple[NewFollowUp, ...] = Field(default=(), description="The follow-ups that are new.")
    changed: tuple[ChangedFollowUp, ...] = Field(
        default=(), description="Earlier follow-ups that were done, moved or closed since the last run."
    )
    soon_too_late: tuple[TooLate, ...] = Field(
        default=(), description="Those that wait and are useful for two more days at most."
    )
    missed: tuple[TooLate, ...] = Field(
        default=(), description="Those that came too late on this day or the working day before."
    )
    waiting_for_you: tuple[str, ...] = Field(
        default=(), description="Who wrote to you in the last 30 days and has no answer, the longest first."
    )
    capacity: int = Field(default=0, description="How many new follow-ups a working day takes.")
    rules: RuleCounts = RuleCounts()
    labels: tuple[str, ...] = Field(default=(), description="The label changes, one sentence each.")
    notes: tuple[str, ...] = Field(
        default=(), description="What else happened, one sentence each. It needs no attention."
    )
    problems: tuple[Problem, ...] = Field(default=(), description="Everything that needs attention.")
    placeholder_left: bool = Field(default=False, description="`[me] emails` is still the example of `init`.")
    possible_addresses: tuple[PossibleAddress, ...] = Field(
        default=(), description="Addresses that may be yours and that no run has asked about before."
    )
