"""Hold the lock against a database of known vulnerabilities on this disk: ``make audit DB=FOLDER``.

FOLDER is a clone of pypa/advisory-database: YAML files in the format of OSV (https://ossf.github.io/osv-schema/),
below ``vulns/PACKAGE/``. Nothing is fetched, so the answer is as old as the clone.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.support import locked

_SKIPPED = """\
skipped: there is no database of vulnerabilities on this machine, and nothing is asked of a service.
  Clone pypa/advisory-database, then: make audit DB=FOLDER"""


def concerning(folder: Path, packages: Mapping[str, set[str]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the package, its version, the advisory, and the version that repairs it (may be empty)."""
    for package, versions in sorted(packages.items()):
        for path in sorted((folder / "vulns" / canonicalize_name(package)).glob("*.yaml")):
            advisory = yaml.safe_load(path.read_text("utf-8"))
            if advisory.get("withdrawn"):
                continue
            for version in sorted(versions):
                if (repaired := _affects(advisory, package, version)) is not None:
                    yield package, version, str(advisory["id"]), repaired


def _affects(advisory: Mapping[str, Any], package: str, version: str) -> str | None:
    """What repairs an advisory that concerns this version (may be empty); None if it does not concern it."""
    for affected in advisory.get("affected", []):
        if canonicalize_name(affected["package"]["name"]) != canonicalize_name(package):
            continue
        ranges = [one for one in affected.get("ranges", []) if one["type"] == "ECOSYSTEM"]
        for one in ranges:
            if (repaired := _within(one["events"], Version(version))) is not None:
                return repaired
        if version in [str(named) for named in affected.get("versions", [])]:
            return ""
    return None


def _within(events: list[Mapping[str, str]], version: Version) -> str | None:
    """As ``_affects``, by the events of one range, which are in the order of versions."""
    inside, repaired = False, ""
    for event in events:
        ((kind, text),) = event.items()
        try:
            at = Version(str(text))
        except InvalidVersion:
            continue
        if kind == "introduced" and version >= at:
            inside, repaired = True, ""
        elif kind == "fixed" and inside:
            inside, repaired = version < at, str(text)
        elif kind == "last_affected" and inside:
            inside = version <= at
    return repaired if inside else None


def _age(folder: Path) -> str:
    words = ["git", "-C", str(folder), "log", "-1", "--format=%cs"]
    return (
        subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip() or "an unknown day"
    )


def main(words: list[str], say: Callable[[str], object] = click.echo) -> int:
    """Say what concerns the lock; return 1 if something does, 2 if FOLDER is no database."""
    if not words or not words[0]:
        say(_SKIPPED)
        return 0
    folder = Path(words[0])
    if not (folder / "vulns").is_dir():
        say(f"{folder} is no clone of pypa/advisory-database: it has no folder vulns")
        return 2
    found = list(concerning(folder, locked.versions()))
    for package, version, advisory, repaired in found:
        remedy = f"repaired in {repaired}" if repaired else "not repaired"
        say(f"{package} {version}: {advisory}, {remedy}")
    count = f"{len(found)} advisories concern" if found else "no advisory concerns"
    say(f"{count} the {len(locked.versions())} locked packages, by the database of {_age(folder)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
