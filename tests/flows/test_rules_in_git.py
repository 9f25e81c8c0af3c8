"""Rules in git: the hook and the workflow of the page, and commands on a store that holds nobody."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from flows.cli.commands.init import copy_rules
from people.errors import SettingsError
from tests.support.demo import command
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "rules" / "git.md").read_text("utf-8")
SETTINGS = '[me]\nname = "Alex Doe"\nemails = ["alex@doe.example"]\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A network in git that has seen no run."""
    path = tmp_path / "touchbase.toml"
    path.write_text(SETTINGS)
    copy_rules(tmp_path / "rules", quiet=True)
    return path


def block(file: str) -> str:
    """The block of the page that begins with the name of a file, after its #! line if it has one."""
    bodies: list[str] = re.findall(r"^```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return next(body for body in bodies if f"# {file}\n" in body)


def commit(config: Path) -> subprocess.CompletedProcess[str]:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    folder = config.parent
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([*git, "add", "rules"], cwd=folder, check=True)
    words = [*git, "commit", "-qm", "rules"]
    return subprocess.run(
        words, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )


def test_the_hook_stops_a_mistake(config: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=config.parent, check=True)
    hook = config.parent / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(block(".git/hooks/pre-commit"))
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    mine = config.parent / "rules" / "mine.yaml"
    mine.write_text("version: 2\nrules:\n  - {id: a, for: person, when: {titel: x}, then: {tag: t}}\n")
    stopped = commit(config)
    assert stopped.returncode != 0
    assert "did you mean 'title'?" in stopped.stdout + stopped.stderr
    mine.write_text(mine.read_text().replace("titel", "title"))
    passed = commit(config)
    assert passed.returncode == 0, passed.stderr
    assert not (config.parent / "touchbase.db").exists()


def test_the_workflow_is_valid_and_its_commands_exist(config: Path) -> None:
    workflow = yaml.safe_load(block(".github/workflows/rules.yml"))
    steps = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    ours = [step.split()[1:] for step in steps if step.startswith("touchbase")]
    assert ours
    for words in ours:
        assert command(*words, "--config", config).return_value == 0


def test_github_sees_each_mistake_at_its_line(config: Path) -> None:
    mine = config.parent / "rules" / "mine.yaml"
    mine.write_text("version: 2\nrules:\n  - {id: a, for: person, when: {titel: x}, then: {tag: t}}\n")
    shown = command("rules", "check", "--format", "github", "--config", config)
    assert shown.return_value == 1
    assert shown.output == (
        "::error file=rules/mine.yaml,line=3,col=33,title=[unknown-field]::"
        "person has no field 'titel'%0Adid you mean 'title'?\n"
    )


@pytest.mark.parametrize("words", [("rules", "diff", "rules"), ("rules", "backtest")])
def test_a_store_without_people_is_an_error_and_not_no_effect(config: Path, words: tuple[str, ...]) -> None:
    named = [config.parent / "rules" if word == "rules" and i == 2 else word for i, word in enumerate(words)]
    with pytest.raises(SettingsError, match="holds nobody yet"):
        command(*named, "--config", config)
