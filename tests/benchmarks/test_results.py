"""The page on performance says what the results say, and growth is fitted as it should."""

from __future__ import annotations

import pytest

from benchmarks import performance, results


def test_the_page_is_what_the_results_say() -> None:
    kept = results.kept()
    assert kept, "no benchmark has kept a result: make bench"
    page = performance.PAGE.read_text("utf-8")
    assert page == performance.page(kept), "run: python -m benchmarks.performance"


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_growth_is_the_power_of_the_size(power: float) -> None:
    points = [(size, 3.0 * size**power) for size in (10, 1_000, 100_000)]
    assert results.exponent(points) == pytest.approx(power)


def test_a_result_comes_back_as_it_was_told(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path_factory.mktemp("results"))
    curve = [(10, 1.0), (100, 10.0)]
    results.tell(
        results.Result("one", "One case", ("case", "time"), [("a | b", "1 s")], "Note.", {"all": curve})
    )
    assert "all: grows as size^1.00" in capsys.readouterr().out
    (found,) = results.kept()
    page = performance.page([found])
    assert "| a / b | 1 s |" in page
    assert "Growth exponents (time grows as size to the power of): all 1.00." in page
    assert found.machine["cores"] in page
    assert "all" in performance.plot([found])
