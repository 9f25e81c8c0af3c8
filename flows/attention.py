"""The run that an automation starts: it shows in the list of runs what needs attention, and what to do."""

from __future__ import annotations

from typing import Any

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact

from flows.orchestration.red_states import red
from people.text import for_markdown, one_line


@flow(name="attention", flow_run_name="attention · {message}", persist_result=False)
def attention(message: str, next_command: str = "touchbase status", subject: str = "") -> State[Any]:
    """Show one thing that needs attention. The run stays red until you delete it.

    Args:
        message: What is wrong.
        next_command: The command to run next.
        subject: The source, rule or run that needs attention.
    """
    lines = [f"**{for_markdown(message)}**", "", f"Next: {for_markdown(next_command)}"]
    lines += ["", f"About: {for_markdown(subject)}"] if subject else []
    create_markdown_artifact("\n".join(lines) + "\n", key="attention", description="Needs attention")
    return red("Needs attention", one_line(f"{message} · next: {next_command}"))
