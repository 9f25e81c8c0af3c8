"""A YAML file as a tree with the place of every key and value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rules.engine.language.problems import Code, RuleProblem, problem_at


class Plain(str):
    """A scalar without quotes. Only these can be true, false, null or a number."""

    __slots__ = ()


@dataclass(slots=True)
class Node:
    """A scalar (``value`` is text), a list (of nodes) or a map (key to its key node and value node).

    ``line`` and ``column`` count from 1. ``end_line`` is the last line of a list or map. A ``broken`` node
    has a mistake inside, and readers leave it out.
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
        """Return the value of a key, None if this is not a map or does not have the key."""
        return self.at(key) if self.is_map and key in self.value else None

    def at(self, key: str) -> Node:
        """Return the value of a key that the map has."""
        child: Node = self.value[key][1]
        return child

    def plain(self) -> Any:  # noqa: ANN401 - dicts, lists and text, nested
        """Return the content as dicts, lists and text."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, (_, node) in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


@dataclass
class Document:
    """One file: its tree (None if nothing can be read) and its mistakes as YAML."""

    file: str
    root: Node | None = None
    problems: list[RuleProblem] = field(default_factory=list)

    def report(self, at: tuple[int, int], code: Code, message: str, help: str = "") -> None:  # noqa: A002
        """Add a mistake at (line, column)."""
        self.problems.append(problem_at(self.file, at, code, message, help))
