"""The editor's help: schemas that are true, and a language server that uses them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from rules.engine.language.model import rule_model
from rules.engine.showing import schema
from tests.support.paths import ROOT

RULES = ROOT / "rules"
SERVER = "yaml-language-server@1.25.0"


@pytest.mark.parametrize(
    ("name", "document"),
    [("rules.schema.json", schema.schema()), ("rules.test.schema.json", schema.test_schema())],
)
def test_the_committed_schema_is_what_the_models_say(name: str, document: dict[str, Any]) -> None:
    assert (RULES / name).read_text("utf-8") == schema.as_text(document), (
        f"rules/{name} is out of date: make generate"
    )


@pytest.mark.parametrize(
    "when",
    [
        {"title|contains": "owner", "days_since_contact|gte": "30d", "labels|count_lte": "0"},
        {"titel": "owner", "tier|gt": "2"},
        {"days_since_contact|gte": "soon", "month": "octobre", "stale": "maybe"},
        {"title": [], "city": {"is": "Bath"}},
        [{"city": "Bath"}, {}, "Bath"],
        {},
        "Bath",
    ],
)
def test_what_reads_rules_finds_the_mistakes_of_the_documented_model(when: object) -> None:
    item = {"id": "r", "for": "person", "when": when, "unless": when, "then": {"tag": "t"}}
    found = [_mistakes(rule_model("person", documented=documented), item) for documented in (True, False)]
    assert found[0] == found[1]


def _mistakes(model: type[BaseModel], item: object) -> list[tuple[object, ...]]:
    """The kinds, places and contexts of all mistakes. A wrong shape has one kind and no context."""
    try:
        model.model_validate(item)
    except ValidationError as error:
        return [
            ("shape", one["loc"])
            if one["type"] in ("model_type", "dict_type")
            else (one["type"], one["loc"], one.get("ctx"))
            for one in error.errors()
        ]
    return []


class Editor:
    """Speaks the language server protocol to yaml-language-server over its standard streams."""

    def __init__(self, server: Path) -> None:
        command = [shutil.which("node") or "node", str(server), "--stdio"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.asked = 0
        self.ask(
            "initialize", {"processId": os.getpid(), "rootUri": RULES.as_uri(), "capabilities": CAPABILITIES}
        )
        self.tell("initialized", {})

    def open(self, name: str, text: str) -> str:
        uri = (RULES / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        while uri not in self.diagnostics:
            self._answer(self._read())
        return uri

    def complete(self, name: str, marked: str) -> list[str]:
        """Return what is offered at the mark ``^`` of a document."""
        before, _, after = marked.partition("^")
        uri = self.open(name, before + after)
        lines = before.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        answer = self.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": position})
        return [item["label"] for item in answer["items"]]

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.asked += 1
        self._send({"id": self.asked, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self.asked and "method" not in message:
                return message["result"]
            self._answer(message)

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def _answer(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif method == "workspace/configuration":
            wanted = message["params"]["items"]
            self._send(
                {"id": message["id"], "result": [SETTINGS.get(item.get("section"), {}) for item in wanted]}
            )
        elif "id" in message:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        length = 0
        while header := self.process.stdout.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message


SETTINGS = {"yaml": {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}}
CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {"completion": {"completionItem": {"snippetSupport": True}}},
}


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    running = Editor(installed_server())
    yield running
    running.process.kill()
    running.process.wait()


def installed_server() -> Path:
    """Install the language server once, in a cache outside the repository."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, so the language server cannot be had")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "touchbase-tests" / SERVER.replace("@", "-")
    server = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not server.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", SERVER]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if any(word in done.stderr for word in ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT")):
            pytest.skip("npm reaches no registry from here, so the language server cannot be had")
        assert done.returncode == 0, done.stderr
    return server


HEAD = "# yaml-language-server: $schema=rules.schema.json\nversion: 1\nrules:\n"


def test_the_editor_completes_the_fields_of_the_subject_inside_when(editor: Editor) -> None:
    offered = editor.complete("a.yaml", HEAD + "  - id: a\n    for: person\n    when:\n      ti^\n")
    assert {"title", "title|contains", "days_since_contact|gte", "tier"} <= set(offered)
    assert "attendee_count" not in offered


def test_the_editor_completes_another_subject_inside_unless(editor: Editor) -> None:
    offered = editor.complete(
        "b.yaml", HEAD + "  - id: a\n    for: meeting\n    when: {title: x}\n    unless:\n      - att^\n"
    )
    assert {"attendee_count|gte", "attendee_domains"} <= set(offered)
    assert "tier" not in offered


def test_the_editor_completes_what_a_rule_can_decide(editor: Editor) -> None:
    offered = editor.complete("c.yaml", HEAD + "  - id: a\n    for: person\n    then:\n      ca^\n")
    assert {"cadence", "tier", "follow_up"} <= set(offered)
    assert "noise" not in offered


PLANTED = """\
  - id: a
    for: person
    when:
      titel: owner                        # line 7
      days_since_contact|contains: 3      # line 8
      stale: yes                          # line 9
    then: {tier: key, cadence: 30}        # line 10
    whyy: a typing mistake                # line 11
  - id: b
    for: metting                          # line 13
    then: {}
  - id: c
    for: meeting
    when: {tier: key}                     # line 17
    then: {counts: fulll}                 # line 18
"""


def test_the_editor_flags_planted_mistakes(editor: Editor) -> None:
    uri = editor.open("d.yaml", HEAD + PLANTED)
    flagged = {found["range"]["start"]["line"] + 1 for found in editor.diagnostics[uri]}
    assert flagged == {7, 8, 9, 10, 11, 13, 17, 18}


@pytest.mark.parametrize("path", sorted(RULES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_editor_is_content_with_the_starter_files(editor: Editor, path: Path) -> None:
    uri = editor.open(f"{path.name}", path.read_text("utf-8"))
    assert editor.diagnostics[uri] == []
