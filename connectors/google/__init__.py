"""Google contacts, calendars and tasks.

``source.GoogleSource`` reads, ``tasks.GoogleTasksSink`` and ``labels.GoogleLabels`` write. Nothing of
Google's client library is imported before the first request.
"""
