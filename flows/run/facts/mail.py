"""Mail as rules see it: noise dropped, each mail classified, and its letters by person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

from connectors.base import Me
from flows.run.code_version import code_version
from flows.run.facts.noise import own_domains, real_guests
from people.facts import mail as mail_facts
from people.facts.days.mailed import PARTS, Mailed, mailed
from people.facts.person import both_sides
from people.facts.waiting import until_dismissed
from people.store import Store, frame_cache, frames, mail_frames, mail_news
from people.store.db import values
from rules.engine import RuleSet
from rules.engine.judging.classify import classify_messages

_ALL, _ENTRY, _SUMS = "mail", "letters", "mail by person"


@dataclass
class Mail:
    """The mail of a network, or with ``emails`` its threads with these addresses. It is read on first use.

    ``braked`` is how many mails each rule about mails matched that its ``at_most`` stopped; it is complete
    once the letters were asked for.
    """

    store: Store
    rules: RuleSet
    me: Me
    emails: Collection[str] | None = None
    save: bool = False
    braked: dict[str, int] = field(default_factory=dict)
    _letters: dict[date | None, pl.DataFrame] = field(default_factory=dict)
    _with_people: dict[str, pl.DataFrame] = field(default_factory=dict)

    def letters(self, today: date) -> pl.DataFrame:
        """All letters as of a day: the frame of ``people.facts.mail.letters``, cached between runs."""
        day = today if self._ages else None
        if day not in self._letters:
            whole = self.emails is None
            self._letters[day] = self._kept(today) if whole else mail_facts.letters(*self._classified(today))
        return self._letters[day]

    def of_people(self, today: date) -> pl.DataFrame:
        """The letters with people: the frame of ``people.facts.mail.of_people``, cached between runs."""
        if self.emails is not None:
            return self._owned(today)
        key = self._key(today)
        if key not in self._with_people:
            parts = frame_cache.cached(self.store, _ENTRY, key, lambda: self._parts(today), save=self.save)
            self.braked |= dict(parts["braked"].iter_rows())
            self._with_people = {key: parts["letters"]}
        return self._with_people[key]

    def until(self, today: date, moment: datetime, pairs: pl.DataFrame) -> pl.DataFrame:
        """The letters with people up to ``moment`` (UTC), for both sides of ``pairs``; dismissed, none waits.

        The frame is that of ``people.facts.waiting.until_dismissed``.
        """
        letters = self.of_people(today).filter(pl.col("at") <= moment)
        return until_dismissed(both_sides(letters, pairs), self.dismissed())

    def mailed(self, today: date, moment: datetime, pairs: pl.DataFrame) -> Mailed:
        """The sums of the letters that ``until`` returns, cached between runs.

        They hold from the last letter in them up to the next one: some mails have dates in the future.
        """
        if self.emails is not None:
            return mailed(self.until(today, moment, pairs), self.me.time_zone)
        dismissed = hashlib.sha256(repr(sorted(self.dismissed().iter_rows())).encode()).hexdigest()
        key = f"{self._key(today)} {dismissed}"
        with self.store.read() as connection:
            parts = frame_cache.load(connection, _SUMS, key)
        if parts is None or not _holds(parts["bounds"], moment):
            parts = self._sums(today, moment, pairs)
            if self.save:
                with self.store.begin() as connection:
                    frame_cache.put(connection, _SUMS, key, parts)
        self.braked |= dict(parts["braked"].iter_rows())
        return Mailed(*(parts[name] for name in PARTS))

    def written_to(self, today: date) -> pl.DataFrame:
        """Who you wrote to in person, as ``source, email, name``, without machines and colleagues."""
        with self.store.read() as connection:
            names = mail_frames.names(connection)
        addressed = mail_facts.written_to(self.letters(today), names)
        addressed = addressed.with_columns(resource=pl.lit(value=False))
        real = real_guests(self.rules, addressed, self.me.emails, self.braked)
        return real.select("source", "email", "name")

    def dismissed(self) -> pl.DataFrame:
        """The threads that the user has dismissed."""
        with self.store.read() as connection:
            return mail_frames.dismissed(connection)

    def cache_key(self, today: date) -> str:
        """A key that changes with the mail, the rules, the settings, the code, and the day if it counts."""
        with self.store.read() as connection:
            return f"{values.get(connection, values.MAIL)} {self._basis(today)}"

    def _basis(self, today: date) -> str:
        """What a mail is judged by, besides its own thread."""
        inputs = [code_version(), self.rules.digest, sorted(self.me.emails), self.me.time_zone]
        if self._ages:
            inputs.append(today.isoformat())
        return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()

    def _key(self, today: date) -> str:
        with self.store.read() as connection:
            people = values.get(connection, values.PEOPLE)
        return f"{people} {self.cache_key(today)}"

    def _kept(self, today: date) -> pl.DataFrame:
        """All letters, from the cache as far as it holds: only threads that changed are judged again."""
        basis = self._basis(today)
        with self.store.read() as connection:
            revision = values.get(connection, values.MAIL) or ""
            before = frame_cache.load(connection, _ALL, basis)
            known = "" if before is None else before["revision"].item()
            threads = None if self._may_brake else mail_news.since(connection, known)
        if before is not None and known == revision:
            self.braked |= dict(before["braked"].iter_rows())
            return before["letters"]
        if before is None or threads is None:
            found = mail_facts.letters(*self._classified(today))
        else:
            new = mail_facts.letters(*self._classified(today, threads))
            found = pl.concat([before["letters"].filter(~pl.col("thread").is_in(list(threads))), new])
        if self.save:
            state = pl.DataFrame({"revision": [revision]})
            with self.store.begin() as connection:
                parts = {"letters": found, "revision": state, "braked": self._braked()}
                frame_cache.put(connection, _ALL, basis, parts)
        return found

    @property
    def _may_brake(self) -> bool:
        """Whether a rule may be stopped because it matches too many mails, so that one needs them all."""
        return any(rule.at_most is not None for rule in self.rules.about("message"))

    @property
    def _ages(self) -> bool:
        """Whether a rule tests how old a mail is, so that each day is judged on its own."""
        rules = self.rules.of("message")
        return any(
            test.field == "age" for rule in rules for tests in (*rule.when, *rule.unless) for test in tests
        )

    def _sums(self, today: date, moment: datetime, pairs: pl.DataFrame) -> dict[str, pl.DataFrame]:
        sums = mailed(self.until(today, moment, pairs), self.me.time_zone)
        past = pl.col("at") <= moment
        bounds = self.of_people(today).select(
            pl.col("at").filter(past).max().alias("last"), pl.col("at").filter(~past).min().alias("next")
        )
        return {**sums.parts, "bounds": bounds, "braked": self._braked()}

    def _parts(self, today: date) -> dict[str, pl.DataFrame]:
        return {"letters": self._owned(today), "braked": self._braked()}

    def _braked(self) -> pl.DataFrame:
        schema = {"rule": pl.String, "rows": pl.Int64}
        return pl.DataFrame(list(self.braked.items()), schema=schema, orient="row")

    def _owned(self, today: date) -> pl.DataFrame:
        with self.store.read() as connection:
            owners = frames.email_owners(connection, self.emails)
        return mail_facts.of_people(self.letters(today), owners)

    def explained(self, today: date) -> pl.DataFrame:
        """Each mail of these addresses with what the rules made of it, the latest first.

        The columns are those of ``people.store.mail_frames``, ``email``, ``as_role``, and the verdict:
        ``noise, counts, settled, rules``.
        """
        messages, others, verdicts = self._classified(today)
        decided = pl.concat([messages, verdicts.drop("answers")], how="horizontal")
        own = others.filter(pl.col("email").is_in(list(self.emails or ())))
        both = own.rename({"role": "as_role"}).join(decided, left_on="message", right_on="id")
        return both.sort("at", "message", descending=True)

    def _classified(
        self, today: date, threads: Collection[int] | None = None
    ) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The messages (all, or those of ``threads``), everybody else in them, and a verdict on each."""
        with self.store.read() as connection:
            messages, guests = mail_frames.mail(connection, self.emails, threads)
        mine = own_domains(self.me.emails)
        facts = mail_facts.message_facts(messages, guests, mine, self.me.time_zone, today)
        verdicts = classify_messages(self.rules, facts, today, self.braked)
        counts = verdicts.get_column("counts").fill_null(mail_facts.counts_by_headers(facts))
        others = guests.filter(~pl.col("email").is_in(list(self.me.emails)))
        return messages, others, verdicts.with_columns(counts, facts.get_column("answers"))


def _holds(bounds: pl.DataFrame, moment: datetime) -> bool:
    """Whether the letters up to ``moment`` are those up to the moment for which the sums were made."""
    last, following = bounds.row(0)
    return (last is None or last <= moment) and (following is None or moment < following)
