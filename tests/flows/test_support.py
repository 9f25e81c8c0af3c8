"""Mutual support on the demo network: what the README says it should lead to, and what an edit changes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from flows.pages import tables as support_tables
from flows.run.context import context_of
from flows.run.facts import meetings
from flows.run.facts.people import gather
from flows.run.judge import judge
from flows.run.look import support_now
from flows.run.rule_versions import load_rules
from flows.settings.loading import load
from people.errors import UserMustAct
from people.store import open_store
from tests.support.demo import TODAY, command, network, pulled
from tests.support.stores import copy_network


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo network, pulled and resolved without Prefect; nobody writes to it."""
    return pulled(network(tmp_path_factory.mktemp("demo") / "network"))


@pytest.fixture
def own(demo: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return copy_network(demo, tmp_path / "network")


def told(config: Path, *words: str, today: dt.date = TODAY) -> Any:
    """The JSON document of a command."""
    return json.loads(command(*words, "--json", "--config", config, "--today", today.isoformat()).output)


def edit(config: Path, file: str, old: str, new: str) -> None:
    path = config.parent / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def verdicts(config: Path) -> dict[str, str]:
    return {one["id"]: one["verdict"] for one in told(config, "groups")["groups"]}


class TestGroups:
    def test_one_group_is_worth_leaving_and_the_others_are_kept(self, demo: Path) -> None:
        document = told(demo, "groups")
        by_id = {one["id"]: one for one in document["groups"]}
        assert {name: one["verdict"] for name, one in by_id.items()} == {
            "harbour-leads": "keep", "coffee-club": "keep", "severnside-chamber": "keep", "wica": "leave",
        }  # fmt: skip
        wica = by_id["wica"]
        assert (wica["members"], wica["target_members"], wica["money"]) == (9, 1, 1140)
        assert wica["because"]["rule"] == "nobody-to-meet"
        assert wica["because"]["saw"] == {"months_in": 13, "target_members": 1}
        assert by_id["harbour-leads"]["business_received"] == 1600
        assert by_id["coffee-club"]["business_received"] == 4650
        assert by_id["coffee-club"]["months_to_first_business"] == 2
        assert by_id["severnside-chamber"]["target_members"] == max(
            o["target_members"] for o in by_id.values()
        )

    def test_a_fee_changes_the_verdict_of_a_rule_about_cost(self, own: Path) -> None:
        edit(own, "rules/mutual_support.yaml", "  - id: pays-off\n", (
            "  - id: too-dear\n    for: group\n    when: {cost_per_new_target|gt: 1000}\n"
            "    then: {verdict: watch}\n\n  - id: pays-off\n"
        ))  # fmt: skip
        assert verdicts(own)["harbour-leads"] == "keep"
        edit(own, "rules/network.yaml", "fee: 55.00", "fee: 95.00")
        assert verdicts(own)["harbour-leads"] == "watch"

    def test_the_budget_warns_before_it_is_spent(self, demo: Path, own: Path) -> None:
        investment = told(demo, "groups")["investment"]
        money = investment["money"]["months"][-1]
        assert money == {"month": "2026-01", "spent": 75, "booked": 95, "state": "warning"}
        assert [warning["where"] for warning in investment["warnings"]] == ["budget, January 2026"] * 2
        edit(own, "rules/network.yaml", "fee: 95.00", "fee: 60.00")
        assert told(own, "groups")["investment"]["money"]["months"][-1]["state"] == "ok"

    def test_every_figure_is_traced_to_its_lines(self, demo: Path) -> None:
        for one in told(demo, "groups")["groups"]:
            traced = told(demo, "explain", f"group:{one['id']}")
            for figure, lines in traced["lines"].items():
                if figure not in ("given", "received"):
                    assert one[figure] == pytest.approx(sum(line["value"] for line in lines)), figure
                assert all(line["record"] for line in lines)
            named = {name for name in one if isinstance(one[name], int | float)} & {
                "members", "meetings_attended", "hours", "money", "business_received",
            }  # fmt: skip
            assert named - traced["lines"].keys() == {name for name in named if not one[name]}

    def test_explain_shows_lines_and_the_rules_that_did_not_match(self, demo: Path) -> None:
        shown = command(
            "explain", "group:wica", "--rules", "--config", demo, "--today", TODAY.isoformat()
        ).output
        assert "stopped at rules/mutual_support.yaml" in shown
        assert "fee per month" in shown
        with pytest.raises(UserMustAct, match="no group 'golf'"):
            command("explain", "group:golf", "--config", demo)


class TestBalance:
    def test_one_over_giving_one_only_taking(self, demo: Path) -> None:
        warned: dict[str, list[str]] = {}
        for one in told(demo, "balance")["people"]:
            warned.setdefault(one["warning"], []).append(one["person"])
        assert warned["over-giving"] == ["Rhys Morgan"]
        assert warned["only-taking"] == ["Dexter Wray"]
        assert "Bridget Noakes" in warned["owe-them"]

    def test_a_balance_is_the_sum_of_its_lines_and_what_people_say(self, demo: Path) -> None:
        known = {one["id"]: one["balance"] for one in told(demo, "people")}
        for one in told(demo, "balance")["people"]:
            for way in ("given", "received"):
                total = sum(line["weight"] for line in one["lines"] if line["direction"] == way)
                assert one[way] == pytest.approx(total)
            assert one["balance"] == one["given"] - one["received"] == known[one["person_id"]]
            assert all(line["weight"] == 0 for line in one["lines"] if line["kind"] == "mention")

    def test_a_weight_changes_who_gives_too_much(self, own: Path) -> None:
        edit(own, "rules/mutual_support.yaml", "referral: 3 ", "referral: 0.5 ")
        (rhys,) = told(own, "balance", "rhys")["people"]
        assert (rhys["given"], rhys["received"], rhys["warning"]) == (3, 2, None)

    def test_one_person_alone_has_the_balance_that_all_together_show(self, own: Path) -> None:
        with (own.parent / "journal.csv").open("a", encoding="utf-8") as file:
            file.write("2026-01-12,Kate Sumner,referral,given,Julia Marsh,,,,met,news by the other name\n")
        pulled(own)
        (alone,), everybody = told(own, "people", "Kate Sumner"), told(own, "people")
        assert alone["balance"] == next(p["balance"] for p in everybody if p["id"] == alone["id"]) == 0

    def test_connector_value_counts_the_target_people_that_somebody_brought(self, demo: Path) -> None:
        (bridget,) = told(demo, "balance", "bridget")["people"]
        assert (bridget["referrals_received"], bridget["targets_introduced"]) == (3, 3)
        assert bridget["targets_around"] >= 10

    def test_a_rule_may_keep_an_off_target_person_for_whom_they_sit_among(self, own: Path) -> None:
        assert told(own, "people", "Oliver Stanton")[0]["tier"] == "general"
        edit(own, "rules/relevance.yaml", "      - referrals_received|gte: 2\n", (
            "      - referrals_received|gte: 2\n      - targets_around|gte: 10\n"
        ))  # fmt: skip
        (oliver,) = told(own, "people", "Oliver Stanton")
        assert (oliver["tier"], oliver["cadence_days"], oliver["stale"]) == ("connector", 90, True)


class TestReferrals:
    def test_one_referral_waits_and_a_young_one_does_not(self, demo: Path) -> None:
        found = told(demo, "referrals")
        assert [(r["person"], r["other"]) for r in found["referrals"] if r["waits"]] == [
            ("Julia Marsh", "Kate Sumner")
        ]
        assert found["funnel"]["received"] == {
            "introduced": 7, "met": 7, "won": 6, "lost": 1, "waiting": 0, "value": 9000,
        }  # fmt: skip
        assert len(found["mentions"]) == 3

    def test_both_sides_are_asked_and_the_why_names_the_journal_line(self, demo: Path) -> None:
        support = self.judged(demo)
        wishes = {w.person: w for w in support.wishes if w.rule.startswith("referral-check-in")}
        assert wishes.keys() == {"Julia Marsh", "Kate Sumner"}
        assert {e.source for e in support.evidence(wishes["Julia Marsh"])} == {"journal.csv:27"}
        assert wishes["Julia Marsh"].cooldown_days == 0
        assert wishes["Julia Marsh"].occasion == wishes["Kate Sumner"].occasion

    def test_news_ends_the_waiting_and_business_is_thanked_for(self, own: Path) -> None:
        journal = own.parent / "journal.csv"
        with journal.open("a", encoding="utf-8") as file:
            file.write("2026-01-13,Julia Marsh,referral,given,Kate Sumner,,,300.00,won,\n")
            file.write("2026-01-13,Bridget Noakes,referral,received,Leo Brandt,,,880.00,won,\n")
        pulled(own)
        assert not any(r["waits"] for r in told(own, "referrals")["referrals"])
        titles = [w.title for w in self.judged(own).wishes]
        assert "Thank Bridget Noakes for Leo Brandt" in titles
        assert not any(title.startswith(("Ask Julia", "Ask Kate")) for title in titles)

    def judged(self, config: Path) -> Any:
        store = open_store(load(config, {}).store_url)
        context = context_of(load(config, {}), store, TODAY)
        rules = load_rules(context.settings)
        calendar = meetings.classify(store, rules, context.settings.me, save=False)
        outcome = judge(context, rules, gather(context, rules, calendar))
        store.close()
        return outcome


class TestIntroductions:
    def test_two_sensible_ones_and_none_that_is_absurd(self, demo: Path) -> None:
        found = told(demo, "introductions")
        assert [(one["needs"], one["offers"], one["topic"]) for one in found["introductions"]] == [
            ("Amira Haddad", "Priya Nair", "bookkeeping"), ("Nisha Patel", "Carys Evans", "web design"),
        ]  # fmt: skip
        assert found["waiting"] == 0

    def test_a_dismissal_is_remembered_and_can_be_undone(self, own: Path) -> None:
        key = told(own, "introductions")["introductions"][0]["key"]
        day = ("--config", own, "--today", TODAY.isoformat())
        assert command("introductions", "dismiss", key, *day).exit_code == 0
        assert key not in {one["key"] for one in told(own, "introductions")["introductions"]}
        command("introductions", "dismiss", key, "--undo", *day)
        assert key in {one["key"] for one in told(own, "introductions")["introductions"]}
        with pytest.raises(UserMustAct, match="no introduction 'nonsense'"):
            command("introductions", "dismiss", "nonsense", *day)

    def test_no_more_than_the_cap_are_suggested_in_a_week(self, own: Path) -> None:
        edit(own, "touchbase.toml", "[budget]\n", "[budget]\nintroductions_per_week = 1\n")
        found = told(own, "introductions")
        assert (len(found["introductions"]), found["waiting"]) == (1, 1)

    def test_the_synonyms_are_the_rules(self, own: Path) -> None:
        edit(own, "journal.csv", "needs: web design", "needs: a website")
        edit(own, "rules/mutual_support.yaml", "words: [website,", "words: [a website, website,")
        pulled(own)
        topics = {one["topic"] for one in told(own, "introductions")["introductions"]}
        assert topics == {"bookkeeping", "web design"}


def test_the_tables_of_the_prefect_ui_show_the_same_figures(demo: Path) -> None:
    settings = load(demo, {})
    store = open_store(settings.store_url)
    tables = support_tables.tables(support_now(settings, store, TODAY))
    store.close()
    groups = {row["group"]: row for row in tables["groups"][1]}
    for one in told(demo, "groups")["groups"]:
        shown = groups[one["name"]]
        assert (shown["verdict"], shown["cost"], shown["hours"]) == (
            one["verdict"],
            one["money"],
            one["hours"],
        )
    assert [row["balance"] for row in tables["balance"][1]] == [
        one["balance"] for one in told(demo, "balance")["people"]
    ]
    assert [row["won"] for row in tables["referrals"][1]] == [4, 6]
    assert len(tables["investment"][1]) == 12
    assert len(tables["introductions"][1]) == 2


def test_a_follow_up_about_a_balance_names_its_journal_lines(demo: Path) -> None:
    shown = command(
        "explain", "Bridget Noakes", "--rules", "--config", demo, "--today", TODAY.isoformat()
    ).output
    lines = "(journal.csv:16, journal.csv:9, journal.csv:2)"
    assert f"balance lte -3: it is '-9' {lines}" in shown
    assert f"referrals_received gte 2: it is '3' {lines}" in shown


@pytest.mark.parametrize(
    "words", [("groups",), ("balance",), ("balance", "rhys"), ("referrals",), ("introductions",)]
)
def test_people_can_read_them_too(demo: Path, words: tuple[str, ...]) -> None:
    shown = command(*words, "--config", demo, "--today", TODAY.isoformat())
    assert shown.exit_code == 0
    assert "None" not in shown.output
    assert len(shown.output.splitlines()) > 2


def test_an_empty_network_is_told_what_to_do_next(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "touchbase.toml").write_text('[me]\nname = "A"\n')
    config = tmp_path / "touchbase.toml"
    for words, hint in (
        ("groups", "Declare yours"), ("balance", "touchbase log"), ("referrals", "touchbase log"),
        ("introductions", "nobody to introduce"),
    ):  # fmt: skip
        assert hint in command(words, "--config", config).output
    command("report", "-o", tmp_path / "report.html", "--config", config)
    assert "declare them in a rule file" in (tmp_path / "report.html").read_text("utf-8")
