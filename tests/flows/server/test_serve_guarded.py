"""Who reaches a real ``touchbase serve``, and whom its pages reach."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.demo import network
from tests.support.marks import ABOUT_SQLITE
from tests.support.prefect_api import until
from tests.support.serving import QUIET, Served, chromium, serving

pytestmark = [pytest.mark.prefect, ABOUT_SQLITE]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(network(tmp_path_factory.mktemp("guarded") / "network")) as found:
        yield found


def ask(served: Served, path: str, body: object = None, **headers: str) -> tuple[int, str]:
    """The status and text of the answer to a request with these headers alone."""
    text = None if body is None else json.dumps(body)
    with closing(HTTPConnection("127.0.0.1", served.port, timeout=30)) as connection:
        connection.request("GET" if text is None else "POST", f"/api{path}", text, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_without_its_password_the_api_is_closed(served: Served) -> None:
    kind = {"Content-Type": "application/json"}
    wrong = {"Authorization": "Basic d3Jvbmc="}
    for path in ("/flow_runs/filter", "/block_documents/filter", "/deployments/filter", "/logs/filter"):
        assert ask(served, path, {}, **kind)[0] == 401
        assert ask(served, path, {}, **kind, **wrong)[0] == 401
        assert ask(served, path, {}, **kind, **served.login())[0] == 200
    assert ask(served, "/admin/settings")[0] == 401
    assert ask(served, "/health") == (200, "true")


def test_the_password_is_no_help_to_a_page_of_another_origin(served: Served) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        status, text = ask(served, "/admin/version", **served.login(), **headers)
        assert status == 403
        assert "3." not in text


def test_the_password_is_the_users_alone_and_lasts(served: Served) -> None:
    home = served.config.parent / ".prefect"
    assert home.stat().st_mode & 0o777 == 0o700
    for name in ("serve.json", "password"):
        assert (home / name).stat().st_mode & 0o777 == 0o600
    password = served.note.password
    assert len(password) >= 32
    assert (home / "password").read_text() == password
    for pid in Path("/proc").glob("[0-9]*"):
        try:
            words = (pid / "cmdline").read_text()
        except OSError:
            continue
        assert password not in words, "any user of the machine reads the words of a command"
    assert password not in "".join(log.read_text() for log in home.glob("*.log"))


class Elsewhere(BaseHTTPRequestHandler):
    """A page of another origin, which knows the address and even the password."""

    page = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


ATTACK = """
<script>
const api = "API", login = {Authorization: "LOGIN"}, said = {};
const attempt = (name, options, path = "/flow_runs/filter") => fetch(api + path, options)
  .then((answer) => { said[name] = answer.type + " " + answer.status; }, () => { said[name] = "refused"; });
