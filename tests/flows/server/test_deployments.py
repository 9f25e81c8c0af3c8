"""prefect.yaml, the automations' file and the modules of flows/: what Prefect would silently get wrong."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path
from typing import Any

import prefect.deployments
import pytest
import yaml
from prefect.cli.deploy._models import (
    ConcurrencyLimitSpec,
    DeploymentConfig,
    PrefectYamlModel,
    RawScheduleConfig,
    WorkPoolConfig,
)
from prefect.events.schemas.automations import AutomationCore

from flows.cli.demo.network import write_network
from flows.orchestration import deployment
from people.errors import SettingsError
from tests.support.demo import TODAY
from tests.support.paths import ROOT

TEXT = (ROOT / "prefect.yaml").read_text()
FILE: dict[str, Any] = yaml.safe_load((ROOT / "prefect.yaml").read_text())
OURS = {"definitions"}  # YAML anchors live there; Prefect ignores it


def keys(model: Any) -> set[str]:
    """The keys that Prefect reads into ``model``, a pydantic model."""
    return {field.alias or name for name, field in model.model_fields.items()}


def unknown(document: dict[str, Any]) -> list[str]:
    """Every key of a prefect.yaml that Prefect would ignore."""
    found = [key for key in document if key not in keys(PrefectYamlModel) | OURS]
    for item in document["deployments"]:
        parts = [
            (DeploymentConfig, [item]),
            (WorkPoolConfig, [item["work_pool"]]),
            (RawScheduleConfig, item.get("schedules", [])),
            (ConcurrencyLimitSpec, [item["concurrency_limit"]] if "concurrency_limit" in item else []),
        ]
        found += [
            f"{item['name']}: {key}"
            for model, ones in parts
            for one in ones
            for key in one
            if key not in keys(model)
        ]
    return found


def test_prefect_yaml_has_no_key_that_prefect_ignores() -> None:
    assert unknown(FILE) == []


@pytest.mark.parametrize("place", ["deployment", "schedule", "pool", "top"])
def test_a_misspelt_key_would_be_found(place: str) -> None:
    document = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    daily = document["deployments"][0]
    where = {
        "deployment": daily,
        "schedule": daily["schedules"][0],
        "pool": daily["work_pool"],
        "top": document,
    }
    where[place]["paramaters"] = {}
    assert len(unknown(document)) >= 1


def in_containers() -> dict[str, Any]:
    """The file as its head says to change it for containers."""
    text = re.sub(r"^( *)#\| ", r"\1", TEXT, flags=re.MULTILINE)
    assert "pull: *checkout" in text
    document: dict[str, Any] = yaml.safe_load(text.replace("pull: *checkout", "pull: *image"))
    return document


def test_prefect_takes_the_file_with_and_without_its_lines_for_containers() -> None:
    assert in_containers() != FILE
    for document in (FILE, in_containers()):
        assert unknown(document) == []
        assert len(PrefectYamlModel.model_validate(document).deployments) == len(FILE["deployments"])


def test_the_lines_for_containers_follow_prefects_recipe() -> None:
    recipe = yaml.safe_load(
        (Path(prefect.deployments.__file__).parent / "recipes/docker/prefect.yaml").read_text()
    )
    ours = in_containers()
    for part in ("build", "push"):
        (step,) = recipe[part]
        ((name, inputs),) = step.items()
        (own,) = (item[name] for item in ours[part] if name in item)
        assert own.keys() == inputs.keys()
    assert [next(iter(step)) for step in ours["pull"]] == [next(iter(step)) for step in recipe["pull"]]
    for item in ours["deployments"]:
        assert item["work_pool"]["job_variables"]["image"] == "{{ build_image.image }}"


def test_every_deployment_has_what_keeps_it_single_and_findable() -> None:
    for item in FILE["deployments"]:
        path, _, function = item["entrypoint"].partition(":")
        assert f"def {function}(" in (ROOT / path).read_text()
        assert item["tags"]
        assert item["description"].strip()
        assert item["work_pool"]["name"] == deployment.POOL
        # Those two are started by others, and any number of networks may be under way.
        if item["name"] not in ("attention", "network"):
            assert item["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
            (schedule,) = item["schedules"]
            assert schedule["slug"]
            assert schedule["timezone"] == "{{ network.time_zone }}"


def test_no_module_of_flows_hides_another_one() -> None:
    """A file entry point puts flows/ first on sys.path."""
    names = {path.stem for path in (ROOT / "flows").iterdir() if path.suffix in ("", ".py")} - {"__init__"}
    installed = set(importlib.metadata.packages_distributions()) - {"flows"}
    assert names & (set(sys.stdlib_module_names) | installed) == set()


def test_the_automations_are_what_prefect_takes() -> None:
    listed = yaml.safe_load((ROOT / "flows" / "orchestration" / "automations.yaml").read_text())
    for item in listed:
        for action in item["actions"]:
            if action.pop("deployment", None):
                action |= {"source": "selected", "deployment_id": "00000000-0000-0000-0000-000000000001"}
                assert action["parameters"]["next_command"]
        parsed = AutomationCore.model_validate(item)
        assert parsed.name.startswith("Touchbase: ")
    assert len({item["name"] for item in listed}) == len(listed) == 8


class TestNetwork:
    """The build step that fills in {{ network... }}."""

    def test_it_finds_the_settings_and_the_zone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = write_network(tmp_path / "network", TODAY)
        monkeypatch.setenv("TOUCHBASE_CONFIG", str(config))
        found = deployment.network()
        assert found["config"] == str(config)
        assert found["time_zone"] == "Europe/London"
        assert (Path(str(found["root"])) / "prefect.yaml").exists()

    def test_a_folder_of_networks_needs_no_settings_beside_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = write_network(tmp_path / "networks" / "ben", TODAY)
        (tmp_path / "networks" / "anna").mkdir()
        (tmp_path / "networks" / "anna" / "touchbase.toml").write_text("nonsense = 1")
        monkeypatch.delenv("TOUCHBASE_CONFIG", raising=False)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("TOUCHBASE_NETWORKS", "networks")
        found = deployment.network()
        assert (found["config"], found["folder"]) == (str(config), str(tmp_path / "networks"))
        assert found["many"] is True

    def test_one_network_has_the_schedule_of_many_switched_off(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TOUCHBASE_CONFIG", str(write_network(tmp_path / "mine", TODAY)))
        monkeypatch.delenv("TOUCHBASE_NETWORKS", raising=False)
        found = deployment.network()
        assert (found["folder"], found["many"]) == (str(tmp_path / "mine" / "networks"), False)

    def test_without_settings_it_says_how_to_name_them(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TOUCHBASE_CONFIG", raising=False)
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SettingsError, match="no settings file") as told:
            deployment.network()
        assert "TOUCHBASE_CONFIG=" in told.value.help
