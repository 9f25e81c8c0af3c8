"""The .gitignore of a network: data about people and secrets stay out of git, rules go in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from connectors import catalog
from connectors.base import FileSink, FileSource, SourceSettings
from connectors.vcard.settings import VCardSettings
from flows.cli.new_network.template import table
from flows.settings.model import Settings

_ALWAYS = (
    "/touchbase.db*",  # the store, with its journal, lock and backups
    "/backups/",
    "/.prefect/",
    "/google.json",
    "/client_secret.json",
    "/tasks/",
    "/follow-ups.md",
    "/digest/",
    "/report.html",
)
_HEAD = """\
# Written by touchbase init: what holds data about people or a secret, or can be made again.
"""
_YOURS = """
# Yours to decide: you write these by hand, and they name people. Remove the "# " to keep them out of git.
"""
_DECISIONS = Path("identity.txt")


def text(settings: Settings) -> str:
    """Return the file for the network of ``settings``."""
    ours = "".join(f"{line}\n" for line in patterns(settings))
    by_hand = [source.path for source in _files(settings) if _by_hand(source)]
    yours = "".join(f"# {line}\n" for line in _inside((*by_hand, _DECISIONS), settings))
    return f"{_HEAD}{ours}{_YOURS}{yours}"


def missing(settings: Settings, present: str) -> list[str]:
    """Return the patterns that a .gitignore with the text ``present`` lacks."""
    lines = {line.strip().strip("/") for line in present.splitlines()}
    return [line for line in patterns(settings) if line.strip("/") not in lines]


def patterns(settings: Settings) -> list[str]:
    """Return what git must ignore: what Touchbase writes, secrets, exports of contacts and calendars."""
    paths = [source.path for source in _offered()]
    paths += [source.path for source in _files(settings) if not _by_hand(source)]
    for connector in (*settings.sources, settings.tasks):
        paths += [secret.file for secret in connector.secrets() if secret.file]
    if isinstance(settings.tasks, FileSink):
        paths.append(settings.tasks.path)
    if settings.digest.path:
        paths.append(settings.digest.path)
    anchored = list(_ALWAYS)
    known = {line.rstrip("/") for line in anchored}
    return anchored + [line for line in _inside(paths, settings) if line not in known]


def _files(settings: Settings) -> Iterator[FileSource]:
    return (source for source in settings.sources if isinstance(source, FileSource) and source.is_local)


def _offered() -> Iterator[FileSource]:
    """Yield the sources that the settings offer as comments."""
    for source in catalog.SOURCES:
        settings = source.model_validate(table(source, {}))
        if isinstance(settings, FileSource) and not _by_hand(settings):
            yield settings


def _by_hand(source: SourceSettings) -> bool:
    """Whether the user writes the source: a journal, an inbox, or cards of ``touchbase add``."""
    return source.main_kind == "journal" or (isinstance(source, VCardSettings) and source.add_here)


def _inside(paths: Iterable[Path], settings: Settings) -> Iterator[str]:
    """Yield a pattern for each path below the network's folder, once."""
    for path in dict.fromkeys(map(settings.resolve, paths)):
        if path != settings.folder and path.is_relative_to(settings.folder):
            yield "/" + re.sub(r"([\\*?\[ ])", r"\\\1", path.relative_to(settings.folder).as_posix())
