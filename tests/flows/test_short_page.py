"""A page with a bound on its lines."""

from __future__ import annotations

from flows.pages.short_page import Section, fit


def section(title: str, items: int, *, rank: int, least: int = 1, details: int = 0) -> Section:
    lines = [(f"{title}{n}", *(f"{title}{n}.{d}" for d in range(details))) for n in range(items)]
    return Section(title, lines, rank=rank, least=least, rest="and {} more".format)


def test_what_fits_is_all_there() -> None:
    page = fit(["# Day"], [section("a", 1, rank=1, details=1), section("b", 2, rank=0)], 40)
    assert page == "# Day\n\n## a\n- a0\n  - a0.0\n\n## b\n- b0\n- b1\n"


def test_the_first_rank_gets_its_lines_first_and_the_rest_is_counted() -> None:
    page = fit(["# Day"], [section("a", 5, rank=1), section("b", 5, rank=0)], 12)
    assert page == "# Day\n\n## a\n- a0\n- and 4 more\n\n## b\n- b0\n- b1\n- b2\n- b3\n- b4\n"


def test_every_item_has_its_first_detail_before_one_has_its_second() -> None:
    page = fit(["# Day"], [section("a", 2, rank=0, details=2)], 8)
    assert page == "# Day\n\n## a\n- a0\n  - a0.0\n  - a0.1\n- a1\n  - a1.0\n"


def test_a_section_without_items_has_no_heading() -> None:
    assert fit(["# Day"], [section("a", 0, rank=0)], 40) == "# Day\n"
