"""Splink 5 and recordlinkage on the rows of one data set, in a Python of their own.

    PYTHON benchmarks/identity_peers.py splink|ecm SET < rows.json > answer.json

``benchmarks/identity.py`` starts this with the Python that has them; Touchbase itself is not imported here,
nor they by Touchbase. Each peer is set up as its own documentation does for such data. What is timed is what
a run costs: training, comparing and clustering, on rows already cleaned.
"""

from __future__ import annotations

import contextlib
import json
import logging
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SplinkModel:
    """What Splink needs to be told of a data set."""

    comparisons: list[Any]
    blocks: list[Any]
    training: list[Any]
    recall: float = 0.7


def splink_model(name: str) -> SplinkModel:
    """The model of a data set, after Splink's own demonstrations for such data."""
    from splink import comparison_library as compare  # type: ignore[import-not-found]

    models = {"fake_1000": _fake, "historical_50k": _history, "contacts": _contacts}
    return models.get("contacts" if name.startswith("contacts") else name, _febrl)(compare)


def _date(column: str) -> Any:  # noqa: ANN401 - Splink has no types
    from splink import comparison_level_library as level
    from splink import comparison_library as compare

    return compare.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            level.NullLevel(column),
            level.ExactMatchLevel(column),
            level.DamerauLevenshteinLevel(column, 1),
            level.DamerauLevenshteinLevel(column, 2),
            level.ElseLevel(),
        ],
    )


def _common(compare: Any, column: str) -> Any:  # noqa: ANN401
    return compare.ExactMatch(column).configure(term_frequency_adjustments=True)


def _blocks(*columns: tuple[str, ...]) -> list[Any]:
    from splink import block_on

    return [block_on(*each) for each in columns]


def _febrl(compare: Any) -> SplinkModel:  # noqa: ANN401
    return SplinkModel(
        [
            compare.NameComparison("given_name"),
            compare.NameComparison("surname"),
            _date("date_of_birth"),
            compare.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            _common(compare, "street_number"),
            _common(compare, "postcode"),
        ],
        _blocks(
            ("given_name", "surname"), ("surname", "date_of_birth"), ("soc_sec_id",),
            ("given_name", "postcode"), ("date_of_birth", "postcode"), ("street_number", "postcode"),
        ),
        _blocks(("date_of_birth",), ("soc_sec_id",)),
        recall=0.9,
    )  # fmt: skip


def _fake(compare: Any) -> SplinkModel:  # noqa: ANN401
    return SplinkModel(
        [
            compare.NameComparison("first_name"),
            compare.NameComparison("surname"),
            _date("dob"),
            _common(compare, "city"),
            compare.EmailComparison("email"),
        ],
        _blocks(("first_name", "surname"), ("dob",), ("email",), ("surname", "city")),
        _blocks(("first_name", "surname"), ("dob",)),
    )


def _history(compare: Any) -> SplinkModel:  # noqa: ANN401
    return SplinkModel(
        [
            compare.ForenameSurnameComparison("first_name", "surname"),
            _date("dob"),
            compare.PostcodeComparison("postcode_fake"),
            _common(compare, "birth_place"),
            _common(compare, "occupation"),
        ],
        _blocks(
            ("first_name", "surname"), ("surname", "dob"), ("first_name", "dob"),
            ("postcode_fake", "first_name"), ("postcode_fake", "surname"), ("dob", "birth_place"),
        ),
        _blocks(("first_name", "surname"), ("dob",)),
        recall=0.6,
    )  # fmt: skip


def _contacts(compare: Any) -> SplinkModel:  # noqa: ANN401
    return SplinkModel(
        [
            compare.ForenameSurnameComparison("given", "family"),
            compare.EmailComparison("email"),
            _common(compare, "phone"),
            _common(compare, "organisation"),
            _date("birthday"),
        ],
        _blocks(("email",), ("phone",), ("given", "family"), ("family", "organisation")),
        _blocks(("given", "family"), ("email",)),
        recall=0.6,
    )


