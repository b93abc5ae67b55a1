"""Kinds of place: why people live there, how large a place of work is, and which rule said so."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Scale
from layers.palette import KINDS
from layers.shapes import polygons_of
from spatial.homes import Homes
from spatial.kinds import HOME_KINDS, WORK_KINDS, Fired
from spatial.study import Study
from views.homes_data import homes_asked, rules_of
from views.query import Query
from views.text import Translate, count_text, percent_text
from views.topic import Topic, fact, row, rows_of
from views.words import KIND_OF_PLACE_WORDS, RULE_WORDS, marked

__all__ = ["figures", "fired_text", "topic"]

_MEASURES = {
    "campus_km": marked("{name} is {value} km away (limit {limit})"),
    "end_stations": marked("{value} stops from the end at {name} (limit {limit})"),
    "density_ratio": marked("{value} times as dense as the middle place (limit {limit})"),
    "gazetteer": marked("named so by the study"),
    "magnet_minutes": marked("{value} min to {name}, modelled (limit {limit})"),
    "magnet_km": marked("{value} km to {name} (limit {limit})"),
    "nearer_share": marked("{percent} of all live nearer to the centre (limit {limit})"),
    "base_density_ratio": marked("{value} of what the middle resident lives at (limit {limit})"),
    "share": marked("{percent} of all graduates' jobs (limit {limit})"),
    "jobs_to_homes": marked("{value} times its share of homes (limit {limit})"),
}


def topic(query: Query, study: Study, tr: Translate) -> Topic:
    """Places coloured by their kind, each with the rule that fired."""
    homes = homes_asked(query, "kinds")
    found, places = homes.kinds, homes.places(query.role)
    names = [*(WORK_KINDS if query.role == "work" else HOME_KINDS)]
    if query.role != "work":
        names.append("other")
    cells = homes.people
    level = pd.Series(0, index=cells.index, dtype=np.uint8)
    if places is not None and found is not None:
        number = {name: at for at, name in enumerate(names, start=1)}
        of_place = found["kind"].map(number).fillna(0)
        of_cell = of_place.reindex(places.member).to_numpy(dtype=np.float64)
        held = pd.Series(of_cell, index=places.member.index).reindex(cells.index)
        level = held.fillna(0.0).astype(np.uint8)
    table = pd.DataFrame({"value": cells, "class": level, "graduates": cells})
    labels = [tr(KIND_OF_PLACE_WORDS[one]) for one in names]
    return Topic(
        sentence=_sentence(query, study, found, tr),
        quiet=tr("The rules are ours, and can be changed in the sidebar"),
        table=table,
        scale=Scale([1.0], tr("Graduates"), tr("persons")),
        colours=list(KINDS[: len(names)]),
        labels=[""] * len(names),
        legend=tr("Kinds of place"),
        panel=_panel(query, homes, tr),
        keys=list(zip(KINDS, labels, strict=False)),
    )


def _sentence(query: Query, study: Study, found: pd.DataFrame | None, tr: Translate) -> str:
    del study
    if found is None or found.empty:
        return tr("In {year}, no place stands out by the chosen measure.").format(year=query.year)
    counts = found["kind"].value_counts()
    told = ", ".join(
        f"{count} {tr(KIND_OF_PLACE_WORDS[str(kind)])}" for kind, count in counts.items()
    )
    text = (
        tr("In {year}, of {places} places of work: {told}.")
        if query.role == "work"
        else tr("In {year}, of {places} residence places: {told}.")
    )
    return text.format(year=query.year, places=len(found), told=told)


def fired_text(one: Fired, lang: str, tr: Translate) -> str:
    """What made a rule fire, with its number."""
    name = one.name if lang == "zh" else one.name_en
    value = "" if isnan(one.value) else f"{one.value:.2g}" if one.value < 1 else f"{one.value:.1f}"
    text = tr(_MEASURES[one.measure]).format(
        name=name,
        value=value.removesuffix(".0"),
        percent="" if isnan(one.value) else percent_text(one.value),
        limit="" if isnan(one.limit) else f"{one.limit:g}",
    )
    return f"{tr(KIND_OF_PLACE_WORDS[one.rule])}: {text}"


def _panel(query: Query, homes: Homes, tr: Translate) -> dict[str, Any]:
    rows = []
    found, places = homes.kinds, homes.places(query.role)
    if found is not None and places is not None:
        name = "name" if query.lang == "zh" else "name_en"
        for one in rows_of(places.table):
            told: Any = found.loc[one.id]
            fired: tuple[Fired, ...] = told["fired"]
            facts = [
                fact(tr("Rule that fired") if not at else tr("Also"), text, wide=True)
                for at, text in enumerate(fired_text(rule, query.lang, tr) for rule in fired)
            ]
            if not facts:
                facts = [fact(tr("Rule that fired"), tr("none of them"), wide=True)]
            if told["missing"]:
                words = ", ".join(tr(KIND_OF_PLACE_WORDS[rule]) for rule in told["missing"])
                facts.append(fact(tr("Could not be tried"), words, wide=True))
            rows.append(
                row(
                    str(getattr(one, name)),
                    [count_text(one.graduates, query.lang)],
                    id_=str(one.id),
                    chip=tr(KIND_OF_PLACE_WORDS[str(told["kind"])]),
                    at=(float(one.lat), float(one.lon)),
                    facts=facts,
                    polygons=polygons_of(one.geometry),
                )
            )
    return {
        "title": tr("Kinds of place"),
        "note": tr("The first rule that fires names the place; all that fire stand in its card."),
        "facts": [],
        "columns": [tr("Name"), tr("Graduates")],
        "rows": rows,
        "hint": tr("Choose one to see which rule fired."),
        "empty": tr("No cell stands out enough to make a place."),
    }


def figures(query: Query, study: Study, tr: Translate) -> None:
    """The rules in force."""
    del study
    rules = rules_of(query)
    st.markdown(f"**{tr('The rules in force')}**")
    lines = [f"- *{tr(text)}*: {getattr(rules, name):g}" for name, text in RULE_WORDS.items()]
    st.markdown("\n".join(lines))
