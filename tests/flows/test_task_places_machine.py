"""Accounts, servers and lists that come and go, and answers that lie, in any order (Hypothesis).

Four people have a task each on one of two CalDAV servers, each with two accounts and two lists. Whatever the
settings name and whatever the servers say, a follow-up is closed on a word of the user only, and an open one
is open once where the settings lead.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from flows.settings.loading import load
from people.errors import SuspiciousEmptiness, TouchbaseError
from people.store import follow_ups, open_store
from people.tasks import FollowUp
from tests.flows.test_task_places import Network
from tests.support.crash_points import DAYS, run, wish
from tests.support.small_dav import Call, Reply, SmallDav, fine, small_dav
from tests.support.stores import with_own_store

NAMES = ("anna", "ben", "cleo", "dora")
OPEN, TICKED = "STATUS:NEEDS-ACTION", "STATUS:COMPLETED"
MEMORY = Path("/dev/shm")
_RUNNING = ExitStack()


@cache
def servers() -> tuple[SmallDav, SmallDav]:
    """Two servers, which serve all examples."""
    return _RUNNING.enter_context(small_dav()), _RUNNING.enter_context(small_dav())


class Place(NamedTuple):
    """What ``[tasks]`` names."""

    server: int
    user: str
    list_name: str


PLACES = st.builds(
    Place, st.integers(0, 1), st.sampled_from(["alex", "kim"]), st.sampled_from(["people", "new"])
)


def _without_texts(server: SmallDav, call: Call) -> Reply:
    honest = server.honest(call)
    return honest._replace(body=honest.body.replace("calendar-data", "other-data"))


LIES: dict[str, Callable[[SmallDav, Call], Reply]] = {
    "a login page": lambda _server, _call: Reply(
        200, "<html>Log in to the hotel's network</html>", "text/html"
    ),
    "a login page for 207": lambda _server, _call: Reply(207, "<html>Log in</html>", "text/html"),
    "nothing": lambda _server, _call: Reply(207, '<d:multistatus xmlns:d="DAV:"></d:multistatus>'),
    "not found": lambda _server, _call: Reply(404, "not found", "text/plain"),
    "tasks without their text": _without_texts,
    "half an answer": lambda server, call: Reply(207, server.honest(call).body[:-40]),
    "a failure": lambda _server, _call: Reply(500),
    "a pause that is too long": lambda _server, _call: Reply(429, headers={"Retry-After": "3600"}),
    "a refusal": lambda _server, _call: Reply(403),
    "a wrong password": lambda _server, _call: Reply(401),
}


class PlacesMachine(RuleBasedStateMachine):
    """``wanted`` is the status of each follow-up once the next honest run has read what the user did."""

    def __init__(self) -> None:
        super().__init__()
        self._home = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.network = Network(Path(self._home.name))
        self._password = patch.dict(os.environ, TOUCHBASE_CALDAV_PASSWORD="secret")
        self._password.start()

    @initialize()
    def begin(self) -> None:
        for server in servers():
            server.clear()
        self.wanted = dict.fromkeys(NAMES, "open")
        self.deleted: dict[str, tuple[str, str, str]] = {}
        self._point(Place(0, "alex", "people"))
        self.an_honest_run()

    def teardown(self) -> None:
        self._password.stop()
        self._home.cleanup()

    def _point(self, place: Place) -> None:
        self.place = place
        url = servers()[place.server].url
        self.network.point(type="caldav", url=url, user=place.user, list=place.list_name)
        with_own_store(self.network.folder / "touchbase.toml")

    @rule()
    def an_honest_run(self) -> None:
        self._run()
        self._check()

    def _run(self) -> None:
        run(load(self.network.folder / "touchbase.toml"), [wish(name) for name in NAMES], DAYS[1])

    def _items(self) -> dict[str, FollowUp]:
        store = open_store(load(self.network.folder / "touchbase.toml").store_url)
        with store.read() as connection:
            found = follow_ups.listed(connection, closed=True)
        store.close()
        assert len(found) == len({item.person_id for item in found})
        return {item.person_id: item for item in found}

    def _texts_at(self, item: FollowUp) -> tuple[dict[str, str], str]:
        """The calendar with the task, and the task's name there.

        It is the list that the settings name, or another one of the account.
        """
        here = str(item.place).removeprefix("caldav:")
        server = next(one for one in servers() if here.startswith(one.url))
        path, file = urlsplit(here).path, f"{item.ref}.ics"
        account = path.rstrip("/").rpartition("/")[0]
        paths = [path, *(other for other in server.texts if other.startswith(f"{account}/"))]
        found = [server.texts[one] for one in paths if file in server.texts.get(one, {})]
        return (found or [{}])[0], file

    @rule(place=PLACES)
    def the_settings_name_another_place(self, place: Place) -> None:
        self._point(place)
        self.an_honest_run()

    @rule(name=st.sampled_from(NAMES))
    def the_user_ticks(self, name: str) -> None:
        self._edit(name, OPEN, TICKED, "done")

    @rule(name=st.sampled_from(NAMES))
    def the_user_unticks(self, name: str) -> None:
        self._edit(name, TICKED, OPEN, "open")

    def _edit(self, name: str, before: str, after: str, status: str) -> None:
        item = self._items()[name]
        calendar, file = self._texts_at(item)
        # What was settled before the place changed is not looked at there.
        if before in calendar.get(file, "") and item.status in ("open", "done"):
            calendar[file] = calendar[file].replace(before, after)
            self.wanted[name] = status

    @rule(name=st.sampled_from(NAMES))
    def the_user_deletes(self, name: str) -> None:
        item = self._items()[name]
        calendar, file = self._texts_at(item)
        # If most are gone, a run asks.
        if list(self.wanted.values()).count("open") < 3 or self.deleted or item.status != "open":
            return
        if OPEN in calendar.get(file, ""):
            self.deleted[name] = (str(item.place), file, calendar.pop(file))
            self.wanted[name] = "dismissed"

    @rule(
        lie=st.sampled_from(sorted(LIES)),
        methods=st.sampled_from([("REPORT",), ("REPORT", "GET", "PROPFIND", "PUT"), ("PUT",)]),
        place=st.none() | PLACES,
    )
    def a_run_is_lied_to(self, lie: str, methods: tuple[str, ...], place: Place | None) -> None:
        before = self._items()
        if place is not None:
            self._point(place)
        for server in servers():
            server.trouble = self._lying(server, lie, methods)
        with suppress(TouchbaseError, AssertionError):  # what was not delivered is a problem of the run
            self._run()
        for server in servers():
            server.trouble = fine
        for name, item in self._items().items():
            assert item.status in (before[name].status, self.wanted[name]), (lie, name)
        self.an_honest_run()

    def _lying(self, server: SmallDav, lie: str, methods: tuple[str, ...]) -> Callable[[Call], Reply | None]:
        return lambda call: LIES[lie](server, call) if call.method in methods else None

    @rule(whole=st.booleans())
    def an_account_or_a_server_is_fresh_for_a_run(self, whole: bool) -> None:
        self.an_honest_run()
        server = servers()[self.place.server]
        if "open" not in self.wanted.values():
            return
        kept = dict(server.names), {path: dict(texts) for path, texts in server.texts.items()}
        paths = [path for path in server.names if whole or path.startswith(f"/home/{self.place.user}/")]
        for path in paths:
            del server.names[path], server.texts[path]
        with pytest.raises(SuspiciousEmptiness):
            self._run()
        server.names, server.texts = kept
        self.an_honest_run()

    def _check(self) -> None:
        """What holds after each run that was told the truth."""
        items = self._items()
        assert {name: item.status for name, item in items.items()} == self.wanted
        self.deleted.clear()
        account = f"caldav:{servers()[self.place.server].url}home/{self.place.user}/"
        for item in items.values():
            if item.status != "open":
                continue
            assert str(item.place).startswith(account), "an open task is not where the settings lead"
            calendar, file = self._texts_at(item)
            assert OPEN in calendar[file]
            assert sum(item.key in text and OPEN in text for text in calendar.values()) == 1, "doubled"


TestTaskPlaces = PlacesMachine.TestCase
TestTaskPlaces.settings = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    # The same examples each time, because shrinking a failure takes minutes.
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
