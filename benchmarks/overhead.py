"""What Prefect costs beside our own work, on a daily run in which nothing changed.

    python -m benchmarks.overhead [PEOPLE]

Makes a network of PEOPLE (default 1,000) with two meetings each, runs it once, then measures the next
run, on which nothing changed: its stages called plainly, and as the flow. CPU seconds, median of three,
after start-up. The flow's total is this process and the server's. "In our own code" is the part of the
plain stages that runs in this repository's files and not in a library, by cProfile, which overstates
Python beside C.

Two whole processes are timed in turns, too: ``touchbase run`` on the demo network, which needs no server,
and an empty flow on a temporary server.
"""

from __future__ import annotations

import cProfile
import datetime as dt
import os
import pstats
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.results import Result, tell
from flows.server.lifeline import descendants
from flows.server.processes import PREFECT_ENVIRONMENT

TODAY = dt.date(2026, 1, 14)
_ROOT = Path(__file__).resolve().parents[1]
_OURS = tuple(f"{_ROOT}/{layer}/" for layer in ("people", "connectors", "rules", "flows"))
_TICK = os.sysconf("SC_CLK_TCK")


def network(folder: Path, people: int) -> Path:
    """A vCard file of ``people`` cards and a calendar in which each was met twice."""
    from flows.cli.commands.init import copy_rules

    chance = random.Random(8)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el", "or")]
    cards, events = [], []
    for n in range(people):
        given = "".join(chance.sample(syllables, 2)).title()
        family = "".join(chance.sample(syllables, 4)).title()
        mail = f"{given}.{family}@company{n % 90}.example".lower()
        cards.append(
            f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u{n}\r\nFN:{given} {family}\r\n"
            f"N:{family};{given};;;\r\nEMAIL:{mail}\r\nORG:Company {n % 90}\r\n"
            f"CATEGORIES:{'key' if n % 20 == 0 else 'general'}\r\nEND:VCARD\r\n"
        )
        for back in (n % 300 + 1, n % 300 + 90):
            day = TODAY - dt.timedelta(days=back)
            events.append(
                f"BEGIN:VEVENT\r\nUID:e{n}-{back}\r\nDTSTAMP:20250101T000000Z\r\nDTSTART:{day:%Y%m%d}T100000Z\r\n"
                f"DTEND:{day:%Y%m%d}T110000Z\r\nSUMMARY:Talk {n}\r\nORGANIZER:mailto:me@me.example\r\n"
                f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:me@me.example\r\n"
                f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{mail}\r\nEND:VEVENT\r\n"
            )
    folder.mkdir(parents=True)
    (folder / "people.vcf").write_text("".join(cards), newline="")
    head, foot = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n", "END:VCALENDAR\r\n"
    (folder / "work.ics").write_text(head + "".join(events) + foot, newline="")
    copy_rules(folder / "rules", quiet=True)
    config = folder / "touchbase.toml"
    config.write_text(
        '[me]\nemails = ["me@me.example"]\n'
        '[[sources]]\nname = "phone"\ntype = "vcard"\npath = "people.vcf"\n'
        '[[sources]]\nname = "work"\ntype = "ics"\npath = "work.ics"\n'
    )
    return config


def plain(config: Path) -> None:
    """The stages of a daily run, without Prefect."""
    from flows.run import deliver
    from flows.run.context import Context
    from flows.run.decide import plan_tasks
    from flows.run.facts import meetings
    from flows.run.facts.people import gather
    from flows.run.judge import judge
    from flows.run.pull import pull
    from flows.run.resolve import resolve
    from flows.run.rule_versions import load_rules
    from flows.settings.loading import load
    from people.collector import gc_paused
    from people.store import open_store

    settings = load(config)
    store = open_store(settings.store_url)
    context = Context(settings, store, TODAY, dt.datetime(2026, 1, 14, 12, tzinfo=dt.UTC))
    with gc_paused():
        for source in settings.sources:
            pull(context, source)
        deliver.read_tasks(context)
        rules = load_rules(settings)
        calendar = meetings.classify(store, rules, settings.me, save=True)
        resolve(context, rules, calendar)
        plan_tasks(context, judge(context, rules, gather(context, rules, calendar)))
        deliver.deliver(context)
    store.close()


def own_part(config: Path) -> float:
    """The share of the plain stages' time that is spent in this repository's own files."""
    profile = cProfile.Profile()
    profile.runcall(plain, config)
    times = {key[0]: 0.0 for key in pstats.Stats(profile).stats}
    for key, (_calls, _primitive, alone, _with_callees, _callers) in pstats.Stats(profile).stats.items():
        times[key[0]] += alone
    own = sum(seconds for file, seconds in times.items() if file.startswith(_OURS))
    return own / sum(times.values())


