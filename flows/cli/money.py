"""Money on a screen."""

from __future__ import annotations

from decimal import Decimal

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}


def money(amount: Decimal | float, currency: str) -> str:
    """Return an amount with its currency. Whole amounts have no decimals.

    >>> money(1140, "GBP"), money(33.5, "CHF"), money(-12, "EUR")
    ('£1,140', 'CHF 33.50', '-€12')
    """
    size = abs(float(amount))
    text = f"{size:,.0f}" if size.is_integer() else f"{size:,.2f}"
    return f"{'-' if amount < 0 else ''}{_SIGNS.get(currency, f'{currency} ')}{text}"
