"""The sentence over the map and the quiet line under it, computed from the data."""

from __future__ import annotations

import pandas as pd

from spatial import cells as h3cells
from spatial.analysis import expected_by_chance
from spatial.study import Study
from views.answers import Answer
from views.query import Query
from views.text import Translate, count_text, say

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
    if study.info.source.name and not study.info.synthetic:
        parts.append(study.info.source.name)
    if note := study.info.notes.get(str(query.year)):
        parts.append(say(note, query.lang))
    years = study.years_of(query.role)
    if (at := years.index(query.year)) > 0:
        parts.append(_comparison(query, study, years[at - 1], tr))
    return tr("; ").join(parts)


def _comparison(query: Query, study: Study, before: int, tr: Translate) -> str:
    """Whether what is mapped compares with the year before; if not, the reason."""
    compared = {"graduates", query.role, query.group}
    if query.measure in ("share", "surplus"):
        compared.add("base")
    broken = [one for one in study.break_between(before, query.year) if one.series in compared]
    if not broken:
        return tr("comparable with {year}").format(year=before)
    return tr("not comparable with {year}: {reason}").format(
        year=before, reason=" ".join(say(one.reason, query.lang) for one in broken)
    )


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
