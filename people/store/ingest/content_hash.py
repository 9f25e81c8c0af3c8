"""The canonical hash of a contact: equal for equal content, in any order."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from people.types import Contact

_NOT_CONTENT = frozenset(("revised_at", "file", "index", "raw_hash", "issues", "etag"))


def canonical_hash(contact: Contact) -> str:
    """Return the SHA-256 (hex) of a contact's content, with its lists sorted.

    Its revision date, place and issues are left out, as are fields at their default, so that a field added
    in a later version changes no hash.
    """
    content = contact.model_dump(mode="json", exclude=set(_NOT_CONTENT), exclude_defaults=True)
    return hashlib.sha256(json.dumps(_sorted(content), sort_keys=True).encode()).hexdigest()


def _sorted(content: dict[str, Any]) -> dict[str, Any]:
    return {
        key: sorted(value, key=_order) if isinstance(value, list) and len(value) > 1 else value
        for key, value in content.items()
    }


def _order(item: object) -> str:
    return json.dumps(item, sort_keys=True)
