"""How fast rules are judged: 100,000 people x 50 rules, beside Python functions and zen-engine.

    python -m benchmarks.rules [--people N] [--rounds N]

Three ways to the same answers, compared with each other before the times are printed:

* bulk: ``judge`` from a frame of raw facts to tags, tiers, cadence, staleness and who gets which
  follow-up; the words are made later and timed apart, the evidence only for follow-ups that become tasks;
* hand-written: the same rules as 50 plain Python functions over one dict a person, with the text in
  lower case and the phases in order;
* zen: the 50 conditions as one compiled expression over the same dicts, with tier, tags and overdue
  given to it for free, and nothing decided from the answers.

zen-engine is installed once into the user's cache, outside the repository. Medians of the rounds; the
three take turns, so that a busy machine slows all of them alike.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.results import Result, tell
from rules.engine import RuleSet, load_texts
from rules.engine.judging.expressions import frame_schema
from rules.engine.judging.judge import Judgement, judge

TODAY = date(2026, 11, 1)
ZEN = "zen-engine==2.1.3"
Row = dict[str, Any]

TITLES = ["Founder", "Owner", "Managing Director", "Sales Manager", "Engineer", "Head of Marketing",
          "Architect", "Partner", "Bookkeeper", "Consultant", "Chief Executive", "Teacher",
          "Product Owner"]  # fmt: skip
CITIES = ["Bristol", "Bath", "London", "Leeds", "Cardiff", "Exeter", "Zürich", "York", "Glasgow", "Hull"]
LABELS = ["client", "referral-partner", "supplier", "friend", "vip", "do-not-contact", "prospect", "wica"]
GROUPS = ["harbour-leads", "chamber", "wica", "coffee-club"]
FIRMS = ["Berg Interiors", "Hale Joinery", "Okafor Physio", "Evans Print", "Frost Change", "Voss Ceramics"]


@dataclass(frozen=True)
class Spec:
    """One rule three times over: as the language writes it, as Python, and as a zen expression."""

    phase: str
    yaml: str
    python: str
    zen: str
    then: str
    effect: str


def specs() -> list[Spec]:
    """Fifty rules of the kinds that people write."""
    return [*_targets(), *_labels(), *_firms(), *_cadences(), *_staleness(), *_follow_ups()]


def _targets() -> Iterator[Spec]:
    for i in range(12):
        one, two = TITLES[i], TITLES[(i * 5 + 3) % 13]
        low, lower = one.lower(), two.lower()
        towns = [CITIES[i % 10], CITIES[(i + 3) % 10]]
        near = [town.lower() for town in towns]
        yield Spec(
            "relevance",
            f"when: {{title|contains: [{one}, {two}], city: {towns}}}\n"
            "    unless: {labels: do-not-contact}",
            f"(('{low}' in p['title'] or '{lower}' in p['title'])"
            f" and p['city'] in {tuple(near)} and 'do-not-contact' not in p['labels'])",
            f"((contains(title, '{low}') or contains(title, '{lower}'))"
            f" and city in {near} and not ('do-not-contact' in labels))",
            f"{{tier: t{i % 4}, tag: tag{i}}}",
            f"tier t{i % 4} tag tag{i}",
        )


def _labels() -> Iterator[Spec]:
    for i in range(8):
        label, group, least = LABELS[i], GROUPS[i % 4], i % 3 + 1
        yield Spec(
            "relevance",
            f"when: [{{labels: {label}}}, {{groups: {group}, referrals_received|gte: {least}}}]",
            f"('{label}' in p['labels']"
            f" or ('{group}' in p['groups'] and p['referrals_received'] >= {least}))",
            f"('{label}' in labels or ('{group}' in groups and referrals_received >= {least}))",
            f"{{tag: label{i}}}",
            f"tag label{i}",
        )


def _firms() -> Iterator[Spec]:
    for i in range(6):
        firm = FIRMS[i].split()[0]
        low = firm.lower()
        yield Spec(
            "relevance",
            f"when: {{organisation|startswith: {firm}, balance|lte: {-i}}}",
            f"(p['organisation'].startswith('{low}') and p['balance'] is not None and p['balance'] <= {-i})",
            f"(startsWith(organisation, '{low}') and balance != null and balance <= {-i})",
            f"{{tag: firm{i}}}",
            f"tag firm{i}",
        )


def _cadences() -> Iterator[Spec]:
    for i in range(4):
        then, effect = f"{{cadence: {30 * (i + 1)}d}}", f"cadence {30 * (i + 1)}"
        yield Spec(
            "cadence", f"when: {{tier: t{i}}}", f"p['tier'] == 't{i}'", f"tier == 't{i}'", then, effect
        )
    active = ("when: {contacts_365d|gte: 1}", "p['contacts_365d'] >= 1", "contacts_365d >= 1")
    yield Spec("cadence", *active, "{cadence: 180d}", "cadence 180")


def _staleness() -> Iterator[Spec]:
    yield Spec(
        "stale",
        "when: {overdue|gte: 0d}\n    unless: {next_meeting|exists: true}",
        "p['overdue'] is not None and p['overdue'] >= 0 and p['next_meeting'] is None",
        "overdue != null and overdue >= 0 and next_meeting == null",
        "{stale: true}",
        "stale 1",
    )


def _follow_ups() -> Iterator[Spec]:
    for i in range(18):
        tag, late, town = f"tag{i % 12}", i * 5, CITIES[i % 10]
        yield Spec(
            "follow_up",
            f"when: {{stale: true, tags: {tag}, overdue|gte: {late}d}}\n    unless: {{city: {town}}}",
            f"(p['stale'] and '{tag}' in p['tags']"
            f" and p['overdue'] >= {late} and p['city'] != '{town.lower()}')",
            f"(stale and '{tag}' in tags and overdue >= {late} and city != '{town.lower()}')",
            "{follow_up: {title: 'Call {name}', notes: '{days_since_contact} days ago.', due: 3d}}",
            "follow_up",
        )


def ruleset(rules: list[Spec]) -> RuleSet:
    """The rules as a loaded file."""
    loaded = load_texts({"bench.yaml": as_yaml(rules)})
    assert not loaded.errors, loaded.errors
    return loaded


def as_yaml(rules: list[Spec]) -> bytes:
    """The rules as a file."""
    body = "".join(
        f"  - id: r{n}\n    for: person\n    {one.yaml}\n    then: {one.then}\n"
        for n, one in enumerate(rules)
    )
    return f"version: 1\nrules:\n{body}".encode()


def five_hundred(rules: list[Spec]) -> bytes:
    """Ten such files in one; each copy has words of its own, as no two rules of a person are alike."""
    copies = []
    for copy in range(10):
        text = as_yaml(rules).decode().partition("rules:\n")[2]
        for word in (*TITLES, *CITIES, *LABELS, *FIRMS):
            text = re.sub(rf"\b{word.split()[0]}\b", f"{word.split()[0]}{copy}", text)
        copies.append(re.sub(r"\b(r|t|tag|label|firm)(\d+)\b", rf"\g<1>\g<2>x{copy}", text))
    return f"version: 1\nrules:\n{''.join(copies)}".encode()


def people(count: int) -> list[Row]:
    """Seeded people; a tenth has no city, and a fifth no contact on record."""
    dice = random.Random(7)
    rows = []
    for n in range(count):
        since = dice.choice([None, *[dice.randrange(500) for _ in range(4)]])
        rows.append(
            {
                "id": f"p{n}",
                "name": f"Name{n} Family{n % 977}",
                "first_name": f"Name{n}",
                "title": dice.choice(TITLES),
                "city": dice.choice([*CITIES[:9], None]),
                "organisation": dice.choice(FIRMS),
                "labels": dice.sample(LABELS, dice.choice([0, 0, 1, 2])),
                "groups": dice.sample(GROUPS, dice.choice([0, 0, 1])),
                "referrals_received": dice.choice([0, 0, 0, 1, 2, 3]),
                "balance": dice.choice([None, None, dice.randrange(-9, 10)]),
                "contacts_365d": dice.choice([0, 1, 5]),
                "days_since_contact": since,
                "next_meeting": TODAY + timedelta(days=5) if dice.random() < 0.05 else None,
            }
        )
    return rows


def frame_of(rows: list[Row]) -> pl.DataFrame:
    """The people as a frame of facts."""
    schema = {name: dtype for name, dtype in frame_schema("person").items() if name in rows[0]}
    return pl.DataFrame(rows, schema=schema)


def hand_written(rules: list[Spec]) -> Callable[[list[Row]], dict[str, set[str]]]:
    """The same rules as Python functions, called phase by phase for each person."""
    source = "".join(f"def r{n}(p):\n    return {one.python}\n" for n, one in enumerate(rules))
    scope: dict[str, Any] = {}
    exec(source, scope)
    phases = [
        [(f"r{n}", scope[f"r{n}"], one.effect.split()) for n, one in enumerate(rules) if one.phase == phase]
        for phase in ("relevance", "cadence", "stale", "follow_up")
    ]

    def judge_all(rows: list[Row]) -> dict[str, set[str]]:
        matched: dict[str, set[str]] = {f"r{n}": set() for n in range(len(rules))}
        for row in rows:
            person = {**row, "title": row["title"].lower(), "city": (row["city"] or "").lower(),
                      "organisation": row["organisation"].lower(), "tier": None, "tags": [], "stale": False,
                      "cadence": None, "overdue": None}  # fmt: skip
            for number, phase in enumerate(phases):
                for rule, function, effect in phase:
                    if function(person):
                        matched[rule].add(person["id"])
                        _apply(person, effect)
                if number == 1 and person["cadence"] and person["days_since_contact"] is not None:
                    person["overdue"] = person["days_since_contact"] - person["cadence"]
        return matched

    return judge_all


def _apply(person: Row, effect: list[str]) -> None:
    for key, value in zip(effect[::2], effect[1::2], strict=False):
        if key == "tag":
            person["tags"].append(value)
        elif key == "cadence":
            person["cadence"] = person["cadence"] or int(value)
        elif key == "tier":
            person["tier"] = person["tier"] or value
        elif key == "stale":
            person["stale"] = True


def zen_inputs(rows: list[Row], outcome: Judgement) -> list[Row]:
    """What zen is given: text in lower case, and what the phases decided."""
    decided = outcome.frame.select("tier", "tags", "overdue", "stale").to_dicts()
    return [
        {**row, **verdict, "title": row["title"].lower(), "city": (row["city"] or "").lower(),
         "organisation": row["organisation"].lower(), "next_meeting": row["next_meeting"] and "booked"}
        for row, verdict in zip(rows, decided, strict=True)
    ]  # fmt: skip


def zen_judge(rules: list[Spec]) -> Callable[[list[Row]], dict[str, set[str]]]:
    """The conditions as one compiled zen expression."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "touchbase-bench" / ZEN
    if not cache.exists():
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            str(cache),
            ZEN,
        ]
        subprocess.run(command, check=True)
    sys.path.append(str(cache))
    import zen  # type: ignore[import-not-found]

    expression = zen.compile_expression(f"[{', '.join(f'({one.zen}) == true' for one in rules)}]")

    def judge_all(rows: list[Row]) -> dict[str, set[str]]:
        matched: dict[str, set[str]] = {f"r{n}": set() for n in range(len(rules))}
        for row in rows:
            for number, holds in enumerate(expression.evaluate(row)):
                if holds:
                    matched[f"r{number}"].add(row["id"])
        return matched

    return judge_all


