"""WebDAV, which address books (CardDAV), calendars and task lists (CalDAV) have in common."""
