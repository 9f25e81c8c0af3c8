"""What Google Takeout says of a mail beside its headers: thread and labels."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace

from connectors.shared.mail.addresses import decode_words
from connectors.shared.mail.folders import UNSENT, kind_of
from connectors.shared.mail_headers import Known, gmail_id

HEADERS = ("X-GM-THRID", "X-Gmail-Labels")
_THREAD, _LABELS = (name.lower() for name in HEADERS)
_NUMBER = re.compile(rb"From (\d{1,20})@")
_DIGITS = re.compile(r"\s*(\d{1,20})\s*")


def known_by_gmail(known: Known, fields: Mapping[str, str], line: bytes) -> Known | None:
    """Add what Gmail knows, if the mail comes from there; None if it is a draft, spam, deleted or a chat.

    ``line`` is the separator, which has Gmail's number of the mail. Labels are in the account's language.
    """
    if _THREAD not in fields and _LABELS not in fields:
        return known
    kinds = {kind_of(label) for label in labels_of(fields.get(_LABELS, ""))}
    if kinds & UNSENT:
        return None
    number, thread = _NUMBER.match(line), _DIGITS.fullmatch(fields.get(_THREAD, ""))
    return replace(
        known,
        number=gmail_id(number.group(1).decode()) if number else None,
        thread=gmail_id(thread.group(1)) if thread else None,
        sent=known.sent or "sent" in kinds,
    )


def labels_of(text: str) -> list[str]:
    """The labels of a mail. One with a comma stands in quotes.

    >>> labels_of("=?UTF-8?Q?Entw=C3=BCrfe,Wichtig?=")
    ['Entwürfe', 'Wichtig']
    """
    line = " ".join(decode_words(text[:4000]).split())
    try:
        return [label.strip() for label in next(csv.reader([line], skipinitialspace=True), [])]
    except csv.Error:
        return line.split(",")
