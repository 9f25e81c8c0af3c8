"""touchbase done, snooze and dismiss: store and task list agree, at once or by the next run."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import UserMustAct
from people.store import frames, open_store
from people.tasks import FollowUp, TaskState
from tests.support.crash_points import DAYS, all_of, run, wish
from tests.support.demo import command
from tests.support.opening import open_sink

TODAY = DAYS[1]


@pytest.fixture(params=["vtodo-folder", "markdown"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Two tasks made yesterday, and a third follow-up that has to wait."""
    path = tmp_path / "touchbase.toml"
    path.write_text(
        '[me]\ntime_zone = "Europe/London"\n'
        f'[tasks]\ntype = "{request.param}"\npath = "tasks"\ncapacity_per_day = 2\n'
    )
    run(load(path), [wish("anna"), wish("ben"), wish("cleo")], DAYS[0])
    return path


def item(settings: Settings, person: str) -> FollowUp:
    (found,) = (item for item in all_of(settings) if item.person_id == person)
    assert isinstance(found, FollowUp)
    return found


def state(settings: Settings, person: str) -> TaskState | None:
    key = item(settings, person).key
    return next((state for state in open_sink(settings).states() if state.key == key), None)


def say(config: Path, *words: str) -> tuple[int, str]:
    done = command(*words, "--config", config, "--today", TODAY.isoformat())
    return int(done.return_value or 0), done.output


def test_done_is_contact_here_and_ticked_there(config: Path) -> None:
    settings = load(config)
    key = item(settings, "anna").key
    assert say(config, "done", key[:8]) == (0, "Call anna: done\n")
    found = state(settings, "anna")
    assert found is not None
    assert found.status == "done"
    store = open_store(settings.store_url)
    with store.read() as connection:
        assert frames.done_follow_ups(connection).get_column("day").to_list() == [TODAY]
    store.close()
    assert say(config, "done", key) == (0, "Call anna: already done\n")


def test_snooze_moves_the_task_and_the_next_run_leaves_it_there(config: Path) -> None:
    settings = load(config)
    key = item(settings, "anna").key
    say(config, "snooze", key, "--until", "2026-04-01")
    for _ in range(2):
        found = state(settings, "anna")
        assert found is not None
        assert (found.status, found.due) == ("open", date(2026, 4, 1))
        assert (item(settings, "anna").status, item(settings, "anna").due) == ("snoozed", date(2026, 4, 1))
        run(settings, [wish("anna"), wish("ben"), wish("cleo")], TODAY)
    assert (
        say(config, "snooze", key, "--until", "2026-04-01")[1]
        == "Call anna: already snoozed, due 2026-04-01\n"
    )


def test_a_week_is_the_usual_snooze(config: Path) -> None:
    settings = load(config)
    answer = json.loads(say(config, "snooze", item(settings, "ben").key, "--json")[1])
    assert (answer["status"], answer["due"]) == ("snoozed", (TODAY + timedelta(days=7)).isoformat())


def test_dismiss_closes_the_task_and_stays(config: Path) -> None:
    settings = load(config)
    key = item(settings, "anna").key
    assert say(config, "dismiss", key) == (0, "Call anna: dismissed\n")
    found = state(settings, "anna")
    assert found is not None
    assert found.status == "cancelled"
    run(settings, [wish("anna"), wish("ben")], TODAY)
    assert item(settings, "anna").status == "dismissed"
    assert say(config, "dismiss", key) == (0, "Call anna: already dismissed\n")
    with pytest.raises(UserMustAct, match="is already dismissed"):
        say(config, "snooze", key)


def test_what_waits_can_be_decided_too(config: Path) -> None:
    settings = load(config)
    say(config, "snooze", item(settings, "cleo").key, "--until", "2026-03-20")
    found = state(settings, "cleo")
    assert found is not None
    assert (found.status, found.due) == ("open", date(2026, 3, 20))
    assert item(settings, "cleo").ref == found.ref


def test_what_was_ticked_in_the_list_is_heard_first(config: Path) -> None:
    settings = load(config)
    open_sink(settings).complete(item(settings, "ben").ref or "")
    assert say(config, "done", item(settings, "ben").key) == (0, "Call ben: already done\n")
    with pytest.raises(UserMustAct, match="is already done"):
        say(config, "dismiss", item(settings, "ben").key)


def test_a_list_that_cannot_be_written_is_told_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "touchbase.toml"
    path.write_text("[tasks]\npath = 'tasks'\n")
    run(load(path), [wish("anna")], DAYS[0])
    key = item(load(path), "anna").key
    (tmp_path / "tasks").rename(tmp_path / "aside")
    (tmp_path / "tasks").write_text("in the way")
    status, said = say(path, "done", key)
    assert (status, "the next run updates it" in said) == (1, True)
    (tmp_path / "tasks").unlink()
    (tmp_path / "aside").rename(tmp_path / "tasks")
    run(load(path), [], TODAY)
    found = state(load(path), "anna")
    assert found is not None
    assert found.status == "done"


def test_an_unknown_key_says_where_the_keys_are(config: Path) -> None:
    with pytest.raises(UserMustAct) as caught:
        say(config, "done", "ffff")
    assert "touchbase follow-ups" in caught.value.help


def test_a_day_that_is_not_later_is_refused(config: Path) -> None:
    with pytest.raises(UserMustAct, match="is not after today"):
        say(config, "snooze", item(load(config), "anna").key, "--until", "2026-03-03")


def test_tasks_move_along_to_another_list(config: Path) -> None:
    before = load(config)
    other = "markdown" if before.tasks.type == "vtodo-folder" else "vtodo-folder"
    config.write_text(f'[tasks]\ntype = "{other}"\npath = "elsewhere"\ncapacity_per_day = 2\n')
    after = load(config)
    run(after, [wish("anna"), wish("ben"), wish("cleo")], TODAY)
    assert {state.key for state in open_sink(after).states()} >= {
        item(before, person).key for person in ("anna", "ben")
    }
    assert [item(before, person).status for person in ("anna", "ben")] == ["open", "open"]
