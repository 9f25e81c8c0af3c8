"""The journal: a CSV file in which the user records what happened."""

from connectors.journal.source import JournalSource

__all__ = ["JournalSource"]
