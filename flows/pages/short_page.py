"""A Markdown page with a bound on its lines: what matters most gets its lines first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Item = tuple[str, ...]
"""A line, and the details that stand below it if there is room. All are Markdown on one line."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with a list.

    ``least`` items are on the page in any case, and at most ``most``. ``rank`` decides which section gets
    the lines that are left: 0 first. ``rest`` says, of a number of items that are left out, where they are.
    """

    title: str
    items: Sequence[Item]
    rank: int
    least: int
    rest: Callable[[int], str] = str
    most: int = 1_000


@dataclass(slots=True)
class _Shown:
    """How much of a section is shown: the first ``items``, each with up to ``details`` lines below it."""

    section: Section
    items: int
    details: list[int]

    def lines(self) -> Iterator[str]:
        if not self.section.items:
            return
        yield from ("", f"## {self.section.title}")
        for (line, *details), count in zip(self.section.items[: self.items], self.details, strict=False):
            yield f"- {line}"
            yield from (f"  - {detail}" for detail in details[:count])
        if left := len(self.section.items) - self.items:
            yield f"- {self.section.rest(left)}"

    def may_grow(self) -> bool:
        return self.items < min(self.section.most, len(self.section.items))


def fit(head: Sequence[str], sections: Sequence[Section], most: int) -> str:
    """Return the page: the lines of the head, and each section that has items, in order.

    First every section has its fewest items. Then the items of all sections follow by rank, and then
    the details in the order of the page: the first of every item, the second of every item. It all ends
    when the page has ``most`` lines.
    """
    shown = [_Shown(one, min(one.least, one.most, len(one.items)), [0] * len(one.items)) for one in sections]
    by_rank = sorted(shown, key=lambda one: one.section.rank)

    def lines() -> list[str]:
        return [*head, *(line for one in shown for line in one.lines())]

    for one in by_rank:
        while one.may_grow():
            one.items += 1
            if len(lines()) > most:
                one.items -= 1
                break
    for depth in range(1, max((len(item) for one in sections for item in one.items), default=1)):
        for one in shown:
            for number, item in enumerate(one.section.items[: one.items]):
                if len(item) > depth and len(lines()) < most:
                    one.details[number] = depth
    return "\n".join(lines()) + "\n"
