"""Mail from Gmail: the first read, the history, and what Gmail refuses or forgets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.google import mail as mail_module
from connectors.google.client.api import Api
from connectors.google.client.auth import Login
from connectors.google.client.batch import MOST_PARTS
from connectors.google.client.errors import (
    BrokenAnswer,
    QuotaUsedUp,
    RateLimited,
    ScopeMissing,
    SwitchedOff,
    Unavailable,
)
from connectors.google.mail import _new_ids
from connectors.google.source import MailWanted
from connectors.shared.mail_headers import HeaderReader
from people.errors import UserMustAct
from people.types import Message, Page
from tests.support.google_server import Fault, GoogleServer
from tests.support.google_server.fixtures import Client, client_fixture, google_fixture  # noqa: F401

ANNA, TOM = "Anna Berg <anna@berg.example>", "tom@hale.example"
HISTORY, LIST, PROFILE = "/users/me/history", "/users/me/messages", "/users/me/profile"
BATCH = "POST /batch"


def sync(client: Client, **options: Any) -> list[Page]:
    """A sync of mail alone."""
    wanted = MailWanted(**options)
    return client.sync(contacts=False, calendars=[], mail=wanted)


def mails(client: Client) -> dict[str, Message]:
    found = (record for record in client.known.records.values() if isinstance(record, Message))
    return {mail.source_id: mail for mail in found}


def asked(google: GoogleServer) -> list[str]:
    """What was asked for, without the parts of batches."""
    return [
        request.path.rpartition("/")[2]
        for request in google.log
        if "/users/me/" in request.path and not request.path.startswith(f"/gmail/v1{LIST}/")
    ]


class TestAFirstRead:
    def test_both_directions_with_their_people(self, google: GoogleServer, client: Client) -> None:
        received = google.gmail.receive(ANNA, Cc="Eve <eve@else.example>")
        sent = google.gmail.send(ANNA, message_id="<s1@mail.example>", thread=received)
        sync(client)
        first, second = mails(client)[f"{received}@mail.example"], mails(client)["s1@mail.example"]
        assert (first.direction, first.role, first.thread) == ("received", "to", received)
        assert [(one.email, one.role) for one in first.counterparts] == [
            ("anna@berg.example", "from"),
            ("eve@else.example", "cc"),
        ]
        assert (second.direction, second.role, second.thread) == ("sent", None, received)
        assert (first.folder, second.folder, first.at) == ("INBOX", "SENT", google.clock.now())
        assert sent in google.gmail.mails

    @pytest.mark.parametrize("label", ["SPAM", "TRASH", "DRAFT", "CHAT"])
    def test_what_is_not_mail_is_left_out(self, google: GoogleServer, client: Client, label: str) -> None:
        google.gmail.receive(ANNA, labels=(label,))
        google.gmail.receive(TOM)
        sync(client)
        assert [mail.counterparts[0].email for mail in mails(client).values()] == [TOM]

    def test_a_mail_sent_under_an_alias_is_sent(self, google: GoogleServer, client: Client) -> None:
        google.gmail.send(ANNA, sender="office@alias.example")
        sync(client)
        assert [mail.direction for mail in mails(client).values()] == ["sent"]

    def test_the_address_of_the_mailbox_is_the_users(self, google: GoogleServer, client: Client) -> None:
        google.gmail.receive(ANNA)
        client.sync(contacts=False, calendars=[], mail=MailWanted(), my_emails=[])
        google.gmail.receive(ANNA)
        client.sync(contacts=False, calendars=[], mail=MailWanted(), my_emails=[])
        assert [(mail.role, len(mail.counterparts)) for mail in mails(client).values()] == [("to", 1)] * 2

    def test_a_mail_without_a_message_id_has_gmails(self, google: GoogleServer, client: Client) -> None:
        mail_id = google.gmail.receive(ANNA, message_id=None)
        sync(client)
        assert list(mails(client)) == [mail_id]

    def test_a_category_is_the_folder(self, google: GoogleServer, client: Client) -> None:
        google.gmail.receive(ANNA, labels=("INBOX", "CATEGORY_PROMOTIONS", "IMPORTANT"))
        google.gmail.receive(ANNA, labels=())
        sync(client)
        assert {mail.folder for mail in mails(client).values()} == {"CATEGORY_PROMOTIONS", None}

    def test_it_ends_at_the_first_day(self, google: GoogleServer, client: Client) -> None:
        now = google.clock.now()
        google.gmail.page_limit = 10
        for days in range(100):
            google.gmail.receive(ANNA, at=now - timedelta(days=days))
        sync(client, since="30d")
        assert min(mail.at for mail in mails(client).values()) >= now - timedelta(days=31)
        assert 30 <= len(mails(client)) <= 31
        assert len(google.requests(f"GET /gmail/v1{LIST}/")) <= 50

    def test_a_mail_with_an_old_date_that_arrived_now_is_too_old(
        self, google: GoogleServer, client: Client
    ) -> None:
        mail = google.gmail.receive(ANNA)
        headers = google.gmail.mails[mail].headers
        headers[2] = ("Date", "Mon, 1 Mar 2010 10:00:00 +0000")
        sync(client, since="1y")
        assert mails(client) == {}

    def test_the_history_id_is_taken_before_the_listing(self, google: GoogleServer, client: Client) -> None:
        google.gmail.receive(ANNA)
        google.faults.append(
            Fault(
                "meanwhile",
                LIST,
                action=lambda: google.gmail.receive(TOM, at=datetime(2009, 3, 1, tzinfo=UTC)),
            )
        )
        google.faults.append(Fault("meanwhile", BATCH, action=lambda: google.gmail.receive(TOM)))
        sync(client)
        assert asked(google) == ["profile", "messages"]
        sync(client)
        assert len(mails(client)) == 2  # the one that arrived during the read, too, but nothing too old

    def test_an_empty_mailbox(self, google: GoogleServer, client: Client) -> None:
        sync(client)
        google.gmail.receive(ANNA)
        sync(client)
        assert len(mails(client)) == 1

    def test_an_empty_page_is_not_the_last(self, google: GoogleServer, client: Client) -> None:
        google.gmail.empty_pages = 2
        google.gmail.receive(ANNA)
        sync(client)
        assert len(mails(client)) == 1

    def test_it_shows_its_progress(self, google: GoogleServer, client: Client) -> None:
        google.gmail.page_limit = 10
        for _ in range(25):
            google.gmail.receive(ANNA)
        seen: list[tuple[int, int]] = []
        sync(client, progress=lambda done, total: seen.append((done, total)))
        assert seen == [(10, 25), (20, 25), (25, 25)]

    def test_one_odd_mail_is_a_problem_and_the_rest_is_read(
        self, google: GoogleServer, client: Client
    ) -> None:
        odd = google.gmail.receive(ANNA)
        google.gmail.mails[odd].headers[:] = [("Subject", "nothing else")]
        google.gmail.receive(TOM)
        sync(client)
        assert len(mails(client)) == 1
        assert len(client.problems) == 1

    def test_a_mail_that_gmail_refuses_is_a_problem(self, google: GoogleServer, client: Client) -> None:
        refused = google.gmail.receive(ANNA)
        google.gmail.receive(TOM)
        google.faults.append(Fault("error", f"{LIST}/{refused}", code=400, reason="invalidArgument"))
        sync(client)
        assert len(mails(client)) == 1
        assert client.problems == ["this mail could not be read (Gmail refuses it)"]

    def test_a_mail_deleted_since_it_was_listed(self, google: GoogleServer, client: Client) -> None:
        gone = google.gmail.receive(ANNA)
        google.gmail.receive(TOM)
        google.faults.append(Fault("meanwhile", BATCH, action=lambda: google.gmail.purge(gone)))
        sync(client)
        assert len(mails(client)) == 1
        assert client.problems == []


@pytest.mark.parametrize("label_ids", [[], None])
def test_a_history_with_holes_is_read(label_ids: Any) -> None:
    records: list[dict[str, Any]] = [
        {},
        {"id": "1", "messagesAdded": None, "labelsRemoved": [{}, {"labelIds": None}, {"labelIds": ["SPAM"]}]},
        {"id": "2", "messagesAdded": [{}, {"message": None}, {"message": {"labelIds": []}}]},
        {"id": "3", "messagesAdded": [{"message": {"id": "a", "labelIds": label_ids}}]},
    ]
    assert list(_new_ids(records)) == ["a"]


class TestInterrupted:
    @pytest.fixture
    def hundred(self, google: GoogleServer) -> None:
        google.gmail.page_limit = 20
        for _ in range(100):
            google.gmail.receive(ANNA)

    @pytest.mark.usefixtures("hundred")
    @pytest.mark.parametrize("survived", [0, 1, 3, 5])
    def test_a_kill_between_pages_loses_nothing_and_repeats_nothing(
        self, google: GoogleServer, client: Client, survived: int
    ) -> None:
        source = client.source(contacts=False, calendars=[], mail=MailWanted())
        for _, page in zip(range(survived), source.changes(None), strict=False):
            client.known.apply(page)
        google.gmail.receive(TOM)
        count = len(google.requests(f"{LIST}/"))
        sync(client)
        sync(client)
        assert len(mails(client)) == 101
        # The mail that arrived meanwhile may move the pages by one.
        assert len(google.requests(f"{LIST}/")) - count <= 101 - 20 * survived + 1

    @pytest.mark.usefixtures("hundred")
    def test_a_page_that_gmail_no_longer_knows_starts_from_the_top(
        self, google: GoogleServer, client: Client
    ) -> None:
        client.known.apply(next(client.source(contacts=False, calendars=[], mail=MailWanted()).changes(None)))
        google.gmail.page_tokens.clear()
        sync(client)
        assert len(mails(client)) == 100

    @pytest.mark.usefixtures("hundred")
    def test_a_failure_keeps_what_was_read(self, google: GoogleServer, client: Client) -> None:
        google.faults.append(Fault("error", BATCH, times=9, skip=2, code=503))
        with pytest.raises(Unavailable):
            sync(client)
        assert len(mails(client)) == 40
        google.faults.clear()
        sync(client)
        assert len(mails(client)) == 100

    def test_mails_that_gmail_fails_to_give_are_asked_for_again(
        self, google: GoogleServer, client: Client
    ) -> None:
        ill = google.gmail.receive(ANNA)
        google.gmail.receive(TOM)
        google.faults.append(Fault("error", f"{LIST}/{ill}", times=5, code=500))
        sync(client)
        assert len(mails(client)) == 1
        sync(client)
        assert len(mails(client)) == 2
        assert len(google.requests(f"{LIST}/{ill}")) == 6


class TestTheHistory:
    def test_nothing_new_takes_one_request(self, google: GoogleServer, client: Client) -> None:
        google.gmail.receive(ANNA)
        sync(client)
        google.log.clear()
        pages = sync(client)
        assert asked(google) == ["history"]
        assert len(google.log) == 1
        assert [page.changes for page in pages] == [()]

    def test_only_what_is_new_is_read(self, google: GoogleServer, client: Client) -> None:
        google.gmail.receive(ANNA)
        sync(client)
        google.gmail.send(TOM)
        google.gmail.draft(TOM)
        google.gmail.receive(ANNA, labels=("SPAM",))
        google.log.clear()
        sync(client)
        assert len(mails(client)) == 2
        assert len(google.requests(f"{LIST}/")) == 1

    def test_it_comes_in_pages_and_survives_a_kill(self, google: GoogleServer, client: Client) -> None:
        sync(client)
        google.gmail.page_limit = 4
        for _ in range(10):
            google.gmail.receive(ANNA)
        pages = client.source(contacts=False, calendars=[], mail=MailWanted()).changes(client.known.cursor)
        client.known.apply(next(pages))
        count = len(google.requests(f"{LIST}/"))
        sync(client)
        assert len(mails(client)) == 10
        assert len(google.requests(f"{LIST}/")) - count == 6

    @pytest.mark.parametrize("label", ["SPAM", "TRASH"])
    def test_a_mail_rescued_from_spam_or_bin_is_read(
        self, google: GoogleServer, client: Client, label: str
    ) -> None:
        mail = google.gmail.receive(ANNA, labels=(label,))
        sync(client)
        google.gmail.relabel(mail, remove=("UNREAD",))
        sync(client)
        assert mails(client) == {}
        google.gmail.relabel(mail, remove=(label,), add=("INBOX",))
        sync(client)
        assert len(mails(client)) == 1

    def test_a_deleted_mail_was_still_written(self, google: GoogleServer, client: Client) -> None:
        mail = google.gmail.receive(ANNA)
        sync(client)
        google.gmail.relabel(mail, add=("TRASH",))
        google.gmail.purge(mail)
        sync(client)
        assert len(mails(client)) == 1

    def test_a_forgotten_history_lists_what_came_since_and_saves_the_new_id(
        self, google: GoogleServer, client: Client
    ) -> None:
        google.gmail.page_limit = 10
        for days in range(200):
            google.gmail.receive(ANNA, at=google.clock.now() - timedelta(days=days))
        sync(client)
        google.clock.advance(timedelta(days=30))
        google.write_token(client.token)
        google.gmail.receive(TOM)
        google.gmail.expire_history()
        google.log.clear()
        sync(client)
        assert len(mails(client)) == 201
        assert asked(google) == ["history", "profile", "messages", "messages"]
        assert client.cursor.mail is not None
        assert client.cursor.mail.history == str(google.gmail.now_at)
        google.log.clear()
        sync(client)
        assert asked(google) == ["history"]

    def test_a_clock_that_was_ahead_hides_no_mail(self, google: GoogleServer, client: Client) -> None:
        ahead = google.clock.now() + timedelta(days=3000)
        client.sync(contacts=False, calendars=[], mail=MailWanted(), now=lambda: ahead)
        google.gmail.receive(ANNA)
        google.gmail.expire_history()
        sync(client)
        assert len(mails(client)) == 1

    def test_a_history_that_is_forgotten_each_time_is_not_a_loop(
        self, google: GoogleServer, client: Client
    ) -> None:
        google.gmail.receive(ANNA)
        sync(client)
        for _ in range(3):
            google.gmail.expire_history()
            google.log.clear()
            sync(client)
            assert asked(google) == ["history", "profile", "messages"]
        assert len(mails(client)) == 1

    def test_an_answer_without_a_history_id_keeps_the_old_one(
        self, google: GoogleServer, client: Client
    ) -> None:
        sync(client)
        before = client.known.cursor
        google.gmail.history_id_missing = True
        with pytest.raises(BrokenAnswer):
            sync(client)
        assert client.known.cursor == before

    @pytest.mark.parametrize(
        "changed", [{"since": "5y"}, {"subjects": True}], ids=["further back", "with subjects"]
    )
    def test_changed_settings_read_everything_again(
        self, google: GoogleServer, client: Client, changed: dict[str, Any]
    ) -> None:
        google.gmail.receive(ANNA, Subject="Lunch", at=google.clock.now() - timedelta(days=4 * 365))
        google.gmail.receive(ANNA, Subject="Lunch")
        sync(client)
        google.log.clear()
        sync(client, **changed)
        assert asked(google) == ["profile", "messages"]
        assert len(mails(client)) == (2 if "since" in changed else 1)

    def test_a_new_address_of_mine_turns_received_into_sent(
        self, google: GoogleServer, client: Client
    ) -> None:
        google.gmail.receive("me@second.example", "anna@berg.example")
        sync(client)
        mine = [google.user, "me@second.example"]
        client.sync(contacts=False, calendars=[], mail=MailWanted(), my_emails=mine)
        assert [mail.direction for mail in mails(client).values()] == ["sent"]

    def test_mail_that_is_switched_off_stays_and_starts_over(
        self, google: GoogleServer, client: Client
    ) -> None:
        google.gmail.receive(ANNA)
        sync(client)
        client.sync(calendars=[])
        assert (len(mails(client)), client.cursor.mail) == (1, None)
        google.log.clear()
        sync(client)
        assert asked(google) == ["profile", "messages"]


class TestWhatIsAsked:
    def test_no_request_asks_for_a_body_a_snippet_or_another_header(
        self, google: GoogleServer, client: Client
    ) -> None:
        mail = google.gmail.receive(ANNA, Subject="Our secret", X_Private="yes", body="Never to be read")
        google.gmail.send(ANNA)
        sync(client)
        google.gmail.expire_history()
        google.gmail.receive(TOM)
        sync(client)
        google.gmail.relabel(mail, remove=("UNREAD",))
        google.gmail.receive(TOM, body="Nor this")
        sync(client)
        headers = HeaderReader("google", [], today=google.clock.now().date()).wanted
        seen = [request for request in google.log if "/gmail/" in request.path or request.path == "/batch"]
        assert {request.method for request in seen} == {"GET", "POST"}
        assert {request.path for request in seen if request.method == "POST"} == {"/batch"}
        for request in seen:
            if request.method == "GET":
                assert "q" not in request.query
                assert request.get("fields")
                assert not {"snippet", "raw", "body", "parts"} & set(_words(request.get("fields")))
            if f"{LIST}/" in request.path:
                assert request.get("format") == "metadata"
                assert request.query["metadataHeaders"] == list(headers)
        assert "Subject" not in headers
        stored = json.dumps([mail.model_dump(mode="json") for mail in mails(client).values()])
        for secret in ("secret", "Never", "Nor this", "confidential", "X-Private"):
            assert secret not in stored
            assert secret not in (client.known.cursor or "")

    def test_subjects_are_kept_on_request(self, google: GoogleServer, client: Client) -> None:
        google.gmail.receive(ANNA, Subject="Lunch on Friday?")
        sync(client, subjects=True)
        assert [mail.subject for mail in mails(client).values()] == ["Lunch on Friday?"]

    def test_without_mail_nothing_of_gmail_is_asked(self, google: GoogleServer, client: Client) -> None:
        google.gmail.receive(ANNA)
        client.sync()
        assert google.requests("gmail") == []

    def test_batches_go_where_googles_description_of_the_api_says(self, client: Client) -> None:
        api = Api(Login(client.token))
        described = api.service("gmail").new_batch_http_request()
        assert api.batch({})._address == described._batch_uri == "https://gmail.googleapis.com/batch"

    def test_the_stand_in_refuses_what_gmail_refuses(self, google: GoogleServer, client: Client) -> None:
        mail = google.gmail.receive(ANNA)
        google.write_token(client.token, ["gmail.metadata"])
        api = client.api()
        messages = api.service("gmail", "users", "messages")
        with pytest.raises(UserMustAct, match="does not support 'q'"):
            api.read(messages.list(userId="me", q="is:unread"), "search")
        for form in ("full", "raw"):
            with pytest.raises(UserMustAct, match=f"format {form.upper()}"):
                api.read(messages.get(userId="me", id=mail, format=form), "read")
        answer = api.read(messages.get(userId="me", id=mail, format="metadata"), "read")
        assert answer["snippet"]


def _words(fields: str) -> list[str]:
    return fields.replace("(", ",").replace(")", ",").replace("/", ",").split(",")


class TestRefusals:
    @pytest.mark.parametrize(
        ("code", "reason"), [(403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (429, "")]
    )
    def test_a_rate_limit_is_waited_out(
        self, google: GoogleServer, client: Client, code: int, reason: str
    ) -> None:
        google.gmail.receive(ANNA)
        google.faults.append(Fault("error", f"{LIST}/", times=2, code=code, reason=reason))
        sync(client)
        assert len(mails(client)) == 1
        assert [60 <= seconds <= 75 for seconds in client.waits] == [True, True]

    def test_the_quota_of_a_minute_slows_a_first_read_down(
        self, google: GoogleServer, client: Client
    ) -> None:
        for _ in range(300):
            google.gmail.receive(ANNA)
        google.gmail.units_a_minute = 500
        sync(client)
        assert len(mails(client)) == 300
        assert 2 <= len(client.waits) <= 4
        # No mail is asked for twice, except for those that the quota refused.
        assert len(google.requests(f"{LIST}/")) <= 300 + MOST_PARTS * len(client.waits)

    def test_too_many_at_once_takes_a_short_wait(self, google: GoogleServer, client: Client) -> None:
        for _ in range(MOST_PARTS):
            google.gmail.receive(ANNA)
        google.gmail.at_once = 10
        sync(client)
        assert len(mails(client)) == MOST_PARTS
        assert all(seconds <= 2 for seconds in client.waits)

    def test_a_spent_daily_quota_is_left_to_the_next_run(self, google: GoogleServer, client: Client) -> None:
        google.people.add("Anna Berg")
        google.gmail.receive(ANNA)
        google.faults.append(Fault("error", f"{LIST}/", times=99, code=403, reason="dailyLimitExceeded"))
        with pytest.raises(QuotaUsedUp):
            client.sync(mail=MailWanted())
        assert client.waits == []
        assert list(client.contacts) == ["Anna Berg"]  # the other parts of the account went on

    def test_a_storm_ends_the_attempt(self, google: GoogleServer, client: Client) -> None:
        google.gmail.receive(ANNA)
        google.gmail.units_a_minute = 0
        with pytest.raises(RateLimited):
            sync(client)
        assert sum(client.waits) <= 240

    def test_a_missing_scope_names_the_login(self, google: GoogleServer, client: Client) -> None:
        google.people.add("Anna Berg")
        google.write_token(client.token, ["contacts.readonly", "calendar.events.readonly"])
        with pytest.raises(ScopeMissing) as caught:
            client.sync(mail=MailWanted())
        assert "touchbase login google --mail --source google" in caught.value.help
        assert len(google.requests("gmail")) == 1
        assert list(client.contacts) == ["Anna Berg"]

    def test_an_api_that_is_not_enabled_says_where_to_enable_it(
        self, google: GoogleServer, client: Client
    ) -> None:
        google.gmail.enabled = False
        with pytest.raises(SwitchedOff) as caught:
            sync(client)
        address = "https://console.developers.google.com/apis/api/gmail.googleapis.com/overview?project=428"
        assert f"enable this API at {address}, and" in caught.value.help

    def test_an_account_without_gmail(self, google: GoogleServer, client: Client) -> None:
        google.gmail.exists = False
        with pytest.raises(UserMustAct) as caught:
            sync(client)
        assert "mail = false" in caught.value.help
        assert client.waits == []

    def test_an_access_token_that_ends_in_the_middle_is_refreshed(
        self, google: GoogleServer, client: Client
    ) -> None:
        google.gmail.receive(ANNA)
        google.faults.append(Fault("meanwhile", LIST + "$", action=google.oauth.expire_access))
        sync(client)
        assert len(mails(client)) == 1

    def test_more_mails_without_an_answer_than_are_noted_are_a_problem(
        self, google: GoogleServer, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mail_module, "_MOST_LEFT", 1)
        ids = [google.gmail.receive(ANNA) for _ in range(4)]
        google.faults.append(Fault("error", f"{LIST}/({'|'.join(ids[:3])})", times=1000))
        (problem,) = [problem for page in sync(client) for problem in page.problems]
        assert problem.message == "Gmail did not give 3 mails, and 2 are given up"
        assert len(mails(client)) == 1
        google.faults.clear()
        assert [problem for page in sync(client) for problem in page.problems] == []
        assert len(mails(client)) == 2

    @pytest.mark.parametrize("kind", ["truncate", "garble", "drop"])
    def test_a_broken_batch_is_sent_again(self, google: GoogleServer, client: Client, kind: Any) -> None:
        google.gmail.receive(ANNA)
        google.faults.append(Fault(kind, BATCH))
        sync(client)
        assert len(mails(client)) == 1
