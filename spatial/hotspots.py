"""Hotspots: cells whose surroundings hold more, or fewer, than chance would put there."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.neighbours import Neighbours
from spatial.significance import false_discovery, p_analytic, p_permuted

__all__ = ["classify", "expected_by_chance", "find_hotspots", "getis_ord", "neighbour_score"]

_WORDS: Final = ("cold", "none", "hot")


def getis_ord(values: pd.Series, neighbours: Neighbours) -> pd.Series:
    """
    Gi* z-score of each cell, with binary weights and the cell itself included.

    z = sum over neighbours of (x - mean) / (s sqrt((n m - m^2) / (n - 1))), with m the cell's
    neighbours, itself included, n all cells, and s the standard deviation of x over n.

    Parameters
    ----------
    values
        One value per cell, shape (n,), zeros included: leaving empty cells out moves the mean,
        and with it every score. A cell that is NaN (a share without a base) has no value to
        compare: it is left out of n, of the mean and of every neighbourhood, and scores NaN.
    neighbours
        Of the same cells.

    Returns
    -------
    pandas.Series
        Named "z", on the index of `values`. 0 where the formula is 0 / 0: in a constant field,
        for a single cell, and where a neighbourhood is the whole study. There every
        neighbourhood holds just what is expected, so it stands out as little as can be.

    References
    ----------
    Ord, J. K. & Getis, A. (1995). Local spatial autocorrelation statistics: distributional
    issues and an application. Geographical Analysis 27(4), 286-306.
    """
    _check_same_cells(values, neighbours)
    known = values.notna().to_numpy()
    if not known.all():
        return getis_ord(values[known], neighbours.within(known)).reindex(values.index)
    n, m = len(values), neighbours.counts
    away = _from_mean(values)
    spread = np.sqrt(np.mean(away**2) * m * (n - m) / max(n - 1, 1)) if n else away
    return _ratio(neighbours.sums(away), spread, values.index)


def neighbour_score(values: pd.Series, neighbours: Neighbours) -> pd.Series:
    """
    z-score of each cell's neighbours alone, its own value held fixed and the others shuffled.

    The neighbours are a draw without replacement from the other n - 1 values, whose mean and
    variance give the score. Named "z"; 0 where those others are all alike or all neighbours,
    NaN where `values` is NaN.

    References
    ----------
    Sokal, R. R., Oden, N. L. & Thomson, B. A. (1998). Local spatial autocorrelation in a
    biological model. Geographical Analysis 30(4), 331-354.
    """
    _check_same_cells(values, neighbours)
    known = values.notna().to_numpy()
    if not known.all():
        return neighbour_score(values[known], neighbours.within(known)).reindex(values.index)
    away = _from_mean(values)
    others, m = max(len(values) - 1, 1), neighbours.counts - 1
    mean = -away / others  # of the other cells, since all of them sum to zero
    square = (away**2).sum() - away**2
    variance = square / others - mean**2
    variance[variance <= 1e-12 * (away**2).sum() / others] = 0.0  # rounding, not spread
    spread = np.sqrt(variance * m * np.maximum(others - m, 0) / max(others - 1, 1))
    return _ratio(neighbours.sums(away) - away - m * mean, spread, values.index)


def classify(z: pd.Series, chance: pd.Series, *, alpha: float = 0.05) -> pd.Series:
    """Hot, cold or none: the sign of `z` where `chance` (q, or p) is at most `alpha`."""
    sign = np.sign(z.to_numpy()) * (chance.to_numpy() <= alpha)
    codes = np.nan_to_num(sign).astype(np.intp) + 1
    return pd.Series(pd.array(_WORDS, dtype="str").take(codes), index=z.index, name="hotspot")


def find_hotspots(
    values: pd.Series,
    neighbours: Neighbours,
    *,
    alpha: float = 0.05,
    judge_by: Literal["q", "p"] = "q",
    permutations: int = 0,
    rng: np.random.Generator | None = None,
) -> pd.DataFrame:
    """
    Gi* score, its chance and the verdict of each cell.

    Parameters
    ----------
    values
        One value per cell, shape (n,), zeros included; NaN is left out (see `getis_ord`).
    neighbours
        Of the same cells.
    alpha
        Largest chance at which a cell is called hot or cold.
    judge_by
        The chance that is held against `alpha`: "q" bounds the share of false finds among all
        that are found, "p" the chance of a false find cell by cell.
    permutations
        0 takes p from the normal distribution; more takes it from as many permutations, with
        `rng`. The latter is what to trust where counts are few and skewed. It tests the
        neighbours alone (own value fixed), so a cell must then agree with them: a tower in an
        empty field is not hot because its surroundings are significantly empty.
    rng
        Source of chance, needed with permutations.

    Returns
    -------
    pandas.DataFrame
        Columns z, p, q and hotspot ("hot", "cold", "none"), on the index of `values`.
    """
    z = getis_ord(values, neighbours)
    side = z
    if permutations:
        if rng is None:
            raise ValueError("permutations need a source of chance, rng, found none")
        p = p_permuted(values, neighbours, permutations=permutations, rng=rng)
        side = z.where(z * neighbour_score(values, neighbours) > 0, z * 0)
    else:
        p = p_analytic(z)
    q = false_discovery(p)
    hotspot = classify(side, q if judge_by == "q" else p, alpha=alpha)
    return pd.DataFrame({"z": z, "p": p, "q": q, "hotspot": hotspot})


def expected_by_chance(
    hotspots: pd.DataFrame, *, alpha: float = 0.05, judge_by: Literal["q", "p"] = "q"
) -> tuple[float, int]:
    """
    How many cells chance alone would have marked, at most, and how many are marked.

    Judged by q that is a share of those marked; judged by p a share of all that were tested.
    """
    marked = int((hotspots["hotspot"] != "none").sum())
    return alpha * (marked if judge_by == "q" else int(hotspots["p"].notna().sum())), marked


def _from_mean(values: pd.Series) -> NDArray[np.float64]:
    """Differences from the mean; exactly 0 in a constant field, whatever the rounding."""
    found = values.to_numpy(dtype=np.float64)
    if len(found) == 0 or found.min() == found.max():
        return np.zeros(len(found))
    return np.asarray(found - found.mean())


def _ratio(sums: NDArray[np.float64], spread: NDArray[np.float64], index: pd.Index) -> pd.Series:
    z = np.divide(sums, spread, out=np.zeros(len(sums)), where=spread > 0)
    return pd.Series(z, index=index, name="z")


def _check_same_cells(values: pd.Series, neighbours: Neighbours) -> None:
    if not values.index.equals(neighbours.cells):
        raise ValueError(
            f"values and neighbours must be of the same cells in the same order, found"
            f" {len(values)} and {len(neighbours.cells)} that differ"
        )
