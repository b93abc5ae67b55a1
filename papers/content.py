"""What a printed map shows, worked out from a study and a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.legend import key_row, ramp
from layers.palette import RAIL, ROLE_OUTLINE, ramp_colours
from layers.sheet_content import Cells, MapContent
from layers.sheet_plane import Bounds
from papers.words import Lang, count, edge, told
from spatial import cells as h3cells
from spatial.analysis import (
    hotspot_table,
    measure_table,
    neighbours_of,
    place_table,
    years_told,
)
from spatial.neighbours import Neighbours
from spatial.places import Places
from spatial.question import Question
from spatial.scale import round_edges
from spatial.study import Study

__all__ = [
    "Answered",
    "area_of",
    "bounds_of",
    "cell_legend",
    "cells_of",
    "edges_of",
    "framed",
    "map_of",
    "solve",
]

_TAIL: Final = 0.04  # of graduates beyond each edge of the map, as on the screen
_MOST_GROWN: Final = 2.0  # times the area of the map, for the sake of places far out
_ROOM: Final = 0.04  # of the way across, kept free around them


@dataclass(frozen=True, eq=False)
class Answered:
    """A question with its cells, places and the class edges it shares with all years."""

    study: Study
    question: Question
    cells: pd.DataFrame
    places: Places
    edges: tuple[float, ...]


def solve(
    study: Study,
    question: Question,
    *,
    neighbours: Neighbours | None = None,
    answer: tuple[pd.DataFrame, Places] | None = None,
    edges: Sequence[float] = (),
) -> Answered:
    """
    The answer to a question, with class edges pooled over every year of its role.

    Raises
    ------
    QuestionError
        When the study has no base and the measure needs one.
    SchemaError
        When it has no such role, year or group.
    """
    around = neighbours or neighbours_of(study, question)
    if answer is None:
        table = hotspot_table(study, question, neighbours=around)
        answer = table, place_table(study, question, table, neighbours=around)
    return Answered(study, question, *answer, tuple(edges or edges_of(study, question)))


def edges_of(study: Study, question: Question) -> list[float]:
    """Class edges of a question's measure, pooled over every year of its role."""
    values = [
        measure_table(study, replace(question, year=year))["value"].to_numpy()
        for year in years_told(study, question)
    ]
    return round_edges(values, whole=question.measure == "count")


def cells_of(table: pd.DataFrame, classes: NDArray[Any]) -> Cells:
    """Corners and classes of the cells of a table; those of the ground are left out."""
    shown = np.asarray(classes) > 0
    corners, offsets = h3cells.boundaries(table.index.to_numpy()[shown])
    return Cells(corners, offsets, np.asarray(classes)[shown])


def map_of(
    found: Answered, *, lang: Lang, bounds: Bounds | None = None, small: bool = False
) -> MapContent:
    """
    The map of an answer, with whatever layers the study has.

    A small map names places without their numbers, and neither districts nor stations.
    """
    value = np.nan_to_num(found.cells["value"].to_numpy(dtype=np.float64), nan=-np.inf)
    classes = np.searchsorted(np.asarray(found.edges), value, side="right")
    year, role = found.question.year, found.question.role
    study = found.study
    places = found.places.table.sort_values("graduates", ascending=False)
    districts = study.layer("districts")
    districts = districts[~(districts.geometry.isna() | districts.geometry.is_empty)]
    return MapContent(
        cells=cells_of(found.cells, classes),
        colours=ramp_colours(role, len(found.edges)),
        outline=ROLE_OUTLINE[role],
        places=places,
        bounds=bounds or framed((found.cells, found.places)),
        names=[
            (
                _name(one, lang),
                "" if small else count(one.graduates, lang),
                float(one.lat),
                float(one.lon),
            )
            for one in places.itertuples()
        ],
        quiet_names=() if small else _district_names(districts, lang),
        ground=study.layer("ground"),
        districts=districts,
        links=_open(study.layer("rail_links"), year),
        stations=_open(study.layer("stations").iloc[: 0 if small else None], year),
    )


