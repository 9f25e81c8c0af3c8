"""Ask before delivering: a run of its own, below the run that asks, pauses and shows the plan.

The run that asks does not pause itself: Prefect would release its slot under the deployment's concurrency
limit, and some four minutes later kill the run because it has lost its slot.

While the question is open, the new follow-ups are stored as deferred and the sink knows nothing of them.
Without an answer, or if the run is killed, nothing is lost: the next run plans them again.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from prefect import flow
from prefect.exceptions import NotPausedError
from prefect.flow_runs import apause_flow_run, aresume_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run
from pydantic import Field

from flows.orchestration import progress
from flows.orchestration.deployment import QUESTION
from people.tasks import FollowUp
from people.text import for_markdown
from people.wording import short_why, title_with_who

logger = logging.getLogger(__name__)

_SPARE_SECONDS = 3600
_POLL_SECONDS = 5
_WITH_REASONS = 7
"""Up to that many follow-ups are listed with their reason."""


class Approval(RunInput):
    """The form that the user fills in."""

    deliver: Literal["all of them", "only those numbered below", "none today"] = Field(
        default="all of them", title="Deliver, and the rest waits"
    )
    numbers: str = Field(default="", title="Numbers", description="Such as 1, 3, 5-7.")


def ask(offered: Sequence[FollowUp], hours: float, today: date) -> frozenset[str]:
    """Wait at most ``hours`` until the user answers; return the keys of ``offered`` to deliver."""
    form = Approval.with_initial_data(description=listed(offered, today))
    what = f"{len(offered)} new follow-up{'s' * (len(offered) != 1)}"

    @flow(name=QUESTION, flow_run_name=f"approve {what}", persist_result=False)
    def approval() -> Approval:
        return asyncio.run(_answer(form, hours * 3600))

    progress.rename(f"{flow_run.get_name()} · asks about {what}")
    answer = approval()
    return chosen(offered, answer.deliver, answer.numbers)


async def _answer(form: type[Approval], seconds: float) -> Approval:
    """The user's answer, or "none today" after ``seconds`` without one.

    When a pause times out, a service of Prefect's server fails the run. Prefect's own timeout is therefore
    longer than ours, and we give the answer in the user's place.
    """
    waiting = asyncio.create_task(
        apause_flow_run(
            wait_for_input=form, timeout=int(seconds) + _SPARE_SECONDS, poll_interval=_POLL_SECONDS
        )
    )
    done, _ = await asyncio.wait({waiting}, timeout=seconds)
    while not done:
        try:
            await aresume_flow_run(UUID(str(flow_run.get_id())), {"deliver": "none today", "numbers": ""})
            logger.warning("no answer within %g hours; the follow-ups are deferred", seconds / 3600)
        except (NotPausedError, RuntimeError):
            # The user answered just now, or the pause has not begun: look again.
            logger.debug("the pause could not be ended yet", exc_info=True)
        done, _ = await asyncio.wait({waiting}, timeout=2 * _POLL_SECONDS)
    return await waiting


def listed(offered: Sequence[FollowUp], today: date) -> str:
    """The new follow-ups in Markdown, numbered from 1, so short that the choice below is in sight."""
    lines = ["**Which of these become tasks?**", ""]
    # Beyond that many, a phone would show the list and not the choice.
    brief = len(offered) > _WITH_REASONS
    for number, item in enumerate(offered, 1):
        parts = [title_with_who(item)] if brief else [title_with_who(item), short_why(item, today)]
        lines.append(f"{number}. {' · '.join(map(for_markdown, parts))}")
    return "\n".join(lines)


def chosen(offered: Sequence[FollowUp], deliver: str, numbers: str) -> frozenset[str]:
    """The keys that the answer allows. A number that is not in the list is ignored."""
    if deliver == "all of them":
        return frozenset(item.key for item in offered)
    if deliver == "none today":
        return frozenset()
    wanted: set[int] = set()
    for first, last in re.findall(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?", numbers):
        wanted.update(range(int(first), int(last or first) + 1))
    return frozenset(item.key for number, item in enumerate(offered, 1) if number in wanted)
