"""Metro and campus access: who lives or works within a walk, and who does not."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Scale
from layers.palette import ROLE, WALK
from spatial.districts import district_of
from spatial.homes_edges import WALK_EDGES, shown_walk
from spatial.rail import terminals
from spatial.study import Study
from views.homes_data import homes_asked
from views.query import Query
from views.text import Translate, count_text, percent_text
from views.topic import Topic, fact, placed, row, rows_of
from views.words import ROLE_WORDS

__all__ = ["figures", "topic"]


def topic(query: Query, study: Study, tr: Translate) -> Topic:
    """Minutes on foot to the nearest station, for every cell with graduates."""
    homes = homes_asked(query, "access")
    table, people = homes.access, homes.people
    shown = shown_walk(table, people)
    level = np.searchsorted(WALK_EDGES, shown.to_numpy(), side="left") + 1
    cells = pd.DataFrame(
        {
            "value": table["walk_minutes"].fillna(0.0),
            "class": np.where(shown.notna(), level, 0).astype(np.uint8),
            "graduates": people,
        }
    )
    labels = [f"≤ {one:g}" for one in WALK_EDGES] + [f"> {WALK_EDGES[-1]:g}"]
    return Topic(
        sentence=_sentence(query, study, tr),
        quiet=_quiet(query, table, tr),
        table=cells,
        scale=Scale(list(WALK_EDGES), tr("Walk to a station"), tr("min")),
        colours=list(WALK),
        labels=labels,
        legend=tr("Minutes on foot to a station"),
        ground="–",
        panel=_panel(query, study, tr),
    )


def _sentence(query: Query, study: Study, tr: Translate) -> str:
    if not study.has("stations"):
        return tr("This study has no stations: walks to them cannot be told.")
    table = homes_asked(query, "access").within
    now = {one["role"]: one["share"] for one in _records(table) if one["year"] == query.year}
    parts = []
    if "residence" in now:
        parts.append(tr("{share} of graduates live").format(share=f"{now['residence']:.0%}"))
    if "work" in now:
        parts.append(tr("{share} work").format(share=f"{now['work']:.0%}"))
    return tr("In {year}, {told} within {metres} m of a station ({minutes} minutes' walk).").format(
        year=query.year,
        told=tr(" and ").join(parts),
        metres=query.walk,
        minutes=f"{query.walk / 80:.0f}",
    )


def _records(table: pd.DataFrame) -> Any:  # noqa: ANN401 - rows of a table
    return table.to_dict("records")


def _quiet(query: Query, table: pd.DataFrame, tr: Translate) -> str:
    del query
    missing = table.attrs["missing"]
    if missing:
        words = {"stations": tr("stations"), "campuses": tr("campuses"), "work": tr("work places")}
        return tr("Straight lines at 80 m a minute; missing here: {missing}").format(
            missing=", ".join(words[one] for one in missing)
        )
    return tr("Straight lines at 80 m a minute, stations that run in the year")


def _panel(query: Query, study: Study, tr: Translate) -> dict[str, Any]:
    homes = homes_asked(query, "access")
    table = homes.farthest
    name = "station_name" if query.lang == "zh" else "station_name_en"
    districts = _districts(table.index, study, query)
    most = float(table["person_km"].max()) if len(table) else 1.0
    rows = [
        row(
            str(one[name]),
            [count_text(one["graduates"], query.lang), f"{one['station_m'] / 1000:.1f} km"],
            id_=f"cell-{number}",
            at=at,
            chip=district,
            bar=one["person_km"] / most,
            facts=[
                fact(tr("Graduates in the cell"), count_text(one["graduates"], query.lang)),
                fact(tr("Walk"), tr("{minutes} min").format(minutes=round(one["station_m"] / 80))),
            ],
        )
        for number, (one, at, district) in enumerate(
            zip(_records(table), placed(table.index), districts, strict=True)
        )
    ]
    network = homes.rail
    facts = []
    if network is not None:
        ends = terminals(network)
        names = network.names if query.lang == "zh" else network.names_en
        told = ", ".join(str(names[one]) for one in ends[:40])
        facts.append(fact(tr("Ends of lines"), str(len(ends)), note=told))
        facts.append(fact(tr("Stations"), str(len(network.ids))))
    return {
        "title": tr("Heavy cells far from rail"),
        "note": tr("Most graduates times metres beyond the walk, 5 km at most counted."),
        "facts": facts,
        "columns": [tr("Nearest station"), tr("Graduates"), tr("away")],
        "rows": rows,
        "hint": tr("Choose one to see it on the map."),
        "empty": tr("Nobody lives or works beyond the walk, or the study has no stations."),
    }


def _districts(cells: pd.Index, study: Study, query: Query) -> list[str]:
    layer = study.layer("districts")
    if not len(layer) or not len(cells):
        return [""] * len(cells)
    names = layer.set_index("id")["name" if query.lang == "zh" else "name_en"]
    found = district_of(cells, layer)
    return ["" if pd.isna(one) else str(names[one]) for one in found]


def figures(query: Query, study: Study, tr: Translate) -> None:
    """Shares within the walk by year, and what is near whom."""
    left, right = st.columns(2)
    if study.has("stations"):
        with left:
            st.markdown(f"**{tr('Share within the walk, by year')}**")
            st.altair_chart(_by_year(query, tr), width="stretch")
            _opened(query, study, tr)
    with right:
        st.markdown(f"**{tr('What is near, together')}**")
        table = homes_asked(query, "access").near
        words = {
            "near_rail": tr("station"),
            "near_campus": tr("campus"),
            "near_work": tr("work place"),
        }
        names = [one for one in words if one in table]
        rows = [
            {words[name]: "●" if one[name] else "·" for name in names}
            | {
                tr("graduates"): count_text(one["graduates"], query.lang),
                tr("share"): percent_text(one["share"]),
            }
            for one in _records(table)
        ]
        st.table(pd.DataFrame(rows))
        st.caption(
            tr("Station within {metres} m; campus and work place within 1 km.").format(
                metres=query.walk
            )
        )


def _opened(query: Query, study: Study, tr: Translate) -> None:
    """What the stations brought that opened since the first year of the study."""
    first, table = study.years[0], homes_asked(query, "access").opened
    if table is None or table.empty:
        return
    st.markdown(f"**{tr('Nearest stations that opened since {year}').format(year=first)}**")
    name = "name" if query.lang == "zh" else "name_en"
    rows = [
        {
            tr("Station"): str(getattr(one, name)),
            tr("Graduates"): count_text(one.graduates, query.lang),
            tr("before, km"): "–" if np.isinf(one.before_m) else f"{one.before_m / 1000:.1f}",
            tr("now, km"): f"{one.after_m / 1000:.1f}",
        }
        for one in rows_of(table.head(8))
    ]
    st.table(pd.DataFrame(rows).set_index(tr("Station")))
    st.caption(
        tr("{people} graduates in all have a nearer station than in {year}.").format(
            people=count_text(float(table["graduates"].sum()), query.lang), year=first
        )
    )


def _by_year(query: Query, tr: Translate) -> alt.LayerChart:
    words = {role: tr(text) for role, text in ROLE_WORDS.items()}
    rows = pd.DataFrame(
        [
            {
                "year": str(one["year"]),
                "share": one["share"],
                "role": words[one["role"]],
                "text": percent_text(one["share"]),
            }
            for one in _records(homes_asked(query, "access").within)
        ]
    )
    colours = alt.Scale(
        domain=[words["residence"], words["work"]],
        range=[ROLE["residence"][5], ROLE["work"][5]],
    )
    base = alt.Chart(rows).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%"), scale=alt.Scale(zero=False)),
        color=alt.Color("role:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
    )
    lines = base.mark_line(point=True)
    texts = base.mark_text(dy=-12).encode(text="text:N")
    chart: alt.LayerChart = (lines + texts).properties(height=260)
    return chart
