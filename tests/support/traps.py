"""Files that must not count, in a folder where commands are started."""

from __future__ import annotations

from pathlib import Path

MODULES = (
    "calendar", "connectors", "flows", "json", "people", "prefect", "random", "rules", "selectors",
    "signal", "sitecustomize", "socket", "struct", "sqlalchemy", "threading", "usercustomize", "uvicorn",
)  # fmt: skip
NOWHERE = "http://127.0.0.1:9/api"


def set_traps(folder: Path) -> None:
    """Write modules that leave a trace if they are imported, and settings that send Prefect elsewhere."""
    for name in MODULES:
        program = f"with open({str(folder / 'sprung')!r}, 'a') as trace:\n    trace.write(__name__ + ' ')\n"
        (folder / f"{name}.py").write_text(program)
    (folder / ".env").write_text(f"PREFECT_API_URL={NOWHERE}\nPREFECT_HOME={folder / 'sprung'}\n")
    (folder / "prefect.toml").write_text(f'[api]\nurl = "{NOWHERE}"\n')


def sprung(folder: Path) -> str:
    """The modules that were imported."""
    trace = folder / "sprung"
    return trace.read_text() if trace.is_file() else "no file" * trace.exists()
