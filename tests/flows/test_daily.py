"""The daily run over the demo network."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import vobject

from people.tasks import FollowUp
from people.wording import title_with_who
from tests.support.demo import DELIVERED, PEOPLE, TODAY, command, network, run
from tests.support.stores import copy_network


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The demo network after its first run, and what the run said. Tests copy it before they change it."""
    config = network(tmp_path_factory.mktemp("demo") / "network")
    return config, run(config)


@pytest.fixture
def after(finished: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """A copy of the demo network as its first run left it."""
    return copy_network(finished[0], tmp_path / "network")


SOFIA = "Call Sofia Marino (Marino Foods)"


def tasks(config: Path) -> dict[str, Path]:
    found = {}
    for path in (config.parent / "tasks").glob("*.ics"):
        found[str(vobject.readOne(path.read_text()).vtodo.summary.value)] = path
    return found


def notes(path: Path) -> str:
    return str(vobject.readOne(path.read_text()).vtodo.description.value)


def source(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [item for item in document["sources"] if item["name"] == name]
    return dict(found)


class TestFirstRun:
    def test_its_document_has_the_agreed_shape(self, finished: tuple[Path, dict[str, Any]]) -> None:
        document = finished[1]
        assert document["status"] == "ok"
        assert document["today"] == "2026-01-14"
        counted = {"added", "changed", "gone", "unchanged", "problems"}
        for item in document["sources"]:
            assert {"name", "status", "error", "contacts", "meetings"} <= item.keys()
            assert set(item["contacts"]) == set(item["meetings"]) == counted
        assert document["people"] == {
            "total": PEOPLE,
            "merged": 19,
            "to_review": 2,
            "stale": 11,
            "without_contact": 29,
        }
        assert set(document["follow_ups"]) == {
            "created", "updated", "done", "snoozed", "dismissed", "suppressed", "deferred", "withdrawn",
            "missed", "reopened",
        }  # fmt: skip
        assert document["follow_ups"]["created"] == DELIVERED
        assert [set(item) for item in document["new"]] == [
            {"key", "title", "what", "person", "organisation", "reach", "why", "due"}
        ] * DELIVERED
        assert (document["changed"], document["capacity"]) == ([], DELIVERED)
        assert document["rules"]["problems"] == 0

    def test_each_follow_up_is_a_task_with_its_why(self, finished: tuple[Path, dict[str, Any]]) -> None:
        config = finished[0]
        listed = json.loads(command("follow-ups", "--config", config, "--json").output)
        due = [item for item in listed if item["status"] == "open"]
        assert {title_with_who(FollowUp.model_validate(item)) for item in due} == set(tasks(config))
        assert SOFIA in tasks(config)
        for item in due:
            assert item["because"], item["title"]
            assert all((config.parent / e["file"]).exists() for e in item["because"])
            assert dt.date.fromisoformat(item["due"]).weekday() < 5
            assert item["ref"]
        assert all(item["reason"] for item in listed if item["status"] == "deferred")

    def test_a_person_who_asked_not_to_be_contacted_is_not(
        self, finished: tuple[Path, dict[str, Any]]
    ) -> None:
        listed = json.loads(command("follow-ups", "--config", finished[0], "--all", "--json").output)
        assert all(item["person"] != "Victor Crane" for item in listed)

    def test_explain_names_rule_file_line_meeting_and_threshold(
        self, finished: tuple[Path, dict[str, Any]]
    ) -> None:
        shown = command(
            "explain", "Sofia Marino", "--config", finished[0], "--today", TODAY.isoformat(), "--rules"
        ).output
        assert "rules/cadence.yaml:" in shown
        assert "overdue gte 0d: it is '46'" in shown
        assert "meeting 'Sofia / Alex' on 2025-10-30" in shown

    def test_people_have_the_agreed_shape(self, finished: tuple[Path, dict[str, Any]]) -> None:
        words = ("people", "sofia", "--config", finished[0], "--today", TODAY.isoformat(), "--json")
        (sofia,) = json.loads(command(*words).output)
        assert sofia["name"] == "Sofia Marino"
        assert (sofia["tier"], sofia["stale"], sofia["last_contact"]) == ("key", True, "2025-10-30")
        assert sofia["days_since_contact"] == 76
        assert "+447700900124" in sofia["phones"]
        assert {record.partition(":")[0] for record in sofia["records"]} == {"phone", "outlook", "work"}
        assert len(sofia) == 21


class TestAgain:
    def test_a_second_run_creates_nothing_and_finds_everything_unchanged(self, after: Path) -> None:
        before = {path: path.read_bytes() for path in tasks(after).values()}
        document = run(after)
        assert document["follow_ups"]["created"] == document["follow_ups"]["updated"] == 0
        for item in document["sources"]:
            for kind in ("contacts", "meetings", "journal"):
                assert item[kind]["added"] == item[kind]["changed"] == item[kind]["gone"] == 0
        assert {path: path.read_bytes() for path in tasks(after).values()} == before

    def test_the_next_day_brings_the_deferred_ones(self, after: Path) -> None:
        document = run(after, today=TODAY + dt.timedelta(days=1))
        assert document["follow_ups"]["created"] == DELIVERED
        assert [set(item) for item in document["new"]] == [
            {"key", "title", "what", "person", "organisation", "reach", "why", "due"}
        ] * DELIVERED
        assert (document["changed"], document["capacity"]) == ([], DELIVERED)
        assert len(tasks(after)) == 10

    def test_a_dry_run_touches_no_task_and_no_cursor(self, after: Path) -> None:
        status = command("status", "--config", after, "--json").output
        day = TODAY + dt.timedelta(days=1)
        assert run(after, today=day, dry_run=True)["follow_ups"]["created"] == DELIVERED
        assert len(tasks(after)) == DELIVERED
        assert (
            json.loads(command("status", "--config", after, "--json").output)["runs"]
            == json.loads(status)["runs"]
        )

    def test_a_deleted_task_is_not_made_again(self, after: Path) -> None:
        tasks(after)[SOFIA].unlink()
        document = run(after)
        assert document["follow_ups"]["dismissed"] == 1
        assert document["follow_ups"]["created"] == 0
        later = run(after, today=TODAY + dt.timedelta(days=1))
        assert later["status"] == "ok"
        assert SOFIA not in tasks(after)

    def test_a_completed_task_is_contact(self, after: Path) -> None:
        path = tasks(after)[SOFIA]
        path.write_text(path.read_text().replace("STATUS:NEEDS-ACTION", "STATUS:COMPLETED"))
        assert run(after)["follow_ups"]["done"] == 1
        words = ("people", "sofia", "--config", after, "--today", TODAY.isoformat(), "--json")
        (sofia,) = json.loads(command(*words).output)
        assert (sofia["last_contact"], sofia["stale"]) == (TODAY.isoformat(), False)

    def test_contact_in_the_journal_withdraws_the_task(self, after: Path) -> None:
        said = command("log", "Sofia Marino", "contact", "--date", TODAY.isoformat(), "--config", after)
        assert said.exit_code == 0
        assert run(after)["follow_ups"]["withdrawn"] == 1
        assert "STATUS:CANCELLED" in tasks(after)[SOFIA].read_text()

    def test_a_forgotten_person_does_not_come_back(self, after: Path) -> None:
        said = command("forget", "sofia@marinofoods.example", "--yes", "--config", after)
        assert "Forgotten: 3 records, 1 task" in said.output
        assert run(after)["people"]["total"] == 62
        assert json.loads(command("people", "sofia", "--config", after, "--json").output) == []


class TestBadInput:
    def test_a_source_that_is_suddenly_smaller_removes_nobody(self, after: Path) -> None:
        (after.parent / "phone" / "icloud-export.vcf").unlink()
        document = run(after)
        assert document["status"] == "partial"
        assert "suddenly lacks 20 contacts" in source(document, "phone")["error"]
        assert document["people"]["total"] == PEOPLE
        accepted = run(after, accept_removals=("phone",))
        assert accepted["status"] == "ok"
        assert source(accepted, "phone")["contacts"]["gone"] == 20

    def test_a_missing_file_fails_its_source_alone(self, after: Path) -> None:
        (after.parent / "outlook.vcf").unlink()
        document = run(after)
        assert document["status"] == "partial"
        assert "does not exist" in source(document, "outlook")["error"]
        others = [one["status"] for one in document["sources"] if one["name"] != "outlook"]
        assert set(others) == {"ok"}
        assert run(after, accept_removals=("outlook",))["status"] == "ok"

    def test_three_mistakes_in_a_rule_file_leave_the_good_rules_running(self, after: Path) -> None:
        rules = after.parent / "rules" / "cadence.yaml"
        text = rules.read_text()
        mistakes = (
            "  - {id: a, for: person, when: {titel: x}, then: {tag: y}}\n"
            "  - {id: b, for: person, when: {days_since_contact|contains: 3}, then: {tag: y}}\n"
            "  - {id: c, for: person, when: {title: x}, then: {tagg: y}}\n"
        )
        rules.write_text(text + mistakes)
        document = run(after)
        assert document["status"] == "partial"
        assert document["rules"]["problems"] == 3
        assert document["follow_ups"]["withdrawn"] == 0
        assert "did you mean 'title'" in json.dumps(document["problems"])

    def test_a_tasks_folder_that_vanished_dismisses_nothing(self, after: Path) -> None:
        shutil.rmtree(after.parent / "tasks")
        document = run(after)
        assert document["status"] == "partial"
        assert document["follow_ups"]["dismissed"] == 0


def test_any_day_is_alive(tmp_path: Path) -> None:
    day = dt.date(2028, 2, 29)
    document = run(network(tmp_path / "network", day), today=day)
    assert document["status"] == "ok"
    assert document["people"]["total"] == PEOPLE
    assert document["follow_ups"]["created"] == DELIVERED


class TestWhoIsWho:
    """A merge that is taken back, and brought back, through the commands and the daily run."""

    def told(self, config: Path) -> list[tuple[str, str, str]]:
        """The calls to Sofia that are no mere memory: key, status, person."""
        listed = json.loads(command("follow-ups", "--config", config, "--all", "--json").output)
        return [
            (item["key"], item["status"], item["person_id"])
            for item in listed
            if item["title"].startswith("Call Sofia") and item["status"] != "withdrawn"
        ]

    def people(self, config: Path) -> dict[str, set[str]]:
        words = ("people", "sofia marino", "--config", config, "--today", TODAY.isoformat(), "--json")
        return {
            person["id"]: {record.partition(":")[0] for record in person["records"]}
            for person in json.loads(command(*words).output)
        }

    def cards(self, config: Path) -> tuple[str, str]:
        words = ("people", "sofia marino", "--config", config, "--today", TODAY.isoformat(), "--json")
        (sofia,) = json.loads(command(*words).output)
        one, other = (
            next(record for record in sofia["records"] if record.startswith(source))
            for source in ("phone:", "outlook:")
        )
        return one, other

    def test_a_follow_up_is_neither_lost_nor_doubled_by_a_split_and_its_undo(self, after: Path) -> None:
        phone, outlook = self.cards(after)
        ((key, status, sofia),) = self.told(after)
        path = tasks(after)[SOFIA]
        before = notes(path)
        assert status == "open"
        command("identity", "different", phone, outlook, "--config", after)
        for _ in range(2):
            counted = run(after)["follow_ups"]
            assert (counted["created"], counted["withdrawn"]) == (0, 0)
            parts = self.people(after)
            assert sorted(parts.values(), key=len) == [{"phone"}, {"outlook", "work"}]
            # The meeting behind it is known from the guest list, which stayed with this part.
            assert self.told(after) == [(key, "open", sofia)]
            assert parts[sofia] == {"outlook", "work"}
            # Now there are two of that name, and their cards say the same.
            assert tasks(after)["Call Sofia Marino (Marino Foods, from outlook and work)"] == path
        command("identity", "undo", phone, outlook, "--config", after)
        counted = run(after)["follow_ups"]
        assert (counted["created"], counted["withdrawn"]) == (0, 0)
        assert self.people(after) == {sofia: {"phone", "outlook", "work"}}
        assert self.told(after) == [(key, "open", sofia)]
        assert tasks(after)[SOFIA] == path
        assert notes(path) == before

    @pytest.mark.parametrize(("said", "status"), [("done", "done"), ("dismiss", "dismissed")])
    def test_what_was_decided_is_not_asked_again_of_the_other_part(
        self, after: Path, said: str, status: str
    ) -> None:
        phone, outlook = self.cards(after)
        ((key, _, sofia),) = self.told(after)
        command(said, key, "--config", after, "--today", TODAY.isoformat())
        command("identity", "different", phone, outlook, "--config", after)
        for day in range(3):
            run(after, today=TODAY + dt.timedelta(days=day))
            assert self.told(after) == [(key, status, sofia)]
