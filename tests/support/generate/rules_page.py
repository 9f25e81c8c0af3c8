"""The reference of the rule language as a Markdown page, generated from the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import cleandoc
from typing import Any

from pydantic import BaseModel

from people.facts.declared import SUBJECTS, Subject
from rules.engine.language.decisions import DECISIONS, phases_of, wins_alone
from rules.engine.language.model import Segment, Synonym, group_model, rule_model, weights_model
from rules.engine.language.templates import FALLBACKS, NEXT_BEST
from rules.engine.language.then import follow_up_model, then_model
from rules.engine.language.values import DAYS_IN
from rules.engine.language.vocabulary import (
    KIND_NAMES,
    PERIODS,
    TEST_MEANINGS,
    TESTS,
    FactField,
    fields_of,
)

INTRODUCTION = """\
# Rule language reference

<!-- Generated: make generate -->

This page is generated from the code that reads rules, so it is always up to date. If you are new to rules,
start with the [tutorial](tutorial.md). For the meaning of each error, see [errors.md](errors.md).

## A rule file

Touchbase reads every `*.yaml` in the rules folder, in the order of their names; `*.test.yaml` are tests.
Files that say `starter: true` come after all others, so that your own rules decide first.

```yaml
# yaml-language-server: $schema=rules.schema.json
version: 2
rules:
  - id: local-owners                  # unique across all files
    for: person
    why: Our target market is owner-run firms nearby.
    when:                             # a block: all tests must hold
      title|contains: [founder, owner]   # a list of values: any one of them
      city: [Bristol, Bath]
    unless: {labels: do-not-contact}
    then: {tier: key, tag: target}
```

`when` and `unless` take a block of tests, or a list of blocks; one matching block of the list is enough. A
rule without `when` is for everyone. `without: [never-spoken]` at the top of a file switches rules
off. While a file has a mistake, its last sound version counts.

## What a test means

- A missing value fails every test, so an exception that tests a missing value does not block. Blank text
  and empty lists are missing. To test for presence, use `exists`.
- Case, accents, width and repeated spaces do not matter when text is compared: `Zürich` is `ZURICH`.
- A test of a list holds if any element passes. `every_endswith`, `count_gte` and `count_lte` differ.
- Numbers are compared to six decimal places.
- Only `true`, `false`, `null`, whole numbers and decimals are not text. Everything else is, so `No` is a word
  and `1:1` is not 61. Everything in quotes is text.
"""


def page() -> str:
    """Return the page's text."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield from _tests()
    yield from _lengths()
    yield from _phases()
    yield from _keys()
    yield from _templates()
    for subject in SUBJECTS:
        yield from _fields(subject)


def _tests() -> Iterator[str]:
    yield from _table(("Test", "Holds when", "For"), (
        (f"`field|{test}`" if test != "is" else "`field`", meaning, _kinds_with(test))
        for test, meaning in TEST_MEANINGS.items()
    ))  # fmt: skip


def _kinds_with(test: str) -> str:
    return ", ".join(dict.fromkeys(KIND_NAMES[kind] for kind, tests in TESTS.items() if test in tests))


def _lengths() -> Iterator[str]:
    yield "## Lengths of time\n"
    parts = [f"`1{unit}` is {days} day{'s' if days > 1 else ''}" for unit, days in DAYS_IN.items()]
    yield f"A length is a whole number with a unit: {', '.join(parts)}. Facts in days take `90` and `90d`.\n"


def _phases() -> Iterator[str]:
    yield "## Order\n"
    order = " → ".join(phases_of("person"))
    yield (
        f"Rules about people run in fixed phases: {order}. The phase of a rule is the first one that its "
        "`then` writes in. A rule may test only what earlier phases decide: a rule that sets a cadence may "
        "test the tier, but a rule that sets a tier may not test the cadence. Noise, meetings and "
        "mails are judged before people, groups and referrals after them.\n"
    )
    single = ", ".join(dict.fromkeys(decision.key for decision in DECISIONS if wins_alone(decision)))
    yield (
        f"The tags and segments of all rules add up. If a value can be set only once ({single}), the first "
        "rule wins. Your own files are read first, then those with `starter: true`, each in the order of "
        "their names, and rules from top to bottom. `touchbase rules explain` names the rules that lost.\n"
    )
    yield (
        "Follow-ups add up as well. With `instead_of: [birthday]`, the rule *birthday* does not match "
        "whoever this rule matches; for all others it stays as it is.\n"
    )


