"""compose.yaml and the Dockerfile as data, so that tests do what a container engine would do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from tests.support.paths import ROOT

FILE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
SCHEMA = Path(__file__).with_name("compose-spec.json")


def filled(value: str) -> str:
    """The text with the default of each ``${NAME:-default}``."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def image() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, each with its words, in order."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    text = re.sub(r"\\\n", " ", "\n".join(lines))
    return [
        (name, rest.strip()) for name, _, rest in (line.partition(" ") for line in text.splitlines()) if name
    ]


def last(name: str) -> str:
    """The words of the last instruction of that name."""
    return [rest for found, rest in image() if found == name][-1]


def entry_point() -> list[str]:
    """The first words of every container's command, without the init process."""
    words: list[str] = json.loads(last("ENTRYPOINT"))
    assert words[:2] == ["tini", "--"]
    return words[2:]
