"""The score of a pair: terms in bits, the kinds of evidence behind them, and what forbids a merge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import OSA

from people.identity import compare, weights
from people.identity import emails as mail
from people.identity.compare import Term, near
from people.identity.names import Name
from people.identity.record import Record
from people.identity.weights import AUTO, FIXED, KEEP, PRIOR, REVIEW, shared

Band = Literal["auto", "review", "separate"]
Sharing = Callable[[str], int]
"""How many distinct names share an e-mail's or phone's block key, how many records an organisation's."""

ENOUGH = 4.0
"""From this many bits on, an e-mail, phone or organisation counts as a kind of evidence."""

REACHES_ONE = frozenset({"e-mail", "phone", "profile", "card id", "number"})
"""Kinds that name one person by themselves, so that half a name beside them is enough."""
PERSONAL = REACHES_ONE | {"birthday"}
"""Without one of these, other names mean other people, and there is nothing to ask: a married name needs a
personal e-mail or mobile."""
HOUSEHOLD = frozenset({"name", "half a name", "place", "town"})
"""Kinds that father and son have in common."""
HALF = frozenset({"half a name", "town", "title"})
"""Kinds that count half."""
OTHER_GIVEN = "the given names differ"
OTHER_FAMILY = "the family names differ"


def _alone(_key: str) -> int:
    return 1


@dataclass(frozen=True, slots=True)
class Score:
    """What the evidence says of one pair of records.

    ``bits`` is the sum of the terms and the prior: 0 is even odds. ``kinds`` are the independent kinds
    of evidence for one person; a landline is none, for a household shares it. ``veto`` says why the two can
    never be one, ``doubt`` why they may merge only when the user says so.
    """

    bits: float
    terms: tuple[Term, ...]
    kinds: frozenset[str]
    veto: str = ""
    doubt: str = ""

    @property
    def band(self) -> Band:
        """Auto, review or separate, the user's decisions and earlier merges left aside."""
        named_apart = self.doubt in (OTHER_GIVEN, OTHER_FAMILY) and not self.kinds & PERSONAL
        if self.veto or self.bits < REVIEW or named_apart:
            return "separate"
        return "auto" if self.bits >= AUTO and self.may_merge else "review"

    @property
    def may_merge(self) -> bool:
        """Whether nothing but the number of bits decides."""
        broad = self.breadth >= 2 or (self.breadth > 1 and self.bits >= 2 * AUTO)
        return broad and not self.veto and not self.doubt

    @property
    def breadth(self) -> float:
        """How many independent kinds of evidence there are; some count half."""
        halves = len(self.kinds & HALF)
        if "half a name" in self.kinds and self.kinds & REACHES_ONE:
            return len(self.kinds) - (halves - 1) / 2
        return len(self.kinds) - halves / 2

    @property
    def keeps(self) -> bool:
        """Whether an earlier automatic merge of the two stands."""
        return self.bits >= KEEP and not self.veto

    @property
    def clashes(self) -> bool:
        """Whether the two cannot sit in one person, whatever third record joins them.

        Other given names may be names of one person (a second name, a misspelling) where birthdays agree.
        """
        return bool(self.veto) or (self.doubt == OTHER_GIVEN and "birthday" not in self.kinds)

    def lines(self) -> list[str]:
        """The evidence, one readable line a term, strongest first."""
        ordered = sorted(self.terms, key=lambda term: (-abs(term[1]), term[0], term[2]))
        lines = [
            f"{what} ({detail}) {bits:+.1f}" if detail else f"{what} {bits:+.1f}"
            for what, bits, detail in ordered
        ]
        lines.append(f"any two cards {PRIOR:+.1f}")
        if self.veto:
            lines.append(f"never one person: {self.veto}")
        elif self.doubt:
            lines.append(f"only you can tell: {self.doubt}")
        elif self.bits >= AUTO and len(self.kinds) < 2:
            lines.append(
                f"only one kind of evidence: {', '.join(sorted(self.kinds)) or 'what a household shares'}"
            )
        return lines


