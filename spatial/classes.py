"""Classes of places: work centre, residential pocket, mixed live-work, campus edge."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.geodesy import distance_km
from spatial.schema import PlaceClass, Role

__all__ = ["ClassRules", "classify_places"]


@dataclass(frozen=True)
class ClassRules:
    """
    Where one class of place ends and the next begins; our choice, to be changed at will.

    Parameters
    ----------
    lead
        A place leans to work when its share of all graduates at work is at least `lead` times
        its share of all graduates at home, and to homes the other way round.
    campus_km
        A place that does not lean to work is a campus edge when a campus lies this near to its
        peak, km.
    """

    lead: float = 2.0
    campus_km: float = 1.0


def classify_places(
    places: pd.DataFrame,
    *,
    role: Role,
    campuses: gpd.GeoDataFrame | None = None,
    rules: ClassRules | None = None,
) -> pd.DataFrame:
    """
    Class of each place, and the rule that gave it.

    Rules are tried in this order: "jobs", its share of work leads: work_centre. "campus", it
    stands beside a campus: campus_edge. "homes", its share of residence leads:
    residential_pocket. "both", neither leads: mixed_live_work. With only one role counted
    nothing can lead: "campus" as above for homes, else "role", the class of the role itself.

    Shares, not counts, are compared: where homes are counted more fully than jobs, or the other
    way round, every place would lean one way.

    Parameters
    ----------
    places
        `lat` and `lon` of the peaks, degrees; `residence_share` and `work_share`, the place's
        part of all graduates in that role, NaN where the role is not counted.
    role
        The role whose hotspots the places are.
    campuses
        Layer "campuses", or None.
    rules
        Thresholds; None stands for the defaults.

    Returns
    -------
    pandas.DataFrame
        Columns class and rule, on the index of `places`.
    """
    rules = rules or ClassRules()
    homes = places["residence_share"].to_numpy(dtype=np.float64)
    jobs = places["work_share"].to_numpy(dtype=np.float64)
    unknown = np.isnan(homes) | np.isnan(jobs)
    beside = _campus_distance_km(places, campuses) <= rules.campus_km
    alone: PlaceClass = "work_centre" if role == "work" else "residential_pocket"
    conditions = [
        ~unknown & (jobs > 0) & (jobs >= rules.lead * homes),
        beside & ~(unknown & (role == "work")),
        ~unknown & (homes > 0) & (homes >= rules.lead * jobs),
        ~unknown,
    ]
    classes = ["work_centre", "campus_edge", "residential_pocket", "mixed_live_work"]
    return pd.DataFrame(
        {
            "class": np.select(conditions, classes, alone),
            "rule": np.select(conditions, ["jobs", "campus", "homes", "both"], "role"),
        },
        index=places.index,
        dtype="str",
    )


def _campus_distance_km(
    places: pd.DataFrame, campuses: gpd.GeoDataFrame | None
) -> NDArray[np.float64]:
    if campuses is None or campuses.empty or places.empty:
        return np.full(len(places), np.inf)
    points = campuses.geometry.representative_point()
    lat, lon = places["lat"].to_numpy()[:, None], places["lon"].to_numpy()[:, None]
    apart = distance_km(lat, lon, points.y.to_numpy()[None], points.x.to_numpy()[None])
    return np.asarray(apart.min(axis=1))
