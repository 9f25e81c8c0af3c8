"""Calendars by title: the list of calendars gives Google's id for a title in the settings."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.google.client.api import Api
from connectors.google.client.errors import NotFound
from connectors.google.client.paging import answers
from people.text import one_line


def is_title(name: str) -> bool:
    """Whether a calendar's name in the settings is a title. Ids contain an @, except ``primary``."""
    return name != "primary" and "@" not in name


def resolve(api: Api, name: str, known: Mapping[str, str], *, refresh: bool) -> str:
    """The id of the calendar that the settings call ``name``.

    ``known`` maps titles of earlier runs to ids. With ``refresh`` the title is looked up again, because a
    sync token does not report renamed calendars. Raises ``NotFound`` if no calendar has this title, and the
    groups of ``people.errors``.
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
