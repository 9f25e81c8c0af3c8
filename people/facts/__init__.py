"""What rules may test: the declared facts, and how each is worked out from the store's frames."""
