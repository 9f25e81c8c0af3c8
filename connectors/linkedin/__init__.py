"""LinkedIn's own export of connections."""