const run = JSON.stringify({name: "of-a-stranger", flow_id: "FLOW", state: {type: "SCHEDULED"}});
const socket = new Promise((done) => {
  const opened = new WebSocket(api.replace("http", "ws") + "/events/in", ["prefect"]);
  opened.onopen = () => { said.socket = "open"; done(); };
  opened.onerror = () => { said.socket = "refused"; done(); };
});
const frame = new Promise((done) => setTimeout(() => {
  said.frame = String(document.querySelector("iframe").contentWindow.length);
  done();
}, 1000));
Promise.all([
  attempt("read", {method: "POST", body: "{}", headers: {"Content-Type": "application/json", ...login}}),
  attempt("get", {headers: login}, "/admin/version"),
  attempt("write", {method: "POST", body: run, headers: {"Content-Type": "application/json", ...login}},
    "/flow_runs/"),
  attempt("blind", {method: "POST", body: run, mode: "no-cors"}, "/flow_runs/"),
  socket, frame,
]).then(() => { document.title = JSON.stringify(said); });
</script>
<iframe src="UI"></iframe>
"""


@pytest.mark.browser
def test_a_page_of_another_origin_neither_reads_nor_writes(served: Served) -> None:
    from playwright.sync_api import sync_playwright

    (flow, *_) = served.ask("/flows/filter", {})
    base = f"http://127.0.0.1:{served.port}"
    words = {"API": f"{base}/api", "LOGIN": served.login()["Authorization"], "FLOW": flow["id"], "UI": base}
    page_text = ATTACK
    for name, value in words.items():
        page_text = page_text.replace(name, value)
    handler = type("Attacker", (Elsewhere,), {"page": page_text})
    with HTTPServer(("127.0.0.1", 0), handler) as stranger, sync_playwright() as playwright:
        Thread(target=stranger.serve_forever, daemon=True).start()
        rules = "--host-resolver-rules=MAP *.example 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*QUIET, rules])
        page = browser.new_page()
        page.goto(f"http://evil.example:{stranger.server_port}/")
        page.wait_for_function("document.title.startsWith('{')")
        said = json.loads(page.title())
        assert said.pop("blind") in ("opaque 0", "refused")
        assert said == dict.fromkeys(("read", "get", "write", "socket"), "refused") | {"frame": "0"}
        assert page.frames[1].locator("#root, #app").count() == 0
        # DNS rebinding: the same server under the name of the page.
        answer = page.goto(f"http://evil.example:{served.port}/")
        assert answer is not None
        assert answer.status == 403
        browser.close()
        stranger.shutdown()
    runs = served.ask("/flow_runs/filter", {"flow_runs": {"name": {"any_": ["of-a-stranger"]}}})
    assert runs == []


NAME = re.compile(rb"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|io|net|example)")


@contextmanager
def outside() -> Iterator[tuple[int, set[str]]]:
    """A port that stands for every other machine, and the names for which it was asked."""
    asked: set[str] = set()
    with socket.create_server(("127.0.0.1", 0)) as port:

        def listen() -> None:
            while True:
                try:
                    connection, _ = port.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(2)
                    try:
                        # The first words of HTTP, or of TLS, hold the name.
                        names = NAME.findall(connection.recv(4096))
                    except OSError:
                        names = []
                    asked.update(name.decode() for name in names or [b"nameless"])

        threading.Thread(target=listen, daemon=True).start()
        yield port.getsockname()[1], asked


LOGIN_PAGE, DASHBOARD = re.compile("/login"), re.compile("/dashboard")
# Chromium itself calls these, whatever page is open.
OF_THE_BROWSER = (".googleapis.com", ".google.com", "nameless")


@pytest.mark.browser
def test_the_printed_address_logs_in_and_no_page_reaches_elsewhere(served: Served) -> None:
    from playwright.sync_api import sync_playwright

    base = f"http://127.0.0.1:{served.port}"
    made = served.ask(
        "/artifacts/",
        {"key": "hostile", "type": "markdown", "data": "![x](http://evil.example/x.png) seen"},
    )
    with outside() as (port, asked), sync_playwright() as playwright:
        rules = f"--host-resolver-rules=MAP * 127.0.0.1:{port}, EXCLUDE 127.0.0.1, EXCLUDE localhost"
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*QUIET, rules])
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{base}/runs")
        page.wait_for_url(LOGIN_PAGE)
        page.goto(served.note.enter.replace("#", "#not"))
        page.wait_for_url(LOGIN_PAGE)
        page.goto(served.note.enter)
        page.wait_for_url(DASHBOARD)
        assert served.note.password not in page.evaluate("JSON.stringify(performance.getEntries())")
        for path in ("dashboard", "runs", "deployments", "blocks/catalog", "settings"):
            for ui in ("", "/v2"):
                page.goto(f"{base}{ui}/{path}")
                page.wait_for_load_state("networkidle")
                assert "/login" not in page.url
        for ui in ("", "/v2"):
            page.goto(f"{base}{ui}/artifacts/artifact/{made['id']}")
            page.get_by_text("seen").first.wait_for()
        page.goto(f"{base}/v2/deployments")
        page.get_by_text("hourly-calendar").first.wait_for()
        # The tunnel's end has another name, and its own login.
        other = browser.new_page()
        other.goto(served.note.enter.replace("127.0.0.1", "localhost"))
        other.wait_for_url(DASHBOARD)
        other.goto(f"http://localhost:{served.port}/v2/deployments")
        other.get_by_text("hourly-calendar").first.wait_for()
        browser.close()
    assert [name for name in asked if not name.endswith(OF_THE_BROWSER)] == []


@pytest.mark.browser
def test_without_the_policy_the_new_ui_would_call_its_analytics(served: Served) -> None:
    """The test above can fail: Prefect calls from the browser although its analytics are off."""
    from playwright.sync_api import sync_playwright

    with outside() as (port, asked), sync_playwright() as playwright:
        rules = f"--host-resolver-rules=MAP * 127.0.0.1:{port}, EXCLUDE 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*QUIET, rules])
        page = browser.new_context(bypass_csp=True).new_page()
        page.goto(f"http://127.0.0.1:{served.port}/v2/dashboard")
        until(lambda: any("amplitude" in name for name in asked), "its call", 30)
        browser.close()


def test_the_settings_in_the_folder_do_not_count(served: Served) -> None:
    """A .env and a prefect.toml there name another server."""
    seen: Any = served.ask("/admin/settings")
    assert seen["api"]["url"] == f"http://127.0.0.1:{served.port}/api"
    assert seen["home"] == str(served.config.parent / ".prefect")
