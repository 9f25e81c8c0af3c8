"""Text of strangers in Markdown, as real renderers show it: literal, and without links to the web."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from people.text import code_for_markdown, for_markdown, one_line

GITHUB = MarkdownIt("gfm-like", {"html": True, "linkify": True})
"""HTML passes, and web addresses become links, with and without a scheme: the most that a renderer does."""


def shown(markdown: str) -> str:
    """The text that a reader sees of an item in a list."""
    html = GITHUB.render(f"- {markdown}")
    return unescape(re.sub(r"</?(ul|li|p|code|a)( [^>]*)?>", "", html)).replace("\n", "")


def links(markdown: str) -> list[str]:
    return re.findall(r'<a href="[^"]*">([^<]*)</a>', GITHUB.render(f"- {markdown}"))


HOSTILE = [
    "https://evil.example/a_b*c",
    "_https://evil.example",
    "xhttps://evil.example",
    "(https://evil.example)",
    "<https://evil.example>",
    "[Anna](https://evil.example)",
    "![x](//evil.example/p.png)",
    "www.evil.example and WWW.evil.example",
    "mailto:a@evil.example",
    "ftp://evil.example `x` https://evil.example",
    "`https://evil.example`",
    "<img src=x onerror=alert(1)> <!-- & --> &lt;b&gt; &#60; AT&T",
    "*a* **b** _c_ __d__ ~~e~~ a_b_c $x$ ==y== %%z%%",
    "# no heading",
    "> no quote",
    "- no item",
    "+ no item",
    "1. no number",
    "2026) no number",
    "--- ",
    "===",
    "| no | table |",
    "[ ] no task",
    "back\\slash \\* \\",
    "```sh",
    "$(x) #tag",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_written(text: str) -> None:
    assert shown(for_markdown(text)) == one_line(text)
    assert not links(for_markdown(text))


PIECES = [*"ab1 .,:/_*[]()<>!#&;`~|\\\"'+-=$%{}é\n", "https://", "www.", "&lt;"]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_shown_as_written(text: str) -> None:
    line = one_line(text)
    assert shown(for_markdown(text)) == line
    # A bare domain such as "b.co" may be a link in some renderers. It leads where it says.
    assert not [link for link in links(for_markdown(text)) if "/" in link or link.startswith("www.")]


@given(st.text("ab `\\*<&_'\"$|"))
def test_a_command_can_be_copied(text: str) -> None:
    command = f"touchbase log {text}".strip()
    (code,) = re.findall(r"<code>(.*)</code>", GITHUB.render(code_for_markdown(command)))
    assert unescape(code) == one_line(command)


def test_ordinary_names_need_no_marks() -> None:
    assert for_markdown("Call Felix Moreau (Moreau & Fils, Ltd), re: e-mail #2.5!") == (
        "Call Felix Moreau (Moreau & Fils, Ltd), re: e-mail \\#2.5!"
    )


def test_nothing_invisible_is_added() -> None:
    command = "touchbase run --config data.toml --accept-removals www.cards"
    assert not [letter for letter in for_markdown(command) if not letter.isascii()]
