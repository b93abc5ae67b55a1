"""Mann-Kendall: whether yearly values rise or fall, and how sure few years can make it."""

from __future__ import annotations

from functools import cache
from math import factorial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.significance import p_analytic

__all__ = ["LARGEST_EXACT", "mann_kendall", "rank_sums", "smallest_p"]

LARGEST_EXACT = 60  # years; beyond, the normal approximation is as good as exact
"""Years up to which the distribution is exact."""


def smallest_p(slices: int) -> float:
    """
    Smallest two-sided p a Mann-Kendall test of so many yearly slices can reach: 2 / slices!.

    Only the one order of all that rises throughout, and the one that falls, is that extreme;
    .33 with 3 slices, .083 with 4, .017 with 5. 1 with fewer than two.
    """
    if slices < 0:
        raise ValueError(f"slices must be 0 or more, found {slices}")
    return min(1.0, 2 / factorial(slices)) if slices < 100 else 0.0


def mann_kendall(values: pd.DataFrame) -> pd.DataFrame:
    """
    Mann-Kendall trend test of each row over its columns, in their order.

    Parameters
    ----------
    values
        One row per cell or place, one column per year, shape (n, years).

    Returns
    -------
    pandas.DataFrame
        On the index of `values`. s: rises less falls over all pairs of years. tau: s over pairs.
        z: s over its standard deviation under no trend, corrected for ties and for continuity,
        0 where s is. p_normal: two-sided, from z. p: two-sided and exact, from how many orders
        of the years are as extreme, where no two values of the row tie and there are up to 60
        years; p_normal elsewhere. All NaN in a row with any NaN or fewer than two years; in a
        constant row z is 0 and p is 1.

    References
    ----------
    Mann, H. B. (1945). Nonparametric tests against trend. Econometrica 13, 245-259. Kendall,
    M. G. (1975). Rank Correlation Methods, 4th ed. Griffin (variance with ties; exact p).
    """
    x = values.to_numpy(dtype=np.float64)
    n, years = x.shape
    s, tied = np.zeros(n), np.zeros(n, dtype=np.bool_)
    for step in range(1, years):
        signs = np.sign(x[:, step:] - x[:, :-step])
        s += signs.sum(axis=1)
        tied |= (signs == 0).any(axis=1)
    spread = np.sqrt(_variance(x))
    z = np.divide(s - np.sign(s), spread, out=np.zeros(n), where=spread > 0)
    z[np.isnan(s)] = np.nan
    p_normal = p_analytic(pd.Series(z)).to_numpy()
    exact = ~tied & ~np.isnan(s) & (2 <= years <= LARGEST_EXACT)
    p = p_normal.copy()
    if exact.any():
        p[exact] = _exact(s[exact], years)
    table = np.stack([s, s / max(years * (years - 1) / 2, 1), z, p_normal, p], axis=1)
    if years < 2:
        table[:] = np.nan
    columns = ["s", "tau", "z", "p_normal", "p"]
    return pd.DataFrame(table, index=values.index, columns=columns)


@cache
def rank_sums(years: int) -> tuple[float, ...]:
    """
    Chance of each s = -m, -m + 2, ..., m, m = years (years - 1) / 2, when every order is alike.

    The number of orders with a given count of falling pairs, built up year by year: the next
    year's value can take any rank among those before, and adds 0 to that many falling pairs.
    """
    chances = np.ones(1)
    for already in range(1, years):
        chances = np.convolve(chances, np.full(already + 1, 1 / (already + 1)))
    return tuple(chances.tolist())


def _exact(s: NDArray[np.float64], years: int) -> NDArray[np.float64]:
    chances = np.array(rank_sums(years))
    largest = years * (years - 1) // 2
    at_least = np.cumsum(chances[::-1])[::-1]
    place = ((np.abs(s) + largest) / 2).astype(np.int64)
    return np.asarray(np.where(s == 0, 1.0, np.minimum(1.0, 2 * at_least[place])))


def _variance(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance of s under no trend, less what ties take from it, shape (n,)."""
    years = x.shape[1]
    found = np.full(len(x), years * (years - 1) * (2 * years + 5.0))
    # Each value of a group of t ties adds its share of t (t - 1) (2 t + 5): (t - 1) (2 t + 5).
    for year in range(years):
        alike = (x == x[:, year : year + 1]).sum(axis=1)
        found -= np.where(alike > 0, (alike - 1) * (2 * alike + 5.0), 0.0)
    return found / 18
