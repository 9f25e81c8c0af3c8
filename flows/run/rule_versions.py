"""The rules: those of the settings, and others to compare them with (an edited file, git, the last run)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from flows.settings.model import Settings
from people.errors import UserMustAct
from people.regular_files import read_regular
from people.store import Connection, Store
from people.store.db import values
from people.types import Problem
from rules.engine import RuleSet, load
from rules.engine.checking.files import read_texts, rule_files, shown_name
from rules.engine.checking.loader import load_texts, loaded
from rules.engine.language.problems import RuleProblem, in_order, problem_at

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
        return {path.name: read_regular(path) for path in rule_files(folder)}
    except OSError as error:
        raise UserMustAct(
            f"{error.filename}: {error.strerror}", help="check the file and its permissions"
        ) from error


def with_edited(folder: Path, other: Path) -> dict[str, bytes]:
    """The files of ``folder`` with ``other`` in place of its namesake. A folder ``other`` replaces all."""
    if other.is_dir():
        return texts_in(other)
    if not other.is_file():
        raise UserMustAct(
            f"there is no file or folder {other}", help="name an edited rule file, or a folder of them"
        )
    return texts_in(folder) | {other.name: read_regular(other)}


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


@dataclass(frozen=True)
class InForce:
    """The rules that count: those of the folder, with the last sound version of each file that is broken.

    ``rules.problems`` are those of the folder as it is. ``texts`` are the files by name; ``broken`` are the
    names of the files that are not used as they are. ``folder_lost`` is whether all of them are gone at once.
    """

    rules: RuleSet
    texts: Mapping[str, bytes]
    broken: tuple[str, ...] = ()
    folder_lost: bool = False

    def problem(self, left: int) -> Problem | None:
        """Say which rules count instead; None if all count as they are. ``left`` is how many tasks stay."""
        tasks = "1 open task was left as it is" if left == 1 else f"{left} open tasks were left as they are"
        if self.folder_lost:
            return Problem(
                where="rules",
                message=f"the rules folder is gone or empty: {tasks}, and the last rules still count",
                help="check [rules] path; if you want no rules, keep one file that says only: version: 1",
            )
        if not self.broken:
            return None
        names = f"{', '.join(self.broken)} {'is' if len(self.broken) == 1 else 'are'} broken"
        so = "the rules count as they were before"
        if self.rules.doubtful:
            so = "no follow-up is added or closed, because no earlier version is known"
        return Problem(where="rules", message=f"{names}: {tasks}, and {so}", help="touchbase rules check")


def in_force(store: Store, settings: Settings) -> InForce:
    """Return the rules to judge by. A file with a mistake counts as in its last sound version.

    A file that was never sound does not count yet if all files were sound before; else what can be read of
    it counts, as on a first run. While a file is broken, one that is gone still counts, because its
    rules may be on their way to the broken one. A file that is deleted while all others are sound is gone
    by the user's word; a folder that is gone or empty is an accident.
    """
    label, folder = str(settings.rules.path), rules_folder(settings)
    texts, unread = read_texts(folder, label)
    now = loaded(texts, label, unread)
    with store.read() as connection:
        before = _stored(connection)
    lost = not texts and bool(before)
    emptied = {name for name, text in texts.items() if not text.strip() and before.get(name, b"").strip()}
    if not now.errors and not emptied and not lost:
        return InForce(now, texts)
    broken = {_name(problem.file) for problem in now.errors} | emptied
    sound = {name: text for name, text in before.items() if not load_texts({name: text}).errors}
    usable = {name: text for name, text in texts.items() if name not in broken}
    all_sound = bool(before) and len(sound) == len(before)
    partly = {} if all_sound else {name: texts[name] for name in broken & texts.keys() - sound.keys()}
    used = before if lost else sound | usable | partly
    problems = [one for one in unread if _name(one.file) not in sound and not all_sound]
    rules = loaded(used, label, problems)
    doubtful = tuple(file for file in rules.doubtful if not all_sound and _name(file) not in sound)
    told = [*now.problems, *(_empty(shown_name(label, name)) for name in sorted(emptied))]
    return InForce(
        replace(rules, problems=in_order(told), doubtful=doubtful), used, tuple(sorted(broken)), lost
    )


def rules_in_force(store: Store, settings: Settings) -> RuleSet:
    """The rules that count, for what only looks."""
    return in_force(store, settings).rules


def _name(file: str) -> str:
    return file.rpartition("/")[2]


def _empty(file: str) -> RuleProblem:
    message = "the file is empty, but held rules before"
    return problem_at(
        file, (1, 1), "unreadable", message, "restore it, or delete it if you want no rules of it"
    )


def remember(store: Store, texts: Mapping[str, bytes]) -> None:
    """Store the rules that a run used: they stand in for a mistake, and an edit is compared with them."""
    named = {name: text.decode("utf-8", "replace") for name, text in texts.items()}
    with store.begin() as connection:
        values.put(connection, _KEY, json.dumps(named))


def _stored(connection: Connection) -> dict[str, bytes]:
    texts = values.get(connection, _KEY)
    return {name: text.encode() for name, text in json.loads(texts or "{}").items()}


def of_last_run(store: Store) -> dict[str, bytes]:
    """The rules that the last run used; raises ``UserMustAct`` before the first run."""
    with store.read() as connection:
        known, texts = values.get(connection, _KEY), _stored(connection)
    if known is None:
        raise UserMustAct(
            "no run has used any rules yet", help="run first: touchbase run; or compare: --since HEAD~1"
        )
    return texts
