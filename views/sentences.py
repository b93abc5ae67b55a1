"""The sentence over the map and the quiet line under it, computed from the data."""

from __future__ import annotations

import pandas as pd

from spatial import cells as h3cells
from spatial.analysis import expected_by_chance
from spatial.study import Study
from views.answers import Answer
from views.query import Query
from views.text import Translate, count_text, percent_text, say

__all__ = ["chance_line", "quiet_line", "sentence"]


def sentence(query: Query, found: Answer, tr: Translate) -> str:
    """One sentence that says what the map shows."""
    places = found.places.table
    if places.empty:
        text = tr("In {year}, no place stands out by the chosen measure.")
        return text.format(year=query.year)
    first = places.loc[places["graduates"].idxmax()]
    text = (
        tr("In {year}, {places} places hold {share} of graduates' jobs; the largest is {name}.")
        if query.role == "work"
        else tr(
            "In {year}, {places} places hold {share} of graduates' homes; the largest is {name}."
        )
    )
    return text.format(
        year=query.year,
        places=len(places),
        share=f"{float(places['share'].sum()):.0%}",
        name=first["name"] if query.lang == "zh" else first["name_en"],
    )


def quiet_line(query: Query, study: Study, found: Answer, tr: Translate) -> str:
    """What is counted, on how large a cell, and whether the years compare."""
    area = float(h3cells.area_km2(found.cells.index).mean())
    total = count_text(float(found.cells["graduates"].sum()), query.lang)
    kind = tr("jobs") if query.role == "work" else tr("homes")
    parts = [
        tr("{total} graduates' {kind}").format(total=total, kind=kind),
        tr("cells of {area} km² on average").format(area=f"{area:.2f}"),
    ]
    years = study.years_of(query.role)
    at = years.index(query.year)
    if at:
        before = years[at - 1]
        broken = study.break_between(before, query.year)
        if not broken:
            parts.append(tr("comparable with {year}").format(year=before))
        for one in broken:
            parts.append(
                tr("not comparable with {year} in {series}: {reason}").format(
                    year=before, series=tr(one.series), reason=say(one.reason, query.lang)
                )
            )
    return tr("; ").join(parts)


def chance_line(query: Query, cells: pd.DataFrame, tr: Translate) -> str:
    """How many cells are called hot, and how many of them chance alone would give."""
    hot = int((cells["hotspot"] == "hot").sum())
    cold = int((cells["hotspot"] == "cold").sum())
    by_chance, _ = expected_by_chance(cells, alpha=query.alpha)
    return tr(
        "{cells} cells are tested; {hot} are hot and {cold} cold, of which up to {chance}"
        " would be expected by chance (false discovery rate {alpha})."
    ).format(
        cells=count_text(len(cells), query.lang),
        hot=count_text(hot, query.lang),
        cold=count_text(cold, query.lang),
        chance=count_text(round(by_chance), query.lang),
        alpha=f"{query.alpha:.0%}",
    )


def share_line(share: float) -> str:
    """A share as the page writes it."""
    return percent_text(share)
