"""From a validated block to the compiled tree: tests, effects, templates, phases."""

from __future__ import annotations

from typing import Any

from people.facts import Subject
from people.text import fold
from rules.engine.complaints import reads_later
from rules.engine.model import FollowUpSpec, key_of
from rules.engine.nodes import Node
from rules.engine.problems import Code, RuleProblem, did_you_mean
from rules.engine.ruleset import FollowUpEffect, Group, Place, Rule, Test, Tests
from rules.engine.templates import Template, TemplateMistake, parse
from rules.engine.vocabulary import PERIODS, PHASE_OF_KEY, PHASES, FactField, fields_of, split_key


class Compiler:
    """Compiles the blocks of one file; mistakes that only show here go to ``problems``."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[RuleProblem] = []

    def rule(self, subject: Subject, node: Node, block: Any) -> Rule:  # noqa: ANN401 - a dynamic model
        """Compile one rule about ``subject`` from its node and its validated block."""
        then = self._then(subject, node, block.then)
        phase = _phase(subject, then)
        return Rule(
            id=block.id,
            subject=subject,
            phase=phase,
            when=self.tests(subject, node.get("when"), block.when, phase),
            unless=self.tests(subject, node.get("unless"), block.unless, phase),
            then=then,
            why=block.why,
            at_most=block.at_most,
            place=self._place(node),
        )

    def group(self, node: Node, block: Any) -> Group:  # noqa: ANN401 - a dynamic model
        """Compile one declared group."""
        members = self.tests("person", node.get("members"), block.members, "relevance")
        return Group(
            id=block.id,
            name=block.name or block.id,
            kind=block.kind,
            since=block.since,
            fee=block.fee,
            fee_per=block.fee_per,
            members=members,
            meetings=self.tests("meeting", node.get("meetings"), block.meetings, "meeting"),
            place=self._place(node),
        )

    def tests(
        self, subject: Subject, node: Node | None, blocks: tuple[Any, ...], phase: str
    ) -> tuple[Tests, ...]:
        """Compile ``when`` or ``unless``; tests stand in the order of the file."""
        if node is None:
            return ()
        nodes = node.value if node.is_list else [node]
        return tuple(
            self._block(subject, one, block, phase) for one, block in zip(nodes, blocks, strict=True)
        )

    def _block(self, subject: Subject, node: Node, block: Any, phase: str) -> Tests:  # noqa: ANN401
        tests = []
        for key, (key_node, value_node) in node.value.items():
            name, test = split_key(key)
            field = fields_of(subject)[name]
            if mistake := reads_later(phase, subject, field):
                self._report(key_node.line, key_node.column, *mistake)
            value = getattr(block, f"{name}__{test}")
            place = Place(self.file, key_node.line, key_node.column)
            tests.append(
                Test(name, field.kind, test, _values(field, test, value), _written(value_node), place)
            )
        return tuple(tests)

    def _then(self, subject: Subject, node: Node, block: Any) -> dict[str, Any]:  # noqa: ANN401
        then_node = node.at("then")
        then: dict[str, Any] = {}
        for key in then_node.value:
            value = getattr(block, key)
            if isinstance(value, FollowUpSpec):
                value = self._follow_up(subject, then_node.value[key][1], value)
            then[key] = value
        if not then:
            self._report(
                then_node.line, then_node.column, "empty-value", "this rule decides nothing", "add a key"
            )
        return then

    def _follow_up(self, subject: Subject, node: Node, spec: FollowUpSpec) -> FollowUpEffect:
        fields = fields_of(subject)
        if spec.occasion is not None and spec.occasion not in (*fields, *PERIODS):
            place = node.at("occasion")
            help_ = did_you_mean(spec.occasion, [*fields, *PERIODS])
            self._report(
                place.line, place.column, "unknown-field", f"{subject} has no field '{spec.occasion}'", help_
            )
        return FollowUpEffect(
            title=self._template(subject, node, "title", spec.title),
            notes=self._template(subject, node, "notes", spec.notes),
            channel=spec.channel,
            priority=spec.priority,
            due=spec.due,
            cooldown=spec.cooldown,
            occasion=spec.occasion,
            ask=getattr(spec, "ask", None),
        )

    def _template(self, subject: Subject, node: Node, key: str, text: str) -> Template:
        fields = fields_of(subject)
        try:
            return parse(text, fields)
        except TemplateMistake as mistake:
            if mistake.code == "bad-template":
                message = f"a lone '{mistake.word}' in a template"
                help_ = "write {field}, or {{ and }} for braces"
            else:
                message = f"{subject} has no field '{mistake.word}' to fill in"
                help_ = did_you_mean(
                    mistake.word, fields, otherwise="a template holds fields only: {first_name}"
                )
            place = node.at(key)
            self._report(place.line, place.column, mistake.code, message, help_)
            return Template(())

    def _place(self, node: Node) -> Place:
        return Place(self.file, node.line, node.column)

    def _report(self, line: int, column: int, code: Code, message: str, help: str) -> None:  # noqa: A002
        self.problems.append(
            RuleProblem(file=self.file, line=line, column=column, code=code, message=message, help=help)
        )


def _phase(subject: Subject, then: dict[str, Any]) -> str:
    phases = PHASES[subject]
    written = [PHASE_OF_KEY[key] for key in then] if subject == "person" else []
    return min(written, key=phases.index, default=phases[0])


def _values(field: FactField, test: str, value: Any) -> tuple[Any, ...]:  # noqa: ANN401
    values = value if isinstance(value, tuple) else (value,)
    if field.kind in ("text", "texts") and key_of(field, test) and isinstance(values[0], str):
        return tuple(dict.fromkeys(fold(one) for one in values))
    return values


def _written(node: Node) -> str:
    if node.is_list:
        return " or ".join(str(one.value) for one in node.value)
    return str(node.value)
