"""
Rail: what is near it, how long a way takes with it, and what a new line brought.

Minutes are modelled by the constants of `RailRules`. The graph is made in `rail_network`, ways
from door to door in `doors`, and what looks wrong in a study's rail is told by `rail_faults`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import shortest_path

from spatial import cells as h3cells
from spatial.chords import vectors
from spatial.doors import Times, direct_minutes, minutes_matrix, times_between
from spatial.question import QuestionError
from spatial.rail_network import Network, network_of, standing
from spatial.rail_rules import RailRules
from spatial.study import Study

__all__ = [
    "Network",
    "RailRules",
    "Times",
    "direct_minutes",
    "links_between",
    "minutes_matrix",
    "near_rail",
    "nearest_station",
    "network_of",
    "opened_between",
    "standing",
    "terminals",
    "times_between",
]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


def nearest_station(network: Network, lat: ArrayLike, lon: ArrayLike) -> tuple[Rows, Floats]:
    """Row of the station nearest each place, and straight-line metres to it, each (m,)."""
    metres, station = network.tree.query(vectors(lat, lon))
    return np.asarray(station, dtype=np.int64), np.asarray(metres, dtype=np.float64)


def near_rail(network: Network, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.bool_]:
    """Whether each place has a station within `rules.near_m` in a straight line, shape (m,)."""
    return np.asarray(nearest_station(network, lat, lon)[1] <= network.rules.near_m)


def links_between(network: Network, a: str, b: str) -> int:
    """
    Fewest links from one station to another, whatever the lines: stations passed, and the last.

    Parameters
    ----------
    network
        The rail of a year.
    a, b
        Stations by id or by name.

    Raises
    ------
    QuestionError
        When there is no such station, or no way leads from one to the other.
    """
    start, end = network.row(a), network.row(b)
    steps = shortest_path(network.neighbours, directed=False, unweighted=True, indices=start)
    if np.isinf(steps[end]):
        raise QuestionError(f"no links lead from {a} to {b} in {network.year}")
    return int(steps[end])


def terminals(network: Network) -> Rows:
    """
    Rows of the stations where a line ends: linked to one other station only.

    A loop has none, and a line that ends at a station of another line has none there.
    """
    return np.flatnonzero(np.diff(network.neighbours.indptr) == 1).astype(np.int64)


def opened_between(study: Study, first: int, second: int) -> pd.DataFrame:
    """
    Cells whose nearest station in the second year did not stand in the first.

    Returns
    -------
    pandas.DataFrame
        Columns cell (uint64), station (id), name, name_en, before_m and after_m: straight-line
        metres from the cell's centre to the nearest station of each year; before_m is inf where
        none stood. In the order of `study.area`.
    """
    cells = study.area
    later = network_of(study, second)
    if later is None:
        nothing: dict[str, object] = {"cell": np.empty(0, np.uint64)}
        nothing |= {name: np.empty(0, object) for name in ("station", "name", "name_en")}
        return pd.DataFrame(nothing | {name: np.empty(0) for name in ("before_m", "after_m")})
    lat, lon = h3cells.centres(cells)
    before_m, stood = np.full(len(cells), np.inf), np.zeros(len(later), dtype=np.bool_)
    earlier = network_of(study, first)
    if earlier is not None:
        before_m = nearest_station(earlier, lat, lon)[1]
        stood = np.isin(later.ids.astype(str), earlier.ids.astype(str))
    station, after_m = nearest_station(later, lat, lon)
    new = ~stood[station]
    at = station[new]
    return pd.DataFrame(
        {
            "cell": cells[new],
            "station": later.ids[at],
            "name": later.names[at],
            "name_en": later.names_en[at],
            "before_m": before_m[new],
            "after_m": after_m[new],
        }
    )
