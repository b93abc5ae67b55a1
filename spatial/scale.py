"""Round class edges for a map, the same for all years that are looked at together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["round_edges"]

# From fine to coarse: neighbouring edges stand about 1.5, 1.8 and 2.2 apart.
_STEPS = ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 3.0, 5.0), (1.0, 2.0, 5.0))
_TOP_SHARE = 0.004
_LOW_SHARE = 0.4


def round_edges(
    values: Iterable[ArrayLike], *, classes: int = 8, whole: bool = False
) -> list[float]:
    """
    Lower edges of up to `classes` classes above the ground, all of them round numbers.

    Values of all years are pooled, so that a colour means the same in each. Edges grow by a
    factor, as suits counts of which few are large: the top class keeps the highest 0.4 % or so,
    and the factor is the smallest of three that brings the lowest edge down to where four
    tenths of the cells with anything lie below.

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
    low = float(np.quantile(above, _LOW_SHARE))
    for steps in _STEPS:
        ladder = _ladder(top, steps)
        if whole:
            ladder = ladder[(ladder >= 1) & (ladder == np.rint(ladder))]
        edges = [float(f"{edge:.2g}") for edge in ladder[ladder <= top][-classes:]]
        if edges and edges[0] <= max(low, 1.0 if whole else 0.0):
            break
    return edges or [1.0 if whole else top]


def _ladder(top: float, steps: tuple[float, ...]) -> NDArray[np.float64]:
    tens = np.arange(np.floor(np.log10(top)) - 8, np.floor(np.log10(top)) + 1)
    return np.sort((np.array(steps)[:, None] * 10.0**tens).ravel())
