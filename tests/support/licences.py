"""Write docs/licences.md, the licences of all that is shipped: ``make licences``.

It is not among the generated pages, because it reads the packages that are installed here.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, metadata

from tests.support import locked
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "licences.md"
ELSEWHERE = {"async-timeout": "Apache-2.0", "pywin32": "PSF-2.0", "whenever": "MIT"}
"""Packages for other systems or Pythons, by their own pages."""
_LONGEST = 60
_HEAD = """\
# Licences

Touchbase is licensed under Apache-2.0. Its wheel holds its own code and data, and no package of others.
An installation from the lock brings the packages below, each under its own licence as its metadata says.
`tests/test_licences.py` holds the list to the lock, and lets no package in that is GPL or AGPL alone.
Packages under the LGPL are used as they are.

Radicale, Xandikos and what else the tests start are not shipped.

| Package | Licence |
|---|---|
"""


def licence(package: str) -> str:
    """What the metadata of an installed package says: its SPDX expression, its classifiers, or a short text.

    Raises ``PackageNotFoundError``.
    """
    told = metadata(package)
    if "License-Expression" in told:
        return told["License-Expression"]
    classifiers = [text for text in told.get_all("Classifier", []) if text.startswith("License :: ")]
    kinds = [text.rpartition(" :: ")[2] for text in classifiers]
    text = told["License"].strip() if "License" in told else ""
    return " or ".join(kinds) or (text if len(text) <= _LONGEST else "") or "unknown"


def rows() -> dict[str, str]:
    """The licence of each locked package."""
    found = {}
    for package in sorted(locked.versions()):
        try:
            found[package] = licence(package)
        except PackageNotFoundError:
            found[package] = ELSEWHERE.get(package, "unknown")
    return found


if __name__ == "__main__":
    PAGE.write_text(_HEAD + "".join(f"| {package} | {text} |\n" for package, text in rows().items()))
