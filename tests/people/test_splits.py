"""Follow-ups of a person who turned out to be two: each goes where the rules still want it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from people.planning.model import PastFollowUp
from people.planning.splits import after_splits
from people.tasks import FollowUp, FollowUpWish

DAY = date(2026, 3, 2)
PARTED = {"anna": {"anja"}, "anja": {"anna"}}


def made(person: str, key: str = "k1", **fields: Any) -> PastFollowUp:
    told = {"key": key, "person_id": person, "person": person, "rule": "call", "title": "Call", "due": DAY}
    return PastFollowUp(FollowUp.model_validate(told | fields), DAY, None)


def wish(person: str, **fields: Any) -> FollowUpWish:
    told = {"person_id": person, "person": person, "rule": "call", "title": "Call", "due": DAY}
    return FollowUpWish.model_validate(told | fields)


def moved(past: list[PastFollowUp], wishes: list[FollowUpWish]) -> list[tuple[str, str]]:
    return [(item.key, item.person_id) for item in after_splits(past, wishes, PARTED)]


@pytest.mark.parametrize("status", ["open", "snoozed", "done", "dismissed"])
def test_it_goes_to_the_part_that_the_rule_wishes_it_for(status: str) -> None:
    assert moved([made("anna", status=status)], [wish("anja")]) == [("k1", "anja")]


def test_it_stays_where_it_is_wished() -> None:
    assert moved([made("anna")], [wish("anna"), wish("anja")]) == []


def test_it_stays_when_nobody_wishes_it() -> None:
    assert moved([made("anna")], [wish("anja", rule="write"), wish("ben")]) == []


def test_it_does_not_go_where_one_is_already() -> None:
    assert moved([made("anna"), made("anja", "k2")], [wish("anja")]) == []


def test_one_goes_and_not_two() -> None:
    assert moved([made("anna"), made("anna", "k2", status="done")], [wish("anja")]) == [("k1", "anja")]


def test_a_withdrawn_one_neither_goes_nor_stands_in_the_way() -> None:
    past = [made("anna", status="withdrawn"), made("anja", "k2", status="withdrawn")]
    assert moved(past, [wish("anja")]) == []
    assert moved([*past, made("anna", "k3")], [wish("anja")]) == [("k3", "anja")]


def test_only_those_who_were_one_are_asked() -> None:
    assert moved([made("anna")], [wish("ben")]) == []
