"""Small charts under the maps: places by rank, the city's shape by year, and how alike it is."""

from __future__ import annotations

from math import isnan

import altair as alt
import pandas as pd
import streamlit as st

from layers.palette import DIFFERENCE, PAGE, ROLE
from papers.words import told
from spatial.agreement import Agreement
from spatial.drift import Drift, change
from spatial.structure import SECTORS
from spatial.study import Study
from views.comparisons import lineages
from views.query import Query
from views.text import Translate
from views.words import marked

__all__ = ["show_charts"]

_SHAPE = {
    "distance_km": marked("Mean distance to the centre, km"),
    "gini": marked("Gini over cells"),
    "entropy": marked("Entropy, bits"),
    "major_km": marked("Long axis of the standard ellipse, km"),
}
_RANKED = 12


def show_charts(
    query: Query, study: Study, tr: Translate, *, agreement: Agreement, drift: Drift
) -> None:
    """Everything that is read at leisure, folded under the maps."""
    del study
    with st.container(key="charts"):
        _agreement(query, agreement, tr)
        left, right = st.columns([1.1, 1])
        with left:
            st.markdown(f"**{tr('Places by rank')}**")
            st.altair_chart(_bump(query, tr), width="stretch")
        with right:
            st.markdown(f"**{tr('The shape of the city by year, with 95 % intervals')}**")
            st.altair_chart(_shape(query, drift, tr), width="stretch")
        st.markdown(f"**{tr('Change by direction and distance from the centre')}**")
        st.altair_chart(_rose(query, drift, tr), width="stretch")


def _agreement(query: Query, found: Agreement, tr: Translate) -> None:
    title = tr("How alike the hot cells of {first} and {year} are")
    st.markdown(f"**{title.format(first=query.first, year=query.year)}**")
    columns = st.columns(3)
    rows = (
        (tr("Hot in both, of hot in either"), found.jaccard, found.p_jaccard),
        (tr("Graduates in cells that stayed hot"), found.stayed, found.p_stayed),
        (tr("Fuzzy kappa, near misses counted in part"), found.fuzzy_kappa, found.p_kappa),
    )
    for column, (label, value, p) in zip(columns, rows, strict=True):
        column.metric(label, "–" if isnan(value) else f"{value:.2f}", help=_chance(p, tr))


def _chance(p: float, tr: Translate) -> str:
    if isnan(p):
        return tr("The study area is too ragged to be moved over itself: no chance can be given.")
    return tr("Chance of being as alike when one map is turned and moved: p = {p}.").format(
        p=f"{p:.3f}"
    )


def _bump(query: Query, tr: Translate) -> alt.LayerChart:
    """Rank of each place among those shown, by year."""
    table = lineages(query).years
    shown = table[table["shown"] & (table["rank"] <= _RANKED)]
    name = "name" if query.lang == "zh" else "name_en"
    rows = pd.DataFrame(
        {
            "year": shown["year"].astype(str),
            "rank": shown["rank"].astype(int),
            "place": shown[name].astype(str),
        }
    )
    base = alt.Chart(rows).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "rank:Q",
            title=tr("rank"),
            scale=alt.Scale(domain=[_RANKED + 0.5, 0.5]),
            axis=alt.Axis(tickMinStep=1),
        ),
        detail="place:N",
        tooltip=["place", "year", "rank"],
    )
    colour = ROLE[query.role][5]
    lines = base.mark_line(color=colour, opacity=0.55, strokeWidth=2)
    dots = base.mark_circle(color=colour, size=60, opacity=1)
    last = rows[rows["year"] == str(query.year)]
    labels = (
        alt.Chart(last)
        .mark_text(align="left", dx=8, color=PAGE["ink"])
        .encode(x="year:O", y="rank:Q", text="place:N")
    )
    chart: alt.LayerChart = (lines + dots + labels).properties(height=300)
    return chart


def _shape(query: Query, drift: Drift, tr: Translate) -> alt.FacetChart:
    """Four indicators by year, each with its interval, each on a scale of its own."""
    table = drift.years[drift.years["indicator"].isin(list(_SHAPE))]
    rows = table.assign(
        year=table["year"].astype(str),
        what=table["indicator"].map({name: tr(words) for name, words in _SHAPE.items()}),
    )
    rows = rows[["year", "what", "value", "low", "high"]]
    scale = alt.Scale(zero=False)
    axis = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(rows).encode(x=axis)
    colour = ROLE[query.role][6]
    band = base.mark_errorbar(color=colour).encode(
        y=alt.Y("low:Q", title=None, scale=scale), y2="high:Q"
    )
    line = base.mark_line(color=colour, point=alt.OverlayMarkDef(color=colour)).encode(
        y=alt.Y("value:Q", title=None, scale=scale), tooltip=["year", "value", "low", "high"]
    )
    facet = alt.Facet("what:N", title=None)
    small = (band + line).properties(width=210, height=105)
    chart: alt.FacetChart = small.facet(facet=facet, columns=2).resolve_scale(y="independent")
    return chart


def _rose(query: Query, drift: Drift, tr: Translate) -> alt.LayerChart:
    """Eight sectors by five rings: percentage points of all graduates, more or fewer."""
    first, last = drift.counted.index(query.first), drift.counted.index(query.year)
    moved, _ = change(drift.values, drift.draws, first=first, last=last)
    rows = []
    for sector in SECTORS:
        opening = f"share {sector} "
        for name, value in zip(drift.indicators, moved, strict=True):
            if name.startswith(opening):
                ring, points = name.removeprefix(opening), round(100 * float(value), 2)
                rows.append((told(f"sector {sector}", query.lang), ring, points))
    table = pd.DataFrame(rows, columns=["sector", "ring", "points"])
    most = max(float(table["points"].abs().max()), 0.01)
    scale = alt.Scale(domain=[-most, 0, most], range=[DIFFERENCE[1], PAGE["ground"], DIFFERENCE[6]])
    base = alt.Chart(table).encode(
        x=alt.X(
            "ring:N", title=tr("distance from the centre"), sort=None, axis=alt.Axis(labelAngle=0)
        ),
        y=alt.Y("sector:N", title=None, sort=None),
    )
    boxes = base.mark_rect().encode(
        color=alt.Color("points:Q", scale=scale, legend=None), tooltip=["sector", "ring", "points"]
    )
    text = base.mark_text(fontSize=11, color=PAGE["ink"]).encode(
        text=alt.Text("points:Q", format="+.1f")
    )
    chart: alt.LayerChart = (boxes + text).properties(height=230)
    return chart
