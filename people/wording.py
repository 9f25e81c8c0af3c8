"""What a task says: its title with who, how to reach them, why, and what to do with it.

A task stays in a list for weeks, so its text names days and no spans: it is as true later as it is today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from people.days import short_day
from people.phrases import in_days, matched, phrase, short_phrase, tier_word
from people.tasks import About, Channel, Evidence, FollowUp
from people.text import clean, fold, one_line

LONGEST_NAME = 48
LONGEST_FIRM = 32
LONGEST_DISTINCTION = 64
"""Longer ones are cut in a title, so that a phone shows the verb and the name."""
LONGEST_WORDS = 100
"""Longer titles of jobs and meetings are cut in the text of a task."""
MOST_WAYS = 3
"""How many numbers and how many addresses a task lists."""

_COLD = frozenset({"stale", "overdue", "cadence_used", "cadence_days"})
_CONTACT = frozenset({"last_contact", "days_since_contact", "last_channel"})
_HEADS = frozenset({"tier", "tags", "segments"})
_TELLS_NOTHING = ("tier", "general")
_NO_CONTACT = "no contact on record"


def title_with_who(item: FollowUp) -> str:
    """Return the title with the person's full name and firm.

    They go where the title names the person, or to its end. What tells two people of one name apart is in
    the brackets too. A title that says all this already stays as it is, and so does one of the user's own.

    >>> about = About(name="Sophie Jennings", organisation="Jarvis Ltd")
    >>> item = FollowUp(key="k", rule="r", person_id="p", person="Sophie Jennings", title="Call Sophie",
    ...                 due=date(2026, 11, 30), about=about)
    >>> title_with_who(item)
    'Call Sophie Jennings (Jarvis Ltd)'
    """
    if item.own_title:
        return one_line(item.own_title)
    title, about = one_line(item.title), item.about
    name = one_line(about.name)
    if not name:
        return title
    brackets = _brackets(title, about)
    # In any case, but "May" is not in "You may call".
    found = _word(name, exact=" " not in name).search(title) or _first_name(title, about)
    if found is None:
        return f"{title}{': ' if title else ''}{shortened(name, LONGEST_NAME)}{brackets}"
    head, tail = title[: found.start()] + shortened(name, LONGEST_NAME), title[found.end() :]
    # "Kate Sumner's birthday (Sumner Ltd)": nothing fits between a name and its ending.
    return f"{head}{tail}{brackets}" if re.match(r"['’]\w", tail) else f"{head}{brackets}{tail}"


def title_without_firm(item: FollowUp) -> str:
    """Return the title with the person's full name, for lists that show the firm elsewhere.

    >>> about = About(name="Sophie Jennings", organisation="Jarvis Ltd")
    >>> item = FollowUp(key="k", rule="r", person_id="p", person="Sophie Jennings", title="Call Sophie",
    ...                 due=date(2026, 11, 30), about=about)
    >>> title_without_firm(item)
    'Call Sophie Jennings'
    """
    about = item.about.model_copy(update={"organisation": None})
    return title_with_who(item.model_copy(update={"about": about}))


def task_text(item: FollowUp, today: date, *, delete: str = "Delete it") -> str:
    """Return the lines below the title: how to reach them, the rule's notes, why, and what to do.

    A day of another year than ``today`` is named with its year; a task list passes the day that the task
    is due, so that the text stays the same. ``delete`` is how the user deletes a task there. Line ends are
    LF, and what others wrote is on one line.
    """
    about = item.about
    blocks = [
        [*_reach_line(about, item.channel), *_work(about)],
        clean(item.notes).strip().split("\n"),
        [why_in_words(item, today) if item.because else "", *_last_contact_line(item, today)],
        [_what_to_do(item, delete), _where_more_is(item)],
    ]
    texts = ["\n".join(line for line in block if line.strip()) for block in blocks]
    return "\n\n".join(text for text in texts if text)


def why_in_words(item: FollowUp, today: date) -> str:
    """Return why the follow-up exists, in sentences without operators or marks of the rule language."""
    if not item.because:
        return _by_rule(item)
    own = [e for e in item.because if e.rule == item.because[0].rule]
    deciding = [e for e in item.because if e.rule != item.because[0].rule]
    special = _COLD | _CONTACT | _HEADS
    sentences = [
        _about_contact(item, today),
        *_phrases([e for e in own if e.field not in special], today),
        _who_they_are(item.because, [e for e in deciding if e.field not in special], today),
    ]
    return " ".join(_sentence(text) for text in sentences if text) or _by_rule(item)


def short_why(item: FollowUp, today: date) -> str:
    """Return why in the few words of a table, such as ``client, 109 days, aim 30``."""
    about = item.about
    parts = [_kind(item)]
    if any(e.field in _COLD | _CONTACT for e in item.because):
        last = about.last_contact
        parts.append(_NO_CONTACT if last is None else in_days((today - last).days))
        parts += [f"aim {about.cadence_days}"] if about.cadence_days is not None else []
    else:
        reasons = [e for e in item.because if e.field not in _HEADS | {"labels"}]
        parts += _phrases(reasons, today, short_phrase)[:2]
    return ", ".join(part for part in parts if part) or one_line(item.rule)


def how_to_reach(about: About, channel: Channel) -> str:
    """Return the number or the address that suits the channel, the other if it is missing, or nothing."""
    return next((ways[0] for ways in _ways(about, channel) if ways), "")


def _ways(about: About, channel: Channel) -> tuple[Sequence[str], Sequence[str]]:
    return (about.emails, about.phones) if channel == "email" else (about.phones, about.emails)


def _reach_line(about: About, channel: Channel) -> list[str]:
    """All numbers and addresses, those of the channel first."""
    ways = [one_line(way) for kind in _ways(about, channel) for way in kind[:MOST_WAYS]]
    if not ways:
        return ["No number or address on file."] if about.name else []
    return [" · ".join(ways)]


def _work(about: About) -> list[str]:
    """The job title with the firm, or a firm that is too long for the title."""
    firm = one_line(about.organisation or "")
    if about.job_title:
        return [", ".join(filter(None, (shortened(one_line(about.job_title), LONGEST_WORDS), firm)))]
    return [firm] if len(firm) > LONGEST_FIRM else []


def _brackets(title: str, about: About) -> str:
    firm = one_line(about.organisation or "")
    same = firm and (fold(firm) == fold(about.name) or _word(firm).search(title))
    inside = ["" if same else shortened(firm, LONGEST_FIRM), one_line(about.distinction)]
    text = ", ".join(part for part in inside if part)
    return f" ({text})" if text else ""


def _first_name(title: str, about: About) -> re.Match[str] | None:
    first = one_line(about.first_name) or one_line(about.name).partition(" ")[0]
    # Not if it is part of another person's name: the first name alone must be there.
    return _word(first, exact=True).search(title) if first else None


def _word(text: str, *, exact: bool = False) -> re.Pattern[str]:
    flags = re.NOFLAG if exact else re.IGNORECASE
    return re.compile(rf"(?<![\w'’-]){re.escape(text)}(?![\w-])", flags)


def shortened(text: str, most: int) -> str:
    """Return the text, or its beginning with an ellipsis if it is longer than ``most`` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _about_contact(item: FollowUp, today: date) -> str:
    fields = {e.field for e in item.because}
    last = last_contact(item.about, today)
    if fields & _COLD:
        aim = item.about.cadence_days
        every = "" if aim is None else f"; you aim for every {in_days(aim) if aim > 1 else 'day'}"
        cold = "" if _is_false(item.because, "stale") else "going cold: "
        return f"{cold}{last}{every}"
    return last if fields & _CONTACT else ""


