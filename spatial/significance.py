"""Chance: p of a score, p by permutation, and q after false discovery control."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import erfc

from spatial.neighbours import Neighbours

__all__ = ["false_discovery", "p_analytic", "p_permuted", "subsets"]

_EQUAL = 1e-12  # of the sum: far above rounding, far below any difference that was counted


def p_analytic(z: pd.Series) -> pd.Series:
    """Two-sided p of a standard normal score; NaN where `z` is."""
    return pd.Series(erfc(np.abs(z.to_numpy()) / np.sqrt(2)), index=z.index, name="p")


def false_discovery(p: pd.Series) -> pd.Series:
    """
    False discovery rate q of each p, Benjamini-Hochberg; NaN where `p` is, rows that do not count.

    Calling all with q <= alpha a discovery keeps the expected share of false ones below alpha.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57(1), 289-300.
    """
    chances = p.to_numpy(dtype=np.float64)
    tested = np.count_nonzero(~np.isnan(chances))
    order = np.argsort(-chances, kind="stable")[:tested]  # NaN comes last
    q = np.full(len(chances), np.nan)
    ranks = np.arange(tested, 0, -1)
    q[order] = np.minimum.accumulate(np.minimum(chances[order] * tested / ranks, 1.0))
    return pd.Series(q, index=p.index, name="q")


def p_permuted(
    values: pd.Series,
    neighbours: Neighbours,
    *,
    permutations: int = 9_999,
    rng: np.random.Generator,
) -> pd.Series:
    """
    Two-sided p of each cell's neighbours, its own value held fixed and all others shuffled.

    Under that shuffle the neighbours of a cell are a random draw, without replacement, from the
    other n - 1 values. Gi* and local Moran both rise or fall with the sum of the neighbours
    once the own value is fixed, so this is the conditional permutation p of either.

    Drawing for every cell anew, as is usual, repeats one experiment n times: the draws differ
    only in how many neighbours they hold and in whose value stays out. So each of
    `permutations` ordered draws is made once, from all n values; its first m members serve all
    cells with m neighbours. A draw that holds a cell's own value says nothing about that cell's
    neighbours and is struck from that cell's count (of r draws about r m / n hold it), which
    leaves exactly the conditional null. Left in, it would be wrong by more than Monte Carlo
    error just where it matters, at a high cell among low ones. And sums that are equal must
    count as equal: in floating point they depend on the order of adding, so sums within 1e-12
    of each other are.

    Parameters
    ----------
    values
        One value per cell, shape (n,). A cell that is NaN is left out everywhere.
    neighbours
        Of the same cells.
    permutations
        Draws r; the smallest p is 2 / (r + 1).
    rng
        Source of chance. Cells share the draws, so their errors are alike, not independent.

    Returns
    -------
    pandas.Series
        Named "p": 2 (c + 1) / (r + 1), at most 1, with c the draws at least as extreme in the
        rarer direction. 1 for a cell without neighbours; NaN where `values` is NaN.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis 27(2),
    93-115. Phipson, B. & Smyth, G. (2010). Permutation p-values should never be zero.
    Statistical Applications in Genetics and Molecular Biology 9(1), 39.
    """
    if permutations < 1:
        raise ValueError(f"permutations must be 1 or more, found {permutations}")
    known = values.notna().to_numpy()
    if not known.all():
        inside = neighbours.within(known)
        known_p = p_permuted(values[known], inside, permutations=permutations, rng=rng)
        return known_p.reindex(values.index)
    amounts, others = values.to_numpy(dtype=np.float64), neighbours.counts - 1
    around = _sums_without_self(amounts, neighbours)
    slack = _EQUAL * _sums_without_self(np.abs(amounts), neighbours)
    bounds = np.stack([around - slack, around + slack])
    drawn = subsets(len(amounts), size=int(others.max(initial=0)), draws=permutations, rng=rng)
    sums = np.cumsum(amounts[drawn], axis=0)
    p = np.ones(len(amounts))
    for size in np.unique(others[others > 0]).tolist():
        mine = np.flatnonzero(others == size)
        p[mine] = _two_sided(bounds, mine, members=drawn[:size], sums=sums[size - 1])
    return pd.Series(p, index=values.index, name="p")


def subsets(n: int, *, size: int, draws: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """
    Random ordered draws without replacement of `size` out of `n`, one a column.

    The first m rows are a random draw of m. A member that repeats an earlier one of its draw is
    drawn again until none does. The set of values standing at earlier places only ever grows
    (its first holder is never redrawn), so each place ends with the first of its candidates
    that is not in the final set before it: uniform over what is left, as it should be.

    Returns
    -------
    numpy.ndarray
        Shape (size, draws), each value 0 to n - 1.
    """
    if not 0 <= size <= n:
        raise ValueError(f"a draw without replacement holds 0 to {n} of {n}, found {size}")
    drawn = rng.integers(n, size=(draws, size), dtype=np.int32)
    suspects = np.arange(draws)
    while len(suspects):
        rows = drawn[suspects]
        ordered = np.sort(rows, axis=1)
        suspects = suspects[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        rows = drawn[suspects]
        order = np.argsort(rows, axis=1, kind="stable")
        ordered = np.take_along_axis(rows, order, axis=1)
        row, place = np.nonzero(ordered[:, 1:] == ordered[:, :-1])
        column = order[row, place + 1]
        drawn[suspects[row], column] = rng.integers(n, size=len(row), dtype=np.int32)
    return np.ascontiguousarray(drawn.T)


def _sums_without_self(amounts: NDArray[np.float64], neighbours: Neighbours) -> NDArray[np.float64]:
    padded = np.append(amounts, 0.0)
    found = np.zeros(len(amounts))
    for row in neighbours.table[1:]:
        found += padded[row]
    return found


def _two_sided(
    bounds: NDArray[np.float64],
    mine: NDArray[np.int64],
    *,
    members: NDArray[np.int32],
    sums: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Two-sided p of the cells `mine`: sums within `bounds` equal what is around a cell."""
    draws, (low, high) = len(sums), bounds
    ordered = np.sort(sums)
    above = draws - np.searchsorted(ordered, low[mine], side="left")
    below = np.searchsorted(ordered, high[mine], side="right")
    # Strike the draws that hold the cell itself.
    holder, own, n = members.ravel(), np.tile(sums, len(members)), len(low)
    held = np.bincount(holder, minlength=n)[mine]
    above -= np.bincount(holder[own >= low[holder]], minlength=n)[mine]
    below -= np.bincount(holder[own <= high[holder]], minlength=n)[mine]
    extreme = np.minimum(above, below)
    return np.asarray(np.minimum(1.0, 2.0 * (extreme + 1) / (draws - held + 1)))
