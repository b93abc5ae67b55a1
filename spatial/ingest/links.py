"""
Rail links from strangers' files: rows that join two stations.

Stations come first: a link is matched to them by id or by name. A link of several lines becomes
one link of each, and one without a shape is drawn straight.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial.ingest.errors import InputError
from spatial.ingest.layers import LayerResult, is_table, left_out, lines_in, text_of, years_of
from spatial.ingest.read import read_table
from spatial.ingest.shapes import read_shapes
from spatial.ingest.values import numbers_of, source_name

__all__ = ["load_links"]


def load_links(
    path: str | Path,
    *,
    a: str,
    b: str,
    stations: gpd.GeoDataFrame,
    line: str = "",
    opened: str = "",
    closed: str = "",
    length_km: str = "",
    crs: str = "",
    layer: str = "",
) -> LayerResult:
    """
    Links of a table, or of a file of shapes, between the stations of a study.

    Parameters
    ----------
    path
        As `read_table` or `read_shapes` takes it.
    a, b
        Columns with the stations: ids, else names. A name that several stations bear means the
        one which the link's line serves.
    stations
        The study's own.
    line, opened, closed, length_km
        Columns. Lines of one link may be parted by ; , / or |.
    crs, layer
        As for `read_shapes`; of no consequence to a table.

    Raises
    ------
    InputError
        When anything is wrong with the file, or no link finds both its stations.
    """
    path = Path(path)
    if is_table(path):
        table, shapes = read_table(path), None
    else:
        table = read_shapes(path, crs=crs, layer=layer)
        table.attrs["source"], shapes = path.name, table.geometry.to_numpy()
    ends = {"a": text_of(table, a), "b": text_of(table, b)}
    lines = text_of(table, line) if line else pd.Series([""] * len(table), dtype=object)
    found: dict[str, object] = {"a": ends["a"], "b": ends["b"], "line": lines.map(_one_or_more)}
    found |= {"opened": years_of(table, opened), "row": np.arange(len(table))}
    if closed:
        found["closed"] = years_of(table, closed)
    if length_km:
        found["length_km"] = numbers_of(table, length_km, empty_allowed=True)
    links = pd.DataFrame(found, index=range(len(table))).explode("line", ignore_index=True)
    known = _Stations(stations)
    for end in "ab":
        links[f"at_{end}"] = [
            known.row(*one) for one in zip(links[end], links["line"], strict=True)
        ]
    notes = _unmatched(links)
    good = (links["at_a"] >= 0) & (links["at_b"] >= 0) & (links["at_a"] != links["at_b"])
    if not good.any():
        raise InputError(
            f"{source_name(table)}: links must join stations of the study, found none of"
            f" {', '.join(links['a'].iloc[:3])} among {', '.join(known.names[:3])}"
        )
    return _result(links[good], stations, shapes, notes)


class _Stations:
    """Stations to be found by id or name."""

    def __init__(self, stations: gpd.GeoDataFrame) -> None:
        self.names = [str(one) for one in stations["name"]]
        self._lines = [lines_in(str(one)) for one in stations["lines"]]
        self._rows: list[dict[str, list[int]]] = []
        for column in ("id", "name", "name_en"):
            rows: dict[str, list[int]] = {}
            for row, name in enumerate(stations[column].fillna("").astype(str)):
                if name:
                    rows.setdefault(name, []).append(row)
            self._rows.append(rows)

    def row(self, name: str, line: str) -> int:
        """Row of the one station so called, on this line if several are; -1 where none is."""
        for rows in self._rows:
            if found := rows.get(name):
                served = [row for row in found if line in self._lines[row]]
                best = found if len(found) == 1 else served
                return best[0] if len(best) == 1 else -1
        return -1


def _one_or_more(text: str) -> list[str]:
    return lines_in(text) or [""]


def _unmatched(links: pd.DataFrame) -> list[str]:
    """Notes on the file's rows of which a station is not known, or the same at both ends."""
    notes = []
    lost = (links["at_a"] < 0) | (links["at_b"] < 0)
    once = ~links["row"].duplicated()
    pairs = links["a"].astype(str) + "-" + links["b"].astype(str)
    what = "between stations that are not there, or of a name of several, left out"
    some = lost.groupby(links["row"]).transform("any")
    notes += left_out((some & once).to_numpy(), what, pairs)
    loops = ~lost & (links["at_a"] == links["at_b"])
    return notes + left_out(loops.to_numpy(), "from a station to itself left out", pairs)


def _result(
    links: pd.DataFrame,
    stations: gpd.GeoDataFrame,
    shapes: NDArray[np.object_] | None,
    notes: Sequence[str],
) -> LayerResult:
    """Links with ids and shapes, each pair of stations once a line."""
    low, high = np.sort(links[["at_a", "at_b"]].to_numpy(), axis=1).T
    again = pd.DataFrame({"a": low, "b": high, "line": links["line"].to_numpy()}).duplicated()
    pairs = links["a"].astype(str) + "-" + links["b"].astype(str)
    told = left_out(again.to_numpy(), "repeating a link of the same line left out", pairs)
    links = links[~again.to_numpy()]
    a, b = (links[f"at_{end}"].to_numpy(np.int64) for end in "ab")
    places = stations.geometry.representative_point()
    at = np.column_stack([places.x, places.y])
    drawn: NDArray[np.object_] = np.asarray(shapely.linestrings(np.stack([at[a], at[b]], axis=1)))
    if shapes is not None:
        own = shapes[links["row"].to_numpy(np.int64)]
        kinds = shapely.get_type_id(own)
        ways = (kinds == shapely.GeometryType.LINESTRING) | (
            kinds == shapely.GeometryType.MULTILINESTRING
        )
        drawn = np.where(ways & ~shapely.is_empty(own), own, drawn)
    ids = stations["id"].astype(str).to_numpy(object)
    columns = {"a": ids[a], "b": ids[b], "line": links["line"].to_numpy(object)}
    for name in ("opened", "closed", "length_km"):
        if name in links:
            columns[name] = links[name].to_numpy(np.float64)
    return LayerResult(gpd.GeoDataFrame(columns, geometry=drawn, crs=4326), (*notes, *told))
