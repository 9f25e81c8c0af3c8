"""Rebuild the frozen tables of people/identity/data from public figures.

    pip download --no-deps names==0.3.0 nicknames==1.0.1   # then unpack both into FOLDER
    python benchmarks/identity_weights.py FOLDER

Names are from the 1990 census of the United States (public domain, as packaged by ``names``),
nicknames from ``nicknames`` (Apache-2.0). The result is versioned: a store's merges rest on it, so a
change makes a new file and a new ``weights.VERSION``, never an edit.
"""

from __future__ import annotations

import csv
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "people" / "identity" / "data"
VERSION = 1
GIVEN_CAP, FAMILY_CAP = 12.0, 14.0
# Rarer family names are left out to keep the table small; of the given names all are kept.
RAREST_GIVEN, RAREST_FAMILY = 0.0, 2.5e-5

# The census undercounts names that are common elsewhere. An address book is mostly of one community, so
# these get the weight they have there: about one bearer in 100 (family) or in 80 (given) of its speakers.
COMMON_FAMILY = """
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin kim lee park choi jung kang cho
nguyen tran le pham hoang singh kaur patel kumar sharma gupta shah khan ahmed ali hussain mohamed mohammed
hassan ibrahim begum garcia martinez rodriguez hernandez lopez gonzalez perez sanchez fernandez silva santos
oliveira souza pereira ferreira jensen nielsen hansen andersen pedersen larsen olsen johansson andersson
karlsson nilsson eriksson ivanov ivanova petrov petrova muller schmidt schneider fischer weber meyer rossi
russo ferrari martin bernard dubois sato suzuki takahashi tanaka watanabe ito yamamoto jones evans murphy
kelly obrien de_jong jansen de_vries bakker kowalski nowak cohen levy
"""
COMMON_GIVEN = """
mohammed muhammad mohamed ahmed ali hassan fatima aisha maria jose juan carlos luis ana anna elena olga ivan
sergey dmitry alexander andrei natalia tatiana wei li min jing yan ying hui ming jie lei thi minh anh ji hye
yuki hiroshi satoshi rahul amit priya sanjay jean pierre marie hans peter klaus jan piet lars erik giovanni
giuseppe francesco oliver jack harry george charlie thomas oscar william callum jamie sophie olivia emily
chloe lucy hannah
"""


def bits(share: float, cap: float) -> float:
    """Minus log2 of a share, to half a bit, at most ``cap``."""
    return min(cap, round(-math.log2(share) * 2) / 2)


def census(path: Path, scale: float = 1.0) -> Iterator[tuple[str, float]]:
    """Yield each name and its share of the population."""
    for line in path.read_text().splitlines():
        name, percent, *_ = line.split()
        yield name.lower(), max(float(percent), 0.001) / 100 * scale


def rarity(
    shares: dict[str, float], common: str, common_share: float, cap: float, rarest: float
) -> dict[float, list[str]]:
    """Names by their weight. Rare ones weigh no more than unknown ones, but are known to be names."""
    for name in common.replace("_", "").split():
        shares[name] = max(shares.get(name, 0.0), common_share)
    table: dict[float, list[str]] = defaultdict(list)
    for name, share in shares.items():
        if share >= rarest:
            table[bits(share, cap)].append(name)
    return table


def write(path: Path, heading: str, rows: list[str]) -> None:
    """Write a table with its origin on top."""
    path.write_text(heading + "\n".join(rows) + "\n", encoding="utf-8")


def main(folder: Path) -> None:
    """Read the unpacked packages in ``folder`` and write both tables."""
    source = folder / "names-0.3.0" / "names"
    given: dict[str, float] = defaultdict(float)
    for sex in ("male", "female"):
        for name, share in census(source / f"dist.{sex}.first", 0.5):
            given[name] += share
    family = dict(census(source / "dist.all.last"))
    rows = [
        f"{kind} {weight} {' '.join(sorted(names))}"
        for kind, table in (
            ("given", rarity(given, COMMON_GIVEN, 1 / 80, GIVEN_CAP, RAREST_GIVEN)),
            ("family", rarity(family, COMMON_FAMILY, 1 / 100, FAMILY_CAP, RAREST_FAMILY)),
        )
        for weight, names in sorted(table.items())
    ]
    write(
        DATA / f"names-{VERSION}.txt",
        "# Rarity of names in bits: minus log2 of the share of people who bear them. Frozen; see\n"
        "# benchmarks/identity_weights.py. Origin: census of the United States, 1990 (public domain).\n",
        rows,
    )
    nicknames: dict[str, list[str]] = defaultdict(list)
    with (folder / "nicknames" / "names.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            nicknames[row["name1"]].append(row["name2"])
    write(
        DATA / f"nicknames-{VERSION}.txt",
        "# A given name and the short forms of it. Frozen; see benchmarks/identity_weights.py.\n"
        "# Origin: nicknames 1.0.1 by Carlton Northern and Nick Crews (Apache-2.0).\n",
        [f"{name} {' '.join(sorted(forms))}" for name, forms in sorted(nicknames.items())],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
