"""Telephone numbers as people write them, read by ``phonenumbers``: E.164, and the extension apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

Line = Literal["personal", "fixed", "shared"]
"""Who answers a number: *personal* may be one person (a mobile, or a country whose numbers do not say),
*fixed* is a household or a desk, *shared* is a service (free call, premium rate)."""

_TEL = re.compile(r"^\s*tel:", re.IGNORECASE)
_DIALABLE = re.compile(r"\d")


class Phone(NamedTuple):
    """A valid number: ``number`` is E.164, ``extension`` its digits or '', ``line`` who answers."""

    number: str
    extension: str
    line: Line

    @property
    def key(self) -> str:
        """The number with its extension, which distinguishes two desks of one switchboard."""
        return f"{self.number};ext={self.extension}" if self.extension else self.number


@cache
def _plans() -> ModuleType:
    from people import phone_plans  # noqa: PLC0415 - most commands read no number, and start sooner

    return phone_plans


def _library() -> ModuleType:
    library: ModuleType = _plans().pn
    return library


@lru_cache(maxsize=65536)
def parse(written: str, region: str) -> Phone | None:
    """Read a number as written in ``region`` (``GB``); None if it is not valid.

    ``00`` and ``+`` both begin an international number, whatever the region's own prefix is.
    """
    for number in _readings(written, region):
        zeros = (number.number_of_leading_zeros or 1) if number.italian_leading_zero else 0
        valid = _valid(number.country_code or 0, number.national_number or 0, zeros)
        if valid:
            return Phone(valid[0], number.extension or "", valid[1])
    return None


@lru_cache(maxsize=200_000)
def _valid(country: int, national: int, zeros: int) -> tuple[str, Line] | None:
    """A number in E.164 and who answers it; None if it is not valid. ``zeros`` stand before it.

    The costly part of reading a number, so it is done once, however its cards write it.
    """
    significant = f"{'0' * zeros}{national}"
    kind = _plans().kind_of(country, significant)
    if kind == _library().PhoneNumberType.UNKNOWN:  # what is_valid_number would check again
        return None
    return f"+{country}{significant}", _line(kind)


def _readings(written: str, region: str) -> Iterator[PhoneNumber]:
    """Yield the numbers that a text may mean, valid or not, the most likely first."""
    text = _TEL.sub("", written).strip()
    if not _DIALABLE.search(text):
        return
    pn, read_plain = _library(), _plans().read_plain
    # Phones write 00 for + everywhere, but a region that dials 011 or 0011 takes it as a local number.
    for candidate in ["+" + text[2:], text] if text.startswith("00") else [text]:
        plain = read_plain(candidate)
        if plain:
            yield plain
            continue
        with suppress(pn.NumberParseException):
            yield pn.parse(candidate, region.upper() or None)


def comparable(written: str, region: str) -> str:
    """Return a key that all spellings of one number share, valid or not. It is for comparison only."""
    phone = parse(written, region)
    if phone:
        return phone.number
    reading = next(_readings(written, region), None)
    if reading:
        return _e164(reading)
    return "".join(_DIALABLE.findall(written)) or written.strip().casefold()


def _e164(number: PhoneNumber) -> str:
    pn = _library()
    return str(pn.format_number(number, pn.PhoneNumberFormat.E164))


def _line(kind: int) -> Line:
    Type = _library().PhoneNumberType  # noqa: N806 - a class
    if kind in (Type.MOBILE, Type.FIXED_LINE_OR_MOBILE, Type.PERSONAL_NUMBER, Type.PAGER, Type.VOIP):
        return "personal"
    return "fixed" if kind == Type.FIXED_LINE else "shared"


def e164(written: str, region: str) -> str | None:
    """Return the number in E.164 without its extension; None if it is not valid in ``region``.

    >>> e164("0117 946 0000", "GB")
    '+441179460000'
    >>> e164("0049 30 123456 ext. 7", "GB")
    '+4930123456'
    """
    phone = parse(written, region)
    return phone.number if phone else None


def as_dialled(number: str, region: str) -> str:
    """Return a number as the user would dial it: a national one without its country's prefix.

    A text that cannot be a number stays as it is.

    >>> as_dialled("+441179460000", "GB")
    '0117 946 0000'
    >>> as_dialled("+4930123456", "GB")
    '+49 30 123456'
    """
    reading, pn = next(_readings(number, region), None), _library()
    if reading is None or not pn.is_possible_number(reading):
        return number
    home = reading.country_code == pn.country_code_for_region(region.partition("-")[0].upper())
    style = pn.PhoneNumberFormat.NATIONAL if home else pn.PhoneNumberFormat.INTERNATIONAL
    return str(pn.format_number(reading, style))


def callable_number(written: str, region: str) -> str | None:
    """Return what a telephone dials, in E.164; None if the text cannot be a number.

    Unlike ``e164`` it takes a number of the right length that no range is known for, as new ranges are.

    >>> callable_number("07700 900133", "GB")
    '+447700900133'
    >>> callable_number("112358", "GB")
    """
    reading, pn = next(_readings(written, region), None), _library()
    # A local number lacks its area code, so it rings elsewhere.
    if reading is None or pn.is_possible_number_with_reason(reading) != pn.ValidationResult.IS_POSSIBLE:
        return None
    return _e164(reading)
