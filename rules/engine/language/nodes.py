"""A YAML file as a tree that knows the place of every key and value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rules.engine.language.problems import Code, RuleProblem


class Plain(str):
    """A scalar without quotes: only such a one may be true, false, null or a number."""

    __slots__ = ()


@dataclass(slots=True)
class Node:
    """A scalar (``value`` is text), a list (of nodes) or a map (key to its key node and value node).

    ``line`` and ``column`` count from 1. ``end_line`` is the last line of a list or map. ``broken``
    marks what a reader must leave out because of a mistake inside.
    """

    value: Any
    line: int
    column: int
    end_line: int = 0
    broken: bool = False

    @property
    def is_map(self) -> bool:
        """Whether this is a map."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.value, list)

    @property
    def place(self) -> tuple[int, int]:
        """Line and column."""
        return (self.line, self.column)

    def get(self, key: str) -> Node | None:
        """Return the value of a map's key, None when this is no map or has no such key."""
        return self.at(key) if self.is_map and key in self.value else None

    def at(self, key: str) -> Node:
        """Return the value of a key that is known to be there."""
        child: Node = self.value[key][1]
        return child

    def plain(self) -> Any:  # noqa: ANN401 - dicts, lists and text, nested
        """Return the same content as dicts, lists and text."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, (_, node) in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


@dataclass
class Document:
    """One file: its tree (None when nothing can be read) and what is wrong with it as YAML."""

    file: str
    root: Node | None = None
    problems: list[RuleProblem] = field(default_factory=list)

    def report(self, at: tuple[int, int], code: Code, message: str, help: str = "") -> None:  # noqa: A002
        """Note a mistake at (line, column)."""
        self.problems.append(
            RuleProblem(file=self.file, line=at[0], column=at[1], code=code, message=message, help=help)
        )
