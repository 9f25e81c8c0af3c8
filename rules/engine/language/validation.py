"""Turn pydantic's errors into problems of the language, each at its place in the file."""

from __future__ import annotations

import re
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from people.facts.declared import SUBJECTS, Subject
from people.text import did_you_mean
from rules.engine.language.decisions import decisions_of, phases_of
from rules.engine.language.hints import words as hints
from rules.engine.language.model import key_of
from rules.engine.language.nodes import Node
from rules.engine.language.problems import Code, RuleProblem, problem_at
from rules.engine.language.vocabulary import KIND_NAMES, TESTS, FactField, fields_of, split_key

Loc = tuple[int | str, ...]
_QUOTED = re.compile(r"(?:did you mean|write) '([^']+)'")


def problems_of(
    file: str, node: Node, error: ValidationError, model: type[BaseModel], subject: Subject | None
) -> list[RuleProblem]:
    """Return one problem per pydantic error about the block at ``node``.

    A key that is missing because it is misspelt is one mistake, not two.
    """
    errors = error.errors(include_url=False)
    problems = [_problem(file, node, one, model, subject) for one in errors]
    meant = {
        (*one["loc"][:-1], word)
        for one, problem in zip(errors, problems, strict=True)
        if one["type"] == "extra_forbidden"
        for word in _QUOTED.findall(problem.help)
    }
    pairs = zip(errors, problems, strict=True)
    return [problem for one, problem in pairs if one["type"] != "missing" or one["loc"] not in meant]


def _problem(
    file: str, node: Node, error: ErrorDetails, model: type[BaseModel], subject: Subject | None
) -> RuleProblem:
    loc: Loc = error["loc"]
    kind = error["type"]
    context: dict[str, Any] = error.get("ctx", {})
    at = (*loc, context["key"]) if context.get("key") else loc
    place = place_of(node, at, of_key=kind in ("extra_forbidden", "unknown-key"))
    if kind == "extra_forbidden":
        return problem_at(file, place, *_unknown_key(loc, model, subject))
    if kind == "missing":
        return problem_at(file, place, "missing-key", f"the key '{loc[-1]}' is missing", f"add '{loc[-1]}:'")
    if "help" in context:
        message = _named(loc, subject, str(context["message"]))
        help_ = _compared_help(loc, error.get("input"), subject) or str(context["help"])
        return problem_at(file, place, cast("Code", kind), message, help_)
    return problem_at(file, place, "wrong-shape", _shape(loc))


def place_of(node: Node, loc: Loc, *, of_key: bool = False) -> tuple[int, int]:
    """Return line and column of the value (or key) that ``loc`` names, or of its nearest parent.

    Steps that the file does not have are skipped, such as the 0 of a single value read as a list.
    """
    place = node.place
    for step in loc:
        if node.is_map and step in node.value:
            key, node = node.value[step]
            place = key.place if of_key or node.value == "" else node.place
        elif node.is_list and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            place = node.place
    return place


def _named(loc: Loc, subject: Subject | None, message: str) -> str:
    """Put the field in front of the message, if the bad value is that of a test."""
    if subject is None or len(loc) < 3 or loc[0] not in ("when", "unless", "members", "meetings"):
        return message
    return f"'{loc[2]}': {message}"


def _compared_help(loc: Loc, value: object, subject: Subject | None) -> str:
    """Say how to write a comparison, if the value of a test is one."""
    if subject is None or len(loc) < 3 or loc[0] not in ("when", "unless") or not isinstance(value, str):
        return ""
    found, name = hints.compared(value), split_key(str(loc[2]))[0]
    field = fields_of(subject).get(name)
    if found is None or field is None or found.test not in field.tests or not found.value:
        return ""
    return f"write {key_of(field, found.test)}: {found.value}"


def _shape(loc: Loc) -> str:
    key = next((step for step in reversed(loc) if isinstance(step, str)), None)
    return f"'{key}' must be a block of keys" if key else "expected a block of keys"


