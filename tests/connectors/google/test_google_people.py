"""Rows 1 to 17 of google-cases.md: contacts and contact groups. A row's number is in its test's name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.google.client.errors import RateLimited, Refused
from tests.support.google_server import Fault, GoogleServer
from tests.support.google_server.fixtures import Client, client_fixture, google_fixture  # noqa: F401
from tests.support.google_server.protocol import Request

CONNECTIONS = "/people/me/connections"


def with_token(requests: list[Request]) -> list[bool]:
    return [bool(request.get("syncToken")) for request in requests]


def labels(client: Client, name: str) -> list[str]:
    return list(client.contacts[name].labels)


def test_case_01_full_sync_saves_data_and_token_together(google: GoogleServer, client: Client) -> None:
    google.people.listed.page_limit = 2
    for number in range(5):
        google.people.add(f"Person {number}")
    pages = client.sync(calendars=[])
    asked = google.requests(CONNECTIONS)
    assert [request.get("requestSyncToken") for request in asked] == ["true"] * 3
    assert len(client.contacts) == 5
    assert [(len(page.changes), page.complete, page.scope) for page in pages] == [(5, True, "people")]
    assert client.cursor.people is not None


@pytest.mark.parametrize("options", [{"labels": False}, {"label_prefix": "Other/"}])
def test_case_02_changed_parameters_mean_a_full_sync(
    google: GoogleServer, client: Client, options: dict[str, Any]
) -> None:
    google.people.add("Anna Berg")
    client.sync(calendars=[])
    client.sync(calendars=[], **options)
    client.sync(calendars=[], **options)
    assert with_token(google.requests(CONNECTIONS)) == [False, False, True]


def test_case_03_expired_token_costs_one_full_sync(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    gone = google.people.add("Tom Hale")
    client.sync(calendars=[])
    google.people.listed.expire_tokens()
    google.people.listed.purge(gone)
    google.people.add("New Person")
    client.sync(calendars=[])
    assert sorted(client.contacts) == ["Anna Berg", "New Person"]
    assert with_token(google.requests(CONNECTIONS)) == [False, True, False]


def test_case_03_google_really_ends_tokens_after_seven_days(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    client.sync(calendars=[])
    still = google.clock.now()
    google.clock.advance(timedelta(days=7, seconds=1))
    client.sync(calendars=[], now=lambda: still)  # our own plan would not have let it come so far
    assert with_token(google.requests(CONNECTIONS)) == [False, True, False]


def test_case_03_pages_read_before_the_expiry_are_discarded(google: GoogleServer, client: Client) -> None:
    names = [google.people.add(f"Person {number}") for number in range(4)]
    client.sync(calendars=[])
    google.people.listed.page_limit = 2
    for name in names:
        google.people.edit(name, biographies=[{"value": "changed"}])
    expired = Fault("error", CONNECTIONS, skip=1, code=400, reason="EXPIRED_SYNC_TOKEN", old_style=False)
    expired.action = lambda: google.people.listed.purge(names[0])
    google.faults.append(expired)
    client.sync(calendars=[])
    assert sorted(client.contacts) == ["Person 1", "Person 2", "Person 3"]


def test_case_03_a_full_sync_is_planned_by_day_six(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    client.sync(calendars=[])
    google.clock.advance(timedelta(days=5, hours=23))
    client.sync(calendars=[])
    google.clock.advance(timedelta(hours=1))
    pages = client.sync(calendars=[])
    assert with_token(google.requests(CONNECTIONS)) == [False, True, False]
    assert pages[0].complete
    assert pages[0].unchanged == ("people/c1",)  # the hash spares telling it again


def test_case_04_any_other_400_is_no_reason_for_a_full_sync(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    client.sync(calendars=[])
    before = client.known.cursor
    google.faults.append(Fault("error", CONNECTIONS, code=400, reason="INVALID_ARGUMENT", old_style=False))
    with pytest.raises(Refused, match="list contacts"):
        client.sync(calendars=[])
    assert with_token(google.requests(CONNECTIONS)) == [False, True]
    assert client.known.cursor == before
    assert "Anna Berg" in client.contacts


def test_case_05_deleted_person(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    tom = google.people.add("Tom Hale")
    client.sync(calendars=[])
    google.people.delete(tom)
    client.sync(calendars=[])
    assert list(client.contacts) == ["Anna Berg"]
    assert all("metadata" in request.get("personFields") for request in google.requests(CONNECTIONS))


def test_case_06_renamed_id_is_no_second_person(google: GoogleServer, client: Client) -> None:
    old = google.people.add("Anna Berg")
    client.sync(calendars=[])
    new = google.people.rename(old)
    client.sync(calendars=[])
    assert [(c.source_id, c.previous_ids) for c in client.contacts.values()] == [(new, (old,))]
    assert old not in client.known.records


def test_case_06_renamed_and_then_deleted(google: GoogleServer, client: Client) -> None:
    old = google.people.add("Anna Berg")
    client.sync(calendars=[])
    google.people.delete(google.people.rename(old))
    client.sync(calendars=[])
    assert client.contacts == {}


def test_case_07_merge_in_googles_own_app(google: GoogleServer, client: Client) -> None:
    keep = google.people.add("Anna Berg", emails=["anna@berg.example"])
    gone = google.people.add("A. Berg", emails=["anna@home.example"])
    client.sync(calendars=[])
    google.people.merge(keep, gone)
    client.sync(calendars=[])
    assert {c.source_id: c.emails for c in client.contacts.values()} == {
        keep: ("anna@berg.example", "anna@home.example")
    }


def test_case_08_a_write_that_does_not_show_yet_is_not_lost(google: GoogleServer, client: Client) -> None:
    anna = google.people.add("Anna Berg")
    client.sync(calendars=[])
    google.people.lag = timedelta(minutes=3)
    google.people.edit(anna, biographies=[{"value": "met in May"}])
    client.sync(calendars=[])
    assert client.contacts["Anna Berg"].note is None
    google.clock.advance(timedelta(minutes=3))
    client.sync(calendars=[])
    assert client.contacts["Anna Berg"].note == "met in May"


def test_case_09_the_quota_of_full_syncs_is_waited_out(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    google.people.full_reads_a_minute = 1
    client.sync(calendars=[])
    client.known.cursor = None
    client.sync(calendars=[])
    assert [60 <= seconds <= 75 for seconds in client.waits] == [True]


def test_case_09_full_syncs_never_loop(google: GoogleServer, client: Client) -> None:
    google.people.full_reads_a_minute = 0
    with pytest.raises(RateLimited):
        client.sync(calendars=[])
    assert len(google.requests(CONNECTIONS)) <= 5
    assert sum(client.waits) <= 240


def test_case_10_rate_limit_waits_out_the_window(google: GoogleServer, client: Client) -> None:
    google.people.requests_a_minute = 3
    for number in range(4):
        google.people.add(f"Person {number}")
    google.people.listed.page_limit = 1
    client.sync(calendars=[])
    assert len(client.contacts) == 4
    assert client.waits
    assert all(60 <= seconds <= 75 for seconds in client.waits)


@pytest.mark.parametrize(("header", "least"), [("90", 90.0), ("not a time", 60.0)])
def test_case_10_retry_after_is_honoured(
    google: GoogleServer, client: Client, header: str, least: float
) -> None:
    google.faults.append(
        Fault("error", CONNECTIONS, code=429, reason="RATE_LIMIT_EXCEEDED", headers={"Retry-After": header})
    )
    client.sync(calendars=[])
    assert len(client.waits) == 1
    assert least <= client.waits[0] < least + 30


def test_case_10_a_wait_beyond_patience_is_left_to_the_next_run(google: GoogleServer, client: Client) -> None:
    google.faults.append(
        Fault("error", CONNECTIONS, code=429, reason="RATE_LIMIT_EXCEEDED", headers={"Retry-After": "3600"})
    )
    with pytest.raises(RateLimited) as caught:
        client.sync(calendars=[])
    assert caught.value.retry_after == 3600
    assert client.waits == []


def test_case_11_person_fields_are_always_sent(google: GoogleServer, client: Client) -> None:
    client.sync(calendars=[])
    client.sync(calendars=[])
    assert all("names" in request.get("personFields") for request in google.requests(CONNECTIONS))
    api = client.api()
    bare = api.service("people").people().connections().list(resourceName="people/me")
    with pytest.raises(Refused, match="personFields"):
        api.read(bare, "list contacts")


def test_case_12_the_primary_value_comes_first(google: GoogleServer, client: Client) -> None:
    second = {"metadata": {"primary": True}}
    google.people.add(
        names=[{"displayName": "Old Name"}, {"displayName": "Anna Berg", **second}],
        emailAddresses=[{"value": "Old@Berg.example"}, {"value": "Anna@Berg.example", **second}],
        phoneNumbers=[{"value": "1"}, {"value": "(0117) 946 0000", **second}],
        organizations=[{"name": "Former", "metadata": {}}, {"name": "Berg", "title": "MD", "current": True}],
    )
    client.sync(calendars=[])
    anna = client.contacts["Anna Berg"]
    assert anna.emails == ("anna@berg.example", "old@berg.example")
    assert anna.phones == ("(0117) 946 0000", "1")
    assert (anna.organisation, anna.title) == ("Berg", "MD")


def test_case_13_missing_names_and_addresses(google: GoogleServer, client: Client) -> None:
    google.people.add(phoneNumbers=[{"value": "123"}])
    google.people.add(names=[{"metadata": {}}], emailAddresses=[{"type": "home"}], organizations=[{}])
    client.sync(calendars=[])
    assert [(c.name, c.emails) for c in client.contacts.values()] == [(None, ()), (None, ())]
    assert client.problems == []


@pytest.mark.parametrize(
    ("written", "birthday", "issues"),
    [
        ({"year": 1980, "month": 4, "day": 12}, "1980-04-12", []),
        ({"year": 0, "month": 4, "day": 12}, "--04-12", []),
        ({"month": 2, "day": 29}, "--02-29", []),
        ({"year": 1981, "month": 2, "day": 29}, None, ["bad-birthday"]),
        ({"year": 1980}, None, ["bad-birthday"]),
    ],
)
def test_case_14_birthdays(
    google: GoogleServer, client: Client, written: dict[str, int], birthday: str | None, issues: list[str]
) -> None:
    google.people.add("Anna Berg", birthdays=[{"date": written}])
    client.sync(calendars=[])
    anna = client.contacts["Anna Berg"]
    assert anna.birthday == birthday
    assert [issue.code for issue in anna.issues] == issues


def test_case_15_other_contacts_are_opt_in_with_their_own_token(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    noted = google.people.note_other("stranger@example.com", "A Stranger")
    client.sync(calendars=[])
    assert list(client.contacts) == ["Anna Berg"]
    assert google.requests("/otherContacts") == []
    client.sync(calendars=[], other_contacts=True)
    assert client.contacts["A Stranger"].source_id == noted
    google.people.others.expire_tokens()
    google.people.forget_other(noted)
    client.sync(calendars=[], other_contacts=True)
    assert list(client.contacts) == ["Anna Berg"]
    assert with_token(google.requests("/otherContacts")) == [False, True, False]


def test_case_15_switching_other_contacts_off_removes_them(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    google.people.note_other("stranger@example.com", "A Stranger")
    client.sync(calendars=[], other_contacts=True)
    client.sync(calendars=[])
    assert list(client.contacts) == ["Anna Berg"]


def test_case_16_labels_come_from_memberships(google: GoogleServer, client: Client) -> None:
    anna = google.people.add("Anna Berg")
    bni, starred = google.people.add_group("BNI"), "contactGroups/starred"
    google.people.join(anna, bni)
    google.people.join(anna, starred)
    client.sync(calendars=[])
    assert labels(client, "Anna Berg") == ["BNI", "starred"]
    google.people.leave(anna, starred)
    client.sync(calendars=[])
    assert labels(client, "Anna Berg") == ["BNI"]
    assert [request.get("requestSyncToken") for request in google.requests("/contactGroups")] == ["", ""]


def test_case_17_one_of_our_labels_that_the_user_renames_is_theirs(
    google: GoogleServer, client: Client
) -> None:
    anna, ours = google.people.add("Anna Berg"), google.people.add_group("Touchbase/key")
    google.people.join(anna, ours)
    client.sync(calendars=[])
    assert labels(client, "Anna Berg") == []
    google.people.rename_group(ours, "Key people")
    client.sync(calendars=[])
    assert labels(client, "Anna Berg") == ["Key people"]


def test_case_16_a_group_made_while_we_read(google: GoogleServer, client: Client) -> None:
    anna = google.people.add("Anna Berg")
    client.sync(calendars=[])
    meanwhile = Fault("meanwhile", CONNECTIONS)
    meanwhile.action = lambda: google.people.join(anna, google.people.add_group("BNI"))
    google.faults.append(meanwhile)
    for _ in range(3):
        client.sync(calendars=[])
    assert labels(client, "Anna Berg") == ["BNI"]
    assert with_token(google.requests(CONNECTIONS)) == [False, True, False, True]


def test_case_16_an_emulator_without_groups(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    google.faults.append(Fault("error", "contactGroups", code=404, reason="notFound"))
    client.sync(calendars=[])
    assert list(client.contacts) == ["Anna Berg"]
    assert len(client.problems) == 1


def test_case_17_a_deleted_or_renamed_group(google: GoogleServer, client: Client) -> None:
    anna, tom = google.people.add("Anna Berg"), google.people.add("Tom Hale")
    bni, chamber = google.people.add_group("BNI"), google.people.add_group("Chamber")
    google.people.join(anna, bni)
    google.people.join(tom, chamber)
    client.sync(calendars=[])
    google.people.delete_group(bni)
    google.people.rename_group(chamber, "Chamber of Commerce")
    client.sync(calendars=[])
    assert labels(client, "Anna Berg") == []
    assert labels(client, "Tom Hale") == ["Chamber of Commerce"]
