"""What an installation without the extras says, and the command that it names."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from flows.pages import html_report
from people import extras
from people.errors import UserMustAct
from people.extras import BRINGS, DISTRIBUTION, Extra
from people.store import open_store
from tests.support.demo import TODAY, command, network, run

GOOGLE = '\n[[sources]]\nname = "account"\ntype = "google"\n'


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As if none of the extras were installed."""
    for names in BRINGS.values():
        monkeypatch.setitem(sys.modules, names[0], None)
    return monkeypatch


def test_every_extra_of_the_distribution_is_known_and_here() -> None:
    offered = set(importlib.metadata.metadata(DISTRIBUTION).get_all("Provides-Extra", []))
    assert offered == {*BRINGS, "all", "install", "dev"}
    assert all(extras.installed(extra) for extra in BRINGS)


def test_an_extra_brings_the_packages_that_are_looked_for() -> None:
    listed = [Requirement(line) for line in importlib.metadata.requires(DISTRIBUTION) or ()]
    of_package = importlib.metadata.packages_distributions()
    for extra, names in BRINGS.items():
        brought = {
            need.name for need in listed if need.marker and need.marker.evaluate({"extra": str(extra)})
        } - {need.name for need in listed if not need.marker}
        for name in names:
            assert brought & {*of_package[name.partition(".")[0]]}, f"{extra} brings {name}"


@pytest.mark.usefixtures("without")
def test_without_google_the_other_sources_are_read(tmp_path: Path) -> None:
    config = network(tmp_path / "mine")
    config.write_text(config.read_text() + GOOGLE)
    told = run(config)
    assert told["status"] == "partial"
    errors = {source["name"]: source["error"] for source in told["sources"]}
    assert errors.pop("account") == "type = \"google\" needs the extra 'google', which is not installed"
    assert set(errors.values()) == {None}
    doctor = command("doctor", "--config", config).output
    assert f"'{DISTRIBUTION}[google]'" in doctor


@pytest.mark.usefixtures("without")
def test_without_google_there_is_no_login() -> None:
    with pytest.raises(UserMustAct, match="touchbase login needs the extra 'google'") as told:
        command("login", "google")
    assert "install" in told.value.help


@pytest.mark.usefixtures("without")
def test_without_the_driver_postgres_is_no_store() -> None:
    with pytest.raises(UserMustAct, match="a store on Postgres needs the extra 'postgres'"):
        open_store("postgresql+psycopg://me@127.0.0.1/mine")


def test_without_drawings_the_report_has_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = network(tmp_path / "mine")
    run(config)
    words = ("report", "--config", config, "--today", TODAY.isoformat(), "-o")
    drawn = command(*words, tmp_path / "drawn.html")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    plain = command(*words, tmp_path / "plain.html")
    assert "To have them drawn" not in drawn.output
    assert f"'{DISTRIBUTION}[" in plain.output
    pages = [(tmp_path / name).read_text() for name in ("drawn.html", "plain.html")]
    assert ["<svg" in page for page in pages] == [True, False]
    assert html_report.NOT_DRAWN in pages[1]
    for part in ("<section", "<table", "<h2", "<caption"):
        assert pages[0].count(part) == pages[1].count(part)


@pytest.mark.parametrize(
    ("mark", "begins"),
    [
        ("uv-receipt.toml", "uv tool install "),
        ("pipx_metadata.json", "pipx install --force "),
        ("pyvenv.cfg", f"{sys.executable} -m pip install "),
    ],
)
def test_the_remedy_is_for_what_installed_it(
    tmp_path: Path, without: pytest.MonkeyPatch, mark: str, begins: str
) -> None:
    (tmp_path / mark).touch()
    without.setattr(sys, "prefix", str(tmp_path))
    assert extras.remedy("google") == f"{begins}'{DISTRIBUTION}[google]'"


def test_an_environment_without_pip_is_uvs(tmp_path: Path, without: pytest.MonkeyPatch) -> None:
    without.setattr(sys, "prefix", str(tmp_path))
    without.setitem(sys.modules, "pip", None)
    assert extras.remedy("report").startswith(f"uv pip install --python {sys.executable} ")


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"url": "file:///a b/x.whl", "archive_info": {}}, "file:///a b/x.whl"),
        ({"url": "file:///a b/checkout", "dir_info": {"editable": True}}, "file:///a b/checkout"),
        (
            {"url": "https://git.example/t b", "vcs_info": {"vcs": "git", "commit_id": "0a1b"}},
            "git+https://git.example/t b@0a1b",
        ),
    ],
)
def test_the_remedy_names_where_it_came_from_and_what_is_here_already(
    told: dict[str, object], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name alone is looked for in an index, where it may be another's."""
    here = tmp_path / "touchbase_followups-1.0.dist-info"
    here.mkdir()
    (here / "direct_url.json").write_text(json.dumps(told))
    monkeypatch.setattr(extras, "_SITE", tmp_path)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    wanted: Extra = "report"
    assert extras.remedy(wanted).endswith(f" '{DISTRIBUTION}[google,postgres,report] @ {where}'")
