"""Words of other languages that beginners write, and how each is said in this one."""

from __future__ import annotations

import re
from typing import NamedTuple

OPERATORS = {">=": "gte", "=>": "gte", "<=": "lte", "=<": "lte", ">": "gt", "<": "lt", "==": "is", "=": "is"}
"""Signs of comparison, and the tests that they mean."""

TEST_WORDS = {
    "ge": "gte", "min": "gte", "at_least": "gte", "from": "gte", "le": "lte", "max": "lte", "at_most": "lte",
    "more_than": "gt", "over": "gt", "after": "gt", "less_than": "lt", "under": "lt", "before": "lt",
    "eq": "is", "equals": "is", "in": "is", "any": "is", "has": "contains", "includes": "contains",
    "icontains": "contains", "like": "contains", "words": "word", "starts_with": "startswith",
    "begins": "startswith", "ends_with": "endswith", "older": "older_than", "set": "exists",
}  # fmt: skip
"""Names of tests elsewhere, and ours."""

NEGATIONS = ("not", "ne", "neq", "isnt", "is_not", "not_in", "!=", "without", "excludes")
PATTERNS = ("regex", "regexp", "re", "match", "matches", "glob", "pattern")

RULE_KEYS = {
    "if": "when", "where": "when", "match": "when", "condition": "when", "conditions": "when",
    "not": "unless", "except": "unless", "exclude": "unless", "but": "unless", "else": "unless",
    "do": "then", "action": "then", "actions": "then", "set": "then", "name": "id", "reason": "why",
    "description": "why", "comment": "why", "since": "from", "to": "until", "limit": "stop_above",
    "instead": "instead_of", "replaces": "instead_of", "overrides": "instead_of",
}  # fmt: skip
"""Names of a rule's keys elsewhere, and ours."""

ANY = "a list of blocks is *any*: write each alternative of 'when' as a block of its own, with '- ' in front"
BLOCK_KEYS = {
    "or": ANY,
    "any": ANY,
    "and": "all tests of a block must hold: write them side by side, without 'and'",
    "all": "all tests of a block must hold: write them side by side, without 'all'",
    "not": "write what must not hold under 'unless:', beside 'when:'",
    "except": "write what must not hold under 'unless:', beside 'when:'",
}
"""Words that join tests elsewhere, and what to do here."""

LONGEST_KEY = 80

_COMPARED = re.compile(r"(>=|=>|<=|=<|==|!=|>|<|=)\s*(\S.*)?")
_SIGN_IN_KEY = re.compile(r"([\w ]+?)\s*\|?\s*(>=|=>|<=|=<|==|!=|>|<|=)\s*(.*)")
_CURLY = re.compile(r"[“”„‟‘’«»]")


class Compared(NamedTuple):
    """A comparison with a sign: its test, and the value behind the sign."""

    test: str
    value: str


def compared(value: str) -> Compared | None:
    """Read a value that begins with a sign of comparison.

    >>> compared(">= 30d")
    Compared(test='gte', value='30d')
    """
    found = _COMPARED.fullmatch(value.strip())
    if found is None or found[1] not in OPERATORS:
        return None
    return Compared(OPERATORS[found[1]], (found[2] or "").strip())


def signed_key(key: str) -> tuple[str, str] | None:
    """Read a key with a sign in it, such as ``balance >=``: field and test.

    >>> signed_key("balance >= 3")
    ('balance', 'gte')
    """
    found = _SIGN_IN_KEY.fullmatch(key) if len(key) < LONGEST_KEY else None
    return (found[1].strip(), OPERATORS[found[2]]) if found and found[2] in OPERATORS else None


def in_curly_quotes(text: str) -> str | None:
    """Return a text without the curly quotes around it, None if there are none.

    >>> in_curly_quotes("“vip”")
    'vip'
    """
    inner = text[1:-1]
    quoted = len(text) > 2 and _CURLY.match(text[0]) and _CURLY.match(text[-1])
    return inner if quoted and not _CURLY.search(inner) else None
