"""The files of a rules folder: which of them hold rules, and their names in messages."""

from __future__ import annotations

from pathlib import Path

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
            texts[path.name] = path.read_bytes()
        except OSError as error:
            problems.append(unreadable(shown_name(label, path.name), error))
    return texts, problems


def shown_name(label: str, name: str) -> str:
    """Return the name of a file in messages."""
    return f"{label}/{name}" if label else name


def unreadable(file: str, error: OSError) -> RuleProblem:
    """Return the problem of a file or folder that cannot be read."""
    reason = (error.strerror or type(error).__name__).lower()
    message = f"cannot be read: {reason}"
    return problem_at(file, (1, 1), "unreadable", message, "check its name and permissions")
