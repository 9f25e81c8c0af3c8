"""Dovecot, a real IMAP server, on 127.0.0.1 with a configuration and a folder of its own."""

from __future__ import annotations

import grp
import imaplib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.shared.mail.utf7 import encoded
from tests.support.dav_servers import free_port
from tests.support.mails import deliver, maildir

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
USER, PASSWORD = "alex@example.com", 's3cret & "quoted" \\ ü'
_PATIENCE = 60
_NUMBERS = itertools.count(1)

_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
{special}
}}
"""


@dataclass(frozen=True)
class MailServer:
    """A running server with one account. ``home`` holds its Maildir; ``ca`` is the certificate to trust."""

    port: int
    tls_port: int
    home: Path
    ca: Path
    log: Path

    @property
    def root(self) -> Path:
        """The Maildir of INBOX."""
        return self.home / "Maildir"

    def folder(self, name: str) -> Path:
        """The Maildir of a folder, whose parts are separated by slashes."""
        if name == "INBOX":
            return self.root
        return self.root / ("." + encoded_path(name))

    def deliver(self, folder: str, *mails: str) -> None:
        """Put mails into a folder, which is made if it is missing."""
        path = maildir(self.folder(folder))
        if folder != "INBOX":
            (path / "maildirfolder").touch()
        for text in mails:
            deliver(path, f"{next(_NUMBERS)}.host", text)
        give_to_server(path)

    def files(self, folder: str) -> list[Path]:
        """The files of the mails in a folder."""
        path = self.folder(folder)
        return [file for part in ("cur", "new") if (path / part).is_dir() for file in (path / part).iterdir()]

    def login(self) -> imaplib.IMAP4:
        """A client that is logged in, for what a mail program does."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return client


def encoded_path(name: str) -> str:
    """A folder's path as Maildir++ writes it."""
    return encoded(name).replace("/", ".")


def dovecot_or_skip() -> str:
    """The server's program; a test without one is skipped, but not in CI."""
    if DOVECOT is None:
        assert not os.environ.get("CI"), "Dovecot is missing: apt-get install dovecot-imapd"
        pytest.skip("Dovecot is missing: apt-get install dovecot-imapd")
    return DOVECOT


@contextmanager
def mail_server(
    special: dict[str, str] | None = None, *, names: str = "DNS:localhost,IP:127.0.0.1"
) -> Iterator[MailServer]:
    """Run Dovecot as the current user.

    ``special`` maps folders to a flag such as ``\\Sent``; ``names`` are those in the certificate.

    Dovecot refuses mail of root. Where root runs the tests, it belongs to nobody.
    """
    program = dovecot_or_skip()
    # Its sockets need a short path, which pytest's folders do not have.
    with tempfile.TemporaryDirectory(prefix="tb-imap-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        write_certificate(folder, names)
        server = MailServer(
            free_port(), free_port(), folder / "home", folder / "cert.pem", folder / "dovecot.log"
        )
        server.home.mkdir()
        give_to_server(maildir(server.root).parent)
        flags = "".join(
            f'  mailbox "{name}" {{\n    special_use = {flag}\n  }}\n'
            for name, flag in (special or {}).items()
        )
        text = _CONFIG.format(
            **_users(), folder=folder, port=server.port, tls_port=server.tls_port, special=flags,
        )  # fmt: skip
        (folder / "dovecot.conf").write_text(text)
        with (folder / "stderr.log").open("wb") as errors:
            command = [program, "-F", "-c", str(folder / "dovecot.conf")]
            process = subprocess.Popen(command, stdout=errors, stderr=errors, start_new_session=True)
        try:
            _wait(server, process)
            yield server
        finally:
            # Its processes are a group of their own. They have nothing to save.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _users() -> dict[str, object]:
    """The users of Dovecot's processes, and that of the mail."""
    if os.getuid() == 0:
        owner = pwd.getpwnam("nobody")
        uid, gid = owner.pw_uid, owner.pw_gid
        return {"internal": "dovecot", "login": "dovenull", "group": "dovecot", "uid": uid, "gid": gid}
    me = pwd.getpwuid(os.getuid())
    group = grp.getgrgid(me.pw_gid).gr_name
    return {"internal": me.pw_name, "login": me.pw_name, "group": group, "uid": me.pw_uid, "gid": me.pw_gid}


def give_to_server(path: Path) -> None:
    """Let the server write below ``path``."""
    if os.getuid() != 0:
        return
    owner = pwd.getpwnam("nobody")
    for one in (path, *path.rglob("*")):
        os.chown(one, owner.pw_uid, owner.pw_gid)


def _wait(server: MailServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            server.login().logout()
        except (OSError, imaplib.IMAP4.error):
            said = server.log.read_text() if server.log.exists() else ""
            assert process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        else:
            return


def write_certificate(folder: Path, names: str) -> None:
    """Write a certificate that signs itself, and its key."""
    command = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "30", "-subj", "/CN=localhost", "-addext", f"subjectAltName={names}",
        "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
