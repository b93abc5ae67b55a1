"""Beside the lines of a commute: its catchment, who is at the other end, how far, which way."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.analysis import roll_up
from spatial.directions import direction_rose, distance_histogram
from spatial.ends import Labels, Side, people_at
from spatial.exchange import homes_of_workers, jobs_of_residents, partners
from spatial.pairs import Pairs
from spatial.schema import Role

__all__ = [
    "BESIDE_COLUMNS",
    "BESIDE_METHODS",
    "DISTANCE_EDGES_KM",
    "catchment",
    "directions",
    "distances",
    "gathered",
    "other_ends",
]

Mask = NDArray[np.bool_]

DISTANCE_EDGES_KM: Final = tuple(float(one) for one in range(41))
"""Of the histogram: every kilometre up to 40."""

BESIDE_METHODS: Final = {
    "catchment": (
        "Catchment: graduates who work in the area by the H3 cell of their home, or who live there"
        " by the cell of their job; of the whole study, all by the cells of the side asked for."
        " Cells without any are left out."
    ),
    "partners": (
        "Partners: places, and the rest of each district, that those who come into the area live"
        " in (home) and those who go out of it work in (work); of the whole study, where all live"
        ' and work. What lies in none is "elsewhere", so that nobody is lost.'
    ),
    "distances": (
        "Distances: graduates who live in the area, or work there, by the geodesic distance from"
        " home to work, kilometre by kilometre; the last row is open."
    ),
    "directions": (
        "Directions: graduates who live in the area, or work there, by the initial bearing of the"
        " geodesic from home to work, in 16 sectors; those whose home and job are one point have"
        " none."
    ),
}
"""How each of these tables is made."""
BESIDE_COLUMNS: Final = {
    "catchment": {
        "cell": "H3 cell, 15 hexadecimal characters",
        "graduates": "who live or work in the cell, persons",
        "lat": "latitude of the cell's centre, degrees WGS-84",
        "lon": "longitude of the cell's centre, degrees WGS-84",
    },
    "partners": {
        "side": "home: where those live who come in; work: where those work who go out",
        "id": "of the place or district in this study",
        "name": "in Chinese, or as the study has it",
        "name_en": "in English",
        "kind": "place, district (what its places leave over) or elsewhere",
        "graduates": "persons",
        "share": "of all who come in, or go out, 0 to 1",
        "mean_km": "mean geodesic distance from home to work, km; missing for the whole study",
    },
    "distances": {
        "from_km": "least distance, km",
        "to_km": "distance that is no longer of the band, km; missing in the last, which is open",
        "graduates": "persons",
        "share": "of all, 0 to 1",
    },
    "directions": {
        "sector": "number, from north, clockwise",
        "point": "of the compass",
        "middle": "middle of the sector, degrees from north",
        "graduates": "persons",
        "share": "of those with a direction, 0 to 1",
        "mean_km": "mean geodesic distance from home to work, km",
    },
}
"""What each of their columns means, with its unit."""


def catchment(
    flows: Pairs, inside: Mask, *, side: Role, whole: bool, resolution: int | None = None
) -> pd.Series:
    """
    Homes of those who work in an area, or jobs of those who live there, by cell.

    Parameters
    ----------
    flows, inside
        Flows of one year, and which of their m ends lie in the area.
    side
        "work": people who work there, by the cells of their homes; "residence": who live there,
        by the cells of their jobs. Of the whole study the cells of that very side.
    whole
        Whether the area is the whole study.
    resolution
        To roll up to; None is that of the flows.

    Returns
    -------
    pandas.Series
        Named "graduates", index `cell`; cells without any are left out.
    """
    homes = side == ("residence" if whole else "work")
    by_cell = (homes_of_workers if homes else jobs_of_residents)(flows, inside)
    if resolution is None:
        return by_cell
    return roll_up(by_cell.to_frame("graduates"), resolution=resolution)["graduates"]


def gathered(flows: Pairs, labels: Labels, *, side: Side) -> pd.DataFrame:
    """
    Places, and the rest of each district, by the people of one side, the most first.

    Returns
    -------
    pandas.DataFrame
        The columns of the labels, graduates and share of all; labels without any are left out.
    """
    people = people_at(flows, side)
    held = labels.code >= 0
    sums = np.bincount(labels.code[held], people[held], minlength=len(labels))
    table = labels.table.assign(graduates=sums, share=sums / (people.sum() or np.nan))
    table = table.sort_values("graduates", ascending=False, kind="stable")
    return table[table["graduates"] > 0].reset_index(drop=True)


def other_ends(
    flows: Pairs, inside: Mask, homes: Labels, work: Labels, *, whole: bool
) -> pd.DataFrame:
    """
    Homes of those who come into an area and jobs of those who go out; of the whole study, all.

    Returns
    -------
    pandas.DataFrame
        Columns side ("home" or "work"), those of `partners`, the homes first; mean_km is NaN for
        the whole study.
    """
    parts = []
    sides: tuple[tuple[Side, Labels], ...] = (("home", homes), ("work", work))
    for side, labels in sides:
        if whole:
            found = gathered(flows, labels, side=side).assign(mean_km=np.nan)
        else:
            found = partners(flows, inside, labels, side=side)
        parts.append(found.assign(side=pd.array([side] * len(found), dtype="str")))
    table = pd.concat(parts, ignore_index=True)
    return table[["side", *(name for name in table.columns if name != "side")]]


def distances(asked: Pairs) -> pd.DataFrame:
    """Graduates by kilometre from home to work; to_km is NaN in the last row, which is open."""
    table = distance_histogram(asked, edges_km=DISTANCE_EDGES_KM)
    return table.assign(to_km=table["to_km"].where(np.isfinite(table["to_km"])))


def directions(asked: Pairs) -> pd.DataFrame:
    """Graduates by the direction from home to work, as the table of `direction_rose`."""
    return direction_rose(asked).table.reset_index()
