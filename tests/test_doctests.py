"""The examples in docstrings are true: every module of the product that shows one is run."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.support.generate.code_map import PACKAGES
from tests.support.paths import ROOT


def modules_with_examples() -> list[str]:
    """Their dotted names, found without importing anything."""
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "    >>> " in path.read_text("utf-8")
    ]


@pytest.mark.parametrize("name", modules_with_examples())
def test_the_examples_of_a_module_are_true(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert outcome.attempted > 0
    assert outcome.failed == 0, "pytest shows what was expected and what came, above"
