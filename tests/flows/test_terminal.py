"""Every command that prints a table, in a real terminal: no line is wider than it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.demo import TODAY, network, run
from tests.support.terminal import cells, in_terminal, raw_lines

CARDS = """BEGIN:VCARD
VERSION:3.0
FN:山田太郎山田太郎山田太郎山田太郎山田太郎山田太郎山田太郎
ORG:株式会社株式会社株式会社株式会社株式会社
EMAIL:yamada.taro.with.a.very.long.address@a-very-long-name-of-a-firm.example
CATEGORIES:client
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Zoe\u0308 🎉🎉 von und zu Hohenlohe-Waldenburg-Schillingsfürst-Langenburg
ORG:Fireworks 🇬🇧🎉🎉 and Sons, Daughters and Grandchildren Limited Liability Company
CATEGORIES:client
END:VCARD
"""
COMMANDS = [
    "run --dry-run --today {day}",
    "run --today {day}",
    "follow-ups --today {day}",
    "follow-ups --all --today {day}",
    "status",
    "people --today {day}",
    "contacts",
    "groups --today {day}",
    "balance --today {day}",
    "balance rhys --today {day}",
    "referrals --today {day}",
    "introductions --today {day}",
    "networks ..",
]
SCRIPT = """
import sys
import click
from flows.cli.main import cli
for words in sys.argv[1:]:
    click.echo(f"$ {words}")
    cli.main(words.split(), standalone_mode=False)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo network after its first run, with names that break tables."""
    config = network(tmp_path_factory.mktemp("demo") / "network")
    (config.parent / "phone" / "long.vcf").write_text(CARDS, "utf-8")
    run(config)
    return config.parent


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_terminal(folder: Path, columns: int) -> None:
    commands = [words.format(day=TODAY) for words in COMMANDS]
    lines = in_terminal(SCRIPT, *commands, columns=columns, folder=folder)
    assert [line for line in lines if line.startswith("$ ")] == [f"$ {words}" for words in commands]
    assert len(lines) > len(commands) * 5
    # A command to copy, with the path of the settings, is never broken.
    assert [line for line in lines if cells(line) > columns and not line.startswith("next: ")] == []


def test_a_terminal_has_colours_unless_no_color_is_set(folder: Path) -> None:
    script = "from flows.cli.main import main\nimport sys\nsys.argv = ['touchbase', 'status']\n"
    script += "try:\n    main()\nexcept SystemExit:\n    pass\n"
    coloured = "\n".join(raw_lines(script, columns=80, folder=folder))
    plain = "\n".join(raw_lines(script, columns=80, folder=folder, NO_COLOR="1"))
    assert "\x1b[" in coloured
    assert "\x1b[" not in plain
