"""The OAuth side: consent page, token endpoint, access tokens and what they allow."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode

from tests.support.google_server.protocol import ApiError, Clock, Json, Request

PREFIX = "https://www.googleapis.com/auth/"
ALL_SCOPES = (
    "contacts",
    "contacts.readonly",
    "contacts.other.readonly",
    "calendar.events",
    "calendar.events.readonly",
    "calendar.calendarlist.readonly",
    "tasks",
    "gmail.metadata",
)
CLIENT_ID, CLIENT_SECRET = "client.apps.example", "not-a-secret"


class OAuthError(Exception):
    """An answer of the token endpoint: a status, an error code, a description."""

    def __init__(self, error: str, description: str, code: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.body = {"error": error, "error_description": description}


class Redirect(Exception):
    """An answer that sends the browser elsewhere."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


@dataclass
class _Access:
    scopes: frozenset[str]
    expires: datetime


@dataclass
class OAuth:
    """Tokens by name. Scopes are kept without their common prefix.

    ``service_accounts`` maps their e-mails to the users they may act for. The signature of their JWT
    is *not* verified: that would take more than the standard library.
    """

    clock: Clock
    user: str
    refresh_tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    service_accounts: dict[str, set[str]] = field(default_factory=dict)
    consent: frozenset[str] | None = None
    """What the user ticks on the consent page: everything, or only these scopes."""
    refuses: bool = False
    """Whether the user presses Cancel there."""
    _access: dict[str, _Access] = field(default_factory=dict)
    _codes: dict[str, frozenset[str]] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def grant(self, scopes: frozenset[str]) -> tuple[str, str]:
        """Consent without a browser: a refresh token and an access token."""
        refresh = f"refresh-{next(self._numbers)}"
        self.refresh_tokens[refresh] = scopes
        return refresh, self._new_access(scopes)

    def revoke(self) -> None:
        """The user withdraws consent, or the test period of seven days is over."""
        self.refresh_tokens.clear()
        self._access.clear()

    def expire_access(self) -> None:
        """Access tokens end; refresh tokens still work."""
        self._access.clear()

    def check(self, request: Request, scopes: tuple[str, ...]) -> None:
        """Raise ``ApiError`` unless the request may do what takes one of ``scopes``."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        held = self._access.get(token)
        if kind != "Bearer" or held is None or held.expires <= self.clock.now():
            raise ApiError(401, "Invalid Credentials", reason="authError", old_style=True)
        if not held.scopes & set(scopes):
            reason = "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
            raise ApiError(
                403, "insufficient authentication scopes", reason=reason, status="PERMISSION_DENIED"
            )
        request.scopes = held.scopes

    def ask_consent(self, request: Request) -> Json:
        """The consent page; this user answers at once."""
        back, state = request.get("redirect_uri"), request.get("state")
        if self.refuses:
            raise Redirect(f"{back}?{urlencode({'error': 'access_denied', 'state': state})}")
        asked = _short(request.get("scope"))
        code = f"code-{next(self._numbers)}"
        self._codes[code] = asked if self.consent is None else asked & self.consent
        raise Redirect(f"{back}?{urlencode({'code': code, 'state': state})}")

    def token(self, request: Request) -> Json:
        """The token endpoint: a code, a refresh token or a signed assertion for an access token."""
        form = {key: values[-1] for key, values in parse_qs(request.body.decode()).items()}
        match form.get("grant_type"):
            case "authorization_code":
                return self._by_code(form)
            case "refresh_token":
                return self._by_refresh(form)
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return self._by_assertion(form)
            case _:
                raise OAuthError("unsupported_grant_type", "Invalid grant_type")

    def _by_code(self, form: dict[str, str]) -> Json:
        scopes = self._codes.pop(form.get("code", ""), None)
        if scopes is None:
            raise OAuthError("invalid_grant", "Malformed auth code.")
        refresh, access = self.grant(scopes)
        return {**self._answer(access, scopes), "refresh_token": refresh}

    def _by_refresh(self, form: dict[str, str]) -> Json:
        if form.get("client_id") != CLIENT_ID:
            raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
        scopes = self.refresh_tokens.get(form.get("refresh_token", ""))
        if scopes is None:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        return self._answer(self._new_access(scopes), scopes)

    def _by_assertion(self, form: dict[str, str]) -> Json:
        claims = _claims(form.get("assertion", ""))
        users = self.service_accounts.get(claims.get("iss", ""))
        if users is None:
            raise OAuthError("invalid_grant", "Invalid grant: account not found")
        if claims.get("sub", claims["iss"]) not in {*users, claims["iss"]}:
            raise OAuthError("unauthorized_client", "Client is unauthorized for this scope or user.", 401)
        scopes = _short(claims.get("scope", ""))
        return self._answer(self._new_access(scopes), scopes)

    def _new_access(self, scopes: frozenset[str]) -> str:
        name = f"access-{next(self._numbers)}"
        self._access[name] = _Access(scopes, self.clock.now() + timedelta(hours=1))
        return name

    def _answer(self, access: str, scopes: frozenset[str]) -> Json:
        scope = " ".join(sorted(PREFIX + name for name in scopes))
        return {"access_token": access, "expires_in": 3600, "token_type": "Bearer", "scope": scope}


def _short(scopes: str) -> frozenset[str]:
    return frozenset(scope.removeprefix(PREFIX) for scope in scopes.split())


def _claims(assertion: str) -> Json:
    try:
        middle = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError, binascii.Error):
        raise OAuthError("invalid_grant", "Invalid JWT.") from None
    return dict(claims)
