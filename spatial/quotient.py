"""Graduates against their base: location quotient, and whether higher gets higher."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

__all__ = ["Slope", "location_quotient", "log_log_slope", "poisson_slope"]

Floats = NDArray[np.float64]

_LEVEL: Final = 0.975
_STEPS: Final = 50


@dataclass(frozen=True)
class Slope:
    """Per cent more graduates for one per cent more base, with its 95 % interval."""

    slope: float
    low: float
    high: float
    n: int
    """Cells that were fitted."""


def location_quotient(counts: pd.Series, base: pd.Series) -> pd.Series:
    """
    Graduates per `base` in each cell over graduates per `base` in all.

    Parameters
    ----------
    counts, base
        Graduates, and all residents or jobs, per cell, shape (n,), on one index.

    Returns
    -------
    pandas.Series
        Named "lq": 1 as everywhere, 2 twice as many graduates as the base would suggest. NaN
        where base is 0 or unknown. The whole that is compared with is those cells that have
        base, so the mean of "lq" weighted by base is 1.

    References
    ----------
    Isard, W. (1960). Methods of regional analysis. Cambridge: MIT Press.
    """
    peopled = base > 0
    rate = counts[peopled].sum() / base[peopled].sum() if peopled.any() else np.nan
    share = counts / base.where(peopled)
    return (share / (rate if rate > 0 else np.nan)).rename("lq")


def log_log_slope(counts: pd.Series, base: pd.Series) -> Slope:
    """
    Slope of log graduates on log base: above 1, graduates concentrate more than the base does.

    Least squares over the cells where both are above 0, with heteroskedasticity-robust (HC3)
    errors and Student's t. Two biases to know: cells without graduates have no logarithm and
    drop out, so among cells of small base only the lucky ones are seen, which flattens the slope
    where counts are thin (`poisson_slope` keeps those cells); and errors in base flatten it too.
    Neighbouring cells resemble each other, which the interval does not know of.

    Parameters
    ----------
    counts, base
        Graduates, and all residents or jobs, per cell, shape (n,), on one index.

    Returns
    -------
    Slope
        All NaN with fewer than three cells, or one base for all of them.

    References
    ----------
    MacKinnon, J. G. & White, H. (1985). Some heteroskedasticity-consistent covariance matrix
    estimators with improved finite sample properties. Journal of Econometrics 29(3), 305-325.
    """
    y, x = counts.to_numpy(dtype=np.float64), base.to_numpy(dtype=np.float64)
    both = (y > 0) & (x > 0)
    x, y, n = np.log(x[both]), np.log(y[both]), int(both.sum())
    away = x - x.mean() if n else x
    if n < 3 or not (spread := float((away**2).sum())) > 1e-12 * n:
        return Slope(nan, nan, nan, n)
    slope = float((away * y).sum() / spread)
    residual = y - y.mean() - slope * away
    left = 1 - 1 / n - away**2 / spread
    # A cell that the line must pass through has no residual to tell of.
    scaled = np.where(left > 1e-12, residual / np.where(left > 1e-12, left, 1.0), 0.0)
    error = float(np.sqrt(((away * scaled) ** 2).sum()) / spread)
    return _slope(slope, error, n, at=float(stdtrit(n - 2, _LEVEL)))


def poisson_slope(counts: pd.Series, base: pd.Series) -> Slope:
    """
    Slope of log expected graduates on log base over all cells with base, empty ones included.

    Poisson regression by maximum likelihood, which needs of the counts only that their mean is
    base to some power, with sandwich errors. It weighs people where `log_log_slope` weighs
    cells: large cells speak louder.

    Parameters
    ----------
    counts, base
        Graduates, and all residents or jobs, per cell, shape (n,), on one index.

    Returns
    -------
    Slope
        All NaN with fewer than three cells, one base for all, graduates in none, or where no
        slope is steep enough (graduates only in the cells of one extreme base).

    References
    ----------
    Santos Silva, J. M. C. & Tenreyro, S. (2006). The log of gravity. Review of Economics and
    Statistics 88(4), 641-658.
    """
    y, x = counts.to_numpy(dtype=np.float64), base.to_numpy(dtype=np.float64)
    peopled = x > 0
    y, x, n = y[peopled], np.log(x[peopled]), int(peopled.sum())
    held = np.unique(x[y > 0])
    if n < 3 or np.ptp(x) < 1e-9 or not len(held) or _at_the_edge(held, x):
        return Slope(nan, nan, nan, n)
    design = np.column_stack([np.ones(n), x - x.mean()])
    beta = _fitted(design, y)
    if beta is None:
        return Slope(nan, nan, nan, n)
    mean = np.exp(design @ beta)
    bread = np.linalg.inv(design.T @ (design * mean[:, None]))
    meat = design.T @ (design * ((y - mean) ** 2)[:, None])
    error = float(np.sqrt((bread @ meat @ bread)[1, 1]))
    return _slope(float(beta[1]), error, n, at=float(ndtri(_LEVEL)))


def _at_the_edge(held: Floats, x: Floats) -> bool:
    return len(held) == 1 and held[0] in (x.min(), x.max())


def _fitted(design: Floats, y: Floats) -> Floats | None:
    """Intercept and slope by Newton's method, halving steps that overshoot; None when lost."""
    beta = np.array([np.log(y.mean()), 0.0])
    value = _likelihood(design, y, beta)
    for _ in range(_STEPS):
        mean = np.exp(design @ beta)
        step = np.linalg.solve(design.T @ (design * mean[:, None]), design.T @ (y - mean))
        while (found := _likelihood(design, y, beta + step)) < value - 1e-9 * abs(value):
            step = step / 2
        beta, value = beta + step, found
        if np.abs(step).max() < 1e-10:
            return beta
    return None


def _likelihood(design: Floats, y: Floats, beta: Floats) -> float:
    with np.errstate(over="ignore"):
        found = float((y * (design @ beta) - np.exp(design @ beta)).sum())
    return found if isfinite(found) else -np.inf


def _slope(slope: float, error: float, n: int, *, at: float) -> Slope:
    return Slope(slope, slope - at * error, slope + at * error, n)
