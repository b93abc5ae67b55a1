"""Opened: stations that opened since, and the graduates whose nearest station they now are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spatial.rail import opened_between
from spatial.schema import Role
from spatial.study import Study

__all__ = ["stations_opened"]


def stations_opened(study: Study, first: int, second: int, *, role: Role) -> pd.DataFrame:
    """
    Stations of the second year that did not stand in the first and are somebody's nearest.

    Parameters
    ----------
    study, first, second
        What is asked; the graduates are those of the second year.
    role
        Whether they live or work there.

    Returns
    -------
    pandas.DataFrame
        Columns station (id), name, name_en, graduates, before_m and after_m (mean straight-line
        metres to the nearest station of each year; before_m is inf where none stood), the most
        graduates first; stations nearest to nobody are left out.
    """
    people = study.series(role=role, year=second)["graduates"]
    table = opened_between(study, first, second)
    weight = people.reindex(table["cell"]).fillna(0.0).to_numpy()
    before = np.where(np.isinf(table["before_m"]), np.inf, table["before_m"] * weight)
    table = table.assign(graduates=weight, before_m=before, after_m=table["after_m"] * weight)
    held = table.groupby(["station", "name", "name_en"], as_index=False)[
        ["graduates", "before_m", "after_m"]
    ].sum()
    held = held[held["graduates"] > 0]
    held["before_m"] /= held["graduates"]
    held["after_m"] /= held["graduates"]
    return held.sort_values("graduates", ascending=False, ignore_index=True)
