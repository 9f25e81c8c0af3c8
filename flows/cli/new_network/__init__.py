"""A new network: what the user is asked, and the files that are written."""
