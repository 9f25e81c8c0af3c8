"""The cursor of sources that are files: a digest of everything that decides what a read yields.

It also holds the problems of the last read. They are reported again while nothing changes, so that a line
that cannot be read stays in the report until someone corrects it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

from people.types import Change, Page, Problem

PAGE_SIZE = 500
_MOST_PROBLEMS = 200
"""Further problems of one file are counted, not listed."""


def digest(parts: Iterable[str | bytes]) -> str:
    """One digest of several parts. The boundaries between parts matter."""
    total = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()


def unchanged(cursor: str | None, current: str) -> Page | None:
    """The single page of a read without changes, or None if the source has to be read."""
    try:
        saved = json.loads(cursor or "null")
        if saved["digest"] != current:
            return None
        problems = tuple(Problem(where=w, message=m, help=h) for w, m, h in saved["problems"])
    except (ValueError, TypeError, KeyError, LookupError):
        return None
    return Page(cursor=cursor, problems=problems)


def at_most(problems: Sequence[Problem], file: str) -> list[Problem]:
    """The first problems of one file, and the number of the others."""
    more = len(problems) - _MOST_PROBLEMS
    if more <= 0:
        return list(problems)
    rest = Problem(where=file, message=f"and {more} more problems", help="correct these first")
    return [*problems[:_MOST_PROBLEMS], rest]


def make_cursor(current: str, problems: Sequence[Problem]) -> str:
    """The cursor that ``unchanged`` understands."""
    rows = [[problem.where, problem.message, problem.help] for problem in problems]
    return json.dumps({"digest": current, "problems": rows}, ensure_ascii=False)


def full_read(changes: Sequence[Change], problems: Sequence[Problem], current: str) -> Iterator[Page]:
    """Yield the pages of a complete read. The last one has the cursor and the problems."""
    last = max(0, (len(changes) - 1) // PAGE_SIZE * PAGE_SIZE)
    for start in range(0, last, PAGE_SIZE):
        yield Page(changes=tuple(changes[start : start + PAGE_SIZE]))
    yield Page(
        changes=tuple(changes[last:]),
        problems=tuple(problems),
        cursor=make_cursor(current, problems),
        complete=True,
    )
