"""The properties of one repaired card with vobject's types, and the properties that no field takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from vobject.vcard import ADDRESS_ORDER, NAME_ORDER, Address, Name, splitFields

from connectors.vcard.repair import Property, RepairedCard

_Field = str | list[str]

_LABEL = "X-ABLABEL"
_NOT_CONTENT = frozenset(("PRODID",))
_BEFORE_LABEL, _AFTER_LABEL = "_$!<", ">!$_"  # Apple marks its built-in labels so


class Line(NamedTuple):
    """A property and its value in vobject's types: ``value`` is a Name, Address, list or text."""

    value: Any
    prop: Property

    @property
    def text(self) -> str:
        """The value of a TEXT property, stripped."""
        return str(self.value).strip()


class Model:
    """The lines of one card by name, preferred ones first.

    vobject splits the repaired values of structured properties. It never parses a line, because its line
    expression can backtrack for hours. Its tree of components is not built, because the tree would leave
    every text as it is and takes as long as all other work together.
    """

    def __init__(self, card: RepairedCard, modelled: Collection[str]) -> None:
        self._lines: dict[str, list[Line]] = {}
        self._kept = list(card.leftovers)
        self._labels: dict[str, str] = {}
        self._used_labels: set[str] = set()
        self._unknown: list[Property] = []
        read: list[Property] = []
        for prop in card.properties:
            if prop.head.name in modelled and not prop.binary:
                read.append(prop)
            elif not prop.binary and prop.head.name not in _NOT_CONTENT:
                self._set_aside(prop)
        read.sort(key=lambda prop: prop.head.rank)
        for prop in read:
            self._lines.setdefault(prop.head.name, []).append(Line(_value(prop), prop))

    def _set_aside(self, prop: Property) -> None:
        self._unknown.append(prop)
        if prop.head.name == _LABEL and prop.head.group:
            label = prop.value.strip().removeprefix(_BEFORE_LABEL).removesuffix(_AFTER_LABEL)
            self._labels[prop.head.group] = label.strip().lower()

    def all(self, *names: str) -> Iterator[Line]:
        """Every line of these names."""
        for name in names:
            yield from self._lines.get(name, ())

    def first(self, name: str) -> Line | None:
        """The preferred line. The others are kept as written."""
        lines = self._lines.get(name)
        if not lines:
            return None
        for other in lines[1:]:
            self.keep(other)
        return lines[0]

    def first_text(self, name: str) -> str:
        """The text of the preferred line, empty if there is none."""
        line = self.first(name)
        return line.text if line else ""

    def keep(self, line: Line) -> None:
        """Keep a line that no field takes."""
        self._kept.append(line.prop.line())

    def label(self, line: Line) -> str | None:
        """The label of the line's group (``item1.X-ABLabel``), lower case, without Apple's mark."""
        return self._labels.get(line.prop.head.group or "")

    def use_label(self, line: Line) -> None:
        """Do not keep the label of this line, because a field took it."""
        self._used_labels.add(line.prop.head.group or "")

    def kept(self) -> tuple[str, ...]:
        """Everything that no field took, as content lines."""
        unused = (
            prop
            for prop in self._unknown
            if prop.head.name != _LABEL or (prop.head.group or "") not in self._used_labels
        )
        return (*(prop.line() for prop in unused), *self._kept)


def _value(prop: Property) -> Any:  # noqa: ANN401 - a Name, Address, list or text
    make = _STRUCTURED.get(prop.head.name)
    return prop.value if make is None else make(fields(prop.value))


def fields(value: str) -> list[_Field]:
    """Split a structured value as vobject does. A part with several values is a list."""
    if "\\" in value or "," in value:
        split: list[_Field] = splitFields(value)
        return split
    # Most values have nothing to unescape. vobject would look at each character.
    parts: list[_Field] = [*value.split(";")]
    return parts[:-1] if len(parts) > 1 and not parts[-1] else parts


def _name(parts: Sequence[_Field]) -> Name:
    return Name(**dict(zip(NAME_ORDER, parts, strict=False)))


def _address(parts: Sequence[_Field]) -> Address:
    return Address(**dict(zip(ADDRESS_ORDER, parts, strict=False)))


_STRUCTURED: dict[str, Callable[[list[_Field]], Any]] = {"N": _name, "ADR": _address, "ORG": list}
