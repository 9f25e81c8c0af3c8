"""Questions about 800 people in four sources, in five worlds of names.

A phone, Outlook, LinkedIn and a calendar each tell their part of a person; a third of the people live in households
that share a landline and sometimes a mailbox. The names come from the lists of ``faker`` (MIT), which lies in
the Python of the peers (see ``benchmarks/identity.py``); Touchbase itself never imports it.
"""

from __future__ import annotations

import importlib
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.identity_sets import DataSet
from people.facts.guests import guest_as_contact
from people.identity import record_from_contact
from people.identity.cards.names import plain_words
from people.types import Address, Contact

WORLDS = {
    "German": "de_DE", "British": "en_GB", "Italian": "it_IT", "Indian": "en_IN", "Swedish": "sv_SE",
}  # fmt: skip
PEOPLE = 800
FREE = ("gmail.com", "outlook.com", "gmx.net", "icloud.com", "posteo.de", "hotmail.com")
JOBS = ("Engineer", "Director", "Buyer", "Designer", "Accountant", "Consultant")
TRADES = ("Bau", "Media", "Consulting", "Foods", "Legal", "Design")
SOURCES = (("phone", 0.6), ("outlook", 0.5), ("linkedin", 0.5), ("work", 0.3))


class _Names:
    """The given and family names of a country, drawn by their shares where the list has them."""

    def __init__(self, folder: Path, country: str) -> None:
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
        provider = importlib.import_module(f"faker.providers.person.{country}").Provider
        self.given, self.family = provider.first_names, provider.last_names

    @staticmethod
    def draw(dice: random.Random, names: Sequence[str] | Mapping[str, float]) -> str:
        if isinstance(names, Mapping):
            return dice.choices(list(names), list(names.values()))[0]
        return dice.choice(list(names))


class _World:
    def __init__(self, names: _Names, seed: str) -> None:
        self.names, self.dice = names, random.Random(seed)
        self.firms = [f"{self.family()} {self.dice.choice(TRADES)}" for _ in range(60)]
        self.homes: list[tuple[str, str, str, Address]] = []
        self.cards: list[Contact] = []
        self.owner: dict[str, str] = {}
        self.addresses: Counter[str] = Counter()

    def family(self) -> str:
        return self.names.draw(self.dice, self.names.family)

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def home(self) -> tuple[str, str, str, Address]:
        """A household: its family name, landline, mailbox ('' for none) and address."""
        dice, family = self.dice, self.family()
        if self.homes and self.chance(0.12):
            return dice.choice(self.homes)
        if not self.chance(0.3):
            return family, "", "", Address()
        mailbox = (
            f"{_plain(family)}.family{dice.randrange(99)}@{dice.choice(FREE)}" if self.chance(0.3) else ""
        )
        code = f"BS{dice.randrange(1, 20)} {dice.randrange(1, 9)}AB"
        place = Address(street=f"{dice.randrange(1, 99)} Mill Lane", city="Bristol", postal_code=code)
        self.homes.append((family, f"+44117{dice.randrange(10**6, 10**7)}", mailbox, place))
        return self.homes[-1]

    def person(self, number: int) -> None:
        dice = self.dice
        family, landline, mailbox, place = self.home()
        given = self.names.draw(dice, self.names.given)
        firm, mobile = dice.choice(self.firms), f"+4479{dice.randrange(10**7, 10**8)}"
        local = _plain(given) if self.chance(0.7) else _plain(given)[:1]
        work = self.mailbox(f"{local}.{_plain(family)}", f"{_plain(firm)}.example")
        own = f"{_plain(given)}{_plain(family)[:4]}{dice.randrange(999)}@{dice.choice(FREE)}"
        name = {"name": f"{given} {family}", "given_name": given, "family_name": family}
        job = dice.choice(JOBS)
        told = [source for source, share in SOURCES if self.chance(share)] or ["phone"]
        if "phone" in told:
            phones = [mobile, landline] if landline and self.chance(0.4) else [mobile]
            emails = [mailbox or own] if self.chance(0.35) else []
            homes = [place] if landline and self.chance(0.2) else []
            self.add(number, "phone", **name, phones=phones, emails=emails, addresses=homes)
        if "outlook" in told:
            phones = [mobile] if self.chance(0.3) else []
            title, organisation = job if self.chance(0.5) else None, firm if self.chance(0.8) else None
            self.add(
                number,
                "outlook",
                **name,
                emails=[work],
                phones=phones,
                title=title,
                organisation=organisation,
            )
        if "linkedin" in told:
            at = firm if self.chance(0.85) else dice.choice(self.firms)
            emails = [own] if self.chance(0.1) else []
            url = f"https://www.linkedin.com/in/x{number}"
            self.add(number, "linkedin", **name, emails=emails, title=job, organisation=at, urls=[url])
        if "work" in told:
            guest = guest_as_contact(
                "work", work if self.chance(0.7) else own, name["name"] if self.chance(0.8) else None
            )
            if guest.record not in self.owner:
                self.keep(number, guest)

    def mailbox(self, local: str, domain: str) -> str:
        """An address that nobody else has: a firm gives the second Anna Berg another one."""
        self.addresses[f"{local}@{domain}"] += 1
        bearers = self.addresses[f"{local}@{domain}"]
        return f"{local}{bearers if bearers > 1 else ''}@{domain}"

    def add(self, number: int, source: str, **fields: object) -> None:
        told = {key: value for key, value in fields.items() if value}
        self.keep(number, Contact.model_validate({"source": source, "source_id": f"{number:04}", **told}))

    def keep(self, number: int, card: Contact) -> None:
        self.cards.append(card)
        self.owner[card.record] = str(number)


def _plain(text: str) -> str:
    return plain_words(text).replace(" ", "")


def world(folder: Path, name: str, seed: int, people: int = PEOPLE) -> DataSet:
    """The cards of a world; ``folder`` holds the package ``faker``."""
    made = _World(_Names(folder, WORLDS[name]), f"{name} {seed}")
    for number in range(people):
        made.person(number)
    records = [record_from_contact(card, "GB") for card in made.cards]
    return DataSet(f"worlds_{name}", records, made.owner, [])
