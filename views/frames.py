"""Years of a question as the cell layer takes them, and where on the ground they lie."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.cells import Frame, Scale
from spatial import cells as h3cells
from views.answers import answer, edges, values
from views.query import Query
from views.text import Translate, count_text
from views.words import MEASURE_WORDS, marked

__all__ = ["PERCENT", "bounds_of", "frame", "glance", "name_of", "scale_of"]

PERCENT = ("share",)
_UNITS = {"count": marked("persons"), "density": marked("persons/km²"), "share": "", "surplus": ""}


def scale_of(query: Query, tr: Translate) -> Scale:
    """Class edges of a question's measure, with its words."""
    unit = _UNITS[query.measure]
    return Scale(
        edges(query),
        tr(MEASURE_WORDS[query.measure]),
        tr(unit) if unit else "",
        percent=query.measure in PERCENT,
    )


def glance(query: Query, year: int) -> Frame:
    """A year with its values only."""
    table = values(replace(query, year=year))
    return Frame(str(year), table[["value", "graduates"]], total=float(table["graduates"].sum()))


def frame(query: Query) -> Frame:
    """A year with its scores, and its places with their names."""
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
            "name": name_of(one, query.lang),
            "number": count_text(one.graduates, query.lang),
            "lat": float(one.lat),
            "lon": float(one.lon),
        }
        for index, one in enumerate(places.table.itertuples(), start=1)
    ]
    total = float(cells["graduates"].sum())
    return Frame(str(query.year), table.assign(place=member), labels, total)


def bounds_of(query: Query) -> list[list[float]]:
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


def name_of(place: Any, lang: str) -> str:  # noqa: ANN401 - a row of itertuples
    """Name of a place in the reader's language."""
    """Name of a place in the reader\'s language."""
    return str(place.name if lang == "zh" else place.name_en)
