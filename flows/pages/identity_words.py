"""Why two cards may be one person, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from people.store.resolving.decisions import OpenPair

TERM = re.compile(r"(?P<what>[^(]+?)(?P<values> \(.*\))? (?P<bits>[+-]\d+\.\d)")
"""A line of evidence as ``people.identity.weighing.scoring`` writes it."""
_PRIOR = "any two cards"
_CHANCES = (
    (13, "Almost certainly one person"),
    (6.6, "Very likely one person"),
    (3.3, "Likely one person"),
    (-3.3, "As likely one person as two"),
    (-6.6, "Unlikely to be one person"),
)
"""From how many bits on: 3.3 are odds of 10 to 1, 6.6 of 100 to 1, 13 of 8,000 to 1."""
LIKELY = 3.3
"""From this worth on a question is likely to be answered with yes."""
_LEAST = "Very unlikely to be one person"


def chance(shown: OpenPair) -> str:
    """Return in words how likely it is that two cards are one person, and why Touchbase asks."""
    notes = [line for line in (shown.reason, *shown.evidence) if line and not TERM.fullmatch(line)]
    words = next(
        (words for least, words in _CHANCES if shown.bits >= least), "Very unlikely to be one person"
    )
    if notes and shown.bits > 0:
        words = "Much agrees"
    return ", but ".join([words, *notes[:1]]) + "".join(f"; {note}" for note in notes[1:])


def for_and_against(lines: Sequence[str]) -> Iterator[str]:
    """Yield what speaks for one person, and what against: ``For: same family name (penrose)``."""
    terms = [found for line in lines if (found := TERM.fullmatch(line)) and found["what"] != _PRIOR]
    for title, sign in (("For", "+"), ("Against", "-")):
        texts = [_words(found) for found in terms if found["bits"][0] == sign and float(found["bits"])]
        if texts:
            yield f"{title}: {', '.join(texts)}"


def _words(found: re.Match[str]) -> str:
    """``family name same (penrose)`` as ``same family name (penrose)``."""
    what = found["what"]
    for end, start in (("nearly same", "nearly the same"), ("same", "same"), ("differs", "different")):
        if what.endswith(f" {end}"):
            what = f"{start} {what.removesuffix(f' {end}')}"
            break
    return f"{what}{found['values'] or ''}"
