"""The parts of a calendar file: events and time zones, and how well-formed events are found quickly."""
