"""The commute: how far apart homes and jobs are, who crosses, how much the layout forces."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.bands import Bands
from spatial.commute_chance import NOTHING, Draws, Interval
from spatial.commute_radius import quantile_of_sorted, radius_km
from spatial.commute_words import QUANTILES, indicators_of
from spatial.commuters import Commuters
from spatial.geodesy import distance_km
from spatial.pairs import Pairs

if TYPE_CHECKING:
    from spatial.rail import Network
    from spatial.transport import Separation

__all__ = ["Found", "indicators", "layout_of", "table_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Found = dict[str, tuple[float, float, float]]
"""Value, low and high of each indicator."""

_NEAR_KM: Final = 5.0
_SOON_MINUTES: Final = 45.0
_LONG_MINUTES: Final = 60.0


def indicators(
    people: Commuters,
    *,
    bands: Bands,
    sphere: bool = False,
    network: Network | None = None,
    layout: Separation | None = None,
    draws: int = 200,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """
    Every indicator of the commute of one side of an area.

    Parameters
    ----------
    people
        Whose commute.
    bands
        Distances to part them by.
    sphere
        Measure on the mean sphere rather than on the ellipsoid. Separation and what follows from
        it are on the ellipsoid all the same.
    network
        Stations and rides of the year; without it everything by rail is NaN.
    layout
        As `layout_of` solves it, which may take seconds; without it separation, maximum and what
        follows from them are NaN.
    draws, rng
        Draws of the bootstrap, and where its chance comes from; 0 draws give no intervals.

    Returns
    -------
    pandas.DataFrame
        Index `indicator` (names of `commute_words.indicators_of`), columns value, low, high
        (95 % interval of a bootstrap over neighbourhoods, NaN where there is none; of separation
        and what follows from it, a guaranteed bound), unit, modelled. NaN where nobody is
        counted.
    """
    drawn = people.draws(draws, rng=rng)
    distance = people.own.sphere_distance_km if sphere else people.own.distance_km
    found = {
        **_exchange(people, drawn),
        **_distances(people, drawn, distance, bands=bands),
        "commuting_radius_km": _radius(people, drawn),
        **(_layout(people, layout) if layout is not None else {}),
        **(_by_rail(people, drawn, network) if network is not None else {}),
    }
    return table_of(found, bands=bands)


def table_of(found: Found, *, bands: Bands) -> pd.DataFrame:
    """Values by name as `indicators` returns them, NaN for every indicator not found."""
    words = indicators_of(bands)
    rows = [
        (*found.get(name, (nan, *NOTHING)), one.unit, one.modelled) for name, one in words.items()
    ]
    index = pd.Index(list(words), name="indicator")
    return pd.DataFrame(rows, index=index, columns=["value", "low", "high", "unit", "modelled"])


def layout_of(people: Commuters, *, most: int = 3_000) -> Separation | None:
    """
    The least and greatest mean distance that the homes and jobs of the side allow.

    Parameters
    ----------
    people
        Whose homes and jobs; they stay as they are, and only who goes where is exchanged.
    most
        Side of the largest square of distances to hold, as `transport.separation` has it.

    Returns
    -------
    Separation
        Between centres of cells; None where nobody is counted.
    """
    from spatial.transport import separation

    own = people.own
    if not len(own) or not own.graduates.sum() > 0:
        return None
    return separation(_by_cell(people.homes, own), _by_cell(people.jobs, own), most=most)


def _part(over: float, under: float) -> float:
    return over / under if under > 0 else nan


def _exchange(people: Commuters, drawn: Draws) -> Found:
    """Who lives, works and crosses, whichever side is asked for; totals are not left to chance."""
    weight = people.pairs.graduates
    if people.whole:  # so by construction: chance has no part in it
        residents = workers = both = float(weight.sum())
        contained, entering, balance = NOTHING, NOTHING, NOTHING
    else:
        lives, works = people.lives, people.works
        residents, workers = float(weight[lives].sum()), float(weight[works].sum())
        both = float(weight[lives & works].sum())
        home, job = people.pairs.origin[lives], people.pairs.destination[works]
        contained = drawn.ratio(home, works[lives] * weight[lives], weight[lives])
        entering = drawn.ratio(job, ~lives[works] * weight[works], weight[works])
        balance = drawn.ratio_of((job, weight[works]), (home, weight[lives]))
    return {
        "residents": (residents, *NOTHING),
        "workers": (workers, *NOTHING),
        "self_containment": (_part(both, residents), *contained),
        "inflow": (workers - both, entering[0] * workers, entering[1] * workers),
        "outflow": (
            residents - both,
            (1 - contained[1]) * residents,
            (1 - contained[0]) * residents,
        ),
        "jobs_housing_ratio": (_part(workers, residents), *balance),
    }


def _distances(people: Commuters, drawn: Draws, distance: Floats, *, bands: Bands) -> Found:
    weight, ends = people.own.graduates, people.ends
    total = float(weight.sum())
    shares = list(QUANTILES.values())
    order = np.argsort(distance, kind="stable")
    ordered = distance[order], weight[order]
    middle = quantile_of_sorted(ordered[0], np.cumsum(ordered[1]), shares)
    around = drawn.quantiles(ends[order], *ordered, shares)
    rows = zip(QUANTILES, middle, around, strict=True)
    found = {"mean_distance_km": _mean(people, drawn, distance, total)}
    found |= {name: (float(value), *interval) for name, value, interval in rows}
    found["share_within_5km"] = _mean(people, drawn, distance <= _NEAR_KM, total)
    band = bands.of(distance)
    for number, name in enumerate(bands.names):
        found[name] = _mean(people, drawn, band == number, total)
    return found


def _mean(
    people: Commuters, drawn: Draws, values: Floats | Mask, total: float
) -> tuple[float, float, float]:
    """Mean of `values` over the people of the side, shape (k,), with its interval."""
    weight = people.own.graduates
    sums = values * weight
    return (_part(float(sums.sum()), total), *drawn.ratio(people.ends, sums, weight))


def _radius(people: Commuters, drawn: Draws) -> tuple[float, float, float]:
    own = people.own
    value = radius_km(own.lat, own.lon, people.homes + people.jobs)
    low, high = drawn.radius(
        people.ends,
        (own.origin, own.destination),
        own.graduates,
        (own.lat, own.lon, own.cell),
    )
    return value, low * value, high * value


def _layout(people: Commuters, found: Separation) -> Found:
    """What the layout allows, with bounds that are guaranteed rather than drawn."""
    own = people.own
    mean = float(np.average(own.distance_km, weights=own.graduates))
    moved = _moved_km(people)
    error, most_error = found.error_km + moved, found.maximum_error_km + moved
    least = (max(found.minimum_km - error, 0.0), min(found.minimum_km + error, mean))
    most = (max(found.maximum_km - most_error, mean), found.maximum_km + most_error)
    return {
        "separation_km": (found.minimum_km, *_around(found.minimum_km, least)),
        "maximum_km": (found.maximum_km, *_around(found.maximum_km, most)),
        "excess_share": (
            _part(mean - found.minimum_km, mean),
            _part(mean - least[1], mean),
            _part(mean - least[0], mean),
        ),
        # Both bounds lower it as they rise.
        "capacity_used": (
            _part(mean - found.minimum_km, found.maximum_km - found.minimum_km),
            _part(mean - least[1], most[1] - least[1]),
            _part(mean - least[0], most[0] - least[0]),
        ),
    }


def _around(value: float, bound: Interval) -> Interval:
    """A bound that holds its value, though rounding may have put them a digit apart."""
    return min(bound[0], value), max(bound[1], value)


def _by_cell(people: Floats, pairs: Pairs) -> pd.Series:
    held = people > 0
    index = pd.Index(pairs.cell[held], name="cell")
    return pd.Series(people[held], index=index, name="graduates").groupby(level=0).sum()


def _moved_km(people: Commuters) -> float:
    """
    How far the least mean distance can move when every end moves to the centre of its cell.

    No assignment's mean changes by more than the mean move of homes and of jobs together.
    """
    own = people.own
    if not own.exact:
        return 0.0
    both = people.homes + people.jobs
    held = both > 0
    lat, lon = h3cells.centres(own.cell[held])
    away = distance_km(own.lat[held], own.lon[held], lat, lon)
    return float(both[held] @ away / own.graduates.sum())


def _by_rail(people: Commuters, drawn: Draws, network: Network) -> Found:
    from spatial.rail import nearest_station, times_between

    own = people.own
    total = float(own.graduates.sum())
    near = np.zeros(len(own.lat), dtype=np.bool_)
    used = np.flatnonzero(people.homes + people.jobs > 0)
    _, metres = nearest_station(network, own.lat[used], own.lon[used])
    near[used] = metres <= network.rules.near_m
    times = times_between(network, own.lat, own.lon, own.origin, own.destination)
    found = {
        "mean_minutes": _mean(people, drawn, times.minutes, total),
        "share_within_45min": _mean(people, drawn, times.minutes <= _SOON_MINUTES, total),
        "share_over_60min": _mean(people, drawn, times.minutes > _LONG_MINUTES, total),
        "homes_near_rail": _mean(people, drawn, near[own.origin], total),
        "rail_coverage_800m": _mean(people, drawn, near[own.origin] & near[own.destination], total),
    }
    riders = np.where(times.by_rail, own.graduates, 0.0)
    walks = np.where(times.by_rail, times.walk_home + times.walk_work, 0.0)
    soon = riders * (times.minutes <= _SOON_MINUTES)
    for name, sums in (("rail_within_45min", soon), ("last_mile_minutes", riders * walks)):
        interval = drawn.ratio(people.ends, sums, riders)
        found[name] = (_part(float(sums.sum()), float(riders.sum())), *interval)
    return found
