"""A CSV file of calls and messages that any program can write."""
