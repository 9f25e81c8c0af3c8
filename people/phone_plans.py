"""The numbering plans of ``phonenumbers``, compiled once: the kind of a number, and plain ``+`` numbers read.

``phonenumbers`` looks each pattern up by its text, a third of the work of reading an address book. The
answers here are the same, and a test compares them for every country.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import phonenumbers as pn
from phonenumbers import PhoneNumberType as Type

_PLAIN = re.compile(r"\+[1-9][\d ().-]{6,20}")
_SIGNS = str.maketrans("", "", "+ ().-")
_ORDER = (
    (Type.PREMIUM_RATE, "premium_rate"),
    (Type.TOLL_FREE, "toll_free"),
    (Type.SHARED_COST, "shared_cost"),
    (Type.VOIP, "voip"),
    (Type.PERSONAL_NUMBER, "personal_number"),
    (Type.PAGER, "pager"),
    (Type.UAN, "uan"),
    (Type.VOICEMAIL, "voicemail"),
)
"""The kinds that come before landlines and mobiles, in the order in which ``phonenumbers`` asks."""


class _Kind(NamedTuple):
    """The numbers of one kind: their lengths (empty for any), and the pattern of all of them."""

    lengths: frozenset[int]
    matches: Callable[[str], object]

    def has(self, national: str) -> bool:
        if self.lengths and len(national) not in self.lengths:
            return False
        return bool(self.matches(national))


class _Plan(NamedTuple):
    """The kinds of a region. ``starts`` is the pattern of the region's first digits, if the plan has one."""

    starts: re.Pattern[str] | None
    any: _Kind
    before: tuple[tuple[int, _Kind], ...]
    fixed: _Kind
    mobile: _Kind
    fixed_are_mobile: bool

    def kind(self, national: str) -> int:
        """The ``PhoneNumberType`` of a number as dialled within its country."""
        if not self.any.has(national):
            return Type.UNKNOWN
        for kind, numbers in self.before:
            if numbers.has(national):
                return kind
        if self.fixed.has(national):
            both = self.fixed_are_mobile or self.mobile.has(national)
            return Type.FIXED_LINE_OR_MOBILE if both else Type.FIXED_LINE
        if not self.fixed_are_mobile and self.mobile.has(national):
            return Type.MOBILE
        return Type.UNKNOWN


def _nobody(_national: str) -> None:
    return None


def _kind(described: Any) -> _Kind:  # noqa: ANN401 - phonenumbers has no type for it
    pattern = described.national_number_pattern if described else None
    lengths = frozenset(described.possible_length) if described else frozenset()
    return _Kind(lengths, re.compile(pattern).fullmatch if pattern else _nobody)


@cache
def _plan(country: int, region: str) -> _Plan | None:
    of = pn.PhoneMetadata.metadata_for_region_or_calling_code(country, region)
    if of is None:
        return None
    before = tuple((kind, _kind(getattr(of, name))) for kind, name in _ORDER if getattr(of, name))
    starts = re.compile(of.leading_digits) if of.leading_digits is not None else None
    both = bool(of.same_mobile_and_fixed_line_pattern)
    return _Plan(starts, _kind(of.general_desc), before, _kind(of.fixed_line), _kind(of.mobile), both)


def kind_of(country: int, national: str) -> int:
    """Return the ``PhoneNumberType`` of a number with its leading zeros; UNKNOWN if it is not valid."""
    regions = pn.COUNTRY_CODE_TO_REGION_CODE.get(country, ())
    for region in regions:
        plan = _plan(country, region)
        if plan is None:
            continue
        if len(regions) == 1:
            return plan.kind(national)
        if plan.starts is not None:
            if plan.starts.match(national):
                return plan.kind(national)
        elif (kind := plan.kind(national)) != Type.UNKNOWN:
            return kind
    return Type.UNKNOWN


@cache
def _prefix(country: int) -> re.Pattern[str] | None:
    """What people write before a number within a country, and must not after ``+``: (0)."""
    of = pn.PhoneMetadata.metadata_for_region_or_calling_code(
        country, pn.region_code_for_country_code(country)
    )
    pattern = of.national_prefix_for_parsing if of else None
    return re.compile(pattern) if pattern else None


def read_plain(written: str) -> pn.PhoneNumber | None:
    """Read ``+`` and digits as ``phonenumbers.parse`` does; None if the number needs a closer look."""
    if not _PLAIN.fullmatch(written) or not written.isascii():
        return None
    digits = written.translate(_SIGNS)
    country = next(
        (code for n in (1, 2, 3) if (code := int(digits[:n])) in pn.COUNTRY_CODE_TO_REGION_CODE), 0
    )
    national = digits[len(str(country)) :]
    if not country or not 5 < len(national) < 14 or national[0] == "0":
        return None
    prefix = _prefix(country)
    if prefix and prefix.match(national):
        return None
    return pn.PhoneNumber(country_code=country, national_number=int(national))
