"""Quotients: each location quotient with the interval chance leaves it, and a verdict."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaincinv, gammaln

from spatial.significance import false_discovery

__all__ = ["Verdict", "prior_shape", "quotient_table"]

Verdict = Literal["more", "fewer", "none"]
"""Whether graduates are more or fewer than their base would have it, beyond chance."""

Floats = NDArray[np.float64]

_TAIL: Final = 0.025
_SHAPES: Final = (1e-3, 1e6)  # of the prior: from any quotient at all to none but 1


def quotient_table(
    counts: pd.Series,
    base: pd.Series,
    *,
    by: pd.Series | None = None,
    alpha: float = 0.05,
    least: float = 1.0,
) -> pd.DataFrame:
    """
    Location quotient of each cell, or of each group of cells, and what chance leaves of it.

    Parameters
    ----------
    counts, base
        Graduates, and all residents or jobs, per cell, shape (n,), on one index.
    by
        District or place of each cell, on the same index; missing for cells of none, which
        count in the whole all the same. Left out, each cell stands for itself.
    alpha
        False discovery rate of the verdicts.
    least
        Fewest graduates the base must lead one to expect for a verdict. Below, a base of a few
        persons is itself no better known than to a few persons: ten graduates where nobody is
        known to live are no finding.

    Returns
    -------
    pandas.DataFrame
        On the index of `counts`, or that of the groups, sorted. graduates and base; expected
        (graduates by the rate of all cells with base); lq (graduates / expected; NaN where base
        is 0 or unknown); low and high, its exact 95 % interval, the base taken as known; shrunk,
        the empirical Bayes quotient; p (two-sided, of a quotient of 1) and q, NaN where
        `expected` is below `least`; verdict, "more" or "fewer" where q is at most `alpha`, else
        "none". Graduates in cells without base are in `graduates` alone.

    Notes
    -----
    Graduates are taken as Poisson: counted one by one, each by chance. They come in firms and
    households, so that the true interval is wider where counts are large. Counts need not be
    whole. `shrunk` is (graduates + s) / (expected + s): quotients come from a gamma distribution
    of mean 1 and shape s, and s is the likeliest for the counts of all cells (`prior_shape`), also
    where rows are groups of them.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.
    Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks
    for use in disease mapping. Biometrics 43, 671-681.
    """
    cells = _cells(counts, base)
    rate = cells["counted"].sum() / (cells["base"].sum() or np.nan)
    table = cells.copy() if by is None else _by(cells, by)
    y, under = table.pop("counted").to_numpy(), table["base"].to_numpy()
    expected = np.where((under > 0) & (rate > 0), under * rate, np.nan)
    # A handful of places, chosen for being many, cannot tell how quotients differ: cells can.
    shape = prior_shape(cells["counted"].to_numpy(), cells["base"].to_numpy() * rate)
    low, high = _garwood(y, expected)
    p = np.where(expected >= least, _two_sided(y, expected), np.nan)
    q = false_discovery(pd.Series(p, index=table.index))
    beyond = (q <= alpha).to_numpy()
    above = y > expected
    return table.assign(
        expected=expected,
        lq=y / expected,
        low=low,
        high=high,
        shrunk=(y + shape) / (expected + shape),
        p=p,
        q=q,
        verdict=np.select([beyond & above, beyond], ["more", "fewer"], "none"),
    )


def prior_shape(counts: Floats, expected: Floats) -> float:
    """
    Shape of the gamma distribution of mean 1 from which quotients most likely come.

    Counts then follow negative binomials; their likelihood is climbed over the shape alone.

    Parameters
    ----------
    counts, expected
        Graduates, and how many the base leads one to expect, shape (n,); rows that are NaN or
        expect none are left out.

    Returns
    -------
    float
        0.001 to a million: small where quotients differ widely, large where chance explains
        all differences. A million with fewer than two rows.
    """
    from scipy.optimize import minimize_scalar  # slow to load, and few need it

    known = expected > 0
    y, mean = counts[known], expected[known]
    if len(y) < 2:
        return _SHAPES[1]

    # Most counts are small and many alike: their gamma functions are looked up once each.
    levels, times = np.unique(y, return_counts=True)

    def unlikely(log_shape: float) -> float:
        shape = np.exp(log_shape)
        whole = times @ (gammaln(levels + shape) - gammaln(shape) - levels * log_shape)
        return float((y + shape) @ np.log1p(mean / shape) - whole)

    # Flat where the shape is all but endless: the steps before the climb keep it from there.
    grid = np.linspace(np.log(_SHAPES[0]), np.log(_SHAPES[1]), 25)
    best = int(np.argmin([unlikely(one) for one in grid]))
    if best in (0, len(grid) - 1):
        return float(_SHAPES[0] if best == 0 else _SHAPES[1])
    found = minimize_scalar(unlikely, bounds=(grid[best - 1], grid[best + 1]), method="bounded")
    return float(np.exp(found.x))


def _cells(counts: pd.Series, base: pd.Series) -> pd.DataFrame:
    """Graduates, base, and graduates counted against it: those of cells with base."""
    if not counts.index.equals(base.index):
        raise ValueError("graduates and base must be of the same cells in the same order")
    people, under = counts.astype(np.float64), base.astype(np.float64)
    return pd.DataFrame(
        {"graduates": people, "base": under, "counted": people.where(under > 0, 0.0)}
    )


def _by(cells: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    labels = by.reindex(cells.index).to_numpy(dtype=object)
    return cells.groupby(labels).sum(min_count=1).rename_axis(str(by.name))


def _garwood(y: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Exact 95 % interval of each Poisson mean over what was expected."""
    low = np.where(y > 0, gammaincinv(np.where(y > 0, y, 1.0), _TAIL), 0.0)
    return low / expected, gammaincinv(y + 1, 1 - _TAIL) / expected


def _two_sided(y: Floats, expected: Floats) -> Floats:
    """Twice the smaller Poisson tail of each count."""
    above = np.where(y > 0, gammainc(np.where(y > 0, y, 1.0), expected), 1.0)
    below = gammaincc(y + 1, expected)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(above, below)))
