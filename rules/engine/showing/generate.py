"""Write the files that are generated from the models: ``python -m rules.engine.showing.generate``."""

from __future__ import annotations

from pathlib import Path

from rules.engine.showing import schema
from rules.engine.showing.reference_page import reference_page

GENERATED = {
    "rules/rules.schema.json": lambda: schema.as_text(schema.schema()),
    "rules/rules.test.schema.json": lambda: schema.as_text(schema.test_schema()),
    "docs/rules/reference.md": reference_page,
}
"""The text of each generated file, by its path from the root of the repository."""


def main() -> None:
    """Write every generated file. Run it at the root of the repository."""
    for name, text in GENERATED.items():
        Path(name).write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
