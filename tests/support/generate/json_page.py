"""docs/json.md, written from the models of the JSON documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, JsonValue

from flows.pages.documents import follow_ups, groups, identity, inbox, people, report, rules, status
from flows.pages.documents.balance import BalanceDocument
from flows.pages.documents.brief import BriefDocument
from flows.pages.documents.everything import EverythingDocument
from flows.pages.documents.mails import MailDocument
from flows.pages.documents.referrals import IntroductionsDocument, ReferralsDocument
from flows.pages.documents.waiting import WaitingDocument
from flows.run.outcome.document import RunDocument
from people.facts.declared import GroupFacts, PersonFacts
from rules.engine.language.problems import RuleProblem

DOCUMENTS: Mapping[tuple[str, ...], tuple[Any, ...]] = {
    ("run", "demo"): (RunDocument,),
    ("contacts",): (Sequence[people.Card], Sequence[people.TableColumn]),
    ("people",): (Sequence[people.Person],),
    ("export",): (Sequence[people.Person], EverythingDocument),
    ("follow-ups",): (Sequence[follow_ups.FollowUpDocument],),
    ("done", "snooze", "dismiss"): (follow_ups.FollowUpDocument,),
    ("next", "reopen"): (Sequence[follow_ups.FollowUpDocument],),
    ("inbox",): (Sequence[inbox.InboxDocument],),
    ("forget",): (follow_ups.ForgottenDocument,),
    ("status",): (status.StatusDocument,),
    ("networks",): (Sequence[status.NetworkStatus],),
    ("doctor",): (Sequence[status.CheckDocument],),
    ("automations install",): (Sequence[status.AutomationDocument],),
    ("store copy", "store backup", "store restore"): (dict[str, int],),
    ("explain", "rules explain"): (rules.ExplainedPerson, rules.ExplainedFollowUp, groups.ExplainedGroup),
    ("rules check",): (Sequence[RuleProblem],),
    ("rules test",): (rules.TestsDocument,),
    ("rules diff",): (rules.DiffDocument,),
    ("rules backtest",): (rules.BacktestDocument,),
    ("rules fields",): (Sequence[rules.FieldDocument],),
    ("identity review",): (Sequence[identity.OpenPairDocument],),
    ("identity bulk",): (Sequence[identity.BulkMergeDocument],),
    ("identity history",): (identity.IdentityHistory,),
    ("groups",): (groups.GroupsDocument,),
    ("balance",): (BalanceDocument,),
    ("referrals",): (ReferralsDocument,),
    ("introductions",): (IntroductionsDocument,),
    ("brief",): (BriefDocument,),
    ("waiting",): (WaitingDocument,),
    ("mails",): (Sequence[MailDocument],),
    ("report",): (report.ReportDocument,),
}
"""By commands, the documents that ``--json`` prints."""

_HEAD = """# JSON

Written from the models of the documents (`make generate`); a test keeps it up to date.

The documents of `run`, `contacts`, `people` and `follow-ups` change only with notice. Keys may be added to
any document. Days are `YYYY-MM-DD`, months are `YYYY-MM`, and instants are ISO 8601 in UTC. Money and hours
are rounded to two decimals.
"""
_PLAIN = {
    str: "text",
    int: "number",
    float: "number",
    bool: "true or false",
    date: "day",
    datetime: "instant",
    JsonValue: "any value",
}
_FACTS: Mapping[type[Any], type[Any]] = {
    people.Person: PersonFacts,
    groups.Group: GroupFacts,
    groups.ExplainedGroup: GroupFacts,
    report.GoingCold: PersonFacts,
}
"""Models whose fields are facts, which describe themselves."""


def page() -> str:
    """Return the whole page."""
    written: set[type[Any]] = set()
    parts = [_HEAD]
    for commands, documents in DOCUMENTS.items():
        parts.append(f"## {', '.join(f'`{command} --json`' for command in commands)}\n")
        for document in documents:
            parts.extend(_document(document, written))
    return "\n".join(parts)


def _document(document: Any, written: set[type[Any]]) -> Iterator[str]:
    models = list(_models(document))
    if not models:
        yield "By table of the store, the number of rows.\n"
        return
    if get_origin(document) is not None:
        yield f"A list. Each entry is a {_link(models[0])}.\n"
    elif models[0] in written:
        yield f"The document is a {_link(models[0])}.\n"
    for model in models:
        if model not in written:
            written.add(model)
            yield from _table(model)


def _table(model: type[Any]) -> Iterator[str]:
    yield f"### {_title(model)}\n\n{_summary(model)}\n\n| Field | Type | |\n|---|---|---|"
    for name, annotation in _fields(model).items():
        field = model.model_fields.get(name) if issubclass(model, BaseModel) else None
        fact = _FACTS[model].model_fields.get(name) if model in _FACTS else None
        text = (field.description if field else None) or (fact.description if fact else None) or ""
        shown = (field.serialization_alias if field else None) or name
        yield f"| `{shown}` | {_type(annotation)} | {text} |"
    yield ""


def _fields(model: type[Any]) -> Mapping[str, Any]:
    """Return the type of each field of a model, or of a dataclass of the rule engine."""
    if issubclass(model, BaseModel):
        return {name: field.annotation for name, field in model.model_fields.items()}
    return get_type_hints(model)


def _is_model(annotation: object) -> TypeGuard[type[Any]]:
    return isinstance(annotation, type) and (issubclass(annotation, BaseModel) or is_dataclass(annotation))


def _models(annotation: Any) -> Iterator[type[Any]]:
    """Yield the models in a type, each before those that it contains."""
    if _is_model(annotation):
        yield annotation
        for part in _fields(annotation).values():
            yield from _models(part)
    elif annotation is not JsonValue:
        for part in get_args(annotation):
            yield from _models(part)


def _type(annotation: Any) -> str:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if _is_model(annotation):
        return _link(annotation)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin in (Union, UnionType):
        words = dict.fromkeys(_type(part) for part in parts if part is not NoneType)
        return " or ".join([*words, *(["null"] if NoneType in parts else [])])
    return f"{_CONTAINERS.get(origin, 'list of ')}{_type(parts[1] if origin is dict else parts[0])}"


_CONTAINERS: Mapping[Any, str] = {Annotated: "", dict: "object of "}


def _title(model: type[Any]) -> str:
    words = re.findall("[A-Z][a-z]*", model.__name__.removesuffix("Document") or model.__name__)
    return " ".join(words).capitalize()


def _link(model: type[Any]) -> str:
    title = _title(model)
    return f"[{title.lower()}](#{title.lower().replace(' ', '-')})"


def _summary(model: type[Any]) -> str:
    first, _, _ = (model.__doc__ or "").partition("\n\n")
    return " ".join(first.split()).replace("``", "`")
