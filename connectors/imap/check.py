"""What ``touchbase doctor`` says of an account: the folders that are read and why, and stale sent mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from connectors.base import Check
from connectors.imap.fetch import arrival
from connectors.imap.folders import Choice, Chosen, Folder
from connectors.imap.session import Account, CommandFailed, Session, in_words
from connectors.imap.source import chosen_folders, imap_day, problems_of
from people.days import short_day

STALE = timedelta(days=14)
"""Whoever has sent nothing for so long is on holiday, or their mail program files its copies elsewhere."""
_MOST_NAMED = 12
_INTERNAL_DATE = re.compile(rb'INTERNALDATE "([^"]*)"', re.IGNORECASE)


def check(account: Account, wanted: Sequence[str] | None, today: date) -> Check:
    """Log in and look at the folders. Raises the groups of ``people.errors``."""
    session = Session(account)
    try:
        with in_words(account):
            chosen = chosen_folders(session, wanted)
            stale = _stale(session, chosen, today)
    finally:
        session.close()
    read = f"{account} reads {_listed(chosen.read)}"
    left_out = f"; not {_listed(chosen.left_out)}" if chosen.left_out else ""
    problem = next(problems_of(chosen, account), None)
    if problem is not None:
        return Check("warning", f"{problem.message}; {read}{left_out}", problem.help)
    if stale:
        remedy = "let your mail program save sent mail on the server, or name its folder in 'folders'"
        return Check("warning", f"{stale}; {read}{left_out}", remedy)
    return Check("ok", f"{read}{left_out}")


def _listed(choices: Sequence[Choice]) -> str:
    named = [f"{choice.folder.name} ({choice.why})" for choice in choices[:_MOST_NAMED]]
    more = len(choices) - _MOST_NAMED
    return ", ".join([*named, *([f"and {more} more"] if more > 0 else [])]) or "no folder"


def _stale(session: Session, chosen: Chosen, today: date) -> str:
    """What is wrong with the folders of sent mail; nothing if one of them got a mail lately."""
    newest: list[date] = []
    for folder in chosen.sent:
        try:
            found = _newest(session, folder, today)
        except CommandFailed:
            continue
        if found is not None:
            newest.append(found)
    names = ", ".join(folder.name for folder in chosen.sent)
    if chosen.sent and not newest:
        return f"the folder of sent mail is empty: {names}"
    if newest and max(newest) < today - STALE:
        return f"no mail sent since {short_day(max(newest), today)}, says {names}"
    return ""


def _newest(session: Session, folder: Folder, today: date) -> date | None:
    """The day of the newest mail, as near as one search and one fetch tell; None for an empty folder."""
    if not session.examine(folder.raw).get("EXISTS"):
        return None
    if session.search("SINCE", imap_day(today - STALE)):
        return today
    for part in session.fetch("*", "(UID INTERNALDATE)"):
        match = _INTERNAL_DATE.search(part) if isinstance(part, bytes) else None
        at = arrival(match.group(1)) if match else None
        if at is not None:
            return at.date()
    return None
