"""The tasks of a forgotten person: erased from the task list, and those of others without their name."""

from __future__ import annotations

from collections.abc import Iterator

from flows.run.forgetting.leftovers import Left
from people.errors import TouchbaseError
from people.planning.model import OPEN
from people.store.one_person.forgetting import Forgetting
from people.tasks import FollowUp, TaskSink


def erase(removed: Forgetting, sink: TaskSink) -> list[Left]:
    """Erase the tasks about the person, and what tasks about others say of them; return what is left."""
    tasks = [(task, False) for task in removed.tasks]
    # What is closed is not brought up to date, so it goes; the store keeps that it was done.
    tasks += [(task, task.status in OPEN) for task in removed.others]
    return [left for task, stays in tasks for left in _erase(task, sink, stays=stays)]


def _erase(task: FollowUp, sink: TaskSink, *, stays: bool) -> Iterator[Left]:
    for place in task.left_behind:
        yield Left(f"{place} {task.ref}", "a copy of a task, in the list used before", "delete it there")
    where = f"{task.sink or sink.name} {task.ref}"
    if task.sink not in (None, sink.name):
        yield Left(where, "a task in the list used before", "delete it there")
        return
    try:
        if stays:
            sink.ensure(task)
        else:
            sink.erase(task.ref or "")
    except TouchbaseError as error:
        what = f"a task that could not be deleted: {error.message}"
        yield Left(where, what, "delete it yourself", ours=True)
