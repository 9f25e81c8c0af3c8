"""A file or folder of cards as a source: pages, cursor, ids, and what must not look like a deletion."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.vcard import ids
from connectors.vcard.source import VCardSource
from people.errors import SourceMissing, UserMustAct
from people.parallel import Pool
from people.types import Contact, Page


def card(name: str, *lines: str) -> str:
    return "".join(
        f"{line}\r\n" for line in ("BEGIN:VCARD", "VERSION:3.0", f"FN:{name}", *lines, "END:VCARD")
    )


def read(path: Path, known: dict[str, str] | None = None, cursor: str | None = None) -> list[Page]:
    return list(VCardSource("phone", path, known=known).changes(cursor))


def contacts_of(pages: list[Page]) -> dict[str, Contact]:
    return {
        change.source_id: change for page in pages for change in page.changes if isinstance(change, Contact)
    }


def known_from(pages: list[Page]) -> dict[str, str]:
    return {contact.raw_hash or "": key for key, contact in contacts_of(pages).items()}


def unchanged_of(pages: list[Page]) -> set[str]:
    return {key for page in pages for key in page.unchanged}


ANNA, BEN = card("Anna Berg", "UID:anna"), card("Ben Cole", "UID:urn:uuid:ben")


def test_a_file_is_read_in_full_then_not_again(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    path.write_text(ANNA + BEN)
    pages = read(path)
    assert list(contacts_of(pages)) == ["anna", "ben"]
    assert [(c.file, c.index) for c in contacts_of(pages).values()] == [("all.vcf", 0), ("all.vcf", 1)]
    assert pages[-1].complete
    cursor = pages[-1].cursor

    os.utime(path, (1, 1))
    assert read(path, cursor=cursor) == [Page(cursor=cursor)], "a single file counts by its content"


def test_of_a_changed_file_only_the_changed_cards_are_read(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    path.write_text(ANNA + BEN)
    first = read(path)
    path.write_text("\r\n" + ANNA + card("Ben Cole", "UID:ben", "TEL:1") + card("Cleo", "UID:cleo"))
    second = read(path, known_from(first), first[-1].cursor)
    assert unchanged_of(second) == {"anna"}
    assert {key: contact.phones for key, contact in contacts_of(second).items()} == {
        "ben": ("1",),
        "cleo": (),
    }
    assert second[-1].complete
    assert second[-1].cursor != first[-1].cursor


def test_a_foreign_cursor_means_a_full_read(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text(ANNA)
    for cursor in ("", "{}", "sync-token-7", '{"digest": 3}'):
        assert list(contacts_of(read(tmp_path, cursor=cursor))) == ["anna"]


def test_a_folder_is_read_by_name_with_its_subfolders(tmp_path: Path) -> None:
    (tmp_path / "work.vcf").mkdir()
    for name, text in {
        "b.vcf": BEN,
        "a.VCARD": ANNA,
        "work.vcf/c.vcf": card("Cleo", "UID:cleo"),
        ".d.vcf": ANNA,
    }.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "utf16.vcf").write_bytes(card("Zoë", "UID:zoë").encode("utf-16"))
    (tmp_path / "notes.txt").write_text(ANNA)
    pages = read(tmp_path)
    assert [(c.file, c.name) for c in contacts_of(pages).values()] == [
        ("a.VCARD", "Anna Berg"),
        ("b.vcf", "Ben Cole"),
        ("utf16.vcf", "Zoë"),
        ("work.vcf/c.vcf", "Cleo"),
    ]
    cursor = pages[-1].cursor
    assert read(tmp_path, cursor=cursor) == [Page(cursor=cursor)]

    (tmp_path / "b.vcf").unlink()
    after = read(tmp_path, known_from(pages), cursor)
    assert unchanged_of(after) == {"anna", "zoë", "cleo"}
    assert after[-1].complete, "whoever keeps the store sees that ben is gone"


def make_fifo(folder: Path) -> None:
    os.mkfifo(folder / "bad.vcf")


def make_dangling_link(folder: Path) -> None:
    (folder / "bad.vcf").symlink_to(folder / "nowhere")


def make_link_loop(folder: Path) -> None:
    (folder / "bad.vcf").symlink_to(folder / "bad.vcf")


def make_web_page(folder: Path) -> None:
    (folder / "bad.vcf").write_text("<html><body>Please log in</body></html>")


def make_empty(folder: Path) -> None:
    (folder / "bad.vcf").touch()


def make_cut_short(folder: Path) -> None:
    (folder / "bad.vcf").write_text(card("Cleo", "UID:cleo") + card("Dora", "UID:dora")[:-20])


def make_unreadable(folder: Path) -> None:
    (folder / "bad.vcf").symlink_to("/proc/self/mem")  # a regular file that not even root may read
    if not Path("/proc/self/mem").exists():
        pytest.skip("no /proc to find an unreadable file in")


@pytest.mark.parametrize(
    "make_bad",
    [
        make_fifo,
        make_dangling_link,
        make_link_loop,
        make_web_page,
        make_empty,
        make_cut_short,
        make_unreadable,
    ],
)
def test_a_bad_file_removes_nobody_and_stops_nothing(
    make_bad: Callable[[Path], None], tmp_path: Path
) -> None:
    (tmp_path / "anna.vcf").write_text(ANNA)
    make_bad(tmp_path)
    pages = read(tmp_path)
    assert "anna" in contacts_of(pages)
    assert [problem.where for problem in pages[-1].problems] == ["phone/bad.vcf"]
    assert pages[-1].problems[0].help
    assert not pages[-1].complete
    assert pages[-1].cursor is None

    (tmp_path / "bad.vcf").unlink()
    mended = read(tmp_path, known_from(pages))
    assert mended[-1].complete
    assert not mended[-1].problems


def test_a_link_to_a_folder_that_holds_it_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "anna.vcf").write_text(ANNA)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert list(contacts_of(read(tmp_path))) == ["anna"]


def test_an_emptied_file_is_a_complete_read_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    path.touch()
    (page,) = read(path)
    assert page.complete, "the store's brake decides, and the user can accept it"
    assert [problem.message for problem in page.problems] == ["the file is empty"]
    assert read(path, cursor=page.cursor) == [Page(cursor=page.cursor, problems=page.problems)]


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match=r"gone\.vcf.*'phone'"):
        read(tmp_path / "gone.vcf")


def test_a_source_of_one_file_that_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.vcf")
    with pytest.raises(UserMustAct, match=r"a\.vcf.*not a regular file"):
        read(tmp_path / "a.vcf")


def test_a_uid_of_several_cards_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    path.write_text(card("Anna", "UID:u1") + card("Ben", "UID:u1") + card("Cleo", "UID:u2"))
    found = contacts_of(read(path))
    assert len(found) == 3
    assert "u1" not in found
    assert found["u2"].name == "Cleo"
    assert {i.code for c in found.values() if c.uid == "u1" for i in c.issues} == {"duplicate-uid"}


def test_who_has_a_uid_keeps_it_when_another_comes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    path.write_text(card("Anna", "UID:u1"))
    first = read(path)
    path.write_text(card("Ben", "UID:u1") + card("Anna", "UID:u1"))
    second = read(path, known_from(first))
    assert unchanged_of(second) == {"u1"}
    ((key, contact),) = contacts_of(second).items()
    assert contact.name == "Ben"
    assert key != "u1"


def test_a_rejected_card_takes_no_id_from_a_good_one(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    path.write_text(card("", "UID:u1") + card("Anna", "UID:u1"))
    found = contacts_of(read(path))
    assert [(c.name, c.rejected) for c in found.values()] == [(None, True), ("Anna", False)]
    assert found["u1"].name == "Anna"


def test_a_made_id_stays_when_a_number_is_edited(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    ids = set()
    for number in ("1", "2"):
        path.write_text(card("Anna Berg", f"TEL:{number}", f"EMAIL:{number}@a.example"))
        ids |= set(contacts_of(read(path)))
    assert len(ids) == 1


def test_copies_are_records_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    path.write_text(ANNA + ANNA + card("Ben") + card("Ben"))
    first = read(path)
    assert len(contacts_of(first)) == 4
    again = read(path, known_from(first))
    assert unchanged_of(again) == set(contacts_of(first))
    path.write_text(ANNA + card("Ben") + card("Ben"))
    assert len(unchanged_of(read(path, known_from(first)))) == 3


def test_of_two_namesakes_the_unchanged_one_keeps_its_id(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    one, two = card("John Smith", "TEL:1"), card("John Smith", "TEL:2")
    path.write_text(one + two)
    first = read(path)
    by_phone = {contact.phones: key for key, contact in contacts_of(first).items()}
    path.write_text(two + card("John Smith", "TEL:3"))
    second = read(path, known_from(first))
    assert unchanged_of(second) == {by_phone["2",]}
    assert list(contacts_of(second)) == [by_phone["1",]]


def test_a_card_that_gets_a_uid_names_its_earlier_id(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    path.write_text(card("Anna Berg"))
    first = read(path)
    path.write_text(card("Anna Berg", "UID:anna"))
    (contact,) = contacts_of(read(path, known_from(first))).values()
    assert contact.source_id == "anna"
    assert contact.previous_ids == tuple(contacts_of(first))


CARDS = st.lists(
    st.builds(
        lambda name, uid, phone: card(name, *([f"UID:{uid}"] if uid else []), f"TEL:{phone}"),
        st.sampled_from(["Anna", "Ben", ""]),
        st.sampled_from(["", "u1", "u2"]),
        st.integers(1, 3),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(cards=CARDS, seed=st.integers(0, 9), edited=st.integers(0, 7))
def test_ids_are_unique_and_depend_on_content_alone(
    tmp_path_factory: pytest.TempPathFactory, cards: list[str], seed: int, edited: int
) -> None:
    path = tmp_path_factory.mktemp("cards") / "all.vcf"
    path.write_text("".join(cards))
    first = read(path)
    assert len(contacts_of(first)) == len(cards)

    shuffled = random.Random(seed).sample(cards, len(cards))
    path.write_text("".join(shuffled))
    assert known_from(read(path)) == known_from(first)

    changed = [text.replace("TEL:", "TEL:9") if at == edited else text for at, text in enumerate(shuffled)]
    path.write_text("".join(changed))
    second = read(path, known_from(first))
    assert not unchanged_of(second) & set(contacts_of(second))
    assert len(unchanged_of(second)) + len(contacts_of(second)) == len(cards)


def many(count: int) -> str:
    return "".join(card(f"Person {number}", f"UID:{number:05d}", f"TEL:{number}") for number in range(count))


def test_a_large_first_import_uses_processes_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    path.write_text(many(2_300))
    told: list[tuple[int, int]] = []
    with Pool(2, start_from=2_000) as pool:
        source = VCardSource(
            "phone", path, pool=pool, progress=lambda done, total: told.append((done, total))
        )
        pages = list(source.changes(None))
    assert [len(page.changes) for page in pages] == [1_000, 1_000, 300, 0]
    assert [c.index for c in contacts_of(pages).values()] == list(range(2_300))
    assert told == sorted(told)
    assert told[-1] == (2_300, 2_300)
    assert pages == list(VCardSource("phone", path, pool=Pool(1)).changes(None))


def _count_in_daemon(path: Path, answer: Path) -> None:
    with Pool(2, start_from=2_000) as pool:
        contacts = contacts_of(list(VCardSource("phone", path, pool=pool).changes(None)))
    answer.write_text(str(len(contacts)))


def test_where_no_processes_can_be_had_one_does_it_all(tmp_path: Path) -> None:
    path, answer = tmp_path / "all.vcf", tmp_path / "answer"
    path.write_text(many(2_001))
    daemon = multiprocessing.get_context("spawn").Process(
        target=_count_in_daemon, args=(path, answer), daemon=True
    )
    daemon.start()
    daemon.join(120)
    assert answer.read_text() == "2001", "a daemon may have no children"


def test_every_card_is_shown_whatever_became_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text(ANNA + card("", "UID:nobody") + BEN)
    (tmp_path / "b.vcf").write_text("<html></html>")
    (tmp_path / "c.vcf").symlink_to(tmp_path / "nowhere")
    (tmp_path / "d.vcf").write_text(card("Dora"))
    pages = read(tmp_path)
    shown = [(c.file, c.index, c.name, [i.code for i in c.issues]) for c in contacts_of(pages).values()]
    assert sorted(shown, key=lambda row: row[:2]) == [
        ("a.vcf", 0, "Anna Berg", []),
        ("a.vcf", 1, None, ["nothing-to-identify"]),
        ("a.vcf", 2, "Ben Cole", []),
        ("b.vcf", 0, None, ["no-begin"]),
        ("d.vcf", 0, "Dora", []),
    ]
    assert [problem.where for page in pages for problem in page.problems] == ["phone/b.vcf", "phone/c.vcf"]


def test_what_is_shown_has_the_ids_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text(card("Anna", "UID:u1") + card("Ben", "UID:u1") + card("Cleo"))
    shown = contacts_of(read(tmp_path))
    again = VCardSource("phone", tmp_path, known={c.raw_hash or "": c.source_id for c in shown.values()})
    unchanged = [source_id for page in again.changes(None) for source_id in page.unchanged]
    assert sorted(unchanged) == sorted(shown)
    assert "u1" not in shown, "a UID that two cards claim belongs to neither"


def test_cards_with_one_name_and_no_uid_take_time_in_proportion_to_their_number() -> None:
    """Four times the cards take about four times as long; with n x n steps it would be sixteen times."""

    def seconds(count: int) -> float:
        contacts = [
            Contact(source="phone", source_id="card-1", name="Max Muster", raw_hash=str(n))
            for n in range(count)
        ]
        start = time.process_time()
        replaced = ids.made_unique(contacts, set(), set())
        assert len({one.source_id for one in replaced.values()}) == count
        return time.process_time() - start

    once, four_times = (min(seconds(count) for _ in range(2)) for count in (1_000, 4_000))
    assert four_times < 9 * once


def test_cards_with_one_name_are_numbered_in_an_order_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "all.vcf"
    numbers = ("+44 20 7946 0003", "+44 20 7946 0001", "+44 20 7946 0002")
    path.write_text("".join(card("Max Muster", f"TEL:{number}") for number in numbers), newline="")
    found = {
        one.source_id: one.phones for page in read(path) for one in page.changes if isinstance(one, Contact)
    }
    first, second, third = sorted(found)
    assert (second, third) == (f"{first}-2", f"{first}-3")
    assert [found[one] for one in (first, second, third)] == [(number,) for number in sorted(numbers)]
