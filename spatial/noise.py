"""Noise: how far two counts may differ though nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, ndtri

__all__ = ["Dispersion", "as_pair", "estimate_dispersion", "p_change", "score", "usual"]

_LEAST = 10.0  # below this many graduates in both years a root score is too coarse to measure by
_BIN = 40  # cells it takes for a median of scores to be worth fitting to
_BINS = 20
_HALF: Final = 0.45493642311957283  # median of chi-square with one degree of freedom
_SMALLEST_P: Final = 1e-300


@dataclass(frozen=True)
class Dispersion:
    """
    Variance of counts against that of a Poisson count, as a line over their size.

    Counted persons would vary as Poisson counts if each came and went alone. They do not: an
    employer moves as a whole, a register is cleaned, a signal is assigned to the next mast. What
    that adds grows with the count, so the ratio is `floor` + `growth` * (before + after).

    Parameters
    ----------
    floor
        Ratio where counts are small, 1 or more; 1 is Poisson.
    growth
        Added ratio per graduate, 0 or more. A cell of many graduates then varies by a fixed part
        of them, with standard deviation sqrt(2 * growth) of each of the two years.
    """

    floor: float = 1.0
    growth: float = 0.0

    def at(self, total: ArrayLike) -> NDArray[np.float64]:
        """Ratio for cells whose two counts add up to `total`, shape (n,)."""
        return np.asarray(self.floor + self.growth * np.asarray(total, dtype=np.float64))


def estimate_dispersion(before: ArrayLike, after: ArrayLike) -> Dispersion:
    """
    Dispersion of two years of counts, from how the middle half of their cells differ.

    Most cells are taken to have changed with the city and no more; the median of their squared
    scores then measures noise, whatever a minority did. Cells with 10 graduates or more in both
    years together are put in up to 20 bins by size; in each, scores are taken about the bin's
    own median, so that growth shared by all is no noise. A line through the bins, weighted by
    their relative error and held at 1 or more, is the dispersion.

    Parameters
    ----------
    before, after
        Graduates of the same cells in two years, shape (n,).

    Returns
    -------
    Dispersion
        Poisson where fewer than 40 cells can be measured.

    References
    ----------
    Efron, B. (2004). Large-scale simultaneous hypothesis testing: the choice of a null
    hypothesis. Journal of the American Statistical Association 99, 96-104. McCullagh, P. &
    Nelder, J. A. (1989). Generalized Linear Models, 2nd ed., section 4.5: over-dispersion.
    """
    one = np.asarray(before, dtype=np.float64)
    other = np.asarray(after, dtype=np.float64)
    total = one + other
    measured = total >= _LEAST
    one, other, total = one[measured], other[measured], total[measured]
    bins = min(_BINS, len(total) // _BIN)
    if not bins:
        return Dispersion()
    scores = _root_scores(one, other)
    order = np.argsort(total, kind="stable")
    parts = np.array_split(order, bins)
    size = np.array([total[part].mean() for part in parts])
    away = [np.median(np.square(scores[part] - np.median(scores[part]))) for part in parts]
    return _line(size, np.array(away) / _HALF)


def usual(found: Sequence[Dispersion]) -> Dispersion:
    """
    Median floor and median growth of the dispersions of several pairs of years.

    Noise comes back every year and real change need not, so a pair in which much happened does
    not decide how noisy all are. Poisson where there are none.
    """
    if not found:
        return Dispersion()
    floors, growths = ([one.floor for one in found], [one.growth for one in found])
    return Dispersion(float(np.median(floors)), float(np.median(growths)))


def p_change(
    before: ArrayLike, after: ArrayLike, *, ratio: ArrayLike = 1.0, dispersion: Dispersion
) -> NDArray[np.float64]:
    """
    Two-sided p of two counts, were the second expected at `ratio` times the first.

    Given their sum n, the second of two Poisson counts is binomial with n trials and chance
    ratio / (1 + ratio), whatever their common mean: an exact test. p is twice the smaller tail.
    Overdispersed counts are divided by their dispersion first, as if that many fewer persons
    had come and gone alone; the binomial tail is then the beta integral it is for whole counts.

    Parameters
    ----------
    before, after
        Graduates of the same cells, shape (n,).
    ratio
        Expected second count over the first, above 0; one number or shape (n,).
    dispersion
        Of these counts.

    Returns
    -------
    numpy.ndarray
        Shape (n,); NaN where both counts are 0 (nothing to test) or `ratio` is NaN.

    References
    ----------
    Przyborowski, J. & Wilenski, H. (1940). Homogeneity of results in testing samples from
    Poisson series. Biometrika 31, 313-323. Korn, E. L. & Graubard, B. I. (1998). Confidence
    intervals for proportions with small expected number of positive counts estimated from
    survey data. Survey Methodology 24, 193-201 (counts divided by their dispersion).
    """
    total = np.asarray(before, dtype=np.float64) + np.asarray(after, dtype=np.float64)
    ratio = np.broadcast_to(np.asarray(ratio, dtype=np.float64), total.shape)
    fewer = dispersion.at(total)
    one, other = np.asarray(before) / fewer, np.asarray(after) / fewer
    chance = ratio / (1 + ratio)
    p = np.minimum(1.0, 2 * np.minimum(_tail(other, one, chance), _tail(one, other, 1 - chance)))
    return np.where((total > 0) & np.isfinite(chance), p, np.nan)


def score(p: NDArray[np.float64], sign: ArrayLike) -> NDArray[np.float64]:
    """Normal score with the two-sided chance `p` and a `sign`, at most about 37; NaN where p is."""
    return np.asarray(-np.sign(sign) * ndtri(np.maximum(p, _SMALLEST_P) / 2))


def _tail(
    hits: NDArray[np.float64], misses: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Chance of `hits` or more, were each of hits + misses a hit by `chance`."""
    some = hits > 0  # none or more is certain
    return np.asarray(np.where(some, betainc(np.where(some, hits, 1.0), misses + 1, chance), 1.0))


def _root_scores(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores of variance 1 for Poisson counts: angles of the second's part in both (Anscombe)."""
    ratio = other.sum() / one.sum() if one.sum() else 1.0
    total = one + other
    angle = np.arcsin(np.sqrt((other + 0.375) / (total + 0.75)))
    return np.asarray(2 * np.sqrt(total + 0.5) * (angle - np.arcsin(np.sqrt(ratio / (1 + ratio)))))


def _line(size: NDArray[np.float64], ratio: NDArray[np.float64]) -> Dispersion:
    """Line through the bins, both ends held: floor 1 or more, growth 0 or more."""
    from scipy.optimize import nnls  # slow to load, and few need it

    fitted = np.maximum(ratio, 1.0)
    floor, growth = 1.0, 0.0
    for _ in range(5):  # weights follow the fit: a median's error is in proportion to it
        columns = np.stack([np.ones_like(size), size], axis=1) / fitted[:, None]
        (above, growth), _ = nnls(columns, (ratio - 1.0) / fitted)
        floor = 1.0 + above
        fitted = floor + growth * size
    return Dispersion(float(floor), float(growth))


def as_pair(before: pd.Series, after: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as floats, once they are known to be of the same cells in the same order."""
    if not before.index.equals(after.index):
        odd = len(before.index.symmetric_difference(after.index))
        raise ValueError(
            f"two years must be of the same cells in the same order, found {len(before)} and"
            f" {len(after)}, of which {odd} differ"
        )
    return before.to_numpy(dtype=np.float64), after.to_numpy(dtype=np.float64)
