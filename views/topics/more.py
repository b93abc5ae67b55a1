"""More than the base: where graduates concentrate beyond all jobs or all residents."""

from __future__ import annotations

from math import isnan
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Scale
from layers.palette import PAGE, QUOTIENT, ROLE
from layers.shapes import polygons_of
from spatial.concentrate import Concentration
from spatial.homes import Homes
from spatial.homes_areas import quotient_areas
from spatial.homes_edges import QUOTIENT_EDGES, shown_quotient
from spatial.study import Study
from views.homes_data import homes_asked
from views.query import Query
from views.text import Translate, count_text, percent_text
from views.topic import Topic, fact, row, rows_of
from views.words import marked

__all__ = ["figures", "topic"]

_DOTS = 4000
_VERDICTS = {"more": marked("more"), "fewer": marked("fewer"), "none": marked("as expected")}


def topic(query: Query, study: Study, tr: Translate) -> Topic:
    """Location quotients by cell, with places and districts beside them."""
    homes = homes_asked(query, "quotient")
    found, cells = homes.concentration, homes.concentration.cells
    shown = shown_quotient(cells)
    level = np.searchsorted(QUOTIENT_EDGES, shown.to_numpy(), side="right") + 1
    table = pd.DataFrame(
        {
            "value": cells["lq"].fillna(0.0),
            "class": np.where(shown.notna(), level, 0).astype(np.uint8),
            "graduates": cells["graduates"],
            "base": cells["base"].fillna(0.0),
        }
    )
    labels = ["0", *(f"{one:g}" for one in QUOTIENT_EDGES)]
    return Topic(
        sentence=_sentence(query, study, tr),
        quiet=_quiet(query, found, tr),
        table=table,
        scale=Scale(list(QUOTIENT_EDGES), tr("Location quotient"), ""),
        colours=list(QUOTIENT),
        labels=labels,
        legend=tr("Graduates against jobs") if query.role == "work" else tr("Against residents"),
        ground="–",
        notes=[_note(one, low, high, tr) for one, low, high in _intervals(cells)],
        panel=_panel(query, homes, tr),
    )


def _intervals(cells: pd.DataFrame) -> list[tuple[str, float, float]]:
    return list(zip(cells["verdict"], cells["low"].round(1), cells["high"].round(1), strict=True))


def _note(verdict: str, low: float, high: float, tr: Translate) -> str:
    if verdict == "none" or isnan(low):
        return ""
    return tr("{verdict} than the base, {low}–{high}").format(
        verdict=tr(_VERDICTS[verdict]), low=f"{min(low, 50):g}", high=f"{min(high, 50):g}"
    )


def _sentence(query: Query, study: Study, tr: Translate) -> str:
    """Jobs crowd, homes are cheap: both in one sentence, each only where it is clear."""
    parts = []
    if "work" in study.roles and query.year in study.years_of("work"):
        slope = homes_asked(query, "quotient", role="work").concentration.poisson
        if slope.low > 1:
            parts.append(
                tr("twice the jobs bring {times} times the graduates to work").format(
                    times=f"{2**slope.slope:.1f}"
                )
            )
    priced = homes_asked(query, "quotient").pockets
    if len(priced):
        first = _months(priced)
        if first is not None and first["high"] < 1:
            parts.append(
                tr("the pockets where they live are {percent} cheaper than elsewhere").format(
                    percent=f"{1 - first['ratio']:.0%}"
                )
            )
    if not parts:
        return tr("In {year}, graduates stand to their base as shown.").format(year=query.year)
    told = tr(", and ").join(parts)
    return tr("In {year}, {told}.").format(year=query.year, told=told)


def _months(priced: pd.DataFrame) -> dict[str, Any] | None:
    """Rooms where they are let apart, else all listings, by the month."""
    rows: Any = priced[priced["per"] == "month"].to_dict("records")
    order = sorted(rows, key=lambda one: {"room": 0, "all": 1}.get(one["kind"], 2))
    return next((one for one in order if not isnan(one["ratio"])), None)


def _quiet(query: Query, found: Concentration, tr: Translate) -> str:
    if "base" in found.missing:
        return tr("This study has no base to compare with in this role and year.")
    more = int((found.cells["verdict"] == "more").sum())
    fewer = int((found.cells["verdict"] == "fewer").sum())
    return tr("{more} cells hold more graduates than their base predicts, {fewer} fewer").format(
        more=count_text(more, query.lang), fewer=count_text(fewer, query.lang)
    )


def _panel(query: Query, homes: Homes, tr: Translate) -> dict[str, Any]:
    found = homes.concentration
    facts = []
    slope = found.poisson
    if not isnan(slope.slope):
        told = f"{slope.slope:.2f} ({slope.low:.2f}–{slope.high:.2f})"
        note = tr("Per cent more graduates for one per cent more base; over 1: higher gets higher.")
        facts.append(fact(tr("Slope on the base"), told, note=note))
    if found.rent is not None and not isnan(found.rent.rank.rho):
        rank = found.rent.rank
        note = tr("Rank correlation of the quotient with rent; below 0: more where it is cheap.")
        told = f"{rank.rho:.2f} ({rank.low:.2f}–{rank.high:.2f})".replace("-", "−")
        facts.append(fact(tr("Against rent"), told, note=note))
    areas = quotient_areas(homes.study, found, homes.places(query.role))
    rows = [_row(one, query, tr) for one in rows_of(areas)]
    return {
        "title": tr("Places and districts"),
        "note": tr("Quotient 2: twice as many graduates as the base would lead one to expect."),
        "facts": facts,
        "columns": [tr("Name"), tr("Quotient"), tr("95 % interval")],
        "rows": rows,
        "hint": tr("Choose one to see what it rests on."),
        "empty": tr("This study has no base to compare with in this role and year."),
    }


