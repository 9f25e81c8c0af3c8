"""Prefect's side of a run: tasks, approval, artifacts, progress, automations, secrets, deployments."""
