"""Address books that are read live from a CardDAV server."""
