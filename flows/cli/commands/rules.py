"""``touchbase rules``: the table of its commands, and those that need no people."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from flows.cli.console import json_option, network_options, note, plural, show
from flows.cli.lazy import LazyGroup, Row
from flows.cli.long_text import folded
from flows.pages.documents import rules as documents
from flows.settings.loading import load
from people.errors import TouchbaseError
from people.facts.declared import Subject
from rules.engine.checking import ruletests
from rules.engine.checking.source_lines import SourceLines, annotation
from rules.engine.language.problems import in_order
from rules.engine.showing import fields as declared
from rules.engine.showing import schema as schemas

COMMANDS = {
    "backtest": Row("rules_effect", "Replay the stored history with these rules, week by week."),
    "check": Row("rules", "Show every mistake in the rule files."),
    "diff": Row("rules_effect", "Show who an edit affects; exits 1 when it affects anyone."),
    "explain": Row("rules_effect", "Show every rule for WHO: matched or stopped, by which line."),
    "fields": Row("rules", "List every field that rules may test."),
    "schema": Row("rules", "Print the JSON Schema that lets editors complete rule files."),
    "test": Row("rules", "Run the *.test.yaml files beside the rules."),
    "upgrade": Row("rules_upgrade", "Bring rule files to version 2, after showing the effect."),
}


@click.group(cls=LazyGroup, rows=COMMANDS, epilog="Example: touchbase rules check && touchbase rules diff")
def rules() -> None:
    """Check and test your rules, and preview the effect of a change."""


@click.command(epilog="Example: touchbase rules check --json")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "github"]),
    default="text",
    help="github: annotations for the lines of a pull request.",
)
@click.option("--no-store", is_flag=True, help="Look at the files alone, not at the people in the store.")
@network_options
def check(config: Path, format_: str, *, no_store: bool, as_json: bool) -> int:
    """Show every mistake and doubt in the rule files, with its place and how to fix it.

    If a run has filled the store, rules are also held against the people in it: it names rules that always
    lose to an earlier one, and values that nobody has.
    """
    checked = _checked(config)
    problems, rules = checked.problems, checked.ruleset
    if not no_store and (settings := load(config)).has_store():
        # Needs polars, and the files alone are checked in a tenth of the time.
        from flows.cli.rule_effects import doubts  # noqa: PLC0415

        try:
            problems = in_order([*problems, *doubts(settings, rules)])
        except TouchbaseError as error:
            note(f"Not held against the people in the store: {error.message}. Without them: --no-store")
    if format_ == "github":
        click.echo("\n".join(map(annotation, problems)))
        return 1 if any(problem.severity == "error" for problem in problems) else 0
    lines = _source_lines(config)
    errors = sum(problem.severity == "error" for problem in problems)
    counts = f"{plural(errors, 'error')}, {plural(len(problems) - errors, 'warning')}"
    total = f"{plural(len(rules.rules), 'rule')} in {plural(len(rules.files), 'file')}: {counts}"
    show(problems, lambda: folded("\n".join([*map(lines.framed, problems), total])), as_json=as_json)
    return 1 if errors else 0


@click.command(epilog="Example: touchbase rules test")
@network_options
def test(config: Path, *, as_json: bool) -> int:
    """Run the *.test.yaml files beside the rules. Exits 1 when a test fails."""
    checked = _checked(config)
    show(documents.tests(checked.tests), lambda: folded(checked.tests.render()), as_json=as_json)
    return 0 if checked.ok else 1


def _source_lines(config: Path) -> SourceLines:
    settings = load(config)
    return SourceLines(settings.resolve(settings.rules.path), str(settings.rules.path))


def _checked(config: Path) -> ruletests.Checked:
    settings = load(config)
    return ruletests.check(settings.resolve(settings.rules.path), label=str(settings.rules.path))


@click.command(epilog="Example: touchbase rules schema > rules/rules.schema.json")
@click.option("--tests", is_flag=True, help="The schema of *.test.yaml files.")
def schema(*, tests: bool) -> int:
    """Print the JSON Schema that lets editors complete rule files."""
    click.echo(schemas.as_text(schemas.test_schema() if tests else schemas.schema()), nl=False)
    return 0


@click.command(epilog="Example: touchbase rules fields person")
@click.argument("subject", required=False)
@json_option
def fields(subject: str | None, *, as_json: bool) -> int:
    """List every field that rules may test, with its meaning, tests and an example."""
    known = get_args(Subject)
    if subject and subject not in known:
        raise click.UsageError(f"There is no subject '{subject}'. Subjects: {', '.join(known)}.")
    wanted = [name for name in known if subject in (None, name)]
    return show(
        [documents.FieldDocument.model_validate(field) for field in declared.fields(wanted)],
        lambda: folded(declared.render(wanted)),
        as_json=as_json,
    )
