"""The README is true: what it says that ``make demo`` prints, and which targets and pages it names."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from tests.support.demo import DELIVERED, PEOPLE, command
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text("utf-8")
WRITTEN_ON = dt.date(2026, 11, 28)


def words(text: str) -> str:
    """The text with one space wherever lines and spaces separate words."""
    return " ".join(text.split())


@pytest.mark.usefixtures("prefect_server")
def test_make_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    shown = README.split("The demo prints:")[1].split("```")[1]
    printed = command("demo", "--flow", "--dir", tmp_path / "demo", "--today", WRITTEN_ON.isoformat()).output
    for paragraph in shown.split("\n\n"):
        assert words(paragraph) in words(printed)
    assert f"{PEOPLE} people" in shown
    assert f"({DELIVERED} of {DELIVERED})" in shown


def test_every_target_that_the_readme_names_is_in_the_makefile() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z-]+)\b", "".join(re.findall(r"`[^`]+`", README)))) <= set(targets)


def test_every_page_and_picture_that_the_readme_names_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
