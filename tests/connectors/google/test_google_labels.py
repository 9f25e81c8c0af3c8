"""Rows 18 to 23 of google-cases.md: labels written back as contact groups.

Rows 21 and 22 are about a request that we never make; their test shows that, and that the stand-in
would refuse it.
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import LabelChange, Surroundings
from connectors.google.client.errors import RateLimited, Refused
from connectors.google.labels import OwnGroup, plan_labels
from connectors.google.settings import GoogleSettings
from people.errors import RetryLater
from tests.support.google_server import Fault, GoogleServer
from tests.support.google_server.fixtures import Client, client_fixture, google_fixture  # noqa: F401


def test_case_18_partial_failure_is_reported(google: GoogleServer, client: Client) -> None:
    anna, gone = google.people.add("Anna Berg"), google.people.add("Gone Soon")
    stuck = google.people.add("Stuck")
    group = google.people.add_group("Touchbase/key")
    google.people.edit(stuck, memberships=None)
    google.people.join(stuck, group)
    google.people.delete(gone)
    _, problems = client.labels().sync({anna: {"key"}, gone: {"key"}})
    assert google.people.members(group) == [anna, stuck]
    assert sorted(problem.message for problem in problems) == [
        f"could not add it: {gone} is no longer there",
        f"could not remove it: it is the only group of {stuck}",
    ]


def test_case_19_a_group_of_that_name_is_reused(google: GoogleServer, client: Client) -> None:
    anna = google.people.add("Anna Berg")
    somebody_else = Fault("meanwhile", "POST /v1/contactGroups$")
    somebody_else.action = lambda: google.people.add_group("Touchbase/key")
    google.faults.append(somebody_else)
    _, problems = client.labels().sync({anna: {"key"}})
    assert problems == []
    assert [g["name"] for g in google.people.groups.live()].count("Touchbase/key") == 1
    assert google.people.members(google.people.group_named("Touchbase/key") or "") == [anna]


def test_case_20_a_stale_etag_is_read_again_and_merged(google: GoogleServer, client: Client) -> None:
    anna, tom = google.people.add("Anna Berg"), google.people.add("Tom Hale")
    stale = Fault("error", "members:modify", times=2, code=400, reason="failedPrecondition")
    group = google.people.add_group("Touchbase/key")
    stale.action = lambda: google.people.join(tom, group)
    google.faults.append(stale)
    _, problems = client.labels().sync({anna: {"key"}, tom: {"key"}})
    assert problems == []
    assert sorted(google.people.members(group)) == [anna, tom]


def test_case_20_a_lasting_conflict_ends(google: GoogleServer, client: Client) -> None:
    anna = google.people.add("Anna Berg")
    google.faults.append(Fault("error", "members:modify", times=99, code=412, reason="conditionNotMet"))
    _, problems = client.labels().sync({anna: {"key"}})
    assert [problem.where for problem in problems] == ["google label Touchbase/key"]
    assert len(google.requests("members:modify")) == 4


@pytest.mark.parametrize(
    ("row", "body"),
    [
        ("21: without metadata.sources", {"memberships": [{}]}),
        ("22: without memberships", {"memberships": [], "metadata": {"sources": [{"type": "CONTACT"}]}}),
    ],
)
def test_case_21_22_labels_never_rewrite_a_person(
    google: GoogleServer, client: Client, row: str, body: dict[str, Any]
) -> None:
    anna = google.people.add("Anna Berg")
    client.labels().sync({anna: {"key"}})
    client.labels().sync({anna: {"target"}})
    assert google.requests("updateContact") == []
    api = client.api()
    rewrite = api.service("people").people().updateContact
    with pytest.raises((Refused, RetryLater)):
        api.write(rewrite(resourceName=anna, updatePersonFields="memberships", body=body), row)


def test_case_23_mutations_go_one_at_a_time(google: GoogleServer, client: Client) -> None:
    people = [google.people.add(f"Person {number}") for number in range(3)]
    google.faults.append(Fault("delay", "POST|DELETE|PUT|PATCH", times=99, seconds=0.02))
    client.labels().sync({person: {"key", "bni", "target"} for person in people})
    assert google.most_writes_at_once == 1
    assert all(len(google.people.members(group)) == 3 for group in _ours(google))


def _ours(google: GoogleServer) -> list[str]:
    return [g["resourceName"] for g in google.people.groups.live() if g["name"].startswith("Touchbase/")]


class TestLabels:
    def test_only_our_prefix_is_touched(self, google: GoogleServer, client: Client) -> None:
        anna, tom = google.people.add("Anna Berg"), google.people.add("Tom Hale")
        bni, old = google.people.add_group("BNI"), google.people.add_group("Touchbase/old")
        google.people.join(tom, bni)
        google.people.join(tom, old)
        client.labels().sync({anna: {"key"}})
        names = {g["name"]: google.people.members(g["resourceName"]) for g in google.people.groups.live()}
        assert names == {"myContacts": [anna, tom], "starred": [], "BNI": [tom], "Touchbase/key": [anna]}
        assert sorted(google.people.persons) == [anna, tom]

    def test_a_dry_run_changes_nothing(self, google: GoogleServer, client: Client) -> None:
        anna = google.people.add("Anna Berg")
        google.people.add_group("Touchbase/old")
        changes, _ = client.labels().sync({anna: {"key"}}, dry_run=True)
        assert [(c.action, c.label, c.people) for c in changes] == [
            ("create", "key", ()),
            ("add", "key", (anna,)),
            ("delete", "old", ()),
        ]
        assert {request.method for request in google.log} == {"GET"}

    def test_a_second_time_there_is_nothing_to_do(self, google: GoogleServer, client: Client) -> None:
        wanted = {google.people.add(f"Person {n}"): {"key", "bni"} for n in range(3)}
        assert len(client.labels().sync(wanted)[0]) == 4
        assert client.labels().sync(wanted) == ([], [])

    def test_labels_we_wrote_are_not_read_back(self, google: GoogleServer, client: Client) -> None:
        anna = google.people.add("Anna Berg")
        client.labels().sync({anna: {"key"}})
        client.sync(calendars=[])
        assert client.contacts["Anna Berg"].labels == ()

    def test_a_crash_in_the_middle_is_made_good(self, google: GoogleServer, client: Client) -> None:
        anna = google.people.add("Anna Berg")
        google.faults.append(Fault("drop_after", "POST /v1/contactGroups$"))
        with pytest.raises(RetryLater):
            client.labels().sync({anna: {"key"}})
        client.labels().sync({anna: {"key"}})
        assert [google.people.members(group) for group in _ours(google)] == [[anna]]

    def test_portions_of_a_thousand(self) -> None:
        people = {f"people/c{number}" for number in range(2500)}
        changes = plan_labels({person: {"Key"} for person in people}, {"key": OwnGroup("g", frozenset())})
        assert [(c.action, len(c.people)) for c in changes] == [("add", 1000), ("add", 1000), ("add", 500)]
        assert {name for change in changes for name in change.people} == people

    def test_nobody_wants_a_label_any_more(self) -> None:
        current = {"key": OwnGroup("g", frozenset({"people/c1"}))}
        assert plan_labels({"people/c1": set()}, current) == [LabelChange(action="delete", label="key")]


def test_a_rate_limit_holds_no_run_up(google: GoogleServer, client: Client) -> None:
    google.faults.append(Fault("error", "contactGroups", times=99, code=429, reason=""))
    settings = GoogleSettings(
        type="google", name="google", token=client.token, endpoint=google.endpoint, write_labels=True
    )
    labels = settings.open_labels(Surroundings(folder=client.folder, today=google.clock.now().date()))
    assert labels is not None
    with pytest.raises(RateLimited):
        labels.sync({"people/c1": {"key"}})
    assert len(google.requests("contactGroups")) == 1
