"""One ATTENDEE or ORGANIZER line, however a program wrote it: the address, the name and the parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from icalendar.parser import Contentline

from connectors.shared.content_lines import value_of
from people.text import clean

_STOPS = frozenset(' \t\n\r<>,;:"()[]?&/\\|@')
_LONGEST_KEPT = 500
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 190
_MOST_TRIES = 50
_OTHERS = frozenset(("SENT-BY", "DELEGATED-TO", "DELEGATED-FROM", "MEMBER", "DIR", "ALTREP"))
"""Parameters with the address of somebody else."""
_UNQUOTED = re.compile(
    r";(SENT-BY|DELEGATED-TO|DELEGATED-FROM|MEMBER|DIR)=mailto:([^;:\",]{0,254})", re.IGNORECASE
)
_VALUE = r"""(?:"[^\x00-\x1f\x7f";:^\\]*"|(?!\s)[^\x00-\x1f\x7f";:,=^\\]*(?<!\s))"""
_PARAMETER = re.compile(rf";([A-Z-]+)=({_VALUE})")
_PLAIN = re.compile(
    rf"(?:ATTENDEE|ORGANIZER)((?:;[A-Z-]+={_VALUE})*):"
    r"(?i:mailto:)([A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)"
)
_FLAGS = frozenset(("RSVP",))
_BRACKETS = "\"'<>()[] \t"


class GuestLine(NamedTuple):
    """The address in lower case, None if the line has none; the name, maybe empty; the parameters."""

    email: str | None
    name: str
    parameters: Mapping[str, str]


def read_line(line: str) -> GuestLine:
    """Read one unfolded line. Never raises.

    The address is the last one in the value. If there is none, the EMAIL parameter of iCloud has it, or else
    the name, which programs put there or exchange with the address. The address of a delegate or of an
    assistant (SENT-BY) is never taken.
    """
    return _known_line(line) if len(line) <= _LONGEST_KEPT else _read_line(line)


def _read_line(line: str) -> GuestLine:
    plain = _plain(line)
    if plain is not None:
        return plain
    if "=mailto:" in line.lower():
        line = _UNQUOTED.sub(r';\1="mailto:\2"', line)
    parameters, value = _strict(line) or _lenient(line)
    email = address_in(value)
    bare = value.strip().lower()
    if email is None or bare.removeprefix("mailto:").strip() != email:
        # A colon or semicolon in an unquoted name moves parameters into the value.
        other, rest = _lenient(line)
        found = address_in(rest)
        if found is not None or email is None:
            parameters, value, email = other, rest, found
    email = email or next(filter(None, map(address_in, _candidates(parameters))), None)
    return GuestLine(email, _name(parameters, value, email), parameters)


def _plain(line: str) -> GuestLine | None:
    """A line as nearly all programs write it, read in a tenth of the time; None for any other."""
    match = _PLAIN.fullmatch(line)
    if match is None or len(match[2]) > _LONGEST_DOMAIN:
        return None
    found = _PARAMETER.findall(match[1])
    parameters = {name: _unquoted(value) for name, value in found}
    if len(parameters) < len(found):
        return None
    email = match[2].lower()
    return GuestLine(email, _name(parameters, email, email), parameters)


# The same people come to many meetings. Long lines are not kept, because they are a broken file's.
_known_line = lru_cache(maxsize=4096)(_read_line)


def _candidates(parameters: Mapping[str, str]) -> Iterator[str]:
    yield parameters.get("EMAIL", "")
    yield parameters.get("CN", "")
    yield from (text for name, text in parameters.items() if name not in _OTHERS)


def address_in(text: str) -> str | None:
    """The last e-mail address in a text, in lower case.

    >>> address_in("mailto:Pat%20%3CPat.O'Brien@firm.example%3E")
    "pat.o'brien@firm.example"
    >>> address_in("mailto:'anna@berg.example'")
    'anna@berg.example'
    """
    text = unquote(text) if "%" in text else text
    at = len(text)
    for _ in range(_MOST_TRIES):
        at = text.rfind("@", 0, at)
        if at < 0:
            return None
        start, end = at, at + 1
        while (
            start > 0
            and text[start - 1] not in _STOPS
            and text[start - 1] > " "
            and at - start < _LONGEST_LOCAL
        ):
            start -= 1
        while (
            end < len(text)
            and text[end] not in _STOPS
            and text[end] not in "'`"
            and text[end] > " "
            and end - at <= _LONGEST_DOMAIN
        ):
            end += 1
        local, domain = text[start:at], text[at + 1 : end].rstrip(".>")
        if local.startswith("'") and (text[end : end + 1] == "'" or "'" not in local[1:]):
            local = local[1:]  # Outlook puts quotes around an address that it took for a name.
        if local and domain:
            return f"{local}@{domain}".lower()
    return None


def _strict(line: str) -> tuple[Mapping[str, str], str] | None:
    try:
        _, parameters, value = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]
    except (ValueError, LookupError):
        return None
    return {name: _text(item) for name, item in parameters.items()}, value


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _lenient(line: str) -> tuple[Mapping[str, str], str]:
    """The parameters and the value of a line that breaks the rules of quoting."""
    at = line.lower().rfind("mailto:")
    at = -1 if at > 0 and line[at - 2 : at] == '="' else line.rfind(":", 0, max(at, 0))
    if at < 0:
        at = len(line) - len(value_of(line)) - 1 if value_of(line) else line.rfind(":")
    head, value = (line[:at], line[at + 1 :]) if at >= 0 else (line, "")
    while head.lower().endswith(":mailto"):
        head = head[:-7]
    return lenient_parameters(head), value


def lenient_parameters(head: str) -> dict[str, str]:
    """The parameters before a value. A piece without a name belongs to the parameter before it.

    >>> lenient_parameters("ATTENDEE;RSVP;CN=Berg; Anna;ROLE=CHAIR")
    {'CN': 'Berg; Anna', 'ROLE': 'CHAIR'}
    """
    parameters: dict[str, str] = {}
    last = ""
    for piece in head.replace(":", ";", 1 if ":" in head.partition("=")[0] else 0).split(";")[1:]:
        name, equals, value = piece.partition("=")
        name = name.strip().upper()
        if equals and name and name.replace("-", "").isalnum() and name.isascii():
            last = name
            parameters.setdefault(name, value.strip())
        elif last and name not in _FLAGS:
            parameters[last] += f";{piece}"
    return {name: _unquoted(value) for name, value in parameters.items()}


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _name(parameters: Mapping[str, str], value: str, email: str | None) -> str:
    """The name on the line, without the address."""
    text = value.partition(":")[2] if value.lower().startswith("mailto:") else value
    readable = " " in (text := unquote(text).strip()) and "/" not in text
    for written in (parameters.get("CN", ""), text if readable else ""):
        name = " ".join(clean(written).split())
        if email is not None and email in name.lower():
            at = name.lower().index(email)
            name = name[:at].rstrip(_BRACKETS + ":;,") + name[at + len(email) :].strip(_BRACKETS)
            name = "" if name.lower() == "mailto" else name.strip("\"' ")
        if name:
            return name[:200]
    return ""
