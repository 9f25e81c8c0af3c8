"""Read the items of one rule file: rules, groups, segments, weights and synonyms, with their mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from people.facts.declared import SUBJECTS, Subject
from people.text import did_you_mean, fold, nearest
from people.types import JournalKind
from rules.engine.language.compiling import (
    compiled_group,
    compiled_rule,
    contradictions,
    phase_mistakes,
    phase_of,
    subject_by_then,
)
from rules.engine.language.decisions import decisions_of
from rules.engine.language.model import (
    Segment,
    Synonym,
    group_model,
    rule_model,
    weights_model,
)
from rules.engine.language.nodes import Document, Node, Plain
from rules.engine.language.problems import Code, RuleProblem, problem_at
from rules.engine.language.ruleset import Group, Place, Rule
from rules.engine.language.validation import problems_of
from rules.engine.language.values import read_flag

VERSIONS = ("1", "2")
FILE_KEYS = ("version", "starter", "without", "groups", "segments", "weights", "synonyms", "rules")


@dataclass
class Gathered:
    """The content of all files of a folder. ``places`` is where each segment is declared."""

    rules: dict[str, Rule] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    weights: dict[JournalKind, Decimal] = field(default_factory=dict)
    synonyms: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[RuleProblem] = field(default_factory=list)
    harmless: set[str] = field(default_factory=set)
    """The files whose mistakes leave out nothing but rules that decide last."""
    ids: dict[str, Place] = field(default_factory=dict)
    """Where each id of a rule is first used, also by a rule with a mistake."""


_LAST = frozenset({"follow_up", "group", "referral"})
"""The phases that decide what no other rule reads."""


def _decides_last(subject: Subject, node: Node) -> bool:
    then, decisions = node.get("then"), decisions_of(subject)
    keys = list(then.value) if then is not None and then.is_map else [""]
    return all(key in decisions and decisions[key].phase in _LAST for key in keys)


class RuleFile:
    """Reads one file and adds its content to that of the others."""

    def __init__(self, document: Document, gathered: Gathered) -> None:
        self.document = document
        self.file = document.file
        self.gathered = gathered
        self.other_version = False
        self.in_last_rules = 0
        self.starter = self._says_starter()
        self.without: list[tuple[str, Place]] = []
        """The rules that this file switches off, each with its place."""

    def _says_starter(self) -> bool:
        root = self.document.root
        node = root.get("starter") if root is not None else None
        return node is not None and node.value == "true" and isinstance(node.value, Plain)

    def read(self) -> None:
        """Read the file. Where there is a mistake as YAML, no others are reported at the same place."""
        before, self.gathered.problems = self.gathered.problems, []
        self._read()
        if not self.document.problems and len(self.gathered.problems) == self.in_last_rules:
            self.gathered.harmless.add(self.file)
        reported = {problem.place for problem in self.document.problems}
        rest = [problem for problem in self.gathered.problems if problem.place not in reported]
        self.gathered.problems = [*before, *self.document.problems, *rest]

    def _read(self) -> None:
        root = self.document.root
        if root is None or root.value == "":
            return
        if not root.is_map:
            self._report(
                root, "wrong-shape", "a rule file must be a block of keys", f"keys: {', '.join(FILE_KEYS)}"
            )
            return
        for key, (key_node, _) in root.value.items():
            if key not in FILE_KEYS:
                listed = f"keys here: {', '.join(FILE_KEYS)}"
                help_ = did_you_mean(key, FILE_KEYS, otherwise=listed)
                self._report(key_node, "unknown-key", f"unknown key '{key}'", help_)
        self._version(root)
        self._starter(root)
        self._without(root)
        self._weights(root.get("weights"))
        readers = {
            "segments": self._segment,
            "groups": self._group,
            "synonyms": self._synonym,
            "rules": self._rule,
        }
        for key, take in readers.items():
            for node in self._items(root, key):
                if self._checked_map(node):
                    take(node)

    def _version(self, root: Node) -> None:
        version = root.get("version")
        if version is None:
            self._report(
                root, "missing-key", "the key 'version' is missing", "begin the file with 'version: 1'"
            )
        elif version.value not in VERSIONS or not isinstance(version.value, Plain):
            self.other_version = True
            self._report(
                version,
                "bad-version",
                "this Touchbase reads the versions 1 and 2 of the rule language",
                "write 'version: 2'",
            )

    def _starter(self, root: Node) -> None:
        node, version = root.get("starter"), root.get("version")
        if node is None:
            return
        try:
            read_flag(node.value)
        except PydanticCustomError as error:
            context = error.context or {}
            self._report(node, "bad-value", f"'starter': {context['message']}", str(context["help"]))
            return
        if version is not None and version.value == "1":
            message = "'starter' needs version 2 of the rule language, because it changes the order of files"
            self._report(node, "bad-version", message, "write 'version: 2' at the top of this file")

    def _without(self, root: Node) -> None:
        """Read which rules this file switches off."""
        node = root.get("without")
        for one in () if node is None else node.value if node.is_list else [node]:
            if not isinstance(one.value, str) or not one.value:
                self._report(
                    one, "wrong-shape", "expected the id of a rule", "for example: without: [owners]"
                )
            else:
                self.without.append((str(one.value), Place(self.file, one.line, one.column)))

    def _items(self, root: Node, key: str) -> list[Node]:
        """Return the items under a key. An item with a mistake as YAML is marked as broken."""
        node = root.get(key)
        if node is None or node.value == "":
            return []
        if not node.is_list:
            self._report(node, "wrong-shape", f"'{key}' must be a list", "begin each item with '- id:'")
            return []
        items: list[Node] = node.value
        for item, after in zip_longest(items, items[1:]):
            begin, end = item.place, after.place if after else (max(node.end_line, item.line) + 1, 0)
            codes = {one.code for one in self.document.problems if begin <= one.place[1:] < end}
            # Text that is not YAML is already left out; any other mistake breaks the item around it.
            item.broken = self.other_version or bool(codes - {"bad-yaml", "too-deep"})
        return items

    def _checked_map(self, node: Node) -> bool:
        if not node.is_map:
            self._report(node, "wrong-shape", "expected a block of keys", "begin it with 'id:'")
        return node.is_map

    def _weights(self, node: Node | None) -> None:
        if node is not None and self._checked_map(node):
            block = self._validated(node, weights_model(), None)
            given = {} if block is None else block.model_dump(exclude_unset=True)
            # The user's files are read before the starter rules.
            mine = self.gathered.weights if self.starter else {}
            self.gathered.weights.update(given | mine)

    def _segment(self, node: Node) -> None:
        block = self._validated(node, Segment, None)
        if block is not None and self._is_new(node, block.id, self.gathered.segments, "segment"):
            self.gathered.segments[block.id] = block
            self.gathered.places[block.id] = Place(self.file, node.line, node.column)

    def _group(self, node: Node) -> None:
        mistakes = list(phase_mistakes(self.file, "person", [node.get("members")], "relevance"))
        self.gathered.problems += mistakes
        block = self._validated(node, group_model(documented=False), None)
        if block is None:
            return
        if self._is_new(node, block.id, self.gathered.groups, "group") and not mistakes:
            self.gathered.groups[block.id] = compiled_group(self.file, node, block)

    def _synonym(self, node: Node) -> None:
        block = self._validated(node, Synonym, None)
        if block is None:
            return
        for word in (block.topic, *block.words):
            known = self.gathered.synonyms.setdefault(fold(word), block.topic)
            if known != block.topic:
                message = f"'{word}' already stands for '{known}'"
                self._report(node, "duplicate-id", message, "remove it in one of the two places")

    def _rule(self, node: Node) -> None:
        subject = self._subject(node)
        if subject is None:
            return
        before = len(self.gathered.problems)
        self._note_id(node)
        self._compile(node, subject)
        if _decides_last(subject, node):
            self.in_last_rules += len(self.gathered.problems) - before

    def _note_id(self, node: Node) -> None:
        """Remember the id. A second use is a mistake, also when one of the two rules has another mistake."""
        name = node.get("id")
        if name is None or not isinstance(name.value, str) or not name.value:
            return
        first = self.gathered.ids.setdefault(name.value, Place(self.file, node.line, node.column))
        if first != Place(self.file, node.line, node.column):
            message = f"the rule id '{name.value}' is already used at {first}"
            self._report(name, "duplicate-id", message, "use another id")
            node.broken = True

    def _compile(self, node: Node, subject: Subject) -> None:
        tested = (node.get("when"), node.get("unless"))
        mistakes = list(phase_mistakes(self.file, subject, tested, phase_of(subject, node)))
        self.gathered.problems += mistakes
        block = self._validated(node, rule_model(subject, documented=False), subject)
        if block is None:
            return
        against = list(contradictions(self.file, node, block))
        self.gathered.problems += against
        if not mistakes and not against:
            self.gathered.rules[block.id] = compiled_rule(self.file, subject, node, block)

    def _subject(self, node: Node) -> Subject | None:
        """Return the subject of a rule. If it is wrong, return a guess, to check the rest of the rule."""
        subject = node.get("for")
        listed = f"one of: {', '.join(SUBJECTS)}"
        if subject is None:
            self._report(node, "missing-key", "the key 'for' is missing", f"add 'for:' with {listed}")
            node.broken = True
            if guess := subject_by_then(node):
                node.value["for"] = (node, Node(Plain(guess), node.line, node.column))
            return guess
        word = str(subject.value) if isinstance(subject.value, str) else "..."
        near = nearest(word, SUBJECTS)
        if near != word:
            help_ = f"did you mean '{near}'?" if near else listed
            self._report(subject, "unknown-subject", f"'{word}' is not a subject of rules", help_)
            node.broken = True
            if near:
                subject.value = Plain(near)
        return next((known for known in SUBJECTS if known == near), None)

    def _validated(self, node: Node, model: type[BaseModel], subject: Subject | None) -> Any:  # noqa: ANN401
        """Return the validated block. If it has mistakes, report them and return None."""
        try:
            block = model.model_validate(node.plain())
        except ValidationError as error:
            self.gathered.problems += problems_of(self.file, node, error, model, subject)
            return None
        return None if node.broken else block

    def _is_new(self, node: Node, name: str, known: Mapping[str, Any], what: str) -> bool:
        first = known.get(name)
        if first is None:
            return True
        place = getattr(first, "place", None) or self.gathered.places[name]
        id_node = node.get("id") or node
        self._report(
            id_node,
            "duplicate-id",
            f"the {what} id '{name}' is already used at {place}",
            "use another id",
        )
        return False

    def _report(self, node: Node, code: Code, message: str, help: str) -> None:  # noqa: A002
        self.gathered.problems.append(problem_at(self.file, node.place, code, message, help))
