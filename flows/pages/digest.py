"""The digest of a day in Markdown: who you meet, what is due and why, what else happened.

It is read on a phone between two meetings, so it has at most ``MOST_LINES`` lines on any day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flows.pages import brief
from flows.pages.brief_lines import NO_TITLE, gist, who
from flows.pages.documents.brief import BriefDocument, BriefMeeting
from flows.pages.documents.waiting import WaitingDocument, WaitingPerson, waiting_of
from flows.pages.short_page import Item, Section, fit
from flows.run.context import Context
from flows.run.outcome.document import TooLate
from flows.run.outcome.first_step import first_step
from flows.run.outcome.report import RunReport
from people.days import short_day, weekday_and_day
from people.planning.model import OPEN, PastFollowUp
from people.store import follow_ups, runs
from people.tasks import Ending, FollowUp, Status
from people.text import code_for_markdown, for_markdown, one_line
from people.types import Problem
from people.wording import how_to_reach, title_with_who, why_in_words

MOST_LINES = 40
"""A page that is longer is not read (monicahq/monica #2571, #3178)."""
MOST_NAMES = 5
"""How many names a sentence lists."""
BEST = 3
"""How many of those that wait are named."""
MOST_GUESTS = 3
"""How many guests of a meeting are named: `touchbase brief` has all of them."""
CROWDED = 10
"""With more than this due, who waits for an answer is one line."""
MOST_PROBLEMS = 3
"""How many problems are shown: `touchbase status` has all of them."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What the digest of a day says. ``since`` is the day of the run before; None on the first day."""

    today: date
    brief: BriefDocument
    due: Sequence[FollowUp]
    coming: Sequence[FollowUp]
    waiting: Sequence[FollowUp]
    more_waiting: int
    soon_too_late: Sequence[TooLate]
    closed: Sequence[FollowUp]
    problems: Sequence[Problem]
    new: frozenset[str]
    since: date | None
    first_step: str | None = None
    answers: WaitingDocument | None = None

    def gist(self) -> str:
        """The day in a few words: ``3 due, 2 meetings``."""
        meetings = len(self.brief.meetings)
        parts = [f"{len(self.due)} due" if self.due else "nothing due"]
        parts += [f"{len(self.new)} new"] if self.new and not self.due else []
        parts += [f"{meetings} meeting{'s' * (meetings != 1)}"] if meetings else []
        return ", ".join(parts)

    def subject(self) -> str:
        """The subject of the e-mail: ``3 due, 2 meetings: Anna Berg 10:00``."""
        first = next(iter(self.brief.meetings), None)
        what = ""
        if first is not None:
            name = first.guests[0].name if first.guests else first.title or NO_TITLE
            what = f"{one_line(name)} {_begins(first)}"
        elif self.due:
            what = title_with_who(self.due[0])
        text = self.gist()
        return f"{text[:1].upper()}{text[1:]}{f': {what}' if what else ''}"

    def page(self, most: int = MOST_LINES) -> str:
        """The page in Markdown, of at most ``most`` lines."""
        tasks = _more("touchbase follow-ups")
        problems = [(problem_line(problem),) for problem in self.problems]
        attention = _more("touchbase status")
        due = [self._task(item, self._late(item), self._mark(item)) for item in self.due]
        # A new task is read once: here. Those of earlier days need no more than their names.
        coming = [self._coming(item) for item in sorted(self.coming, key=lambda i: i.key not in self.new)]
        sections = [
            _meetings(self.brief),
            Section("Due", due, rank=0, least=5, rest=tasks),
            Section(
                "They wait for your answer", self._answers(), rank=3, least=0, rest=_more("touchbase waiting")
            ),
            Section("Coming", coming, rank=4, least=0, rest=tasks),
            Section("Also", [(line,) for line in self._besides()], rank=3, least=9),
            Section("Needs attention", problems, rank=2, least=1, most=MOST_PROBLEMS, rest=attention),
        ]
        head = [f"# {weekday_and_day(self.today, self.today)}: {self.gist()}"]
        head += ["", for_markdown(self.first_step)] if self.first_step else []
        return fit(head, sections, most)

    def _task(self, item: FollowUp, *marks: str) -> Item:
        parts = [_title(item), for_markdown(how_to_reach(item.about, item.channel)), *marks]
        notes = " ".join(item.notes.split())
        why = for_markdown(why_in_words(item, self.today))
        return " · ".join(filter(None, parts)), why, *([for_markdown(notes)] if notes else [])

    def _late(self, item: FollowUp) -> str:
        return f"since {short_day(item.due, self.today)}" if item.due < self.today else ""

    def _coming(self, item: FollowUp) -> Item:
        day = weekday_and_day(item.due, self.today)
        if item.key in self.new:
            return self._task(item, day, self._mark(item))
        return (" · ".join(filter(None, [_title(item), day, self._mark(item)])),)

    def _mark(self, item: FollowUp) -> str:
        return "moved by you" if item.status == "snoozed" else "new" if item.key in self.new else ""

    def _besides(self) -> Iterator[str]:
        """One line per kind of news, with the most telling names."""
        count = len(self.waiting) + self.more_waiting
        if count:
            best = _names(title_with_who(item) for item in self.waiting[:BEST])
            all_of_them = f" All: {code_for_markdown('touchbase follow-ups')}" if count > BEST else ""
            yield f"Waiting: {count}. {'The best: ' if count > BEST else ''}{best}.{all_of_them}"
        sides = {"They wait for your answer": self._waits() if self._crowded else ()}
        sides["You wait for answers of"] = self.answers.for_them if self.answers else ()
        if lines := [f"{label}: {_names(one.person for one in who)}" for label, who in sides.items() if who]:
            yield f"{'. '.join(lines)}. All: {code_for_markdown('touchbase waiting')}"
        if self.soon_too_late:
            names = _names(one.person for one in self.soon_too_late)
            yield f"Soon too late: {names}. One more now: {code_for_markdown('touchbase next')}"
        since = f" since {weekday_and_day(self.since, self.today)}" if self.since else ""
        for kinds in (
            {"Missed, no place was free in time": self._ended("withdrawn", "missed")},
            {f"Done{since}": self._ended("done"), "Dropped by you": self._ended("dismissed")},
            {
                "Closed by Touchbase": self._ended("withdrawn", None, "day over"),
                "Set back to make room": self._ended("withdrawn", "set back"),
            },
        ):
            if lines := [f"{label}: {_counted(items)}" for label, items in kinds.items() if items]:
                yield ". ".join(lines)

    @property
    def _crowded(self) -> bool:
        """Whether so much is due that who waits for an answer gets no more than a line."""
        return len(self.due) > CROWDED

    def _waits(self) -> Sequence[WaitingPerson]:
        return self.answers.for_me if self.answers else ()

    def _answers(self) -> list[Item]:
        waits = () if self._crowded else self._waits()
        return [
            (f"**{for_markdown(one.person)}** · since {weekday_and_day(one.since, self.today)}",)
            for one in waits
        ]

    def _ended(self, status: Status, *endings: Ending | None) -> list[FollowUp]:
        return [item for item in self.closed if item.status == status and item.ending in (endings or (None,))]


def digest_of(report: RunReport, context: Context) -> Digest:
    """Return the digest of the report's day. It covers all runs of that day."""
    today = report.today
    with context.store.read() as connection:
        past = follow_ups.past(connection)
        listed = follow_ups.listed(connection, closed=False)
        since = runs.day_before(connection, today)
    waiting = sorted(
        (item for item in listed if item.status == "deferred"), key=lambda i: (-i.value, i.due, i.key)
    )
    open_now = sorted(
        (item.follow_up for item in past if item.follow_up.status in OPEN),
        key=lambda item: (item.due, -item.value, item.key),
    )
    return Digest(
        today=today,
        brief=brief.of_day(context, today),
        due=[item for item in open_now if item.due <= today],
        coming=[item for item in open_now if item.due > today],
        waiting=waiting,
        more_waiting=report.plan.more_deferred,
        soon_too_late=report.document().soon_too_late,
        closed=[item.follow_up for item in past if _is_news(item, since or today, today)],
        problems=report.all_problems(),
        new=frozenset(item.follow_up.key for item in past if item.created_on == today),
        since=since,
        first_step=first_step(report.document()),
        answers=waiting_in(report, context),
    )


def waiting_in(report: RunReport, context: Context) -> WaitingDocument | None:
    """Who waits for an answer, as the run judged it; None if it did not come to that."""
    people = report.judged.people if report.judged else None
    return waiting_of(context, people).lately() if people is not None else None


def _is_news(item: PastFollowUp, since: date, today: date) -> bool:
    return item.closed_on is not None and since <= item.closed_on <= today


def _meetings(document: BriefDocument) -> Section:
    items = [_meeting(meeting, document.day) for meeting in document.meetings]
    return Section("You meet", items, rank=1, least=2, rest=_more("touchbase brief"))


def _meeting(meeting: BriefMeeting, day: date) -> Item:
    title = f"{_begins(meeting)} **{for_markdown(meeting.title or NO_TITLE)}**"
    where = f", {for_markdown(meeting.location)}" if meeting.location else ""
    if len(meeting.guests) == 1 and not meeting.more:
        (guest,) = meeting.guests
        return f"{title}{where}: {for_markdown(who(guest))}", for_markdown(gist(guest, day))
    names = [for_markdown(guest.name) for guest in meeting.guests[:MOST_GUESTS]]
    others = len(meeting.guests) + meeting.more - len(names)
    coming = " and ".join(filter(None, [", ".join(names), f"{others} more" if others else ""]))
    details = [
        f"{for_markdown(who(one))}: {for_markdown(gist(one, day))}" for one in meeting.guests[:MOST_GUESTS]
    ]
    return f"{title}{where}: {coming if names else f'{meeting.more} guests'}", *details


def _begins(meeting: BriefMeeting) -> str:
    return meeting.time.partition("-")[0]


def problem_line(problem: Problem) -> str:
    """Return a problem in Markdown, on one line: where, what, and how to fix it."""
    message = f"**{for_markdown(problem.where)}**: {for_markdown(problem.message)}"
    # A sentence begins in capitals, a command does not.
    first = problem.help[:1] if problem.help.startswith("touchbase ") else problem.help[:1].upper()
    return f"{message}. {for_markdown(first + problem.help[1:])}" if problem.help else message


def _title(item: FollowUp) -> str:
    return f"**{for_markdown(title_with_who(item))}**"


def _counted(items: Sequence[FollowUp]) -> str:
    """How many, who, and why if one reason holds for all that Touchbase closed."""
    reasons = {item.reason for item in items if item.status == "withdrawn" and not item.ending}
    why = f": {for_markdown(*reasons)}" if len(reasons) == 1 and any(reasons) else ""
    return f"{len(items)} ({_names(item.person for item in items)}){why}"


def _names(texts: Iterable[str]) -> str:
    names = list(dict.fromkeys(for_markdown(text) for text in texts))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"


def _more(command: str) -> Callable[[int], str]:
    return lambda count: f"and {count} more: {code_for_markdown(command)}"