def _is_false(because: Sequence[Evidence], field: str) -> bool:
    return any(e.field == field and e.value == "false" for e in because)


def last_contact(about: About, today: date) -> str:
    """Return the last contact with its day and title: ``last contact on 11 Aug (Lunch)``."""
    if about.last_contact is None:
        return _NO_CONTACT
    event = f" ({shortened(one_line(about.last_event), LONGEST_WORDS)})" if about.last_event else ""
    return f"last contact on {short_day(about.last_contact, today)}{event}"


def _last_contact_line(item: FollowUp, today: date) -> list[str]:
    """The last contact, unless the why says it."""
    said = any(e.field in _COLD | _CONTACT for e in item.because)
    return [] if said or not item.about.name else [_sentence(last_contact(item.about, today))]


def _what_to_do(item: FollowUp, delete: str) -> str:
    counts = ", and it counts as contact" if item.done_is_contact else ""
    return f"Done? Tick it{counts}. Later? Move its date. Not now? {delete}, and it stays away for 30 days."


def _where_more_is(item: FollowUp) -> str:
    return f"Rule {one_line(item.rule)}. More: touchbase explain {one_line(item.key[:8])}"


def _who_they_are(because: Sequence[Evidence], reasons: Sequence[Evidence], today: date) -> str:
    """The tier, tags and segments that the rule asked for, and what led to them."""
    heads = [e for e in because if e.field in _HEADS and (e.field, e.value) != _TELLS_NOTHING]
    head = ", ".join(_phrases(heads, today))
    reason = ", ".join(_phrases(reasons, today))
    return f"{head}: {reason}" if head and reason else head or reason


def _kind(item: FollowUp) -> str:
    """The label that made the person important, or their tier."""
    labels = [matched(e) for e in item.because if e.field == "labels" and e.value]
    return one_line(labels[0][0]) if labels else tier_word(item.about.tier)


def _by_rule(item: FollowUp) -> str:
    return f"The rule {one_line(item.rule)} asks for it."


def _phrases(
    evidence: Sequence[Evidence], today: date, words: Callable[[Evidence, date], str] = phrase
) -> list[str]:
    met = {e.day for e in evidence if e.field == "days_since_first_event"}
    # "First met on 18 Nov" says it.
    told = [e for e in evidence if not (e.field == "days_known" and e.day in met)]
    texts = (one_line(words(one, today)) for one in told)
    return list(dict.fromkeys(text for text in texts if text))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '…', '?', '!')) else '.'}"
