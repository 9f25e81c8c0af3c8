"""The rules: those of the settings, and others to compare them with (an edited file, git, the last run)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

from flows.settings.model import Settings
from people.errors import UserMustAct
from people.store import Store
from people.store.db import values
from people.types import Problem
from rules.engine import RuleSet, load
from rules.engine.language.files import rule_files
from rules.engine.language.problems import RuleProblem

_KEY = "rules"


def rules_folder(settings: Settings) -> Path:
    """The rules folder of a network."""
    return settings.resolve(settings.rules.path)


def load_rules(settings: Settings) -> RuleSet:
    """Read the rules of a network. Mistakes in a file are in ``errors``; the other files still work."""
    return load(rules_folder(settings), label=str(settings.rules.path))


def rule_problems(problems: Iterable[RuleProblem]) -> list[Problem]:
    """Return mistakes in rule files, each with its place."""
    return [Problem(where=f"{p.file}:{p.line}:{p.column}", message=p.message, help=p.help) for p in problems]


def texts_in(folder: Path) -> dict[str, bytes]:
    """The rule files of a folder by name; raises ``UserMustAct`` when one cannot be read."""
    try:
        return {path.name: path.read_bytes() for path in rule_files(folder)}
    except OSError as error:
        raise UserMustAct(
            f"{error.filename}: {error.strerror}", help="check the file's permissions"
        ) from error


def with_edited(folder: Path, other: Path) -> dict[str, bytes]:
    """The files of ``folder`` with ``other`` in place of its namesake. A folder ``other`` replaces all."""
    if other.is_dir():
        return texts_in(other)
    if not other.is_file():
        raise UserMustAct(
            f"there is no file or folder {other}", help="name an edited rule file, or a folder of them"
        )
    return texts_in(folder) | {other.name: other.read_bytes()}


def at_revision(folder: Path, revision: str) -> dict[str, bytes]:
    """The rule files of ``folder`` at the git ``revision``."""
    if revision.startswith("-"):
        raise UserMustAct(f"'{revision}' is not a valid revision", help="for example: --since HEAD~1")
    listed = _git(folder, "ls-tree", "--name-only", "-z", revision, "./")
    names = [
        Path(name).name for name in listed.decode("utf-8", "replace").split("\0") if name.endswith(".yaml")
    ]
    return {name: _git(folder, "show", f"{revision}:./{name}") for name in names}


def _git(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True)  # noqa: S603, S607 - the user's own git, no shell
    except FileNotFoundError as error:
        raise UserMustAct(
            "git is not installed", help="install git, or name a folder to compare with"
        ) from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UserMustAct(
            f"git cannot show the rules: {lines[-1] if lines else 'unknown reason'}",
            help=f"check the revision, and that {folder} is kept in git",
        ) from error
    return done.stdout


def remember(store: Store, settings: Settings) -> None:
    """Store the rules of a run, so that the next edit can be compared with them."""
    texts = {name: text.decode("utf-8", "replace") for name, text in texts_in(rules_folder(settings)).items()}
    with store.begin() as connection:
        values.put(connection, _KEY, json.dumps(texts))


def of_last_run(store: Store) -> dict[str, bytes]:
    """The rules that the last run used; raises ``UserMustAct`` before the first run."""
    with store.read() as connection:
        texts = values.get(connection, _KEY)
    if texts is None:
        raise UserMustAct(
            "no run has used any rules yet", help="run first: touchbase run; or compare: --since HEAD~1"
        )
    return {name: text.encode() for name, text in json.loads(texts).items()}
