"""The user's decisions about who is who: a small text file, kept in git, keyed on record keys.

    # father and son
    never   phone:A1  outlook:77
    always  phone:B2  "linkedin:in/anna berg"   # quotes where a key holds spaces

``never`` wins over ``always``. The engine only reads decisions; commands write them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Literal

from people.types import Problem

Verdict = Literal["never", "always"]
RecordPair = tuple[str, str]

_TOKEN = re.compile(r'\s*(?:(#.*)|("(?:[^"\\]|\\.)*")(?=\s|$)|([^\s"#]\S*))')
_BARE = re.compile(r'[^\s"#]\S*')
_HEADING = """\
# Who is who. One decision a line: never A B, or always A B; A and B are record keys (source:id).
# never wins. Touchbase adds lines here when you decide; edit or delete them as you like.
"""


def pair(one: str, other: str) -> RecordPair:
    """Two record keys in their one order."""
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True, slots=True)
class Overrides:
    """Pairs of record keys the user decided on, each with its line in the file (0: not from a file)."""

    never: dict[RecordPair, int] = field(default_factory=dict)
    always: dict[RecordPair, int] = field(default_factory=dict)
    file: str = ""

    @classmethod
    def load(cls, path: Path) -> tuple[Overrides, list[Problem]]:
        """Read the file; a bad line is a problem with its place, the others hold. No file, no decisions.

        Raises ``OSError`` when the file is there and cannot be read.
        """
        if not path.exists():
            return cls(file=path.name), []
        return cls.parse(path.read_text(encoding="utf-8-sig", errors="replace"), path.name)

    @classmethod
    def parse(cls, text: str, file: str = "identity.txt") -> tuple[Overrides, list[Problem]]:
        """Read the text of such a file; ``file`` names it in problems."""
        found = cls(file=file)
        problems = []
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                decision = _read(line)
            except ValueError as error:
                problems.append(Problem(where=f"{file}:{number}", message=str(error), help=_HELP))
                continue
            if decision:
                verdict, records = decision
                (found.never if verdict == "never" else found.always).setdefault(records, number)
        return found, problems + list(found.contradictions())

    def contradictions(self) -> Iterator[Problem]:
        """Pairs that must be one and must not be one, by one line each or through a chain; never wins."""
        groups = _groups(self.always)
        for (one, other), line in sorted(self.never.items()):
            if one in groups and groups[one] == groups.get(other):
                where = f"{self.file}:{line}" if line else f"{one} and {other}"
                message = f"never {one} {other} contradicts an always that joins them; never wins"
                yield Problem(where=where, message=message, help="Delete the line that is wrong.")


_HELP = "Write never A B or always A B, with two record keys such as phone:ABC; # begins a comment."


def _read(line: str) -> tuple[Verdict, RecordPair] | None:
    """One line's decision, None for an empty one. Raises ValueError."""
    tokens = _tokens(line)
    if not tokens:
        return None
    verdict, *records = tokens
    if verdict not in ("never", "always"):
        raise ValueError(f"a line begins with never or always, not with {verdict!r}")
    if len(records) != 2:
        raise ValueError(f"{verdict} takes two record keys, here are {len(records)}")
    for key in records:
        if ":" not in key.strip(":"):
            raise ValueError(f"{key!r} is no record key: those read source:id")
    if records[0] == records[1]:
        raise ValueError("the two record keys are the same")
    return ("never" if verdict == "never" else "always"), pair(records[0], records[1])


def _tokens(line: str) -> list[str]:
    tokens, at = [], 0
    line = line.rstrip()
    while at < len(line):
        found = _TOKEN.match(line, at)
        if found is None:
            raise ValueError("an unfinished quotation mark")
        comment, quoted, bare = found.groups()
        if comment:
            break
        tokens.append(str(json.loads(quoted)) if quoted else bare)
        at = found.end()
    return tokens


def _written(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _groups(pairs: Iterable[RecordPair]) -> dict[str, str]:
    """Each record key's group when all ``pairs`` are joined."""
    root: dict[str, str] = {}

    def find(key: str) -> str:
        while root.setdefault(key, key) != key:
            key = root[key]
        return key

    for one, other in pairs:
        root[find(one)] = find(other)
    return {key: find(key) for key in list(root)}


def decide(path: Path, verdict: Verdict, pairs: Iterable[RecordPair], comment: str = "") -> int:
    """Append decisions to the file, creating it with a heading; those already there are left out.

    An opposite decision on the same pair is removed, for the user has just changed their mind. Returns the
    number of lines added. Written to a neighbour first, then renamed over.
    """
    wanted = {pair(one, other) for one, other in pairs}
    text = path.read_text(encoding="utf-8") if path.exists() else _HEADING
    opposite: Verdict = "always" if verdict == "never" else "never"
    lines = [line for line in text.splitlines() if not _decides(line, opposite, wanted)]
    held, _ = Overrides.parse("\n".join(lines))
    new = sorted(wanted - (held.never if verdict == "never" else held.always).keys())
    note = f"   # {' '.join(comment.split())}" if comment else ""
    lines += [f"{verdict} {_written(one)} {_written(other)}{note}" for one, other in new]
    _write(path, lines)
    return len(new)


def undo(path: Path, pairs: Iterable[RecordPair]) -> int:
    """Remove every decision on these pairs; returns the number of lines removed."""
    wanted = {pair(one, other) for one, other in pairs}
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [
        line for line in lines if not (_decides(line, "never", wanted) or _decides(line, "always", wanted))
    ]
    if len(kept) < len(lines):
        _write(path, kept)
    return len(lines) - len(kept)


def _decides(line: str, verdict: Verdict, pairs: set[RecordPair]) -> bool:
    try:
        decision = _read(line)
    except ValueError:
        return False
    return decision is not None and decision[0] == verdict and decision[1] in pairs


def _write(path: Path, lines: list[str]) -> None:
    draft = path.with_name(path.name + ".new")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft.replace(path)


def across(ones: Iterable[str], others: Iterable[str]) -> list[RecordPair]:
    """Every pair across a cut: what ``never`` must hold so that an un-merge stays."""
    return [pair(one, other) for one, other in product(sorted(ones), sorted(others))]
