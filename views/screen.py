"""Everything the explore map shows, as one payload: cells by year, layers, legend, places."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import numpy as np

from layers.cells import cell_layer
from layers.legend import ramp
from layers.packed import Packed, pack
from layers.palette import CHOROPLETH, ROLE, ramp_colours
from spatial.analysis import years_told
from spatial.study import Study
from views.answers import answer, edges, geometry
from views.districts import DistrictView, district_view
from views.frames import PERCENT, bounds_of, frame, glance, name_of, scale_of
from views.overlays import credit, district_names, legend_rows, overlay_layers
from views.query import Query
from views.text import Translate, count_text, edge_text
from views.words import CLASS_WORDS, MEASURE_WORDS, STATISTIC_SCORES

__all__ = ["asked_key", "cell_legend", "explorer_payload", "map_words", "question_key"]


def explorer_payload(
    query: Query, study: Study, tr: Translate, *, card: dict[str, Any] | None, whole: bool
) -> bytes:
    """
    The explore screen as the map component takes it.

    The years beside the one asked come with their values only, until the screen has been shown
    and the page asks for the `whole` of it: an answer should not wait for what is not seen yet.
    """
    districts = district_view(query, study, tr) if study.has("districts") else None
    overlays = overlay_layers(query, study, tr, districts)
    return pack(
        {
            "lang": query.lang,
            "home": study.digest,
            "bounds": bounds_of(query),
            "words": map_words(tr),
            "cells": _cells(query, study, tr, whole=whole).data,
            "question": question_key(query),
            "partial": not whole,
            "overlays": [one.entry for one in overlays],
            "labels": district_names(query, study, districts),
            "legend": _legend(query, study, tr, districts),
            "panel": _panel(query, tr, card),
            "fly": True,
            "credit": credit(study),
        }
    )


def question_key(query: Query) -> str:
    """Short text that tells one question from another, the year left out."""
    return sha256(repr(replace(query.asked(), year=0)).encode()).hexdigest()[:16]


def asked_key(query: Query) -> str:
    """Short text that tells one question and year from another."""
    return sha256(repr(query.asked()).encode()).hexdigest()[:16]


def _cells(query: Query, study: Study, tr: Translate, *, whole: bool) -> Packed:
    years = years_told(study, query.question())
    table = answer(query).places.table
    chosen = np.flatnonzero((table["id"] == query.place).to_numpy())
    return cell_layer(
        [
            frame(replace(query, year=year)) if whole or year == query.year else glance(query, year)
            for year in years
        ],
        geometry(query),
        scale_of(query, tr),
        role=query.role,
        current=years.index(query.year),
        selected=int(chosen[0]) + 1 if len(chosen) else 0,
        score=STATISTIC_SCORES[query.statistic],
        show_hot="hot" in query.overlays,
        hidden=query.fill != "none",
    )


def _legend(
    query: Query, study: Study, tr: Translate, districts: DistrictView | None
) -> dict[str, Any]:
    if districts and districts.classes is not None and "districts" in query.overlays:
        labels = [edge_text(one, query.lang) for one in districts.edges]
        legend = ramp(districts.title, CHOROPLETH[: len(labels)], labels)
    else:
        legend = cell_legend(query, tr)
    legend["rows"] += legend_rows(query, study, tr)
    return legend


def cell_legend(query: Query, tr: Translate) -> dict[str, Any]:
    """The classes of the cells."""
    found = edges(query)
    percent = query.measure in PERCENT
    labels = [f"{one * 100:g}%" if percent else edge_text(one, query.lang) for one in found]
    return ramp(_legend_title(query, tr), ramp_colours(query.role, len(found)), labels)


def _panel(query: Query, tr: Translate, card: dict[str, Any] | None) -> dict[str, Any]:
    table = answer(query).places.table
    kinds = table["class"].tolist()
    ranks = table["graduates"].rank(ascending=False, method="first").astype(int).tolist()
    places = [
        {
            "id": one.id,
            "index": index,
            "rank": ranks[index - 1],
            "name": name_of(one, query.lang),
            "kind": tr(CLASS_WORDS[kinds[index - 1]]),
            "graduates": float(one.graduates),
            "count_text": count_text(one.graduates, query.lang),
            "share": float(one.share),
        }
        for index, one in enumerate(table.itertuples(), start=1)
    ]
    return {
        "title": tr("Places"),
        "asked": asked_key(query),
        "lang": query.lang,
        "words": map_words(tr),
        "bar": ROLE[query.role][5],
        "places": places,
        "card": card,
        "hint": tr("Choose a place, here or on the map, to see its card."),
        "empty": tr(
            "No cell stands out enough to make a place. Try a higher false discovery rate "
            "or another measure."
        ),
    }


def map_words(tr: Translate) -> dict[str, str]:
    """Words that the map writes by itself."""
    return {
        "zoom_in": tr("Zoom in"),
        "zoom_out": tr("Zoom out"),
        "whole": tr("Whole area"),
        "graduates": tr("Graduates"),
        "persons": tr("persons"),
        "share": tr("of all"),
        "none": tr("not significant"),
        "hot": tr("hot"),
        "cold": tr("cold"),
        "year": tr("Year"),
        "play": tr("Play the years"),
        "pause": tr("Pause"),
        "map": tr("Map of graduates by cell"),
        "name": tr("Name"),
        "count": tr("Graduates"),
        "close": tr("Close the card"),
        "loading": tr("Reading ..."),
    }


def _legend_title(query: Query, tr: Translate) -> str:
    if query.measure != "count":
        return tr(MEASURE_WORDS[query.measure])
    return (
        tr("Graduates at work, per cell")
        if query.role == "work"
        else tr("Graduates at home, per cell")
    )
