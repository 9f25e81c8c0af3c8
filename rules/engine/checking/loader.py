"""Load a folder of rule files. A rule with a mistake is reported, and is not among the rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rules.engine.checking.files import is_rule_file, read_texts, shown_name
from rules.engine.checking.lint import warnings
from rules.engine.checking.reading import Gathered, RuleFile
from rules.engine.language import yamltree
from rules.engine.language.model import DEFAULT_WEIGHTS
from rules.engine.language.problems import RuleProblem, in_order
from rules.engine.language.ruleset import RuleSet


def load(folder: Path, *, label: str | None = None) -> RuleSet:
    """Load every ``*.yaml`` of a folder except ``*.test.yaml``: first the user's own files, by name.

    Files that say ``starter: true`` come after them. Never raises for what is in a file. An unreadable file
    or folder is a problem as well. ``label`` replaces the folder in the names of files.
    """
    shown = folder.as_posix() if label is None else label
    texts, problems = read_texts(folder, shown)
    return loaded(texts, shown, problems)


def load_texts(texts: Mapping[str, bytes], *, label: str = "rules") -> RuleSet:
    """Load rule files given by name and content. Test files among them are ignored."""
    return loaded({name: text for name, text in texts.items() if is_rule_file(name)}, label, [])


def loaded(texts: Mapping[str, bytes], label: str, problems: Sequence[RuleProblem]) -> RuleSet:
    """Load the files of a folder, given by name; ``problems`` are those of reading them."""
    gathered = Gathered(problems=list(problems))
    files = [
        RuleFile(yamltree.read(shown_name(label, name), texts[name]), gathered) for name in sorted(texts)
    ]
    # What the user writes decides before what Touchbase brings.
    files.sort(key=lambda file: file.starter)
    for file in files:
        file.read()
    off = {word for file in files for word, _ in file.without}
    ruleset = RuleSet(
        rules=tuple(rule for rule in gathered.rules.values() if rule.id not in off),
        groups=tuple(gathered.groups.values()),
        segments=tuple(gathered.segments.values()),
        weights=DEFAULT_WEIGHTS | gathered.weights,
        files=tuple(shown_name(label, name) for name in sorted(texts)),
        synonyms=gathered.synonyms,
        digest=_digest(texts),
        doubtful=tuple(sorted({one.file for one in gathered.problems} - gathered.harmless)),
        starter=tuple(file.file for file in files if file.starter),
        off=tuple(rule for rule in gathered.rules.values() if rule.id in off),
    )
    named = [(word, place) for file in files for word, place in file.without]
    doubts = warnings(ruleset, gathered.places, named, gathered.ids, whole=not gathered.problems)
    return replace(ruleset, problems=in_order([*gathered.problems, *doubts]))


def _digest(texts: Mapping[str, bytes]) -> str:
    named = {name: hashlib.sha256(content).hexdigest() for name, content in texts.items()}
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
