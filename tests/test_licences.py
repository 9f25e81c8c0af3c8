"""docs/licences.md names every package that is shipped, and none forbids what Apache-2.0 allows."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError

import pytest

from tests.support import locked
from tests.support.licences import ELSEWHERE, PAGE, licence

LISTED = dict(re.findall(r"^\| ([\w.-]+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE))
LISTED.pop("Package", None)
BY_CHOICE = {"text-unidecode": "Artistic License"}
"""Packages under the GPL or another licence, and the one that we take."""


def strict(text: str) -> bool:
    """Whether a licence is a GPL that is not the Lesser one."""
    return bool(re.search(r"(?<!L)\bA?GPL|(?<!Lesser )General Public License|Affero", text))


def test_every_locked_package_is_listed() -> None:
    assert LISTED.keys() == locked.versions().keys(), "make licences"
    assert "unknown" not in LISTED.values()


@pytest.mark.parametrize("package", sorted(LISTED))
def test_the_page_says_what_the_package_says(package: str) -> None:
    try:
        told = licence(package)
    except PackageNotFoundError:
        told = ELSEWHERE[package]
    assert told == LISTED[package], "make licences"


def test_none_is_gpl_or_agpl_alone() -> None:
    for package, text in LISTED.items():
        if package in BY_CHOICE:
            assert BY_CHOICE[package] in text.split(" or ")
        else:
            assert not strict(text), f"{package}: {text}"


@pytest.mark.parametrize(
    "text",
    [
        "GPL-3.0-or-later",
        "AGPL-3.0",
        "GNU General Public License v3 (GPLv3)",
        "GNU Affero General Public License",
    ],
)
def test_a_gpl_would_be_found(text: str) -> None:
    assert strict(text)
    assert not strict("LGPL-3.0-only")
    assert not strict("GNU Lesser General Public License v3 or later (LGPLv3+)")
