"""The command line: one table of commands, one file per command."""