def cell_legend(found: Answered, *, lang: Lang, small: bool = False) -> dict[str, Any]:
    """The legend of the screen: the same edges, colours and words."""
    question = found.question
    percent = question.measure == "share"
    labels = [f"{one * 100:g}%" if percent else edge(one, lang) for one in found.edges]
    key = question.role if question.measure == "count" else question.measure
    colours = ramp_colours(question.role, len(found.edges))
    legend = ramp(told(f"legend {key}", lang), colours, labels)
    words = told("row place", lang, alpha=f"{question.alpha:g}")
    legend["rows"].append(key_row("line", ROLE_OUTLINE[question.role], words, layer="places"))
    if found.study.has("stations") and not small:
        station = told("row station", lang)
        legend["rows"].append(key_row("ring", RAIL["line"], station, layer="rail"))
    return legend


def bounds_of(*counted: pd.Series) -> Bounds:
    """South, west, north and east edge that hold nine tenths of the graduates each way."""
    edges = []
    for one in counted:
        held = one[one > 0]
        if held.empty:
            held = one + 1.0
        lat, lon = h3cells.centres(held.index)
        south, north = _middle(lat, held.to_numpy())
        west, east = _middle(lon, held.to_numpy())
        edges.append((south, west, north, east))
    table = np.array(edges)
    south, west = table[:, 0].min(), table[:, 1].min()
    north, east = table[:, 2].max(), table[:, 3].max()
    up, across = _ROOM * (north - south), _ROOM * (east - west)
    return (float(south - up), float(west - across), float(north + up), float(east + across))


def framed(*answers: tuple[pd.DataFrame, Places]) -> Bounds:
    """
    The bounds of one map for all the answers: nine tenths of the graduates, and every place.

    Places so far out that the map would be twice as large are left beyond its edge.
    """
    south, west, north, east = bounds_of(*(cells["graduates"] for cells, _ in answers))
    up, across = _ROOM * (north - south), _ROOM * (east - west)
    corners = [one.table.total_bounds for _, one in answers if len(one.table)]
    if not corners:
        return south, west, north, east
    table = np.array(corners)
    (left, low), (right, high) = table[:, :2].min(axis=0), table[:, 2:].max(axis=0)
    wider = (
        float(min(south, low - up)),
        float(min(west, left - across)),
        float(max(north, high + up)),
        float(max(east, right + across)),
    )
    grown = (wider[2] - wider[0]) * (wider[3] - wider[1])
    kept = grown <= _MOST_GROWN * (north - south) * (east - west)
    return wider if kept else (south, west, north, east)


def area_of(found: Answered) -> tuple[gpd.GeoSeries, Bounds]:
    """Outlines of the districts, else of the cells at a coarser step, and the bounds of all."""
    districts = found.study.layer("districts")
    shapes = districts.geometry[~(districts.geometry.isna() | districts.geometry.is_empty)]
    lat, lon = h3cells.centres(found.cells.index)
    bounds = (float(lat.min()), float(lon.min()), float(lat.max()), float(lon.max()))
    if len(shapes):
        west, south, east, north = shapes.total_bounds
        # Districts far larger than what was studied would make the map's frame a dot.
        if (north - south) < 6 * (bounds[2] - bounds[0]):
            return shapes, (float(south), float(west), float(north), float(east))
    own = h3cells.resolution_of(found.cells.index)
    coarse = np.unique(h3cells.parents(found.cells.index, resolution=max(own - 1, 0)))
    merged = shapely.union_all(shapely.set_precision(h3cells.outlines(coarse), 1e-7))
    west, south, east, north = merged.bounds
    return gpd.GeoSeries([merged], crs=4326), (south, west, north, east)


def _middle(degrees: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    order = np.argsort(degrees)
    share = np.cumsum(weights[order]) / weights.sum()
    low, high = np.searchsorted(share, [_TAIL, 1 - _TAIL])
    return float(degrees[order][low]), float(degrees[order][min(high, len(order) - 1)])


def _open(table: gpd.GeoDataFrame, year: int) -> gpd.GeoDataFrame:
    """What ran in a year; without a year of opening it always did."""
    running = ~(table["opened"] > year)
    if "closed" in table:
        running &= ~(table["closed"] <= year).fillna(value=False).astype(bool)
    return table[running]


def _name(one: Any, lang: Lang) -> str:  # noqa: ANN401 - a row of itertuples
    own = one.name if lang == "zh" else one.name_en
    return str(own or one.name or one.name_en)


def _district_names(districts: gpd.GeoDataFrame, lang: Lang) -> list[tuple[str, str, float, float]]:
    found = []
    for one in districts.itertuples():
        at = one.geometry.representative_point()
        found.append((_name(one, lang), "", at.y, at.x))
    return found
