"""Read touchbase.toml and the environment; an error names the key and how to correct it."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors import catalog
from connectors.base import Connector, Section, type_of
from flows.settings.model import Settings
from flows.settings.secret_files import WithFiles
from people.errors import SettingsError
from people.regular_files import read_regular
from people.text import did_you_mean

PREFIX = "TOUCHBASE_"


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings file and the environment.

    Raises one ``SettingsError`` for all mistakes. It names the key of each, and what was probably meant.
    """
    try:
        data = tomllib.loads(read_regular(path).decode())
    except FileNotFoundError as error:
        raise SettingsError(
            f"there is no settings file {path}",
            help="make one with: touchbase init   (or name another: --config FILE)",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"{path} cannot be read: {reason}", help="it must be a UTF-8 text file"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", help="correct that line") from error
    _overlay(data, environ)
    try:
        return Settings.model_validate({**data, "folder": path.absolute().parent})
    except ValidationError as error:
        raise SettingsError(
            f"{path} has {error.error_count()} mistake(s):\n" + "\n".join(_sentences(error)),
            help="correct the settings file; touchbase init writes a commented example",
        ) from error


def _overlay(data: dict[str, Any], environ: Mapping[str, str]) -> None:
    known = WithFiles(environ)
    for name in sorted(known):
        if not name.startswith(PREFIX) or "__" not in name or (name.endswith("_FILE") and name in environ):
            continue
        section, *rest = name.removeprefix(PREFIX).lower().split("__")
        if section in Settings.model_fields and section != "folder":
            _set(data, [section, *rest], _parsed(known[name]))


def _set(data: dict[str, Any], keys: list[str], value: object) -> None:
    here: Any = data
    for key, following in zip(keys, [*keys[1:], ""], strict=True):
        index: Any = key
        if not isinstance(here, dict | list):
            raise SettingsError(
                f"the environment sets {PREFIX}{'__'.join(keys).upper()}, which is too deep",
                help="a section and a key: TOUCHBASE_STORE__URL",
            )
        if isinstance(here, list):
            if not key.isdigit() or int(key) >= len(here):
                raise SettingsError(
                    f"the environment sets item '{key}' of a list of {len(here)}",
                    help="items are numbered from 0: TOUCHBASE_SOURCES__0__PATH",
                )
            index = int(key)
        if not following:
            here[index] = value
            return
        here = here[index] if isinstance(here, list) else here.setdefault(index, {})


def _parsed(value: str) -> object:
    """Lists and tables are JSON; anything else is text, which the models convert."""
    if value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _sentences(error: ValidationError) -> Iterable[str]:
    known_types = catalog.types()
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"] if part not in known_types)
        if item["type"] == "extra_forbidden":
            yield f"  {where}: unknown key; {_key_hint(item['loc'])}"
        elif item["type"] == "missing":
            yield f"  {where}: is missing"
        elif item["type"].startswith("union_tag"):
            yield f"  {where}: not a known type{_meant(item)}; use one of {_tags(item)}"
        else:
            yield f"  {where}: {item['msg'].removeprefix('Value error, ')}"


def _meant(item: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    given = item["input"].get("type") if isinstance(item["input"], Mapping) else None
    types = [type_of(connector) for connector in _connectors(str(item["loc"][0]))]
    hint = did_you_mean(str(given), types)
    return f"; {hint}" if hint else ""


def _tags(item: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    return str(item.get("ctx", {}).get("expected_tags", "its documented values"))


def _connectors(section: str) -> Sequence[type[Connector]]:
    """The connectors that a table can be; none for a table that is not a connector."""
    lists: dict[str, Sequence[type[Connector]]] = {"sources": catalog.SOURCES, "tasks": catalog.SINKS}
    return lists.get(section, ())


def _models(section: str) -> Sequence[type[Section]]:
    """The models that a table can be; none for an unknown table."""
    field = Settings.model_fields.get(section)
    model = field.annotation if field else None
    if isinstance(model, type) and issubclass(model, Section):
        return [model]
    return _connectors(section)


def _key_hint(loc: tuple[str | int, ...]) -> str:
    key = str(loc[-1])
    models = _models(str(loc[0])) if len(loc) > 1 else (Settings,)
    fields = (item for model in models for item in model.model_fields.items())
    names = {field.alias or name for name, field in fields} - {"folder"}
    return did_you_mean(key, names, otherwise=f"known: {', '.join(sorted(names))}")
