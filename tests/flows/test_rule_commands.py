"""The commands of rules against a store: what an edit does to the people in it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest

from flows.run.look import look
from flows.settings.loading import load
from people.errors import SettingsError
from people.store import open_store
from tests.support import small_network
from tests.support.demo import command, pulled, run
from tests.support.stores import copy_network

DAY = ("--today", small_network.TODAY.isoformat())
WEEKLY = """\
version: 2
rules:
  - {id: clients-weekly, for: person, why: Clients first., when: {labels: client}, then: {cadence: 1w}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_network.world(tmp_path_factory.mktemp("made"), small_network.LUNCH)


@pytest.fixture
def config(made: Path, tmp_path: Path) -> Path:
    return copy_network(made, tmp_path / "network")


def with_old_starter_rules(config: Path) -> Path:
    """Rewrite the starter rules as they were before version 2."""
    rules = config.parent / "rules"
    for path in rules.glob("*.yaml"):
        lines = path.read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("starter:")]
        path.write_text("".join(kept).replace("version: 2\n", "version: 1\n"))
    return rules


def found(config: Path, *words: str) -> list[dict[str, Any]]:
    problems: list[dict[str, Any]] = json.loads(
        command("rules", "check", "--config", config, "--json", *words).output
    )
    return [one for one in problems if one["code"] != "untested"]


def test_a_rule_that_loses_wins_after_an_upgrade(config: Path) -> None:
    rules = with_old_starter_rules(config)
    (rules / "mine.yaml").write_text(WEEKLY)
    (problem,) = found(config)
    assert problem["message"] == (
        "for 1 of 1 person it matches, key-monthly (rules/cadence.yaml:7) decides cadence first"
    )
    assert found(config, "--no-store") == []
    shown = command("rules", "upgrade", "--dry-run", "--config", config, *DAY).output
    assert "1 cadence 30d -> 7d, e.g. Felix Moreau" in shown
    assert "version: 1" in (rules / "cadence.yaml").read_text()
    command("rules", "upgrade", "--config", config, *DAY)
    assert found(config) == []
    assert "every rule file has version 2" in command("rules", "upgrade", "--config", config).output


def test_an_upgrade_alone_changes_nothing_for_anybody(config: Path) -> None:
    with_old_starter_rules(config)
    shown = command("rules", "upgrade", "--config", config, *DAY).output
    assert shown.startswith(
        "no effect: no tag, tier, cadence or follow-up would change\nwrote   rules/cadence.yaml"
    )
    assert command("rules", "test", "--config", config).return_value == 0


def test_a_check_without_a_store_makes_none(config: Path) -> None:
    store = config.parent / "touchbase.db"
    store.unlink(missing_ok=True)
    command("rules", "check", "--config", config)
    assert not store.exists()


def test_a_slip_in_a_label_is_told(config: Path) -> None:
    mine = config.parent / "rules" / "mine.yaml"
    mine.write_text(WEEKLY.replace("labels: client", "labels: cliemt"))
    (problem,) = found(config)
    assert (problem["message"], problem["help"]) == ("no card has the label 'cliemt'", "nearest: client")
    assert problem["line"] == 3


def test_a_cadence_comes_from_a_field_of_the_card(config: Path) -> None:
    cards = config.parent / "contacts.vcf"
    fields = "X-CADENCE:6 weeks\nitem1.X-ABRELATEDNAMES:45d\nitem1.X-ABLabel:Every\nUID:tom"
    cards.write_text(cards.read_text().replace("UID:tom", fields))
    rule = "{{id: {0}, for: person, then: {{cadence: {{from: custom, like: '{0}: *'}}}}}}"
    for word, days in (("cadence", 42), ("every", 45)):
        (config.parent / "rules" / "mine.yaml").write_text(f"version: 2\nrules:\n  - {rule.format(word)}\n")
        pulled(config, small_network.TODAY)
        frame = look(
            load(config, {}), open_store(load(config, {}).store_url), small_network.TODAY
        ).judgement.frame
        assert dict(frame.select("name", "cadence_days").iter_rows())["Tom Hale"] == days
    shown = command("explain", "Tom Hale", "--rules", "--config", config, *DAY).output
    assert "-> cadence-days 45 days" in shown


