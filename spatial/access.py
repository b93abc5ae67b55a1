"""
Access: what each cell has near it: a metro station, a campus, a place of work.

A walk is the straight line from a cell's centre at the pace of `RailRules`, 80 m/min: ten minutes
are 800 m. On the street it takes longer; whoever wants that adds a detour to the question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from spatial import cells as h3cells
from spatial.cells import Cells
from spatial.chords import vectors
from spatial.places import Places
from spatial.question import QuestionError
from spatial.rail import Network, nearest_station, network_of
from spatial.study import Study

__all__ = [
    "FLAGS",
    "access_table",
    "campus_km_of",
    "missing_layers",
    "share_within",
    "work_km_of",
    "worst_cells",
]

FLAGS: Final = ("near_rail", "near_campus", "near_work")
"""Columns of `access_table` that say what is near: also the sets of `overlaps`."""

Floats = NDArray[np.float64]

_STEP_DEGREES: Final = 0.0002  # about 20 m along an outline: 50 m off it, a metre too far at most


def access_table(
    study: Study,
    *,
    year: int,
    network: Network | None,
    resolution: int | None = None,
    walk_m: float = 800.0,
    campus_m: float = 1000.0,
    work: Places | None = None,
    work_m: float = 1000.0,
) -> pd.DataFrame:
    """
    What is near each cell of the study area, by the cell's centre.

    Parameters
    ----------
    study
        Whose area and campuses they are.
    year
        Whose stations count.
    network
        The rail of that year; None where there is none.
    resolution
        Of the cells; None is the study's own.
    walk_m, campus_m, work_m
        What is near, metres in a straight line, the limit included.
    work
        Places of work of that year; a cell in one is at 0 km of it.

    Returns
    -------
    pandas.DataFrame
        Index `cell` (uint64, sorted). Columns walk_minutes and station_m (metres) to the nearest
        station, station (its row in `network`, -1 for none), near_rail, near_campus, near_work,
        campus_km and work_km. Distances are NaN, and flags False, where the study knows no
        station, campus or place of work: `table.attrs["missing"]` names these, as
        `missing_layers` does.

    Raises
    ------
    QuestionError
        When the network is of another year, or the resolution finer than the study's.
    """
    if network is not None and network.year != year:
        raise QuestionError(f"the rail must be that of {year}, found that of {network.year}")
    cells = _area(study, resolution)
    lat, lon = h3cells.centres(cells)
    station, metres = _stations(network, lat, lon)
    pace = network.rules.walk_m_per_minute if network is not None else np.nan
    campus_km, work_km = campus_km_of(study, lat, lon), work_km_of(work, cells)
    table = pd.DataFrame(
        {
            "walk_minutes": metres / pace,
            "station_m": metres,
            "station": station,
            "near_rail": metres <= walk_m,
            "near_campus": campus_km * 1000 <= campus_m,
            "near_work": work_km * 1000 <= work_m,
            "campus_km": campus_km,
            "work_km": work_km,
        },
        index=pd.Index(cells, name="cell"),
    )
    table.attrs["missing"] = missing_layers(study, network=network, work=work)
    return table


def missing_layers(study: Study, *, network: Network | None, work: Places | None) -> list[str]:
    """Which of "stations", "campuses" and "work" cannot be told of, for there are none."""
    found = {
        "stations": network is not None,
        "campuses": not study.layer("campuses").empty,
        "work": work is not None and len(work.member) > 0,
    }
    return [name for name, known in found.items() if not known]


def share_within(
    study: Study,
    *,
    walk_m: float = 800.0,
    years: Sequence[int] | None = None,
    group: str = "all",
    network: Callable[[int], Network | None] | None = None,
) -> pd.DataFrame:
    """
    Share of graduates who live, or work, within a walk of a station of that very year.

    Parameters
    ----------
    study
        Whose graduates they are, at the study's own resolution.
    walk_m
        Metres in a straight line from the cell's centre, the limit included.
    years
        None for all that were counted.
    group
        "all", or one of the study's groups.
    network
        The rail of each year; None asks the study.

    Returns
    -------
    pandas.DataFrame
        Columns year, role, graduates, inside, share: one row for each year and role that was
        counted. `inside` and `share` are NaN in years without any station, `share` also where
        there are no graduates.
    """
    rail = network or (lambda year: network_of(study, year))
    lat, lon = h3cells.centres(study.area)
    rows = []
    for year in study.years if years is None else years:
        of_year = rail(year)
        near = _stations(of_year, lat, lon)[1] <= walk_m
        for role in study.roles:
            if year not in study.years_of(role):
                continue
            people = study.series(role=role, year=year, group=group)["graduates"].to_numpy()
            total = float(people.sum())
            inside = float(people[near].sum()) if of_year is not None else np.nan
            rows.append((year, role, total, inside, inside / total if total else np.nan))
    columns = ["year", "role", "graduates", "inside", "share"]
    return pd.DataFrame(rows, columns=columns).astype({"graduates": float, "inside": float})


def worst_cells(
    access: pd.DataFrame,
    graduates: pd.Series,
    network: Network | None,
    *,
    walk_m: float = 800.0,
    most_m: float = 5000.0,
    top: int = 20,
) -> pd.DataFrame:
    """
    Cells whose graduates have most to walk beyond the limit, all together.

    Parameters
    ----------
    access
        As `access_table` gives it.
    graduates
        Of the same cells; cells it does not name have none.
    network
        The rail `access` was made with.
    walk_m
        What is still near, metres.
    most_m
        Metres that count at most: nobody walks farther, and a few people in a town 40 km off
        the network would else stand above a whole estate 3 km from it. inf counts them all.
    top
        Most cells to tell of.

    Returns
    -------
    pandas.DataFrame
        Index `cell`, the worst first, equal ones by cell: graduates, station_m, beyond_m (metres
        beyond the limit, up to `most_m`), person_km (graduates * beyond, km), and the nearest
        station's id, name and name_en as station, station_name, station_name_en. Empty without
        rail.
    """
    people = graduates.reindex(access.index, fill_value=0.0).to_numpy(dtype=np.float64)
    metres = access["station_m"].to_numpy()
    beyond = np.nan_to_num(np.clip(metres, walk_m, max(walk_m, most_m)) - walk_m)
    burden = people * beyond / 1000
    rows = np.argsort(-burden, kind="stable")
    rows = rows[burden[rows] > 0][:top]
    at = access["station"].to_numpy()[rows]
    words = {
        "station": "ids",
        "station_name": "names",
        "station_name_en": "names_en",
    }
    return pd.DataFrame(
        {
            "graduates": people[rows],
            "station_m": metres[rows],
            "beyond_m": beyond[rows],
            "person_km": burden[rows],
        }
        | {
            column: np.empty(0, object) if network is None else getattr(network, name)[at]
            for column, name in words.items()
        },
        index=access.index[rows],
    )


def campus_km_of(study: Study, lat: ArrayLike, lon: ArrayLike) -> Floats:
    """
    Kilometres from each of m places to the nearest campus, shape (m,); NaN where there is none.

    To its point or, where campuses are drawn, to their outline: 0 inside.
    """
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    shapes = study.layer("campuses").geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes) or not len(lat):
        return np.full(len(lat), np.nan)
    ends = shapely.get_coordinates(shapely.segmentize(shapes, _STEP_DEGREES))
    metres, _ = cKDTree(vectors(ends[:, 1], ends[:, 0])).query(vectors(lat, lon))
    tree = shapely.STRtree(shapes)
    inside, _ = tree.query(shapely.points(lon, lat), predicate="intersects")
    metres[inside] = 0.0
    return np.asarray(metres / 1000)


def work_km_of(work: Places | None, cells: Cells) -> Floats:
    """
    Kilometres from each cell to the nearest cell of a place of work, shape (n,), 0 in one.

    From centre to centre; the places' cells may be coarser or finer. NaN where there is none.
    """
    if work is None or not len(work.member) or not len(cells):
        return np.full(len(cells), np.nan)
    held = np.unique(h3cells.as_cells(work.member.index))
    own, theirs = h3cells.resolution_of(cells), h3cells.resolution_of(held)
    if theirs > own:
        held = np.unique(h3cells.parents(held, resolution=own))
    inside = np.isin(h3cells.parents(cells, resolution=min(own, theirs)), held)
    metres, _ = cKDTree(vectors(*h3cells.centres(held))).query(vectors(*h3cells.centres(cells)))
    return np.where(inside, 0.0, metres / 1000)


def _area(study: Study, resolution: int | None) -> Cells:
    own = study.info.resolution
    if resolution is None or resolution == own or not len(study.area):
        return study.area
    if resolution > own:
        raise QuestionError(
            f"resolution must be {own}, that of {study.info.name}, or coarser, found {resolution}"
        )
    return np.unique(h3cells.parents(study.area, resolution=resolution))


def _stations(
    network: Network | None, lat: Floats, lon: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Row of the nearest station and metres to it; -1 and NaN without rail."""
    if network is None or not len(network):
        return np.full(len(lat), -1, dtype=np.int64), np.full(len(lat), np.nan)
    return nearest_station(network, lat, lon)
