"""The user's decisions about who is who, in a small text file that names record keys.

    # father and son
    never   phone:A1  outlook:77
    always  phone:B2  "linkedin:in/anna berg"   # quotes where a key holds spaces

``never`` wins over ``always``. A resolution only reads decisions; commands write them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Literal

from people.errors import UserMustAct
from people.identity.cluster import cluster
from people.private_files import private_folder, write_private
from people.regular_files import read_regular
from people.types import Problem

Verdict = Literal["never", "always"]
_VERDICTS: tuple[Verdict, ...] = ("never", "always")
RecordPair = tuple[str, str]

_TOKEN = re.compile(r'\s*(?:(#.*)|("(?:[^"\\]|\\.)*")(?=\s|$)|([^\s"#]\S*))')
_BARE = re.compile(r'[^\s"#]\S*')
_HEADING = """\
# Who is who. One decision per line: never A B, or always A B. A and B are record keys (source:id).
# never wins. Touchbase adds a line here when you decide; you can edit or delete lines.
"""


def pair(one: str, other: str) -> RecordPair:
    """Two record keys, the smaller first."""
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True, slots=True)
class Overrides:
    """The pairs of record keys that the user decided on, each with its line number (0: not from a file)."""

    never: dict[RecordPair, int] = field(default_factory=dict)
    always: dict[RecordPair, int] = field(default_factory=dict)
    file: str = ""

    @classmethod
    def load(cls, path: Path) -> tuple[Overrides, list[Problem]]:
        """Read the file; a missing file means no decisions. Each bad line is a problem, and the others hold.

        Raises ``UserMustAct`` if there is something that cannot be read: without the decisions, people
        that the user keeps apart would be joined.
        """
        return cls.parse(_text(path, "replace"), path.name) if path.exists() else (cls(file=path.name), [])

    @classmethod
    def parse(cls, text: str, file: str = "identity.txt") -> tuple[Overrides, list[Problem]]:
        """Read decisions from a text; ``file`` is its name in problems."""
        decisions = cls(file=file)
        problems = []
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                decision = _read(line)
            except ValueError as error:
                problems.append(Problem(where=f"{file}:{number}", message=str(error), help=_HELP))
                continue
            if decision:
                verdict, records = decision
                (decisions.never if verdict == "never" else decisions.always).setdefault(records, number)
        return decisions, problems + list(decisions.contradictions())

    def contradictions(self) -> Iterator[Problem]:
        """A problem for each pair that a ``never`` separates and a chain of ``always`` joins; never wins."""
        joined = cluster(((0.0, *two) for two in self.always), lambda _one, _other: False)
        for (one, other), line in sorted(self.never.items()):
            if other in joined.of(one):
                where = f"{self.file}:{line}" if line else f"{one} and {other}"
                message = f"never {one} {other} contradicts an always that joins them; never wins"
                yield Problem(where=where, message=message, help="Delete the line that is wrong.")


_HELP = "Write never A B or always A B, where A and B are record keys such as phone:ABC. # starts a comment."


def _read(line: str) -> tuple[Verdict, RecordPair] | None:
    """The decision in a line; None for an empty line or a comment. Raises ValueError."""
    tokens = _tokens(line)
    if not tokens:
        return None
    verdict, *records = tokens
    if verdict not in ("never", "always"):
        raise ValueError(f"a line must begin with never or always, not with {verdict!r}")
    if len(records) != 2:
        raise ValueError(f"{verdict} takes two record keys, not {len(records)}")
    for key in records:
        if ":" not in key.strip(":"):
            raise ValueError(f"{key!r} is not a record key; a record key looks like source:id")
    if records[0] == records[1]:
        raise ValueError("the two record keys are the same")
    return ("never" if verdict == "never" else "always"), pair(records[0], records[1])


def _tokens(line: str) -> list[str]:
    tokens, at = [], 0
    line = line.rstrip()
    while at < len(line):
        token = _TOKEN.match(line, at)
        if token is None:
            raise ValueError("a quotation mark is not closed")
        comment, quoted, bare = token.groups()
        if comment:
            break
        tokens.append(str(json.loads(quoted)) if quoted else bare)
        at = token.end()
    return tokens


def _written(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def decide(path: Path, verdict: Verdict, pairs: Iterable[RecordPair], comment: str = "") -> int:
    """Append decisions to the file, and create it with a heading if it is missing.

    Leaves out decisions that the file holds already, and removes the opposite decision on the same pair.
    Returns the number of lines added. The file is replaced in one step.
    """
    wanted = {pair(one, other) for one, other in pairs}
    text = _text(path) if path.exists() else _HEADING
    opposite: Verdict = "always" if verdict == "never" else "never"
    lines = [line for line in text.splitlines() if not _decides(line, opposite, wanted)]
    held, _ = Overrides.parse("\n".join(lines))
    new = sorted(wanted - (held.never if verdict == "never" else held.always).keys())
    note = f"   # {' '.join(comment.split())}" if comment else ""
    lines += [f"{verdict} {_written(one)} {_written(other)}{note}" for one, other in new]
    _write(path, lines)
    return len(new)


def undo(path: Path, pairs: Iterable[RecordPair]) -> int:
    """Remove every decision on these pairs, and return the number of lines removed."""
    wanted = {pair(one, other) for one, other in pairs}
    lines = _text(path).splitlines() if path.exists() else []
    kept = [line for line in lines if not any(_decides(line, verdict, wanted) for verdict in _VERDICTS)]
    if len(kept) < len(lines):
        _write(path, kept)
    return len(lines) - len(kept)


def _text(path: Path, errors: str = "strict") -> str:
    try:
        return read_regular(path).decode("utf-8-sig", errors)
    except OSError as error:
        reason, remedy = error.strerror or str(error), "remove it, or correct its permissions"
    except UnicodeDecodeError:
        reason, remedy = "it is not in UTF-8", "save it as UTF-8"
    raise UserMustAct(f"{path} cannot be read: {reason}", help=remedy)


def _decides(line: str, verdict: Verdict, pairs: set[RecordPair]) -> bool:
    try:
        decision = _read(line)
    except ValueError:
        return False
    return decision is not None and decision[0] == verdict and decision[1] in pairs


def _write(path: Path, lines: list[str]) -> None:
    private_folder(path.parent)
    # The settings name this file, so its user may have put a link there.
    write_private(path.resolve(), "\n".join(lines) + "\n")


def across(ones: Iterable[str], others: Iterable[str]) -> list[RecordPair]:
    """Every pair of one of ``ones`` and one of ``others``: a ``never`` for each keeps the two sides apart."""
    return [pair(one, other) for one, other in product(sorted(ones), sorted(others))]
