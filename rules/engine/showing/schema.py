"""JSON Schema (draft-07) of rule files and of test files, generated from the pydantic models.

Editors complete fields from it and show their documentation. ``rules/rules.schema.json`` and
``rules/rules.test.schema.json`` are committed; a test keeps them up to date.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, TypeAdapter

from people.facts.declared import SUBJECTS, Subject
from rules.engine.checking.testmodel import case_model
from rules.engine.language.model import Segment, Synonym, group_model, rule_model, weights_model
from rules.engine.language.vocabulary import fields_of

DRAFT = "http://json-schema.org/draft-07/schema#"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a rule file."""
    definitions: dict[str, Any] = {}
    groups, segments, weights, synonyms = (
        _ref(model, definitions) for model in (group_model(), Segment, weights_model(), Synonym)
    )
    return {
        "$schema": DRAFT,
        "title": "Touchbase rules",
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "properties": {
            "version": {"enum": [1, 2], "description": "The version of the rule language."},
            "starter": {
                "type": "boolean",
                "description": "true: these rules come after those of all other files (version 2).",
            },
            "without": {
                "description": "Rules of any file that are switched off, by id.",
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            },
            "groups": {"type": "array", "description": "The groups you belong to.", "items": groups},
            "segments": {"type": "array", "description": "Your target segments.", "items": segments},
            "weights": {**weights, "description": "The weight of each kind of journal line, for balances."},
            "synonyms": {
                "type": "array",
                "description": "Words that mean the same in needs and offers.",
                "items": synonyms,
            },
            "rules": {
                "type": "array",
                "description": "The rules. If a value can be set only once, the first rule wins.",
                "items": _by_subject({one: _ref(rule_model(one), definitions) for one in SUBJECTS}),
            },
        },
        "definitions": dict(sorted(definitions.items())),
    }


def test_schema() -> dict[str, Any]:
    """Return the JSON Schema of a test file."""
    definitions: dict[str, Any] = {}
    cases = {one: _ref(case_model(one), definitions) for one in SUBJECTS}
    return {
        "$schema": DRAFT,
        "title": "Touchbase rule tests",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "tests"],
        "properties": {
            "version": {"enum": [1, 2], "description": "The version of the rule language."},
            "follow_ups_of": {
                "enum": ["file", "all"],
                "description": "Which follow-ups count: those of the rule file beside this one, or all.",
            },
            "today": {"type": "string", "description": "The day of all tests of this file (YYYY-MM-DD)."},
            "tests": {"type": "array", "items": _by_subject(cases, default="person")},
        },
        "definitions": dict(sorted(definitions.items())),
    }


def as_text(document: dict[str, Any]) -> str:
    """Return a schema as it is committed."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _by_subject(refs: dict[Subject, dict[str, Any]], default: Subject | None = None) -> dict[str, Any]:
    """Choose the schema of an item by its ``for``, so that the editor completes the keys of the subject."""
    branches = [
        {
            "if": {
                "properties": {"for": {"const": subject}},
                **({} if subject == default else {"required": ["for"]}),
            },
            "then": ref,
        }
        for subject, ref in refs.items()
    ]
    first = {"id": {"type": "string"}} if default is None else {"name": {"type": "string"}}
    choice = {"enum": list(refs), "description": "What it is about."}
    return {"type": "object", "properties": {**first, "for": choice}, "allOf": branches}


def _ref(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    document = TypeAdapter(model).json_schema(by_alias=True, ref_template="#/definitions/{model}")
    for name, definition in document.pop("$defs", {}).items():
        definitions[name] = _tidied(definition, name)
    definitions[model.__name__] = _tidied(document, model.__name__)
    return {"$ref": f"#/definitions/{model.__name__}"}


def _tidied(definition: dict[str, Any], name: str) -> dict[str, Any]:
    """Remove what does not help an editor (generated titles, empty defaults), and add examples."""
    examples = _examples(name)
    for key, field in definition.get("properties", {}).items():
        field.pop("title", None)
        if field.get("default", "") in (None, "", [], ()):
            field.pop("default", None)
        if key in examples:
            field.setdefault("examples", examples[key])
    definition.pop("title", None)
    return definition


def _examples(name: str) -> dict[str, list[Any]]:
    """Return examples for the keys of a block of tests or of given facts."""
    subject = next((one for one in SUBJECTS if name in (f"{one.title()}Tests", f"{one.title()}Given")), None)
    if subject is None:
        return {}
    return {
        field.name: field.example if isinstance(field.example, list) else [field.example]
        for field in fields_of(subject).values()
    }
