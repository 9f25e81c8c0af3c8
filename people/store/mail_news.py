"""The threads of mail that changed lately, so that a run need not judge all others again."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TypedDict

import sqlalchemy as sa

from people.store.db import values

MOST = 5_000
"""So many threads are remembered: a busy day has some hundred, and a first read is judged as a whole."""


class _News(TypedDict):
    """``threads`` by the revision of the mail that they came with, oldest first; all after ``since``."""

    since: int
    threads: list[tuple[int, list[int]]]


def tell(connection: sa.Connection, threads: Collection[int]) -> None:
    """Count the revision of the mail up, and remember that mails of these threads changed."""
    values.count_up(connection, values.MAIL)
    revision = _revision(connection)
    news = _load(connection) or _News(since=revision - 1, threads=[])
    found = [*news["threads"], (revision, sorted(threads))]
    since = news["since"]
    while found and sum(len(some) for _, some in found) > MOST:
        since, _ = found.pop(0)
    values.put(connection, values.MAIL_NEWS, json.dumps(_News(since=since, threads=found)))


def since(connection: sa.Connection, revision: str) -> set[int] | None:
    """Return the threads that changed after a revision of the mail; None if that is not known any more."""
    news = _load(connection)
    if news is None or not revision.isdecimal() or int(revision) < news["since"]:
        return None
    return {thread for at, threads in news["threads"] if at > int(revision) for thread in threads}


def _revision(connection: sa.Connection) -> int:
    return int(values.get(connection, values.MAIL) or 0)


def _load(connection: sa.Connection) -> _News | None:
    text = values.get(connection, values.MAIL_NEWS)
    if text is None:
        return None
    news: _News = json.loads(text)
    return news
