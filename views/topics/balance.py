"""Mismatch: where there are only homes, where only jobs, and how far the one is from the other."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Scale
from layers.palette import BALANCE
from layers.shapes import polygons_of
from spatial.homes import Homes
from spatial.homes_edges import BALANCE_EDGES, BALANCE_LEAST, shown_balance
from spatial.study import Study
from views.homes_data import homes_asked
from views.query import Query
from views.text import Translate, count_text, percent_text
from views.topic import Topic, fact, row, rows_of

__all__ = ["figures", "topic"]


def topic(query: Query, study: Study, tr: Translate) -> Topic:
    """Homes less jobs over both, in every cell that holds some people."""
    del study
    homes = homes_asked(query, "balance")
    people = homes.people
    if not homes.both:
        table = pd.DataFrame({"value": 0.0, "class": 0, "graduates": people})
        return _told(query, homes, table, tr)
    values = homes.balance
    shown = shown_balance(values, people)
    level = np.searchsorted(BALANCE_EDGES, shown.to_numpy(), side="right") + 1
    table = pd.DataFrame(
        {
            "value": values.fillna(0.0),
            "class": np.where(shown.notna(), level, 0).astype(np.uint8),
            "graduates": people,
        }
    )
    return _told(query, homes, table, tr)


def _told(query: Query, homes: Homes, table: pd.DataFrame, tr: Translate) -> Topic:
    labels = [tr("jobs"), "", "", tr("both"), "", "", tr("homes")]
    return Topic(
        sentence=_sentence(query, homes, tr),
        quiet=tr("Cells with {least} graduates or more; minutes are modelled").format(
            least=BALANCE_LEAST
        ),
        table=table,
        scale=Scale(list(BALANCE_EDGES), tr("Homes less jobs, over both"), ""),
        colours=list(BALANCE),
        labels=labels,
        legend=tr("Homes or jobs"),
        panel=_panel(query, homes, tr),
    )


def _sentence(query: Query, homes: Homes, tr: Translate) -> str:
    if not homes.both:
        return tr("This study does not count homes and jobs in the same year.")
    if not homes.flows:
        return tr("In {year}, homes and jobs lie as shown; who goes where is not known.").format(
            year=query.year
        )
    table = homes.demand
    over: Any = table[table["minutes"] == 45].iloc[0]
    if isnan(over["share"]):
        return tr(
            "In {year}, {share} of graduates go from a residence place to a place of work."
        ).format(year=query.year, share=f"{over['share_of_all']:.0%}")
    return tr(
        "In {year}, {share} of those who go from hotspot to hotspot travel over 45 minutes."
    ).format(year=query.year, share=f"{over['share']:.0%}")


def _panel(query: Query, homes: Homes, tr: Translate) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    places = homes.places("residence")
    if homes.flows and places is not None:
        zh = query.lang == "zh"
        shapes = dict(zip(places.table["id"], places.table.geometry, strict=True))
        at = {one.id: (float(one.lat), float(one.lon)) for one in rows_of(places.table)}
        for one in rows_of(homes.magnets):
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
    del study
    homes = homes_asked(query, "balance")
    if not homes.flows:
        return
    st.markdown(f"**{tr('From hotspot to hotspot, modelled')}**")
    rows = [
        {
            tr("Longer than"): tr("{minutes} min").format(minutes=f"{one.minutes:.0f}"),
            tr("graduates"): "–" if isnan(one.over) else count_text(one.over, query.lang),
            tr("share"): _share(one.share),
        }
        for one in rows_of(homes.demand)
    ]
    left, _ = st.columns(2)
    with left:
        st.table(pd.DataFrame(rows).set_index(tr("Longer than")))
