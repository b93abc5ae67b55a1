"""Measures: what is mapped, graduates as counted, per km2, of base, or over what base predicts."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from spatial import cells as h3cells
from spatial.schema import Measure

__all__ = ["density", "measured", "share", "surplus"]


def density(counts: pd.Series) -> pd.Series:
    """Graduates per km2 of each cell's own area: cells of one resolution differ in size."""
    return (counts / h3cells.area_km2(counts.index)).rename("density")


def share(counts: pd.Series, base: pd.Series) -> pd.Series:
    """Graduates per `base` in each cell; NaN where base is 0 or unknown."""
    return (counts / base.where(base > 0)).rename("share")


def surplus(counts: pd.Series, base: pd.Series) -> pd.Series:
    """
    Graduates above what `base` predicts, in standard errors of a Poisson count.

    (observed - expected) / sqrt(expected), where expected = base * total graduates / total base
    over the cells with base. Unlike a share it gives a cell of three people no more weight
    than three people deserve.

    Returns
    -------
    pandas.Series
        Named "surplus", on the index of `counts`. A cell where base is 0 holds 0 when nobody
        was counted there, as expected; it is NaN when somebody was, and where base is unknown,
        for then nothing can be expected.
    """
    peopled = base > 0
    rate = counts[peopled].sum() / base[peopled].sum() if peopled.any() else np.nan
    expected = base.where(peopled) * rate
    # With no graduates at all nothing is expected anywhere, and nothing is what was found.
    score = ((counts - expected) / np.sqrt(expected)).where(expected > 0, expected)
    filled: pd.Series = score.mask((base == 0) & (counts == 0), 0.0)
    return filled.rename("surplus")


def measured(counts: pd.Series, base: pd.Series | None = None, *, measure: Measure) -> pd.Series:
    """
    `counts` as `measure` asks, on the same index.

    Raises
    ------
    ValueError
        When the measure is unknown, or compares with a `base` that is not there.
    """
    if measure == "count":
        return counts.rename("count")
    if measure == "density":
        return density(counts)
    if measure not in get_args(Measure):
        raise ValueError(f"measure must be one of {', '.join(get_args(Measure))}, found {measure}")
    if base is None:
        raise ValueError(f"measure {measure} compares with a base, found none")
    return share(counts, base) if measure == "share" else surplus(counts, base)
