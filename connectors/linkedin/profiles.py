"""Addresses of LinkedIn profiles, the same for every spelling."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


def profile_of(url: str) -> str | None:
    """The path of the profile, the same for every host and spelling of its address; None if it is none.

    >>> profile_of("https://uk.linkedin.com/in/Anna%2DBerg/?trk=x"), profile_of("anna")
    ('in/anna-berg', None)
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    path = unquote(parts.path).strip("/").lower()
    host = (parts.hostname or "").removeprefix("www.")
    if parts.scheme not in ("http", "https") or not path:
        return None
    return path if host == "linkedin.com" or host.endswith(".linkedin.com") else f"{host}/{path}"
