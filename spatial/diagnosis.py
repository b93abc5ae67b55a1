"""
The doctor of coordinates: which system unlabelled positions are in, by evidence, or "unknown".

Chinese web maps shift positions by half a kilometre to more than one (GCJ-02, BD-09), tables
change latitude and longitude about, and metres come without their zone. Every system that may be
is tried, and what it makes of the rows is held against what is known of the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial import diagnosis_words as words
from spatial import geodesy
from spatial.diagnosis_candidates import are_degrees, candidates
from spatial.diagnosis_evidence import Reading, Rows, read
from spatial.diagnosis_judge import distinct, judged, near_ones
from spatial.diagnosis_known import Known, known_in
from spatial.geodesy import CoordinateError
from spatial.info import Words

__all__ = ["Diagnosis", "Known", "diagnose", "diagnose_rows", "diagnose_shapes", "known_in"]

Floats = NDArray[np.float64]

_INSIDE: Final = 60  # lines of points across each polygon, both ways


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """
    What coordinates are.

    Parameters
    ----------
    verdict
        "WGS-84", "GCJ-02", "BD-09", "EPSG:n", "swapped", "wrong zone" (another than was said),
        "metres" (on a plane nobody knows) or "unknown".
    confident
        Whether every other system is ruled out; where not, a verdict is only the likeliest.
    crs, swapped
        What `geodesy.to_wgs84` is to be told, "" where nothing is found, and whether the columns
        must change places first: that may be found where the system is not.
    evidence
        One row per system: shares of rows on_earth, in_extent and in_district; medians station_m,
        outline_m and namesake_m; density (how much more rows crowd at known points than around
        them, in standard deviations), lattice (root mean square distance from a regular grid, in
        steps) and p, the chance of what speaks for the best against this one were this one
        right. NaN where there is nothing to say.
    sentence
        The same in one sentence, zh and en.
    """

    verdict: str
    confident: bool
    crs: str
    swapped: bool
    evidence: pd.DataFrame
    sentence: Words


def diagnose(
    lat_or_y: ArrayLike,
    lon_or_x: ArrayLike,
    *,
    known_points: tuple[ArrayLike, ArrayLike] | None = None,
    stated: Iterable[object] | None = None,
    districts: gpd.GeoDataFrame | None = None,
    crs: str | None = None,
    weights: ArrayLike | None = None,
    named: Iterable[object] | None = None,
    known_names: Iterable[object] | None = None,
) -> Diagnosis:
    """
    Which system positions are in.

    Parameters
    ----------
    lat_or_y, lon_or_x
        The two columns as given, shape (n,); rows with an empty one are left out.
    known_points
        Latitudes and longitudes in degrees WGS-84 of stations, or of whatever else people, homes
        or jobs crowd about, shape (k,).
    stated
        Name or id of the district that each row is said to lie in, shape (n,).
    districts
        Their polygons, WGS-84, with a column `name` and, where known, `id` and `name_en`.
    crs
        What the coordinates are said to be, as `geodesy.to_wgs84` knows it.
    weights
        What each row counts, people say, shape (n,): a grid of cells tells little without.
    named, known_names
        What each row and each known point is called, shapes (n,) and (k,).

    Raises
    ------
    CoordinateError
        When the columns differ in length or `crs` is unknown.
    """
    none = np.empty(0)
    north, east = map(_floats, (none, none) if known_points is None else known_points)
    placed = np.isfinite(north) & np.isfinite(east)
    called = None
    if known_names is not None:
        called = pd.DataFrame({"name": list(known_names), "lat": north, "lon": east})[placed]
    if districts is not None:
        districts = districts[~(districts.geometry.isna() | districts.geometry.is_empty)]
    known = Known(north[placed], east[placed], called=called, districts=districts)
    return diagnose_rows(
        known, lat_or_y, lon_or_x, stated=stated, named=named, weights=weights, crs=crs
    )


def diagnose_rows(
    known: Known,
    lat_or_y: ArrayLike,
    lon_or_x: ArrayLike,
    *,
    stated: Iterable[object] | None = None,
    named: Iterable[object] | None = None,
    weights: ArrayLike | None = None,
    crs: str | None = None,
) -> Diagnosis:
    """The same, held against anything that is known, such as `known_in` a study."""
    y, x = _floats(lat_or_y), _floats(lon_or_x)
    if len(y) != len(x):
        raise CoordinateError(f"both columns must be as long, found {len(y)} and {len(x)} rows")
    count = np.ones(len(y)) if weights is None else _floats(weights)
    given = np.isfinite(y) & np.isfinite(x) & np.isfinite(count)
    said = _rows(known.district_rows(stated) if stated is not None else None, len(y))
    own = _rows(known.namesakes(named) if named is not None else None, len(y))
    if len(said) != len(y) or len(own) != len(y) or len(count) != len(y):
        raise CoordinateError(f"what is said of rows must be as long as they are, {len(y)}")
    rows = Rows(y[given], x[given], said[given], own[given], np.maximum(count[given], 0))
    return _weighed(rows, known, crs)


def diagnose_shapes(
    shapes: ArrayLike,
    *,
    known: Known,
    stated: Iterable[object] | None = None,
    crs: str | None = None,
) -> Diagnosis:
    """
    Which system the corners of lines or polygons are in, x first as shapes have them.

    Parameters
    ----------
    shapes
        Geometries, shape (n,); points are read as rows.
    known
        What to hold them against, as `known_in` gives it. Outlines are held against outlines;
        stations say nothing of them.
    stated
        Name or id of the district that each shape is, or lies in, shape (n,): points spread
        through each polygon must lie in it.
    crs
        What the coordinates are said to be.
    """
    flat = shapely.force_2d(np.atleast_1d(np.asarray(shapes, dtype=object)))
    given = list(stated) if stated is not None else [""] * len(flat)
    if (shapely.get_dimensions(flat) <= 0).all():
        at, row = shapely.get_coordinates(flat, return_index=True)
        labels = [given[one] for one in row] if stated is not None else None
        return diagnose_rows(known, at[:, 1], at[:, 0], stated=labels, crs=crs)
    corners = shapely.get_coordinates(flat)
    inner, inner_row = _within(flat) if stated is not None else (np.empty((0, 2)), np.empty(0, int))
    y, x = np.concatenate([corners, inner]).T[::-1]
    said = np.concatenate(
        [np.full(len(corners), -1), known.district_rows(given)[inner_row]]
    ).astype(np.intp)
    # Points spread through polygons are no outlines: they speak by their district alone.
    rows = Rows(y, x, said, np.full(len(y), -1), np.ones(len(y)), corners=len(corners))
    return _weighed(rows, known, crs)


def _within(shapes: NDArray[np.object_]) -> tuple[Floats, NDArray[np.intp]]:
    """Points on a coarse lattice within each polygon, shape (m, 2), and the polygon of each."""
    points, rows = [np.empty((0, 2))], [np.empty(0, dtype=np.intp)]
    for row, shape in enumerate(shapes):
        if shape is None or shape.is_empty or shapely.get_dimensions(shape) < 2:
            continue
        west, south, east, north = shape.bounds
        xs, ys = (np.linspace(*ends, _INSIDE + 2)[1:-1] for ends in ((west, east), (south, north)))
        at = np.column_stack([one.ravel() for one in np.meshgrid(xs, ys)])
        at = at[shapely.contains_xy(shapely.make_valid(shape), at[:, 0], at[:, 1])]
        points.append(at)
        rows.append(np.full(len(at), row, dtype=np.intp))
    return np.concatenate(points), np.concatenate(rows)


def _weighed(rows: Rows, known: Known, crs: str | None) -> Diagnosis:
    said = geodesy.crs_name(crs) if crs else ""
    if not len(rows.y):
        return _unknown(words.nothing_to_read(), [])
    tried = candidates(rows.y, rows.x, crs=said, centre=known.centre)
    readings = distinct([read(rows, one, known) for one in tried])
    if not (near := near_ones(readings)):
        degrees = are_degrees(rows.y, rows.x)
        told = words.none_near(readings, degrees=degrees)
        return _unknown(told, readings, verdict="unknown" if degrees else "metres")
    found = judged(near)
    if found.best is None:
        told = words.undecided(near, rows=len(rows.y), compared=known.extent is not None)
        turned = all(one.candidate.swapped for one in near)
        return _unknown(told, readings, verdict="swapped" if turned else "unknown")
    verdict = _verdict(found.best, said)
    rivals = [one for one in near if one is not found.best]
    told = words.sentence(
        found.best, rivals, kind=found.kind, verdict=verdict, said=said, sure=found.sure
    )
    crs, swapped = found.best.candidate.crs, found.best.candidate.swapped
    return Diagnosis(verdict, found.sure, crs, swapped, _table(readings, found.p), told)


def _unknown(told: Words, readings: Sequence[Reading], *, verdict: str = "unknown") -> Diagnosis:
    return Diagnosis(
        verdict=verdict,
        confident=False,
        crs="",
        swapped=verdict == "swapped",
        evidence=_table(readings, {}),
        sentence=told,
    )


def _verdict(found: Reading, said: str) -> str:
    if found.candidate.swapped:
        return "swapped"
    crs = found.candidate.crs
    other = said and said != crs and geodesy.is_projected(said) and geodesy.is_projected(crs)
    return "wrong zone" if other else crs


def _table(readings: Sequence[Reading], p: Mapping[str, float]) -> pd.DataFrame:
    kinds = ("in_district", "station_m", "outline_m", "namesake_m", "density")
    found: list[dict[str, Any]] = [
        {
            "candidate": one.candidate.name,
            "crs": one.candidate.crs,
            "swapped": one.candidate.swapped,
            "on_earth": one.on_earth,
            "in_extent": one.in_extent,
            **{kind: one.pieces[kind].figure if kind in one.pieces else np.nan for kind in kinds},
            "lattice": one.lattice,
            "p": p.get(one.candidate.name, np.nan),
        }
        for one in readings
    ]
    columns = ["candidate", "crs", "swapped", "on_earth", "in_extent", *kinds, "lattice", "p"]
    return pd.DataFrame(found, columns=columns)


def _rows(found: NDArray[np.intp] | None, count: int) -> NDArray[np.intp]:
    return np.full(count, -1, dtype=np.intp) if found is None else found


def _floats(values: ArrayLike) -> Floats:
    return np.atleast_1d(np.asarray(values, dtype=np.float64)).reshape(-1)
