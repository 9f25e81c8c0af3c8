"""A connector from outside: a source and a sink that exist only in tests, each line of a file a record."""
