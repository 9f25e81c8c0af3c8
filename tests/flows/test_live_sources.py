"""A network without one exported file: contacts, calendar and tasks on a server of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from tests.support.dav_servers import radicale
from tests.support.demo import command

pytestmark = pytest.mark.dav

CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:freya\r\nFN:Freya Lind\r\nEMAIL:freya@lind.example\r\n"
    "CATEGORIES:client\r\nEND:VCARD\r\n"
)
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:lunch\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260105T120000Z\r\nDTEND:20260105T130000Z\r\nSUMMARY:Lunch\r\n"
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:freya@lind.example\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alex@example.com\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_contacts_calendar_and_tasks_on_one_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with radicale(tmp_path / "radicale") as server:
        for name in ("TOUCHBASE_CARDDAV_PASSWORD", "TOUCHBASE_CALDAV_PASSWORD"):
            monkeypatch.setenv(name, server.password)
        for path, kind, text in (("people", "vcard", CARD), ("work", "calendar", EVENT)):
            made = requests.put(
                f"{server.home}{path}/", data=text.encode(), headers={"Content-Type": f"text/{kind}"},
                auth=(server.user, server.password), timeout=30,
            )  # fmt: skip
            assert made.status_code == 201
        config = tmp_path / "network" / "touchbase.toml"
        command("init", config.parent, "--no-input")
        account = f'url = "{server.url}"\nuser = "{server.user}"\n'
        config.write_text(
            '[me]\nemails = ["alex@example.com"]\n[tasks]\ntype = "caldav"\nlist = "people-tasks"\n'
            f'{account}[[sources]]\nname = "book"\ntype = "carddav"\n{account}'
            f'[[sources]]\nname = "calendar"\ntype = "caldav"\n{account}'
        )
        run = ("run", "--json", "--config", config, "--today")
        first = json.loads(command(*run, "2026-06-01").output)
        assert first["status"] == "ok", first
        assert [source["contacts"]["added"] + source["meetings"]["added"] for source in first["sources"]] == [
            1,
            1,
        ]
        (freya,) = json.loads(command("people", "--json", "--config", config, "--today", "2026-06-01").output)
        assert freya["last_contact"] == "2026-01-05"
        assert first["follow_ups"]["created"] == 1
        second = json.loads(command(*run, "2026-06-01").output)
        assert second["status"] == "ok"
        assert second["follow_ups"]["created"] == 0
        checked = command("doctor", "--config", config).output
        assert "people (1)" in checked
        assert "work (1)" in checked