def _keys() -> Iterator[str]:
    yield "## Keys of a rule\n"
    yield from _model_table(rule_model("person"))
    for subject in SUBJECTS:
        yield f"### then, for: {subject}\n"
        yield from _model_table(then_model(subject))
    yield "### follow_up\n"
    yield from _model_table(follow_up_model("person"))
    yield (
        "`due: {on: next_birthday}` makes it due on the very day that a date field names, also on a weekend. "
        "When that day is missing or over, nothing is asked for. `within: 2d` says how long it is useful: "
        "what would lapse is created first.\n"
    )
    yield (
        "`at_most: {week: 3}` beside `then` is a ration. The three most valuable follow-ups of the rule come "
        "per calendar week, or per `day` or `month`. The others wait for the next one. A deleted task makes "
        "no room for another one.\n"
    )
    yield f"`occasion` is a field, or one of {', '.join(f'`{period}`' for period in PERIODS)}.\n"
    extra = follow_up_model("referral").model_fields["ask"].description
    yield f"For a referral there is also `ask` (`person` or `other`): {extra}\n"
    yield "### groups\n"
    yield from _model_table(group_model())
    yield "### segments\n"
    yield from _model_table(Segment)
    yield "### weights\n"
    yield "The weight of one journal line of each kind in the ledger of giving and getting.\n"
    yield from _model_table(weights_model())
    yield "### synonyms\n"
    yield "Words that mean the same in what people need and offer. Introductions are found with them.\n"
    yield from _model_table(Synonym)


def _templates() -> Iterator[str]:
    yield "## Titles and notes\n"
    yield (
        "`{field}` is replaced by the value. `{field|fallback}` says what to write if the value is missing. "
        "A day is written as `11 Aug`, with its year if that is another one. There are no formats and no "
        "code. For literal braces, write `{{` and `}}`. Without a fallback of your own, a missing "
        "value becomes:\n"
    )
    by_kind = {KIND_NAMES[kind]: text for kind, text in FALLBACKS.items()}
    yield from _table(("Missing", "Written instead"), ((kind, text) for kind, text in by_kind.items()))
    for name, others in NEXT_BEST.items():
        tried = ", ".join(f"`{other}`" for other in others)
        yield f"- `{{{name}}}` tries {tried}, then writes *this person*."
    yield ""


def _fields(subject: Subject) -> Iterator[str]:
    yield f"## Fields of {subject}\n"
    yield f"{cleandoc(SUBJECTS[subject].__doc__ or '')}\n"
    yield from _table(
        ("Field", "Holds", "Meaning", "Example", "Decided in"),
        (_field_row(field) for field in fields_of(subject).values()),
    )


def _field_row(field: FactField) -> tuple[str, ...]:
    kind = "days" if field.kind == "days" else KIND_NAMES[field.kind]
    example = ", ".join(map(str, field.example)) if isinstance(field.example, list) else str(field.example)
    choices = f" One of: {', '.join(field.choices)}." if field.choices else ""
    return f"`{field.name}`", kind, field.description + choices, f"`{example}`", field.written_in or ""


def _model_table(model: type[BaseModel]) -> Iterator[str]:
    rows = []
    for name, info in model.model_fields.items():
        example = f"`{_yaml(info.examples[0])}`" if info.examples else ""
        must = " **Needed.**" if info.is_required() else ""
        rows.append((f"`{info.alias or name}`", f"{info.description}{must}", example))
    yield from _table(("Key", "Meaning", "Example"), rows)


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
