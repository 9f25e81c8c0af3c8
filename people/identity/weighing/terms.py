"""What two records can agree or differ in, each with the words that people read for it and its weight."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class What(StrEnum):
    """What two records agree or differ in. The value is the text that people read; code compares members.

    ``bits`` is the weight, ``is_fixed`` is False if it depends on a name or on how many share the
    value; ``bits`` is 0 then.
    If you change one, raise ``weights.VERSION``.
    """

    bits: float
    is_fixed: bool

    def __new__(cls, text: str, bits: float | None = None) -> Self:
        """Make a member of its text and its weight."""
        member = str.__new__(cls, text)
        member._value_ = text
        member.bits = bits or 0.0
        member.is_fixed = bits is not None
        return member

    GIVEN_NAME_SAME = "given name same"
    GIVEN_NAME_NEARLY_SAME = "given name nearly same"
    GIVEN_NAME_SHORT_FORM = "given name short form"
    GIVEN_NAME_OTHER_FORM = "given name in another form"
    GIVEN_NAME_INITIAL_SAME = "given name initial same", 3.0
    GIVEN_NAMES_OF_ONE_ROOT = "given names short for one name", 2.0
    GIVEN_NAME_IS_MIDDLE_NAME = "given name is the other's middle name", 3.0
    GIVEN_INITIAL_IS_MIDDLE_INITIAL = "given initial is the other's middle one", 1.0
    GIVEN_NAME_GARBLED = "given name garbled", 3.0
    GIVEN_NAME_SHORT_FORM_MISSPELT = "given name short form, misspelt", 2.0
    GIVEN_NAME_SIMILAR = "given name similar", 0.0
    GIVEN_NAME_DIFFERS = "given name differs", -6.0
    FAMILY_NAME_SAME = "family name same"
    FAMILY_NAME_NEARLY_SAME = "family name nearly same"
    FAMILY_NAME_OTHER_FORM = "family name in another spelling"
    FAMILY_NAME_SAME_IN_PART = "family name same in part"
    FAMILY_NAME_INITIAL_SAME = "family name initial same", 2.5
    FAMILY_NAME_GARBLED = "family name garbled", 4.0
    FAMILY_NAME_SIMILAR = "family name similar", 1.0
    FAMILY_NAME_DIFFERS = "family name differs", -4.0
    NAMES_IN_TURNED_ORDER = "names in turned order", -2.0
    NAME_IN_OTHER_SCRIPT = "name in another script", 0.0
    MIDDLE_NAME_SAME = "middle name same", 4.0
    MIDDLE_INITIAL_SAME = "middle initial same", 2.0
    MIDDLE_NAME_DIFFERS = "middle name differs", -4.0
    GENERATION_ON_ONE_ONLY = "generation on one only", -3.0
    NICKNAME_SAME = "nickname same", 3.0
    ADDRESS_SPELLS_THE_NAME = "address spells the name", 5.0
    BARE_ADDRESS = "nothing known but the address", 5.0
    ADDRESS_OF_ANOTHER = "address spells another name", -6.0
    EMAIL_NEARLY_SAME = "e-mail nearly same", 6.0
    EMAIL_SLIP_IN_DOMAIN = "e-mail same but for a slip after the @", 12.0
    EMAIL_SAME_BUT_TAG = "e-mail same but for a tag", 12.0
    EMAIL_SAME_LOCAL = "e-mail same before the @", 4.0
    OTHER_EXTENSION = "same number, other extension", -4.0
    ONE_EXTENSION = "same number, one with extension", 4.0
    TWO_ADDRESSES_AT_ONE_FIRM = "two addresses at one firm", -3.0
    PRIVATE_EMAIL_DIFFERS = "private e-mail differs", -1.0
    PHONE_DIFFERS = "phone differs", -2.0
    PROFILE_SAME = "profile same", 17.0
    PROFILE_DIFFERS = "profile differs", -6.0
    ORGANISATION_SAME = "organisation same"
    ORGANISATION_SIMILAR = "organisation similar", 4.0
    ORGANISATION_DIFFERS = "organisation differs", -1.0
    TITLE_SAME = "title same", 2.0
    BIRTHDAY_SAME = "birthday same", 13.0
    BIRTHDAY_SAME_1_JANUARY = "birthday same, 1 January", 7.0
    BIRTHDAY_SAME_YEAR_UNKNOWN = "birthday same, year unknown", 8.0
    BIRTHDAY_NEARLY_SAME = "birthday nearly same", 7.0
    BIRTHDAY_CLOSE = "birthday close", 2.0
    BIRTHDAY_A_YEAR_APART = "birthday a year apart", -1.0
    BIRTHDAY_DIFFERS = "birthday differs", -4.0
    STREET_SAME = "street same", 9.0
    STREET_NEARLY_SAME = "street nearly same", 6.0
    STREET_DIFFERS = "street differs", -1.0
    POSTCODE_SAME = "postcode same", 7.0
    POSTCODE_NEARLY_SAME = "postcode nearly same", 4.0
    POSTCODE_BEGINS_THE_SAME = "postcode begins the same", 3.0
    POSTCODE_DIFFERS = "postcode differs", -1.0
    TOWN_SAME = "town same", 4.0
    TOWN_NEARLY_SAME = "town nearly same", 3.0
    TOWN_DIFFERS = "town differs", -1.0
    CARD_ID_SAME = "card id same", 8.0
    NUMBER_SAME = "number same", 16.0
    NUMBER_NEARLY_SAME = "number nearly same", 9.0
    NUMBER_DIFFERS = "number differs", -4.0
    EMAIL_SAME = "e-mail same"
    PHONE_SAME = "phone same"
    LANDLINE_SAME = "landline same"


GIVEN_NAME_TERMS = frozenset(what for what in What if what.name.startswith("GIVEN")) | {What.NICKNAME_SAME}
"""The terms that compare a given name with something."""

Term = tuple[What, float, str]
"""A piece of evidence: what it is, its bits, and the values. It reads ``given name same (anna) +8.5``."""


def term(what: What, detail: str = "") -> Term:
    """A term with a fixed weight."""
    return what, what.bits, detail
