"""Mismatch: where there are only homes, where only jobs, and how far the one is from the other."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Scale
from layers.palette import BALANCE
from layers.shapes import polygons_of
from spatial.pairs import flow_years
from spatial.study import Study
from views.answers import answer
from views.homes_data import balanced, demand, fed, homes_at
from views.query import Query
from views.text import Translate, count_text, percent_text
from views.topic import Topic, fact, row, rows_of

__all__ = ["figures", "topic"]

_EDGES = (-0.8, -0.5, -0.15, 0.15, 0.5, 0.8)
_LEAST = 10  # people in a cell before its balance is coloured


def topic(query: Query, study: Study, tr: Translate) -> Topic:
    """Homes less jobs over both, in every cell that holds some people."""
    both = _both(query, study)
    cells = answer(replace(query, measure="count")).cells
    if not both:
        table = pd.DataFrame({"value": 0.0, "class": 0, "graduates": cells["graduates"]})
        return _told(query, study, table, tr)
    values = balanced(query)
    people = sum(
        answer(replace(query, role=role, measure="count")).cells["graduates"].to_numpy()
        for role in study.roles
    )
    level = np.searchsorted(_EDGES, values.fillna(0.0).to_numpy(), side="right") + 1
    held = values.notna().to_numpy() & (np.asarray(people) >= _LEAST)
    table = pd.DataFrame(
        {
            "value": values.fillna(0.0),
            "class": np.where(held, level, 0).astype(np.uint8),
            "graduates": np.asarray(people),
        },
        index=values.index,
    )
    return _told(query, study, table, tr)


def _told(query: Query, study: Study, table: pd.DataFrame, tr: Translate) -> Topic:
    labels = [tr("jobs"), "", "", tr("both"), "", "", tr("homes")]
    return Topic(
        sentence=_sentence(query, study, tr),
        quiet=tr("Cells with {least} graduates or more; minutes are modelled").format(least=_LEAST),
        table=table,
        scale=Scale(list(_EDGES), tr("Homes less jobs, over both"), ""),
        colours=list(BALANCE),
        labels=labels,
        legend=tr("Homes or jobs"),
        panel=_panel(query, study, tr),
    )


def _both(query: Query, study: Study) -> bool:
    return all(query.year in study.years_of(role) for role in ("residence", "work"))


def _flows(query: Query, study: Study) -> bool:
    return _both(query, study) and query.year in flow_years(study)


def _sentence(query: Query, study: Study, tr: Translate) -> str:
    if not _both(query, study):
        return tr("This study does not count homes and jobs in the same year.")
    if not _flows(query, study):
        return tr("In {year}, homes and jobs lie as shown; who goes where is not known.").format(
            year=query.year
        )
    table = demand(query)
    over: Any = table[table["minutes"] == 45].iloc[0]
    if isnan(over["share"]):
        return tr(
            "In {year}, {share} of graduates go from a residence place to a place of work."
        ).format(year=query.year, share=f"{over['share_of_all']:.0%}")
    return tr(
        "In {year}, {share} of those who go from hotspot to hotspot travel over 45 minutes."
    ).format(year=query.year, share=f"{over['share']:.0%}")


def _panel(query: Query, study: Study, tr: Translate) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    places = homes_at(query, "residence")
    if _flows(query, study) and places is not None:
        zh = query.lang == "zh"
        shapes = dict(zip(places.table["id"], places.table.geometry, strict=True))
        at = {one.id: (float(one.lat), float(one.lon)) for one in rows_of(places.table)}
        for one in rows_of(fed(query)):
            facts = [
                fact(tr("Main magnet"), str(one.magnet_name if zh else one.magnet_name_en)),
                fact(tr("of its people"), _share(one.magnet_share)),
                fact(tr("Way there"), _way(one.magnet_km, one.magnet_minutes, tr)),
                fact(tr("By rail alone"), _minutes(one.magnet_rail_minutes, tr)),
                fact(tr("Go to any magnet"), _share(one.share)),
                fact(tr("Magnets with 5 % or more"), str(one.magnets)),
            ]
            rows.append(
                row(
                    str(one.name if zh else one.name_en),
                    [count_text(one.to_magnets, query.lang), _minutes(one.minutes, tr)],
                    id_=str(one.Index),
                    at=at[one.Index],
                    bar=0.0 if isnan(one.minutes) else one.minutes / 90,
                    facts=facts,
                    polygons=polygons_of(shapes[one.Index]),
                )
            )
    return {
        "title": tr("Residence places and their magnets"),
        "note": tr("Graduates who go from each to a place of work, and their mean minutes."),
        "facts": [],
        "columns": [tr("Name"), tr("Graduates"), tr("mean way")],
        "rows": rows,
        "hint": tr("Choose one to see which magnet it feeds."),
        "empty": tr("Who goes where is not known in this study: load flows to see it."),
    }


def _share(value: float) -> str:
    return "–" if isnan(value) else percent_text(value)


def _minutes(value: float, tr: Translate) -> str:
    return "–" if isnan(value) else tr("{minutes} min").format(minutes=round(value))


def _way(km: float, minutes: float, tr: Translate) -> str:
    return "–" if isnan(km) else f"{km:.1f} km, {_minutes(minutes, tr)}"


def figures(query: Query, study: Study, tr: Translate) -> None:
    """How much of the demand between hotspots takes too long."""
    if not _flows(query, study):
        return
    st.markdown(f"**{tr('From hotspot to hotspot, modelled')}**")
    rows = [
        {
            tr("Longer than"): tr("{minutes} min").format(minutes=f"{one.minutes:.0f}"),
            tr("graduates"): "–" if isnan(one.over) else count_text(one.over, query.lang),
            tr("share"): _share(one.share),
        }
        for one in rows_of(demand(query))
    ]
    left, _ = st.columns(2)
    with left:
        st.table(pd.DataFrame(rows).set_index(tr("Longer than")))
