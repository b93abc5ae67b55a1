"""Corridors: long journeys that many people share, and the bus line each of them would need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.ends import Labels, coarse_cells, named
from spatial.geodesy import sphere_distance_km
from spatial.pairs import Pairs
from spatial.places import Layers
from spatial.rail import Network, RailRules, direct_minutes, times_between

__all__ = ["CORRIDOR_COLUMNS", "BusRules", "bus_lines", "corridors"]

CORRIDOR_COLUMNS: Final = (
    "origin",
    "origin_en",
    "destination",
    "destination_en",
    "home_lat",
    "home_lon",
    "work_lat",
    "work_lon",
    "length_km",
    "graduates",
    "served",
    "minutes_now",
    "minutes_bus",
    "minutes_saved",
    "person_hours",
    "modelled",
)
"""Columns of a table of corridors."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_TRIPS: Final = 2  # there in the morning and back in the evening


@dataclass(frozen=True, kw_only=True)
class BusRules:
    """
    Which journeys are long, and what a customised bus would make of them.

    The bus is one that people book: it runs from one stop among the homes to one among the
    jobs, without a stop between. Every figure is an assumption of ours, for a large Chinese city
    in the morning peak.

    Parameters
    ----------
    least_km
        Straight line from home to work; below it a bicycle or a local bus serves better.
    least_minutes
        Door to door now, modelled; 45 minutes is the national target for a commute.
    least_saved
        Minutes that one must save to change to the bus: less is within the model's error.
    least_graduates
        Served in one line: two thirds of a coach of 45 seats.
    detour
        Road driven over the straight line between the stops.
    bus_kmh
        On the road: two thirds of the way on expressways with bus lanes at 50 km/h, one third
        on streets at the 22 km/h of peak traffic.
    wait_minutes
        At the stop: the bus is booked, and one is there a little before it leaves.
    feeder_detour, feeder_m_per_minute
        Street over the straight line to the stop, and the speed there: a shared bicycle,
        with the time to unlock and park it, for a way that is mostly 1 to 2 km.
    resolution
        Of the cells that gather ends in no place: some 2.5 km across, a stop's surroundings.
    """

    least_km: float = 8.0
    least_minutes: float = 45.0
    least_saved: float = 5.0
    least_graduates: float = 30.0
    detour: float = 1.3
    bus_kmh: float = 35.0
    wait_minutes: float = 3.0
    feeder_detour: float = 1.2
    feeder_m_per_minute: float = 160.0
    resolution: int = 7


def corridors(
    pairs: Pairs,
    network: Network | None,
    *,
    homes: Labels | None = None,
    work: Labels | None = None,
    rules: BusRules | None = None,
    most: int = 20,
    layers: Layers | None = None,
) -> pd.DataFrame:
    """
    Bus lines for the long journeys that save the most time, by the rail model's minutes of now.

    Parameters
    ----------
    pairs
        Flows of one year.
    network
        Rail as it runs in that year; None where there is none, and minutes go by the road.
    homes, work, rules, most, layers
        As for `bus_lines`.

    Returns
    -------
    pandas.DataFrame
        As of `bus_lines`: modelled, not measured.
    """
    rules = rules or BusRules()
    far = pairs.where(np.flatnonzero(pairs.sphere_distance_km > rules.least_km))
    if network is None:
        now = direct_minutes(far.sphere_distance_km, RailRules())
    else:
        now = times_between(network, far.lat, far.lon, far.origin, far.destination).minutes
    return bus_lines(far, now, homes=homes, work=work, rules=rules, most=most, layers=layers)


