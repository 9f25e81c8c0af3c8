"""The report's plots as inline SVG: text stays text, and every colour is a variable of the page's style.

Each function takes a part of the JSON documents and returns markup with a title and a description.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from people.text import one_line

WIDTH = 4.8
"""Inches; narrow, so that text can still be read when the plot is as wide as a phone."""
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
"""Decorates what makes text: how a text is read is settled when it is made."""
# The page's style gives each of these another value by day and by night.
_COLOURS = {
    name: f"#a0b{number:03x}"
    for number, name in enumerate(
        ("ink", "soft", "grid", "paper", "fresh", "due", "stale", "none", "given", "received",
         "s0", "s1", "s2", "s3", "s4", "s5", "s6")
    )
}  # fmt: skip


@_styled
def tiers(document: Mapping[str, Any]) -> str:
    """Stacked bars: how many of each tier are fresh, due, stale or have no clock."""
    rows = list(reversed(document["tiers"]))
    figure, axes = _canvas(0.42 * len(rows) + 0.75)
    left = [0] * len(rows)
    total = max([sum(row[state] for state in _STATES) for row in rows], default=1)
    for state, colour in _STATES.items():
        values = [row[state] for row in rows]
        axes.barh(range(len(rows)), values, left=left, color=_COLOURS[colour], height=0.62, label=state)
        for index, value in enumerate(values):
            if value > total * 0.035:
                axes.text(left[index] + value / 2, index, str(value), ha="center", va="center",
                          color=_COLOURS["paper"], fontweight="bold", fontsize=9)  # fmt: skip
        left = [start + value for start, value in zip(left, values, strict=True)]
    axes.set_yticks(range(len(rows)), [row["tier"] for row in rows])
    _legend(axes, 4)
    said = "; ".join(
        f"{row['tier']}: {', '.join(f'{row[state]} {state}' for state in _STATES if row[state])}"
        for row in document["tiers"]
    )
    return _svg(figure, "tiers", "People by tier: fresh, due, stale", said)


_STATES = {"fresh": "fresh", "due": "due", "stale": "stale", "no clock": "none"}


@_styled
def balances(people: Sequence[Mapping[str, Any]]) -> str:
    """Bars to both sides: what each person received from you, and what you received from them."""
    rows = list(reversed([one for one in people if one["given"] or one["received"]][:12]))
    figure, axes = _canvas(0.34 * len(rows) + 0.9)
    places = range(len(rows))
    axes.barh(places, [one["given"] for one in rows], color=_COLOURS["given"], height=0.6, label="you gave")
    received = [-one["received"] for one in rows]
    axes.barh(places, received, color=_COLOURS["received"], height=0.6, label="you got")
    furthest = max([1.0, *(one["given"] for one in rows), *(one["received"] for one in rows)])
    for index, one in enumerate(rows):
        for value, side, align in ((one["given"], 1, "left"), (one["received"], -1, "right")):
            if value:
                axes.text(side * (value + furthest * 0.02), index, f"{value:g}", ha=align, va="center",
                          color=_COLOURS["ink"], fontsize=9)  # fmt: skip
    axes.axvline(0, color=_COLOURS["soft"], linewidth=1)
    axes.set_xlim(-furthest * 1.15, furthest * 1.15)
    axes.set_yticks(places, [_short(one["person"]) for one in rows])
    axes.set_xticks([])
    _legend(axes, 2)
    said = "; ".join(f"{one['person']}: gave {one['given']}, got {one['received']}" for one in reversed(rows))
    return _svg(figure, "balance", "Give and get by person, in ledger points", said)


@_styled
def groups(document: Mapping[str, Any]) -> str:
    """Cost against pool: what each group cost in the window, and how many target people it holds."""
    rows = document["groups"]
    figure, axes = _canvas(3.4)
    _plain_axes(axes)
    for one in rows:
        marker, colour = _VERDICTS.get(one["verdict"], ("o", "none"))
        size = 60 + 2.2 * float(one["hours"])
        axes.scatter(one["money"], one["target_members"], s=size, marker=marker, color=_COLOURS[colour])
        label = f"{_short(one['id'])} ({one['verdict'] or 'no verdict'})"
        axes.annotate(label, (one["money"], one["target_members"]),
                      xytext=(0, 11 + size**0.5 / 3), textcoords="offset points", ha="center",
                      color=_COLOURS["ink"], fontsize=9)  # fmt: skip
    axes.set_xlabel(f"cost in twelve months ({document['currency']})", color=_COLOURS["ink"])
    axes.set_ylabel("target people", color=_COLOURS["ink"])
    axes.margins(0.24, 0.26)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, integer=True))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value >= 0 else ""))
    said = "; ".join(
        f"{one['id']}: {one['money']} {document['currency']} and {one['hours']} hours, "
        f"{one['target_members']} target people, {one['verdict'] or 'no verdict'}"
        for one in rows
    )
    return _svg(figure, "groups", "Groups: cost against the pool of target people", said)


_VERDICTS = {"keep": ("o", "fresh"), "watch": ("s", "due"), "leave": ("X", "stale")}


@_styled
def investment(document: Mapping[str, Any], figure_name: str, unit: str, order: Sequence[str | None]) -> str:
    """Bars by month, stacked by group, with what is still booked this month, and the budget as a line.

    ``order`` are the groups' ids: a group has the same colour in every plot.
    """
    part = document[figure_name]
    months = [month["month"] for month in part["months"]]
    figure, axes = _canvas(2.9)
    _plain_axes(axes)
    base = [0.0] * len(months)
    for one in sorted(part["groups"], key=lambda one: _place(one["group"], order)):
        values = [float(one["months"].get(month, 0)) for month in months]
        name = _short(one["group"] or "outside groups")
        axes.bar(
            months,
            values,
            bottom=base,
            color=_COLOURS[f"s{_place(one['group'], order)}"],
            width=0.68,
            label=name,
        )
        base = [start + value for start, value in zip(base, values, strict=True)]
    highest = [*base, float(part["budget_per_month"] or 0)]
    booked = [float(month["booked"]) for month in part["months"]]
    if any(booked):
        axes.bar(months, booked, bottom=base, width=0.68, facecolor="none", hatch="////",
                 edgecolor=_COLOURS["soft"], label="booked")  # fmt: skip
    if part["budget_per_month"] is not None:
        axes.axhline(float(part["budget_per_month"]), color=_COLOURS["stale"], linewidth=1.6, linestyle="--",
                     label=f"budget {part['budget_per_month']:g}")  # fmt: skip
    highest += [start + value for start, value in zip(base, booked, strict=True)]
    axes.set_ylim(0, max(*highest, 1) * 1.08)
    axes.set_xticks(range(len(months)), [_MONTHS[int(month[5:]) - 1] for month in months], fontsize=9)
    axes.set_ylabel(unit, color=_COLOURS["ink"])
    _legend(axes, 3)
    said = "; ".join(
        f"{month['month']}: {month['spent']} spent"
        + (f", {month['booked']} booked" if month["booked"] else "")
        for month in part["months"]
    )
    return _svg(figure, figure_name, f"{figure_name.title()} by month against the budget", said)


def _place(group: str | None, order: Sequence[str | None]) -> int:
    """Which colour a group has; the last is for what is outside groups, and for the seventh and on."""
    return min(order.index(group), 6) if group in order else 6


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@_styled
def funnel(document: Mapping[str, Any]) -> str:
    """Bars: how many referrals were introduced, met and won, those you gave and those you got."""
    figure, axes = _canvas(2.3)
    steps = ("introduced", "met", "won")
    for offset, (way, label) in enumerate((("given", "you gave"), ("received", "you got"))):
        places = [index + (offset - 0.5) * 0.38 for index in range(len(steps))]
        values = [document["funnel"][way][step] for step in steps]
        axes.barh(places, values, height=0.34, color=_COLOURS[way], label=label)
        for place, value in zip(places, values, strict=True):
            axes.text(value + 0.1, place, str(value), va="center", color=_COLOURS["ink"], fontsize=9)
    axes.set_yticks(range(len(steps)), steps)
    axes.invert_yaxis()
    axes.set_xticks([])
    _legend(axes, 2)
    said = "; ".join(
        f"{way}: " + ", ".join(f"{document['funnel'][way][step]} {step}" for step in steps)
        for way in ("given", "received")
    )
    return _svg(figure, "funnel", "Referrals: how far they came", said)


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
    """The figure as markup: no metadata, ids of its own, colours as variables, named for screen readers."""
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # A sign that the measuring font lacks is drawn by the browser's own.
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
