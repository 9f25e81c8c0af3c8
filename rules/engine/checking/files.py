"""The files of a rules folder: which of them hold rules, and their names in messages."""

from __future__ import annotations

from pathlib import Path

from people.regular_files import NotRegular, TooLarge, read_regular
from rules.engine.language.problems import RuleProblem, problem_at


def is_rule_file(name: str) -> bool:
    """Whether a file of this name holds rules: ``*.yaml``, but neither ``*.test.yaml`` nor hidden."""
    return name.endswith(".yaml") and not name.endswith(".test.yaml") and not name.startswith(".")


def rule_files(folder: Path) -> list[Path]:
    """Return the rule files of a folder, in the order of their names."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if is_rule_file(path.name) and not path.is_dir())


def read_texts(folder: Path, label: str) -> tuple[dict[str, bytes], list[RuleProblem]]:
    """Return the rule files of a folder by name, and a problem for each that cannot be read."""
    texts: dict[str, bytes] = {}
    problems: list[RuleProblem] = []
    if not folder.is_dir():
        return texts, [unreadable(label, NotADirectoryError(0, "no such folder"))]
    try:
        paths = rule_files(folder)
    except OSError as error:
        return texts, [unreadable(label, error)]
    for path in paths:
        try:
            texts[path.name] = read_regular(path)
        except OSError as error:
            problems.append(unreadable(shown_name(label, path.name), error))
    return texts, problems


def ignored(folder: Path, label: str) -> list[RuleProblem]:
    """Return a warning for each file or folder that looks like rules and is not read."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        if path.suffix == ".yml" and path.is_file():
            found.append((path.name, f"rename it to {path.with_suffix('.yaml').name}"))
        elif path.is_dir() and any(path.rglob("*.y*ml")):
            found.append((path.name, f"move its files up into {label}"))
    message = "this is not read: rules are files in this folder that end in .yaml"
    return [
        problem_at(shown_name(label, name), (1, 1), "ignored-file", message, help_, severity="warning")
        for name, help_ in found
    ]


def shown_name(label: str, name: str) -> str:
    """Return the name of a file in messages."""
    return f"{label}/{name}" if label else name


def unreadable(file: str, error: OSError) -> RuleProblem:
    """Return the problem of a file or folder that cannot be read."""
    reason = error.strerror or type(error).__name__
    reason = reason[:1].lower() + reason[1:]
    message = f"cannot be read: {reason}"
    remedy = "remove it" if isinstance(error, (NotRegular, TooLarge)) else "check its name and permissions"
    return problem_at(file, (1, 1), "unreadable", message, remedy)