def bus_lines(
    pairs: Pairs,
    minutes_now: Floats,
    *,
    homes: Labels | None = None,
    work: Labels | None = None,
    rules: BusRules | None = None,
    most: int = 20,
    layers: Layers | None = None,
) -> pd.DataFrame:
    """
    The `most` bus lines that save the most time, one for each pair of parts.

    Pairs longer than `rules.least_km` and slower than `rules.least_minutes` are gathered by the
    label of both ends, or by the coarse cell where an end has none. The stops of a line are the
    mean places of its people's homes and jobs. By bus a journey takes the way to the stop, the
    wait, the ride and the way from the stop; only those who would save `rules.least_saved` minutes
    are served.

    Parameters
    ----------
    pairs
        Flows of one year, n of them between m ends.
    minutes_now
        Door to door of each pair, shape (n,); a pair with NaN or infinite minutes is left out,
        since nothing could be said of what it saves.
    homes, work
        Places of the ends people live and work at; ends elsewhere go by coarse cells. A district
        is too large for a stop.
    rules
        What is long and how fast buses are.
    most
        Lines to keep.
    layers
        For names of coarse cells.

    Returns
    -------
    pandas.DataFrame
        The line that saves the most time first: origin, destination and both in English;
        home_lat, home_lon, work_lat, work_lon (stops, degrees); length_km (on the road);
        graduates (with such long journeys), served (those of them who save enough); minutes_now,
        minutes_bus, minutes_saved (mean of those served, one way); person_hours (saved a day,
        there and back); modelled (True).
    """
    rules = rules or BusRules()
    slow = (minutes_now > rules.least_minutes) & np.isfinite(minutes_now)
    rows = np.flatnonzero(slow & (pairs.sphere_distance_km > rules.least_km))
    long, now = pairs.where(rows), minutes_now[rows]
    resolution = rules.resolution
    origins = coarse_cells(long, resolution=resolution, labels=homes)
    targets = coarse_cells(long, resolution=resolution, labels=work)
    wide = max(len(targets), 1)
    key, group = np.unique(
        origins.code[long.origin] * wide + targets.code[long.destination], return_inverse=True
    )
    lines = _Lines(long, group, len(key))
    table = _ridden(long, now, lines, rules=rules)
    enough = (table["served"] >= rules.least_graduates) & (table["served"] > 0)
    order = np.lexsort((key, -table["person_hours"].to_numpy()))
    kept = order[enough.to_numpy()[order]][:most]
    table = table.iloc[kept].reset_index(drop=True)
    for side, labels, code in (
        ("origin", origins, key[kept] // wide),
        ("destination", targets, key[kept] % wide),
    ):
        end = "home" if side == "origin" else "work"
        names = _names(labels, code, table[f"{end}_lat"], table[f"{end}_lon"], layers=layers)
        table[[side, f"{side}_en"]] = names.to_numpy()
    return table.assign(modelled=True)[list(CORRIDOR_COLUMNS)]


class _Lines:
    """The lines that pairs are gathered in, and the stops at both ends of each."""

    def __init__(self, pairs: Pairs, group: Ints, size: int) -> None:
        self.group, self.size, self.people = group, size, pairs.graduates
        home, job = pairs.origin, pairs.destination
        lon_0 = float(pairs.lon[home[0]]) if len(home) else 0.0
        self.home = self.mean(pairs.lat[home]), self._lon(pairs.lon[home], lon_0)
        self.work = self.mean(pairs.lat[job]), self._lon(pairs.lon[job], lon_0)

    def sums(self, values: Floats) -> Floats:
        return np.bincount(self.group, values, minlength=self.size).astype(np.float64)

    def mean(self, values: Floats, weight: Floats | None = None) -> Floats:
        """Mean by line, weighted with people; NaN where nobody counts."""
        weight = self.people if weight is None else weight
        with np.errstate(invalid="ignore"):
            return self.sums(values * weight) / self.sums(weight)

    def _lon(self, lon: Floats, lon_0: float) -> Floats:
        """Mean longitude by line, also across the date line."""
        east = (lon - lon_0 + 180) % 360 - 180
        return (self.mean(east) + lon_0 + 180) % 360 - 180


def _ridden(pairs: Pairs, now: Floats, lines: _Lines, *, rules: BusRules) -> pd.DataFrame:
    """What each line would do for its people."""
    length = sphere_distance_km(*lines.home, *lines.work) * rules.detour
    ride = rules.wait_minutes + length / rules.bus_kmh * 60
    feeder = np.zeros(len(now))
    for end, (lat, lon) in ((pairs.origin, lines.home), (pairs.destination, lines.work)):
        km = sphere_distance_km(pairs.lat[end], pairs.lon[end], lat[lines.group], lon[lines.group])
        feeder += km * 1000 * rules.feeder_detour / rules.feeder_m_per_minute
    bus = ride[lines.group] + feeder
    served = np.where(now - bus >= rules.least_saved, pairs.graduates, 0.0)
    saved = lines.mean(now - bus, served)
    return pd.DataFrame(
        {
            "home_lat": lines.home[0],
            "home_lon": lines.home[1],
            "work_lat": lines.work[0],
            "work_lon": lines.work[1],
            "length_km": length,
            "graduates": lines.sums(pairs.graduates),
            "served": lines.sums(served),
            "minutes_now": lines.mean(now, served),
            "minutes_bus": lines.mean(bus, served),
            "minutes_saved": saved,
            "person_hours": lines.sums(served * (now - bus)) * _TRIPS / 60,
        }
    )


def _names(
    labels: Labels, code: Ints, lat: pd.Series, lon: pd.Series, *, layers: Layers | None
) -> pd.DataFrame:
    """Name of each label in both languages; a coarse cell is named near its heaviest line."""
    used, first, at = np.unique(code, return_index=True, return_inverse=True)
    order = np.argsort(first)  # the heavier line has the first choice of a name
    table = labels.table.iloc[used].reset_index(drop=True).iloc[order]
    near = first[order]
    found = named(table, lat.to_numpy()[near], lon.to_numpy()[near], layers=layers)
    return found.sort_index().iloc[at][["name", "name_en"]]
