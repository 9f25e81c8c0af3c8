"""Calls and messages of an Android phone, from the files of the app SMS Backup & Restore."""
