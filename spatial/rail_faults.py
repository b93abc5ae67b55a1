"""
What looks wrong in a study's rail, one sentence each: told, not hidden and not mended.

A study with such faults is sound, and its times are what its links give. A link is called false by
three rules, each of which real links may break: it is more than 2.5 times as long as any other of
its line; it passes a station of its own line by; its line is not among those its stations name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from spatial.chords import vectors
from spatial.rail_network import Network, network_of, standing
from spatial.study import Study

__all__ = ["rail_faults"]

Floats = NDArray[np.float64]

_NAMES_TOLD: Final = 6
_TWICE_KM: Final = 1.0
_LONG_KM: Final = 3.0  # shorter ones are nothing out of the way on any metro
_LONGER: Final = 2.5  # a young line may have a link twice as long as any other
_FEW_LINKS: Final = 3  # of two links of a line, either may be the odd one
_PAST_M: Final = 150.0  # a platform's half length


def rail_faults(study: Study, year: int | None = None) -> list[str]:
    """
    What looks wrong in the stations and links of a study, one plain sentence each.

    Parameters
    ----------
    study
        Any; one without stations has no faults here.
    year
        The year whose network is looked at; None takes it as it stood last.
    """
    stations, links = study.layer("stations"), study.layer("rail_links")
    if stations.empty:
        return ["there are links and no stations"] if len(links) else []
    year = _last(study) if year is None else year
    faults = [*_unplaced(stations), *_unknown(stations, links)]
    network = network_of(study, year)
    if network is None:
        return [*faults, f"no station with a place stands in {year}"]
    if network.links.empty:
        return [*faults, f"no two stations are linked in {year}: no way by rail can be timed"]
    running = standing(links, year)
    faults += [*_early(stations, running, network), *_parts(network), *_twice(network)]
    return [*faults, *_too_long(network), *_past(network, running), *_unlisted(network, stations)]


def _last(study: Study) -> int:
    years = [*study.years]
    for name in ("stations", "rail_links"):
        years += [int(one) for one in pd.to_numeric(study.layer(name)["opened"]).dropna()]
    return max(years, default=0)


def _listed(names: Iterable[object]) -> str:
    """The first few names, and how many more there are."""
    told = [str(one) for one in names]
    more = len(told) - _NAMES_TOLD
    return ", ".join(told[:_NAMES_TOLD]) + (f" and {more} more" if more > 0 else "")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _unplaced(stations: gpd.GeoDataFrame) -> list[str]:
    faults = []
    nameless = stations[["name", "name_en"]].fillna("").astype(str).apply(lambda c: c.str.strip())
    without = stations.loc[(nameless == "").all(axis=1), "id"]
    if len(without):
        faults.append(f"{_counted(len(without), 'station')} without a name: {_listed(without)}")
    shapes = stations.geometry
    nowhere = stations.loc[shapes.isna() | shapes.is_empty, "id"]
    if len(nowhere):
        faults.append(f"{_counted(len(nowhere), 'station')} without a place: {_listed(nowhere)}")
    return faults


def _unknown(stations: gpd.GeoDataFrame, links: gpd.GeoDataFrame) -> list[str]:
    ends = pd.concat([links["a"], links["b"]]).astype(str)
    lost = sorted(set(ends) - set(stations["id"].astype(str)))
    faults = []
    if lost:
        count = int((links["a"].astype(str).isin(lost) | links["b"].astype(str).isin(lost)).sum())
        faults.append(f"{_counted(count, 'link')} to stations that are not there: {_listed(lost)}")
    loops = links.loc[links["a"].astype(str) == links["b"].astype(str), "a"]
    if len(loops):
        faults.append(
            f"{_counted(len(loops), 'link')} from a station to itself: {_listed(loops.unique())}"
        )
    return faults


def _early(stations: gpd.GeoDataFrame, running: gpd.GeoDataFrame, network: Network) -> list[str]:
    """Links in use at a station that is not: both are known, only the years disagree."""
    shut = set(stations["id"].astype(str)) - set(network.ids)
    ends = pd.concat([running["a"], running["b"]]).astype(str)
    found = sorted(set(ends) & shut)
    if not found:
        return []
    return [f"links in use in {network.year} at stations that are not: {_listed(found)}"]


def _parts(network: Network) -> list[str]:
    linked = np.zeros(len(network), dtype=np.bool_)
    linked[network.links[["a", "b"]].to_numpy().ravel()] = True
    faults = []
    if not linked.all():
        faults.append(
            f"{_counted(int((~linked).sum()), 'station')} without a link:"
            f" {_listed(_names(network)[~linked])}"
        )
    reached = csr_array(np.isfinite(network.ride[np.ix_(linked, linked)]))
    count, part = connected_components(reached, directed=False)
    if count > 1:
        sizes = np.bincount(part)
        order = np.argsort(-sizes, kind="stable")
        apart = _names(network)[linked][part != order[0]]
        told = ", ".join(str(sizes[one]) for one in order[:-1]) + f" and {sizes[order[-1]]}"
        stand = "stands" if len(apart) == 1 else "stand"
        faults.append(
            f"the network falls into {count} parts of {told} stations:"
            f" {_listed(apart)} {stand} apart"
        )
    return faults


def _twice(network: Network) -> list[str]:
    faults = []
    places = vectors(network.lat, network.lon)
    names = pd.Series(_names(network))
    for name, rows in names[names.duplicated(keep=False)].groupby(names):
        here = places[rows.index]
        away = np.sqrt(((here[:, None] - here[None, :]) ** 2).sum(axis=-1))
        near = away[np.triu_indices(len(here), 1)]
        if (near <= _TWICE_KM * 1000).any():
            faults.append(f"{name} stands {len(here)} times, {near.min():.0f} m apart")
    return faults


def _too_long(network: Network) -> list[str]:
    found: dict[tuple[int, int], tuple[float, float, list[str]]] = {}
    for line, links in network.links.groupby("line"):
        if len(links) < _FEW_LINKS or not line:
            continue
        last = links.sort_values("km", kind="stable").iloc[-2:]
        other, longest = last["km"]
        if longest >= _LONG_KM and longest > _LONGER * other:
            ends = (int(last["a"].iloc[1]), int(last["b"].iloc[1]))
            found.setdefault(ends, (longest, other, []))[2].append(str(line))
    return [
        f"the link {_ends(network, a, b)} of line {_listed(lines)} looks false:"
        f" {longest:.1f} km, and no other link of the line is over {other:.1f} km"
        for (a, b), (longest, other, lines) in found.items()
    ]


def _past(network: Network, running: gpd.GeoDataFrame) -> list[str]:
    """Links drawn, or straight, over a station that other links of the same line serve."""
    places = vectors(network.lat, network.lon)
    drawn = _drawn(network, running)
    found: dict[tuple[int, int, int], list[str]] = {}
    for line, links in network.links.groupby("line"):
        served = np.unique(links[["a", "b"]].to_numpy())
        for a, b in links[["a", "b"]].itertuples(index=False) if line else ():
            between = served[(served != a) & (served != b)]
            way = drawn.get((a, b, str(line)), places[[a, b]])
            for passed in between[_away_m(places[between], way) <= _PAST_M]:
                found.setdefault((a, b, int(passed)), []).append(str(line))
    names = _names(network)
    return [
        f"the link {_ends(network, a, b)} of line {_listed(lines)} looks false:"
        f" it passes {names[passed]}, a station of the line, by"
        for (a, b, passed), lines in found.items()
    ]


def _drawn(network: Network, running: gpd.GeoDataFrame) -> dict[tuple[int, int, str], Floats]:
    """The way of each link that has a shape, as corners in metres, shape (n, 3)."""
    at = {name: row for row, name in enumerate(network.ids)}
    found = {}
    for a, b, line, shape in zip(
        running["a"].astype(str),
        running["b"].astype(str),
        running["line"].fillna("").astype(str),
        running.geometry,
        strict=True,
    ):
        corners = shapely.get_coordinates(shape)
        if a in at and b in at and len(corners) > 1:
            low, high = sorted((at[a], at[b]))
            found[low, high, line.strip()] = vectors(corners[:, 1], corners[:, 0])
    return found


def _away_m(points: Floats, way: Floats) -> Floats:
    """Metres from each point (n, 3) to the nearest of the way's straight pieces."""
    start, along = way[:-1], np.diff(way, axis=0)
    length = np.maximum((along**2).sum(axis=1), 1e-9)
    offset = points[:, None] - start[None]
    share = np.clip((offset * along).sum(axis=-1) / length, 0, 1)
    gap = offset - share[..., None] * along
    return np.asarray(np.sqrt((gap**2).sum(axis=-1)).min(axis=1))


def _unlisted(network: Network, stations: gpd.GeoDataFrame) -> list[str]:
    said = stations.set_index(stations["id"].astype(str))["lines"].fillna("").astype(str)
    lines = [{one.strip() for one in said[name].split(";")} - {""} for name in network.ids]
    wrong = [
        f"{_ends(network, a, b)} ({line})"
        for a, b, line in network.links[["a", "b", "line"]].itertuples(index=False)
        if line and any(lines[end] and line not in lines[end] for end in (a, b))
    ]
    if not wrong:
        return []
    count = _counted(len(wrong), "link")
    return [f"{count} of a line that a station of it does not name: {_listed(wrong)}"]


def _ends(network: Network, a: int, b: int) -> str:
    names = _names(network)
    return f"{names[a]}-{names[b]}"


def _names(network: Network) -> NDArray[np.object_]:
    """What to call each station: its name, else its English name, else its id."""
    named = np.where(network.names == "", network.names_en, network.names)
    return np.where(named == "", network.ids, named)
