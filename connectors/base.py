"""What every connector tells the rest of Touchbase: its settings, how it opens, what it needs.

A connector is a folder with a ``settings.py`` whose class is listed in ``connectors.catalog``. Nothing
else names it: settings, runs, ``touchbase doctor`` and ``touchbase init`` ask the class.
"""

from __future__ import annotations

import os
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.checks import Check as Check  # noqa: PLC0414 - part of what every connector tells
from connectors.checks import readable, writable
from connectors.columns import Column
from connectors.questions import Question
from people.tasks import TaskSink
from people.text import did_you_mean
from people.types import RECORD_KINDS, Frozen, Problem, RecordKind, Source, Trust

if TYPE_CHECKING:
    # It brings multiprocessing, which takes longer to import than all settings together.
    from people.parallel import Pool


class Section(BaseModel):
    """A table of touchbase.toml. It cannot be changed, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Me(Section):
    """The user. ``emails`` are all their addresses, lower case, and ``not_mine`` those that only seem so."""

    name: str = "Me"
    emails: tuple[str, ...] = ()
    not_mine: tuple[str, ...] = ()
    time_zone: str = "UTC"
    region: str = "GB"
    currency: str = "GBP"

    @field_validator("emails", "not_mine", mode="after")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(email.strip().lower() for email in value)

    @field_validator("time_zone", mode="after")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            otherwise = "use an IANA name such as Europe/London"
            hint = did_you_mean(value, available_timezones(), otherwise=otherwise)
            msg = f"'{value}' is not a valid time zone; {hint}"
            raise ValueError(msg) from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone. Days begin and end in it."""
        return ZoneInfo(self.time_zone)


@dataclass
class Unanswered:
    """Seconds that a run has lost to services that do not answer, by service. Threads may share it.

    A service has one allowance per run, however many sources, retries and steps ask it. ``sleep`` and
    ``clock`` are those of ``time``.
    """

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _seconds: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, service: str, seconds: float) -> float:
        """Add ``seconds``; return the sum of the service."""
        with self._lock:
            self._seconds[service] = self._seconds.get(service, 0.0) + seconds
            return self._seconds[service]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a connector may need to open.

    ``folder`` holds touchbase.toml; ``today`` is the user's day. ``known_cards`` maps the raw hash of each
    card that the store holds from this source to its source id; ``known_events`` maps the raw hash of each
    event to the source ids of its meetings. A source does not read these again. ``known_days`` maps the
    source id of each journal line to its day. ``progress`` is called with the number of cards read and
    their total. ``pool`` holds the processes of the run. ``delivered`` is how many open tasks the store
    believes to be in the sink, and ``address`` where the same settings led last time. ``unanswered`` is
    shared by the whole run. ``environ`` holds the passwords.
    """

    folder: Path
    today: date
    me: Me = field(default_factory=Me)
    known_cards: Mapping[str, str] | None = None
    known_events: Mapping[str, Sequence[str]] | None = None
    known_days: Mapping[str, date] | None = None
    progress: Callable[[int, int], None] | None = None
    pool: Pool | None = None
    delivered: int = 0
    address: str | None = None
    unanswered: Unanswered = field(default_factory=Unanswered)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def path(self, path: Path) -> Path:
        """Make ``path`` absolute; a relative one is relative to the settings file."""
        return (self.folder / path.expanduser()).absolute()


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, or a token file in JSON, and where Touchbase looks for it.

    ``variable`` is the environment variable and ``block`` the Secret block in Prefect. A secret with a
    ``file`` (relative to the settings file) is saved there; one without stays in the environment.
    """

    variable: str
    block: str
    file: Path | None = None


class LabelChange(Frozen):
    """One change to one label, which is named without the prefix; ``people`` are source ids."""

    action: Literal["create", "add", "remove", "delete"]
    label: str
    people: tuple[str, ...] = ()


