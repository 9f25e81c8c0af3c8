"""Names in plain letters, without emoji and titles, split into their parts.

If a source has fields for given and family name (vCard's N, Google), they are used as they are. A name in one
text is split at its spaces, and its order counts as unknown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from people.identity.cards.kin import is_given
from people.identity.cards.words import word_group

_TITLES = word_group("titles")
_TITLE_TAILS = word_group("title-tails")
_REMARKS = word_group("remarks")
_HONOURS = word_group("honours")
_DOUBTFUL_HONOURS = word_group("doubtful-honours")
_PARTICLES = word_group("particles")
_GENERATIONS = {
    "sr": 1, "snr": 1, "senior": 1, "jr": 2, "jnr": 2, "jun": 2, "junior": 2, "ii": 2, "2nd": 2,
    "iii": 3, "3rd": 3, "iv": 4, "4th": 4, "v": 5, "5th": 5,
    "filho": 2, "hijo": 2, "fils": 2, "neto": 3, "netto": 3, "nieto": 3, "sobrinho": 6, "bisneto": 4,
    "pere": 1, "padre": 1,
}  # fmt: skip
_GENERATION_OR_NAME = frozenset(
    {"v", "filho", "hijo", "fils", "neto", "netto", "nieto", "sobrinho", "bisneto", "pere", "padre"}
)
"""Words of a generation only behind two other words, because they are family names as well (Nieto)."""
_BRACKETED = re.compile(r"[(\[{\"“„«][^)\]}\"”“»]*[)\]}\"”“»]")
_BRACKET = re.compile(r"[(\[{\"“„«]")
_APOSTROPHE = re.compile(r"['’‘`´ʼ]")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_EAST_ASIAN = re.compile(r"([\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff])")


class Name(NamedTuple):
    """The parts of a name in plain letters. ``given`` and ``family`` have neither spaces nor hyphens.

    ``family_parts`` are the words of a compound family name. ``ordered`` is False if the source gave one
    text, so that given and family are a guess. ``generation`` is 1 for Sr, 2 for Jr, 3 for III; 0 is
    unknown. ``other_script`` is True if it is transliterated, which seldom gives its owner's own spelling.
    """

    given: str = ""
    middle: tuple[str, ...] = ()
    family: str = ""
    family_parts: tuple[str, ...] = ()
    nickname: str = ""
    generation: int = 0
    ordered: bool = False
    other_script: bool = False


NO_NAME = Name()


@lru_cache(maxsize=65536)
def plain_words(text: str) -> str:
    """Lower-case words of a-z and 0-9, one space apart; other scripts are transliterated, signs removed."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _EAST_ASIAN.sub(r" \1 ", text)
        text = "".join(c if unicodedata.category(c)[0] not in "SC" else " " for c in text)
        text = anyascii(text)
    return _NOT_WORD.sub(" ", _APOSTROPHE.sub("", text.lower())).strip()


def _words(text: str, *, least: int = 1) -> list[str]:
    """The words of a name, without numbers; removes leading titles while more than ``least`` words remain.

    Characters of East Asia that stand together are one word.
    """
    if not text:
        return []
    if text.isascii() or not _EAST_ASIAN.search(text):
        words = [w for w in plain_words(text).split() if w in _GENERATIONS or not w[0].isdigit()]
    else:
        words = [joined for w in text.split() if (joined := plain_words(w).replace(" ", ""))]
    titled = False
    while len(words) > least and (words[0] in _TITLES or (titled and words[0] in _TITLE_TAILS)):
        words.pop(0)
        titled = True
    return words


def _take_generation(words: list[str], least: int = 3) -> int:
    """Remove a trailing Jr, Sr or II and return its generation; a name of one word keeps it.

    A word that is a family name as well is removed only if there are ``least`` words.
    """
    generation = 0
    if (
        len(words) > 1
        and words[-1] in _GENERATIONS
        and not (words[-1] in _GENERATION_OR_NAME and len(words) < least)
    ):
        generation = _GENERATIONS[words.pop()]
    words[:] = [word for word in words if not word[0].isdigit()]
    return generation


def _take_tail(text: str) -> tuple[str, int, str]:
    """Remove the part after a comma: honours, a generation, or the given name of *Doe, John*.

    Returns the text before the comma, the generation, and the given name if it came last ('' if not).
    """
    head, _, tail = text.partition(",")
    generation, rest = 0, []
    for word in plain_words(tail).split():
        if word in _GENERATIONS:
            generation = _GENERATIONS[word]
        elif word not in _HONOURS:
            rest.append(word)
    if rest and len(rest) <= 3:
        return head, generation, " ".join(rest)
    return head, generation, ""


