"""Cyrus, on which Fastmail is built. It lets anybody read its root, and a UID lies in one calendar only."""

from __future__ import annotations

import getpass
import os
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.dav_servers.base import DavServer, free_port, needs, running

_PROGRAMS = Path("/usr/lib/cyrus/bin")
_FOLDERS = ("db", "lock", "log", "msg", "proc", "ptclient", "quota", "socket", "sync", "user")
_IMAPD = """\
configdirectory: {folder}/conf
defaultpartition: default
partition-default: {folder}/spool
servername: localhost
admins: admin
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
sasl_mech_list: PLAIN
allowplaintext: yes
httpmodules: caldav carddav
virtdomains: off
unixhierarchysep: yes
altnamespace: yes
autocreate_post: yes
autocreate_quota: 0
delete_mode: immediate
"""
_CYRUS = """\
START {{
  recover cmd="ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
  http cmd="httpd -C {folder}/imapd.conf" listen="127.0.0.1:{port}" prefork=1
  lmtp cmd="lmtpd -C {folder}/imapd.conf -a" listen="127.0.0.1:{lmtp}" prefork=0
}}
"""


@contextmanager
def cyrus(_folder: Path) -> Iterator[DavServer]:
    """Cyrus, with the user ``alex`` who has a password.

    Its programs refuse to run as root, so they run as nobody in a folder that nobody may enter. They log to
    syslog only. The package cyrus-imapd is not needed: it would take the place of Dovecot.
    """
    programs = [str(_PROGRAMS / name) for name in ("master", "httpd", "lmtpd", "ctl_cyrusdb")]
    needs("cyrus-common cyrus-caldav sasl2-bin", *programs, "saslpasswd2")
    folder = Path(tempfile.mkdtemp(prefix="touchbase-cyrus-"))
    user = "nobody" if os.geteuid() == 0 else None
    port, lmtp = free_port(), free_port()
    try:
        _prepare(folder, port, lmtp, user)
        words = [programs[0], "-C", "imapd.conf", "-M", "cyrus.conf", "-p", str(folder / "pid")]
        url = f"http://127.0.0.1:{port}/"
        with running(words, url, folder, user=user, env={"CYRUS_USER": user or getpass.getuser()}):
            _make_inbox(lmtp)
            home, books = f"{url}dav/calendars/user/alex/", f"{url}dav/addressbooks/user/alex/"
            yield DavServer(url, home, books, "alex", "secret")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, port: int, lmtp: int, user: str | None) -> None:
    for name in _FOLDERS:
        (folder / "conf" / name).mkdir(parents=True)
    (folder / "spool").mkdir()
    (folder / "imapd.conf").write_text(_IMAPD.format(folder=folder))
    (folder / "cyrus.conf").write_text(_CYRUS.format(folder=folder, port=port, lmtp=lmtp))
    saslpasswd = shutil.which("saslpasswd2") or "saslpasswd2"
    words = [saslpasswd, "-c", "-p", "-f", str(folder / "sasldb2"), "-u", "localhost", "alex"]
    subprocess.run(words, input=b"secret", check=True)
    if user is not None:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, user, "nogroup")


def _make_inbox(port: int) -> None:
    """Deliver a mail, which makes the user's mailbox; without one there are no calendars."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with smtplib.LMTP("127.0.0.1", port, timeout=10) as mail:
                text = (
                    "From: a@example.com\r\nSubject: Welcome\r\nMessage-ID: <1@example.com>\r\n\r\nHello\r\n"
                )
                mail.sendmail("a@example.com", "alex", text)
        except (OSError, smtplib.SMTPException):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return
