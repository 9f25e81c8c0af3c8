"""The cursor of sources that are files: a digest of all that decides what a read yields.

It also keeps the problems of the last read, so that they are told again while nothing changes: a
line that cannot be read stays in the report until someone mends it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

from people.types import Change, Page, Problem

PAGE_SIZE = 500
_MOST_PROBLEMS = 200
"""More problems of one file are counted, not listed."""


def digest(parts: Iterable[str | bytes]) -> str:
    """One digest of several parts; where one ends and the next begins matters."""
    total = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()


def unchanged(cursor: str | None, current: str) -> Page | None:
    """The only page of a read that would tell nothing new, or None when it has to be made."""
    try:
        saved = json.loads(cursor or "null")
        if saved["digest"] != current:
            return None
        problems = tuple(Problem(where=w, message=m, help=h) for w, m, h in saved["problems"])
    except (ValueError, TypeError, KeyError, LookupError):
        return None
    return Page(cursor=cursor, problems=problems)


def at_most(problems: Sequence[Problem], file: str) -> list[Problem]:
    """The first problems of one file, and how many more there are."""
    more = len(problems) - _MOST_PROBLEMS
    if more <= 0:
        return list(problems)
    rest = Problem(where=file, message=f"and {more} more problems", help="mend these first")
    return [*problems[:_MOST_PROBLEMS], rest]


def make_cursor(current: str, problems: Sequence[Problem]) -> str:
    """The cursor that ``unchanged`` understands."""
    kept = [[problem.where, problem.message, problem.help] for problem in problems]
    return json.dumps({"digest": current, "problems": kept}, ensure_ascii=False)


def full_read(changes: Sequence[Change], problems: Sequence[Problem], current: str) -> Iterator[Page]:
    """The pages of a complete read; the cursor and the problems go with the last."""
    last = max(0, (len(changes) - 1) // PAGE_SIZE * PAGE_SIZE)
    for start in range(0, last, PAGE_SIZE):
        yield Page(changes=tuple(changes[start : start + PAGE_SIZE]))
    yield Page(
        changes=tuple(changes[last:]),
        problems=tuple(problems),
        cursor=make_cursor(current, problems),
        complete=True,
    )