def score(a: Record, b: Record, sharing: Sharing = _alone) -> Score:
    """Weigh two records. ``sharing`` tells how many distinct names share a value; symmetric in a and b."""
    veto = _veto(a, b)
    terms: list[Term] = []
    kinds: set[str] = set()
    if a.kind == b.kind == "person":
        if _named(a) and _named(b):
            _weigh_names(a, b, terms, kinds)
        elif _named(a) or _named(b):
            _weigh_spelling(a, b, terms, kinds)
    _weigh_emails(a, b, sharing, terms, kinds)
    _weigh_phones(a, b, sharing, terms, kinds)
    _weigh_rest(a, b, sharing, terms, kinds)
    bits = PRIOR + sum(term[1] for term in terms)
    return Score(round(bits, 1), tuple(terms), frozenset(kinds), veto, "" if veto else _doubt(terms, kinds))


def clash(a: Record, b: Record) -> bool:
    """Whether two records cannot sit in one person, whatever third record joins them."""
    return score(a, b).clashes


def _veto(a: Record, b: Record) -> str:
    if a.kind != b.kind:
        return (
            f"one is a {a.kind}, the other a {b.kind}"
            if a.kind < b.kind
            else f"one is a {b.kind}, the other a {a.kind}"
        )
    first, second = sorted((a.name.generation, b.name.generation))
    if first and first != second:
        return "different generations (Jr, Sr)"
    if a.birthday and b.birthday and compare.birthdays_clash(a.birthday, b.birthday):
        # An institution gives a number to one person; where it agrees, a birthday was mistyped.
        return "" if _same_number(a, b) else "different birthdays"
    return ""


def _same_number(a: Record, b: Record) -> bool:
    return any(not text.startswith("uid=") for text in set(a.ids).intersection(b.ids))


def _doubt(terms: list[Term], kinds: set[str]) -> str:
    """Evidence that is typical of two people who live or work together."""
    whats = {term[0] for term in terms}
    if "given name differs" in whats and "number" not in kinds:
        return OTHER_GIVEN
    if "family name differs" in whats and not kinds & PERSONAL:
        return OTHER_FAMILY
    if "same number, other extension" in whats and "e-mail" not in kinds:
        return "two desks of one switchboard"
    if kinds <= HOUSEHOLD and whats & {"landline same", "street same", "street nearly same"}:
        return "they share a home, as father and son do"
    return ""


def _named(record: Record) -> bool:
    return bool(record.name.given or record.name.family)


def _add(terms: list[Term], what: str, detail: str = "") -> float:
    bits = FIXED[what]
    terms.append((what, bits, detail))
    return bits


def _weigh_names(a: Record, b: Record, terms: list[Term], kinds: set[str]) -> None:
    found = compare.names(a.name, b.name)
    terms += found
    given = [bits for what, bits, _ in found if what.startswith(("given", "nickname"))]
    total = sum(bits for _, bits, _ in found)
    if any(bits <= 0 for bits in given):
        return
    if all(record.name.given and record.name.family for record in (a, b)):
        if total >= ENOUGH or max(given, default=0.0) >= 3.0:
            kinds.add("name")
    elif total >= 3.0:
        kinds.add("half a name")