Clusterings = tuple[dict[str, str], dict[str, Callable[[], dict[str, str]]]]
"""The cluster of each row, and how to get those at other thresholds."""
THRESHOLDS = (0.95, 0.2, 0.5, 0.8, 0.99, 0.999, 0.9999)
"""The first is the one that careful users take; the best of all is shown as well."""


def run_splink(rows: Sequence[Row], model: SplinkModel) -> Clusterings:
    """Train, predict and take connected components; each row's cluster, at each threshold when called for."""
    import pandas as pd  # type: ignore[import-untyped]
    from splink import DuckDBAPI, Linker, SettingsCreator

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=model.comparisons,
        blocking_rules_to_generate_predictions=model.blocks,
    )
    api = DuckDBAPI()
    linker = Linker(api.register(pd.DataFrame(list(rows))), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(model.blocks[:3], recall=model.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in model.training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.2)

    def at(threshold: float) -> dict[str, str]:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=threshold
        ).as_pandas_dataframe()
        return dict(zip(clusters["id"], clusters["cluster_id"].astype(str), strict=True))

    first, *others = THRESHOLDS
    return at(first), {f"{threshold:g}": partial(at, threshold) for threshold in others}


EcmColumns = tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, ...], ...]]
ECM_COLUMNS: Mapping[str, EcmColumns] = {
    # Texts to compare by likeness, values to compare exactly, and where to look for pairs.
    "febrl": (
        ("given_name", "surname"),
        ("date_of_birth", "soc_sec_id", "street_number", "postcode"),
        (("given_name",), ("surname",), ("date_of_birth",), ("soc_sec_id",)),
    ),
    "fake_1000": (
        ("first_name", "surname", "city"),
        ("dob", "email"),
        (("first_name",), ("surname",), ("dob",), ("email",)),
    ),
}


def run_ecm(rows: Sequence[Row], columns: EcmColumns) -> dict[str, str]:
    """Recordlinkage's unsupervised ECM classifier, then connected components; each row's cluster."""
    import pandas as pd
    import recordlinkage as rl  # type: ignore[import-not-found]

    texts, exact, blocks = columns
    frame = pd.DataFrame(list(rows)).set_index("id")
    index = rl.Index()
    for block in blocks:
        index.block(list(block))
    compare = rl.Compare()
    for name in texts:
        compare.string(name, name, method="jarowinkler", threshold=0.85, label=name)
    for name in exact:
        compare.exact(name, name, label=name)
    features = compare.compute(index.index(frame), frame)
    return _components(frame.index, rl.ECMClassifier().fit_predict(features))


def _components(keys: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    parent = {key: key for key in keys}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for one, other in pairs:
        parent[root(one)] = root(other)
    return {key: root(key) for key in parent}


def _splink(rows: Sequence[Row], name: str) -> Callable[[], Clusterings]:
    model = splink_model(name)
    return lambda: run_splink(rows, model)


def _ecm(rows: Sequence[Row], name: str) -> Callable[[], Clusterings]:
    import recordlinkage  # noqa: F401

    return lambda: (run_ecm(rows, ECM_COLUMNS["febrl" if name.startswith("febrl") else name]), {})


def peak_mb() -> float:
    """The most memory that this process has held, in MB.

    Where Linux tells, without what the process that started this one held: ``ru_maxrss`` begins with that.
    """
    status = Path("/proc/self/status")
    if status.exists():
        held = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM:")), "")
        if held:
            return int(held.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(peer: str, name: str) -> None:
    """Read rows from standard input, write clusters, seconds and the peak of memory in MB."""
    warnings.filterwarnings("ignore")
    rows = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):
        # What a peer has to import is not its matching.
        run = _splink(rows, name) if peer == "splink" else _ecm(rows, name)
        start, cpu = time.perf_counter(), time.process_time()
        clusters, others = run()
        seconds = time.perf_counter() - start
        used = time.process_time() - cpu
        told = {"clusters": clusters, "seconds": seconds, "cpu_seconds": used, "peak_mb": peak_mb()}
        told["others"] = {threshold: cluster() for threshold, cluster in others.items()}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:3])
