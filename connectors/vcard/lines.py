"""Content lines of a card: joins physical lines into logical ones and splits these, in linear time.

Folded lines (vCard 3.0) and soft breaks of quoted-printable (2.1) are joined. CR CR LF and a single CR also
end a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from connectors.vcard import limits

_TWO_LINES = re.compile(rb"[^\n]\n[^\n]")
_BLANK_LINES = re.compile(rb"\n{3,}")
_QP = re.compile(rb"^[^:]{0,256}[;=]QUOTED-PRINTABLE", re.IGNORECASE)
_SPLIT_LEAD = re.compile(rb"=[C-F][0-9A-F](?:=[89AB][0-9A-F]){0,2}=\Z", re.IGNORECASE)
_SPLIT_REST = re.compile(rb"[ \t]=[89AB][0-9A-F]", re.IGNORECASE)
_ENCODED = re.compile(rb"[ \t]?=[0-9A-F]{2}", re.IGNORECASE)
_NEVER_TEXT = re.compile(
    rb"(?:TEL|EMAIL|ADR|PHOTO)(?:;[A-Z0-9=;,-]{1,99})?:|(?:FN|N|ORG|BDAY)(?:;[A-Z0-9=;,-]{1,99}):"
)
CARD_MARK = re.compile(rb"(?:BEGIN|END)[ \t]{0,8}:[ \t]{0,8}VCARD", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9-]+\Z")
_ILLEGAL = re.compile(r"[^A-Za-z0-9-]")
_ESCAPED_IN_PARAM = re.compile(r"\^([n'^])")
_PARAM_ESCAPES = {"n": "\n", "'": '"', "^": "^"}  # RFC 6868
_WHITE = b" \t"
_FOLDS = (b" ", b"\t")
UNRANKED = 101
_PREFERENCES = frozenset(str(rank) for rank in range(1, UNRANKED))
_MAX_CACHED = 200
_MAX_HEAD = 8192

_BASE64 = frozenset(("B", "BASE64"))
_IGNORED_ENCODINGS = frozenset(("8BIT", "7BIT", "8-BIT", "7-BIT", "BINARY"))
_BARE_VALUES = frozenset(("URL", "URI", "CID", "CONTENT-ID", "INLINE"))
_BARE_CHARSETS = frozenset(("UTF-8", "UTF8", "US-ASCII", "ISO-8859-1"))


@dataclass(frozen=True, slots=True)
class Head:
    """The part of a line before the colon. ``params`` are names in upper case with their values.

    ENCODING and CHARSET are not in ``params``. ``encoding`` is ``""``, ``"QP"`` or ``"B"``.
    ``rank`` sorts by preference: 0 for TYPE=pref, else PREF (1 to 100), else 101.
    ``repaired`` is True if the name had illegal characters.
    """

    name: str
    group: str | None = None
    params: tuple[tuple[str, tuple[str, ...]], ...] = ()
    encoding: str = ""
    charset: str | None = None
    rank: int = UNRANKED
    repaired: bool = False

    def values(self, param: str) -> Iterator[str]:
        """All values of one parameter."""
        for name, values in self.params:
            if name == param:
                yield from values


def logical_lines(body: bytes) -> list[bytes] | None:
    """The unfolded lines of a card, without soft breaks; some may be blank.

    None if there are more than the limit.
    """
    if b"\r" in body:
        body = body.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    body = _BLANK_LINES.sub(b"\n\n", body)
    soft_breaks = b"QUOTED-PRINTABLE" in body.upper()
    if soft_breaks and not _TWO_LINES.search(body):
        body = body.replace(b"\n\n", b"\n")  # a program turned each CR LF into two line ends
    if not soft_breaks:
        body = body.replace(b"\n ", b"").replace(b"\n\t", b"")
    if body.count(b"\n") > limits.PHYSICAL_LINES:
        return None
    physical = body.split(b"\n")
    return list(_with_soft_breaks(physical)) if soft_breaks else physical


def _with_soft_breaks(physical: list[bytes]) -> Iterator[bytes]:
    folded = _folds_after_breaks(physical)
    parts: list[bytes] = []
    at = 0
    while at < len(physical):
        line = physical[at]
        at += 1
        if parts and line.startswith(_FOLDS):
            parts.append(line[1:])
        else:
            if parts:
                yield b"".join(parts)
            parts = [line]
        end = parts[-1].rstrip(_WHITE)
        if end.endswith(b"=") and _QP.match(parts[0]):
            rest, at = _soft_broken(physical, at)
            parts[-1] = end[:-1]
            in_folds = [line.startswith(_FOLDS) for line in rest]
            if all(in_folds) and (folded or len(rest) > 1 or (rest and _is_split(end, rest[0]))):
                rest = [line[1:] for line in rest]
            parts.extend(rest)
    if parts:
        yield b"".join(parts)


def _folds_after_breaks(physical: list[bytes]) -> bool:
    """Whether the program that wrote the card also folds a line after a soft break.

    It does if all lines after soft breaks begin with white space. Of a single one it may be text.
    """
    after = [
        following[:1] in _FOLDS
        for line, following in pairwise(physical)
        if line.endswith(b"=") and following and not CARD_MARK.match(following)
    ]
    return len(after) > 1 and all(after)


def _is_split(end: bytes, following: bytes) -> bool:
    """Whether a soft break and a fold split one character: ``=D1=`` and `` =80``."""
    return _SPLIT_LEAD.search(end) is not None and _SPLIT_REST.match(following) is not None


def _soft_broken(physical: list[bytes], at: int) -> tuple[list[bytes], int]:
    """The lines after a soft break that continue the line, and the index of the next line.

    They end at a blank line that no encoded text follows, at a telephone or e-mail line, because some
    programs write a break behind the last line too, or at the end of the card.
    """
    rest: list[bytes] = []
    more = True
    while more and at < len(physical) and not CARD_MARK.match(physical[at]):
        line = physical[at].rstrip(_WHITE)
        if _NEVER_TEXT.match(line):
            break
        at += 1
        more = line.endswith(b"=")
        if not line:
            if at < len(physical) and _ENCODED.match(physical[at]):
                more = True
                continue
            break
        rest.append(line[:-1] if more else line)
    return rest, at


def split_line(line: str) -> tuple[Head, str] | None:
    """Split a logical line into its head and its raw value; None if it is not a property."""
    head, colon, value = line.partition(":")
    if '"' in head:
        head, colon, value = _partition_outside_quotes(line)
    if not colon:
        return None
    if value.startswith("//") and "=" in head and head.endswith(("http", "https")):
        more, colon, rest = value.partition(":")  # an unquoted URL as a parameter's value
        head, value = (f"{head}:{more}", rest) if colon else (head, value)
    if len(head) > _MAX_HEAD:
        return None
    if not head.isprintable():
        head = "".join(filter(str.isprintable, head))
    parsed = _parse_head_cached(head) if len(head) <= _MAX_CACHED else _parse_head(head)
    return None if parsed is None else (parsed, value)


def _partition_outside_quotes(line: str) -> tuple[str, str, str]:
    start = 0
    for number, piece in enumerate(line.split('"')):
        if number % 2 == 0:
            colon = piece.find(":")
            if colon >= 0:
                return line[: start + colon], ":", line[start + colon + 1 :]
        start += len(piece) + 1
    return line.partition(":")


def _parse_head(head: str) -> Head | None:
    first, *rest = _split_outside_quotes(head, ";")
    group, dot, name = first.strip().rpartition(".")
    name, repaired = _repair_name(name.strip())
    if not name or (dot and not _NAME.match(group)):
        return None
    params: dict[str, list[str]] = {}
    for param in rest:
        key, equals, value = param.partition("=")
        if equals:
            values = [_param_value(part) for part in _split_outside_quotes(value, ",")]
            params.setdefault(_repair_name(key.strip())[0] or "X", []).extend(filter(None, values))
        elif bare := param.strip().strip('"'):
            params.setdefault(_bare_kind(bare), []).append(bare)
    encodings = [value.upper() for value in params.pop("ENCODING", ())]
    charsets = params.pop("CHARSET", [])
    return Head(
        name=name,
        group=group or None,
        params=tuple((key, tuple(values)) for key, values in params.items() if values),
        encoding=_encoding(encodings),
        charset=charsets[0] if charsets else None,
        rank=_rank(params),
        repaired=repaired,
    )


_parse_head_cached = lru_cache(maxsize=4096)(_parse_head)  # a file repeats a few heads very often


def _repair_name(name: str) -> tuple[str, bool]:
    """The name in upper case, and whether it was repaired; empty if it cannot be a name."""
    if _NAME.match(name):
        return name.upper(), False
    if not name or not name.isascii() or not name.isprintable() or " " in name or not name[0].isalpha():
        return "", False
    return _ILLEGAL.sub("-", name).upper(), bool(_ILLEGAL.search(name.replace("_", "-")))


def _split_outside_quotes(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    parts: list[str] = []
    current: list[str] = []
    for number, piece in enumerate(text.split('"')):
        if number % 2:
            current.append(piece)
            continue
        first, *others = piece.split(separator)
        current.append(first)
        for other in others:
            parts.append('"'.join(current))
            current = [other]
    return [*parts, '"'.join(current)]


def _param_value(text: str) -> str:
    text = text.strip().strip('"')
    return _ESCAPED_IN_PARAM.sub(lambda hit: _PARAM_ESCAPES[hit[1]], text) if "^" in text else text


def _bare_kind(value: str) -> str:
    """The name of a parameter that is written without one (vCard 2.1)."""
    upper = value.upper()
    if upper in _BASE64 or upper in _IGNORED_ENCODINGS or upper == "QUOTED-PRINTABLE":
        return "ENCODING"
    if upper in _BARE_CHARSETS:
        return "CHARSET"
    return "VALUE" if upper in _BARE_VALUES else "TYPE"


def _rank(params: dict[str, list[str]]) -> int:
    if any(value.upper() == "PREF" for value in params.get("TYPE", ())):
        return 0
    preference = next(iter(params.get("PREF", ())), "")
    return int(preference) if preference in _PREFERENCES else UNRANKED


def _encoding(values: list[str]) -> str:
    if "QUOTED-PRINTABLE" in values:
        return "QP"
    return "B" if _BASE64.intersection(values) else ""