def _unknown_key(loc: Loc, model: type[BaseModel], subject: Subject | None) -> tuple[Code, str, str]:
    key = str(loc[-1])
    if loc[0] in ("when", "unless") and subject is not None:
        return bad_test_key(subject, key)
    if loc[0] in ("members", "meetings"):
        return bad_test_key("person" if loc[0] == "members" else "meeting", key)
    known = _keys_at(model, loc)
    if len(loc) == 1 and hints.RULE_KEYS.get(key) in known:
        return "unknown-key", f"unknown key '{key}'", f"write '{hints.RULE_KEYS[key]}' instead"
    listed = f"keys here: {', '.join(known)}"
    help_ = did_you_mean(key, known, otherwise=listed)
    if loc[0] == "then" and len(loc) == 2 and subject is not None:
        owners = ", ".join(owner for owner in SUBJECTS if key in decisions_of(owner))
        whose = f"'{key}' is for: {owners}" if owners else help_
        return "unknown-key", f"a rule for {subject} cannot decide '{key}'", whose
    return "unknown-key", f"unknown key '{key}'", help_


def _keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    current: Any = model
    for step in loc[:-1]:
        if isinstance(step, int):
            continue
        info = next(field for name, field in current.model_fields.items() if step in (name, field.alias))
        current = info.annotation
        current = next((part for part in getattr(current, "__args__", ()) if part is not type(None)), current)
    return [field.alias or name for name, field in current.model_fields.items()]


def bad_test_key(subject: Subject, key: str) -> tuple[Code, str, str]:
    """Return code, message and help for a key of ``when`` with an unknown field or test."""
    name, test = split_key(key)
    fields = fields_of(subject)
    field = fields.get(name)
    return _unknown_field(subject, key, name) if field is None else _unknown_test(field, key, test)


def _unknown_field(subject: Subject, key: str, name: str) -> tuple[Code, str, str]:
    fields = fields_of(subject)
    if key in hints.BLOCK_KEYS:
        return "unknown-field", f"'{key}' does not join tests", hints.BLOCK_KEYS[key]
    if (signed := hints.signed_key(key)) and signed[0] in fields:
        meant = key_of(fields[signed[0]], signed[1])
        return "bad-test", f"tests have names, not signs: '{key}'", f"write '{meant}:'"
    help_ = did_you_mean(name, fields, otherwise=f"see 'touchbase rules fields' for what {subject} has")
    return "unknown-field", f"{subject} has no field '{name}'", help_


def _unknown_test(field: FactField, key: str, test: str) -> tuple[Code, str, str]:
    name, tests = field.name, f"tests for {field.name}: {', '.join(field.tests)}"
    if "|" in key and test == "is":
        return "bad-test", f"the test 'is' has no name of its own: '{key}'", f"write '{name}:'"
    if test in {known for kind in TESTS.values() for known in kind}:
        return "bad-test", f"'{name}' is {KIND_NAMES[field.kind]}; it has no test '{test}'", tests
    if test in hints.NEGATIONS:
        return "bad-test", f"there is no test '{test}'", f"write '{name}:' under 'unless:', beside 'when:'"
    if test in hints.PATTERNS:
        return "bad-test", "there are no regular expressions", tests
    word = hints.OPERATORS.get(test) or hints.TEST_WORDS.get(test)
    if word in field.tests:
        return "bad-test", f"unknown test '{test}'", f"write '{key_of(field, str(word))}:'"
    near = did_you_mean(key, (key_of(field, known) for known in field.tests), otherwise=tests)
    return "bad-test", f"unknown test '{test}'", near


def reads_later(rule_phase: str, subject: Subject, field: FactField) -> tuple[Code, str, str] | None:
    """Return code, message and help if a rule of this phase reads what is decided later, else None."""
    phases: tuple[str, ...] = phases_of(subject)
    if field.written_in not in phases or phases.index(field.written_in) < phases.index(rule_phase):
        return None
    same = field.written_in == rule_phase
    when = "in which this rule decides too" if same else f"which comes after this rule's ({rule_phase})"
    message = f"'{field.name}' cannot be tested here: it is decided in the phase {field.written_in}, {when}"
    order = " -> ".join(phases)
    return "reads-later-phase", message, f"the phases are {order}; test a fact from an earlier phase"
