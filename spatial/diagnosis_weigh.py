"""
Which of two readings the evidence favours, and how surely.

Each test answers: were the second right, how often would as much speak for the first? Units that
lie together count once, by their block. Nothing is said on fewer than five blocks that tell.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom
from scipy.stats import t as student

from spatial.diagnosis_evidence import Piece, Reading

__all__ = ["CONFIDENT", "LEANING", "favour", "favours", "mean_above", "more_above"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

CONFIDENT: Final = 3e-4
LEANING: Final = 0.01
_LEAST_BLOCKS: Final = 5
_LEAST_MEAN: Final = 10
_MOST_LABELS_LIE: Final = 0.4
_TRUE_TELLS: Final = 0.75
_LATTICE: Final = 0.005  # of a step: rounding explains it, and a wrong system bends more
_PEAK: Final = 1e-3


def favours(one: Reading, other: Reading) -> dict[str, float]:
    """By kind of evidence, the chance of what speaks for `one` were `other` right; 1 is none."""
    found = {
        kind: favour(kind, piece, other.pieces[kind])
        for kind, piece in one.pieces.items()
        if kind in other.pieces
    }
    found["lattice"] = _straighter(one, other)
    return found


def favour(kind: str, one: Piece, other: Piece) -> float:
    """The same for one kind."""
    gain, blocks = one.scores - other.scores, one.blocks
    if kind == "in_district":
        # Where not even the best finds the districts, the labels mean something else.
        if max(one.figure, other.figure) < 1 - _MOST_LABELS_LIE:
            return 1.0
        # Were the other right, three in four at least of the places that tell would speak for it.
        return more_above(gain, blocks, chance=1 - _TRUE_TELLS)
    if kind == "density":
        return mean_above(gain, blocks) if one.figure > 0 else 1.0
    # Rows that are no such points at all may lie nearer to them by drift alone, towards the
    # middle of a city say; where rows do belong to them, nearness falls off in all directions.
    if len(one.peaks) and mean_above(one.peaks, blocks) > _PEAK:
        return 1.0
    return more_above(gain, blocks, chance=0.5)


def more_above(gain: Floats, blocks: Whole, *, chance: float) -> float:
    """
    One-sided p of a binomial test: that so many blocks gain, were each to gain by `chance`.

    1 where fewer than five blocks gain or lose, or no more gain than lose.
    """
    sums = _sums(gain, blocks)
    up, down = int((sums > 0).sum()), int((sums < 0).sum())
    if up + down < _LEAST_BLOCKS or up <= down:
        return 1.0
    return float(binom.sf(up - 1, up + down, chance))


def mean_above(gain: Floats, blocks: Whole) -> float:
    """
    One-sided p of Student's t: that the blocks' sums average so far above 0.

    1 where fewer than ten blocks differ from 0.
    """
    sums = _sums(gain, blocks)
    if (sums != 0).sum() < _LEAST_MEAN:
        return 1.0
    mean, error = float(sums.mean()), float(sums.std(ddof=1)) / np.sqrt(len(sums))
    if error == 0:
        return 0.0 if mean > 0 else 1.0
    return float(student.sf(mean / error, len(sums) - 1))


def _sums(gain: Floats, blocks: Whole) -> Floats:
    told = np.isfinite(gain)
    _, rows = np.unique(blocks[told], return_inverse=True)
    sums: Floats = np.bincount(rows.reshape(-1), gain[told]).astype(np.float64)
    return sums


def _straighter(one: Reading, other: Reading) -> float:
    """
    Whether rows form a lattice under one and a bent one under the other.

    Written as they come, they may have been laid out in any system's degrees: that only leans.
    """
    if not one.lattice < _LATTICE:
        return 1.0
    if np.isfinite(other.lattice) and other.lattice < 3 * _LATTICE:
        return 1.0
    as_given = one.candidate.crs == "WGS-84" or one.candidate.crs.startswith("EPSG:")
    return LEANING if as_given else 0.0
