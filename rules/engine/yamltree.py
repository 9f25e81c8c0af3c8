"""Read YAML into a tree that knows the place of every key and value, and fears no input.

The parser's events are read one by one, so aliases, tags and depth are refused before anything is
built, and all text is kept as written: nothing becomes a number or a truth value behind one's back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from rules.engine.problems import RuleProblem

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: slower, same events
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAX_BYTES = 2_000_000
MAX_DEPTH = 40

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


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

    def report(self, at: tuple[int, int], code: str, message: str, help: str = "") -> None:  # noqa: A002
        """Note a mistake at (line, column)."""
        self.problems.append(
            RuleProblem(file=self.file, line=at[0], column=at[1], code=code, message=message, help=help)
        )


def read(file: str, content: bytes) -> Document:
    """Read one YAML file. Never raises: whatever is wrong stands in ``problems``."""
    document = Document(file)
    text = _decoded(document, content)
    if text is not None:
        _parse(document, text)
    return document


def _decoded(document: Document, content: bytes) -> str | None:
    if len(content) > MAX_BYTES:
        document.report(
            (1, 1),
            "too-large",
            f"the file has {len(content):,} bytes; the limit is {MAX_BYTES:,}",
            "split it into several rule files",
        )
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", "replace")
        document.report(_place_after(before), "not-utf8", "the file is not UTF-8 text", "save it as UTF-8")
        return None
    if found := _FORBIDDEN.search(text):
        document.report(
            _place_after(text[: found.start()]),
            "bad-character",
            f"the character U+{ord(found.group()):04X} is not allowed in a rule file",
            "delete it",
        )
        return None
    return text


def _place_after(text: str) -> tuple[int, int]:
    return (text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1)


def _parse(document: Document, text: str) -> None:
    builder = _Builder(document)
    try:
        for event in yaml.parse(text, Loader=Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.report(
            place, "bad-yaml", _sentence(error), "look at the indentation, quotes and colons here"
        )
    except yaml.YAMLError as error:
        document.report((1, 1), "bad-yaml", f"the file is not YAML: {error}")
    document.root = builder.root


def _sentence(error: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (error.problem, error.context) if part]
    return "this is not YAML: " + " ".join(parts)


class _Builder:
    """Builds nodes from parser events; a refused part is left out and reported."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        self._too_deep = 0
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
            self._add(_node(Plain(""), event))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self._report(event, "two-documents", "a rule file holds one document", "remove this '---'")

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        if self._too_deep or len(self._open) >= MAX_DEPTH:
            if not self._too_deep:
                self._report(
                    event, "too-deep", f"blocks are nested more than {MAX_DEPTH} deep", "flatten them"
                )
                self._add(_node(Plain(""), event))
            self._too_deep += 1
            return
        self._refuse_tag(event)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        node = _node(value, event)
        self._add(node, container=True)
        self._open.append(node)
        self._keys.append(None)

    def _end(self, event: yaml.Event) -> None:
        if self._too_deep:
            self._too_deep -= 1
            return
        self._open.pop().end_line = _line_after(event)
        self._keys.pop()

    def _add(self, node: Node, *, container: bool = False) -> None:
        if self._too_deep:
            return
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
                self._report_at(node, "bad-key", "a key must be a word", "quote it, if it is meant as text")
            self._keys[-1] = node
            return
        self._keys[-1] = None
        self._set(parent, key, node)

    def _set(self, parent: dict[str, tuple[Node, Node]], key: Node, node: Node) -> None:
        if not isinstance(key.value, str):
            return
        name = str(key.value)
        if name in parent:
            first = parent[name][0].line
            message = f"key '{name}' appears twice in this block (first at line {first})"
            self._report_at(key, "duplicate-key", message, "join the two, or remove one")
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

    def _report(self, event: yaml.Event, code: str, message: str, help: str) -> None:  # noqa: A002
        self.document.report(_place(event), code, message, help)

    def _report_at(self, node: Node, code: str, message: str, help: str) -> None:  # noqa: A002
        self.document.report((node.line, node.column), code, message, help)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _line_after(event: yaml.Event) -> int:
    return event.end_mark.line + 1 if event.end_mark else 1


def _node(value: Any, event: yaml.Event) -> Node:  # noqa: ANN401
    return Node(value, *_place(event), _line_after(event))