def _take_brackets(text: str) -> tuple[str, str]:
    """Remove bracketed or quoted parts; a given name in brackets, or one word in quotes, is a nickname.

    Other words in brackets are remarks: (school), (deceased).
    """
    if not _BRACKET.search(text):
        return text, ""
    bracketed = [(whole[0] in "([{", plain_words(whole[1:-1])) for whole in _BRACKETED.findall(text)]
    named = (
        word
        for in_brackets, word in bracketed
        if word.isalpha()
        and word not in _HONOURS
        and (not in_brackets or (is_given(word) and word not in _REMARKS))
    )
    nickname = next(named, "")
    return _BRACKETED.sub(" ", text), nickname


def _split(text: str) -> Name:
    """Guess the parts of a name in one text."""
    text, nickname = _take_brackets(text)
    text, generation, given_last = _take_tail(text)
    if given_last:
        given, family = _words(given_last), _words(text)
        return _name(given, family, nickname, generation or _take_generation(family), ordered=False)
    if _EAST_ASIAN.match(text.strip()):
        return _family_first(text)
    words = _words(text)
    while len(words) > 2 and words[-1] in _HONOURS - _DOUBTFUL_HONOURS:
        words.pop()
    generation = generation or _take_generation(words)
    cut = len(words) - 1
    while cut > 1 and words[cut - 1] in _PARTICLES:
        cut -= 1
    return _name(words[: max(cut, 1)], words[max(cut, 1) :], nickname, generation, ordered=False)


def _family_first(text: str) -> Name:
    """The parts of a name in characters of East Asia: the family name first, of one or two characters."""
    words = text.split()
    if len(words) == 1:
        cut = 1 if len(words[0]) < 4 else 2
        words = [words[0][:cut], words[0][cut:]]
    family, *given = [plain_words(word).replace(" ", "") for word in words]
    return _name([word for word in given if word], [family], "", 0, ordered=False)


def _in_other_script(text: str) -> bool:
    return not text.isascii() and any(
        c > "\u024f" and not "\u1e00" <= c <= "\u1eff" for c in text if c.isalpha()
    )


def _name(given: list[str], family: list[str], nickname: str, generation: int, *, ordered: bool) -> Name:
    return Name(
        given=given[0] if given else "",
        middle=tuple(given[1:]),
        family="".join(family),
        family_parts=tuple(w for w in family if w not in _PARTICLES) if len(family) > 1 else (),
        nickname=nickname,
        generation=generation,
        ordered=ordered,
    )


def parse(
    full: str | None,
    *,
    given: str | None = None,
    middle: str | None = None,
    family: str | None = None,
    suffix: str | None = None,
    nickname: str | None = None,
) -> Name:
    """The parts of a name: from the given and family fields if both are set, else from ``full``."""
    name = _parsed(full, (given, middle, family), suffix, nickname)
    other = _in_other_script(f"{full or ''}{given or ''}{family or ''}")
    return name._replace(other_script=True) if other else name


def _parsed(
    full: str | None,
    fields: tuple[str | None, str | None, str | None],
    suffix: str | None,
    nickname: str | None,
) -> Name:
    """The parts of a name; ``fields`` are the given, the middle and the family name."""
    given, middle, family = fields
    from_suffix = next((_GENERATIONS[w] for w in plain_words(suffix or "").split() if w in _GENERATIONS), 0)
    called = plain_words(nickname or "").replace(" ", "")
    given_text, bracketed = _take_brackets(given or "")
    # A hyphen joins one given name, as in Anne-Marie; a space starts a middle name.
    given_words = _words(given_text.replace("-", ""), least=0)
    family_text, tail_generation, given_last = _take_tail(_take_brackets(family or "")[0])
    family_words = _words(family or "" if given_last else family_text)
    if not given_words or not family_words:
        name = _parse_one(full, " ".join(given_words), family)
        return name._replace(nickname=called or name.nickname, generation=from_suffix or name.generation)
    generation = from_suffix or tail_generation or _take_generation(family_words, 2)
    if not generation and len(given_words) > 1 and len(family_words) == 1:
        # Split at its last space, Ana Costa Filho has a family name that is only a generation.
        generation = _GENERATIONS.get(family_words[0], 0)
    given_words += _words(middle or "") or _between(full or "", given_words, family_words)
    return _name(given_words, family_words, called or bracketed, generation, ordered=True)


def _between(full: str, given: list[str], family: list[str]) -> list[str]:
    """One or two middle names that only the full name contains."""
    words = _words(full)
    middle = words[len(given) : len(words) - len(family)]
    whole = words[: len(given)] == given and words[len(words) - len(family) :] == family
    return middle if whole and len(middle) <= 2 and all(word.isalpha() for word in middle) else []


def _parse_one(full: str | None, given: str, family: str | None) -> Name:
    """The parts of a name that has one field at most."""
    words = _words(full or "")
    if len(words) > 1:
        return _split(full or "")
    if family and plain_words(family) and not given:
        return _name([], _words(family), "", 0, ordered=True)
    return _split(full or given)
