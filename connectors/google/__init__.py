"""Google contacts, calendars and tasks.

``source.GoogleSource`` reads; ``tasks.GoogleTasksSink`` and ``labels.GoogleLabels`` write. They import
Google's client library, so the ``open`` methods in ``settings`` import them late.
"""
