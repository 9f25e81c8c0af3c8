"""``touchbase rules``: check, test, explain, diff, backtest; what rules may say."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from flows.cli.console import DAY, config_option, json_option, note, plural, print_json, today_option
from flows.run.context import clock, network

if TYPE_CHECKING:
    import polars as pl

    from flows.settings.model import Settings
    from people.store import Store
    from rules.engine import RuleSet
    from rules.engine.judging.judge import Judgement


@click.group(epilog="Example: touchbase rules check && touchbase rules diff")
def rules() -> None:
    """Check and test your rules, and see what a change would do before it does it."""


@rules.command(epilog="Example: touchbase rules check --json")
@config_option
@json_option
def check(config: Path, *, as_json: bool) -> int:
    """Show every mistake and doubt in the rule files, with place and remedy."""
    from rules.engine.checking.ruletests import run_tests  # noqa: PLC0415 - not needed for --help

    settings, found = _load(config)
    report = run_tests(found, settings.resolve(settings.rules.path), label=str(settings.rules.path))
    problems = [*found.problems, *report.problems]
    if as_json:
        print_json([problem.model_dump() for problem in problems])
    else:
        for problem in problems:
            click.echo(str(problem))
        errors = sum(problem.severity == "error" for problem in problems)
        told = f"{plural(errors, 'error')}, {plural(len(problems) - errors, 'warning')}"
        click.echo(f"{plural(len(found.rules), 'rule')} in {plural(len(found.files), 'file')}: {told}")
    return 1 if any(problem.severity == "error" for problem in problems) else 0


@rules.command(epilog="Example: touchbase rules test")
@config_option
@json_option
def test(config: Path, *, as_json: bool) -> int:
    """Run the *.test.yaml files beside the rules; exits 1 when one fails."""
    from rules.engine.checking.ruletests import run_tests  # noqa: PLC0415 - not needed for --help

    settings, found = _load(config)
    report = run_tests(found, settings.resolve(settings.rules.path), label=str(settings.rules.path))
    if as_json:
        print_json(report.as_json())
    else:
        click.echo(report.render())
    return 0 if report.ok and not found.errors else 1


@rules.command("explain", epilog="Example: touchbase rules explain 'Anna Berg'")
@click.argument("who")
@config_option
@today_option
@json_option
@click.pass_context
def explain_rules(
    context: click.Context, who: str, config: Path, today: date | None, *, as_json: bool
) -> int:
    """Show every rule for WHO: matched or stopped, by which line, and what it saw."""
    from flows.cli.commands.explain import explain  # noqa: PLC0415

    outcome: int = context.invoke(
        explain, who=who, config=config, today=today, as_json=as_json, everything=True
    )
    return outcome


@rules.command(epilog="Example: touchbase rules diff   or: touchbase rules diff --since HEAD~1 --markdown")
@click.argument("other", required=False, type=click.Path(path_type=Path))
@click.option("--since", metavar="REVISION", help="Compare git's REVISION with the files as they are now.")
@click.option("--markdown", is_flag=True, help="A table for a review.")
@config_option
@today_option
@json_option
def diff(
    other: Path | None, since: str | None, config: Path, today: date | None, *, markdown: bool, as_json: bool
) -> int:
    """Show whom an edit affects, on the real store; exits 1 when it affects anybody.

    Without OTHER: the files as they are now against those of the last run. With OTHER (an edited
    file, or a folder): that against the files as they are now.
    """
    from flows.run import rule_versions  # noqa: PLC0415 - not needed for --help
    from rules.engine.showing.diff import diff as effect_of  # noqa: PLC0415

    if other and since:
        raise click.UsageError("Give OTHER or --since, not both.")
    with network(config) as (settings, store):
        folder, label = settings.resolve(settings.rules.path), settings.rules.path
        now = rule_versions.texts_in(folder)
        if other:
            old, new = now, rule_versions.with_edited(folder, other)
        elif since:
            old, new = rule_versions.at_revision(folder, since), now
        else:
            old, new = rule_versions.of_last_run(store), now
        before, after = (rule_versions.ruleset(texts, label) for texts in (old, new))
        for problem in after.errors:
            note(str(problem))
        effect = effect_of(_judged(settings, store, before, today), _judged(settings, store, after, today))
    if as_json:
        print_json(effect.as_json())
    else:
        click.echo(effect.markdown() if markdown else effect.render())
    return 1 if effect.changed or after.errors else 0


@rules.command(epilog="Example: touchbase rules backtest --from 2026-01-01")
@click.option("--from", "first", type=DAY, help="The first day (default: a year back).")
@click.option("--to", "last", type=DAY, help="The last day (default: today).")
@click.option("--capacity", type=click.IntRange(min=0), help="Follow-ups a day (default: the settings').")
@click.option("--markdown", is_flag=True, help="Plot and table for a review.")
@config_option
@json_option
def backtest(
    first: date | None,
    last: date | None,
    capacity: int | None,
    config: Path,
    *,
    markdown: bool,
    as_json: bool,
) -> int:
    """Replay the stored history: what these rules would have asked for, week by week."""
    from people.planning.working_days import WorkingDays  # noqa: PLC0415 - not needed for --help
    from rules.engine.showing.backtest import Replay, each_day  # noqa: PLC0415
    from rules.engine.showing.backtest import backtest as replayed  # noqa: PLC0415

    with network(config) as (settings, store):
        last = last or clock(settings, None)[0]
        first = first or last - timedelta(days=364)
        if first > last:
            raise click.UsageError(f"--from {first} lies after --to {last}.")
        found = _ruleset(settings)
        limit = settings.tasks.capacity_per_day if capacity is None else capacity
        planner = Replay(limit, WorkingDays(settings.me.region))
        days = list(each_day(first, last))
        with click.progressbar(days, label="days", file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:
            outcome = replayed(found, shown, _History(settings, store, found), planner)
    if as_json:
        print_json(outcome.as_json())
    else:
        click.echo(outcome.markdown() if markdown else outcome.render())
    return 0


@rules.command(epilog="Example: touchbase rules schema > rules/rules.schema.json")
@click.option("--tests", is_flag=True, help="The schema of *.test.yaml files.")
def schema(*, tests: bool) -> int:
    """Print the JSON Schema that lets editors complete rule files."""
    from rules.engine.showing import schema as schemas  # noqa: PLC0415 - not needed for --help

    click.echo(schemas.as_text(schemas.test_schema() if tests else schemas.schema()), nl=False)
    return 0


@rules.command(epilog="Example: touchbase rules fields person")
@click.argument("subject", required=False)
@json_option
def fields(subject: str | None, *, as_json: bool) -> int:
    """List every field that rules may test, with its meaning, tests and an example."""
    from people.facts.declared import Subject  # noqa: PLC0415 - not needed for --help
    from rules.engine.showing import fields as declared  # noqa: PLC0415

    known = get_args(Subject)
    if subject and subject not in known:
        raise click.UsageError(f"There is no subject '{subject}'. Subjects: {', '.join(known)}.")
    wanted = [name for name in known if subject in (None, name)]
    if as_json:
        print_json(declared.fields(wanted))
    else:
        click.echo(declared.render(wanted))
    return 0


class _History:
    """Facts as they stood on a day; the calendar is classified once, for it does not change."""

    def __init__(self, settings: Settings, store: Store, rules: RuleSet) -> None:
        from flows.run.facts import meetings  # noqa: PLC0415

        self._settings, self._store, self._rules = settings, store, rules
        self._calendar = meetings.classify(store, rules, settings.me, save=False)

    def __call__(self, day: date) -> pl.DataFrame:
        from flows.run.context import context_of  # noqa: PLC0415
        from flows.run.facts.people import gather  # noqa: PLC0415

        return gather(context_of(self._settings, self._store, day), self._rules, self._calendar).facts


def _load(config: Path) -> tuple[Settings, RuleSet]:
    from flows.settings.loading import load  # noqa: PLC0415

    settings = load(config)
    return settings, _ruleset(settings)


def _ruleset(settings: Settings) -> RuleSet:
    from rules.engine import load  # noqa: PLC0415

    return load(settings.resolve(settings.rules.path), label=str(settings.rules.path))


def _judged(settings: Settings, store: Store, found: RuleSet, today: date | None) -> Judgement:
    from flows.run.look import look  # noqa: PLC0415

    return look(settings, store, today, rules=found).judgement
