"""Mail on a real server settles a follow-up by the next hourly run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.flows.test_waiting import FROM_ANNA, SETTINGS, Home, tasks, to
from tests.support.demo import command
from tests.support.mail_server import PASSWORD, USER, mail_server

pytestmark = pytest.mark.mail


def test_a_mail_that_you_send_completes_the_task_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHBASE_IMAP_PASSWORD", PASSWORD)
    with mail_server({"Sent": "\\Sent"}) as server:
        home = Home(tmp_path / "home")
        before, found, after = SETTINGS.partition('type = "mailbox"\npath = "mail.mbox"\n')
        assert found
        server_settings = (
            f'type = "imap"\nhost = "127.0.0.1"\nport = {server.port}\nuser = "{USER}"\nencryption = "none"\n'
        )
        home.config.write_text(before + server_settings + after)
        server.deliver("INBOX", FROM_ANNA)
        home.daily(date(2026, 3, 4))
        assert tasks(home) == {"Answer Anna Berg": "open: "}
        server.deliver("Sent", to("answer", "anna@home.example", 5))
        home.hourly(date(2026, 3, 5))
        closed = tasks(home)["Answer Anna Berg"]
        assert closed.startswith("withdrawn: ")
        assert "you wrote to anna@home.example" in closed
        said = command("explain", "Anna Berg", "--config", home.config, "--today", "2026-03-05").stdout
        assert "you wrote to anna@home.example" in said
