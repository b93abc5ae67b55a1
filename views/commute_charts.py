"""Under the map of commutes: indicators with their intervals, distances, directions, the matrix."""

from __future__ import annotations

from math import isnan
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from layers.palette import PAGE, ROLE
from spatial.commute_report import CommuteReport
from spatial.directions import direction_rose, distance_histogram
from spatial.info import Published
from spatial.pairs import Pairs
from spatial.study import Study
from views.commutes import bands_km, labels, pairs_asked, report, table_between
from views.query import Query
from views.text import Translate, count_text, percent_text, plain, say
from views.words import INDICATOR_WORDS

__all__ = ["figure_text", "show_figures"]

_SHOWN = 14
# For the whole study these are true by construction.
_OF_AREAS = ("self_containment", "inflow", "outflow", "jobs_housing_ratio", "workers")


def show_figures(query: Query, study: Study, tr: Translate) -> None:
    """Everything that is read at leisure, under the map."""
    with st.container(key="charts"):
        with st.spinner(tr("Working out the indicators ..."), show_time=True):
            found = report(query, query.year)
            beside = report(query, query.beside) if query.beside else None
        left, right = st.columns([1.15, 1])
        with left:
            _indicators(query, study, found, beside, tr)
        with right:
            asked = pairs_asked(query)
            st.markdown(f"**{tr('How far from home to work')}**")
            st.altair_chart(_histogram(query, asked, tr), width="stretch")
            st.markdown(f"**{tr('Which way from home to work')}**")
            st.altair_chart(_rose(query, asked, tr), width="stretch")
        st.markdown(f"**{tr('From place to place')}**")
        st.caption(tr("Rows are homes, columns are jobs; the largest of each are shown."))
        st.altair_chart(_matrix(query, tr), width="stretch")


def _indicators(
    query: Query, study: Study, found: CommuteReport, beside: CommuteReport | None, tr: Translate
) -> None:
    st.markdown(f"**{tr('Indicators')}**")
    rows, modelled = [], tr("modelled")
    others = {} if beside is None else _rows(beside)
    for name, one in _rows(found).items():
        if isnan(one["value"]) or (not query.area and name in _OF_AREAS):
            continue
        row = {
            tr("Indicator"): _label(name, tr) + (f" :gray[{modelled}]" if one["modelled"] else ""),
            str(query.year): figure_text(one["value"], one["unit"], query.lang),
            tr("95 % interval"): _interval(one, query.lang),
        }
        if beside is not None:
            other = others.get(name)
            told = "–" if other is None else figure_text(other["value"], other["unit"], query.lang)
            row[str(query.beside)] = told
        if not query.area and study.info.published:
            row[tr("Published")] = _published(name, study.info.published, query, tr)
        rows.append(row)
    st.table(pd.DataFrame(rows).set_index(tr("Indicator")))
    if beside is not None:
        for broken in study.break_between(query.beside, query.year, series="graduates"):
            st.warning(plain(say(broken.reason, query.lang)))
    note = study.info.notes.get("published")
    if note and not query.area and study.info.published:
        st.caption(plain(say(note, query.lang)))
    with st.expander(tr("What must be said beside these figures")):
        for words in found.told:
            st.markdown(f"- {plain(say(words, query.lang))}")


def _rows(found: CommuteReport) -> dict[str, dict[str, Any]]:
    """Each indicator by its name."""
    table = found.indicators
    rows: Any = table.to_dict("records")
    return dict(zip(map(str, table.index), rows, strict=True))


def _label(name: str, tr: Translate) -> str:
    """Short name of an indicator; bands are named by their edges."""
    if name in INDICATOR_WORDS:
        return tr(INDICATOR_WORDS[name])
    band = name.removeprefix("share_").removesuffix("km").removesuffix("mi")
    if band.startswith("under_"):
        return tr("Under {edge} km").format(edge=band.removeprefix("under_"))
    if band.startswith("over_"):
        return tr("{edge} km and more").format(edge=band.removeprefix("over_"))
    low, _, high = band.partition("_to_")
    return tr("{low} to {high} km").format(low=low, high=high)


def figure_text(value: float, unit: str, lang: str) -> str:
    """A figure with its unit, as readers write it."""
    if isnan(value):
        return "–"
    if unit == "share":
        return percent_text(value)
    if unit == "people":
        return count_text(value, lang)
    return f"{value:.2f}" if unit == "ratio" else f"{value:.1f} {unit}"


def _interval(one: Any, lang: str) -> str:  # noqa: ANN401 - a row of the table
    if isnan(float(one["low"])) or one["low"] == one["high"]:
        return ""
    low, high = (figure_text(one[end], one["unit"], lang) for end in ("low", "high"))
    plain = low.removesuffix(f" {one['unit']}").removesuffix("%")
    return f"{plain}–{high}"


