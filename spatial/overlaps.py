"""Overlaps: how many graduates have this near, or that, or both, without a Venn diagram."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

__all__ = ["overlaps"]


def overlaps(flags: pd.DataFrame, graduates: pd.Series) -> pd.DataFrame:
    """
    Cells and graduates of each combination of flags: every cell is in one of them.

    Parameters
    ----------
    flags
        Flags of n cells, shape (n, k), bool: near_rail, near_campus and near_work, say.
    graduates
        Of the same cells; cells it does not name have none.

    Returns
    -------
    pandas.DataFrame
        2^k rows, the most graduates first: a column for each flag, `cells`, `graduates` and
        `share` of all of these (NaN where there are none). Cells and graduates add up to all.

    Raises
    ------
    ValueError
        When graduates stand in cells that have no flags, for they would be lost.

    References
    ----------
    Lex, A. et al. (2014). UpSet: visualization of intersecting sets. IEEE Transactions on
    Visualization and Computer Graphics 20(12), 1983-1992.
    """
    outside = graduates[~graduates.index.isin(flags.index)]
    if lost := int((outside > 0).sum()):
        raise ValueError(f"each cell with graduates must have flags, found {lost} without")
    people = graduates.reindex(flags.index, fill_value=0.0).to_numpy(dtype=np.float64)
    k = flags.shape[1]
    # The first flag is the highest bit, as `product` counts.
    weights = 1 << np.arange(k - 1, -1, -1)
    code = flags.to_numpy(dtype=np.int64) @ weights
    table = pd.DataFrame(list(product([False, True], repeat=k)), columns=flags.columns)
    table["cells"] = np.bincount(code, minlength=1 << k)
    table["graduates"] = np.bincount(code, people, minlength=1 << k).astype(np.float64)
    table["share"] = table["graduates"] / (float(people.sum()) or np.nan)
    order = np.argsort(-table["graduates"].to_numpy(), kind="stable")
    return table.iloc[order].reset_index(drop=True)
