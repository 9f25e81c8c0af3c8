"""touchbase log: nobody is guessed, and a contact may settle the person's open follow-up."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from flows.settings.loading import load
from people.errors import UserMustAct
from people.store import follow_ups, frames, lookup, open_store
from people.tasks import FollowUp
from tests.support.crash_points import DAYS, run, wish
from tests.support.demo import command, pulled
from tests.support.dialogue import dialogue
from tests.support.opening import open_sink
from tests.support.stores import with_own_store

CARDS = "".join(
    f"BEGIN:VCARD\nVERSION:3.0\nUID:{uid}\nFN:{name}\nORG:{firm}\nEMAIL:{uid}@x.example\nEND:VCARD\n"
    for uid, name, firm in (
        ("nina1", "Nina Patel", "Patel Packaging"),
        ("nina2", "Nina Berg", "Berg Interiors"),
        ("tom", "Tom Hale", "Hale Joinery"),
    )
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Nina Patel, Nina Berg and Tom Hale are known; there are no rules."""
    path = with_own_store(tmp_path / "touchbase.toml")
    path.write_text(
        '[me]\ntime_zone = "Europe/London"\n'
        '[[sources]]\nname = "phone"\ntype = "vcard"\npath = "phone.vcf"\n'
        '[[sources]]\nname = "journal"\ntype = "journal"\npath = "journal.csv"\n'
    )
    (tmp_path / "phone.vcf").write_text(CARDS)
    (tmp_path / "journal.csv").write_text("")
    return path


@pytest.fixture
def known(config: Path) -> Path:
    """The network after a run."""
    journal = config.parent / "journal.csv"
    journal.write_text("date,person,kind,direction,other,group,hours,amount,outcome,note\n")
    return pulled(config)


def lines(config: Path) -> list[str]:
    return (config.parent / "journal.csv").read_text().splitlines()[1:]


def test_several_people_are_listed_with_the_next_command(known: Path) -> None:
    with pytest.raises(UserMustAct) as caught:
        command("log", "Nina", "contact", "--date", "2026-03-01", "--note", "Rang her", "--config", known)
    first, *listed = caught.value.message.splitlines()
    assert first == "'Nina' may mean:"
    assert [line.split()[:4] for line in listed] == [
        ["Nina", "Berg", "Berg", "Interiors"],
        ["Nina", "Patel", "Patel", "Packaging"],
    ]
    again = "touchbase log 'Nina Berg' contact --date 2026-03-01 --note 'Rang her'"
    kept = "touchbase log Nina contact --date 2026-03-01 --note 'Rang her' --keep"
    assert caught.value.help == (f"name one of them, for example: {again}; to keep the line as it is: {kept}")
    assert lines(known) == []


def test_an_unknown_name_leads_to_add(known: Path) -> None:
    with pytest.raises(UserMustAct, match="no one matches 'Freya Lind'") as caught:
        command("log", "Freya Lind", "contact", "--config", known)
    assert "touchbase add 'Freya Lind' --met EVENT" in caught.value.help
    assert lines(known) == []


def test_the_second_party_is_not_guessed_either(known: Path) -> None:
    words = ("log", "Tom Hale", "introduction", "--direction", "given", "--other", "Nina", "--config", known)
    with pytest.raises(UserMustAct) as caught:
        command(*words)
    assert "--other 'Nina Berg'" in caught.value.help


def test_keep_writes_the_line_as_it_is(known: Path) -> None:
    output = command("log", "Nina", "contact", "--date", "2026-03-01", "--keep", "--config", known).output
    assert "'Nina' matches no one yet; the line is kept" in output
    assert lines(known) == ["2026-03-01,Nina,contact,,,,,,,"]


def test_on_a_terminal_a_number_says_who(known: Path) -> None:
    words = ("log", "Nina", "contact", "--date", "2026-03-01", "--config", known)
    status, screen = dialogue(*words, answers=[("[q] stop", "2")])
    assert status == 0
    assert screen.splitlines()[1].startswith("  1  Nina Berg   Berg Interiors")
    assert lines(known) == ["2026-03-01,Nina Patel,contact,,,,,,,"]
    assert dialogue(*words, answers=[("[q] stop", "q")])[0] == 130
    dialogue(*words, answers=[("[q] stop", "k")])
    assert lines(known)[1:] == ["2026-03-01,Nina,contact,,,,,,,"]


class TestClosing:
    """An open follow-up of the person who was contacted."""

    @pytest.fixture
    def due(self, known: Path) -> Path:
        """One open follow-up for Tom Hale."""
        settings = load(known)
        with closing(open_store(settings.store_url)) as store, store.read() as connection:
            tom = lookup.one(connection, "Tom Hale")
        run(settings, [wish(tom, title="Call Tom")], DAYS[0])
        return known

    def item(self, config: Path) -> FollowUp:
        with closing(open_store(load(config).store_url)) as store, store.read() as connection:
            (found,) = follow_ups.listed(connection, closed=True)
        return found

    def test_a_pipe_names_the_command(self, due: Path) -> None:
        output = command("log", "Tom Hale", "contact", "--config", due).output
        key = self.item(due).key
        assert f"Still open: Call Tom. To close it: touchbase done {key[:8]}\n" in output
        assert self.item(due).status == "open"

    def test_close_does_it_in_store_and_task_list_and_counts_the_contact_once(self, due: Path) -> None:
        output = command("log", "Tom Hale", "contact", "--close", "--config", due).output
        assert output.endswith("Call Tom: done\n")
        assert [state.status for state in open_sink(load(due)).states()] == ["done"]
        with closing(open_store(load(due).store_url)) as store, store.read() as connection:
            assert frames.done_follow_ups(connection).height == 0

    def test_it_stays_open_when_told_so_and_after_a_mention(self, due: Path) -> None:
        assert "Call Tom" not in command("log", "Tom Hale", "contact", "--no-close", "--config", due).output
        assert "Call Tom" not in command("log", "Tom Hale", "mention", "--close", "--config", due).output
        assert self.item(due).status == "open"

    def test_on_a_terminal_it_asks_and_yes_is_the_default(self, due: Path) -> None:
        words = ("log", "Tom Hale", "contact", "--config", due)
        dialogue(*words, answers=[("Close 'Call Tom'? [Y/n]", "n")])
        assert self.item(due).status == "open"
        status, screen = dialogue(*words, answers=[("Close 'Call Tom'? [Y/n]", "")])
        assert (status, self.item(due).status) == (0, "done")
        assert screen.endswith("Call Tom: done\n")
