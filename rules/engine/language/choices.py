"""Words from a fixed list, such as a channel, a priority or a month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from people.text import did_you_mean, fold
from rules.engine.language import values as v


def one_of(choices: Iterable[str], what: str) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of a word from a fixed list. ``what`` names it in messages."""
    known = tuple(choices)

    def choose(value: object) -> str:
        text = v.read_scalar(value, what)
        if text not in known:
            listed = f"one of: {', '.join(known)}"
            v.refuse(
                "bad-value", f"'{text}' is not a known {what}", did_you_mean(text, known, otherwise=listed)
            )
        return str(text)

    return Annotated[Any, BeforeValidator(choose), WithJsonSchema({"enum": list(known)})]


def folded_one_of(choices: Iterable[str], what: str) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of a word from a fixed list, in any case: ``Monday``. ``what`` names it in messages."""
    known = tuple(choices)

    def choose(value: object) -> str:
        text = v.read_scalar(value, what)
        if fold(text) not in known:
            numbered = text.isdigit() and 1 <= int(text) <= len(known)
            otherwise = f"write {known[int(text) - 1]}" if numbered else f"one of: {', '.join(known)}"
            near = next((one for one in known if len(text) > 2 and one.startswith(fold(text))), "")
            help_ = f"did you mean '{near}'?" if near else did_you_mean(text, known, otherwise=otherwise)
            v.refuse("bad-value", f"'{text}' is not a {what}", help_)
        return fold(text)

    return Annotated[Any, BeforeValidator(choose), WithJsonSchema({"enum": list(known)})]
