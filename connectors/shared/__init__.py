"""Code that several connectors share: files, text, cursors, task keys, recurrence."""
