"""The wheel: what it holds, what it asks for, and that it works without the checkout and without extras."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import urllib3._version
from packaging.requirements import Requirement

from people.extras import BRINGS, DISTRIBUTION
from tests.support.paths import ROOT

CODE = ("connectors", "flows", "people", "rules")
LOCKS = [ROOT / "requirements" / name for name in ("run.txt", "dev.txt")]
OWNERS = {"prefect", "google-api-python-client", "vobject", "pydantic"}
"""What the owner chose to build on."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    words = ["-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a Python that finds the wheel, and no package of an extra."""
    site = tmp_path_factory.mktemp("site")
    words = ["-m", "pip", "install", "-qq", "--no-deps", "--no-compile", "--target", str(site), str(wheel)]
    subprocess.run([sys.executable, *words], check=True)
    missing = [name for names in BRINGS.values() for name in names]
    (site / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({missing}))\n")
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "TOUCHBASE_"))
    }
    return {**clean, "PYTHONPATH": str(site)}


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_all_code_and_what_the_code_reads(wheel: Path) -> None:
    ours = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *CODE, "examples", "prefect.yaml"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    tree = {path for path in ours.stdout.split() if (ROOT / path).is_file()}
    moved = {path if path.startswith(CODE) else f"flows/{path}" for path in tree}
    held = {name for name in names(wheel) if ".dist-info/" not in name}
    assert held == moved


def test_its_name_is_free_and_its_command_is_touchbase(wheel: Path) -> None:
    """Another project has the name touchbase."""
    assert wheel.name.startswith(f"{DISTRIBUTION.replace('-', '_')}-")
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "touchbase = flows.cli.main:main" in archive.read(entry).decode()


def test_the_demo_needs_no_checkout_and_no_extra(alone: dict[str, str], tmp_path: Path) -> None:
    program = "import flows.cli.main as m; print(m.__file__); m.main()"
    words = [sys.executable, "-P", "-c", program, "demo", "--today", "2026-01-14", "--json"]
    done = subprocess.run(words, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    place, _, told = done.stdout.partition("\n")
    assert Path(place).is_relative_to(alone["PYTHONPATH"])
    assert json.loads(told)["status"] == "ok"


def test_its_deployments_are_found_without_the_checkout(alone: dict[str, str], tmp_path: Path) -> None:
    program = "from flows.orchestration import deployment as d; print(d.prefect_yaml(), d.ROOT)"
    words = [sys.executable, "-P", "-c", program]
    done = subprocess.run(words, cwd=tmp_path, env=alone, capture_output=True, text=True, check=True)
    site = Path(alone["PYTHONPATH"]).resolve()
    assert done.stdout.split() == [str(site / "flows" / "prefect.yaml"), str(site)]


def test_what_the_owner_chose_is_locked() -> None:
    asked = {Requirement(line).name for line in importlib.metadata.requires(DISTRIBUTION) or ()}
    assert asked >= OWNERS
    for name in OWNERS:
        assert re.search(rf"^{name}==", LOCKS[0].read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_urllib3_is_its_own(lock: Path) -> None:
    """urllib3-future, which niquests brings, writes itself over urllib3 for every other package."""
    text = lock.read_text()
    assert not re.search(r"^(niquests|urllib3[-_]future)\b", text, re.MULTILINE)
    assert urllib3._version.__version__ == importlib.metadata.version("urllib3")
    assert urllib3._version.__version__ in text


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_a_hash_for_each_package_and_names_no_index(lock: Path) -> None:
    packages = re.findall(r"^([\w.-]+==[^\n]*(?:\n {4}--hash=[^\n]*)*)", lock.read_text(), re.MULTILINE)
    assert len(packages) > 100
    assert all("--hash=sha256:" in package for package in packages)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", lock.read_text())
