"""What an automation starts: a run in the list that says what needs attention, and what to do."""

from __future__ import annotations

from typing import Any

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact
from prefect.states import Failed

from people.text import for_markdown, one_line


@flow(name="attention", flow_run_name="attention · {message}", persist_result=False)
def attention(message: str, next_command: str = "touchbase status", subject: str = "") -> State[Any]:
    """Show one thing that needs attention; the run is red until it is deleted.

    Args:
        message: What is wrong.
        next_command: The command that comes next.
        subject: What it is about: a source, a rule, a run.
    """
    lines = [f"**{for_markdown(message)}**", "", f"Next: {for_markdown(next_command)}"]
    lines += ["", f"About: {for_markdown(subject)}"] if subject else []
    create_markdown_artifact("\n".join(lines) + "\n", key="attention", description="# Needs attention")
    return Failed(name="Needs attention", message=one_line(f"{message} · next: {next_command}"))
