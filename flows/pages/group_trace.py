"""Why a group has its verdict, and the lines that each of its figures adds up."""

from __future__ import annotations

from typing import Any

from flows.cli.console import table
from flows.pages import documents
from flows.run.facts.support import Support
from people.errors import UserMustAct
from people.text import for_terminal
from rules.engine.showing.explain import explain_row


def trace(support: Support, group: str) -> dict[str, Any]:
    """The document of ``explain group:ID --json``: the group, its rules, and ``lines`` by figure."""
    document = next((one for one in documents.groups(support)["groups"] if one["id"] == group), None)
    if document is None:
        known = support.groups.frame.get_column("id").to_list()
        raise UserMustAct(
            f"there is no group '{group}'",
            help=f"groups: {', '.join(known)}" if known else "declare one under groups: in a rule file",
        )
    index = support.groups.frame.get_column("id").to_list().index(group)
    row = support.groups.frame.row(index, named=True)
    told = explain_row(support.groups.ruleset, "group", row, support.today, braked=support.groups.braked)
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in documents.group_lines(support, group):
        lines.setdefault(line.pop("figure"), []).append(line)
    return {**document, "rules": told.as_json(), "text": told.render(), "lines": lines}


def shown(document: dict[str, Any]) -> str:
    """The document for a person."""
    parts = [document["text"]]
    for figure, lines in document["lines"].items():
        total = documents.number(sum(line["value"] for line in lines))
        parts.append(f"\n{for_terminal(figure.replace('_', ' '))}: {total}")
        rows = [
            (line["day"] or "", f"{line['value']:g}", line["what"] or "", line["record"]) for line in lines
        ]
        parts.append(table(("day", "counts", "what", "where"), rows))
    parts.append(
        "\nbalance is given minus received; cost per new target is money divided by new target members"
    )
    return "\n".join(parts)
