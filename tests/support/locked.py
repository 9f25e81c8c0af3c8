"""The packages of requirements/run.txt: what an installation from the lock ships."""

from __future__ import annotations

import re

from tests.support.paths import ROOT

LOCK = ROOT / "requirements" / "run.txt"


def versions() -> dict[str, set[str]]:
    """The locked versions by package. A package has two if Pythons differ."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", LOCK.read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found
