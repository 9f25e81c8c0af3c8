"""Write what is generated from the models: ``python -m rules.engine.showing.generate``, at the root."""

from __future__ import annotations

from pathlib import Path

from rules.engine.showing import schema
from rules.engine.showing.reference_page import reference_page

GENERATED = {
    "rules/rules.schema.json": lambda: schema.as_text(schema.schema()),
    "rules/rules.test.schema.json": lambda: schema.as_text(schema.test_schema()),
    "docs/rules/reference.md": reference_page,
}
"""Each generated file, relative to the repository's root, and what its text is."""


def main() -> None:
    """Bring every generated file up to date."""
    for name, text in GENERATED.items():
        Path(name).write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
