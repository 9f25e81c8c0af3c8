"""Asking before delivering: the run pauses in the Prefect UI and shows what it would do.

While the run waits nothing is promised to the sink: the new follow-ups stand in the store as
deferred. No answer, or a killed run, loses nothing; the next run plans them again.
"""

from __future__ import annotations

import logging
import re
import time
from typing import Literal
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.exceptions import FlowPauseTimeout
from prefect.flow_runs import pause_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run
from prefect.states import Running
from pydantic import Field

from flows.report import RunReport
from flows.why import why
from people.tasks import FollowUp
from people.text import for_markdown

logger = logging.getLogger(__name__)

WAITS = "waits for your approval in the Prefect UI"
_ROUNDS_SECONDS = 12.0
NOT_NOW = "not approved; it is asked for again in the next run"


class Approval(RunInput):
    """What the user answers."""

    deliver: Literal["all of them", "only those numbered below", "none today"] = Field(
        default="all of them", title="Deliver", description="What is not delivered waits for the next run."
    )
    numbers: str = Field(
        default="", title="Numbers", description="From the table's first column, such as 1, 3, 5-7."
    )


def ask(report: RunReport, hours: float) -> frozenset[str]:
    """Pause the run until the user answers, at most ``hours``; return the keys to deliver."""
    offered = [item for item in report.plan.deferred if item.reason == WAITS]
    form = Approval.with_initial_data(description=table(offered))
    try:
        answer = pause_flow_run(wait_for_input=form, timeout=max(1, int(hours * 3600)), poll_interval=5)
    except FlowPauseTimeout:
        logger.warning("no answer within %g hours; the follow-ups are deferred", hours)
        _go_on()
        return frozenset()
    return chosen(offered, answer.deliver, answer.numbers)


def _go_on() -> None:
    """Take the run out of its pause: Prefect would otherwise end it as failed, which it is not.

    A service of the server fails paused runs whose time is up, in rounds of some seconds; a round that
    began before our word may come after it, so it is said until the rounds are over.
    """
    run_id = UUID(str(flow_run.get_id()))
    over = time.monotonic() + _ROUNDS_SECONDS
    with get_client(sync_client=True) as client:
        while True:
            state = client.read_flow_run(run_id).state
            if state is None or not state.is_running():
                client.set_flow_run_state(run_id, Running(), force=True)
            if time.monotonic() > over:
                return
            time.sleep(1)


def table(offered: list[FollowUp]) -> str:
    """The plan as a Markdown table, numbered from 1."""
    lines = [f"**{len(offered)} new follow-ups.** Which of them become tasks?", ""]
    lines += ["| # | Follow-up | Person | Due | Why |", "|---|---|---|---|---|"]
    lines += [
        f"| {number} | {for_markdown(item.title)} | {for_markdown(item.person)} | {item.due.isoformat()}"
        f" | {for_markdown(why(item)[:160])} |"
        for number, item in enumerate(offered, 1)
    ]
    return "\n".join(lines)


def chosen(offered: list[FollowUp], deliver: str, numbers: str) -> frozenset[str]:
    """The keys of what the answer allows; a number that is not in the table allows nothing."""
    if deliver == "all of them":
        return frozenset(item.key for item in offered)
    if deliver == "none today":
        return frozenset()
    wanted: set[int] = set()
    for first, last in re.findall(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?", numbers):
        wanted.update(range(int(first), int(last or first) + 1))
    return frozenset(item.key for number, item in enumerate(offered, 1) if number in wanted)
