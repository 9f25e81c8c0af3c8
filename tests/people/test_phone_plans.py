"""Numbers are read and told apart exactly as ``phonenumbers`` does it, in every country."""

from __future__ import annotations

import random

import phonenumbers as pn
import pytest

from people.phone_plans import kind_of, read_plain

KINDS = [kind for name, kind in vars(pn.PhoneNumberType).items() if name.isupper() and isinstance(kind, int)]


def examples(country: int) -> list[str]:
    """Numbers of a country with leading zeros: valid ones of each kind, and some that may not be."""
    dice = random.Random(country)
    regions = pn.COUNTRY_CODE_TO_REGION_CODE[country]
    found = [
        pn.example_number_for_type(region, kind) for region in regions if region != "001" for kind in KINDS
    ]
    found.append(pn.example_number_for_non_geo_entity(country))
    real = [pn.national_significant_number(number) for number in found if number]
    for text in real[:12]:
        at = dice.randrange(len(text))
        real += [text[:at] + dice.choice("0123456789") + text[at + 1 :], text[:-1], text + "1", "0" + text]
    real += ["".join(dice.choices("0123456789", k=dice.randrange(6, 13))) for _ in range(20)]
    return real


def number(country: int, national: str) -> pn.PhoneNumber:
    zeros = len(national) - len(national.lstrip("0"))
    return pn.PhoneNumber(
        country_code=country,
        national_number=int(national),
        italian_leading_zero=bool(zeros) or None,
        number_of_leading_zeros=zeros or None,
    )


@pytest.mark.parametrize("codes", [range(at, at + 100) for at in range(1, 1000, 100)])
def test_each_number_has_the_kind_that_the_library_gives(codes: range) -> None:
    for country in codes:
        for national in examples(country) if country in pn.COUNTRY_CODE_TO_REGION_CODE else ():
            if national.strip("0"):
                told = kind_of(country, national)
                assert told == pn.number_type(number(country, national)), (country, national)


@pytest.mark.parametrize("codes", [range(at, at + 100) for at in range(1, 1000, 100)])
@pytest.mark.parametrize("shape", ["+{}{}", "+{} {}", "+{} ({}", "+{}.0{}"])
def test_a_plain_number_is_read_as_the_library_reads_it(codes: range, shape: str) -> None:
    for country in codes:
        for national in examples(country) if country in pn.COUNTRY_CODE_TO_REGION_CODE else ():
            written = shape.format(country, national)
            plain = read_plain(written)
            assert plain is None or plain == pn.parse(written, "GB"), written


def test_most_plain_numbers_need_no_closer_look() -> None:
    assert read_plain("+44 7911 123456") == pn.parse("+44 7911 123456", None)
    assert read_plain("+447911123456")
    assert read_plain("07911 123456") is None
    assert read_plain("+44 (0)7911 123456") is None
    assert read_plain("+44 7911 123456 ext. 7") is None
    assert read_plain("+٤٤7911123456") is None
