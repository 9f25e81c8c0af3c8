"""The commands of ``touchbase``, one module per command or family of commands."""
