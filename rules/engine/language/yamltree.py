"""Read YAML into a tree, safely for any input.

The parser's events are read one by one, so that aliases, tags and deep nesting are refused before anything
is built. Scalars stay as written: YAML 1.1 would read ``No`` as false and ``1:1`` as 61.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from rules.engine.language.hints.yaml_lines import plain_hint
from rules.engine.language.nodes import Document, Node, Plain
from rules.engine.language.problems import Code, RuleProblem

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: slower, same events
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MOST_RETRIES = 10

_ITEM = re.compile(r"( *)-(?:\s|$)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


def read(file: str, content: bytes) -> Document:
    """Read one YAML file. Never raises: every mistake is in ``problems``."""
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
    if forbidden := _FORBIDDEN.search(text):
        document.report(
            _place_after(text[: forbidden.start()]),
            "bad-character",
            f"the character U+{ord(forbidden.group()):04X} is not allowed in a rule file",
            "delete it",
        )
        return None
    return text


def _place_after(text: str) -> tuple[int, int]:
    return (text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1)


def _parse(document: Document, text: str) -> None:
    """Parse the text. An item with a mistake is left out, and the others are read.

    A missing quote therefore costs one rule, and several such mistakes are shown at once.
    """
    lines = text.split("\n")
    mistakes: list[RuleProblem] = []
    for _ in range(MOST_RETRIES):
        document.problems.clear()
        builder = _Builder(document)
        place = _events_into(builder, "\n".join(lines))
        if place is None:
            document.root = builder.root
            break
        mistakes.append(document.problems.pop())
        item = _item_around(lines, place[0] - 1)
        if item is None:
            break
        lines[item] = [""] * (item.stop - item.start)
    document.problems += mistakes


def _events_into(builder: _Builder, text: str) -> tuple[int, int] | None:
    """Feed the builder. If there is a mistake, report it and return its place."""
    try:
        for event in yaml.parse(text, Loader=Loader):
            builder.take(event)
    except _TooDeep as error:
        message = f"blocks are nested more than {MAX_DEPTH} deep"
        builder.document.report(error.place, "too-deep", message, "no rule needs more than six")
        return error.place
    except yaml.YAMLError as error:
        mark = _mark_of(error) if isinstance(error, yaml.MarkedYAMLError) else None
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message, help_ = _sentence(error), "check the indentation, quotes, brackets and colons here"
        lines = text.split("\n")
        line = lines[min(place[0], len(lines)) - 1] if lines else ""
        if (hint := plain_hint(line)) is not None:
            message, help_, column = hint
            place = (place[0], column)
        builder.document.report(place, "bad-yaml", message, help_)
        return place
    return None


def _mark_of(error: yaml.MarkedYAMLError) -> Any:  # noqa: ANN401 - types-PyYAML has two kinds of mark
    """Return the place of the mistake; for an unclosed bracket or quote, where it was opened."""
    opened = ("flow sequence", "flow mapping", "quoted scalar")
    if error.context_mark and any(word in (error.context or "") for word in opened):
        return error.context_mark
    return error.problem_mark or error.context_mark


def _item_around(lines: list[str], number: int) -> slice | None:
    """Return the lines of the outermost list item around a line, None if there is none."""
    indents = [len(item[1]) for line in lines if (item := _ITEM.match(line))]
    if not indents:
        return None
    begins = re.compile(rf" {{{min(indents)}}}-(\s|$)|[^\s#-]")
    number = min(number, len(lines) - 1)
    start = next((n for n in range(number, -1, -1) if begins.match(lines[n])), None)
    if start is None or not _ITEM.match(lines[start]):
        return None
    stop = next((n for n in range(start + 1, len(lines)) if begins.match(lines[n])), len(lines))
    return slice(start, stop)


def _sentence(error: yaml.YAMLError) -> str:
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"not valid YAML: {error}"
    parts = [part for part in (error.problem, error.context) if part]
    return "not valid YAML: " + " ".join(parts)


class _TooDeep(Exception):
    """Blocks are nested so deep that the parser would need quadratic time."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.place = (line, column)


class _Builder:
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
            raise _TooDeep(*_place(event))
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
                help_ = "to use it as text, quote it"
                self.document.report(node.place, "bad-key", "a key must be a word", help_)
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
            self.document.report(key.place, "duplicate-key", message, "merge the two, or remove one")
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


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _line_after(event: yaml.Event) -> int:
    return event.end_mark.line + 1 if event.end_mark else 1


def _node(value: Any, event: yaml.Event) -> Node:  # noqa: ANN401
    return Node(value, *_place(event), _line_after(event))
