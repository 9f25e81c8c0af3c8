"""What a CalDAV server refuses, in words; a UID that is taken; and where a password never goes."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.caldav.sink import CalDavSink
from flows.settings.loading import load
from people.errors import LoginNeeded, PlaceRefuses, RetryLater, TouchbaseError, UserMustAct
from people.tasks import FollowUp
from tests.contracts.sinks import follow_up, is_closed, state_of
from tests.flows.test_delivery_stops import Clock, deliver_all
from tests.flows.test_task_places import Network
from tests.support.crash_points import all_of
from tests.support.small_dav import Call, Reply, SmallDav, dav_error, fine, small_dav

SABRE = (
    '<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">'
    "<s:exception>Sabre\\DAV\\Exception\\BadRequest</s:exception><s:message>{}</s:message></d:error>"
)
BIN = SABRE.format("Deleted calendar object with uid already exists in this calendar collection.")
BASIC = f"Basic {b64encode(b'alex:secret').decode()}"


@pytest.fixture
def dav() -> Iterator[SmallDav]:
    with small_dav() as server:
        yield server


def sink(url: str, user: str = "", **options: object) -> CalDavSink:
    return CalDavSink(
        url,
        user=user,
        password="secret" if user else "",
        time_zone=ZoneInfo("Europe/London"),
        list_name="people",
        now=lambda: datetime(2026, 11, 1, 8, tzinfo=UTC),
        **options,  # type: ignore[arg-type]
    )


def refused(dav: SmallDav, reply: Reply, method: str = "PUT") -> TouchbaseError:
    dav.trouble = lambda call: reply if call.method == method else None
    with pytest.raises(TouchbaseError) as told:
        sink(dav.url).ensure(follow_up())
    return told.value


class TestWords:
    @pytest.mark.parametrize("status", [403, 409])
    @pytest.mark.parametrize(
        ("name", "namespace", "says", "help_says"),
        [
            ("need-privileges", "DAV:", "not change it", "the right to write"),
            ("supported-calendar-component", None, "keeps no tasks in this list", "a list for tasks"),
            ("quota-not-exceeded", "DAV:", "no space left", "make room"),
        ],
    )
    def test_what_holds_for_the_whole_list(
        self, dav: SmallDav, status: int, name: str, namespace: str | None, says: str, help_says: str
    ) -> None:
        reply = dav_error(name, status, namespace) if namespace else dav_error(name, status)
        error = refused(dav, reply)
        assert isinstance(error, PlaceRefuses)
        assert not isinstance(error, LoginNeeded)
        assert says in error.message
        assert help_says in error.help
        assert "password" not in error.message + error.help

    def test_what_holds_for_one_task(self, dav: SmallDav) -> None:
        error = refused(dav, dav_error("max-resource-size"))
        assert isinstance(error, UserMustAct)
        assert not isinstance(error, PlaceRefuses)
        assert "as long as this one" in error.message

    def test_no_space(self, dav: SmallDav) -> None:
        assert "no space left" in refused(dav, Reply(507)).message

    def test_a_plain_403_is_no_wrong_password(self, dav: SmallDav) -> None:
        for body, says in [
            ("Forbidden", "does not allow this"),
            (SABRE.format("Calendar is\nread only"), "does not allow this: Calendar is read only"),
            ('<d:error xmlns:d="DAV:"><d:made-up/></d:error>', "does not allow this (made-up)"),
            ("<d:error xmlns:d='DAV:'><d:made", "does not allow this"),
            ("\x00" * 9, "does not allow this"),
        ]:
            error = refused(dav, Reply(403, body))
            assert isinstance(error, PlaceRefuses), body
            assert error.message == f"the CalDAV server {dav.url} {says}"
            assert "password" not in error.message + error.help

    def test_a_list_that_may_not_be_made(self, dav: SmallDav) -> None:
        error = refused(dav, dav_error("need-privileges", namespace="DAV:"), method="MKCALENDAR")
        assert isinstance(error, PlaceRefuses)

    @pytest.mark.parametrize(
        "reply", [Reply(200, "<html>Log in</html>", "text/html"), Reply(207, "<x/>"), Reply(202), Reply(203)]
    )
    def test_what_was_not_stored_is_not_delivered(self, dav: SmallDav, reply: Reply) -> None:
        assert "does not answer as a CalDAV server does" in refused(dav, reply).message

    @pytest.mark.parametrize(
        "reply", [Reply(200), Reply(201, "<html>Created</html>", "text/html"), Reply(204)]
    )
    def test_servers_say_in_three_ways_that_it_was_stored(self, dav: SmallDav, reply: Reply) -> None:
        dav.trouble = lambda call: reply if call.method == "PUT" and dav.honest(call) else None
        assert sink(dav.url).ensure(follow_up()) == f"touchbase-{follow_up().key}"

    def test_a_wrong_password_is_still_one(self, dav: SmallDav) -> None:
        assert isinstance(refused(dav, Reply(401)), LoginNeeded)

    def test_a_locked_task_is_tried_later(self, dav: SmallDav) -> None:
        assert isinstance(refused(dav, Reply(423)), RetryLater)

    def test_a_whole_delivery_says_it_once(self, dav: SmallDav, tmp_path: Path) -> None:
        network = Network(tmp_path / "network")
        network.point(type="caldav", url=dav.url, list="people", open_at_most=30)
        reply = dav_error("need-privileges", namespace="DAV:")
        dav.trouble = lambda call: reply if call.method == "PUT" else None
        done = deliver_all(network, Clock())
        (problem,) = done.problems
        assert problem.message.startswith("20 tasks wait: the CalDAV server ")
        assert len([call for call in dav.calls if call.method == "PUT"]) == 1

    def test_one_task_that_is_too_long_leaves_the_others(self, dav: SmallDav, tmp_path: Path) -> None:
        network = Network(tmp_path / "network")
        network.point(type="caldav", url=dav.url, list="people", open_at_most=30)
        reply = dav_error("max-resource-size")
        dav.trouble = lambda call: reply if call.method == "PUT" and "Call p03" in call.body else None
        done = deliver_all(network, Clock())
        assert [problem.where for problem in done.problems] == ["task 'Call p03'"]
        assert len(dav.all_texts()) == 19


UID_TAKEN = [
    Reply(400, BIN),
    dav_error("no-uid-conflict", 403),
    dav_error("no-uid-conflict", 409),
    dav_error("no-uid-conflict", 412),
    dav_error("unique-scheduling-object-resource", 403),
]


@pytest.mark.parametrize("reply", UID_TAKEN, ids=["nextcloud", "403", "409", "412", "cyrus"])
class TestUidTaken:
    """Nextcloud refuses a UID that lies in its bin; other servers one that lies in another list."""

    @pytest.fixture
    def taken(self, dav: SmallDav, reply: Reply) -> set[str]:
        uids: set[str] = set()

        def refuse(call: Call) -> Reply | None:
            uid = re.search(r"UID:(\S+)", call.body)
            return reply if call.method == "PUT" and uid and uid[1] in uids else None

        dav.trouble = refuse
        return uids

    def test_the_task_is_delivered_with_the_same_key(self, dav: SmallDav, taken: set[str]) -> None:
        usual = sink(dav.url).ensure(follow_up())
        ((path, calendar),) = dav.texts.items()
        calendar.clear()  # the user deleted it, and it lies in the bin
        taken.add(usual)
        ref = sink(dav.url).reopen(follow_up(ref=usual))
        assert ref != usual
        assert list(dav.texts[path]) == [f"{ref}.ics"]
        state = state_of(sink(dav.url), follow_up().key)
        assert state is not None
        assert (state.ref, state.status) == (ref, "open")
        # From then on it is the task, also for a run that lost its ref to a crash.
        for item in (follow_up(ref=ref, title="Write to Anna"), follow_up(title="Write to Anna")):
            assert sink(dav.url).ensure(item) == ref
        assert len(dav.all_texts()) == 1
        assert "SUMMARY:Write to Anna" in dav.all_texts()[0]
        found = sink(dav.url).find(follow_up(ref=ref))
        assert found is not None
        assert (found.key, found.ref) == (follow_up().key, ref)
        sink(dav.url).withdraw(ref, "met")
        assert is_closed(state_of(sink(dav.url), follow_up().key))

    def test_its_key_survives_a_client_that_drops_our_properties(
        self, dav: SmallDav, taken: set[str]
    ) -> None:
        taken.add(f"touchbase-{follow_up().key}")
        ref = sink(dav.url).ensure(follow_up())
        (calendar,) = dav.texts.values()
        calendar[f"{ref}.ics"] = re.sub(r"X-TOUCHBASE-KEY:.*\r\n", "", calendar[f"{ref}.ics"])
        assert [state.key for state in sink(dav.url).states()] == [follow_up().key]

    def test_the_next_one_if_that_one_is_taken_as_well(self, dav: SmallDav, taken: set[str]) -> None:
        taken |= {f"touchbase-{follow_up().key}", f"touchbase-{follow_up().key}.2"}
        sink(dav.url).ensure(follow_up())
        assert [state.key for state in sink(dav.url).states()] == [follow_up().key]

    def test_a_whole_run_reopens_it(self, dav: SmallDav, taken: set[str], tmp_path: Path) -> None:
        network = Network(tmp_path / "network")
        network.point(type="caldav", url=dav.url, list="people")
        taken |= {f"touchbase-{item.key}" for item in _planned(tmp_path / "elsewhere")}
        network.run()
        assert set(network.statuses().values()) == {"open"}
        assert len(dav.all_texts()) == len(network.statuses())
        network.run()
        assert len(dav.all_texts()) == len(network.statuses())


def _planned(folder: Path) -> list[FollowUp]:
    """The follow-ups of these wishes, as a run into a folder of tasks plans them."""
    elsewhere = Network(folder)
    elsewhere.point(path="tasks")
    elsewhere.run()
    return all_of(load(elsewhere.folder / "touchbase.toml"))


class TestPassword:
    """A server that lets anybody read its root learns who asks; nobody else does."""

    def anybody(self, dav: SmallDav) -> None:
        """Let the root answer anybody, and say that nobody is logged in; the rest wants a login."""

        def answer(call: Call) -> Reply | None:
            if call.headers.get("Authorization") == BASIC:
                return None
            if call.path == "/" and call.method == "PROPFIND":
                who = "<d:current-user-principal><d:unauthenticated/></d:current-user-principal>"
                return Reply(
                    207,
                    '<d:multistatus xmlns:d="DAV:"><d:response><d:href>/</d:href><d:propstat><d:prop>'
                    f"{who}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
                    "</d:multistatus>",
                )
            return Reply(401, headers={"WWW-Authenticate": 'Basic realm="dav"'})

        dav.trouble = answer

    def test_a_server_that_lets_anybody_read_its_root(self, dav: SmallDav) -> None:
        self.anybody(dav)
        sink(dav.url, "alex").ensure(follow_up())
        assert list(dav.names.values()) == ["people"]
        assert next(iter(dav.names)).startswith("/home/")
        assert len(dav.all_texts()) == 1

    def test_it_never_goes_over_http_to_another_machine(self, dav: SmallDav) -> None:
        self.anybody(dav)
        # A name of this machine that does not look like one.
        elsewhere = dav.url.replace("127.0.0.1", "127.1")
        with pytest.raises(LoginNeeded, match="wants the password over http") as told:
            sink(elsewhere, "alex").ensure(follow_up())
        assert "allow_http = true" in told.value.help
        assert {call.headers.get("Authorization") for call in dav.calls} == {None}
        sink(elsewhere, "alex", allow_http=True).ensure(follow_up())
        assert len(dav.all_texts()) == 1

    @pytest.mark.parametrize("how", ["redirect", "principal", "home"])
    def test_it_never_goes_to_another_server(self, dav: SmallDav, how: str) -> None:
        with small_dav() as other:
            away = f"{other.url}home/"

            def answer(call: Call) -> Reply | None:
                if how == "redirect":
                    return Reply(302, headers={"Location": away})
                reply = dav.honest(call)
                name = "current-user-principal" if how == "principal" else "calendar-home-set"
                body = re.sub(rf"({name}><d:href>)/home/", rf"\g<1>{away}", reply.body)
                return reply._replace(body=body)

            dav.trouble = answer
            with pytest.raises(UserMustAct, match=r"sends us to http://127\.0\.0\.1") as told:
                sink(dav.url, "alex").ensure(follow_up())
            assert "[tasks] url" in told.value.help
            assert other.calls == []
        dav.trouble = fine

    def test_a_redirect_within_the_server_is_followed(self, dav: SmallDav) -> None:
        dav.trouble = lambda call: (
            Reply(301, headers={"Location": "/"}) if call.path == "/.well-known/caldav" else None
        )
        sink(f"{dav.url}.well-known/caldav", "alex").ensure(follow_up())
        assert {call.headers.get("Authorization") for call in dav.calls} == {BASIC}
