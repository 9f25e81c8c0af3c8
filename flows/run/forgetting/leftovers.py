"""What still names a forgotten person, each with its place and what to do about it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import rules
from connectors.base import FileSink, FileSource
from flows.run.forgetting.search import NotSearched, Search, files_below
from flows.run.outcome import own_words
from flows.settings.model import Settings
from people.days import weekday_and_day
from people.private_files import write_private
from people.store import Store
from people.store.db import copies, sqlite_file
from people.store.one_person.traces import Traces

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})\.md")
_REPORT = '<meta name="generator" content="Touchbase">'
_EARLIER_REPORT = (
    '<meta name="format-detection" content="telephone=no">',
    "default-src 'none'; style-src 'unsafe-inline'",
    '<meta name="color-scheme" content="light dark">',
)
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Left:
    """One place that still names the person: ``where`` it is, ``what`` it is, and what to do (``help``).

    ``ours`` is what Touchbase should have removed, and could not.
    """

    where: str
    what: str
    help: str
    ours: bool = False


@dataclass
class Leftovers:
    """Looks through the files of a network, once.

    ``prefect`` is the folder of Prefect's own data. With ``removes``, pages that Touchbase wrote are deleted.
    """

    settings: Settings
    store: Store
    known: Traces
    config: Path
    prefect: Path
    removes: bool = True
    removed: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._search = Search(self.known)

    def of_files(self) -> Iterator[Left]:
        """Yield every file that names the person; remove the pages that Touchbase wrote."""
        for path in self._files():
            if isinstance(path, Left):
                yield path
                continue
            keys = path in (self.config.absolute(), self._identity()) or path.suffix in (".yaml", ".csv")
            try:
                lines = self._search.lines(path, keys=keys)
            except NotSearched as error:
                yield Left(self._shown(path), f"a file that was not searched: {error}", error.remedy)
                continue
            if lines and self._is_our_page(path) and not self.removes:
                yield Left(self._with_lines(path, lines), "a digest or report", "")
            elif lines and self._is_our_page(path):
                yield from self._remove_page(path)
            elif lines:
                what, remedy = self._kind(path)
                if self.removes or path not in self._store_itself():
                    yield Left(self._with_lines(path, lines), what, remedy)

    def elsewhere(self) -> Iterator[Left]:
        """Yield what is not a file of the network."""
        files = {
            source.name
            for source in self.settings.sources
            if isinstance(source, FileSource) and source.is_local
        }
        for name in sorted(self.known.sources - files):
            what = "the contact or its meetings in the service"
            yield Left(f"source {name}", what, f"delete them there; Touchbase does not read them again{_BUT}")
        if (self.settings.folder / ".git").exists():
            where = self._shown(self.settings.folder / ".git")
            yield Left(where, "what was committed earlier, if it names them", "git filter-repo rewrites it")
        if self.settings.digest.mail_to:
            to = ", ".join(self.settings.digest.mail_to)
            yield Left(f"mailbox {to}", "digests that were sent", "delete those that name them")
        if server := os.environ.get("PREFECT_API_URL"):
            where = f"Prefect at {urlsplit(server).netloc.rpartition('@')[2]}"
            yield Left(where, "pages of earlier runs, if they name them", "delete these runs there")
        if self.store.path is None:
            what = "its write-ahead log and backups"
            yield Left(self.store.url, what, "they go when the server's own retention ends")

    def _files(self) -> Iterator[Path | Left]:
        """Every file that may name somebody, each once, and the folders that were not searched to their end.

        The folder of Touchbase's own code is not one.
        """
        seen: set[Path] = set()
        for root in self._roots():
            found = files_below(root) if root.is_dir() else [root] if root.exists() else []
            try:
                for path in found:
                    if path not in seen:
                        seen.add(path)
                        yield path
            except NotSearched as error:
                what = f"a folder that was not searched to its end: {error}"
                yield Left(self._shown(root), what, error.remedy)

    def _roots(self) -> Iterator[Path]:
        settings = self.settings
        yield settings.folder.absolute()
        yield self.config.absolute()
        for connector in (*settings.sources, settings.tasks):
            if isinstance(connector, FileSink) or (isinstance(connector, FileSource) and connector.is_local):
                yield settings.resolve(connector.path)
        yield self._identity()
        yield settings.resolve(settings.rules.path)
        if settings.digest.path is not None:
            yield settings.resolve(settings.digest.path)
        yield self.prefect
        if self.store.path is not None:
            path = self.store.path.absolute()
            yield from (path, *sqlite_file.side_files(path), *copies.beside(path), *copies.damaged(path))

    def _store_itself(self) -> set[Path]:
        store = self.store.path.absolute() if self.store.path is not None else None
        return {store, *sqlite_file.side_files(store)} if store is not None else set()

    def _identity(self) -> Path:
        return self.settings.resolve(self.settings.identity.path)

    def _is_our_page(self, path: Path) -> bool:
        """Whether the file is a digest or a report as Touchbase writes them."""
        digests = self.settings.digest.path
        day = _DAY.fullmatch(path.name)
        if path.suffix == ".html":
            begin = _beginning(path)
            return _REPORT in begin or all(sign in begin for sign in _EARLIER_REPORT)
        if digests is None or day is None or path.parent != self.settings.resolve(digests):
            return False
        return _beginning(path).startswith(f"# {weekday_and_day(_date(day[1]), _date(day[1]))}: ")

    def _remove_page(self, path: Path) -> Iterator[Left]:
        """Delete a page of ours; what users wrote at its end stays, listed if it names the person."""
        try:
            own = own_words.of(path)
            if own.strip():
                write_private(path, own_words.after("", own))
            else:
                path.unlink()
            self.removed.append(path)
            if own.strip() and (lines := self._search.lines(path)):
                yield Left(self._with_lines(path, lines), "your own words in a digest", "edit these lines")
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            yield Left(
                self._shown(path),
                f"a page of Touchbase that cannot be deleted: {reason}",
                "delete it",
                ours=True,
            )

    def _kind(self, path: Path) -> tuple[str, str]:
        """What a file is, and what to do about it."""
        for belongs, what, remedy in self._kinds():
            if belongs(path):
                return what, remedy
        return "a file of yours", "delete it, or the lines in it"

    def _kinds(self) -> Iterator[tuple[Callable[[Path], bool], str, str]]:
        settings = self.settings
        store = self.store.path.absolute() if self.store.path is not None else None
        if store is not None:
            others = {*copies.beside(store)}
            yield (
                self._store_itself().__contains__,
                "what the store knows of others, such as their firm",
                _OF_OTHERS,
            )
            yield others.__contains__, "a copy of the store, from before an upgrade", _COPY
            yield {*copies.damaged(store)}.__contains__, "a damaged store that was set aside", _COPY
        yield self._within(self.prefect), "Prefect's record of earlier runs", _PREFECT
        yield {self._identity()}.__contains__, "your decisions on who is who", "delete these lines"
        yield {self.config.absolute()}.__contains__, "your settings", "edit these lines"
        yield from self._rules(settings.resolve(settings.rules.path))
        for source in settings.sources:
            if isinstance(source, FileSource) and source.is_local:
                own = source.main_kind == "journal"
                what = "your own lines" if own else f"source {source.name}"
                remedy = "delete these lines" if own else f"delete the entry there{_BUT}"
                yield self._within(settings.resolve(source.path)), what, remedy
        if isinstance(settings.tasks, FileSink):
            mine = "a task of yours, or words of yours in a task"
            yield self._within(settings.resolve(settings.tasks.path)), mine, "edit or delete it"
        yield sqlite_file.is_one, "a database, perhaps a backup of the store", _COPY

    def _rules(self, folder: Path) -> Iterator[tuple[Callable[[Path], bool], str, str]]:
        """The files of the rules folder: those of Touchbase, as it wrote them, and the user's."""
        within = self._within(folder)
        yield (
            lambda path: within(path) and _is_as_brought(path),
            "the starter rules, which came with Touchbase",
            "leave it: the people in it are invented",
        )
        yield (
            lambda path: within(path) and path.name.endswith(".test.yaml"),
            "the tests of your rules",
            "edit these lines",
        )
        yield within, "your rules", "edit these lines"

    def _within(self, root: Path) -> Callable[[Path], bool]:
        return lambda path: path == root or root in path.parents

    def _with_lines(self, path: Path, lines: list[int]) -> str:
        if lines == [0]:
            return self._shown(path)
        shown = ",".join(str(line) for line in dict.fromkeys(lines[:_MOST_LINES]))
        more = ",..." if len(lines) > _MOST_LINES else ""
        return f"{self._shown(path)}:{shown}{more}"

    def _shown(self, path: Path) -> str:
        """The path as seen from the network's folder."""
        folder = self.settings.folder.absolute()
        return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


_BUT = "; until then Touchbase leaves it out"
_OF_OTHERS = "edit the cards of these people at their source; the next run takes it over"
_COPY = "delete it when you no longer need it; if you restore it, forget them again"
_PREFECT = "delete it while touchbase serve does not run: the history of runs goes with it"


def _is_as_brought(path: Path) -> bool:
    """Whether a rule file is one that ``touchbase init`` wrote, and nobody has changed it."""
    brought = Path(rules.__file__).parent / path.name
    return brought.is_file() and brought.read_bytes() == path.read_bytes()


def _beginning(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(2_000)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
