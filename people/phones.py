"""Telephone numbers as people write them, read by ``phonenumbers``: E.164, and the extension apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import phonenumbers as pn
from phonenumbers import PhoneNumberType as Type

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

Line = Literal["personal", "fixed", "shared"]
"""Who a number reaches: *personal* may be one person's own (mobile, or a country where the number does
not tell), *fixed* is a household's or a desk's, *shared* is a service number (free call, premium rate)."""

_TEL = re.compile(r"^\s*tel:", re.IGNORECASE)
_DIALABLE = re.compile(r"\d")


class Phone(NamedTuple):
    """A valid number: ``number`` is E.164, ``extension`` its digits or '', ``line`` who it reaches."""

    number: str
    extension: str
    line: Line

    @property
    def key(self) -> str:
        """The number as an identity: two desks of one switchboard differ by their extension."""
        return f"{self.number};ext={self.extension}" if self.extension else self.number


@lru_cache(maxsize=65536)
def parse(written: str, region: str) -> Phone | None:
    """Read a number as written in ``region`` (``GB``); None when it is not a valid number.

    ``00`` and ``+`` both begin an international number whatever the region's own prefix is.
    """
    for number in _readings(written, region):
        kind = pn.number_type(number)
        if kind != pn.PhoneNumberType.UNKNOWN:  # which is what is_valid_number looks for, once more
            return Phone(
                pn.format_number(number, pn.PhoneNumberFormat.E164), number.extension or "", _line(kind)
            )
    return None


def _readings(written: str, region: str) -> Iterator[PhoneNumber]:
    """The numbers that a text may stand for, valid or not, the likeliest first."""
    text = _TEL.sub("", written).strip()
    if not _DIALABLE.search(text):
        return
    # Phones write 00 for + everywhere; regions that dial 011 or 0011 would take it for a local number.
    for candidate in ["+" + text[2:], text] if text.startswith("00") else [text]:
        with suppress(pn.NumberParseException):
            yield pn.parse(candidate, region.upper() or None)


def comparable(written: str, region: str) -> str:
    """What all spellings of one number have in common, be it valid or not; for comparison, not for show."""
    phone = parse(written, region)
    if phone:
        return phone.number
    reading = next(_readings(written, region), None)
    if reading:
        return pn.format_number(reading, pn.PhoneNumberFormat.E164)
    return "".join(_DIALABLE.findall(written)) or written.strip().casefold()


def _line(kind: int) -> Line:
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
