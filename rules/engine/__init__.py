"""Load, check and evaluate rule files. Pure: no network, no store, no clock."""
