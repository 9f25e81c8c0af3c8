"""Build the tree from the events of the YAML parser; refuse aliases, tags, depth and repeated keys."""

from __future__ import annotations

from typing import Any

import yaml

from rules.engine.language.nodes import Document, Node, Plain
from rules.engine.language.problems import Code

MAX_DEPTH = 40


class TooDeep(Exception):
    """Blocks are nested so deep that the parser would need quadratic time."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.place = (line, column)


class Builder:
    """Builds nodes from parser events. What is refused is left out and reported."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the parser's next event."""
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_tag(event)
            value = Plain(event.value) if event.implicit[0] else event.value
            self._add(_node(value, event))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(event)
        elif isinstance(event, yaml.AliasEvent):
            self._report(event, "alias", f"the alias '*{event.anchor}' is not allowed", "write the value out")
            self._add(_node(Plain(f"*{event.anchor}"), event))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self._report(event, "two-documents", "a rule file has one document only", "remove this '---'")

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise TooDeep(*_place(event))
        self._refuse_tag(event)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        node = _node(value, event)
        self._add(node, container=True)
        self._open.append(node)
        self._keys.append(None)

    def _end(self, event: yaml.Event) -> None:
        self._open.pop().end_line = _line_after(event)
        self._keys.pop()

    def _add(self, node: Node, *, container: bool = False) -> None:
        if not self._open:
            self.root = self.root or node
            return
        parent = self._open[-1].value
        if isinstance(parent, list):
            parent.append(node)
            return
        key = self._keys[-1]
        if key is None:
            if container:
                self._report_at(node, "bad-key", "a key must be a word", "to use it as text, quote it")
                node = Node(Plain(f"key at {node.line}:{node.column}"), node.line, node.column)
            self._keys[-1] = node
            return
        self._keys[-1] = None
        self._set(parent, key, node)

    def _set(self, parent: dict[str, tuple[Node, Node]], key: Node, node: Node) -> None:
        name = str(key.value)
        if name in parent:
            first = parent[name][0].line
            message = f"key '{name}' appears twice in this block (first at line {first})"
            self._report_at(key, "duplicate-key", message, "merge the two, or remove one")
            return
        parent[name] = (key, node)

    def _refuse_tag(self, event: Any) -> None:  # noqa: ANN401 - types-PyYAML leaves these events untyped
        if event.tag is not None and event.tag != "!":
            self._report(
                event, "tag", f"the tag '{event.tag}' is not allowed", "remove it; quote text that needs it"
            )
        if event.anchor is not None:
            self._report(
                event, "alias", f"the anchor '&{event.anchor}' is not allowed", "write the value out"
            )

    def _report(self, event: yaml.Event, code: Code, message: str, help: str) -> None:  # noqa: A002
        self.document.report(_place(event), code, message, help)

    def _report_at(self, node: Node, code: Code, message: str, help: str) -> None:  # noqa: A002
        self.document.report((node.line, node.column), code, message, help)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _line_after(event: yaml.Event) -> int:
    return event.end_mark.line + 1 if event.end_mark else 1


def _node(value: Any, event: yaml.Event) -> Node:  # noqa: ANN401
    return Node(value, *_place(event), _line_after(event))
