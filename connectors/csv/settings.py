"""Settings of contacts in a CSV file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from connectors.base import Surroundings
from connectors.columns import Column
from connectors.csv.names import FIELDS
from connectors.csv.source import CsvSource
from connectors.questions import Question
from connectors.shared.text_source import TextSource
from people.text import did_you_mean
from people.types import Trust


class CsvSettings(TextSource):
    """Contacts in a CSV file; ``columns`` names the columns that are not known by themselves.

    Several columns may be one field. ``custom`` keeps a column as a labelled field, ``ignore`` leaves it out.
    """

    tells = frozenset({"contacts"})
    title = "a CSV file: Google Contacts, Outlook, Thunderbird, HubSpot or another"
    asks = (Question("path"),)
    trust = Trust.IMPORTED
    example = """\
[[sources]]
name = "spreadsheet"
type = "csv"
path = "contacts.csv"            # Google Contacts, Outlook, Thunderbird, HubSpot; else name the columns:
# columns = {given_name = "Vorname", family_name = "Nachname", email = "Mail"}
"""

    type: Literal["csv"]
    columns: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("columns", mode="after")
    @classmethod
    def _known_fields(cls, value: dict[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
        for field in value:
            if field not in FIELDS:
                hint = did_you_mean(field, FIELDS, otherwise=f"use one of {', '.join(FIELDS)}")
                msg = f"'{field}' is not a field of a contact; {hint}"
                raise ValueError(msg)
        return value

    def open(self, around: Surroundings) -> CsvSource:
        """Make the source."""
        return CsvSource(self.name, around.path(self.path), self.columns, self.codec, around.known_cards)

    def columns_of(self, around: Surroundings) -> tuple[Column, ...]:
        """What each column of the file became."""
        return self.open(around).columns()
