"""The run as plain functions. Nothing here imports Prefect."""
