"""What a line that is not valid YAML probably means: a text that needs quotes, a comparison."""

from __future__ import annotations

import re

from rules.engine.language.hints.words import OPERATORS

LONGEST_LINE = 400
"""A longer line is not looked at: the patterns would take quadratic time."""

_KEY = r"(?:^|[{,]|(?<=- ))\s*([\w|]+):"
_COMPARED = re.compile(rf"{_KEY}\s+(>=|=>|<=|=<|>|<)\s*([\w.-]+)")
_WILDCARD = re.compile(rf"{_KEY}\s+(?:\[.*?)?\*([^\s,\]}}]*)")
_COLON = re.compile(r"^\s*(?:- )?([\w|]+): +(?![\"'\[{{|>])(.*\S: .*|.*\S:)$")
_COLON_IN_BLOCK = re.compile(
    r"[{,]\s*(title|notes|why|name): +(?![\"'\[{])([^{}]*(?:\{[^{}]*\}[^{}]*)*?: [^{}]*?)\s*[}]"
)
_BRACE = re.compile(r"^\s*(?:- )?(\w+): +(\{\w+(?:\|[^{}]*)?\}.*\S.*|\{\w+\})$")
_BRACE_IN_BLOCK = re.compile(r"[{,]\s*(title|notes|why): +(\{\w+\}[^,{}]*)")


def plain_hint(line: str) -> tuple[str, str, int] | None:
    """Return message, help and column (from 1) for a line on which YAML failed; None if nothing is known.

    >>> plain_hint("    when: {days_since_contact: >= 30d}")
    ("tests have names, not signs: '>='", 'write days_since_contact|gte: 30d', 12)
    """
    if len(line) > LONGEST_LINE:
        return None
    if found := _COMPARED.search(line):
        field, sign, value = found.groups()
        message, help_ = f"tests have names, not signs: '{sign}'", f"write {field}|{OPERATORS[sign]}: {value}"
        return message, help_, found.start(1) + 1
    if found := _WILDCARD.search(line):
        field, rest = found.groups()
        return "there are no wildcards", f'write {field}|endswith: "{rest}"', found.start(1) + 1
    for pattern, why in ((_BRACE, "begins with '{'"), (_BRACE_IN_BLOCK, "begins with '{'"),
                         (_COLON, "has ': ' in it"), (_COLON_IN_BLOCK, "has ': ' in it")):  # fmt: skip
        if found := pattern.search(line):
            key, value = found.groups()
            help_ = f'put the text in quotes: {key}: "{value.strip()}"'
            return f"a text that {why} needs quotes", help_, found.start(2) + 1
    return None
