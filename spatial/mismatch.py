"""Mismatch: homes without jobs, jobs without homes, and the way between the two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.ends import Labels, ends_of
from spatial.pairs import Pairs
from spatial.places import Places
from spatial.rail import Network, times_between

__all__ = ["FEED_COLUMNS", "balance", "demand_over", "feeds", "pockets_to_magnets"]

Floats = NDArray[np.float64]

FEED_COLUMNS: Final = (
    "home",
    "home_name",
    "home_name_en",
    "work",
    "work_name",
    "work_name_en",
    "rank",
    "graduates",
    "share",
    "km",
    "minutes",
    "rail_minutes",
    "by_rail",
)
"""Columns of a table of which homes feed which jobs."""
_NAMES: Final = ("name", "name_en")
_ENDS: Final = (("", "id"), ("_name", "name"), ("_name_en", "name_en"))


def balance(residence: pd.Series, work: pd.Series) -> pd.Series:
    """
    Graduates at home less those at work, over both: 1 only homes, -1 only jobs, 0 as many.

    Parameters
    ----------
    residence, work
        Graduates per cell, shape (n,), on one index.

    Returns
    -------
    pandas.Series
        Named "balance", -1 to 1; NaN where nobody lives or works.
    """
    both = residence + work
    return ((residence - work) / both.where(both > 0)).rename("balance")


def pockets_to_magnets(
    pairs: Pairs, homes: Places, work: Places, network: Network | None
) -> pd.DataFrame:
    """
    Which magnet each residential pocket feeds most, and how far its people go to the magnets.

    Parameters
    ----------
    pairs, homes, work, network
        As in `feeds`.

    Returns
    -------
    pandas.DataFrame
        Index id of the residence place, in the order of `homes`: name, name_en, total (graduates
        who live there and work anywhere), to_magnets (who work in any place of work) and its
        share of `total`; km, minutes and rail_minutes, means of those; magnets, how many places
        of work take at least a twentieth of them; then the main one: magnet, magnet_name,
        magnet_name_en, magnet_share (of `total`), magnet_km, magnet_minutes,
        magnet_rail_minutes. NaN and "" where nobody goes.
    """
    table = feeds(pairs, homes, work, network)
    ids = pd.Index(homes.table["id"].astype(str), name="id")
    own = ends_of(pairs, places=homes)
    total = _sums(own.code[pairs.origin], pairs.graduates, len(ids))
    found = pd.DataFrame(
        {name: _texts(homes, name) for name in ("name", "name_en")} | {"total": total}, index=ids
    )
    going = table.groupby("home")
    found["to_magnets"] = going["graduates"].sum().reindex(ids).fillna(0.0)
    found["share"] = found["to_magnets"] / found["total"].where(found["total"] > 0)
    for name in ("km", "minutes", "rail_minutes"):
        found[name] = _mean(table, name).reindex(ids)
    part = table["graduates"] / going["graduates"].transform("sum")
    some = table["home"][part >= 0.05].value_counts()
    found["magnets"] = some.reindex(ids).fillna(0).astype(int)
    main = table[table["rank"] == 1].set_index("home").reindex(ids)
    for column, name in (("work", "magnet"), *((f"work_{n}", f"magnet_{n}") for n in _NAMES)):
        found[name] = main[column].fillna("").astype("str")
    for name in ("share", "km", "minutes", "rail_minutes"):
        found[f"magnet_{name}"] = main[name]
    return found


def feeds(pairs: Pairs, homes: Places, work: Places, network: Network | None) -> pd.DataFrame:
    """
    People who go from each residence place to each place of work, how far and how long.

    Parameters
    ----------
    pairs
        Flows of one year.
    homes, work
        Residence places, and places of work, of that year; their cells may be coarser than the
        ends of the flows.
    network
        The rail of the year; without it minutes are NaN.

    Returns
    -------
    pandas.DataFrame
        Columns FEED_COLUMNS, one row for each two places between which anybody goes, in the
        order of `homes` and then by `rank`, 1 the most graduates. share is of all who live in
        the residence place. Means of these people: km (geodesic), minutes (modelled, from door
        to door by the faster way), rail_minutes (of those for whom a way by rail exists; NaN
        where for none). by_rail: share of them for whom rail is the faster way.
    """
    home, job = ends_of(pairs, places=homes), ends_of(pairs, places=work)
    between, minutes, rail_minutes, by_rail = _between(pairs, home, job, network)
    k = len(job)
    code = home.code[between.origin] * k + job.code[between.destination]
    size, people = len(home) * k, between.graduates
    graduates = _sums(code, people, size)
    held = np.flatnonzero(graduates > 0)
    row, column = np.divmod(held, max(k, 1))
    total = _sums(home.code[pairs.origin], pairs.graduates, len(home))
    table = pd.DataFrame(
        {f"home{word}": home.table[name].to_numpy()[row] for word, name in _ENDS}
        | {f"work{word}": job.table[name].to_numpy()[column] for word, name in _ENDS}
        | {
            "graduates": graduates[held],
            "share": graduates[held] / total[row],
            "km": _means(code, between.distance_km, people, size)[held],
            "minutes": _means(code, minutes, people, size)[held],
            "rail_minutes": _means(code, rail_minutes, people, size)[held],
            "by_rail": _means(code, by_rail, people, size)[held],
        }
    )
    order = np.lexsort((column, -graduates[held], row))
    table = table.iloc[order].reset_index(drop=True)
    table["rank"] = table.groupby("home").cumcount() + 1
    return table[list(FEED_COLUMNS)]


def demand_over(
    pairs: Pairs,
    homes: Places,
    work: Places,
    network: Network | None,
    *,
    minutes: Sequence[float] = (30, 45, 60),
) -> pd.DataFrame:
    """
    Share of those who go from hotspot to hotspot that takes them longer than each limit.

    Parameters
    ----------
    pairs, homes, work, network
        As in `feeds`.
    minutes
        Limits, from door to door, modelled.

    Returns
    -------
    pandas.DataFrame
        One row a limit: minutes, graduates (who go from a residence place to a place of work),
        over (those beyond the limit), share, share_of_all (graduates / all of the flows). over
        and share are NaN without rail, share also where nobody goes.
    """
    home, job = ends_of(pairs, places=homes), ends_of(pairs, places=work)
    between, taken, _, _ = _between(pairs, home, job, network)
    people, all_people = between.graduates, float(pairs.graduates.sum())
    total = float(people.sum())
    unknown = network is None
    over = [np.nan if unknown else float(people[taken > limit].sum()) for limit in minutes]
    table = pd.DataFrame({"minutes": np.asarray(minutes, dtype=np.float64)})
    table["graduates"] = total
    table["over"] = np.asarray(over, dtype=np.float64)
    table["share"] = table["over"] / (total or np.nan)
    table["share_of_all"] = total / (all_people or np.nan)
    return table


def _between(
    pairs: Pairs, home: Labels, job: Labels, network: Network | None
) -> tuple[Pairs, Floats, Floats, Floats]:
    """Pairs from a residence place to a place of work, and modelled minutes of each."""
    inside = (home.code[pairs.origin] >= 0) & (job.code[pairs.destination] >= 0)
    found = pairs.where(inside)
    n = len(found.graduates)
    if network is None or not n:
        unknown = np.full(n, np.nan)
        return found, unknown, unknown, unknown
    times = times_between(network, found.lat, found.lon, found.origin, found.destination)
    rail = np.where(np.isfinite(times.rail_minutes), times.rail_minutes, np.nan)
    return found, times.minutes, rail, times.by_rail.astype(np.float64)


def _sums(code: NDArray[np.int64], people: Floats, size: int) -> Floats:
    held = code >= 0
    return np.asarray(np.bincount(code[held], people[held], minlength=size), dtype=np.float64)


def _means(code: NDArray[np.int64], values: Floats, people: Floats, size: int) -> Floats:
    """Mean of `values` by code, weighted by people, of those whose value is known."""
    known = ~np.isnan(values)
    weight = _sums(code[known], people[known], size)
    above = _sums(code[known], people[known] * values[known], size)
    return np.asarray(np.divide(above, weight, out=np.full(size, np.nan), where=weight > 0))


def _mean(table: pd.DataFrame, name: str) -> pd.Series:
    """Mean of a column of `feeds` by residence place, weighted by graduates."""
    known = table[table[name].notna()]
    above = (known[name] * known["graduates"]).groupby(known["home"]).sum()
    return above / known.groupby("home")["graduates"].sum()


def _texts(places: Places, name: str) -> NDArray[np.object_]:
    column = name if name in places.table else "id"
    return np.asarray(places.table[column].astype(str), dtype=object)
