"""The Dockerfile: no container engine runs here, so its steps are done in a folder that becomes the root."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support import compose
from tests.support.paths import ROOT

PACKAGES = [path for path in sys.path if path.endswith("site-packages")]
OF_THIS_MACHINE = ("usr", "bin", "lib", "lib64", "sbin", "dev", "proc")
"""What an image has from its base; here it is what this machine has."""


@dataclass
class Root:
    """A folder as the root of a file system, with the programs of this machine, which it cannot change."""

    folder: Path
    bound: list[str] = field(default_factory=lambda: list(OF_THIS_MACHINE))
    path: str = "/image/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    given: dict[str, str] = field(default_factory=dict)

    def run(self, words: str, at: str, user: str = "root") -> str:
        """Run a line of the shell within the folder; return what it prints."""
        binds = "".join(
            f"mkdir -p {self.folder}/{name}; mount --rbind /{name} {self.folder}/{name}; "
            f"mount -o remount,bind,ro {self.folder}/{name} 2>/dev/null || true; "
            for name in self.bound
            if Path("/", name).exists() and not (self.folder / name).is_symlink()
        )
        as_user = "" if user == "root" else f"--userspec={user}:{user} "
        given = {**self.given, "HOME": f"/home/{user}", "PATH": self.path, "LC_ALL": "C.UTF-8"}
        exported = " ".join(f"{name}={value}" for name, value in given.items())
        inner = f"cd {at} && export {exported} && {words}"
        done = subprocess.run(
            [
                "unshare",
                "--mount",
                "/bin/sh",
                "-ec",
                f'{binds} exec chroot {as_user}{self.folder} /bin/sh -c "$INNER"',
            ],
            env={"PATH": os.environ["PATH"], "INNER": inner},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout


def may_change_root() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"]).returncode == 0


def ignored(path: Path) -> bool:
    """Whether .dockerignore keeps a path of the checkout out of the image."""
    lines = (ROOT / ".dockerignore").read_text().split("\n")
    kept = [line[1:] for line in lines if line.startswith("!")]
    name = str(path.relative_to(ROOT))
    return not any(name == one or name.startswith(f"{one}/") for one in kept)


def base_image(folder: Path) -> Root:
    """What ``python:X-slim`` has, and stand-ins for what only a network and an engine can do."""
    shutil.copytree("/etc", folder / "etc", symlinks=True, ignore_dangling_symlinks=True)
    for name in ("image/bin", "tmp", "home", "opt", "var/lib/apt/lists", "src"):
        (folder / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        if Path("/", name).is_symlink():
            (folder / name).symlink_to(Path("/", name).readlink())
    base = Path(sys.base_prefix)
    (folder / "image/bin/python").symlink_to(base / "bin" / "python3")
    (folder / "image/bin/apt-get").write_text('#!/bin/sh\necho "$@" >> /image/apt\n')
    (folder / "image/bin/tini").write_text('#!/bin/sh\nshift\nexec "$@"\n')
    for name in ("apt-get", "tini"):
        (folder / "image/bin" / name).chmod(0o755)
    root = Root(folder)
    if not base.is_relative_to("/usr"):
        root.bound.append(str(base).lstrip("/"))
    return root


@pytest.mark.skipif(not may_change_root(), reason="only root may change the root of a process")
def test_the_steps_of_the_image_make_a_touchbase_that_runs(tmp_path: Path) -> None:
    root, at, user = base_image(tmp_path / "root"), "/", "root"
    arguments = {"UID": "4711"}
    for name, rest in compose.image():
        words = re.sub(r"\$\{(\w+)\}", lambda found: arguments.get(found[1], ""), rest)
        if name == "WORKDIR":
            at = words
            (root.folder / at.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif name == "COPY" and not words.startswith("--from"):
            *sources, target = words.split()
            for source in sources:
                copy(ROOT / source, root.folder / at.lstrip("/") / target)
        elif name == "RUN":
            root.run(words, at)
            if words.endswith("-m venv /opt/venv"):
                # What the lock names is here already, so nothing is fetched.
                (site,) = (root.folder / "opt/venv").glob("lib/python*/site-packages")
                (site / "here.pth").write_text("\n".join(PACKAGES))
                root.bound += [path.lstrip("/") for path in PACKAGES]
        elif name == "ENV":
            root.given |= {key: value for key, value in re.findall(r"(\w+)=(\S+)", words) if key != "PATH"}
            root.path = f"/opt/venv/bin:{root.path}"
        elif name == "USER":
            user = words
    assert "install -y --no-install-recommends tini" in (root.folder / "image/apt").read_text()
    assert (root.folder / "data").stat().st_mode & 0o777 == 0o700
    start = " ".join(json.loads(compose.last("ENTRYPOINT")))
    assert root.run(f"{start} id -u", at, user).strip() == "4711"
    place = root.run(f"{start} python -P -c 'import flows; print(flows.__file__)'", at, user)
    assert place.strip() == "/opt/touchbase/flows/__init__.py"
    told = root.run(f"{start} touchbase demo --dir /data/mine --today 2026-01-14 --json", at, user)
    assert json.loads(told)["status"] == "ok"
    (health,) = re.findall(r"CMD (\[.*\])", compose.last("HEALTHCHECK"))
    root.given["TOUCHBASE_CONFIG"] = "/data/mine/touchbase.toml"
    # Its day is past, so it says that a run is due.
    assert "14 Jan ok" in root.run(" ".join(json.loads(health)) + " || true", at, user)
    assert not root.run("find /opt/touchbase -name tests -o -name '*.db'", at)


def copy(source: Path, target: Path) -> None:
    """COPY, by the rules of .dockerignore."""
    assert not ignored(source)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