def children_cpu() -> float:
    """CPU seconds of all processes below this one, which is the server."""
    total = 0.0
    for pid in descendants(os.getpid()):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / _TICK
    return total


def cost(work: Callable[[], object]) -> tuple[float, float, float]:
    """CPU seconds of this process and of its children, and seconds on the wall."""
    before, below, began = time.process_time(), children_cpu(), time.perf_counter()
    work()
    wall = time.perf_counter() - began
    # The server goes on working on what it was told.
    time.sleep(3)
    return time.process_time() - before, children_cpu() - below, wall


_RUN = "from flows.cli.main import main; main()"
_EMPTY_FLOW = "from prefect import flow\n\n@flow\ndef empty():\n    return 1\n\nempty()"


def whole_processes(folder: Path, rounds: int = 3) -> tuple[float, float]:
    """Seconds of ``touchbase run`` on the demo network, nothing changed, and of an empty flow; medians."""
    from flows.cli.commands.init import copy_rules
    from flows.cli.demo.network import write_network

    config = write_network(folder / "demo", TODAY)
    copy_rules(folder / "demo" / "rules", quiet=True)
    run = [sys.executable, "-c", _RUN, "run", "--config", str(config), "--today", TODAY.isoformat()]
    empty = [sys.executable, "-c", _EMPTY_FLOW]
    named = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    found: dict[bool, list[float]] = {True: [], False: []}
    # The first round makes the store and Prefect's database.
    for number in range(1 + rounds):
        for ours, words in ((True, run), (False, empty)):
            began = time.perf_counter()
            subprocess.run(words, cwd=_ROOT, env=named, check=True, capture_output=True)
            if number:
                found[ours].append(time.perf_counter() - began)
    return statistics.median(found[True]), statistics.median(found[False])


def main(people: int) -> None:
    """Measure and print."""
    os.environ.update(PREFECT_ENVIRONMENT)
    os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"
    os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] = "120"
    with tempfile.TemporaryDirectory(prefix="touchbase-overhead-") as folder:
        os.environ["PREFECT_HOME"] = f"{folder}/prefect"
        typed, empty = whole_processes(Path(folder))
        config = network(Path(folder) / "network", people)
        from prefect.client.orchestration import get_client

        from flows.daily import daily

        document = daily(config, TODAY)
        assert document["people"]["total"] >= people, document["people"]
        daily(config, TODAY)
        flows = [cost(lambda: daily(config, TODAY)) for _ in range(3)]
        owns = [cost(lambda: plain(config)) for _ in range(3)]
        part = own_part(config)
        with get_client(sync_client=True) as client:
            runs = client.read_flow_runs()
            tasks = client.request("POST", "/task_runs/count", json={}).json()
    own = statistics.median(mine for mine, _server, _wall in owns)
    mine = statistics.median(mine for mine, _server, _wall in flows)
    server = statistics.median(server for _mine, server, _wall in flows)
    wall = statistics.median(wall for _mine, _server, wall in flows)
    total = mine + server
    plain_wall = statistics.median(wall for *_, wall in owns)
    rows = [
        ("stages called plainly", f"{own:.2f} s", f"{plain_wall:.2f} s", f"{own / total:.1%}", ""),
        ("flow, this process", f"{mine:.2f} s", f"{wall:.2f} s", f"{mine / total:.1%}", ""),
        ("flow, the server", f"{server:.2f} s", "", f"{server / total:.1%}", ""),
        ("in our own code", f"{own * part:.2f} s", "", f"{own * part / total:.1%}", "<= 15 %"),
        ("an empty flow on a temporary server, whole process", "", f"{empty:.2f} s", "", ""),
        ("`touchbase run` of 63 people, whole process", "", f"{typed:.2f} s", "", "<= 0.25 x the empty flow"),
    ]
    head = ("what", "CPU", "by the clock", "of the flow's CPU", "goal")
    note = (
        f"Two sources, {tasks / len(runs):.1f} task runs a daily run (goal: at most a dozen a source). The plain"
        " stages include the libraries that they call."
        f" `touchbase run` without a server takes {typed / empty:.2f} x the time of the empty flow."
    )
    tell(
        Result(
            "overhead", f"Prefect beside our own work: {people:,} people, nothing changed", head, rows, note
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
