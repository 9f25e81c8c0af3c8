"""Read YAML into a tree, safely for any input.

The parser's events are read one by one, so that aliases, tags and deep nesting are refused before anything
is built. Scalars stay as written: YAML 1.1 would read ``No`` as false and ``1:1`` as 61.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from rules.engine.language.nodes import Document
from rules.engine.language.problems import RuleProblem
from rules.engine.language.treebuilder import MAX_DEPTH, Builder, TooDeep

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: slower, same events
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAX_BYTES = 1_000_000
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
        builder = Builder(document)
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


def _events_into(builder: Builder, text: str) -> tuple[int, int] | None:
    """Feed the builder. If there is a mistake, report it and return its place."""
    try:
        for event in yaml.parse(text, Loader=Loader):
            builder.take(event)
    except TooDeep as error:
        message = f"blocks are nested more than {MAX_DEPTH} deep"
        builder.document.report(error.place, "too-deep", message, "no rule needs more than six")
        return error.place
    except yaml.YAMLError as error:
        mark = _mark_of(error) if isinstance(error, yaml.MarkedYAMLError) else None
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message, help_ = _sentence(error), "check the indentation, quotes, brackets and colons here"
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
