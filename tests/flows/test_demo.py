"""``touchbase demo``: the folder that it writes, and names of strangers that attack what shows them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.cli.commands.demo import demo_network
from people.errors import SettingsError
from tests.support.demo import TODAY, command, network, with_hostile_names


class TestFolder:
    @pytest.fixture(autouse=True)
    def _here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_it_is_called_demo_and_the_commands_to_try_are_short(self, tmp_path: Path) -> None:
        printed = command("demo", "--today", str(TODAY)).stdout
        assert (tmp_path / "demo" / "touchbase.toml").is_file()
        steps = printed.split("Where to look next\n")[1].splitlines()
        assert "  cd demo" in steps
        assert max(map(len, steps)) <= 80

    def test_a_second_call_runs_again_on_the_same_network(self, tmp_path: Path) -> None:
        command("demo", "--today", str(TODAY))
        (tmp_path / "demo" / "rules" / "cadence.yaml").write_text("version: 1\nrules: []\n")
        again = command("demo", "--today", str(TODAY))
        assert again.exit_code == 0
        assert "demo is there from an earlier demo: one more run. To begin again, delete it." in again.stderr
        assert (tmp_path / "demo" / "rules" / "cadence.yaml").read_text() == "version: 1\nrules: []\n"

    @pytest.mark.parametrize("theirs", ["notes.txt", "touchbase.toml"])
    def test_a_folder_of_the_user_stays_as_it_is(self, tmp_path: Path, theirs: str) -> None:
        (tmp_path / "demo").mkdir()
        (tmp_path / "demo" / theirs).write_text("# mine\n")
        with pytest.raises(SettingsError, match="is not an empty folder"):
            demo_network(Path("demo"), TODAY)
        assert [path.name for path in (tmp_path / "demo").iterdir()] == [theirs]
        assert (tmp_path / "demo" / theirs).read_text() == "# mine\n"


def test_hostile_names_arrive_as_text(tmp_path: Path) -> None:
    config = network(tmp_path)
    with_hostile_names(tmp_path)
    markdown = (
        '\n[tasks]\ntype = "markdown"\npath = "follow-ups.md"\ncapacity_per_day = 40\nopen_at_most = 40\n'
    )
    text = config.read_text()
    old = text[text.index("[tasks]") : text.index("[budget]")]
    config.write_text(text.replace(old, f'{markdown}\n[digest]\npath = "digest"\n\n'))

    command("run", "--config", config, "--today", str(TODAY))
    command("report", "--config", config, "--today", str(TODAY), "-o", tmp_path / "report.html")

    people = command("people", "--config", config, "--today", str(TODAY)).output
    assert "<script>" in people
    assert "phish.example" in people
    tasks = (tmp_path / "follow-ups.md").read_text()
    (digest,) = (tmp_path / "digest").iterdir()
    # A digest has forty lines, so not everybody is in it.
    assert "Hartnell" in tasks
    for page in (tasks, digest.read_text()):
        assert "phish.example" in page
        live = re.sub(r"`[^`]*`|\\.", "", page)  # without code spans and escaped signs
        assert "<script" not in live
        assert "](http" not in live
    report = (tmp_path / "report.html").read_text()
    assert "&lt;script&gt;alert(" in report
    assert "<script>alert" not in report
