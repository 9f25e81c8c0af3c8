"""Rule files for the user (``*.yaml``), and the engine that reads them (``rules.engine``)."""
