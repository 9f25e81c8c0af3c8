"""A look at a few people finds what a look at everybody finds."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows.run.context import Context, context_of
from flows.run.facts import meetings
from flows.run.facts import people as facts
from flows.run.facts.people import People, gather, gather_some
from flows.run.rule_versions import load_rules
from flows.settings.loading import load
from people.store import frames, open_store
from tests.support.demo import TODAY, network, pulled


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo network, pulled and resolved."""
    return pulled(network(tmp_path_factory.mktemp("demo") / "network"))


def context(config: Path) -> Context:
    settings = load(config, {})
    return context_of(settings, open_store(settings.store_url), TODAY)


def everybody_of(context: Context) -> People:
    rules = load_rules(context.settings)
    return gather(context, rules, meetings.classify(context.store, rules, context.settings.me, save=False))


def some_of(context: Context, ids: list[str]) -> People:
    return gather_some(context, load_rules(context.settings), ids)


def test_each_person_alone_is_as_among_all(config: Path) -> None:
    everybody = everybody_of(context(config))
    ids = everybody.facts.get_column("id").to_list()
    assert len(ids) > 60
    alone = context(config)
    for person in ids:
        few, wanted = some_of(alone, [person]).only([person]), everybody.only([person])
        assert_frame_equal(few.facts, wanted.facts, check_row_order=False)
        assert_frame_equal(few.happened, wanted.happened, check_row_order=False)
        assert_frame_equal(few.ledger, wanted.ledger, check_row_order=False)


def test_a_few_together_are_as_among_all(config: Path) -> None:
    everybody = everybody_of(context(config))
    ids = sorted(everybody.facts.get_column("id").to_list())[::3]
    assert_frame_equal(some_of(context(config), ids).facts.sort("id"), everybody.only(ids).facts.sort("id"))


def test_of_a_few_not_all_meetings_are_read(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def watched(*arguments: object) -> pl.DataFrame:
        found = _meetings(*arguments)  # type: ignore[arg-type]
        read.append(found.height)
        return found

    _meetings = frames.meetings
    monkeypatch.setattr(frames, "meetings", watched)
    everybody = everybody_of(context(config))
    some_of(context(config), everybody.facts.get_column("id").to_list()[:1])
    monkeypatch.setattr(facts, "_FEW", 0)
    some_of(context(config), everybody.facts.get_column("id").to_list()[:1])
    assert read[1] < read[0] == read[2]
