"""What all boundary types are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from people.text import one_line


def _to_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An aware datetime, normalised to UTC."""


class Frozen(BaseModel):
    """Base of all boundary types: immutable, unknown fields refused."""

    # Validators are built on first use: most commands need few of them, and start quicker.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


Line = Annotated[str, AfterValidator(one_line)]
"""Text on one line, safe to print: it often quotes what a stranger wrote."""


ProblemKind = Literal["journal name", "inbox line", "budget"]
"""A line of the journal whose person is not known; a budget that is exceeded."""


class Problem(Frozen):
    """A mistake or oddity in input or rules that did not stop the rest.

    ``where`` names the place (``phone/anna.vcf card 3``, ``journal.csv:12``); ``help`` the remedy. ``kind``
    is set for those that a screen counts instead of listing each.
    """

    where: Line
    message: Line
    help: Line = ""
    kind: ProblemKind | None = None


class Issue(Frozen):
    """A problem of one card, noted while it was read.

    ``code`` is a stable kebab-case name. ``lost`` is True if some of the card's content could not
    be kept; a repair is not a loss.
    """

    code: str
    message: str
    lost: bool = False


RecordKind = Literal["contacts", "meetings", "messages", "journal"]
RECORD_KINDS: tuple[RecordKind, ...] = get_args(RecordKind)
"""What a source can yield, in the order in which it is shown."""


class Trust(IntEnum):
    """Whose value a merged profile takes first: the lower number wins."""

    OWN = 0
    """The user's own address book."""
    IMPORTED = 1
    """An export of what others wrote about themselves."""
    GUEST_LIST = 2
    """The guest list of a meeting."""


class Record(Frozen):
    """One item of a source; ``source_id`` is unique in it, and names the same item permanently."""

    source: str
    source_id: str

    @property
    def record(self) -> str:
        """The record key, ``source:source_id``."""
        return f"{self.source}:{self.source_id}"
