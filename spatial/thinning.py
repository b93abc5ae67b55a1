"""
Thinning: what concentration would be, had fewer people been counted.

Chance alone makes thin counts uneven, so a year with fewer people looks more concentrated than
one with more, though nobody moved. Keeping each person with one chance (rarefaction) turns
Poisson counts into Poisson counts of a smaller total. Here no dice are thrown: the histogram
of cells by count is carried through the binomial chances, which gives the expected one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Concentration", "Levels", "concentration", "levels", "person_scores", "thinned"]

Floats = NDArray[np.float64]

_MOST: Final = 1024  # distinct counts kept apart
_LARGE: Final = 400  # above this a count is scaled: what chance adds is lost in its own size


@dataclass(frozen=True, eq=False)
class Levels:
    """
    Distinct counts, and the chance that a cell of each holds so many after thinning.

    Parameters
    ----------
    values
        Counts, ascending, shape (v,).
    level
        Position in `values` of each cell's count, shape (n,).
    after
        Counts after thinning, ascending, shape (u,).
    chance
        Shape (v, u), rows add up to 1.
    """

    values: Floats
    level: NDArray[np.int64]
    after: Floats
    chance: Floats


@dataclass(frozen=True, eq=False)
class Concentration:
    """Gini, entropy in bits and evenness of m histograms, each of shape (m,)."""

    gini: Floats
    entropy: Floats
    evenness: Floats


def levels(counts: ArrayLike) -> Levels:
    """
    Distinct counts of n cells, as they are.

    More than 1024 of them are brought together, neighbours by rank, at their mean: the Gini of
    skewed counts loses some millionths by it.
    """
    held = np.asarray(counts, dtype=np.float64)
    values, level = np.unique(held, return_inverse=True)
    if len(values) > _MOST:
        level = _together(values)[level]
        values = np.bincount(level, held) / np.bincount(level)
    return Levels(values, level.astype(np.int64), values, np.eye(len(values)))


def _together(values: Floats) -> NDArray[np.int64]:
    """
    Level of each distinct count.

    Whole counts up to 400, which thinning needs, stay apart, and so do the largest, which differ
    most; those between are grouped by rank.
    """
    small = values[values <= _LARGE]
    low = len(small) if (small == np.rint(small)).all() else 0
    high = (_MOST - low) // 2
    groups, between = _MOST - low - high, len(values) - low - high
    return np.concatenate(
        [
            np.arange(low),
            low + np.arange(between) * groups // between,
            low + groups + np.arange(high),
        ]
    )


def thinned(given: Levels, *, keep: float) -> Levels:
    """`given`, each person kept with chance `keep`; counts must be whole up to 400."""
    from scipy import stats  # slow to load, and few need it

    small = given.values <= _LARGE
    whole = np.arange(int(given.values[small].max(initial=0)) + 1, dtype=np.float64)
    after = np.concatenate([whole, given.values[~small] * keep])
    chance = np.zeros((len(given.values), len(after)))
    chance[small, : len(whole)] = stats.binom.pmf(whole, given.values[small][:, None], keep)
    chance[~small, len(whole) :] = np.eye(int((~small).sum()))
    order = np.argsort(after, kind="stable")
    return Levels(given.values, given.level, after[order], chance[:, order])


def concentration(cells: Floats, after: Floats) -> Concentration:
    """
    Gini, entropy and evenness from how many cells hold how many people.

    Parameters
    ----------
    cells
        Cells at each level, shape (m, u): one histogram a row.
    after
        People in a cell of each level, ascending, shape (u,).

    Returns
    -------
    Concentration
        NaN where a row holds nobody.
    """
    people = cells @ after
    n = cells.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        gini = (cells * _rank(cells) * after).sum(axis=1) / people
        bits = np.log2(people) - cells @ (after * _log2(after)) / people
        return Concentration(gini, bits, np.where(n > 1, bits / np.log2(n), np.nan))


def person_scores(given: Levels) -> tuple[Floats, Floats]:
    """
    What one person of a cell adds to Gini and to entropy, each of shape (n,).

    Their mean over people is the statistic, and their scatter its chance error: the score of a
    person is the rank, or the rarity in bits, of the cell he is met in after thinning.
    """
    cells = np.bincount(given.level, minlength=len(given.values)) @ given.chance
    people = float(cells @ given.after)
    met = given.chance * given.after
    weight = met.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        rank = np.where(weight > 0, met @ _rank(cells[None])[0] / weight, 0.0)
        rarity = np.log2(people) - met @ _log2(given.after) / weight
    return rank[given.level], np.where(weight > 0, rarity, 0.0)[given.level]


def _rank(cells: Floats) -> Floats:
    """Mean rank of the cells of a level among all, from -1 to 1, shape (m, u)."""
    n = cells.sum(axis=1, keepdims=True)
    below = np.cumsum(cells, axis=1) - cells
    return np.asarray((2 * below + cells - n) / n)


def _log2(values: Floats) -> Floats:
    return np.asarray(np.log2(np.where(values > 0, values, 1.0)))
