"""Holidays come from one country's module, and are those that the library itself gives."""

from __future__ import annotations

import subprocess
import sys

_ASKED = """
import sys
from people.planning.working_days import _holidays

# Åland's, Guadeloupe's and Guernsey's are made from those of another country.
regions = ("GB-SCT", "DE", "AX", "GP", "GG", "US-CA", "nowhere")
ours = {region: _holidays(region, 2026) for region in regions}
assert "holidays.countries.japan" not in sys.modules, "all countries were imported"
assert "holidays.countries" not in sys.modules, "a bare package was left behind"

import holidays
import holidays.countries

for region in regions[:-1]:
    country, _, part = region.partition("-")
    theirs = holidays.country_holidays(country, subdiv=part or None, years=2026)
    assert ours[region] == frozenset(theirs), region
    assert ours[region], region
assert ours["nowhere"] == frozenset()
assert holidays.countries.Japan(years=2026)
"""


def test_only_the_country_that_is_asked_for_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
