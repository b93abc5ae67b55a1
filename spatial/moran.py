"""Local Moran: high among high, low among low, and the odd ones out."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.hotspots import neighbour_score
from spatial.neighbours import Neighbours
from spatial.significance import false_discovery, p_analytic, p_permuted

__all__ = ["QUADRANTS", "local_moran"]

QUADRANTS: Final = ("LL", "LH", "HL", "HH")
"""Own value, then its neighbours': high (above the mean) or low."""


def local_moran(
    values: pd.Series,
    neighbours: Neighbours,
    *,
    alpha: float = 0.05,
    permutations: int = 0,
    rng: np.random.Generator | None = None,
) -> pd.DataFrame:
    """
    Local Moran's I of each cell, its chance, and the quadrant it stands in.

    I = (n - 1) z_i mean(z_j) / sum z^2, with z the difference from the mean in standard
    deviations and j the neighbours without the cell itself (row-standardised weights).

    Parameters
    ----------
    values
        One value per cell, shape (n,), zeros included. A cell that is NaN is left out.
    neighbours
        Of the same cells; the cell itself is taken out of its neighbourhood here.
    alpha
        Largest q at which a cell's quadrant is called its cluster.
    permutations, rng
        0 takes z to be normal; more takes p from as many permutations (see `p_permuted`).

    Returns
    -------
    pandas.DataFrame
        On the index of `values`: moran (I), z (of I with the own value fixed and the others
        shuffled), p two-sided, q, quadrant ("HH", "LL", "HL", "LH"; missing where `values` is)
        and cluster (the quadrant where q <= alpha, else "none"). I and z are 0 in a constant
        field and for a cell without neighbours, and p is 1.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis 27(2),
    93-115.
    """
    known = values.notna().to_numpy()
    if not known.all():
        found = local_moran(
            values[known], neighbours.within(known), alpha=alpha, permutations=permutations, rng=rng
        ).reindex(values.index)
        return found.assign(cluster=found["cluster"].fillna("none"))
    away = values.to_numpy(dtype=np.float64) - values.mean()
    around = _neighbour_mean(away, neighbours)
    total = (away**2).sum() if len(values) and values.min() < values.max() else np.inf
    z = np.where(away < 0, -1.0, 1.0) * neighbour_score(values, neighbours)
    if permutations:
        if rng is None:
            raise ValueError("permutations need a source of chance, rng, found none")
        p = p_permuted(values, neighbours, permutations=permutations, rng=rng)
    else:
        p = p_analytic(z)
    q = false_discovery(p)
    quadrant = pd.array(QUADRANTS, dtype="str").take(2 * (away > 0) + (around > 0))
    return pd.DataFrame(
        {
            "moran": (len(values) - 1) * away * around / total,
            "z": z,
            "p": p,
            "q": q,
            "quadrant": quadrant,
            "cluster": pd.Series(quadrant, index=values.index).where(q <= alpha, "none"),
        },
        index=values.index,
    )


def _neighbour_mean(away: NDArray[np.float64], neighbours: Neighbours) -> NDArray[np.float64]:
    others = neighbours.counts - 1
    return np.asarray((neighbours.sums(away) - away) / np.maximum(others, 1))