def test_a_pause_asks_for_nothing_until_its_day(config: Path) -> None:
    (config.parent / "rules" / "mine.yaml").write_text(
        "version: 2\nrules:\n  - {id: hi, for: person, then: {follow_up: {title: 'Hi {name}'}}}\n"
    )

    def asked() -> set[str]:
        pulled(config, small_network.TODAY)
        people = look(load(config, {}), open_store(load(config, {}).store_url), small_network.TODAY)
        return {wish.person for wish in people.judgement.follow_ups if wish.rule == "hi"}

    assert "Tom Hale" in asked()
    journal = config.parent / "journal.csv"
    journal.write_text(journal.read_text() + "2026-11-29,Tom Hale,pause,,,,,,2027-03-01,\n")
    assert asked() == {"Felix Moreau", "Priya Nair", "Owen Price"}
    journal.write_text(journal.read_text() + "2026-11-30,Tom Hale,pause,,,,,,2026-11-30,\n")
    assert "Tom Hale" in asked()


def test_the_command_writes_the_line(config: Path) -> None:
    shown = command("pause", "Tom Hale", "--until", "2999-03-01", "--config", config).output
    assert shown == "No follow-up about Tom Hale until 1 Mar 2999, from the next run on: touchbase run\n"
    last = (config.parent / "journal.csv").read_text().splitlines()[-1]
    assert last.split(",")[1:] == ["Tom Hale", "pause", "", "", "", "", "", "2999-03-01", ""]
    assert "is not paused" in command("pause", "Tom Hale", "--end", "--config", config).output
    with pytest.raises(click.UsageError, match="is not a day to come"):
        command("pause", "Tom Hale", "--until", "2020-01-01", "--config", config)


def test_a_label_pauses_as_well(config: Path) -> None:
    cards = config.parent / "contacts.vcf"
    cards.write_text(cards.read_text().replace("FN:Tom Hale", "FN:Tom Hale\nCATEGORIES:until-2027-03-01"))
    pulled(config, small_network.TODAY)
    people = look(load(config, {}), open_store(load(config, {}).store_url), small_network.TODAY)
    rows = people.judgement.frame.select("name", "paused_until", "quiet").to_dicts()
    assert [row for row in rows if row["quiet"]] == [
        {"name": "Tom Hale", "paused_until": date(2027, 3, 1), "quiet": True}
    ]


def test_a_wrong_closed_day_names_its_key(config: Path) -> None:
    config.write_text(config.read_text() + '[calendar]\nclosed = ["december"]\n')
    with pytest.raises(SettingsError, match=r"calendar\.closed.*'december' is not a day or a span"):
        load(config, {})


HEADER = "date,person,kind,direction,other,group,hours,amount,outcome,note\n"


def test_a_backtest_of_today_asks_for_what_the_run_of_today_makes(tmp_path: Path) -> None:
    journal = f"{HEADER}2026-05-01,Owen Price,contact,,,,,,,\n"
    config = small_network.world(tmp_path, small_network.LUNCH, journal=journal)
    day = small_network.TODAY.isoformat()
    words = ("rules", "backtest", "--from", day, "--to", day, "--config", config, "--json")
    replayed = json.loads(command(*words).output)
    made = run(config, today=small_network.TODAY)["follow_ups"]["created"]
    assert [week["created"] for week in replayed["weeks"]] == [made]
    assert made > 0


def test_a_backtest_says_what_its_user_does(tmp_path: Path) -> None:
    config = small_network.world(tmp_path, small_network.LUNCH, journal=HEADER)
    words = ("rules", "backtest", "--from", "2026-08-12", "--to", "2026-11-30", "--config", config, "--json")
    weekly, never = (json.loads(command(*words, *more).output) for more in ((), ("--done-after", "never")))
    assert weekly["assumes"].startswith(
        "assumes that you do each after 7 days, and that it counts as contact"
    )
    assert never["assumes"] == "assumes that you never do any of them (--done-after)"
    # Felix is written to on 19 August, a week after the first meeting. Then he is due once a month.
    assert weekly["by_rule"]["gone-quiet"] == 2
    assert never["by_rule"]["gone-quiet"] == 1
    with pytest.raises(click.UsageError, match="a number of days up to 365, or never"):
        command(*words, "--done-after", "soon")
