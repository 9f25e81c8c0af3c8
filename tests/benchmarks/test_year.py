"""Four weeks of the simulated year, and proof that its checks can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

import benchmarks.year
from benchmarks.year import Year
from people.planning import quiet


def test_four_weeks_without_a_violation(tmp_path: Path) -> None:
    year = Year(tmp_path, seed=6, people=80, meetings=40)
    year.play(28)
    assert year.examples == []
    assert sum(year.violations.values()) == 0
    for kind in ("killed runs", "source faults", "read back done", "read back snoozed", "withdrawn"):
        assert year.done[kind] > 0, kind
    assert year.done["read back dismissed"] > 0


def test_a_planner_that_forgets_dismissals_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "QUIET_DAYS", 0)
    monkeypatch.setattr(benchmarks.year, "DEEDS", {"nothing": 1, "delete": 1})
    year = Year(tmp_path, seed=6, people=40, meetings=5)
    year.play(8)
    assert year.violations["revived"] > 0
