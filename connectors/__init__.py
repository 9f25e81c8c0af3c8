"""The outside world: sources that yield changes, task sinks that accept follow-ups."""
