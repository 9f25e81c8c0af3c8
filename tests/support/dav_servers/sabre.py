"""sabre/dav, on which Nextcloud and Baikal are built: PHP's own web server, SQLite, and a login by Digest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.dav_servers.base import DavServer, free_port, needs, running

_SCRIPT = Path(__file__).with_name("sabre.php")


@contextmanager
def sabre(folder: Path) -> Iterator[DavServer]:
    """sabre/dav, with the user ``alex``."""
    needs("php-cli php-sqlite3 php-xml php-sabre-dav", "php", "/usr/share/php/Sabre/autoload.php")
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    with running(["php", "-S", f"127.0.0.1:{port}", str(_SCRIPT)], url, folder):
        books = f"{url}addressbooks/alex/"
        yield DavServer(url, f"{url}calendars/alex/", books, "alex", "secret", digest=True)
