"""The problems of a card: their codes, their messages, and whether content is lost."""

from __future__ import annotations

from typing import Literal

from people.types import Issue

Code = Literal[
    "bad-base64",
    "bad-date",
    "bad-email",
    "bad-property-name",
    "bidi-controls",
    "card-too-large",
    "control-characters",
    "duplicate-uid",
    "embedded-card",
    "line-too-long",
    "missing-end",
    "nesting-too-deep",
    "no-begin",
    "not-utf8",
    "nothing-to-identify",
    "picture-too-large",
    "repeated-begin",
    "stray-line",
    "stray-text",
    "too-many-parts",
    "undecodable",
    "unknown-charset",
    "unreadable",
]

_MESSAGES: dict[Code, str] = {
    "bad-base64": "{}: not valid base64; the value was dropped",
    "bad-date": "{}: not a date; kept as written",
    "bad-email": "{}: not an e-mail address; kept as written",
    "bad-property-name": "{}: not a property name; illegal characters were replaced",
    "bidi-controls": "{}: contains invisible characters that change the direction of text",
    "card-too-large": "the card is too large to be read ({})",
    "control-characters": "{}: control characters were removed",
    "duplicate-uid": "another card of this source has the same UID {}",
    "embedded-card": "{}: contains another card, which is kept as text",
    "line-too-long": "{}: the line is longer than 1 MiB and was dropped",
    "missing-end": "END:VCARD is missing; the card may be cut short",
    "nesting-too-deep": "cards are nested more than 4 deep",
    "no-begin": "no BEGIN:VCARD before this text; it is not a card",
    "not-utf8": "{}: not UTF-8; read as {}",
    "nothing-to-identify": "the card names nobody: no name, e-mail, phone, organisation, URL or member",
    "picture-too-large": "{}: larger than 8 MiB; the value was dropped",
    "repeated-begin": "BEGIN:VCARD is repeated",
    "stray-line": "this line is not a property: {}",
    "stray-text": "text outside of any card was ignored: {}",
    "too-many-parts": "{}: has more parts than the format allows; the line is kept as written",
    "undecodable": "{}: some bytes could not be decoded and are shown as \N{REPLACEMENT CHARACTER}",
    "unknown-charset": "{}: unknown or unsafe character set {}",
    "unreadable": "the card cannot be read: {}",
}

_LOST: frozenset[Code] = frozenset(
    (
        "bad-base64",
        "card-too-large",
        "line-too-long",
        "nesting-too-deep",
        "no-begin",
        "nothing-to-identify",
        "picture-too-large",
        "stray-text",
        "undecodable",
        "unreadable",
    )
)
_EXCERPT = 60
_MAX_ISSUES = 50
_DECISIVE: frozenset[Code] = frozenset(
    ("card-too-large", "nesting-too-deep", "no-begin", "nothing-to-identify")
)
"""The reasons for rejecting a card are recorded beyond the limit."""


class Problems:
    """The issues of one card, each once, in order of appearance. There are at most 50."""

    __slots__ = ("_known", "issues")

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self._known: set[tuple[str, ...]] = set()

    def note(self, code: Code, *details: str) -> None:
        """Add the issue of this code if it is new."""
        key = (code, *details)
        if key not in self._known and (len(self.issues) < _MAX_ISSUES or code in _DECISIVE):
            self._known.add(key)
            self.issues.append(issue(code, *details))


def issue(code: Code, *details: str) -> Issue:
    """Make the issue of this code. Long details are shortened."""
    short = (detail if len(detail) <= _EXCERPT else f"{detail[:_EXCERPT]}..." for detail in details)
    return Issue(code=code, message=_MESSAGES[code].format(*short), lost=code in _LOST)