def bulk_matches(outcome: Judgement) -> dict[str, set[str]]:
    """Who matched which rule, from the masks."""
    ids = outcome.frame.get_column("id")
    return {rule: set(ids.filter(mask)) for rule, mask in outcome.masks.items()}


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """How long one call takes: by the clock, and of this process's processors."""
    started, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - used


def measure(count: int, rounds: int) -> Result:
    """Run everything and return the figures."""
    rules = specs()
    loaded, rows = ruleset(rules), people(count)
    frame, changed = frame_of(rows), frame_of(rows[:1000])
    outcome = judge(loaded, frame, TODAY)
    by_hand, by_zen = hand_written(rules), zen_judge(rules)
    given = zen_inputs(rows, outcome)
    answers = bulk_matches(outcome)
    assert by_hand(rows) == answers, "hand-written Python and bulk disagree"
    assert by_zen(given) == answers, "zen and bulk disagree"
    many = five_hundred(rules)
    assert len(load_texts({"many.yaml": many}).rules) == 500
    works: dict[str, Callable[[], object]] = {
        "bulk": lambda: judge(loaded, frame, TODAY).counts,
        "hand_written": lambda: by_hand(rows),
        "zen": lambda: by_zen(given),
        "changed_1000": lambda: judge(loaded, changed, TODAY).counts,
        "load_500": lambda: load_texts({"many.yaml": many}),
        "follow_ups": lambda: judge(loaded, frame, TODAY).follow_ups,
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds(work))
    return report(count, len(outcome.follow_ups), times)


