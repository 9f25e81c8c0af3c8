"""The ready-made automations: read automations.yaml, and set up the server as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import ObjectNotFound

from people.errors import SettingsError, UserMustAct

FILE = Path(__file__).with_name("automations.yaml")
Outcome = Literal["made", "changed", "unchanged"]


def install(client: SyncPrefectClient, notify: str | None = None) -> dict[str, Outcome]:
    """Create each automation of the file, or update it; return what was done, by name.

    ``notify`` names a notification block as ``TYPE/NAME`` that is notified as well. Without it, existing
    notifications stay. Installing twice changes nothing, and an automation that is switched off stays off.
    Raises ``UserMustAct`` if the server has no attention deployment, ``SettingsError`` for an unknown block.
    """
    block = _block(client, notify) if notify else None
    return {core.name: _apply(client, core, keep=not block) for core in _wanted(client, block)}


def install_at_server(notify: str | None = None) -> dict[str, Outcome]:
    """Call ``install`` with the server that PREFECT_API_URL names."""
    with get_client(sync_client=True) as client:
        return install(client, notify)


def _wanted(client: SyncPrefectClient, block: str | None) -> list[AutomationCore]:
    listed: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for item in listed:
        alerts = [action for action in item["actions"] if action["type"] == "run-deployment"]
        item["actions"] = [_action(client, action) for action in item["actions"]]
        if block:
            item["actions"] += [_notification(action["parameters"], block) for action in alerts]
    return [AutomationCore.model_validate(item) for item in listed]


def _action(client: SyncPrefectClient, action: dict[str, Any]) -> dict[str, Any]:
    if action["type"] != "run-deployment":
        return action
    name = action["deployment"]
    try:
        deployment = client.read_deployment_by_name(name)
    except ObjectNotFound as error:
        raise UserMustAct(
            f"the server has no deployment '{name}'", help="first: prefect --no-prompt deploy --all"
        ) from error
    parameters = {
        key: {"__prefect_kind": "jinja", "template": text} for key, text in action["parameters"].items()
    }
    return {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": deployment.id,
        "parameters": parameters,
    }


def _notification(parameters: dict[str, str], block: str) -> dict[str, Any]:
    body = f"{parameters['message']}\nNext: {parameters['next_command']}"
    return {
        "type": "send-notification",
        "block_document_id": block,
        "subject": "Touchbase needs you",
        "body": body,
    }


def _block(client: SyncPrefectClient, name: str) -> str:
    kind, _, block = name.partition("/")
    try:
        return str(client.read_block_document_by_name(block, kind).id)
    except ObjectNotFound as error:
        raise SettingsError(
            f"the server has no block '{name}'", help="see: prefect block ls; write it as TYPE/NAME"
        ) from error


def _apply(client: SyncPrefectClient, core: AutomationCore, *, keep: bool) -> Outcome:
    """``keep`` keeps the notifications that the automation has now."""
    existing = client.read_automations_by_name(core.name)
    for twin in existing[1:]:
        client.delete_automation(twin.id)
    if not existing:
        client.create_automation(core)
        return "made"
    # The user decides whether it is switched on.
    wanted = core.model_copy(update={"enabled": existing[0].enabled})
    if keep:
        notifications = [action for action in existing[0].actions if action.type == "send-notification"]
        wanted = wanted.model_copy(update={"actions": [*core.actions, *notifications]})
    if _plain(existing[0]) == _plain(wanted):
        return "unchanged"
    client.update_automation(existing[0].id, wanted)
    return "changed"


def _plain(automation: AutomationCore | Automation) -> dict[str, Any]:
    """The part of an automation that the file defines, without ids and what the server adds."""
    shown = automation.model_dump(
        mode="json", include={"name", "description", "trigger", "actions", "enabled"}
    )
    shown["trigger"].pop("id", None)
    for key in ("after", "expect", "for_each"):
        # These are sets, whose order differs between processes.
        shown["trigger"][key] = sorted(shown["trigger"].get(key) or [])
    return shown
