"""Load: from a file to the cells of a study, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.area import study_area
from spatial.ingest.audit import Audit
from spatial.ingest.counted import Counted
from spatial.ingest.errors import InputError
from spatial.ingest.grids import Method, grid_to_cells
from spatial.ingest.points import joined_to_cells, points_to_cells
from spatial.ingest.read import read_table
from spatial.ingest.shapes import read_shapes
from spatial.ingest.zones import zones_to_cells
from spatial.schema import ROLES

__all__ = ["LoadResult", "Progress", "load_grid", "load_points", "load_zones"]

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of the work that is behind."""

OUTSIDE = "outside the study area"


@dataclass(frozen=True)
class LoadResult:
    """
    What a file gave.

    Parameters
    ----------
    counts
        Columns cell (uint64), role and graduates; cells with people only, by role and cell.
    audit
        Where the people of each role went.
    cells
        Study area, sorted uint64: all cells of `counts`, a ring around them, no holes.
    """

    counts: pd.DataFrame
    audit: Mapping[str, Audit]
    cells: NDArray[np.uint64]


def load_grid(
    path: str | Path,
    *,
    lat: str,
    lon: str,
    cell: str,
    columns: Mapping[str, str],
    resolution: int,
    crs: str = "WGS-84",
    method: Method = "area",
    outline: shapely.Geometry | None = None,
    progress: Progress | None = None,
) -> LoadResult:
    """
    A regular grid's file as cells of a study.

    Parameters
    ----------
    path
        Table with one row per square, as `read_table` takes it.
    lat, lon, cell, resolution, crs, method
        As for `grid_to_cells`.
    columns
        Role to column: {"work": "day", "residence": "night"}.
    outline
        Study area in degrees, if not that of the data; people outside are dropped and named.
    progress
        Told what is being done.

    Raises
    ------
    InputError
        When anything is wrong with the file; one sentence says what and where.
    """
    _check(columns, resolution)
    say = progress or _silent
    say("reading", 0.0)
    table = read_table(path)
    say("spreading over cells", 0.3)
    counted = grid_to_cells(
        table,
        lat=lat,
        lon=lon,
        cell=cell,
        columns=_distinct(columns),
        resolution=resolution,
        crs=crs,
        method=method,
    )
    return _result(counted, columns, outline, Path(path).name, say)


def load_points(
    path: str | Path,
    *,
    lat: str,
    lon: str,
    columns: Mapping[str, str],
    resolution: int,
    id: str = "",  # noqa: A002 - the option's own name
    join: str | Path | None = None,
    join_id: str = "",
    crs: str = "WGS-84",
    outline: shapely.Geometry | None = None,
    progress: Progress | None = None,
) -> LoadResult:
    """
    A file of points, or of points and another of their counts, as cells of a study.

    Parameters
    ----------
    path
        Table with one row per point, as `read_table` takes it.
    lat, lon, resolution, crs
        As for `points_to_cells`.
    columns
        Role to column, in `join` where there is one: {"work": "C000"}.
    id
        Column with the points' ids, needed with `join`.
    join, join_id
        Table with people by id, and its id column ("" where it is called like `id`).
    outline, progress
        As for `load_grid`.

    Raises
    ------
    InputError
        When anything is wrong with a file; one sentence says what and where.
    """
    _check(columns, resolution)
    if bool(id) != (join is not None):
        raise InputError("points are joined by an id and a file of counts, found only one of both")
    say = progress or _silent
    say("reading", 0.0)
    points = read_table(path)
    where = {"lat": lat, "lon": lon, "resolution": resolution, "crs": crs}
    if join is None:
        say("placing in cells", 0.3)
        counted = points_to_cells(points, columns=_distinct(columns), **where)  # type: ignore[arg-type]
    else:
        counts = read_table(join)
        say("placing in cells", 0.3)
        counted = joined_to_cells(
            points,
            counts,
            point_id=id,
            count_id=join_id,
            columns=_distinct(columns),
            **where,  # type: ignore[arg-type]
        )
    return _result(counted, columns, outline, Path(join or path).name, say)


def load_zones(
    path: str | Path,
    *,
    columns: Mapping[str, str],
    resolution: int,
    crs: str = "",
    layer: str = "",
    outline: shapely.Geometry | None = None,
    progress: Progress | None = None,
) -> LoadResult:
    """
    A file of polygons as cells of a study.

    Parameters
    ----------
    path, crs, layer
        As for `read_shapes`.
    columns
        Role to column of the file.
    resolution
        H3 resolution of the cells.
    outline, progress
        As for `load_grid`.

    Raises
    ------
    InputError
        When anything is wrong with the file; one sentence says what and where.
    """
    _check(columns, resolution)
    say = progress or _silent
    say("reading", 0.0)
    zones = read_shapes(path, crs=crs, layer=layer)
    say("spreading over cells", 0.3)
    counted = zones_to_cells(zones, _distinct(columns), resolution=resolution)
    return _result(counted, columns, outline, Path(path).name, say)


def _check(columns: Mapping[str, str], resolution: int) -> None:
    if not columns:
        raise InputError(f"a load must name a column for {' or '.join(ROLES)}, found none")
    if unknown := [role for role in columns if role not in ROLES]:
        raise InputError(f"role must be one of {', '.join(ROLES)}, found {', '.join(unknown)}")
    if not 0 <= resolution <= 15:
        raise InputError(f"resolution must lie in 0..15, found {resolution}")


def _distinct(columns: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(columns.values()))


def _silent(_what: str, _share: float) -> None:
    pass


def _result(
    counted: Counted,
    columns: Mapping[str, str],
    outline: shapely.Geometry | None,
    name: str,
    say: Progress,
) -> LoadResult:
    say("finding the study area", 0.8)
    found, audit = counted
    if outline is not None:
        found, audit = _inside(counted, outline)
    populated = found.index.to_numpy()[(found.to_numpy() > 0).any(axis=1)]
    if not len(populated):
        where = "inside the study area" if outline is not None else "in the columns named"
        raise InputError(f"{name}: there must be people {where}, found 0")
    cells = study_area(populated, outline=outline)
    parts = [
        pd.DataFrame({"cell": found.index, "role": role, "graduates": found[column].to_numpy()})
        for role, column in columns.items()
    ]
    counts = pd.concat(parts, ignore_index=True)
    counts = counts[counts["graduates"] > 0].reset_index(drop=True)
    say("done", 1.0)
    return LoadResult(counts, {role: audit[column] for role, column in columns.items()}, cells)


def _inside(counted: Counted, outline: shapely.Geometry) -> Counted:
    """Only the cells that touch `outline`; people elsewhere are dropped by name."""
    counts = counted.counts
    resolution = h3cells.resolution_of(counts.index.to_numpy())
    here = np.isin(counts.index.to_numpy(), h3cells.cover(outline, resolution=resolution))
    audit = {}
    for column, whole in counted.audit.items():
        lost = float(counts[column].to_numpy()[~here].sum())
        audit[column] = Audit(
            people_in=whole.people_in,
            on_map=float(counts[column].to_numpy()[here].sum()),
            dropped={**whole.dropped, **({OUTSIDE: lost} if lost else {})},
            notes=whole.notes,
        ).checked()
    return Counted(counts[here], audit)
