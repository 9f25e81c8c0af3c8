"""What this machine knows of its user: time zone, country, currency. Each is only a default to confirm."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from zoneinfo import available_timezones

_EURO = (
    "AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MT",
    "NL", "PT", "SI", "SK",
)  # fmt: skip
_CURRENCIES = {
    "AU": "AUD", "BR": "BRL", "CA": "CAD", "CH": "CHF", "CN": "CNY", "CZ": "CZK", "DK": "DKK", "GB": "GBP",
    "HU": "HUF", "IN": "INR", "JP": "JPY", "LI": "CHF", "MX": "MXN", "NO": "NOK", "NZ": "NZD", "PL": "PLN",
    "RO": "RON", "SE": "SEK", "SG": "SGD", "ZA": "ZAR",
}  # fmt: skip


def time_zone(environ: Mapping[str, str] = os.environ, etc: Path = Path("/etc")) -> str:
    """Return the time zone of this machine, or UTC if it is not known."""
    # /etc/localtime is a link such as ../usr/share/zoneinfo/Europe/London.
    linked = str((etc / "localtime").resolve()).rpartition("zoneinfo/")[2]
    named = etc / "timezone"
    written = named.read_text("utf-8", "replace").strip() if named.is_file() else ""
    known = available_timezones()
    found = (environ.get("TZ", "").lstrip(":"), linked, written)
    return next((name for name in found if name in known), "UTC")


def region(zone: str) -> str:
    """Return the country of a time zone as two letters, or GB if the zone belongs to none."""
    lines = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines()
    countries = {fields[2]: fields[0] for line in lines if len(fields := line.split("\t")) > 2}
    return countries.get(zone, "GB")


def currency(country: str) -> str:
    """Return the currency of a country, or USD if it is not among the usual ones."""
    return "EUR" if country in _EURO else _CURRENCIES.get(country, "USD")
