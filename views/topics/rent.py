"""Rent: what homes cost, who can afford them, and how many graduates live where it is cheap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Scale
from layers.shapes import polygons_of
from layers.theme import spread_colours
from spatial.homes import Homes
from spatial.homes_areas import rent_areas
from spatial.rent import rent_bands
from spatial.study import Study
from views.homes_data import homes_asked
from views.query import Query
from views.text import Translate, count_text, edge_text, percent_text, say
from views.topic import Topic, fact, row, rows_of

__all__ = ["figures", "money", "topic"]


def topic(query: Query, study: Study, tr: Translate) -> Topic:
    """Median rent by cell, with what it rests on."""
    homes = homes_asked(query, "rent")
    table, people, edges = homes.rents, homes.people, homes.edges
    if table is None or not edges:
        return _none(people, tr)
    values = table["rent"]
    band = rent_bands(values, edges).to_numpy()
    cells = pd.DataFrame(
        {
            "value": values.fillna(0.0),
            "class": (band + 1).astype(np.uint8),
            "graduates": people.reindex(values.index).fillna(0.0),
        }
    )
    return Topic(
        sentence=_sentence(query, study, table, people, edges, tr),
        quiet=_quiet(query, study, table, tr),
        table=cells,
        scale=Scale([0.0, *edges], tr("Median rent"), money(query, study, tr)),
        colours=spread_colours("rent", len(edges) + 1),
        labels=["0", *(edge_text(one, query.lang) for one in edges)],
        legend=tr("Median rent, {unit}").format(unit=money(query, study, tr)),
        ground="–",
        notes=_notes(table, tr),
        panel=_panel(query, homes, table, tr),
    )


def money(query: Query, study: Study, tr: Translate) -> str:
    """Unit of the rents: the study's currency a month, by room or square metre."""
    currency = say(study.info.currency, query.lang)
    table = homes_asked(query, "rent").rents
    per = "month" if table is None else str(table.attrs["per"])
    words = {
        "month": tr("{currency} a month"),
        "m2": tr("{currency} per m² a month"),
        "room": tr("{currency} a room and month"),
    }
    return words[per].format(currency=currency).strip()


def _none(people: pd.Series, tr: Translate) -> Topic:
    told = tr("This study has no rents. They can be added with `gradmap load rents`.")
    table = pd.DataFrame({"value": 0.0, "class": np.uint8(0), "graduates": people})
    return Topic(
        sentence=told,
        quiet="",
        table=table,
        scale=Scale([1.0], tr("Median rent")),
        colours=spread_colours("rent", 1),
        labels=["–"],
        legend=tr("Median rent"),
        panel={
            "title": tr("Rent"),
            "note": "",
            "facts": [],
            "columns": [],
            "rows": [],
            "hint": "",
            "empty": told,
        },
    )


