"""Pages of a source, on their way into the store."""
