"""The house rules that no linter knows: sizes, late imports, the words people read, and what is generated.

Each failure lists the places that break the rule, as ``file:line: what is there``; CONTRIBUTING.md says why.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.support.generate import code_map
from tests.support.paths import ROOT

PACKAGES = code_map.PACKAGES
MOST_LINES = 300
MOST_FILES = 15
MOST_LATE_IMPORTS = 36
"""In the whole product. Prefect, Google's client, matplotlib and the commands are loaded late on purpose.

So is what most commands never use (imaplib, phonenumbers, filelock): a command that only looks starts sooner.
"""

STILTED = re.compile(
    r"\b(anew|whom|whose word|mend|mends|mended|mending|of\s+which|tells\s+of|told\s+of|so\s+many)\b"
    r"|(?<!there )(?<!There )\b(?:is|are|was|were)\s+no\s+(?!longer\b|more\b|one\b)\w",
)
"""Words that send a reader back to the start of the sentence, by the voice rule of CONTRIBUTING.md."""

DOCUMENTS = (".py", ".md", ".yaml", ".toml", ".j2")


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def modules(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module; parsed once for all tests here."""
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def report(rule: str, places: list[str]) -> None:
    """Fail with the rule and every place that breaks it."""
    if places:
        pytest.fail(f"{rule}:\n" + "\n".join(places), pytrace=False)


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in modules(*PACKAGES)}
    report(
        f"a module has at most {MOST_LINES} lines",
        [place(path, size) for path, size in sizes.items() if size > MOST_LINES],
    )


def test_no_folder_is_a_crowd() -> None:
    # commands/ holds one file per command, however many commands there are.
    counts = Counter(
        str(path.parent.relative_to(ROOT))
        for path in modules(*PACKAGES)
        if path.name != "__init__.py" and path.parent.name != "commands"
    )
    report(
        f"a folder has at most {MOST_FILES} modules",
        [f"{folder}: {count}" for folder, count in counts.items() if count > MOST_FILES],
    )


def late_imports(path: Path) -> Iterator[str]:
    lines = {
        node.lineno
        for function in nodes(path)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    yield from (place(path, line) for line in sorted(lines))


def test_modules_import_at_their_top() -> None:
    late = [at for path in modules(*PACKAGES) for at in late_imports(path)]
    rule = f"the product has at most {MOST_LATE_IMPORTS} imports inside functions, and now {len(late)}"
    report(rule, late if len(late) > MOST_LATE_IMPORTS else [])


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """What people read in a file, with its line: comments and strings of a module, else the whole file."""
    content = path.read_text("utf-8")
    if path.suffix != ".py":
        yield 1, content
        return
    yield from ((number, line.partition("# ")[2]) for number, line in enumerate(content.splitlines(), 1))
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def stilted(path: Path) -> list[str]:
    return sorted(
        {
            f"{place(path, first + text.count(chr(10), 0, words.start()))}: {' '.join(words.group().split())}"
            for first, text in texts(path)
            for words in STILTED.finditer(text)
        }
    )


@pytest.mark.parametrize("part", [*PACKAGES, "docs"])
def test_nobody_has_to_read_a_sentence_twice(part: str) -> None:
    files = [path for path in (ROOT / part).rglob("*") if path.suffix in DOCUMENTS]
    if part == "docs":
        files += [*ROOT.glob("*.md"), ROOT / "prefect.yaml"]
    report(
        "words that the voice rule of CONTRIBUTING.md avoids", [at for path in files for at in stilted(path)]
    )


def test_flows_holds_one_file_per_deployment_and_nothing_else() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    entrypoints = {one["entrypoint"].partition(":")[0] for one in deployments}
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "flows").glob("*.py")} - {"flows/__init__.py"}
    report("a file in flows/ is the entry point of a deployment in prefect.yaml", sorted(files - entrypoints))
    report("an entry point in prefect.yaml is a file in flows/", sorted(entrypoints - files))


def test_every_module_says_in_its_first_line_what_it_holds() -> None:
    report(
        "a module has a docstring whose first line ends a sentence",
        [
            place(path, 1)
            for path in modules(*PACKAGES)
            if not re.search(r"[.!?:)`]$", code_map.first_line(path))
        ],
    )


def test_the_code_map_is_true() -> None:
    assert (ROOT / "docs" / "code-map.md").read_text("utf-8") == code_map.page(), "run: make generate"
