"""Everything the explore map shows, as one payload: cells by year, layers, legend, places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.campuses import campus_layer
from layers.cells import Frame, Scale, cell_layer
from layers.districts import district_labels, district_layer
from layers.ground import ground_layer
from layers.legend import key_row, ramp
from layers.metro import rail_layer, walk_layer
from layers.packed import Packed, pack
from layers.palette import (
    CAMPUS,
    CHOROPLETH,
    LINES,
    RAIL,
    RENT,
    ROLE,
    ROLE_OUTLINE,
    ramp_colours,
)
from layers.rent import MOST_EDGES, rent_layer
from spatial import cells as h3cells
from spatial.study import Study
from views.answers import answer, edges, geometry, values
from views.districts import DistrictView, district_view
from views.query import Query
from views.text import Translate, count_text, edge_text, say
from views.words import CLASS_WORDS, KIND_WORDS, MEASURE_WORDS, STATISTIC_SCORES, marked

__all__ = ["WALK_METRES", "explorer_payload", "question_key"]

WALK_METRES = 800
_PERCENT = ("share",)
_UNITS = {"count": marked("persons"), "density": marked("persons/km²"), "share": "", "surplus": ""}


def explorer_payload(
    query: Query, study: Study, tr: Translate, *, card: dict[str, Any] | None, whole: bool
) -> bytes:
    """
    The explore screen as the map component takes it.

    The years beside the one asked come with their values only, until the screen has been shown
    and the page asks for the `whole` of it: an answer should not wait for what is not seen yet.
    """
    districts = district_view(query, study, tr) if study.has("districts") else None
    overlays = _overlays(query, study, tr, districts)
    return pack(
        {
            "lang": query.lang,
            "home": study.digest,
            "bounds": _bounds(query),
            "words": _words(tr),
            "cells": _cells(query, study, tr, whole=whole).data,
            "question": question_key(query),
            "partial": not whole,
            "overlays": [one.entry for one in overlays],
            "labels": _district_names(query, study, districts),
            "legend": _legend(query, study, tr, districts),
            "panel": _panel(query, tr, card),
            "fly": True,
        }
    )


def question_key(query: Query) -> str:
    """Short text that tells one question from another, the year left out."""
    return sha256(repr(replace(query.asked(), year=0)).encode()).hexdigest()[:16]


def _cells(query: Query, study: Study, tr: Translate, *, whole: bool) -> Packed:
    years = study.years_of(query.role)
    table = answer(query).places.table
    chosen = np.flatnonzero((table["id"] == query.place).to_numpy())
    return cell_layer(
        [
            _frame(replace(query, year=year))
            if whole or year == query.year
            else _glance(query, year)
            for year in years
        ],
        geometry(query),
        Scale(
            edges(query),
            tr(MEASURE_WORDS[query.measure]),
            tr(_UNITS[query.measure]) if _UNITS[query.measure] else "",
            percent=query.measure in _PERCENT,
        ),
        role=query.role,
        current=years.index(query.year),
        selected=int(chosen[0]) + 1 if len(chosen) else 0,
        score=STATISTIC_SCORES[query.statistic],
        show_hot="hot" in query.overlays,
        hidden=query.fill != "none",
    )


def _glance(query: Query, year: int) -> Frame:
    """A year with its values only."""
    table = values(replace(query, year=year))
    return Frame(str(year), table[["value", "graduates"]], total=float(table["graduates"].sum()))


def _frame(query: Query) -> Frame:
    found = answer(query)
    cells = found.cells
    table = cells[["value", "graduates", "z", "q", "hotspot"]]
    if "places" not in query.overlays:
        return Frame(str(query.year), table, total=float(cells["graduates"].sum()))
    places = found.places
    number = pd.Series(np.arange(1, len(places.table) + 1), index=places.table["id"])
    held = pd.Series(number.reindex(places.member).to_numpy(float), index=places.member.index)
    member = held.reindex(cells.index).fillna(0.0)
    labels = [
        {
            "index": index,
            "name": _name(one, query.lang),
            "number": count_text(one.graduates, query.lang),
            "lat": float(one.lat),
            "lon": float(one.lon),
        }
        for index, one in enumerate(places.table.itertuples(), start=1)
    ]
    total = float(cells["graduates"].sum())
    return Frame(str(query.year), table.assign(place=member), labels, total)


def _overlays(
    query: Query, study: Study, tr: Translate, districts: DistrictView | None
) -> list[Packed]:
    shown = query.overlays
    found: list[Packed] = []
    lang = query.lang
    if "ground" in shown:
        found.append(ground_layer(study.layer("ground")))
    stations = study.layer("stations")
    running = _standing(stations, query.year)
    if "walk" in shown:
        found.append(walk_layer(running, metres=WALK_METRES, key=f"walk-{query.year}"))
    if "districts" in shown and districts:
        layer = district_layer(
            study.layer("districts"),
            names=districts.names,
            rows=districts.rows,
            classes=districts.classes,
            key=f"districts-{replace(query, overlays=(), place='')}",
        )
        found.append(layer)
    if "rail" in shown:
        links = study.layer("rail_links")
        notes = [_lines_note(one, tr) for one in running["lines"]]
        found.append(
            rail_layer(
                running,
                _standing(links, query.year),
                names=_names(running, lang),
                notes=notes,
                key=f"rail-{query.year}-{lang}",
            )
        )
    if "rents" in shown:
        rents = study.layer("rents")
        kinds = {str(kind): tr(KIND_WORDS.get(kind, kind)) for kind in sorted(set(rents["kind"]))}
        found.append(
            rent_layer(
                rents,
                edges=study.info.rent_edges[:MOST_EDGES],
                unit=_rent_unit(study, lang, tr),
                kinds=kinds,
                key=f"rents-{lang}",
            )
        )
    if "campuses" in shown:
        campuses = study.layer("campuses")
        names = _names(campuses, lang)
        found.append(campus_layer(campuses, names=names, notes=[""] * len(names)))
        found[-1].key = f"campuses-{lang}"
    return found


def _district_names(
    query: Query, study: Study, districts: DistrictView | None
) -> list[dict[str, str | float | bool]]:
    if districts is None or "districts" not in query.overlays:
        return []
    return district_labels(study.layer("districts"), names=districts.names)


def _legend(
    query: Query, study: Study, tr: Translate, districts: DistrictView | None
) -> dict[str, Any]:
    lang = query.lang
    if districts and districts.classes is not None and "districts" in query.overlays:
        labels = [edge_text(one, lang) for one in districts.edges]
        legend = ramp(districts.title, CHOROPLETH[: len(labels)], labels)
    else:
        found = edges(query)
        percent = query.measure in _PERCENT
        labels = [f"{one * 100:g}%" if percent else edge_text(one, lang) for one in found]
        legend = ramp(_legend_title(query, tr), ramp_colours(query.role, len(found)), labels)
    rows = legend["rows"]
    if "places" in query.overlays:
        words = tr("Place (significant, q < {alpha})").format(alpha=f"{query.alpha:g}")
        rows.append(key_row("line", ROLE_OUTLINE[query.role], words))
    if "hot" in query.overlays:
        rows.append(key_row("line", LINES["hot"], tr("Hot cells")))
        rows.append(key_row("dash", LINES["cold"], tr("Cold cells")))
    if "rail" in query.overlays and study.has("stations"):
        rows.append(key_row("ring", RAIL["line"], tr("Metro station")))
    if "walk" in query.overlays and study.has("stations"):
        rows.append(key_row("block", RAIL["walk"], tr("Within 800 m of a station")))
    if "campuses" in query.overlays and study.has("campuses"):
        rows.append(key_row("ring", CAMPUS["rim"], tr("Campus")))
    if "rents" in query.overlays and study.has("rents"):
        unit = _rent_unit(study, lang, tr)
        words_of = _band_words(study.info.rent_edges[:MOST_EDGES])
        rows += [
            key_row("dot", colour, f"{band} {unit}")
            for colour, band in zip(RENT, words_of, strict=False)
        ]
    return legend


def _panel(query: Query, tr: Translate, card: dict[str, Any] | None) -> dict[str, Any]:
    table = answer(query).places.table
    kinds = table["class"].tolist()
    ranks = table["graduates"].rank(ascending=False, method="first").astype(int).tolist()
    places = [
        {
            "id": one.id,
            "index": index,
            "rank": ranks[index - 1],
            "name": _name(one, query.lang),
            "kind": tr(CLASS_WORDS[kinds[index - 1]]),
            "graduates": float(one.graduates),
            "count_text": count_text(one.graduates, query.lang),
            "share": float(one.share),
        }
        for index, one in enumerate(table.itertuples(), start=1)
    ]
    return {
        "title": tr("Places"),
        "lang": query.lang,
        "words": _words(tr),
        "bar": ROLE[query.role][5],
        "places": places,
        "card": card,
        "hint": tr("Choose a place, here or on the map, to see its card."),
        "empty": tr(
            "No cell stands out enough to make a place. Try a higher false discovery rate "
            "or another measure."
        ),
    }


def _bounds(query: Query) -> list[list[float]]:
    """South-west and north-east corners that hold nine tenths of the graduates each way."""
    counted = answer(query).cells["graduates"]
    held = counted[counted > 0]
    if held.empty:
        held = counted + 1.0
    lat, lon = h3cells.centres(held.index)
    south, north = _middle(lat, held.to_numpy())
    west, east = _middle(lon, held.to_numpy())
    return [[south, west], [north, east]]


def _middle(degrees: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    order = np.argsort(degrees)
    share = np.cumsum(weights[order]) / weights.sum()
    low, high = np.searchsorted(share, [0.04, 0.96])
    return float(degrees[order][low]), float(degrees[order][min(high, len(order) - 1)])


def _words(tr: Translate) -> dict[str, str]:
    return {
        "zoom_in": tr("Zoom in"),
        "zoom_out": tr("Zoom out"),
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


def _rent_unit(study: Study, lang: str, tr: Translate) -> str:
    return tr("{currency} a month").format(currency=say(study.info.currency, lang)).strip()


def _band_words(found: Sequence[float]) -> list[str]:
    if not found:
        return []
    between = [f"{low:g}–{high:g}" for low, high in pairwise(found)]
    return [f"< {found[0]:g}", *between, f"≥ {found[-1]:g}"]


def _standing(table: gpd.GeoDataFrame, year: int) -> gpd.GeoDataFrame:
    """What was open in a year; without a year of opening it always was."""
    open_now = ~(table["opened"] > year)
    if "closed" in table:
        open_now &= ~(table["closed"] <= year).fillna(value=False).astype(bool)
    return table[open_now]


def _lines_note(lines: str, tr: Translate) -> str:
    return tr("Line {lines}").format(lines=" · ".join(str(lines).split(";")))


def _names(table: pd.DataFrame, lang: str) -> list[str]:
    return [str(one) for one in table["name" if lang == "zh" else "name_en"]]


def _name(place: Any, lang: str) -> str:  # noqa: ANN401 - a row of itertuples
    return str(place.name if lang == "zh" else place.name_en)
