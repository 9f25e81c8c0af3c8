"""Build a release into dist/: wheel, sdist, SBOM and checksums: ``make release``.

The wheel is installed from the lock into an empty environment, and has to show its demo there. The SBOM
(CycloneDX) lists what this environment holds.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import click

from tests.support import locked
from tests.support.paths import ROOT

DIST = ROOT / "dist"
SUMS = "SHA256SUMS"


def checksums(folder: Path) -> str:
    """A line per file, as ``sha256sum --check`` reads them."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def build(folder: Path, environment: dict[str, str]) -> Path:
    """Build the sdist, and the wheel from it; return the wheel."""
    words = ["-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _inventory(wheel: Path, target: Path, environment: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        python = Path(name) / "env" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", Path(name) / "env"], check=True)
        pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--require-hashes", "-r", str(locked.LOCK)], check=True)
        # By its name, so that the SBOM does not hold the path of this machine.
        subprocess.run(
            [*pip, "--no-index", "--find-links", str(wheel.parent), wheel.name.partition("-")[0]], check=True
        )
        shown = subprocess.run(
            [python.with_name("touchbase"), "demo", "--json"], cwd=name, capture_output=True
        )
        assert shown.returncode == 0, shown.stderr.decode()
        words = [
            "-m",
            "cyclonedx_py",
            "environment",
            "--output-reproducible",
            "--pyproject",
            "pyproject.toml",
        ]
        words += ["--of", "JSON", "-o", str(target), str(python)]
        subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=True)


def main() -> None:
    """Build everything, and say where it is."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    DIST.mkdir(exist_ok=True)
    for path in DIST.iterdir():
        path.unlink()
    committed = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": committed}
    wheel = build(DIST, environment)
    _inventory(wheel, DIST / f"touchbase-{version}.cdx.json", environment)
    (DIST / SUMS).write_text(checksums(DIST))
    for path in sorted(DIST.iterdir()):
        click.echo(f"dist/{path.name}")


if __name__ == "__main__":
    main()