GOALS = {
    "bulk": "<= 0.15 x hand-written, <= 1 x zen",
    "changed_1000": "<= 0.05 s",
    "load_500": "<= 0.15 s",
}
NAMES = {
    "bulk": "everybody, in bulk",
    "hand_written": "everybody, fifty Python functions",
    "zen": "everybody, zen-engine",
    "changed_1000": "1,000 people who changed",
    "load_500": "500 rules, read and checked",
    "follow_ups": "words of all follow-ups",
}


def report(count: int, wishes: int, times: dict[str, list[tuple[float, float]]]) -> Result:
    """The medians of all rounds as a table."""
    median = {name: statistics.median(clock for clock, _ in found) for name, found in times.items()}
    processor = {name: statistics.median(used for _, used in found) for name, found in times.items()}
    rows = []
    for name, seconds in median.items():
        # Of processors: polars uses several, and other work on the machine does not count.
        ratio = f"{processor[name] / processor['hand_written']:.3f}" if name in ("bulk", "zen") else ""
        rows.append((NAMES[name], f"{seconds:.4f} s", f"{processor[name]:.4f} s", ratio, GOALS.get(name, "")))
    head = ("what", "by the clock", "CPU", "x hand-written CPU", "goal")
    note = f"Medians. {wishes:,} follow-ups were wished for. All three ways gave the same answers."
    return Result("rules", f"{count:,} people by fifty rules", head, rows, note)


def main() -> None:
    """Measure, tell, keep."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    tell(measure(options.people, options.rounds))


if __name__ == "__main__":
    main()