def _published(name: str, published: tuple[Published, ...], query: Query, tr: Translate) -> str:
    told = []
    for one in published:
        if one.indicator == name:
            unit = "share" if one.value <= 1 else "km"
            year = f", {one.year}" if one.year else ""
            about = say(one.about, query.lang)
            relation = {">": tr("over"), "<": tr("under")}.get(one.relation, "")
            value = figure_text(one.value, unit, query.lang)
            told.append(f"{relation} {value} ({about}{year})".strip())
    return "; ".join(told)


def _histogram(query: Query, asked: Pairs, tr: Translate) -> alt.LayerChart:
    edges = [float(one) for one in range(0, 41, 1)]
    table = distance_histogram(asked, edges_km=edges)
    rows = pd.DataFrame(
        {
            "from": table["from_km"],
            "to": table["to_km"].replace(np.inf, edges[-1] + 2),
            "graduates": table["graduates"].round(1),
        }
    )
    colour = ROLE[query.role][5]
    bars = (
        alt.Chart(rows)
        .mark_bar(color=colour, binSpacing=0.5)
        .encode(
            x=alt.X("from:Q", title="km", bin="binned", axis=alt.Axis(tickMinStep=5)),
            x2="to:Q",
            y=alt.Y("graduates:Q", title=tr("graduates")),
            tooltip=["from", "to", "graduates"],
        )
    )
    marks = pd.DataFrame({"km": bands_km(query)})
    rules = alt.Chart(marks).mark_rule(color=PAGE["muted"], strokeDash=[3, 3]).encode(x="km:Q")
    chart: alt.LayerChart = (bars + rules).properties(height=190)
    return chart


def _rose(query: Query, asked: Pairs, tr: Translate) -> alt.LayerChart:
    found = direction_rose(asked)
    wide = 2 * np.pi / len(found.table)
    middle = np.radians(found.table["middle"])
    rows = pd.DataFrame(
        {
            "start": middle - wide / 2,
            "end": middle + wide / 2,
            "share": found.table["share"],
            "way": found.table["point"],
            "km": found.table["mean_km"].round(1),
            "text": [percent_text(one) for one in found.table["share"]],
        }
    )
    base = alt.Chart(rows).encode(
        theta=alt.Theta("start:Q", scale=alt.Scale(domain=[0, 2 * np.pi])), theta2="end:Q"
    )
    wedges = base.mark_arc(color=ROLE[query.role][4], stroke=PAGE["card"]).encode(
        radius=alt.Radius("share:Q", scale=alt.Scale(type="sqrt", zero=True, range=[2, 96])),
        tooltip=[
            alt.Tooltip("way", title=tr("direction")),
            alt.Tooltip("text", title=tr("share")),
            alt.Tooltip("km", title=tr("mean km")),
        ],
    )
    names = pd.DataFrame(
        {
            "at": np.radians([0.0, 90.0, 180.0, 270.0]),
            "name": [tr("north"), tr("east"), tr("south"), tr("west")],
        }
    )
    texts = (
        alt.Chart(names)
        .mark_text(radius=114, color=PAGE["muted"], fontSize=12)
        .encode(theta=alt.Theta("at:Q", scale=alt.Scale(domain=[0, 2 * np.pi])), text="name:N")
    )
    chart: alt.LayerChart = (wedges + texts).properties(height=270)
    return chart


def _matrix(query: Query, tr: Translate) -> alt.LayerChart:
    table = table_between(query)
    name = "name" if query.lang == "zh" else "name_en"
    homes, work = (_names(query, role, name) for role in ("residence", "work"))
    rows_kept = table.sum(axis=1).drop("elsewhere", errors="ignore").nlargest(_SHOWN).index
    kept = table.sum(axis=0).drop("elsewhere", errors="ignore").nlargest(_SHOWN).index
    part = table.loc[rows_kept, kept].rename_axis(index="home", columns="work")
    seen = part.reset_index().melt(id_vars="home", var_name="work", value_name="graduates")
    seen["home"] = seen["home"].map(homes)
    seen["work"] = seen["work"].map(work)
    base = alt.Chart(seen).encode(
        x=alt.X("work:N", sort=None, title=tr("jobs"), axis=alt.Axis(labelAngle=-35, orient="top")),
        y=alt.Y("home:N", sort=None, title=tr("homes")),
        tooltip=["home", "work", "graduates"],
    )
    ramp = [PAGE["ground"], *ROLE["work"][2:7]]
    boxes = base.mark_rect().encode(
        color=alt.Color("graduates:Q", scale=alt.Scale(range=ramp), legend=None)
    )
    half = float(seen["graduates"].max()) / 2 if len(seen) else 0.0
    texts = base.mark_text(fontSize=11).encode(
        text=alt.Text("graduates:Q", format=",.0f"),
        color=alt.condition(
            f"datum.graduates > {half}", alt.value(PAGE["card"]), alt.value(PAGE["ink"])
        ),
    )
    chart: alt.LayerChart = (boxes + texts).properties(height=28 * max(4, len(rows_kept)) + 60)
    return chart


def _names(query: Query, role: Any, column: str) -> dict[str, str]:  # noqa: ANN401
    table = labels(query, role).table
    return dict(zip(table["id"], table[column], strict=True))
