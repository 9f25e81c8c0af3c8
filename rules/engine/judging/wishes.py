"""Follow-ups that rules ask for, made from the rows they match."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from people.tasks import FollowUpWish, Match
from rules.engine.language.ruleset import FollowUpEffect, Rule
from rules.engine.language.templates import shown


def fields_read(rule: Rule) -> tuple[str, ...]:
    """Return the fields that a wish of this rule reads: those of its texts, and its occasion."""
    effect: FollowUpEffect = rule.then["follow_up"]
    more = [field for field in (effect.occasion, effect.due_on, effect.steps_after) if field]
    return tuple(dict.fromkeys((*effect.title.fields, *effect.notes.fields, *more)))


def wish_of(rule: Rule, row: Mapping[str, object], number: int, today: date) -> FollowUpWish | None:
    """Return the follow-up that a matched rule asks for about the person or the referral in this row.

    ``number`` is the row's number in the frame that was judged. A row about a referral has the columns
    ``id``, ``person_id`` and ``other_id`` beside the declared facts; the rule names the party to ask.
    None if it is due on a day that is missing or over.
    """
    effect: FollowUpEffect = rule.then["follow_up"]
    due = due_day(effect, row, today)
    if due is None:
        return None
    if rule.subject == "referral":
        party, subject = effect.ask, _word(row, "id")
        person_id, person = _word(row, f"{party}_id"), _word(row, f"{party}")
    else:
        person_id, subject = _word(row, "id"), ""
        names = (_word(row, "name"), _word(row, "organisation"), *_words(row, "emails"))
        person = next((name for name in names if name), person_id)
    occasion = _occasion(effect.occasion, row, today) if effect.occasion else ""
    if (step := step_of(effect, row, today)) is not None:
        occasion = f"{shown(row.get(str(effect.steps_after)))}/{step + 1}"
    return FollowUpWish(
        rule=rule.id,
        person_id=person_id,
        person=person,
        title=effect.title.fill(row, today),
        notes=effect.notes.fill(row, today),
        channel=effect.channel,
        priority=effect.priority,
        due=due,
        on_day=effect.due_on is not None,
        any_day=effect.any_day,
        within=effect.within,
        ration=rule.ration,
        cooldown_days=effect.cooldown,
        occasion="/".join(part for part in (subject, occasion) if part),
        done_is_contact=effect.done_is_contact,
        referral=rule.subject == "referral",
        match=Match(rule.id, number),
    )


def due_day(effect: FollowUpEffect, row: Mapping[str, object], today: date) -> date | None:
    """Return the day on which a follow-up about this row is due, None if its day is missing or over."""
    if effect.steps:
        start, step = row.get(str(effect.steps_after)), step_of(effect, row, today)
        if step is None or not isinstance(start, date):
            return None
        return max(today, start + timedelta(days=effect.steps[step]))
    if effect.due_weekday is not None:
        return today + timedelta(days=(effect.due_weekday - today.weekday()) % 7)
    if effect.due_on is None:
        return today + timedelta(days=effect.due)
    day = row.get(effect.due_on)
    return day if isinstance(day, date) and day >= today else None


LAST_STEP_DAYS = 14
"""How long the last step is asked for. Each other one is asked for until the next begins."""


def step_of(effect: FollowUpEffect, row: Mapping[str, object], today: date) -> int | None:
    """Return the number of the step that is due, from 0 on; None if none is. Each begins a day ahead."""
    start = row.get(effect.steps_after) if effect.steps_after else None
    if not effect.steps or not isinstance(start, date):
        return None
    age = (today - start).days
    if age < 0 or age > effect.steps[-1] + LAST_STEP_DAYS:
        return None
    return max((number for number, days in enumerate(effect.steps) if age >= days - 1), default=None)


def _occasion(name: str, row: Mapping[str, object], today: date) -> str:
    match name:
        case "week":
            year, week, _ = today.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{today:%Y-%m}"
        case "year":
            return f"{today:%Y}"
        case _:
            return shown(row.get(name)) or ""


def _words(row: Mapping[str, object], field: str) -> list[str]:
    values = row.get(field)
    return [str(value) for value in values] if isinstance(values, list | tuple) else []


def _word(row: Mapping[str, object], field: str) -> str:
    value = row.get(field)
    return "" if value is None else str(value)