def _weigh_emails(a: Record, b: Record, sharing: Sharing, terms: list[Term], kinds: set[str]) -> None:
    if not a.emails or not b.emails:
        return
    common = set(a.emails).intersection(b.emails)
    if common:
        bits, address = max((_email_bits(address, sharing), address) for address in common)
        terms.append(("e-mail same", bits, _shared_by(address, sharing(f"e:{address}"))))
        if bits >= ENOUGH:
            kinds.add("e-mail")
        return
    own, others = ([address for address in r.emails if not mail.is_role(address)] for r in (a, b))
    alike = [found for x in own for y in others if (found := _email_likeness(x, y, (a.name, b.name)))]
    if alike:
        what, detail = max(alike, key=lambda found: (FIXED[found[0]], found))
        if _add(terms, what, detail) > ENOUGH:
            kinds.add("e-mail")
    elif firm := {mail.own_domain(x) for x in own} & {mail.own_domain(x) for x in others} - {""}:
        _add(terms, "two addresses at one firm", min(firm))
    elif any(not mail.own_domain(x) for x in own) and any(not mail.own_domain(x) for x in others):
        _add(terms, "private e-mail differs")


def _email_bits(address: str, sharing: Sharing) -> float:
    bits = shared("e-mail same", sharing(f"e:{address}"))
    return min(bits, weights.ROLE_ADDRESS) if mail.is_role(address) else bits


def _shared_by(value: str, names: int) -> str:
    return value if names < 2 else f"{value}, {names} names share it"


def _weigh_spelling(a: Record, b: Record, terms: list[Term], kinds: set[str]) -> None:
    """A card without a name is still named by an address that spells the other's."""
    nameless, named = (a, b) if b.name.given or b.name.family else (b, a)
    for address in nameless.emails:
        if not mail.is_role(address) and mail.spells(address, named.name.given, named.name.family):
            _add(terms, "address spells the name", address)
            kinds.add("name")
            return


def _email_likeness(one: str, other: str, names: tuple[Name, Name]) -> tuple[str, str] | None:
    """How two addresses are alike. One that spells its owner's name tells little more than the name does."""
    both = ", ".join(sorted((one, other)))
    (local, _, domain), (other_local, _, other_domain) = one.partition("@"), other.partition("@")
    spelt = any(mail.spells(address, name.given, name.family) for address in (one, other) for name in names)
    if local == other_local and len(local) >= 3:
        slips = OSA.distance(domain, other_domain, score_cutoff=2)
        if slips <= (1 if len(domain) < 10 else 2) and mail.own_domain(one) and mail.own_domain(other):
            own_name = spelt or any(local in (name.given, name.family) for name in names)
            return ("e-mail nearly same" if own_name else "e-mail same but for a slip after the @"), both
        return ("e-mail same before the @", both) if len(local) >= 5 and not spelt else None
    if (spelt and domain == other_domain) or len(local) < 5 or mail.letters(one) == mail.letters(other):
        return None
    digits = [c for c in one if c.isdigit()] == [c for c in other if c.isdigit()]
    return ("e-mail nearly same", both) if digits and near(one, other) else None


def _weigh_phones(a: Record, b: Record, sharing: Sharing, terms: list[Term], kinds: set[str]) -> None:
    for what, numbers, others in (
        ("phone same", a.phones, b.phones),
        ("landline same", a.landlines, b.landlines),
    ):
        if not numbers or not others:
            continue
        common = set(numbers).intersection(others)
        if common:
            bits, number = max((shared(what, sharing(f"p:{number}")), number) for number in common)
            terms.append((what, bits, _shared_by(number, sharing(f"p:{number}"))))
            if bits >= ENOUGH and what == "phone same":
                kinds.add("phone")
        elif any(";" in number for number in (*numbers, *others)):
            _weigh_extensions(numbers, others, terms)
        elif what == "phone same":
            _add(terms, "phone differs")


