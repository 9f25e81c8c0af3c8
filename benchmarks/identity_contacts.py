"""A seeded generator of an address book's cards, with who is who: five kinds of sources, their gaps and habits.

People live in households that share a landline, sometimes an e-mail, sometimes one full name (father and
son); they work at firms with a switchboard and an info@; they marry, change jobs, go by short names. Each
source shows its own part of a person. Company cards stand among them. Nothing here is used at run time.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from people.identity.weighing import weights
from people.types import Address, Contact

FREE = ("gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "btinternet.com", "gmx.net")
TOWNS = (
    "London Birmingham Leeds Glasgow Sheffield Bradford Liverpool Edinburgh Manchester Bristol Cardiff Leicester "
    "Coventry Nottingham Hull Belfast Derby Plymouth Swansea Reading Bath York Exeter Oxford Norwich"
).split()
STREETS = "High Station Church Victoria Park Mill Queen King Albert North South West School Grove".split()
KINDS = "Road Street Lane Avenue Close Drive Way".split()
TRADES = (
    "Plumbing Interiors Legal Accounting Bakery Design Media Logistics Dental Consulting Homes Foods".split()
)
JOBS = (
    "Managing Director,Sales Manager,Accountant,Engineer,Solicitor,Designer,Consultant,Owner,Operations Manager,"
    "Office Manager,Head of Marketing,Architect,Teacher,Broker"
).split(",")
# Names that the frozen tables do not list, so that rarity is guessed as it is for real books.
FOREIGN_GIVEN = (
    "Siobhan Niamh Priyanka Deepak Oluwaseun Chiamaka Zsofia Bartosz Malgorzata Joao Ngozi Anouk".split()
)
FOREIGN_FAMILY = (
    "Okonkwo Adeyemi Deshmukh Chatterjee Wojciechowski Szabo Papadopoulos Oyelaran Fernandes Nakamura Haugen "
    "Lindqvist Vandenberghe Iyer Mukherjee Kowalczyk"
).split()


@dataclass(slots=True)
class Person:
    """Everything true of one person."""

    number: int
    given: str
    family: str
    middle: str = ""
    suffix: str = ""
    maiden: str = ""
    emails: list[str] = field(default_factory=list)
    shares_email: bool = False
    work_email: str = ""
    old_email: str = ""
    mobile: str = ""
    landline: str = ""
    firm: Firm | None = None
    old_firm: Firm | None = None
    job: str = ""
    birthday: str = ""
    home: Address = field(default_factory=Address)


@dataclass(slots=True)
class Firm:
    """An employer with its switchboard."""

    name: str
    domain: str
    phone: str


class _World:
    """Draws people and firms; every draw comes from one seeded source."""

    def __init__(self, seed: int, people: int) -> None:
        self.random = random.Random(seed)
        given, family = weights.name_tables()
        self.given = _draw(given, 10.9)
        self.family = _draw(family, 13.9)
        self.used: set[str] = set()
        self.firms = [self.firm() for _ in range(max(3, people // 12))]

    def pick(self, table: tuple[list[str], list[float]]) -> str:
        return self.random.choices(table[0], cum_weights=table[1])[0].capitalize()

    def number(self, prefix: str, digits: int) -> str:
        while True:
            text = prefix + "".join(self.random.choice("0123456789") for _ in range(digits))
            if text not in self.used:
                self.used.add(text)
                return text

    def firm(self) -> Firm:
        owner, trade = self.pick(self.family), self.random.choice(TRADES)
        tail = self.random.choice(("", " Ltd", " & Sons", " Group", " LLP"))
        domain = f"{owner}{trade}".lower() + self.random.choice((".co.uk", ".com"))
        return Firm(f"{owner} {trade}{tail}", domain, self.number("+44207", 7))

    def employer(self) -> Firm:
        return self.firms[int(len(self.firms) * self.random.random() ** 2)]

    def address(self, given: str, family: str) -> str:
        g, f, n = given.lower(), family.lower().replace(" ", ""), self.random.randrange(10, 99)
        forms: tuple[str, ...] = (
            f"{g}.{f}",
            f"{g}{f}{n}",
            f"{g[0]}{f}",
            f"{g[0]}.{f}{n}",
            f"{g}{n}",
            f"{f}.{g}",
            f"{g}_{f}",
        )
        while True:
            address = f"{self.random.choice(forms)}@{self.random.choice(FREE)}"
            if address not in self.used:
                self.used.add(address)
                return address
            forms = (*forms, f"{g}{f}{self.random.randrange(1000)}")

    def person(self, number: int, family: str = "") -> Person:
        r = self.random
        given = r.choice(FOREIGN_GIVEN) if r.random() < 0.06 else self.pick(self.given)
        family = family or (r.choice(FOREIGN_FAMILY) if r.random() < 0.06 else self.pick(self.family))
        town = r.choice(TOWNS)
        home = Address(
            street=f"{r.randrange(1, 200)} {r.choice(STREETS)} {r.choice(KINDS)}",
            city=town,
            postal_code=f"{town[:2].upper()}{r.randrange(1, 40)} {r.randrange(1, 9)}{r.choice('ABDEFG')}{r.choice('HJLNPQ')}",
        )
        one = Person(number, given, family, home=home, mobile=self.number("+4479", 8))
        one.middle = self.pick(self.given) if r.random() < 0.3 else ""
        one.emails = [self.address(given, family) for _ in range(r.choice((0, 1, 1, 1, 2)))]
        one.landline = self.number("+44117", 7) if r.random() < 0.4 else ""
        one.birthday = f"{r.randrange(1945, 2004)}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}"
        if r.random() < 0.75:
            self.employ(one)
        if r.random() < 0.03:
            one.maiden = self.pick(self.family)
        return one

    def employ(self, one: Person) -> None:
        r = self.random
        one.firm, one.job = self.employer(), r.choice(JOBS)
        local = r.choice((f"{one.given}.{one.family}", f"{one.given[0]}{one.family}", one.given)).lower()
        one.work_email = f"{local.replace(' ', '')}@{one.firm.domain}"
        if one.work_email in self.used:
            one.work_email = f"{one.given}.{one.family}{r.randrange(2, 99)}@{one.firm.domain}".lower()
        self.used.add(one.work_email)
        if r.random() < 0.12:
            one.old_firm = self.employer()
            one.old_email = f"{one.given}.{one.family}@{one.old_firm.domain}".lower()
            if one.old_email in self.used:
                one.old_email = ""
            self.used.add(one.old_email)

    def household(self, head: Person, number: int) -> Person:
        """Another member: same home and landline; at times the same e-mail or the same full name."""
        r = self.random
        other = self.person(number, head.family)
        while other.given == head.given:
            other = self.person(number, head.family)
        other.home, other.landline = head.home, head.landline
        if r.random() < 0.06:
            other.given, other.middle = head.given, ""
            other.suffix = r.choice(("Jr", ""))
            other.birthday = f"{int(head.birthday[:4]) + 27}{other.birthday[4:]}"
            other.emails = [self.address(other.given, other.family)]
        elif head.emails and r.random() < 0.08:
            other.emails, other.shares_email = [head.emails[0]], True
        return other


def _draw(table: dict[str, float], most: float) -> tuple[list[str], list[float]]:
    names = sorted(name for name, bits in table.items() if bits < most and len(name) > 2)
    total, sums = 0.0, []
    for name in names:
        total += 2.0 ** -table[name]
        sums.append(total)
    return names, sums


def people(seed: int, count: int) -> list[Person]:
    """That many people of one world, a third of them in households."""
    world = _World(seed, count)
    found: list[Person] = []
    while len(found) < count:
        one = world.person(len(found))
        found.append(one)
        if one.landline and world.random.random() < 0.4:
            found.append(world.household(one, len(found)))
    return found[:count]


SHORT = {
    "Robert": "Bob", "William": "Bill", "John": "Jack", "Elizabeth": "Liz", "Michael": "Mike", "James": "Jim",
    "Richard": "Dick", "Thomas": "Tom", "Margaret": "Peggy", "Katherine": "Kate", "Patricia": "Pat",
    "Christopher": "Chris", "Daniel": "Dan", "Matthew": "Matt", "Anthony": "Tony", "David": "Dave",
    "Joseph": "Joe", "Charles": "Charlie", "Susan": "Sue", "Jennifer": "Jen", "Edward": "Ted", "Steven": "Steve",
}  # fmt: skip


class _Cards:
    """Writes people down as five sources would."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"cards {seed}")
        self.count = 0

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def contact(self, source: str, **fields: object) -> Contact:
        self.count += 1
        kept = {name: value for name, value in fields.items() if value}
        return Contact.model_validate({"source": source, "source_id": f"{self.count:07}", **kept})

    def typo(self, text: str) -> str:
        if len(text) < 4 or not self.chance(0.025):
            return text
        at = self.random.randrange(1, len(text) - 1)
        kind = self.random.randrange(3)
        if kind == 0:
            return text[:at] + text[at + 1 :]
        if kind == 1:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text[:at] + self.random.choice("abcdefghijklmnoprstuvwy") + text[at + 1 :]

    def name(self, one: Person, *, formal: bool) -> dict[str, str]:
        given, family = self.typo(one.given), self.typo(one.family)
        if not formal and one.given in SHORT and self.chance(0.4):
            given = SHORT[one.given]
        if one.maiden and self.chance(0.5):
            family = one.maiden
        if not formal and self.chance(0.04):
            given = given[0] + "."
        middle = one.middle if self.chance(0.25) else ""
        suffix = one.suffix if self.chance(0.7) else ""
        parts = {"given_name": given, "middle_name": middle, "family_name": family, "suffix": suffix}
        text = " ".join(part for part in (given, middle, family, suffix) if part)
        if not formal and self.chance(0.04):
            return {"name": given, "given_name": given}
        if self.chance(0.03):
            return {"name": f"{family}, {given}"}
        if self.chance(0.02):
            return {"name": text, "given_name": family, "family_name": given}
        if self.chance(0.04):
            text = self.random.choice((f"Dr. {text}", f"{text} 🚀", f"{text}, MBA", f"Mr {text}"))
        return {"name": text, **parts}

    def written(self, number: str) -> str:
        local = "0" + number[3:]
        return self.random.choice(
            (number, local, "00" + number[1:], f"{number[:3]} {number[3:7]} {number[7:]}")
        )

    def phone(self, one: Person) -> Contact:
        numbers = [one.mobile] if one.mobile and self.chance(0.85) else []
        if one.landline and (not numbers or self.chance(0.4)):
            numbers.append(one.landline)
        return self.contact(
            "phone", **self.name(one, formal=False), phones=[self.written(n) for n in numbers],
            emails=one.emails[:1] if self.chance(0.4) else [],
            birthday=one.birthday if self.chance(0.12) else "",
            organisation=one.firm.name if one.firm and self.chance(0.15) else "",
            addresses=[one.home] if self.chance(0.12) else [],
        )  # fmt: skip

    def outlook(self, one: Person) -> Contact:
        firm, email = one.firm, one.work_email
        if one.old_firm and self.chance(0.4):
            firm, email = one.old_firm, one.old_email
        numbers = [one.mobile] if self.chance(0.45) else []
        if firm and self.chance(0.3):
            numbers.append(firm.phone)
        emails = [email] if email and self.chance(0.85) else one.emails[-1:]
        return self.contact(
            "outlook", **self.name(one, formal=True), emails=emails, phones=numbers,
            organisation=firm.name if firm and self.chance(0.7) else "",
            title=one.job if firm and self.chance(0.5) else "",
        )  # fmt: skip

    def linkedin(self, one: Person) -> Contact:
        emails = (one.emails[:1] or [one.work_email]) if self.chance(0.2) else []
        return self.contact(
            "linkedin", **self.name(one, formal=True), emails=[e for e in emails if e],
            organisation=one.firm.name if one.firm else "", title=one.job,
            urls=[f"https://www.linkedin.com/in/{one.given}-{one.family}-{one.number}".lower().replace(" ", "")],
        )  # fmt: skip

    def google(self, one: Person) -> Contact:
        emails = [e for e in (*one.emails[:1], one.work_email) if e and self.chance(0.75)]
        return self.contact(
            "google", **self.name(one, formal=False), emails=emails,
            phones=[self.written(one.mobile)] if one.mobile and self.chance(0.6) else [],
            birthday=one.birthday if self.chance(0.1) else "",
        )  # fmt: skip

    def calendar(self, one: Person) -> Contact | None:
        known = [e for e in (one.work_email, one.work_email, *one.emails[:1]) if e]
        if not known:
            return None
        # A guest without a name is whoever the address was made for, so a shared one would prove nothing.
        named = one.shares_email or self.chance(0.8)
        name = self.name(one, formal=True)["name"] if named else ""
        return self.contact("calendar", emails=[self.random.choice(known)], name=name)

    def firm(self, firm: Firm) -> Contact:
        return self.contact(
            "phone",
            name=firm.name,
            organisation=firm.name,
            phones=[firm.phone],
            emails=[f"info@{firm.domain}"],
        )


def contacts(seed: int, cards: int) -> tuple[list[Contact], dict[str, int]]:
    """This many cards, and for each record key the number of its person (negative: a firm)."""
    # Nearly two cards a person; a few are left over.
    crowd = people(seed, cards * 11 // 20 + 1)
    write = _Cards(seed)
    found: list[tuple[Contact, int]] = []
    firms: dict[str, Firm] = {}
    for one in crowd:
        writers = [write.phone, write.outlook, write.google, write.calendar]
        writers += [write.linkedin] if write.chance(0.6) else []
        many = write.random.choices((1, 2, 3, 4), (0.42, 0.34, 0.16, 0.08))[0]
        for writer in write.random.sample(writers, many):
            card = writer(one)
            if card:
                if one.firm and write.chance(0.02):
                    card = card.model_copy(update={"emails": (*card.emails, f"info@{one.firm.domain}")})
                found.append((card, one.number))
        if one.firm and write.chance(0.04):
            firms[one.firm.domain] = one.firm
    found += [(write.firm(firm), -1 - at) for at, firm in enumerate(firms.values())]
    write.random.shuffle(found)
    found = found[:cards]
    return [card for card, _ in found], {card.record: number for card, number in found}
