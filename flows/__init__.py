"""Entry points only: Prefect flows, wiring and the command line."""
