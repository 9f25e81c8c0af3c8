"""Tasks in a calendar on a CalDAV server."""
