"""The JSON documents that commands print with ``--json``: one pydantic model per document."""
