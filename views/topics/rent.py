"""Rent: what homes cost, who can afford them, and how many graduates live where it is cheap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Scale
from layers.shapes import polygons_of
from layers.theme import spread_colours
from spatial.districts import district_of
from spatial.info import Pay
from spatial.rent import rent_bands
from spatial.rent_pay import affordability
from spatial.schema import Role
from spatial.study import Study
from views.answers import answer
from views.homes_data import homes_at, rent_edges, rents
from views.query import Query
from views.text import Translate, count_text, edge_text, percent_text, say
from views.topic import Topic, fact, row, rows_of

__all__ = ["figures", "money", "topic"]


def topic(query: Query, study: Study, tr: Translate) -> Topic:
    """Median rent by cell, with what it rests on."""
    table, people = rents(query), _people(query, study)
    edges = rent_edges(query, study)
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
        panel=_panel(query, study, table, people, tr),
    )


def _people(query: Query, study: Study) -> pd.Series:
    """Graduates at home; at work where homes are not counted."""
    homes = query.year in study.years_of("residence")
    role: Role = "residence" if homes else "work"
    return answer(replace(query, role=role, measure="count")).cells["graduates"]


def money(query: Query, study: Study, tr: Translate) -> str:
    """Unit of the rents: the study's currency a month, by room or square metre."""
    currency = say(study.info.currency, query.lang)
    table = rents(query)
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


def _panel(
    query: Query, study: Study, table: pd.DataFrame, people: pd.Series, tr: Translate
) -> dict[str, Any]:
    rows = [*_places(query, table, people, tr), *_districts(query, study, table, people, tr)]
    rows.sort(key=lambda one: one["order"])
    most = max((one["order"] for one in rows), default=1.0)
    for one in rows:
        one["bar"] = one["order"] / most
    return {
        "title": tr("Rent by place and district"),
        "note": tr("Median of the cells, each counted by its graduates; cheapest first."),
        "facts": [],
        "columns": [tr("Name"), tr("Rent"), tr("Graduates")],
        "rows": rows,
        "hint": tr("Choose one to see it on the map."),
        "empty": tr("No place or district holds a cell with a known rent."),
    }


def _places(
    query: Query, table: pd.DataFrame, people: pd.Series, tr: Translate
) -> list[dict[str, Any]]:
    places = homes_at(query, "residence") or homes_at(query, "work")
    if places is None:
        return []
    member = places.member.reindex(table.index)
    name = "name" if query.lang == "zh" else "name_en"
    found = []
    for one in rows_of(places.table):
        held = (member == one.id).to_numpy()
        made = _line(query, table[held], people, tr)
        if made is not None:
            at = (float(one.lat), float(one.lon))
            title = str(getattr(one, name))
            found.append(_row(str(one.id), title, tr("place"), at, one.geometry, made, query, tr))
    return found


def _districts(
    query: Query, study: Study, table: pd.DataFrame, people: pd.Series, tr: Translate
) -> list[dict[str, Any]]:
    layer = study.layer("districts")
    if not len(layer):
        return []
    held = district_of(table.index, layer)
    name = "name" if query.lang == "zh" else "name_en"
    found = []
    for one in rows_of(layer):
        made = _line(query, table[(held == one.id).to_numpy(dtype=bool)], people, tr)
        if made is not None:
            middle = one.geometry.representative_point()
            title = str(getattr(one, name))
            at = (middle.y, middle.x)
            found.append(
                _row(str(one.id), title, tr("district"), at, one.geometry, made, query, tr)
            )
    return found


def _line(
    query: Query, cells: pd.DataFrame, people: pd.Series, tr: Translate
) -> tuple[float, float, int] | None:
    """Median rent over the cells, weighted by graduates; their graduates; cells with a rent."""
    del query, tr
    known = cells[cells["rent"].notna()]
    weight = people.reindex(known.index).fillna(0.0).to_numpy()
    if not len(known) or not weight.sum():
        return None
    order = np.argsort(known["rent"].to_numpy(), kind="stable")
    reached = np.cumsum(weight[order]) >= weight.sum() / 2
    median = float(known["rent"].to_numpy()[order][int(np.argmax(reached))])
    return median, float(people.reindex(cells.index).fillna(0.0).sum()), len(known)


def _row(
    id_: str,
    title: str,
    chip: str,
    at: tuple[float, float],
    shape: Any,  # noqa: ANN401 - a shape
    made: tuple[float, float, int],
    query: Query,
    tr: Translate,
) -> dict[str, Any]:
    median, held, cells = made
    facts = [
        fact(tr("Median rent"), count_text(median, "en")),
        fact(tr("Graduates"), count_text(held, query.lang)),
        fact(tr("Cells with a known rent"), count_text(cells, query.lang)),
    ]
    values = [count_text(median, "en"), count_text(held, query.lang)]
    made_row = row(
        title, values, id_=id_, at=at, chip=chip, facts=facts, polygons=polygons_of(shape)
    )
    return made_row | {"order": median}


def figures(query: Query, study: Study, tr: Translate) -> None:
    """What pay affords, with a table of pay that the reader can change."""
    table = rents(query)
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
        edited = st.data_editor(
            own,
            hide_index=True,
            disabled=[tr("Sector")],
            key=f"pay_{query.lang}",
        )
    pay = [
        Pay(one.id, one.title, float(monthly or 0.0))
        for one, monthly in zip(study.info.pay, edited[tr("Monthly pay")], strict=True)
    ]
    with right:
        told = affordability(
            study,
            table,
            _people(query, study),
            year=query.year,
            kind=str(table.attrs["kind"]),
            per=table.attrs["per"],
            pay=pay,
        )
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
