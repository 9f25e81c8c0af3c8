"""The report's plots as inline SVG. Text stays text, and every colour is a variable of the page's style.

Each function takes a part of the JSON documents and returns markup with a title and a description.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from flows.pages.documents.balance import PersonBalance
from flows.pages.documents.groups import GroupsDocument, Spend
from flows.pages.documents.referrals import Funnel, Funnels, Way
from flows.pages.documents.report import STATES, NetworkDocument, State
from people.text import one_line

WIDTH = 4.8
"""Inches. Narrow, so that text stays readable when the plot is as wide as a phone."""
_LONGEST = 26
_RC: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "touchbase",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "hatch.linewidth": 1.2,
}
_styled = mpl.rc_context(_RC)
"""Decorates each plot, because matplotlib decides how to read a text when the text is made."""
# The page's style gives each of these one value for light screens and one for dark screens.
_COLOURS = {
    name: f"#a0b{number:03x}"
    for number, name in enumerate(
        ("ink", "soft", "grid", "paper", "fresh", "due", "stale", "none", "given", "received",
         "s0", "s1", "s2", "s3", "s4", "s5", "s6")
    )
}  # fmt: skip


@_styled
def tiers(network: NetworkDocument) -> str:
    """Draw stacked bars: the share of each tier that is in touch, due soon, going cold or not timed."""
    rows = [row for row in reversed(network.tiers) if row.people]
    figure, axes = _canvas(0.42 * len(rows) + 0.75)
    left = [0.0] * len(rows)
    for state, word in STATES.items():
        parts = [row.of(state) / row.people for row in rows]
        colour = _COLOURS[_STATE_COLOURS[state]]
        axes.barh(range(len(rows)), parts, left=left, color=colour, height=0.62, label=word)
        for index, share in enumerate(parts):
            if share > _LABELLED_FROM:
                axes.text(left[index] + share / 2, index, rows[index].share(state), ha="center", va="center",
                          color=_COLOURS["paper"], fontweight="bold", fontsize=9)  # fmt: skip
        left = [start + share for start, share in zip(left, parts, strict=True)]
    axes.set_xlim(0, 1)
    axes.set_yticks(range(len(rows)), [_short(row.tier) for row in rows])
    _legend(axes, 4)
    shares = {
        row.tier: [f"{row.share(state)} {word}" for state, word in STATES.items() if row.of(state)]
        for row in network.tiers
    }
    description = "; ".join(f"{tier}: {', '.join(parts)}" for tier, parts in shares.items())
    return _svg(figure, "tiers", "Each tier: the share that is in touch, due soon, going cold", description)


_STATE_COLOURS: dict[State, str] = {"fresh": "fresh", "due": "due", "stale": "stale", "no clock": "none"}
_LABELLED_FROM = 0.09
"""The share from which a part of a bar is wide enough for its figure."""


@_styled
def balances(people: Sequence[PersonBalance]) -> str:
    """Draw bars to both sides: what each person received from you, and what you received from them."""
    rows = list(reversed([one for one in people if one.given or one.received][:12]))
    figure, axes = _canvas(0.34 * len(rows) + 0.9)
    places = range(len(rows))
    axes.barh(places, [one.given for one in rows], color=_COLOURS["given"], height=0.6, label="you gave")
    received = [-one.received for one in rows]
    axes.barh(places, received, color=_COLOURS["received"], height=0.6, label="you got")
    furthest = max([1.0, *(one.given for one in rows), *(one.received for one in rows)])
    for index, one in enumerate(rows):
        for value, side, align in ((one.given, 1, "left"), (one.received, -1, "right")):
            if value:
                axes.text(side * (value + furthest * 0.02), index, f"{value:g}", ha=align, va="center",
                          color=_COLOURS["ink"], fontsize=9)  # fmt: skip
    axes.axvline(0, color=_COLOURS["soft"], linewidth=1)
    axes.set_xlim(-furthest * 1.15, furthest * 1.15)
    axes.set_yticks(places, [_short(one.person) for one in rows])
    axes.set_xticks([])
    _legend(axes, 2)
    description = "; ".join(f"{one.person}: gave {one.given}, got {one.received}" for one in reversed(rows))
    return _svg(figure, "balance", "Give and get by person, in points", description)


@_styled
def groups(document: GroupsDocument) -> str:
    """Draw cost against pool: what each group cost in the window, and how many target people it holds."""
    rows = document.groups
    figure, axes = _canvas(3.4)
    _plain_axes(axes)
    for one in rows:
        marker, colour = _VERDICTS.get(one.verdict or "", ("o", "none"))
        size = 60 + 2.2 * float(one.hours)
        axes.scatter(one.money, one.target_members, s=size, marker=marker, color=_COLOURS[colour])
        label = f"{_short(one.id)} ({one.verdict or 'no verdict'})"
        axes.annotate(label, (one.money, one.target_members),
                      xytext=(0, 11 + size**0.5 / 3), textcoords="offset points", ha="center",
                      color=_COLOURS["ink"], fontsize=9)  # fmt: skip
    axes.set_xlabel(f"cost in twelve months ({document.currency})", color=_COLOURS["ink"])
    axes.set_ylabel("target people", color=_COLOURS["ink"])
    axes.margins(0.24, 0.26)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, integer=True))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value >= 0 else ""))
    description = "; ".join(
        f"{one.id}: {one.money} {document.currency} and {one.hours} hours, "
        f"{one.target_members} target people, {one.verdict or 'no verdict'}"
        for one in rows
    )
    return _svg(figure, "groups", "Groups: cost against the pool of target people", description)


_VERDICTS = {"keep": ("o", "fresh"), "watch": ("s", "due"), "leave": ("X", "stale")}


@_styled
def investment(spend: Spend, figure_name: str, unit: str, order: Sequence[str | None]) -> str:
    """Draw bars by month, stacked by group, with what is still booked, and the budget as a line.

    ``order`` are the groups' ids, so that a group has the same colour in every plot.
    """
    months = [month.month for month in spend.months]
    figure, axes = _canvas(2.9)
    _plain_axes(axes)
    base = [0.0] * len(months)
    for one in sorted(spend.groups, key=lambda one: _place(one.group, order)):
        values = [float(one.months.get(month, 0)) for month in months]
        name = _short(one.group or "outside groups")
        axes.bar(
            months,
            values,
            bottom=base,
            color=_COLOURS[f"s{_place(one.group, order)}"],
            width=0.68,
            label=name,
        )
        base = [start + value for start, value in zip(base, values, strict=True)]
    highest = [*base, float(spend.budget_per_month or 0)]
    booked = [float(month.booked) for month in spend.months]
    if any(booked):
        axes.bar(months, booked, bottom=base, width=0.68, facecolor="none", hatch="////",
                 edgecolor=_COLOURS["soft"], label="booked")  # fmt: skip
    if spend.budget_per_month is not None:
        axes.axhline(float(spend.budget_per_month), color=_COLOURS["stale"], linewidth=1.6, linestyle="--",
                     label=f"budget {spend.budget_per_month:g}")  # fmt: skip
    highest += [start + value for start, value in zip(base, booked, strict=True)]
    axes.set_ylim(0, max(*highest, 1) * 1.08)
    axes.set_xticks(range(len(months)), [_MONTHS[int(month[5:]) - 1] for month in months], fontsize=9)
    axes.set_ylabel(unit, color=_COLOURS["ink"])
    _legend(axes, 3)
    description = "; ".join(
        f"{month.month}: {month.spent} spent" + (f", {month.booked} booked" if month.booked else "")
        for month in spend.months
    )
    return _svg(figure, figure_name, f"{figure_name.title()} by month against the budget", description)


def _place(group: str | None, order: Sequence[str | None]) -> int:
    """Return the number of a group's colour. The seventh group, later ones and no group share the last."""
    return min(order.index(group), 6) if group in order else 6


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@_styled
def funnel(funnels: Funnels) -> str:
    """Draw bars: how many referrals were introduced, met and won, those you gave and those you got."""
    figure, axes = _canvas(2.3)
    steps = ("introduced", "met", "won")
    ways: tuple[tuple[Way, str], ...] = (("given", "you gave"), ("received", "you got"))
    for offset, (way, label) in enumerate(ways):
        places = [index + (offset - 0.5) * 0.38 for index in range(len(steps))]
        values = _reached(funnels.of(way))
        axes.barh(places, values, height=0.34, color=_COLOURS[way], label=label)
        for place, value in zip(places, values, strict=True):
            axes.text(value + 0.1, place, str(value), va="center", color=_COLOURS["ink"], fontsize=9)
    axes.set_yticks(range(len(steps)), steps)
    axes.invert_yaxis()
    axes.set_xticks([])
    _legend(axes, 2)
    description = "; ".join(
        f"{way}: "
        + ", ".join(f"{count} {step}" for count, step in zip(_reached(funnels.of(way)), steps, strict=True))
        for way, _ in ways
    )
    return _svg(figure, "funnel", "Referrals: how far they came", description)