def _weigh_extensions(numbers: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> None:
    for one in numbers:
        for other in others:
            if one.partition(";")[0] == other.partition(";")[0]:
                both = ";" in one and ";" in other
                _add(terms, "same number, other extension" if both else "same number, one with extension")
                return


def _weigh_rest(a: Record, b: Record, sharing: Sharing, terms: list[Term], kinds: set[str]) -> None:
    if a.organisation and b.organisation:
        _weigh_organisations(a.organisation, b.organisation, sharing, terms, kinds)
    if a.title and a.title == b.title:
        _add(terms, "title same", a.title)
        kinds.add("title")
    if a.birthday and b.birthday:
        term = compare.birthdays(a.birthday, b.birthday)
        terms.append(term)
        if term[1] > 0:
            kinds.add("birthday")
    if a.profiles and b.profiles:
        _weigh_profiles(a, b, terms, kinds)
    if a.ids and b.ids:
        _weigh_ids(a.ids, b.ids, terms, kinds)
    _weigh_place(a, b, terms, kinds)


def _weigh_organisations(one: str, other: str, sharing: Sharing, terms: list[Term], kinds: set[str]) -> None:
    if one == other:
        bits = weights.organisation(sharing(f"o:{one}"))
        terms.append(("organisation same", bits, one))
        if bits >= ENOUGH:
            kinds.add("organisation")
        return
    words, others = set(one.split()), set(other.split())
    if (words <= others or others <= words) or near(one, other):
        _add(terms, "organisation similar", ", ".join(sorted((one, other))))
        kinds.add("organisation")
    else:
        _add(terms, "organisation differs", ", ".join(sorted((one, other))))


def _weigh_profiles(a: Record, b: Record, terms: list[Term], kinds: set[str]) -> None:
    common = sorted(set(a.profiles).intersection(b.profiles))
    if common:
        _add(terms, "profile same", common[0])
        kinds.add("profile")
        return
    sites = {profile.partition("/")[0] for profile in a.profiles}
    if any(profile.partition("/")[0] in sites for profile in b.profiles):
        _add(terms, "profile differs")


def _weigh_ids(ids: tuple[str, ...], others: tuple[str, ...], terms: list[Term], kinds: set[str]) -> None:
    theirs = dict(text.split("=", 1) for text in others)
    for label, value in (text.split("=", 1) for text in ids):
        other = theirs.get(label)
        if other is None or (label == "uid" and other != value):
            continue
        if label == "uid":
            _add(terms, "card id same", value)
            kinds.add("card id")
        elif value == other or near(value, other):
            _add(terms, "number same" if value == other else "number nearly same", label)
            kinds.add("number")
        else:
            _add(terms, "number differs", label)


def _weigh_place(a: Record, b: Record, terms: list[Term], kinds: set[str]) -> None:
    street = _weigh_texts("street", a.streets, b.streets, terms)
    postcode = _weigh_texts("postcode", a.postcodes, b.postcodes, terms)
    town = _weigh_texts("town", a.cities, b.cities, terms)
    if street > 0 or postcode > ENOUGH or postcode + town > ENOUGH:
        kinds.add("place")
    elif town > 0:
        kinds.add("town")


def _weigh_texts(what: str, texts: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> float:
    """Weigh the best agreement of two lists; returns its bits, 0 where one is empty."""
    if not texts or not others:
        return 0.0
    common = sorted(set(texts).intersection(others))
    if common:
        return _add(terms, f"{what} same", common[0])
    if pairs := [(x, y) for x in texts for y in others if near(x, y)]:
        return _add(terms, f"{what} nearly same", ", ".join(sorted(min(pairs, key=sorted))))
    return _add(terms, f"{what} differs")


def explain_pair(a: Record, b: Record, sharing: Sharing = _alone) -> list[str]:
    """The evidence for and against two records being one person, readable lines with their bits."""
    result = score(a, b, sharing)
    return [*result.lines(), f"sum {result.bits:+.1f}: {result.band}"]


def all_terms() -> Iterator[tuple[str, str]]:
    """Every term and its weight as text, for the documentation."""
    sizes = [f"{bits:+g}" for _, bits in weights.ORGANISATION]
    yield "organisation same", " / ".join([*sizes, f"{weights.LARGE_ORGANISATION:+g}"])
    for what, row in weights.SHARED.items():
        yield what, " / ".join(f"{bits:+g}" for bits in row)
    for what, bits in FIXED.items():
        yield what, f"{bits:+g}"