def _row(one: Any, query: Query, tr: Translate) -> dict[str, Any]:  # noqa: ANN401 - a named tuple
    facts = [
        fact(tr("Graduates"), count_text(one.graduates, query.lang)),
        fact(tr("Expected from the base"), count_text(one.expected, query.lang)),
        fact(tr("Verdict"), tr(_VERDICTS[one.verdict])),
        fact(tr("Shrunk quotient"), f"{one.shrunk:.2f}"),
    ]
    return row(
        one.name if query.lang == "zh" else one.name_en,
        [f"{one.lq:.2f}", f"{one.low:.2f}–{one.high:.2f}"],
        id_=one.id,
        at=(float(one.lat), float(one.lon)),
        chip=tr("place") if one.kind == "place" else tr("district"),
        facts=facts,
        polygons=polygons_of(one.geometry),
    )


def figures(query: Query, study: Study, tr: Translate) -> None:
    """The scatter of graduates on base, and the reading against rent."""
    del study
    homes = homes_asked(query, "quotient")
    found = homes.concentration
    left, right = st.columns([1.2, 1])
    with left:
        st.markdown(f"**{tr('Graduates and base by cell')}**")
        st.caption(tr("Draw a box over the dots: their cells are outlined on the map."))
        st.altair_chart(
            _scatter(query, found, tr),
            width="stretch",
            key="scatter",
            on_select="rerun",
            selection_mode="box",
        )
    with right:
        if found.rent is not None:
            st.markdown(f"**{tr('By rent band')}**")
            st.table(_bands(found, tr))
        priced = homes.pockets
        if len(priced):
            st.markdown(f"**{tr('Rents of the pockets against the rest')}**")
            st.table(_cheap_table(priced, tr))


def _scatter(query: Query, found: Concentration, tr: Translate) -> alt.Chart | alt.LayerChart:
    cells = found.cells
    held = cells[(cells["graduates"] > 0) & (cells["base"] > 0)]
    if len(held) > _DOTS:
        held = held.sample(_DOTS, random_state=1)
    rows = pd.DataFrame(
        {"base": held["base"], "graduates": held["graduates"], "lq": held["lq"].round(2)}
    )
    box = alt.selection_interval(name="box")
    dots = (
        alt.Chart(rows)
        .mark_circle(size=14, opacity=0.35, color=ROLE[query.role][5])
        .encode(
            x=alt.X("base:Q", title=tr("base"), scale=alt.Scale(type="log")),
            y=alt.Y("graduates:Q", title=tr("graduates"), scale=alt.Scale(type="log")),
            tooltip=["base", "graduates", "lq"],
        )
        .add_params(box)
    )
    slope = found.poisson.slope
    if isnan(slope) or held.empty:
        alone: alt.Chart = dots.properties(height=330)
        return alone
    ends = np.quantile(held["base"], [0.02, 0.995])
    middle = float(np.exp(np.average(np.log(held["base"]), weights=held["graduates"])))
    height = float(held["graduates"].sum() / held["base"].sum()) * middle
    line = pd.DataFrame({"base": ends, "graduates": height * (ends / middle) ** slope})
    drawn = (
        alt.Chart(line)
        .mark_line(color=PAGE["chosen"], strokeWidth=2)
        .encode(x="base:Q", y="graduates:Q")
    )
    chart: alt.LayerChart = (dots + drawn).properties(height=330)
    return chart


def _bands(found: Concentration, tr: Translate) -> pd.DataFrame:
    reading = found.rent
    if reading is None:
        return pd.DataFrame()
    rows = []
    for one in rows_of(reading.bands):
        low, high = one.low_rent, one.high_rent
        band = f"< {high:g}" if isnan(low) else f"≥ {low:g}" if isnan(high) else f"{low:g}–{high:g}"
        rows.append(
            {
                tr("Rent"): band,
                tr("of graduates"): percent_text(one.share_graduates),
                tr("of residents"): percent_text(one.share_base),
                tr("Quotient"): "–" if isnan(one.lq) else f"{one.lq:.2f}",
            }
        )
    return pd.DataFrame(rows).set_index(tr("Rent"))


def _cheap_table(priced: pd.DataFrame, tr: Translate) -> pd.DataFrame:
    words = {
        "all": tr("all listings"),
        "flat": tr("Whole flat"),
        "room": tr("Room in a shared flat"),
    }
    units = {"month": tr("a month"), "m2": tr("per m²")}
    rows = [
        {
            tr("Listings"): f"{words.get(one.kind, one.kind)}, {units[str(one.per)]}",
            tr("in pockets"): f"{one.median_inside:,.0f}",
            tr("elsewhere"): f"{one.median_outside:,.0f}",
            tr("ratio"): f"{one.ratio:.2f} ({one.low:.2f}–{one.high:.2f})",
        }
        for one in rows_of(priced)
    ]
    return pd.DataFrame(rows).set_index(tr("Listings"))
