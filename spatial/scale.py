"""Round class edges for a map, the same for all years that are looked at together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["round_edges"]

_STEPS = (1.0, 2.0, 5.0)
_TOP_SHARE = 0.004


def round_edges(
    values: Iterable[ArrayLike], *, classes: int = 8, whole: bool = False
) -> list[float]:
    """
    Lower edges of up to `classes` classes above the ground, in steps of 1, 2, 5 and their tens.

    Values of all years are pooled, so that a colour means the same in each. Steps grow by about
    2.15, as suits counts of which few are large: the top class keeps the highest 0.4 % or so.

    Parameters
    ----------
    values
        One array a year; what is not above 0 is ground and does not count.
    classes
        Most edges to return.
    whole
        Whether values are whole numbers, which no edge below 1 could part.

    Returns
    -------
    list of float
        Ascending; a single 1.0 where no value is above 0.

    """
    pooled = [np.asarray(one, dtype=np.float64).ravel() for one in values]
    above = np.concatenate([np.empty(0), *(one[np.isfinite(one) & (one > 0)] for one in pooled)])
    if not len(above):
        return [1.0]
    top = float(np.quantile(above, 1 - _TOP_SHARE, method="lower"))
    ladder = _ladder(top)
    if whole:
        ladder = ladder[ladder >= 1]
    edges = ladder[ladder <= top * (1 + 1e-9)][-classes:]
    return [float(f"{edge:.1g}") for edge in edges] or [float(ladder[0]) if whole else top]


def _ladder(top: float) -> NDArray[np.float64]:
    tens = np.arange(np.floor(np.log10(top)) - 5, np.floor(np.log10(top)) + 1)
    return np.sort((np.array(_STEPS)[:, None] * 10.0**tens).ravel())
