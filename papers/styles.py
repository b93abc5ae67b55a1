"""Styles: every table that is taken away, in the classes and colours of its own map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from layers.difference import difference_colours
from layers.palette import PAGE, ROLE_OUTLINE, SITE, VERDICT, ramp_colours
from layers.theme import SCORE_EDGES
from papers.content import edges_of
from papers.flow_style import flow_style
from papers.homes_style import homes_style
from papers.paired import change_edges
from papers.style_labels import class_labels
from papers.words import Lang, edge, told
from spatial.comparison import reasons_against
from spatial.formats.style import NOT_DRAWN, Style
from spatial.question import Question
from spatial.schema import Role
from spatial.study import Study
from spatial.two_years import Comparison

__all__ = [
    "cell_style",
    "change_style",
    "lineage_style",
    "place_style",
    "site_style",
    "style_of",
]

_PLACE_MM: Final = 0.45
_INK: Final = PAGE["ink"]
_PAPER: Final = PAGE["card"]


def style_of(
    study: Study,
    kind: str,
    table: pd.DataFrame,
    asked: Mapping[str, Any],
    *,
    lang: Lang = "en",
    edges: Sequence[float] = (),
) -> Style | None:
    """
    How the map of a page draws a table that is taken away; None where nothing is drawn.

    Parameters
    ----------
    study, kind, table
        What is taken away: cells, places, difference, lineage, a table of flows or of homes.
    asked
        Its provenance, which says what was asked.
    lang
        Of the legend and of names.
    edges
        Class edges of cells where they are at hand; else they are pooled over all years.
    """
    if "homes" in asked:
        return homes_style(kind, asked["homes"], lang)
    if "siting" in asked:
        return site_style(cells=kind == "cells", lang=lang)
    if "flows" in asked:
        return flow_style(study, kind, table, asked, lang=lang, edges=edges)
    if "comparison" in asked:
        if kind == "lineage":
            return lineage_style(lang)
        against = reasons_against(study, Comparison.from_dict(asked["comparison"]))
        return change_style(table, lang, hatched=bool(against))
    if "question" not in asked:
        return None
    question = Question.from_dict(asked["question"])
    if kind == "places":
        return place_style(question.role, lang, alpha=question.alpha)
    return cell_style(question, edges or edges_of(study, question), lang)


def cell_style(question: Question, edges: Sequence[float], lang: Lang) -> Style:
    """Cells by class of what is measured; what is below the first edge is left to the ground."""
    percent = question.measure == "share"
    title = question.role if question.measure == "count" else question.measure
    return Style(
        column="value",
        edges=tuple(edges),
        colours=(NOT_DRAWN, *ramp_colours(question.role, len(edges))),
        labels=class_labels(edges, lambda one: f"{one * 100:g}%" if percent else edge(one, lang)),
        title=told(f"legend {title}", lang),
    )


def place_style(role: Role, lang: Lang, *, alpha: float) -> Style:
    """Places as outlines with their names, as they lie on every map."""
    return Style(
        colours=(NOT_DRAWN,),
        rims=(ROLE_OUTLINE[role],),
        rim_mm=_PLACE_MM,
        names=_names(lang),
        title=told("row place", lang, alpha=f"{alpha:g}"),
        labels=(told("row place", lang, alpha=f"{alpha:g}"),),
        ink=_INK,
        paper=_PAPER,
    )


def change_style(table: pd.DataFrame, lang: Lang, *, hatched: bool) -> Style:
    """Cells from the largest loss to the largest growth; what is within noise is not drawn."""
    _, sizes = change_edges(table)
    losses, growth = difference_colours(len(sizes))
    texts = [edge(one, lang) for one in sizes]
    ground = told("within noise", lang)
    if hatched:
        ground = f"{ground}; {told('row hatch', lang)}"
    return Style(
        column="shrunk",
        unless="noise",
        # A loss just as large as an edge is of the larger class, as a growth is.
        edges=(*(float(np.nextafter(-one, 0)) for one in reversed(sizes)), *sizes),
        colours=(*losses, NOT_DRAWN, *growth),
        labels=(
            *(f"−{one}" for one in reversed(texts)),
            ground,
            *(f"+{one}" for one in texts),
        ),
        hatched=hatched,
        title=told("legend change", lang),
        ink=_INK,
        paper=_PAPER,
    )


def lineage_style(lang: Lang) -> Style:
    """Places by what became of them, the latest year on top."""
    return Style(
        column="verdict",
        words=tuple(VERDICT),
        colours=tuple(tint for _, tint in VERDICT.values()),
        rims=tuple(line for line, _ in VERDICT.values()),
        rim_mm=_PLACE_MM,
        labels=tuple(told(f"verdict {one}", lang) for one in VERDICT),
        order="to_year",
        names=_names(lang),
        title=told("legend verdict", lang),
        ink=_INK,
        paper=_PAPER,
    )


def site_style(*, cells: bool, lang: Lang) -> Style:
    """Cells or sites by their score; what a limit excludes has none and is not drawn."""
    edges = SCORE_EDGES[1:]
    return Style(
        column="score",
        edges=edges,
        colours=SITE,
        labels=class_labels(edges, "{:g}".format),
        rims=() if cells else (_INK,) * len(SITE),
        names=() if cells else _names(lang),
        ink=_INK,
        paper=_PAPER,
        title=told("legend score", lang),
    )


def _names(lang: Lang) -> tuple[str, ...]:
    return ("name", "name_en") if lang == "zh" else ("name_en", "name")
