"""What ``touchbase rules fields`` shows: every fact that rules may test."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from people.facts.declared import SUBJECTS, Subject
from rules.engine.language.vocabulary import FactField, fields_of


def fields(subjects: Iterable[Subject] = tuple(SUBJECTS)) -> list[dict[str, Any]]:
    """Return each field as JSON-ready values: subject, field, type, tests, meaning, example, phase."""
    return [
        {
            "subject": subject,
            "field": field.name,
            "type": field.kind,
            "tests": list(field.tests),
            "meaning": field.description,
            "example": field.example,
            "decided_in": field.written_in,
        }
        for subject in subjects
        for field in fields_of(subject).values()
    ]


def render(subjects: Iterable[Subject] = tuple(SUBJECTS)) -> str:
    """Return the fields as text for a terminal."""
    lines: list[str] = []
    for subject in subjects:
        known = fields_of(subject).values()
        width = max(len(field.name) for field in known)
        lines += ["", f"{subject}:"]
        for field in known:
            phase = f" Decided in the phase {field.written_in}." if field.written_in else ""
            phase += f" One of: {', '.join(field.choices)}." if field.choices else ""
            lines.append(f"  {field.name:<{width}}  {field.description}{phase}")
            lines.append(f"  {'':<{width}}  tests: {', '.join(field.tests)}; for example {_example(field)}")
    return "\n".join(lines[1:])


def _example(field: FactField) -> str:
    return ", ".join(field.example) if isinstance(field.example, list) else str(field.example)
