"""CONTRIBUTING keeps its promises: the files that it names exist, and its recipes work on a copy of the tree.

The recipes for a source and a sink are tried in ``tests.connectors.test_catalog``, the one for a decision in
``tests.rules.test_decisions``, and the one for a command in ``tests.flows.test_commands``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.generate.code_map import PACKAGES
from tests.support.paths import ROOT

TREE = (*PACKAGES, "tests", "docs", "benchmarks", "examples")
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "rules"),
]
"""The pages about this repository. Those in docs/rules name files of the reader's own network."""

PATH = re.compile(rf"`((?:{'|'.join(TREE)})/[\w./-]*)`")
MODULE = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.(?!py`)\w+)+)`")
PLACEHOLDER = "NAME"

TAG_THE_DEMO = """\
import json
from pathlib import Path
from tests.support.demo import command, network, pulled

config = pulled(network(Path("network")))
rule = "{id: a-names, for: person, when: {initial: A}, then: {tag: a-name}}"
(config.parent / "rules" / "initials.yaml").write_text(f"version: 1\\nrules:\\n  - {rule}\\n")
people = json.loads(command("people", "--json", "--config", config, "--today", "2026-01-14").output)
print(json.dumps([person["name"][0] for person in people if "a-name" in person["tags"]]))
"""

DEPLOYMENT = """
  - name: greeting
    entrypoint: flows/greeting.py:greeting
    description: Greet the user.
    tags: [touchbase]
    parameters: {config: "{{ network.config }}"}
    schedules:
      - {slug: morning, cron: "0 7 * * *", timezone: "{{ network.time_zone }}"}
    concurrency_limit: *once
    work_pool: *pool
"""


def exists(module: str) -> bool:
    """Whether a dotted name is a module, or a name that a module defines."""
    path = ROOT / module.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    holder = path.parent.with_suffix(".py")
    holder = holder if holder.is_file() else path.parent / "__init__.py"
    return holder.is_file() and re.search(rf"\b{path.name}\b", holder.read_text("utf-8")) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_module_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    paths = [path for path in PATH.findall(text) if PLACEHOLDER not in path]
    missing = [path for path in paths if not (ROOT / path).exists()]
    missing += [module for module in MODULE.findall(text) if not exists(module)]
    assert missing == []


def test_every_folder_in_the_picture_of_the_layers_exists() -> None:
    picture = (ROOT / "docs" / "architecture.md").read_text("utf-8").split("```")[1]
    folders = set(re.findall(r"\b(\w+)/", picture))
    known = {path.name for package in PACKAGES for path in (ROOT / package, *(ROOT / package).rglob("*"))}
    assert len(folders) > 10
    assert folders - known == set()


def test_the_page_on_operations_has_every_deployment() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert [item["name"] for item in deployments if f"`{item['name']}`" not in page] == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the product, in which a test follows a recipe."""
    ignored = shutil.ignore_patterns("__pycache__")
    for package in (*PACKAGES, "examples"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    (tmp_path / "docs" / "rules").mkdir(parents=True)
    shutil.copy(ROOT / "prefect.yaml", tmp_path)
    return tmp_path


def insert_before(path: Path, line: str, new: str) -> None:
    """Add text to a file, before the first line that begins with ``line``."""
    before, found, after = path.read_text("utf-8").partition(f"\n{line}")
    assert found, f"{path.name} has no line {line!r}"
    path.write_text(f"{before}\n{new}{found}{after}", "utf-8")


def python(folder: Path, *words: str) -> str:
    """Run Python on the packages in ``folder``; return what it prints."""
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_fact_is_one_field_and_one_column(copy: Path) -> None:
    insert_before(
        copy / "people" / "facts" / "declared.py",
        "    emails: tuple[str, ...] = ",
        '    initial: str | None = fact("The first letter of the name.", "A")\n',
    )
    insert_before(
        copy / "people" / "facts" / "person.py",
        "        days_until_birthday=",
        '        initial=pl.col("name").str.head(1),\n',
    )
    python(copy, "-m", "tests.support.generate", str(copy))
    reference = (copy / "docs" / "rules" / "reference.md").read_text("utf-8")
    assert "| `initial` | text | The first letter of the name. | `A` |" in reference
    schema = json.loads((copy / "rules" / "rules.schema.json").read_text("utf-8"))
    assert "initial|startswith" in schema["definitions"]["PersonTests"]["properties"]

    (copy / "try_it.py").write_text(TAG_THE_DEMO)
    initials = json.loads(python(copy, "try_it.py"))
    assert len(initials) > 1
    assert set(initials) == {"A"}


def test_a_flow_is_one_file_and_one_deployment(copy: Path) -> None:
    (copy / "flows" / "greeting.py").write_text(
        '"""Greet the user."""\n\nfrom pathlib import Path\n\nfrom prefect import flow\n\n'
        "from flows.settings.loading import load\n\n\n"
        '@flow(name="greeting", persist_result=False)\n'
        "def greeting(config: Path) -> str:\n"
        '    return f"Hello, {load(config).me.name}!"\n'
    )
    with (copy / "prefect.yaml").open("a", encoding="utf-8") as file:
        file.write(DEPLOYMENT)
    deployments = yaml.safe_load((copy / "prefect.yaml").read_text("utf-8"))["deployments"]
    entrypoint = next(item["entrypoint"] for item in deployments if item["name"] == "greeting")
    (copy / "touchbase.toml").write_text('[me]\nname = "Alex"\n')
    greeted = python(
        copy,
        "-c",
        "from pathlib import Path\nfrom prefect.flows import load_flow_from_entrypoint\n"
        f"flow = load_flow_from_entrypoint({entrypoint!r})\n"
        "print(flow.name, flow.fn(Path('touchbase.toml')))",
    )
    assert greeted == "greeting Hello, Alex!\n"
