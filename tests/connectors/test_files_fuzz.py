"""Files that were cut, joined, doubled and damaged: whatever happened, a read ends without an exception.

The files are those of the demo network and, where they are at hand, those of others. The reads are not timed
here, because a test judges no wall time; ``python -m tests.connectors.test_files_fuzz SECONDS`` does that.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.ics.source import IcsSource
from connectors.journal.source import JournalSource
from connectors.linkedin.source import LinkedInSource
from connectors.vcard.source import VCardSource
from people.errors import UserMustAct
from people.parallel import Pool
from people.types import Page, Problem, Source
from tests.support.paths import ROOT, SHARED

COMMITTED = sorted(
    path for path in (ROOT / "examples" / "network").rglob("*") if path.suffix in (".vcf", ".ics", ".csv")
)
LARGEST = 200_000

Mutation = tuple[str, float, float, int]
"""What is done, where it begins and ends as a share of the file, and a number."""

MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "keep", "join", "flip", "double", "drop", "swap"]),
        st.floats(0, 1),
        st.floats(0, 0.1),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, other: bytes, mutations: Sequence[Mutation]) -> bytes:
    """The file after all mutations."""
    for what, share, length, number in mutations:
        at = int(share * len(data))
        end = min(len(data), at + int(length * len(data)) + 1)
        if what == "cut":
            data = data[:at] + data[end:]
        elif what == "keep":
            data = data[at:]
        elif what == "join":
            data = data[:at] + other
        elif what == "flip":
            data = data[:at] + bytes([number]) * (number % 3 + 1) + data[at + 1 :]
        else:
            data = _lines(data, what, share, number)
    return data


def _lines(data: bytes, what: str, share: float, number: int) -> bytes:
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    at = min(int(share * len(lines)), len(lines) - 1)
    if what == "double":
        lines[at:at] = [lines[at]] * (number % 4 + 1)
    elif what == "drop":
        del lines[at]
    else:
        other = number % len(lines)
        lines[at], lines[other] = lines[other], lines[at]
    return b"".join(lines)


def read(path: Path, pool: Pool) -> list[Page]:
    """Read a file by what it is called; a file that is not what its name says is a typed error."""
    if path.suffix == ".vcf":
        source: Source = VCardSource("fuzz", path, pool=pool)
    elif path.suffix == ".ics":
        zone = ZoneInfo("Europe/London")
        source = IcsSource("fuzz", path, my_emails=["me@x.example"], today=date(2026, 11, 1), time_zone=zone)
    else:
        make: Callable[[str, Path], Source] = JournalSource if "journal" in path.name else LinkedInSource
        source = make("fuzz", path)
    try:
        return list(source.changes(None))
    except UserMustAct:
        return []


def problems_of(pages: Sequence[Page]) -> list[Problem]:
    return [problem for page in pages for problem in page.problems]


def files(root: Path) -> list[Path]:
    """The files below ``root`` that a source can read and that are not too large for many reads."""
    found = (path for path in sorted(root.rglob("*")) if path.suffix in (".vcf", ".ics", ".csv"))
    return [path for path in found if path.is_file() and path.stat().st_size <= LARGEST]


def check(
    folder: Path, pool: Pool, kept: Sequence[Path], chosen: tuple[int, int], mutations: Sequence[Mutation]
) -> None:
    first, second = (kept[number % len(kept)] for number in chosen)
    data = mutated(first.read_bytes(), second.read_bytes(), mutations)
    path = folder / first.name
    path.write_bytes(data)
    for problem in problems_of(read(path, pool)):
        assert problem.where
        assert problem.help
    path.unlink()


NUMBERS = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000))
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(chosen=NUMBERS, mutations=MUTATIONS)
def test_damaged_files_of_the_demo_network_are_read(
    tmp_path: Path, chosen: tuple[int, int], mutations: list[Mutation]
) -> None:
    with Pool(1) as pool:
        check(tmp_path, pool, COMMITTED, chosen, mutations)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no files by others at {SHARED}")
@FUZZ
@given(chosen=NUMBERS, mutations=MUTATIONS)
def test_damaged_files_of_others_are_read(
    tmp_path: Path, chosen: tuple[int, int], mutations: list[Mutation]
) -> None:
    with Pool(1) as pool:
        check(tmp_path, pool, files(SHARED), chosen, mutations)


def main(seconds: float) -> None:
    """Fuzz for this long and print the slowest read, in seconds of CPU."""
    chance = random.Random(time.time_ns())
    kept = [*files(SHARED), *COMMITTED]
    whats = ["cut", "keep", "join", "flip", "double", "drop", "swap"]
    ends = time.monotonic() + seconds
    count, slowest = 0, (0.0, "")
    with tempfile.TemporaryDirectory() as folder, Pool(1) as pool:
        while time.monotonic() < ends:
            mutations = [
                (chance.choice(whats), chance.random(), chance.random() / 10, chance.randrange(256))
                for _ in range(chance.randint(1, 6))
            ]
            chosen = chance.randrange(10_000), chance.randrange(10_000)
            began = time.process_time()
            check(Path(folder), pool, kept, chosen, mutations)
            took = time.process_time() - began
            if took > slowest[0]:
                slowest = took, f"{kept[chosen[0] % len(kept)]} {mutations}"
            count += 1
    sys.stdout.write(f"{count} files, no exception; the slowest took {slowest[0]:.2f} s: {slowest[1]}\n")


if __name__ == "__main__":
    main(float(sys.argv[1]))
