"""The house rules that no linter knows: sizes, late imports, and the words people read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

ROOMS = ("connectors", "people", "rules", "flows")
MOST_LINES = 300
MOST_FILES = 15
MOST_LATE_IMPORTS = 30

STILTED = re.compile(
    r"\b(anew|whom|whose word|mend|mends|mended|mending|of which|tells of|told of|so many)\b"
    r"|(?<!there )(?<!There )\b(?:is|are|was|were) no (?!longer\b|more\b|one\b)\w",
)
"""Words of the house rule in CONTRIBUTING.md that make a reader go back to the start of a sentence."""


def modules(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in modules(*ROOMS)}
    assert {str(path.relative_to(ROOT)): size for path, size in sizes.items() if size > MOST_LINES} == {}


def test_no_folder_is_a_crowd() -> None:
    counts: dict[str, int] = {}
    for path in modules(*ROOMS):
        if path.name != "__init__.py" and path.parent.name != "commands":
            counts[str(path.parent.relative_to(ROOT))] = counts.get(str(path.parent.relative_to(ROOT)), 0) + 1
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}


def late_imports(room: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules(room)
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def test_modules_import_at_their_top() -> None:
    late = [place for room in ROOMS for place in late_imports(room)]
    assert len(late) <= MOST_LATE_IMPORTS, "\n".join(late)


def stilted(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for found in STILTED.finditer(node.value):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: {found.group()}"
    for number, line in enumerate(text.splitlines(), 1):
        prose = line.partition("# ")[2] if path.suffix == ".py" else line
        for found in STILTED.finditer(prose):
            yield f"{path.relative_to(ROOT)}:{number}: {found.group()}"


@pytest.mark.parametrize("room", [*ROOMS, "docs"])
def test_nobody_has_to_read_a_sentence_twice(room: str) -> None:
    kinds = (".py", ".md", ".yaml", ".toml", ".j2")
    files = [path for path in (ROOT / room).rglob("*") if path.suffix in kinds]
    if room == "docs":
        files += [*ROOT.glob("*.md"), ROOT / "prefect.yaml"]
    assert [place for path in files for place in stilted(path)] == []
