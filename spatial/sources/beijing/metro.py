"""The drawn metro of the Beijing sample: its lines, stations and the links between them."""

from __future__ import annotations

from importlib import resources
from io import StringIO
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from spatial.geodesy import distance_km
from spatial.schema import check_layer

__all__ = ["DRAWN", "lines", "links", "stations"]

DRAWN: Final = (
    "Drawn for this project and generalised, WGS-84: one point per station to 0.001 degree,"
    " links straight but for some bends, years by the calendar year in which passengers first rode."
)

_WGS84: Final = "EPSG:4326"
_MAIN: Final = "main"


def lines() -> pd.DataFrame:
    """
    The lines as the network map names and colours them.

    Returns
    -------
    pandas.DataFrame
        27 rows: `id`, `name`, `name_en`, `colour` (#RRGGBB), `loop` (True where trains run in a
        ring). Lines whose trains run through are one line: 1 with Batong, 4 with Daxing.
    """
    return pd.read_csv(StringIO(_text("lines.csv")), dtype={"id": "str"})


def stations() -> gpd.GeoDataFrame:
    """
    The stations, one row per name.

    Returns
    -------
    geopandas.GeoDataFrame
        410 rows, WGS-84: `id`, `name`, `name_en`, `lines` (ids joined by ";"), `opened` (first
        year with passengers, on any line), `geometry` (a point).

    Notes
    -----
    Platforms of one name are one station, at their middle. Muxidi and Dazhongsi have two each,
    360 m and 130 m apart and joined by a street; passengers change there on one ticket.
    A station shut for rebuilding stays: Bajiao Amusement Park, since June 2025. Line 1 between
    Gucheng and Pingguoyuan, shut from 2020 to 2026, is left out. The Yizhuang tram is left out.
    """
    table = pd.read_csv(StringIO(_text("stations.csv")))
    places = gpd.points_from_xy(table.pop("lon"), table.pop("lat"))
    table.insert(3, "lines", table["id"].map(_lines_of_stations()))
    layer = gpd.GeoDataFrame(table, geometry=places, crs=_WGS84)
    check_layer(layer, name="stations")
    return layer


def links() -> gpd.GeoDataFrame:
    """
    The links between neighbouring stations, one row per pair and line.

    Returns
    -------
    geopandas.GeoDataFrame
        WGS-84: `a`, `b` (station ids), `line`, `line_name`, `line_name_en`, `colour`, `opened`,
        `closed` (null while it stands), `length_km` (geodesic, of the line drawn), `geometry` (a
        line from a to b, straight or with a bend or two).

    Notes
    -----
    A link stands in a year when opened <= year, and closed is null or after the year. The network
    is drawn for 2022 and later, to January 2026: what was rearranged before is left out.
    Trains passing a station not yet open run on a link past it, which closes in the year the
    station opens: so line 6 past Erligou in 2022, line 17 past Wangjing West to 2025.
    The Capital Airport Express runs round: Sanyuanqiao, Terminal 3, Terminal 2, Sanyuanqiao.
    """
    rows = _sections()
    rows["a"] = rows.groupby(["line", "branch"], sort=False)["station"].shift()
    rows = rows[rows["a"].notna()].rename(columns={"station": "b"})
    where = stations().set_index("id").geometry
    ends = zip(where.loc[rows["a"]], rows["via"].fillna(""), where.loc[rows["b"]], strict=True)
    drawn = [_drawn(start, bends, end) for start, bends, end in ends]
    named = lines().set_index("id").loc[rows["line"]]
    layer = gpd.GeoDataFrame(
        {
            "a": rows["a"].to_numpy(),
            "b": rows["b"].to_numpy(),
            "line": rows["line"].to_numpy(),
            "line_name": named["name"].to_numpy(),
            "line_name_en": named["name_en"].to_numpy(),
            "colour": named["colour"].to_numpy(),
            "opened": rows["opened"].to_numpy(dtype="int64"),
            "closed": rows["closed"].array,
            "length_km": [_length_km(line) for line in drawn],
        },
        geometry=drawn,
        crs=_WGS84,
    )
    check_layer(layer, name="rail_links")
    return layer


def _sections() -> pd.DataFrame:
    """Every line's stations in order; `opened`, `closed`, `via` are of the link to it."""
    years = {"opened": "Int64", "closed": "Int64"}
    return pd.read_csv(StringIO(_text("sections.csv")), dtype={"line": "str", **years})


def _drawn(start: shapely.Point, bends: str, end: shapely.Point) -> shapely.LineString:
    """A line over `bends`, written "lat lon|lat lon"."""
    corners = [bend.split() for bend in bends.split("|") if bend]
    turns = [(float(lon), float(lat)) for lat, lon in corners]
    return shapely.LineString([(start.x, start.y), *turns, (end.x, end.y)])


def _length_km(line: shapely.LineString) -> float:
    lon, lat = shapely.get_coordinates(line).T
    return round(float(distance_km(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum()), 3)


def _lines_of_stations() -> pd.Series:
    """Line ids joined by ";" in the order of the network map, by station id."""
    rows = _sections().query("branch == @_MAIN").drop_duplicates(["line", "station"])
    return rows.groupby("station")["line"].agg(";".join)


def _text(file: str) -> str:
    drawn = resources.files("spatial.sources.beijing") / "drawn"
    return (drawn / file).read_text(encoding="utf-8")
