"""What a question is worth in a book: the same whether read from the cards or from the stored keys."""

from __future__ import annotations

from collections import Counter

from benchmarks import identity_sets
from people.identity import Record, resolve
from people.identity import keys as block
from people.identity.all_pairs import AllPairs
from people.identity.worth import in_common, worth
from tests.support.records import make_record


def read_back(records: list[Record]) -> list[tuple[float, float]]:
    """For each question of a book: its worth from the cards, and from the keys that the store keeps."""
    finder = AllPairs({record.key: record for record in records})
    list(finder.pairs([]))
    keys = Counter(key for record in records for key in block.keys_of(record))
    stored = {record.key: set(block.keys_of(record)) for record in records}
    found = resolve(records, bulk=False)
    told = []
    for pair in found.open_pairs:
        names = in_common(stored[pair.a], stored[pair.b])
        read = worth(pair.bits, names, lambda key: keys.get(key, 1), len(records))
        told.append((finder.worth(pair.a, pair.b, pair.bits), read))
    return told


def test_a_book_of_many_kinds_of_cards() -> None:
    told = read_back(identity_sets.contacts(3000, 9301).records)
    assert len(told) > 300
    assert [round(cards, 6) for cards, _ in told] == [round(read, 6) for _, read in told]


def test_names_in_turned_order_and_names_with_brackets() -> None:
    def card(source: str, name: str, given: str, family: str, **values: object) -> Record:
        fields = {"name": name, "given": given, "family": family, **values}
        return make_record(f"{source}:{name}", region="GB", **fields)  # type: ignore[arg-type]  # test values

    records = [
        card("a", "Reuben Davies", "Reuben", "Davies"),
        card("b", "Davies Reuben", "Davies", "Reuben"),
        card("a", "Zoe (Zed) Quux", "Zoe (Zed)", "Quux"),
        card("b", "Zoe Quux", "Zoe", "Quux"),
    ]
    told = read_back(records)
    assert told
    assert [round(cards, 6) for cards, _ in told] == [round(read, 6) for _, read in told]
