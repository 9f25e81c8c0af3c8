"""What is generated from the code: schemas, reference pages and the code map. ``make generate`` writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rules.engine.showing import schema
from tests.support.generate import code_map, commands_page, json_page, rules_page

GENERATED: Mapping[str, Callable[[], str]] = {
    "rules/rules.schema.json": lambda: schema.as_text(schema.schema()),
    "rules/rules.test.schema.json": lambda: schema.as_text(schema.test_schema()),
    "docs/rules/reference.md": rules_page.page,
    "docs/commands.md": commands_page.page,
    "docs/json.md": json_page.page,
    "docs/identity.md": commands_page.identity_page,
    "docs/code-map.md": code_map.page,
}
"""The text of each generated file, by its path from the root of the repository."""
