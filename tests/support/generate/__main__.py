"""Write every generated file into this checkout, or into the one that is named: ``make generate``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.generate import GENERATED
from tests.support.paths import ROOT

if __name__ == "__main__":
    root = Path(sys.argv[1]) if sys.argv[1:] else ROOT
    for name, text in GENERATED.items():
        (root / name).write_text(text(), "utf-8")
