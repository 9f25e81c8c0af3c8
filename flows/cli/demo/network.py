"""The bundled demo network, with its dates moved so that it looks alive on any day.

The files in ``examples/network`` are written around one anchor day. A copy for ``today`` moves every
date by the same number of whole weeks. Weekdays, gaps and the order of events stay, and the anchor
falls on ``today`` or up to six days before it. Birthdays do not move.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from people.errors import SettingsError
from people.private_files import private_folder, replace_file

ANCHOR = date(2026, 1, 14)
"""The Wednesday around which the bundled files are written."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Events are moved one by one, because time zone rules and birthdays keep their own years.
_EVENT = re.compile(r"(?ms)^BEGIN:VEVENT\r?$.*?^END:VEVENT\r?$")
_BIRTHDAY = re.compile(r"(?m)^CATEGORIES:Birthday\r?$")
_EVENT_DATE = re.compile(
    r"(?m)^(?:(?:DTSTART|DTEND|DTSTAMP|RECURRENCE-ID|EXDATE)\b[^:\n]*:|RRULE:[^\n]*\bUNTIL=)(?P<day>\d{8})"
)
_CARD_DATE = re.compile(r"(?m)^REV:(?P<day>\d{4}-\d\d-\d\d|\d{8})")
_LINE_DATE = re.compile(r"(?m)^(?P<day>\d{4}-\d\d-\d\d),")
_CONNECTED_ON = re.compile(r"(?m),(?P<day>\d\d (?:" + "|".join(_MONTHS) + r") \d{4})\r?$")
_MAIL_DATE = re.compile(r"(?m)^Date: \w{3}, (?P<day>\d\d (?:" + "|".join(_MONTHS) + r") \d{4})")
_SINCE = re.compile(r"(?m)^\s+since: (?P<day>\d{4}-\d\d-\d\d)")


def examples_folder() -> Path:
    """Return the folder of the bundled examples, in an installed wheel or in a checkout.

    Raises ``SettingsError`` when this installation has none.
    """
    flows = Path(__file__).resolve().parents[2]
    for folder in (flows / "examples", flows.parent / "examples"):
        if (folder / "network" / "touchbase.toml").is_file():
            return folder
    raise SettingsError(
        "the example network is missing from this installation of Touchbase",
        help="install it again, or run the demo from a checkout: make demo",
    )


def is_demo(folder: Path) -> bool:
    """Whether ``folder`` holds a demo network: its settings begin like the bundled ones."""
    try:
        with (folder / "touchbase.toml").open("rb") as ours:
            first = ours.readline()
    except OSError:
        return False
    with (examples_folder() / "network" / "touchbase.toml").open("rb") as bundled:
        return first == bundled.readline()


def write_network(target: Path, today: date) -> Path:
    """Write the demo network into ``target``, alive on ``today``; return its settings file.

    ``target`` may be new or an empty folder; its parents are created. Raises ``SettingsError`` when it
    is not an empty folder or cannot be written. Nothing is ever overwritten.
    """
    source = examples_folder() / "network"
    weeks = (today - ANCHOR).days // 7
    try:
        files = {
            path.relative_to(source): _moved(path, timedelta(weeks=weeks))
            for path in sorted(source.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
    except OverflowError as error:
        raise SettingsError(
            f"the demo network does not fit around {today}",
            help="name a day nearer to the present",
        ) from error
    _refuse_unless_free(target)
    try:
        for name, content in files.items():
            private_folder((target / name).parent)
            replace_file(target / name, content)
    except OSError as error:
        raise SettingsError(
            f"the demo network cannot be written to {target}: {error.strerror}",
            help="name a folder that can be written: touchbase demo --dir DIR",
        ) from error
    return target / "touchbase.toml"


def _refuse_unless_free(target: Path) -> None:
    try:
        taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError:
        taken = True
    if taken:
        raise SettingsError(
            f"{target} is not an empty folder, and the demo overwrites nothing",
            help="name a new folder (touchbase demo --dir DIR), or remove this one yourself",
        )


def _moved(path: Path, by: timedelta) -> bytes:
    """Return the file's bytes with its dates moved. Everything else stays byte for byte."""
    move = _MOVES.get(path.suffix)
    content = path.read_bytes()
    # Latin-1 keeps every byte. The cards use several character sets, but their dates are ASCII.
    return move(content.decode("latin-1"), by).encode("latin-1") if move else content


def _moved_calendar(text: str, by: timedelta) -> str:
    def event(match: re.Match[str]) -> str:
        block = match.group()
        return block if _BIRTHDAY.search(block) else _shift(_EVENT_DATE, block, by)

    return _EVENT.sub(event, text)


def _moved_table(text: str, by: timedelta) -> str:
    return _shift(_CONNECTED_ON, _shift(_LINE_DATE, text, by), by)


_MOVES: dict[str, Callable[[str, timedelta], str]] = {
    ".ics": _moved_calendar,
    ".csv": _moved_table,
    ".vcf": lambda text, by: _shift(_CARD_DATE, text, by),
    ".mbox": lambda text, by: _shift(_MAIL_DATE, text, by),
    ".yaml": lambda text, by: _shift(_SINCE, text, by),
}


def _shift(pattern: re.Pattern[str], text: str, by: timedelta) -> str:
    def later(match: re.Match[str]) -> str:
        before, _, after = match.group().rpartition(match["day"])
        return before + _later(match["day"], by) + after

    return pattern.sub(later, text)


def _later(written: str, by: timedelta) -> str:
    """Return a later date in the form it was written in: 20260114, 2026-01-14 or 14 Jan 2026."""
    if " " in written:
        day, month, year = written.split()
        moved = date(int(year), _MONTHS.index(month) + 1, int(day)) + by
        return f"{moved:%d} {_MONTHS[moved.month - 1]} {moved.year:04d}"
    moved = datetime.strptime(written.replace("-", ""), "%Y%m%d").date() + by  # noqa: DTZ007 - a date alone
    return moved.isoformat() if "-" in written else moved.isoformat().replace("-", "")
