"""docs/code-map.md, written from the docstrings of all modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

PACKAGES = ("connectors", "people", "rules", "flows")
HEAD = """# Code map

One line per module. `make generate` writes this page from the docstrings, and a test holds it to the tree.
[architecture.md](architecture.md) explains how the parts work together.
"""


def page() -> str:
    """The whole page: one heading per folder, one line per module."""
    lines = [HEAD]
    for package in PACKAGES:
        for folder in sorted({path.parent for path in (ROOT / package).rglob("*.py")}):
            lines += section(folder)
    return "\n".join(lines)


def section(folder: Path) -> Iterator[str]:
    """The heading of a folder, what it is for, and its modules."""
    modules = [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]
    purpose = first_line(folder / "__init__.py")
    if modules or purpose:
        yield f"## `{folder.relative_to(ROOT)}/`\n"
        yield f"{purpose}\n"
    for path in modules:
        yield f"- `{path.name}`: {first_line(path)}"
    if modules:
        yield ""


def first_line(module: Path) -> str:
    """The first line of a module's docstring, with code spans as Markdown writes them."""
    docstring = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    return docstring.partition("\n")[0].replace("``", "`")
