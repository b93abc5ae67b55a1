"""
From door to door: the faster of rail, with a walk at both ends, and the way without it.

Modelled by the constants of `RailRules`, never measured. All stations within reach of an end are
considered; those that cannot be part of a fastest way are left out before any pair is looked at:
who walks past station i to station j when the train from i would have been at j, change included,
no later, loses nothing by boarding at i, wherever the way goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.chords import arc_km, vectors
from spatial.rail_network import Network
from spatial.rail_rules import RailRules

__all__ = ["Times", "direct_minutes", "minutes_matrix", "times_between"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_Number = TypeVar("_Number", np.float64, np.int64)

_CHUNK: Final = 16_384
_BEFORE: Final = 3  # nearer stations asked whether they spare the walk to a farther one


@dataclass(frozen=True, eq=False)
class Times:
    """
    Modelled minutes of n pairs.

    Parameters
    ----------
    minutes
        The faster of both ways, shape (n,).
    rail_minutes
        The fastest way by way of stations; inf where none is in reach at an end, or no train
        leads from one to the other.
    direct_minutes
        Without rail: on foot or along the straight line.
    by_rail
        Where rail is faster. Such a way rides: on foot by way of one station is never faster
        than on foot.
    walk_home, walk_work
        Minutes on foot at each end of the fastest way by rail, NaN where there is none.
    board, alight
        Rows of its stations, -1 where there is none.
    """

    minutes: Floats
    rail_minutes: Floats
    direct_minutes: Floats
    by_rail: NDArray[np.bool_]
    walk_home: Floats
    walk_work: Floats
    board: Rows
    alight: Rows


def direct_minutes(km: ArrayLike, rules: RailRules) -> Floats:
    """Minutes without rail over `km` in a straight line: a vehicle, or on foot if faster."""
    away = np.asarray(km, dtype=np.float64)
    vehicle = away / rules.direct_kmh * 60 + rules.direct_minutes
    return np.minimum(vehicle, away * 1000 * rules.detour / rules.walk_m_per_minute)


def times_between(
    network: Network, lat: ArrayLike, lon: ArrayLike, origin: ArrayLike, destination: ArrayLike
) -> Times:
    """
    Modelled minutes from door to door of pairs of places.

    Parameters
    ----------
    network
        The rail of a year.
    lat, lon
        Degrees of the ends, shape (m,).
    origin, destination
        Rows of the ends that n pairs join, shape (n,).
    """
    pairs = np.stack([np.asarray(origin, np.int64), np.asarray(destination, np.int64)])
    used, ends = np.unique(pairs, return_inverse=True)
    homes, jobs = ends.reshape(pairs.shape)
    places = vectors(np.asarray(lat)[used], np.asarray(lon)[used])
    station, walk = _access(network, places)
    rail = np.full(len(homes), np.inf)
    board, alight = np.zeros_like(homes), np.zeros_like(homes)
    for i in range(walk.shape[1]):
        boarding = np.flatnonzero(np.isfinite(walk[homes, i]))
        for j in range(walk.shape[1]):
            rows = boarding[np.isfinite(walk[jobs[boarding], j])]
            home, job = homes[rows], jobs[rows]
            total = walk[home, i] + walk[job, j] + network.ride[station[home, i], station[job, j]]
            better = total < rail[rows]
            rows = rows[better]
            rail[rows] = total[better]
            board[rows], alight[rows] = i, j
    none = np.isinf(rail)
    rail += network.rules.wait_minutes
    direct = direct_minutes(arc_km(places[homes], places[jobs]), network.rules)
    return Times(
        minutes=np.minimum(rail, direct),
        rail_minutes=rail,
        direct_minutes=direct,
        by_rail=rail < direct,
        walk_home=_chosen(walk, homes, board, none, np.nan),
        walk_work=_chosen(walk, jobs, alight, none, np.nan),
        board=_chosen(station, homes, board, none, -1),
        alight=_chosen(station, jobs, alight, none, -1),
    )


def minutes_matrix(
    network: Network, lat: ArrayLike, lon: ArrayLike, to_lat: ArrayLike, to_lon: ArrayLike
) -> NDArray[np.float32]:
    """
    Modelled minutes from door to door of every place to every other, shape (m, k).

    Parameters
    ----------
    network
        The rail of a year.
    lat, lon
        Degrees, shape (m,).
    to_lat, to_lon
        Degrees, shape (k,).
    """
    places, goals = vectors(lat, lon), vectors(to_lat, to_lon)
    arriving, last = _access(network, goals)
    onward = np.full((len(network), len(goals)), np.inf, dtype=np.float32)
    for j in range(last.shape[1]):
        np.minimum(
            onward, network.ride[:, arriving[:, j]] + last[:, j], out=onward, casting="same_kind"
        )
    found = np.empty((len(places), len(goals)), dtype=np.float32)
    for rows in (slice(at, at + _CHUNK) for at in range(0, len(places), _CHUNK)):
        station, walk = _access(network, places[rows])
        best = found[rows]
        for goal, place in enumerate(goals):
            best[:, goal] = direct_minutes(arc_km(places[rows], place), network.rules)
        first = (walk + network.rules.wait_minutes).astype(np.float32)
        for i in range(walk.shape[1]):
            some = np.flatnonzero(np.isfinite(first[:, i]))
            by_rail = onward[station[some, i]] + first[some, i, None]
            best[some] = np.minimum(best[some], by_rail)
    return found


def _chosen(
    table: NDArray[_Number], rows: Rows, column: Rows, none: NDArray[np.bool_], nothing: float
) -> NDArray[_Number]:
    """`table` at `rows` and `column`, `nothing` where there is none."""
    found = np.full(len(rows), nothing, dtype=table.dtype)
    found[~none] = table[rows[~none], column[~none]]
    return found


def _access(network: Network, places: Floats) -> tuple[Rows, Floats]:
    """
    Stations worth walking to, nearest first, and the minutes there, each of shape (m, width).

    Where a place has fewer than others the minutes are inf.
    """
    parts = [_worth(network, places[at : at + _CHUNK]) for at in range(0, len(places), _CHUNK)]
    width = max((walk.shape[1] for _, walk in parts), default=0)
    station, walk = np.zeros((len(places), width), np.int64), np.full((len(places), width), np.inf)
    for number, (stations, walks) in enumerate(parts):
        rows = slice(number * _CHUNK, number * _CHUNK + len(walks))
        station[rows, : walks.shape[1]], walk[rows, : walks.shape[1]] = stations, walks
    return station, walk


def _worth(network: Network, places: Floats) -> tuple[Rows, Floats]:
    rules = network.rules
    reach = np.nextafter(rules.reach_m, np.inf)  # the tree takes what is nearer, not as near
    most = int(network.tree.query_ball_point(places, rules.reach_m, return_length=True).max())
    if not most:
        return np.zeros((len(places), 0), np.int64), np.zeros((len(places), 0))
    metres, station = network.tree.query(
        places, k=np.arange(1, most + 1), distance_upper_bound=reach
    )
    walk = metres * rules.detour / rules.walk_m_per_minute
    station = np.where(np.isinf(walk), 0, station).astype(np.int64)
    spared = np.zeros(walk.shape, dtype=np.bool_)
    for i in range(min(_BEFORE, most)):
        by_train = walk[:, i, None] + network.ride[station[:, i, None], station[:, i + 1 :]]
        spared[:, i + 1 :] |= by_train + rules.transfer_minutes <= walk[:, i + 1 :]
    walk[spared] = np.inf
    order = np.argsort(walk, axis=1, kind="stable")
    kept = int(np.isfinite(walk).sum(axis=1).max())
    order = order[:, :kept]
    return np.take_along_axis(station, order, axis=1), np.take_along_axis(walk, order, axis=1)
