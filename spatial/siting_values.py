"""Values that cells are judged by when homes are to be sited, from whatever the study knows."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.analysis import series_table
from spatial.areas import Area
from spatial.cells import Cells
from spatial.chords import arc_km, vectors
from spatial.doors import direct_minutes, minutes_matrix
from spatial.neighbours import Neighbours, disk
from spatial.places import Places
from spatial.question import Question, QuestionError
from spatial.rail import Network, nearest_station
from spatial.rail_rules import RailRules
from spatial.rent_listings import listing_year, rolled_up
from spatial.schema import Role
from spatial.siting_criteria import CRITERIA
from spatial.study import Study

__all__ = ["REACH_KM", "SMALL_M2", "criteria_values", "reach_steps"]

Floats = NDArray[np.float64]

REACH_KM: Final = 1.2  # fifteen minutes on foot
"""What is within reach of a cell, in kilometres."""
SMALL_M2: Final = 40.0
"""Largest floor area of a small home, in square metres."""
_LEAST: Final = 5  # listings that a share may rest on


def criteria_values(
    study: Study,
    *,
    year: int,
    network: Network | None,
    work_places: Places | None,
    rents: pd.DataFrame | None,
    resolution: int | None = None,
    area: Area | None = None,
    reach_km: float = REACH_KM,
    small_m2: float = SMALL_M2,
    neighbours: Neighbours | None = None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """
    What each cell is judged by, and what the study cannot tell.

    Parameters
    ----------
    study, year
        Whose cells, and when.
    network
        The rail of that year; None where there is none. Minutes to work are then modelled
        without rail.
    work_places
        Places of work of that year, None where they are not known; the matrix of minutes leads
        to their peaks.
    rents
        As `rent.rent_table` gives it for the same cells, of which the column `rent` is used;
        None where the study has no rents.
    resolution
        H3 resolution of the cells; None is the study's own. Minutes are those of a cell's
        centre, so that a coarse cell hides how they differ within it.
    area
        Chosen area; None asks for none.
    reach_km
        What is within reach of a cell: steps of the lattice that come nearest to it, one at
        least; 1.2 km are fifteen minutes on foot.
    small_m2
        Floor area up to which a listing is small, m2.
    neighbours
        Of the same cells, `reach_steps` or more; looked up anew when left out.

    Returns
    -------
    tuple
        A table with index `cell` (uint64, sorted) and those columns of `CRITERIA` that the study
        has the data for, in that order, then `graduates` (who live, or else work, in the cell):
        float64, NaN where unknown. And, for each criterion without a column, one sentence why.

    Raises
    ------
    QuestionError
        When nobody is counted in the year, the resolution is finer than the study's, or `rents`
        or `network` are not of these cells or that year.
    """
    counts = _counts(study, year, resolution)
    cells = next(iter(counts.values())).index
    if network is not None and network.year != year:
        raise QuestionError(f"the rail must be that of {year}, found that of {network.year}")
    ids = h3cells.as_cells(cells)
    lat, lon = h3cells.centres(ids)
    steps = reach_steps(cells, reach_km=reach_km)
    near = disk(cells, k=steps) if neighbours is None else neighbours.reach(steps)
    name, columns, missing = study.info.name, {}, {}
    if area is not None and area.kind != "study":
        columns["inside"] = area.holds(lat, lon, ids).astype(np.float64)
    else:
        missing["inside"] = "no area was chosen"
    if network is not None:
        _, metres = nearest_station(network, lat, lon)
        columns["walk_minutes"] = metres / network.rules.walk_m_per_minute
    else:
        missing["walk_minutes"] = (
            f"{name} has no station open in {year}; minutes to work are modelled without rail"
        )
    if work_places is not None and len(work_places.table):
        columns["work_minutes"] = _work_minutes(network, lat, lon, work_places)
    else:
        missing["work_minutes"] = f"{name} has no places of work in {year}"
    few = f"{name} has too few listings for it anywhere"
    if rents is None:
        missing["rent"] = f"{name} has no rents"
    elif not rents.index.equals(cells):
        raise QuestionError("rents must be those of the same cells, found others")
    elif rents["rent"].notna().any():
        columns["rent"] = rents["rent"].to_numpy(dtype=np.float64)
    else:
        missing["rent"] = few
    small = _small_units(study, year, near, small_m2=small_m2)
    if small is None:
        missing["small_units"] = f"{name} has no listings at a point with their floor area"
    elif np.isnan(small).all():
        missing["small_units"] = few
    else:
        columns["small_units"] = small
    roles: tuple[tuple[str, Role], ...] = (("graduates_near", "residence"), ("jobs_near", "work"))
    for one, role in roles:
        if role in counts:
            columns[one] = near.sums(counts[role])
        else:
            missing[one] = f"{name} does not count {role} in {year}"
    columns = {one: columns[one] for one in CRITERIA if one in columns}
    columns["graduates"] = next(iter(counts.values())).to_numpy(dtype=np.float64)
    return pd.DataFrame(columns, index=cells), missing


def _counts(study: Study, year: int, resolution: int | None) -> dict[Role, pd.Series]:
    """Graduates by cell in each role that was counted: residence before work."""
    roles = [role for role in study.roles if year in study.years_of(role)]
    if not roles:
        years = ", ".join(map(str, study.years)) or "none"
        raise QuestionError(f"{study.info.name} counts years {years}, found {year}")
    asked = {role: Question(year=year, role=role, resolution=resolution) for role in roles}
    return {role: series_table(study, one)["graduates"] for role, one in asked.items()}


def reach_steps(cells: pd.Index, *, reach_km: float = REACH_KM) -> int:
    """Steps of the lattice that come nearest to a distance, one at least: 4 at resolution 9."""
    if not 0 < reach_km <= 10:
        raise QuestionError(f"reach must be above 0 km, at most 10, found {reach_km}")
    return max(1, round(reach_km / h3cells.spacing_km(cells))) if len(cells) else 1


def _work_minutes(network: Network | None, lat: Floats, lon: Floats, work: Places) -> Floats:
    table = work.table
    weight = table["graduates"].to_numpy(dtype=np.float64)
    weight = weight / weight.sum() if weight.sum() > 0 else np.full(len(table), 1 / len(table))
    to_lat, to_lon = (table[one].to_numpy(dtype=np.float64) for one in ("lat", "lon"))
    if network is not None:
        minutes = minutes_matrix(network, lat, lon, to_lat, to_lon)
        return np.asarray(minutes @ weight, dtype=np.float64)
    rules, places = RailRules(), vectors(lat, lon)
    found = np.zeros(len(places))
    for goal, part in zip(vectors(to_lat, to_lon), weight, strict=True):
        found += part * direct_minutes(arc_km(places, goal), rules)
    return found


def _small_units(study: Study, year: int, near: Neighbours, *, small_m2: float) -> Floats | None:
    """
    Share of small listings in the fewest rings that hold five listings, NaN where none do.

    None where no listing of the nearest year has a point and a floor area.
    """
    rents = study.layer("rents")
    if rents.empty or not len(near.cells):
        return None
    shapes = rents.geometry.to_numpy()
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    points &= ~shapely.is_empty(shapes)
    areas = pd.to_numeric(rents["area_m2"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    asked = (rents["year"].astype(int) == listing_year(study, year)).to_numpy()
    rows = np.flatnonzero(points & (areas > 0) & asked)
    if not len(rows):
        return None
    ids: Cells = h3cells.as_cells(near.cells)
    lat, lon = shapely.get_y(shapes[rows]), shapely.get_x(shapes[rows])
    own = h3cells.points_to_cells(lat, lon, resolution=study.info.resolution)
    held = rolled_up(own, ids)
    at = np.minimum(np.searchsorted(ids, held), len(ids) - 1)
    inside = ids[at] == held
    little = (areas[rows] <= small_m2)[inside]
    listings = np.bincount(at[inside], minlength=len(ids))
    small = np.bincount(at[inside], little, minlength=len(ids))
    found = np.full(len(ids), np.nan)
    for k in range(near.k + 1):
        around = near.reach(k)
        enough = around.sums(listings)
        rows = np.isnan(found) & (enough >= _LEAST)
        found[rows] = around.sums(small)[rows] / enough[rows]
    return found
