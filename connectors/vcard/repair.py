"""Repair of a card: bytes from any program become well-formed properties of vCard 3.0, and problems.

Linear in the size of the card. Nothing raises, and every loss is a problem of the card.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from connectors.shared.charsets import quoted_printable
from connectors.vcard import decode, limits
from connectors.vcard.lines import CARD_MARK, Head, logical_lines, split_line
from connectors.vcard.problems import Code, Problems
from connectors.vcard.split import RawCard
from connectors.vcard.values import (
    PARTS,
    escape,
    protect_semicolons,
    split_bare,
    structured,
    unescape,
)

LISTS = frozenset(("CATEGORIES", "NICKNAME"))
"""Properties that are lists. Each value becomes a property of its own."""

TEXTS = LISTS | frozenset(
    (
        *("ANNIVERSARY", "BDAY", "EMAIL", "FN", "KIND", "MEMBER", "NOTE", "RELATED", "REV", "ROLE"),
        *("SOCIALPROFILE", "TEL", "TITLE", "UID", "URL"),
        *("X-ABDATE", "X-ABLABEL", "X-ABRELATEDNAMES", "X-ABSHOWAS", "X-ABUID"),
        *("X-ADDRESSBOOKSERVER-KIND", "X-ADDRESSBOOKSERVER-MEMBER", "X-SOCIALPROFILE"),
        *("X-ANNIVERSARY", "X-ASSISTANT", "X-MANAGER", "X-SPOUSE"),
        *("X-EVOLUTION-ANNIVERSARY", "X-EVOLUTION-ASSISTANT", "X-EVOLUTION-MANAGER", "X-EVOLUTION-SPOUSE"),
        *("X-MS-ANNIVERSARY", "X-MS-ASSISTANT", "X-MS-MANAGER", "X-MS-SPOUSE"),
    )
)
"""Properties whose value is text. Values of others stay as written unless they are structured."""

_ENVELOPE = frozenset(("BEGIN", "END", "VERSION", "PROFILE"))
_WHOSE = frozenset(("FN", "N", "ORG", "UID"))
_UID = re.compile(rb"[\r\n]UID[^:\r\n]{0,64}:[^\r\n]{1,200}", re.IGNORECASE)
_SEARCHED = 65_536
_DATA_URI = 64  # characters in which ";base64," must follow "data:"


@dataclass(slots=True)
class Property:
    """One repaired content line.

    ``value`` is plain text for TEXTS, the escaped value for N, ADR and ORG, base64 if ``binary``, and
    otherwise the value as written in the card.
    """

    head: Head
    value: str
    binary: bool = False

    def line(self) -> str:
        """The content line, unfolded."""
        value = self.value
        if self.head.name in TEXTS:
            value = escape(value)
        return f"{self._before_colon()}:{value}".replace("\n", "\\n")

    def _before_colon(self) -> str:
        head = self.head
        encoding = (("ENCODING", ("b",)),) if self.binary else ()
        params = "".join(
            f";{name}={','.join(map(_quoted, values))}" for name, values in (*encoding, *head.params)
        )
        return f"{head.group}.{head.name}{params}" if head.group else f"{head.name}{params}"


@dataclass(slots=True)
class RepairedCard:
    """A card after repair. ``leftovers`` are lines that are kept without being understood."""

    digest: str
    properties: list[Property] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    fatal: bool = False


def repair(raw: RawCard) -> RepairedCard:
    """Repair one card. Never raises. A card that exceeds the limits is ``fatal``."""
    return _Repair(raw).run()


class _Repair:
    def __init__(self, raw: RawCard) -> None:
        self._raw = raw
        self._card = RepairedCard(raw.digest)
        self._note = self._card.problems.note
        self._characters = self._structured = 0
        self._lines: list[bytes] = []
        self._at = 0

    def run(self) -> RepairedCard:
        for code, detail in self._raw.flaws:
            self._note(code, detail)
        if self._raw.fatal:
            self._keep_uid()
            self._reject(self._raw.fatal, f"{len(self._raw.body) // limits.MIB} MiB")
            return self._card
        lines = logical_lines(self._raw.body)
        if lines is None:
            self._keep_uid()
            self._reject("card-too-large", f"more than {limits.PHYSICAL_LINES} lines")
            return self._card
        self._lines = lines
        while self._at < len(self._lines) and not self._card.fatal:
            self._next()
            self._check_limits()
        return self._card

    def _next(self) -> None:
        line = self._lines[self._at]
        self._at += 1
        if not line or line.isspace():
            return
        if CARD_MARK.match(line):
            self._embedded(line)
        else:
            self._line(line)

    def _check_limits(self) -> None:
        if len(self._card.properties) + len(self._card.leftovers) > limits.LINES:
            self._reject("card-too-large", f"more than {limits.LINES} lines")
        elif self._characters > limits.TEXT:
            self._reject("card-too-large", f"more than {limits.TEXT} characters")
        elif self._structured > limits.STRUCTURED:
            self._reject("card-too-large", f"more than {limits.STRUCTURED} characters of names and addresses")

    def _reject(self, code: Code, detail: str) -> None:
        """Give up on the card, and keep only the properties that say whose it is."""
        self._note(code, detail)
        card = self._card
        card.fatal = True
        card.properties = [prop for prop in card.properties if prop.head.name in _WHOSE][: len(_WHOSE)]
        card.leftovers = []

    def _keep_uid(self) -> None:
        """Look for the UID near the beginning, so that a card that was readable before keeps its record."""
        uid = _UID.search(self._raw.body, 0, _SEARCHED) if self._raw.fatal != "nesting-too-deep" else None
        if uid:
            self._line(uid[0].strip())

    def _line(self, line: bytes) -> None:
        try:
            text = line.decode()
            codec = "utf-8"
        except UnicodeDecodeError:
            text = line.decode("latin-1")  # one character per byte, so that the bytes can be restored
            codec = "latin-1"
        parsed = split_line(text)
        if parsed is None:
            self._stray(line)
            return
        head, value = parsed
        if head.name in _ENVELOPE:
            return
        if head.repaired:
            self._note("bad-property-name", head.name)
        if head.encoding == "B" and "://" not in value[:16]:
            self._base64(head, value)
        elif value[:5].lower() == "data:" and ";base64," in value[:_DATA_URI]:
            self._base64(head, value.partition(";base64,")[2])
        elif len(line) > limits.LINE:
            self._note("line-too-long", head.name)
        else:
            self._value(head, self._decoded(head, value, codec))

    def _decoded(self, head: Head, value: str, codec: str) -> str:
        """The value as text, without quoted-printable, its character set and control characters."""
        name = head.name
        if head.encoding == "QP":
            parts = split_bare(value, ";") if name in PARTS else [value]
            texts = [self._text(quoted_printable(part.encode(codec)), head) for part in parts]
            value = ";".join(map(protect_semicolons, texts)) if name in PARTS else texts[0]
        elif codec != "utf-8" or (head.charset and "\x1b" in value):
            value = self._text(value.encode(codec), head)
        if "=?" in value and name in PARTS:
            words = map(decode.encoded_words, split_bare(value, ";"))
            value = ";".join(map(protect_semicolons, words))
        elif "=?" in value and name in TEXTS:
            value = decode.encoded_words(value)
        return decode.clean(value, name, self._note)

    def _text(self, data: bytes, head: Head) -> str:
        return decode.to_text(data, head.charset, head.name, self._note, self._raw.hint)

    def _value(self, head: Head, text: str) -> None:
        self._characters += len(text)
        name = head.name
        if name in PARTS:
            self._structured += len(text)
            if self._structured > limits.STRUCTURED:
                return
            value, surplus = structured(name, text)
            if surplus:
                self._note("too-many-parts", name)
                self._card.leftovers.append(f"{name}:{text}".replace("\n", "\\n"))
            self._add(head, value)
        elif name in LISTS:
            for part in split_bare(text, ",")[: limits.LINES + 1]:
                self._add(head, unescape(part).strip())
        else:
            self._add(head, unescape(text).strip() if name in TEXTS else text.strip())

    def _add(self, head: Head, value: str) -> None:
        if value or head.name == "AGENT":
            self._card.properties.append(Property(head, value))

    def _base64(self, head: Head, value: str) -> None:
        """A picture, sound or key. It continues on the next lines until one has a colon."""
        parts = [value]
        while self._at < len(self._lines) and b":" not in self._lines[self._at]:
            parts.append(self._lines[self._at].decode("latin-1"))
            self._at += 1
        packed = "".join("".join(parts).split())
        if len(packed) * 3 // 4 > limits.PICTURE:
            self._note("picture-too-large", head.name)
            return
        data = decode.base64(packed)
        if data is None:
            self._note("bad-base64", head.name)
        elif head.name in TEXTS or head.name in PARTS:
            self._value(head, decode.clean(self._text(data, head), head.name, self._note))
        elif data:
            self._card.properties.append(Property(head, packed, binary=True))

    def _embedded(self, first: bytes) -> None:
        """Keep a card within this card (AGENT of vCard 2.1) as one text, as vCard 3.0 does."""
        nested, depth = [first], 1
        while depth and self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            nested.append(line)
            if CARD_MARK.match(line):
                depth += 1 if line[:1] in b"Bb" else -1
        text = decode.clean(
            decode.to_text(b"\n".join(nested), None, "AGENT", self._note), "AGENT", self._note
        )
        self._characters += len(text)
        self._note("embedded-card", "AGENT")
        properties = self._card.properties
        if properties and properties[-1].head.name == "AGENT" and not properties[-1].value:
            properties[-1].value = escape(text)
        else:
            self._card.leftovers.append(escape(text))

    def _stray(self, first: bytes) -> None:
        """Lines that are not properties continue a note before them, because some programs break notes so."""
        stray = [first]
        while self._at < len(self._lines) and _is_stray(self._lines[self._at]) and len(stray) <= limits.LINES:
            stray.append(self._lines[self._at])
            self._at += 1
        if len(stray) > limits.LINES:
            self._reject("card-too-large", f"more than {limits.LINES} lines")
            return
        if max(map(len, stray)) > limits.LINE:
            self._note("line-too-long", "a line")
            return
        text = decode.to_text(b"\n".join(filter(None, stray)), None, "a line", self._note, self._raw.hint)
        text = decode.clean(text, "a line", self._note)
        self._characters += len(text)
        self._note("stray-line", text.partition("\n")[0])
        properties = self._card.properties
        if properties and properties[-1].head.name == "NOTE":
            properties[-1].value += f"\n{unescape(text)}"
        else:
            self._card.leftovers.append(text.replace("\n", "\\n"))


def _is_stray(line: bytes) -> bool:
    return not CARD_MARK.match(line) and split_line(line.decode("latin-1")) is None


def _quoted(value: str) -> str:
    value = value.replace('"', "'").replace("\n", " ")
    return f'"{value}"' if any(char in value for char in ",;:") else value
