"""Styles of homes: the maps of its topics, for the files of their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from layers.palette import BALANCE, KINDS, PAGE, QUOTIENT, WALK
from layers.theme import spread_colours
from papers.words import Lang, edge, say, told
from spatial.formats.style import Style
from spatial.homes_edges import BALANCE_EDGES, QUOTIENT_EDGES, WALK_EDGES
from spatial.kinds import HOME_KINDS, WORK_KINDS

__all__ = ["homes_style"]


def homes_style(kind: str, asked: Mapping[str, Any], lang: Lang) -> Style | None:
    """
    How the page draws the table of a topic's map; None for the tables beside it.

    Parameters
    ----------
    kind
        The table.
    asked
        What its provenance says under "homes".
    lang
        Of the legend.
    """
    if kind == "quotient":
        return _classed(kind, "shown", QUOTIENT_EDGES, QUOTIENT, lang)
    if kind == "balance":
        return _classed(kind, "shown", BALANCE_EDGES, BALANCE, lang)
    if kind == "access":
        # Ten minutes' walk is of the class up to ten minutes.
        edges = tuple(float(np.nextafter(one, np.inf)) for one in WALK_EDGES)
        return _classed(kind, "shown", edges, WALK, lang)
    if kind == "rent":
        rents = asked["rents"]
        edges = tuple(float(one) for one in rents["edges"])
        unit = told(f"rent {rents['per']}", lang, currency=say(rents["currency"], lang))
        colours = spread_colours("rent", len(edges) + 1)
        return _classed(kind, "rent", edges, colours, lang, unit=unit.strip())
    return _kinds(asked, lang) if kind == "kinds" else None


def _classed(
    kind: str,
    column: str,
    edges: Sequence[float],
    colours: Sequence[str],
    lang: Lang,
    **values: str,
) -> Style:
    texts = [edge(float(f"{one:.6g}"), lang) for one in edges]
    between = [f"{low} – {high}" for low, high in pairwise(texts)]
    first, last = ("≤", ">") if kind == "access" else ("<", "≥")
    return Style(
        column=column,
        edges=tuple(edges),
        colours=tuple(colours),
        labels=(f"{first} {texts[0]}", *between, f"{last} {texts[-1]}"),
        title=told(f"legend {kind}", lang, **values),
    )


def _kinds(asked: Mapping[str, Any], lang: Lang) -> Style:
    """Places by kind, outlined and named."""
    words = WORK_KINDS if asked["question"]["role"] == "work" else (*HOME_KINDS, "other")
    return Style(
        column="kind",
        words=tuple(words),
        colours=KINDS[: len(words)],
        rims=(PAGE["ink"],) * len(words),
        labels=tuple(told(f"kind {one}", lang) for one in words),
        names=("name", "name_en") if lang == "zh" else ("name_en", "name"),
        title=told("legend kinds", lang),
        ink=PAGE["ink"],
        paper=PAGE["card"],
    )
