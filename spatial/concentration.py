"""Concentration: how unevenly graduates spread over the cells of the study area."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["entropy", "evenness", "gini", "lorenz"]


def lorenz(counts: pd.Series) -> pd.Series:
    """
    Lorenz curve: the share of graduates in the emptiest cells, by the share of cells.

    Parameters
    ----------
    counts
        Graduates per cell, shape (n,), zeros included; each cell counts alike, whatever its
        area (cells of one resolution differ by some per cent within a city).

    Returns
    -------
    pandas.Series
        Named "lorenz", shape (n + 1,), from 0 to 1, on the share of cells from 0 to 1; NaN
        after the first where nobody was counted.

    References
    ----------
    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the
    American Statistical Association 9(70), 209-219.
    """
    held = np.concatenate([[0.0], np.cumsum(np.sort(counts.to_numpy(dtype=np.float64)))])
    cells = np.arange(len(held)) / max(len(counts), 1)
    shares = held / held[-1] if held[-1] > 0 else np.where(cells > 0, np.nan, 0.0)
    return pd.Series(shares, index=pd.Index(cells, name="cells"), name="lorenz")


def gini(counts: pd.Series) -> float:
    """
    Gini coefficient of graduates over cells: 0 all alike, near 1 all in one cell.

    Half the mean absolute difference of two cells over the mean, each cell counting alike. At
    most 1 - 1/n. It rests on the study area: more empty cells, more concentration. It rises as
    fewer people are counted, since chance alone makes thin counts uneven; `drift` compares
    years at one total for that reason.

    Parameters
    ----------
    counts
        Graduates per cell, shape (n,), zeros included.

    Returns
    -------
    float
        NaN where nobody was counted.

    References
    ----------
    Gini, C. (1912). Variabilità e mutabilità. Bologna: Cuppini.
    """
    held = np.sort(counts.to_numpy(dtype=np.float64))
    n, total = len(held), held.sum()
    if not total > 0:
        return float("nan")
    rank = np.arange(1, n + 1)
    return float(max(((2 * rank - n - 1) * held).sum() / (n * total), 0.0))


def entropy(counts: pd.Series) -> float:
    """
    Shannon entropy of where a graduate is, in bits: 2^entropy cells alike would be as spread out.

    Parameters
    ----------
    counts
        Graduates per cell, shape (n,); empty cells add nothing.

    Returns
    -------
    float
        0 (all in one cell) to log2 n; NaN where nobody was counted.

    References
    ----------
    Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal
    27(3), 379-423.
    """
    held = counts.to_numpy(dtype=np.float64)
    if not (total := held.sum()) > 0:
        return float("nan")
    share = held[held > 0] / total
    return float(max(-(share * np.log2(share)).sum(), 0.0))


def evenness(counts: pd.Series) -> float:
    """
    Entropy over the most that all cells allow, log2 n: 0 all in one cell, 1 all cells alike.

    NaN where nobody was counted and where there is only one cell.

    References
    ----------
    Pielou, E. C. (1966). The measurement of diversity in different types of biological
    collections. Journal of Theoretical Biology 13, 131-144.
    """
    return entropy(counts) / float(np.log2(len(counts))) if len(counts) > 1 else float("nan")
