"""Calendars by title: the list of calendars maps what the settings say to Google's ids."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.google.api import Api
from connectors.google.errors import NotFound
from connectors.google.paging import answers
from people.text import one_line


def is_title(name: str) -> bool:
    """Whether a calendar's name in the settings is a title; ids hold an @, except ``primary``."""
    return name != "primary" and "@" not in name


def resolve(api: Api, name: str, known: Mapping[str, str], *, refresh: bool) -> str:
    """The id of the calendar that the settings call ``name``.

    ``known`` are titles of earlier runs. They are looked up again when ``refresh`` says so, because
    renaming a calendar shows in no sync token. Raises ``NotFound`` for a title that nobody has, and
    the groups of ``people.errors``.
    """
    if not is_title(name):
        return name
    if name in known and not refresh:
        return known[name]
    titles = _titles(api)
    calendar_id = titles.get(name.casefold(), known.get(name))
    if calendar_id is None:
        there = ", ".join(sorted(one_line(title) for title in titles)) or "none"
        raise NotFound(f"no calendar is called {name!r} (there are: {there})")
    return calendar_id


def _titles(api: Api) -> dict[str, str]:
    ids: dict[str, str] = {}
    calendars = api.service("calendar", "calendarList")
    for answer in answers(api, calendars, {"maxResults": 250, "showHidden": True}, "list the calendars"):
        for entry in answer.get("items", ()):
            for title in (entry.get("summary"), entry.get("summaryOverride")):
                if title:
                    ids[title.casefold()] = entry["id"]
    return ids