def _sentence(
    query: Query,
    study: Study,
    table: pd.DataFrame,
    people: pd.Series,
    edges: tuple[float, ...],
    tr: Translate,
) -> str:
    edge = edges[len(edges) // 2]
    rent = table["rent"].reindex(people.index)
    known = people[rent.notna()].sum()
    under = people[(rent < edge).to_numpy()].sum()
    share = float(under / known) if known else 0.0
    text = (
        tr("In {year}, {share} of graduates live where the median rent is under {edge} {unit}.")
        if query.year in study.years_of("residence")
        else tr(
            "In {year}, {share} of graduates work where the median rent is under {edge} {unit}."
        )
    )
    unit = money(query, study, tr)
    return text.format(year=query.year, share=f"{share:.0%}", edge=f"{edge:,.0f}", unit=unit)


def _quiet(query: Query, study: Study, table: pd.DataFrame, tr: Translate) -> str:
    del study
    told = table.attrs
    known = int(table["rent"].notna().sum())
    parts = [
        tr("rents of {year}").format(year=told["year"]),
        tr("{cells} cells have one").format(cells=count_text(known, query.lang)),
    ]
    if table["zone"].any():
        parts.append(tr("figures of zones, spread by area"))
    else:
        parts.append(
            tr("medians of {least} listings or more, from at most {rings} rings around").format(
                least=told["least"], rings=told["rings"]
            )
        )
    if any(told["left_out"].values()):
        left = sum(told["left_out"].values())
        parts.append(tr("{count} listings could not be used").format(count=left))
    return tr("; ").join(parts)


def _notes(table: pd.DataFrame, tr: Translate) -> list[str]:
    notes = []
    for one in rows_of(table[["listings", "rings", "zone"]]):
        if one.zone:
            notes.append(tr("a zone's own figure"))
        elif one.rings < 0:
            notes.append("")
        elif one.rings == 0:
            notes.append(tr("{count} listings here").format(count=f"{one.listings:.0f}"))
        else:
            notes.append(
                tr("{count} listings within {rings} rings").format(
                    count=f"{one.listings:.0f}", rings=one.rings
                )
            )
    return notes


def _panel(query: Query, homes: Homes, table: pd.DataFrame, tr: Translate) -> dict[str, Any]:
    places = homes.places("residence") or homes.places("work")
    areas = rent_areas(homes.study, table, homes.people, places)
    most = max(areas["rent"], default=1.0)
    rows = [_row(one, query, tr) | {"bar": one.rent / most} for one in rows_of(areas)]
    return {
        "title": tr("Rent by place and district"),
        "note": tr("Median of the cells, each counted by its graduates; cheapest first."),
        "facts": [],
        "columns": [tr("Name"), tr("Rent"), tr("Graduates")],
        "rows": rows,
        "hint": tr("Choose one to see it on the map."),
        "empty": tr("No place or district holds a cell with a known rent."),
    }


def _row(one: Any, query: Query, tr: Translate) -> dict[str, Any]:  # noqa: ANN401 - a named tuple
    facts = [
        fact(tr("Median rent"), count_text(one.rent, "en")),
        fact(tr("Graduates"), count_text(one.graduates, query.lang)),
        fact(tr("Cells with a known rent"), count_text(one.cells, query.lang)),
    ]
    return row(
        one.name if query.lang == "zh" else one.name_en,
        [count_text(one.rent, "en"), count_text(one.graduates, query.lang)],
        id_=one.id,
        at=(float(one.lat), float(one.lon)),
        chip=tr("place") if one.kind == "place" else tr("district"),
        facts=facts,
        polygons=polygons_of(one.geometry),
    )


def figures(query: Query, study: Study, tr: Translate) -> None:
    """What pay affords, with a table of pay that the reader can change."""
    homes = homes_asked(query, "rent")
    table = homes.rents
    if table is None:
        return
    if not study.info.pay:
        st.caption(tr("This study has no table of pay: what is affordable cannot be told."))
        return
    if table.attrs["per"] == "m2":
        st.caption(tr("Pay is held against rents by the month or room, not by the square metre."))
        return
    st.markdown(f"**{tr('What pay affords')}**")
    st.caption(
        tr(
            "Share of graduates' homes (with a known rent) in cells whose median is within 20, 30"
            " or 40 % of monthly pay. Change the pay in the table to ask anew."
        )
    )
    left, right = st.columns([1, 1.5])
    with left:
        own = pd.DataFrame(
            {
                tr("Sector"): [say(one.title, query.lang) or one.id for one in study.info.pay],
                tr("Monthly pay"): [one.monthly for one in study.info.pay],
            }
        )
        st.data_editor(
            own,
            hide_index=True,
            disabled=[tr("Sector")],
            key=f"pay_{query.lang}",
        )
    with right:
        # Asked anew, for the table beside it may just have been changed.
        told = homes_asked(query, "rent").pay
        if told is None:
            return
        name = "name" if query.lang == "zh" else "name_en"
        rows = [
            {
                tr("Sector"): getattr(one, name),
                tr("30 % of pay"): f"{one.rent_30:,.0f}",
                **{
                    tr("homes at {share}").format(share=f"{level} %"): percent_text(
                        getattr(one, f"homes_{level}")
                    )
                    for level in (20, 30, 40)
                },
            }
            for one in rows_of(told)
        ]
        st.table(pd.DataFrame(rows).set_index(tr("Sector")))