class LabelWriter(Protocol):
    """Writes labels back to the contacts of a source; all of them begin with ``prefix``."""

    @property
    def prefix(self) -> str:
        """What every label of ours begins with."""
        ...

    def sync(
        self, wanted: Mapping[str, AbstractSet[str]], *, dry_run: bool = False
    ) -> tuple[list[LabelChange], list[Problem]]:
        """Bring the labels of contacts, by source id, up to date; a dry run only lists the changes."""
        ...


class Connector(Section):
    """The settings of a source or a sink. A subclass gives ``type`` one literal.

    ``example`` is the table that ``touchbase init`` offers as a comment. A connector with a ``title`` is one
    of its choices, and the answers to ``asks`` become the table.
    """

    example: ClassVar[str]
    title: ClassVar[str] = ""
    asks: ClassVar[tuple[Question, ...]] = ()

    type: str

    @abstractmethod
    def check(self, around: Surroundings) -> Check:
        """Look at what the connector needs, for ``touchbase doctor``. It reads and writes no records."""

    def secrets(self) -> tuple[Secret, ...]:
        """Name the secrets without which the connector cannot work."""
        return ()


class SourceSettings(Connector):
    """The settings of one source, and what the rest of Touchbase must know about its type.

    ``tells`` are the kinds of records it can yield: a run counts these, and the hourly run reads every source
    of meetings or journal lines. ``trust`` decides whose value a merged profile takes. ``cursor_expires`` is
    for services that withdraw old cursors: the weekly full refresh forgets them in time. ``touchbase init``
    writes ``example`` as a comment, unless ``ready`` says that it works as it is.
    """

    tells: ClassVar[frozenset[RecordKind]]
    trust: ClassVar[Trust] = Trust.OWN
    cursor_expires: ClassVar[bool] = False
    ready: ClassVar[bool] = False

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")

    @abstractmethod
    def open(self, around: Surroundings) -> Source:
        """Make the source, whose name is ``name``. It reads nothing yet."""

    def open_labels(self, around: Surroundings) -> LabelWriter | None:  # noqa: ARG002 - for subclasses
        """Open what writes labels back; None unless the settings ask for it."""
        return None

    def columns_of(self, around: Surroundings) -> tuple[Column, ...]:  # noqa: ARG002 - for subclasses
        """What each column became, for a source that is a table."""
        return ()

    @property
    def writes_labels(self) -> bool:
        """Whether ``open_labels`` gives a writer."""
        return False

    @property
    def kinds(self) -> frozenset[RecordKind]:
        """The kinds of records that this source yields as it is set up: all or some of ``tells``."""
        return self.tells

    def lasting(self, cursor: str) -> str | None:  # noqa: ARG002 - for subclasses
        """The part of a cursor that a full refresh keeps, because it does not expire; None for none."""
        return None

    @property
    def main_kind(self) -> RecordKind:
        """The kind under which the problems of the source are counted."""
        return next(kind for kind in RECORD_KINDS if kind in self.tells)


class FileSource(SourceSettings):
    """A source that is a file, or a folder of files."""

    path: Path

    @property
    def is_local(self) -> bool:
        """Whether there is a path; an address may take its place."""
        return True

    def check(self, around: Surroundings) -> Check:
        """Say whether the path is there and can be read."""
        return readable(around.path(self.path))


class SinkSettings(Connector):
    """The settings of a task sink: where follow-ups become tasks.

    At most ``capacity_per_day`` new follow-ups become tasks per day, and none while ``open_at_most`` are
    open; the rest wait.
    """

    capacity_per_day: int = Field(default=5, ge=0)
    open_at_most: int = Field(default=15, ge=0)

    @abstractmethod
    def open(self, around: Surroundings) -> TaskSink:
        """Make the sink, whose name is ``type``. Raises ``LoginNeeded`` when a password is missing."""


class FileSink(SinkSettings):
    """A sink that is a file, or a folder of files, made with the first task."""

    path: Path

    def check(self, around: Surroundings) -> Check:
        """Say whether the path, or the folder in which it will be made, can be written."""
        return writable(around.path(self.path))


def type_of(connector: type[Connector]) -> str:
    """The ``type`` by which touchbase.toml names a connector."""
    return str(get_args(connector.model_fields["type"].annotation)[0])
