"""``make release`` and what goes with it: checksums, the check for vulnerabilities, the workflow."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import audit, locked
from tests.support.paths import ROOT
from tests.support.release import checksums

ADVISORY = """
id: PYSEC-1
affected:
- package: {name: Toy_Package, ecosystem: PyPI}
  ranges:
  - type: GIT
    events: [{introduced: "0"}]
  - type: ECOSYSTEM
    events: [{introduced: "1.0"}, {fixed: "1.2"}, {introduced: "2.0"}, {last_affected: "2.1"}]
  versions: ["0.5"]
"""


@pytest.mark.parametrize(
    ("version", "repaired"),
    [("0.5", ""), ("0.9", None), ("1.0", "1.2"), ("1.1.9", "1.2"), ("1.2", None), ("2.1", ""), ("2.2", None)],
)
def test_an_advisory_concerns_the_versions_in_its_ranges(
    tmp_path: Path, version: str, repaired: str | None
) -> None:
    (tmp_path / "vulns" / "toy-package").mkdir(parents=True)
    (tmp_path / "vulns" / "toy-package" / "PYSEC-1.yaml").write_text(ADVISORY)
    found = list(audit.concerning(tmp_path, {"toy.package": {version}, "other": {"1.0"}}))
    assert found == ([] if repaired is None else [("toy.package", version, "PYSEC-1", repaired)])


def test_what_was_withdrawn_concerns_nobody(tmp_path: Path) -> None:
    (tmp_path / "vulns" / "toy-package").mkdir(parents=True)
    (tmp_path / "vulns" / "toy-package" / "PYSEC-1.yaml").write_text(
        "withdrawn: 2026-01-01T00:00:00Z" + ADVISORY
    )
    assert list(audit.concerning(tmp_path, {"toy-package": {"1.0"}})) == []


def test_without_a_database_it_says_why_it_is_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main([""]) == 0
    assert "skipped: there is no database" in capsys.readouterr().out
    assert audit.main([str(tmp_path)]) == 2


def test_a_vulnerable_lock_fails_and_names_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (version,) = locked.versions()["prefect"]
    (tmp_path / "vulns" / "prefect").mkdir(parents=True)
    text = ADVISORY.replace("Toy_Package", "prefect").replace('"1.2"}, {introduced: "2.0"', '"99"')
    text = text.replace(', {last_affected: "2.1"}', "")
    (tmp_path / "vulns" / "prefect" / "PYSEC-1.yaml").write_text(text)
    assert audit.main([str(tmp_path)]) == 1
    assert f"prefect {version}: PYSEC-1, repaired in 99" in capsys.readouterr().out


def test_the_checksums_name_every_file_but_themselves(tmp_path: Path) -> None:
    for name in ("b.whl", "a.tar.gz", "SHA256SUMS"):
        (tmp_path / name).write_text(name)
    lines = [line.split("  ") for line in checksums(tmp_path).splitlines()]
    assert lines == [[hashlib.sha256(name.encode()).hexdigest(), name] for name in ("a.tar.gz", "b.whl")]


def test_the_workflow_runs_ci_on_every_python_that_is_offered() -> None:
    workflow: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    job = workflow["jobs"]["ci"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    begin = "Programming Language :: Python :: 3."
    assert [f"{begin}{python.removeprefix('3.')}" for python in job["strategy"]["matrix"]["python"]] == [
        text for text in project["classifiers"] if text.startswith(begin)
    ]
    assert "bash .ci/run" in [step.get("run") for step in job["steps"]]
    assert workflow["permissions"] == {"contents": "read"}
