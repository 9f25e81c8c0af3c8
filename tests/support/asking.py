"""The questions of ``touchbase init``, with typed answers and without a terminal."""

from __future__ import annotations

from pathlib import Path

import click
from click.testing import CliRunner

from flows.cli.new_network.dialogue import ask
from flows.cli.new_network.template import Answers


def asked(folder: Path, *lines: str) -> tuple[str, Answers]:
    """Answer the questions with ``lines``, "" for Enter; return the screen and what was understood."""
    answers: list[Answers] = []
    command = click.command()(lambda: answers.append(ask(folder)))
    result = CliRunner().invoke(command, input="".join(f"{line}\n" for line in lines), catch_exceptions=False)
    assert answers, result.output
    return result.output, answers[0]
