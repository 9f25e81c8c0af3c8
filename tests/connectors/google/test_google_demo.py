"""``make demo-google``: a user's day at Google, mail included."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.demo import command
from tests.support.google_demo import demonstrate

TODAY = date(2026, 11, 1)


def test_what_the_user_does_at_google_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = demonstrate(tmp_path / "network", TODAY)
    assert document.status == "ok"
    first, second = capsys.readouterr().out.split("Second run")
    assert "Answer Marta Kowalska" in first
    assert "Luis Ortega" in first  # nobody wrote to him
    assert "you wrote to marta@kowalska.example" in second
    waiting = command(
        "waiting", "--config", tmp_path / "network" / "touchbase.toml", "--today", f"{TODAY}"
    ).output
    assert "Sven Lindqvist" in waiting  # an out-of-office reply is not an answer
    assert "Grace Osei" not in waiting
    assert "Marta" not in waiting
