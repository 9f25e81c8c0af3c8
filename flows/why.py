"""The *why* of a follow-up on one line: the rule, what it saw, and the evidence."""

from __future__ import annotations

from people.tasks import FollowUp

_SIGNS = {"gt": ">", "gte": "≥", "lt": "<", "lte": "≤"}


def why(item: FollowUp) -> str:
    """For example ``gone-cold (rules/follow_ups.yaml:24): overdue 51 (≥ 0d), tier key; meeting ...``."""
    if not item.because:
        return item.rule
    seen = dict.fromkeys(_told(e.field, e.value, e.test, e.threshold) for e in item.because)
    first = item.because[0]
    events = [e.source for e in item.because if e.source and not e.source.startswith(("card ", "rule "))]
    evidence = f"; {events[0]}" if events else ""
    return f"{item.rule} ({first.file}:{first.line}): {', '.join(seen)}{evidence}"


def _told(field: str, value: str | None, test: str, threshold: str) -> str:
    name = field.replace("_", " ")
    if value == "true":
        return name
    sign = _SIGNS.get(test)
    return f"{name} {value} ({sign} {threshold})" if sign else f"{name} {value}"
