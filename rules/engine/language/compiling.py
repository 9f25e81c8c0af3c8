"""Compile validated blocks to the tree of rules: tests, effects, phases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from people.facts.declared import SUBJECTS, Subject
from people.tasks import Ration
from people.text import fold
from rules.engine.language.decisions import FOLLOW_UP, decisions_of, phases_of
from rules.engine.language.nodes import Node
from rules.engine.language.problems import RuleProblem, problem_at
from rules.engine.language.ruleset import FollowUpEffect, Group, Place, Rule, Test, Tests
from rules.engine.language.then import Weekday
from rules.engine.language.validation import reads_later
from rules.engine.language.vocabulary import FactField, fields_of, split_key

FIRST_OF_WEEKEND = 5


def compiled_rule(file: str, subject: Subject, node: Node, block: Any) -> Rule:  # noqa: ANN401 - a dynamic model
    """Compile one rule about ``subject`` from its node and its validated block."""
    rationed = isinstance(block.at_most, Ration)
    return Rule(
        id=block.id,
        subject=subject,
        phase=phase_of(subject, node),
        when=_alternatives(file, subject, node.get("when"), block.when),
        unless=_alternatives(file, subject, node.get("unless"), block.unless),
        then={key: _effect(getattr(block.then, key)) for key in node.at("then").value},
        why=block.why,
        at_most=block.stop_above if block.at_most is None or rationed else block.at_most,
        ration=block.at_most if rationed else None,
        place=Place(file, node.line, node.column),
        instead_of=block.instead_of,
        since=getattr(block, "from_", None),
        until=getattr(block, "until", None),
    )


def contradictions(file: str, node: Node, block: Any) -> Iterator[RuleProblem]:  # noqa: ANN401 - as above
    """Yield the problems of keys that are right alone, but not together."""
    since, until = getattr(block, "from_", None), getattr(block, "until", None)
    if since is not None and until is not None and since > until:
        message = f"the rule ends on {until}, before it begins on {since}"
        yield problem_at(file, node.at("until").place, "bad-value", message, "swap 'from' and 'until'")
    if block.stop_above is not None and isinstance(block.at_most, int):
        message = "'at_most' and 'stop_above' are both a brake"
        help_ = "remove one of them; a ration is written at_most: {week: 3}"
        yield problem_at(file, node.at("stop_above").place, "bad-value", message, help_)
    if (follow_up := getattr(block.then, FOLLOW_UP, None)) is not None and follow_up.steps is not None:
        yield from _step_mistakes(file, node.at("then").at(FOLLOW_UP), follow_up)
    if block.id in block.instead_of:
        message = f"the rule '{block.id}' cannot stand instead of itself"
        yield problem_at(file, node.at("instead_of").place, "bad-value", message, "name another rule")


def _step_mistakes(file: str, node: Node, follow_up: Any) -> Iterator[RuleProblem]:  # noqa: ANN401 - as above
    for name in ("due", "occasion"):
        if name in node.value:
            message = f"'{name}' and 'steps' both say when"
            yield problem_at(file, node.value[name][0].place, "bad-value", message, f"remove '{name}'")
    at = follow_up.steps.at
    if list(at) != sorted(set(at)):
        place = node.at("steps").at("at").place
        message = "each step comes later than the one before it"
        yield problem_at(file, place, "bad-value", message, "write them in order, like [1d, 2w, 6w]")


def compiled_group(file: str, node: Node, block: Any) -> Group:  # noqa: ANN401 - a dynamic model
    """Compile one declared group."""
    return Group(
        id=block.id,
        name=block.name or block.id,
        kind=block.kind,
        since=block.since,
        fee=block.fee,
        fee_per=block.fee_per,
        members=_alternatives(file, "person", node.get("members"), block.members),
        meetings=_alternatives(file, "meeting", node.get("meetings"), block.meetings),
        place=Place(file, node.line, node.column),
    )


def subject_by_then(node: Node) -> Subject | None:
    """Return the only subject for which a rule can decide all of ``then``, None if there are several."""
    then = node.get("then")
    if then is None or not then.is_map:
        return None
    possible = [subject for subject in SUBJECTS if then.value.keys() <= decisions_of(subject).keys()]
    return possible[0] if len(possible) == 1 else None


def phase_of(subject: Subject, node: Node) -> str:
    """Return the phase of a rule: the first one that its ``then`` writes in."""
    then = node.get("then")
    keys: Iterable[str] = then.value if then is not None and then.is_map else ()
    phases, decisions = phases_of(subject), decisions_of(subject)
    written = [decisions[key].phase for key in keys if key in decisions]
    return min(written, key=phases.index, default=phases[0])


def phase_mistakes(
    file: str, subject: Subject, blocks: Iterable[Node | None], phase: str
) -> Iterator[RuleProblem]:
    """Yield a problem for each test of a fact that is decided in this phase or a later one.

    It reads the nodes only, so it also works for a rule with other mistakes.
    """
    fields = fields_of(subject)
    for tests in (block for node in blocks if node is not None for block in _blocks(node)):
        for key, (key_node, _) in tests.value.items() if tests.is_map else ():
            field = fields.get(split_key(key)[0])
            if field is not None and (mistake := reads_later(phase, subject, field)):
                yield problem_at(file, key_node.place, *mistake)


def _blocks(node: Node) -> list[Node]:
    return node.value if node.is_list else [node]


def _alternatives(
    file: str, subject: Subject, node: Node | None, blocks: tuple[Any, ...]
) -> tuple[Tests, ...]:
    if node is None:
        return ()
    pairs = zip(_blocks(node), blocks, strict=True)
    return tuple(tuple(_tests(file, subject, one, block)) for one, block in pairs)


def _tests(file: str, subject: Subject, node: Node, block: Mapping[str, Any]) -> Iterator[Test]:
    for key, (key_node, value_node) in node.value.items():
        name, test = split_key(key)
        field = fields_of(subject)[name]
        values = _values(field, block[key])
        place = Place(file, key_node.line, key_node.column)
        yield Test(name, field.kind, test, values, _written(value_node), place)


def _values(field: FactField, value: Any) -> tuple[Any, ...]:  # noqa: ANN401
    values = value if isinstance(value, tuple) else (value,)
    if field.kind in ("text", "texts") and isinstance(values[0], str):
        return tuple(dict.fromkeys(fold(one) for one in values))
    return values


def _written(node: Node) -> str:
    return " or ".join(str(one.value) for one in _blocks(node))


def _effect(value: Any) -> Any:  # noqa: ANN401 - whatever a key of then holds
    if not isinstance(value, BaseModel):
        return value
    keys = {name: getattr(value, name) for name in type(value).model_fields}
    due, steps = keys["due"], keys.pop("steps")
    any_day = keys.pop("days") == "any"
    if isinstance(due, str):
        keys |= {"due": 0, "due_on": due}
    elif isinstance(due, Weekday):
        keys |= {"due": 0, "due_weekday": int(due)}
        any_day = any_day or due >= FIRST_OF_WEEKEND
    if steps is not None:
        keys |= {"steps": steps.at, "steps_after": steps.after}
        # The steps of one rule follow each other, whatever was done in between.
        keys["cooldown"] = 0 if keys["cooldown"] is None else keys["cooldown"]
    return FollowUpEffect(**keys, any_day=any_day)
