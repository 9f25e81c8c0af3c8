"""docs/performance.md and its plot, from the results that the benchmarks kept.

python -m benchmarks.performance          write them
python -m benchmarks.performance --check  say whether they are as the results say
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.results import FOLDER, Result, exponent, kept

DOCS = Path(__file__).resolve().parents[1] / "docs"
NOTES = FOLDER / "notes.md"
"""Comments on the figures, written by hand. They follow the figures."""
PAGE, PLOT = DOCS / "performance.md", DOCS / "images" / "performance.svg"

_HEAD = """# Performance

This page shows the latest results of the benchmarks. `python -m benchmarks.performance` writes it from the JSON in
`benchmarks/results`. To measure on your own machine, run `make bench` (some minutes), or one benchmark with
`make bench-NAME`. Sizes are options, as in `make bench-scale ARGS="--sizes 1000 100000"`; `ARGS=--help` lists them.

Look at the ratios, which come from the same run. Seconds on a shared machine say little by themselves.
"""


def page(results: Sequence[Result]) -> str:
    """The whole document."""
    parts = [_HEAD]
    if any(result.curves for result in results):
        parts.append("![Seconds by size of the network](images/performance.svg)\n")
    parts += ["\n".join(_section(result)) for result in results]
    if NOTES.exists():
        parts.append(NOTES.read_text("utf-8"))
    return "\n".join(parts)


def _section(result: Result) -> Iterator[str]:
    yield f"## {result.title}\n"
    yield _line(result.head)
    yield _line(["---", *["---:"] * (len(result.head) - 1)])
    yield from map(_line, result.rows)
    yield ""
    grows = [f"{case} {exponent(found):.2f}" for case, found in result.curves.items() if len(found) > 1]
    if grows:
        yield f"Growth exponents (time grows as size to the power of): {', '.join(grows)}.\n"
    if result.note:
        yield f"{result.note}\n"
    told = ", ".join(f"{what} {value}" for what, value in result.machine.items())
    yield f"`make bench-{result.name}` on: {told}.\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def plot(results: Sequence[Result]) -> str:
    """All curves with more than one point, in double logarithmic scale, as SVG."""
    with mpl.rc_context({"svg.hashsalt": "touchbase", "svg.fonttype": "none"}):
        figure = Figure(figsize=(8, 5), layout="constrained")
        axes = figure.add_subplot()
        for result in results:
            for case, points in result.curves.items():
                if len(points) > 1:
                    sizes, seconds = zip(*points, strict=True)
                    axes.plot(sizes, seconds, marker="o", label=f"{result.name}: {case}")
        axes.set(xscale="log", yscale="log", xlabel="cards or people", ylabel="seconds")
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1, 0.5))
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def main() -> int:
    """Write both files, or compare the page."""
    results = kept()
    if "--check" in sys.argv[1:]:
        same = PAGE.read_text("utf-8") == page(results)
        print("as the results say" if same else f"{PAGE} is not as the results say: run this without --check")
        return 0 if same else 1
    PAGE.write_text(page(results), "utf-8")
    PLOT.write_text(plot(results), "utf-8")
    print(f"wrote {PAGE} and {PLOT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