def _reached(funnel: Funnel) -> tuple[int, int, int]:
    return funnel.introduced, funnel.met, funnel.won


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _canvas(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes: Axes = figure.subplots()
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, colors=_COLOURS["ink"], labelcolor=_COLOURS["ink"])
    axes.set_xticks([])
    return figure, axes


def _plain_axes(axes: Axes) -> None:
    axes.tick_params(length=0)
    axes.grid(axis="y", color=_COLOURS["grid"], linewidth=0.8)
    axes.set_axisbelow(True)


def _legend(axes: Axes, columns: int) -> None:
    if not axes.get_legend_handles_labels()[0]:
        return
    axes.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=columns,
        frameon=False,
        fontsize=9,
        labelcolor=_COLOURS["ink"],
        handlelength=1.0,
        handleheight=0.9,
        columnspacing=1.2,
    )


def _svg(figure: Figure, name: str, title: str, description: str) -> str:
    """Return the figure as markup: own ids, colours as variables, a title and a description, no metadata."""
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # If the measuring font lacks a character, the browser's own font draws it.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(buffer, format="svg")
    markup = buffer.getvalue()
    markup = markup[markup.index("<svg") :]
    markup = re.sub(r"(?s)<metadata>.*?</metadata>", "", markup)
    markup = re.sub(r'\bid="', f'id="{name}-', markup)
    markup = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", markup)
    for colour, placeholder in _COLOURS.items():
        markup = markup.replace(placeholder, f"var(--{colour})")
    markup = re.sub(
        r"font(-family)?: ([^;\"]*?)'DejaVu Sans'[^;\"]*", r"font\1: \2system-ui, sans-serif", markup
    )
    head = (
        f'<svg class="plot" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="0 0 {figure.get_figwidth() * 72:g} {figure.get_figheight() * 72:g}">'
        f'<title id="{name}-title">{escape(one_line(title))}</title>'
        f'<desc id="{name}-desc">{escape(one_line(description))}</desc>'
    )
    return re.sub(r"(?s)^<svg.*?>", lambda _: head, markup, count=1)
