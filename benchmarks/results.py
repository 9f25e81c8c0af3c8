"""What a benchmark found: shown as a table, kept as JSON beside this file, told in docs/performance.md."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Result:
    """One benchmark's outcome.

    ``rows`` are the lines of the table below ``head``, as text. ``curves`` map a case to its points: size
    and seconds; the growth exponent is fitted to them. ``note`` says what the reader has to know.
    """

    name: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    curves: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)


def tell(result: Result) -> None:
    """Print the table and keep the result, with the machine that it was found on."""
    print(f"{result.title}\n")
    print("\n".join(lines(result.head, result.rows)))
    for case, points in result.curves.items():
        if len(points) > 1:
            print(f"{case}: grows as size^{exponent(points):.2f}")
    if result.note:
        print(f"\n{result.note}")
    FOLDER.mkdir(exist_ok=True)
    kept = {**asdict(result), "machine": machine()}
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    (FOLDER / f"{result.name}.json").write_text(text + "\n", "utf-8")


def of_sizes(module: str, sizes: Sequence[int], rounds: int) -> dict[int, dict[str, Any]]:
    """What ``python -m module --child SIZE --rounds N`` prints as JSON: each size in a process of its own."""
    found = {}
    for size in sizes:
        command = [sys.executable, "-m", module, "--child", str(size), "--rounds", str(rounds)]
        found[size] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The table as aligned text; the first column to the left, figures to the right."""
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    return [
        "  ".join(
            text.ljust(width) if at == 0 else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    ]


def exponent(points: Sequence[tuple[int, float]]) -> float:
    """The slope of a straight line through the points in double logarithmic scale (least squares)."""
    logs = [(math.log(size), math.log(max(seconds, 1e-6))) for size, seconds in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def machine() -> dict[str, str]:
    """What these figures were found on."""
    return {
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "load at the end": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?",
        "system": platform.system(),
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in told.splitlines() if line.startswith("model name"))
    return next(names, platform.machine())


def load(name: str) -> Result:
    """A result as it was kept."""
    return Result(**json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def kept() -> list[Result]:
    """All results that are kept, by name."""
    return [load(path.stem) for path in sorted(FOLDER.glob("*.json"))]
