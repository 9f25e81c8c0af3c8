"""What a network that cannot work yet lacks, in one sentence that names the next step."""

from __future__ import annotations

from collections.abc import Collection

from flows.run.outcome.document import RunDocument
from people.store import Connection, runs

_NOTHING = "Nothing is read yet: name your contacts and your calendar in touchbase.toml (touchbase doctor)."
_LOG = "touchbase log WHO contact --date YYYY-MM-DD"


_LAST_RUNS = 20
"""How many runs are asked. An hourly run reads some sources only, so it does not know what is missing."""


def first_step_now(connection: Connection, sources: Collection[str]) -> str | None:
    """Return the sentence as of the last run that read all ``sources``."""
    latest = runs.latest(connection, _LAST_RUNS)
    results = [RunDocument.model_validate(run.result) for run in latest if run.result]
    if not results:
        return "There is no run yet. Next: touchbase run"
    whole = (run for run in results if {source.name for source in run.sources} == {*sources})
    return next(map(first_step, whole), None)


def first_step(run: RunDocument) -> str | None:
    """Return the sentence, or None if people can go cold, or if a source failed and must be repaired first.

    ``run`` is a run that read every source.
    """
    people = run.people
    if not run.sources:
        return None if people.total else _NOTHING
    if any(source.status != "ok" for source in run.sources) or run.status == "failed":
        return None
    meetings = sum(source.meetings.total for source in run.sources)
    if not people.total:
        why = "No meeting has a guest" if meetings else "No source names a person"
        return f"{why}: name your contacts in touchbase.toml, then: touchbase doctor"
    if people.without_contact >= people.total:
        return f"{_nobody(people.total)}, so nothing can go cold. {_more(meetings)}, or: {_LOG}"
    if not any(source.contacts.total for source in run.sources):
        return (
            f"{_people(people.total)} known from guest lists alone, without number and firm. "
            "Name your contacts in touchbase.toml, then: touchbase run"
        )
    return None


def _nobody(total: int) -> str:
    if total == 1:
        return "The one person has no contact on record"
    return f"{total:,} of {total:,} people have no contact on record"


def _people(total: int) -> str:
    return "1 person is" if total == 1 else f"{total:,} people are"


def _more(meetings: int) -> str:
    if meetings:
        return "None of them is a guest of your meetings: name the calendar where you meet them"
    return "Name your calendar in touchbase.toml (touchbase doctor)"
