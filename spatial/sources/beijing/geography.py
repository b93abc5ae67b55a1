"""The drawn geography of the Beijing sample: its districts with their figures, and its ground."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from io import StringIO
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from spatial.schema import check_layer

__all__ = ["DRAWN", "ZONES", "districts", "ground"]

DRAWN: Final = (
    "Drawn for this project and generalised, WGS-84: district corners to 0.005 degree; rings,"
    " rivers and parks to a few hundred metres, the 6th ring to about a kilometre."
    " For orientation; not a legal boundary and not a survey."
)
"""What to say wherever these layers are shown or given away."""

ZONES: Final[dict[str, tuple[str, str]]] = {
    "C": ("中心城区", "Central city"),
    "S": ("城市副中心", "Sub-centre"),
    "P": ("平原新城", "Plain new towns"),
    "E": ("生态涵养区", "Ecological conservation area"),
}
"""Zone of the city plan -> its name in Chinese and in English."""

_WGS84: Final = "EPSG:4326"


def districts() -> gpd.GeoDataFrame:
    """
    The sixteen districts with their 2024 figures, and a row for what no district reports.

    Returns
    -------
    geopandas.GeoDataFrame
        17 rows, WGS-84: `id` (administrative code), `name`, `name_en`, `zone` (C, S, P or E),
        `zone_name`, `zone_name_en`, `gdp_100m_yuan` (10^8 yuan), `employees_10k` and
        `talents_10k` (10^4 persons), `geometry`. The last row, "unallocated", is the part of
        the city's GDP that no district reports: its zone is missing and its geometry None.

    Notes
    -----
    Neighbours share one drawn boundary (an arc), so districts neither overlap nor leave gaps.
    A ring inside a district is a hole in it: Capital Airport is Chaoyang's and lies in Shunyi.
    """
    table = pd.read_csv(StringIO(_text("districts.csv")), dtype={"id": str})
    for language, column in enumerate(("zone_name", "zone_name_en")):
        names = {zone: words[language] for zone, words in ZONES.items()}
        table.insert(4 + language, column, table["zone"].map(names))
    sides: dict[str, list[shapely.LineString]] = {code: [] for code in table["id"]}
    for block in _blocks("district_arcs.txt"):
        _, left, right = block.words
        for code in {left, right} - {"outside"}:
            sides[code].append(shapely.LineString(block.corners))
    shapes = [_enclosed(arcs) for arcs in sides.values()]
    layer = gpd.GeoDataFrame(table, geometry=shapes, crs=_WGS84)
    check_layer(layer, name="districts")
    return layer


def ground() -> gpd.GeoDataFrame:
    """
    What the eye finds its way by: ring roads, water, parks, airports, the mountains' edge.

    Returns
    -------
    geopandas.GeoDataFrame
        WGS-84: `id`, `name`, `name_en`, `kind` (ring_road, water, park, airport or
        mountain_edge) and `geometry`: polygons for areas, lines for rivers, roads (the rings
        are closed) and the mountains' edge.
    """
    rows, shapes = [], []
    for block in _blocks("ground.txt"):
        *row, shape = block.words
        rows.append(row)
        shapes.append(_SHAPES[shape](block.corners))
    columns = ["id", "kind", "name", "name_en"]
    table = pd.DataFrame(rows, columns=columns)[["id", "name", "name_en", "kind"]]
    layer = gpd.GeoDataFrame(table, geometry=shapes, crs=_WGS84)
    check_layer(layer, name="ground")
    return layer


@dataclass(frozen=True)
class _Block:
    """One drawn feature: the words of its heading, and its corners (lon, lat) in order."""

    words: list[str]
    corners: list[tuple[float, float]]


def _blocks(file: str) -> Iterator[_Block]:
    """Features of a drawn text file: blocks of lines, a heading and then corners."""
    lines = [line for line in _text(file).splitlines() if not line.startswith("#")]
    for block in "\n".join(lines).split("\n\n"):
        if block.strip():
            heading, *corners = block.strip().splitlines()
            pairs = (pair.split(",") for pair in " ".join(corners).split())
            yield _Block(
                words=[word.strip() for word in heading.split("|")],
                corners=[(float(lon), float(lat)) for lon, lat in pairs],
            )


def _enclosed(arcs: list[shapely.LineString]) -> shapely.Geometry | None:
    """The area its `arcs` enclose, rings within rings as holes; None without arcs."""
    return shapely.normalize(shapely.build_area(shapely.MultiLineString(arcs))) if arcs else None


def _ring(corners: list[tuple[float, float]]) -> shapely.LineString:
    return shapely.LineString([*corners, corners[0]])


_SHAPES: Final[dict[str, Callable[[list[tuple[float, float]]], shapely.Geometry]]] = {
    "line": shapely.LineString,
    "ring": _ring,
    "area": shapely.Polygon,
}


def _text(file: str) -> str:
    return (resources.files(__package__) / "drawn" / file).read_text(encoding="utf-8")
