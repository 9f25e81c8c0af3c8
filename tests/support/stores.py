"""Where the networks of tests keep their stores: in their folder, or in a schema on Postgres."""

from __future__ import annotations

import os
import re
import shutil
from hashlib import sha256
from pathlib import Path

from flows.settings.loading import load
from people.store import open_store
from people.store.db import copying
from tests.support.marks import ON_POSTGRES

SERVER = "TOUCHBASE_TEST_SERVER"
"""The environment variable in which conftest.py leaves the address of the session's Postgres."""

_TABLE = re.compile(r"(?ms)^\[store\]\n.*?(?=^\[|\Z)")


def schema_of(name: str) -> str:
    """The address of a schema of its own on the session's Postgres."""
    return f"{os.environ[SERVER]}&schema={_schema(name)}"


def with_own_store(config: Path) -> Path:
    """Have the settings file name a store of its own; on SQLite it does already."""
    if ON_POSTGRES:
        rest = _TABLE.sub("", config.read_text("utf-8"))
        table = f'\n[store]\nurl = "{os.environ[SERVER]}"\nschema = "{_schema(str(config))}"\n'
        config.write_text(rest + table, "utf-8")
    return config


def copy_network(config: Path, folder: Path) -> Path:
    """Copy a network with its store into a new folder; returns its settings file."""
    shutil.copytree(config.parent, folder)
    copied = with_own_store(folder / config.name)
    if ON_POSTGRES:
        source, target = (open_store(load(one, {}).store_url) for one in (config, copied))
        copying.copy(source, target)
        source.close()
        target.close()
    return copied


def _schema(name: str) -> str:
    return f"t_{sha256(name.encode()).hexdigest()[:16]}"
