"""From settings to live parts: which class reads a source, which one keeps the tasks."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from flows.settings.model import (
    CalDavTasks,
    GoogleSettings,
    GoogleTasks,
    IcsSettings,
    JournalSettings,
    LinkedInSettings,
    MarkdownTasks,
    Settings,
    SourceSettings,
    VCardSettings,
    VtodoTasks,
)
from people.errors import LoginNeeded
from people.parallel import Pool
from people.store import Store
from people.store.ingest import already_read
from people.tasks import TaskSink
from people.types import Source

# The connectors are imported on use: each brings libraries that the others do not need.


def make_source(
    settings: Settings,
    source: SourceSettings,
    today: date,
    *,
    store: Store | None = None,
    pool: Pool | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Source:
    """The reader of one source; of what ``store`` holds already it reads only what changed."""
    match source:
        case GoogleSettings():
            from connectors.google.source import GoogleSource  # noqa: PLC0415

            return GoogleSource(
                source.name,
                settings.resolve(source.token),
                calendars=source.calendars,
                endpoint=source.endpoint,
                my_emails=settings.me.emails,
                today=today,
                time_zone=settings.me.time_zone,
                contacts=source.contacts,
                other_contacts=source.other_contacts,
                label_prefix=source.label_prefix,
                known=already_read.hashes(store, source.name) if store else None,
            )
        case _:
            return _file_source(settings, source, today, store=store, pool=pool, progress=progress)


def _file_source(
    settings: Settings,
    source: VCardSettings | IcsSettings | JournalSettings | LinkedInSettings,
    today: date,
    *,
    store: Store | None,
    pool: Pool | None,
    progress: Callable[[int, int], None] | None,
) -> Source:
    path = settings.resolve(source.path)
    match source:
        case VCardSettings():
            from connectors.vcard import VCardSource  # noqa: PLC0415

            cards = already_read.hashes(store, source.name) if store else None
            return VCardSource(source.name, path, known=cards, pool=pool, progress=progress)
        case IcsSettings():
            from connectors.ics import IcsSource  # noqa: PLC0415

            return IcsSource(
                source.name,
                path,
                my_emails=settings.me.emails,
                today=today,
                time_zone=ZoneInfo(settings.me.time_zone),
                past_days=source.past_days,
                future_days=source.future_days,
                known=already_read.events(store, source.name) if store else None,
            )
        case JournalSettings():
            from connectors.journal.source import JournalSource  # noqa: PLC0415

            return JournalSource(source.name, path)
        case LinkedInSettings():
            from connectors.linkedin.source import LinkedInSource  # noqa: PLC0415

            return LinkedInSource(source.name, path)


def make_sink(settings: Settings, *, delivered: int = 0) -> TaskSink:
    """The keeper of the tasks; ``delivered`` is how many open ones it should have."""
    match settings.tasks:
        case VtodoTasks():
            from connectors.vtodo.sink import VtodoFolderSink  # noqa: PLC0415

            return VtodoFolderSink(
                settings.resolve(settings.tasks.path),
                time_zone=ZoneInfo(settings.me.time_zone),
                delivered=delivered,
            )
        case MarkdownTasks():
            from connectors.markdown.sink import MarkdownSink  # noqa: PLC0415

            return MarkdownSink(settings.resolve(settings.tasks.path), delivered=delivered)
        case GoogleTasks():
            from connectors.google.tasks import GoogleTasksSink  # noqa: PLC0415

            return GoogleTasksSink(
                settings.resolve(settings.tasks.token),
                list_title=settings.tasks.list,
                create_list=settings.tasks.create_list,
                endpoint=settings.tasks.endpoint,
                command="touchbase login google --tasks",
            )
        case CalDavTasks():
            return _caldav_sink(settings, settings.tasks, delivered)


def _caldav_sink(settings: Settings, tasks: CalDavTasks, delivered: int) -> TaskSink:
    from connectors.caldav.sink import CalDavSink  # noqa: PLC0415

    password = os.environ.get(tasks.password_env, "")
    if tasks.user and not password:
        raise LoginNeeded(
            f"the password of {tasks.user} at {tasks.url} is not known",
            help=f"put it into the environment variable {tasks.password_env} ([tasks] password_env)",
        )
    return CalDavSink(
        tasks.url,
        user=tasks.user,
        password=password,
        time_zone=ZoneInfo(settings.me.time_zone),
        list_name=tasks.list,
        create_list=tasks.create_list,
        delivered=delivered,
    )
