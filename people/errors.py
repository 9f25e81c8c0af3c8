"""Every error that Touchbase raises on purpose, grouped by its remedy.

Catch a group, not a class: ``UserMustAct`` (a retry is useless), ``RetryLater`` (the same call may
succeed later), ``SkipThis`` (one card, row or event is bad; the others are not).
"""

from __future__ import annotations


class TouchbaseError(Exception):
    """An error with a sentence for the user and the next thing to do.

    ``message`` says what is wrong and where; ``help`` names the remedy, often a command. Neither
    ever contains a secret or a whole response.
    """

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - the word of Problem.help
        super().__init__(message)
        self.message = message
        self.help = help


class UserMustAct(TouchbaseError):
    """Only the user can fix this: settings, consent, permission, a decision."""


class SettingsError(UserMustAct):
    """touchbase.toml, the environment or the command line is wrong. The command exits with 2."""


class LoginNeeded(UserMustAct):
    """A token is missing, expired or lacks a scope; ``help`` names the login command."""


class StoreTooNew(UserMustAct):
    """The store was written by a newer Touchbase than this one."""


class StoreUnavailable(UserMustAct):
    """The store cannot be opened or written (read-only disk, no permission, server down)."""


class StoreLocked(StoreUnavailable):
    """Another program holds the store's database, and did not let go of it in time."""


class StoreDamaged(StoreUnavailable):
    """The store's file is damaged. ``help`` names the way back."""


class PlaceRefuses(UserMustAct):
    """A task list as a whole takes nothing: it is missing, read-only or full."""


class SourceMissing(UserMustAct):
    """A source's file or folder does not exist. What the store holds from it stays."""


class SuspiciousEmptiness(UserMustAct):
    """A source or task list is suddenly empty or much smaller. Nothing was removed."""


class RetryLater(TouchbaseError):
    """The same call may succeed later. ``retry_after`` is in seconds, or None if unknown.

    ``gave_up`` is set by who has waited and tried again already: the rest of this run need not.
    """

    gave_up = False

    def __init__(self, message: str, *, help: str = "", retry_after: float | None = None) -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.retry_after = retry_after


class ServiceRefuses(RetryLater):
    """A service refuses every request for now, such as after too many of them. It has done nothing."""


class NoAnswer(RetryLater):
    """A service does not answer. The request may have taken effect."""


class StoreBusy(RetryLater):
    """Another run holds the store's writer lock."""


class SkipThis(TouchbaseError):
    """One item is bad. The caller records a ``Problem`` and continues with the next."""


class CursorExpired(TouchbaseError):
    """The cursor is no longer valid; the caller reads the source in full, once. Not a failure."""
