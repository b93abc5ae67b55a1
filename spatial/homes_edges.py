"""Edges: where one class of a map of homes ends and the next begins, for screens and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

__all__ = [
    "BALANCE_EDGES",
    "BALANCE_LEAST",
    "QUOTIENT_EDGES",
    "WALK_EDGES",
    "band_edges",
    "shown_balance",
    "shown_quotient",
    "shown_walk",
]

QUOTIENT_EDGES: Final = (0.33, 0.5, 0.8, 1.25, 2.0, 3.0)
"""Location quotients; a class holds its lower edge."""
WALK_EDGES: Final = (5.0, 10.0, 15.0, 20.0, 30.0)
"""Minutes on foot; a class holds its upper edge."""
BALANCE_EDGES: Final = (-0.8, -0.5, -0.15, 0.15, 0.5, 0.8)
"""Homes less jobs over both; a class holds its lower edge."""
BALANCE_LEAST: Final = 10
"""Graduates in a cell, at home and at work, before its balance is coloured."""

_MOST: Final = 6
_QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)


def shown_quotient(cells: pd.DataFrame) -> pd.Series:
    """
    The quotient that a map colours: shrunk where a verdict is sure, 1 elsewhere, NaN without base.

    Parameters
    ----------
    cells
        As `quotient_table` gives them.
    """
    sure = (cells["verdict"] != "none").to_numpy()
    known = cells["base"].fillna(0.0).to_numpy() > 0
    shrunk = cells["shrunk"].fillna(1.0).to_numpy()
    return pd.Series(
        np.where(known, np.where(sure, shrunk, 1.0), np.nan), index=cells.index, name="shown"
    )


def shown_walk(access: pd.DataFrame, people: pd.Series) -> pd.Series:
    """Minutes on foot that a map colours: of cells with graduates; NaN elsewhere."""
    held = people.reindex(access.index, fill_value=0.0).to_numpy() > 0
    return access["walk_minutes"].where(held).rename("shown")


def shown_balance(balance: pd.Series, people: pd.Series) -> pd.Series:
    """The balance that a map colours: of cells with `BALANCE_LEAST` graduates; NaN elsewhere."""
    return balance.where((people >= BALANCE_LEAST).to_numpy()).rename("shown")


def band_edges(
    rents: pd.Series, own: Sequence[float], known: Sequence[float], *, per: str
) -> tuple[float, ...]:
    """
    Edges of the rent bands: those asked for, else the study's, else quarters of the rents.

    Parameters
    ----------
    rents
        Of the cells, NaN where unknown.
    own, known
        Those asked for, and the study's, of which 6 are taken; the study's are of rents a month,
        and so of no use by the square metre.
    per
        What the rents are for.

    Returns
    -------
    tuple
        Ascending; none where no rent is known and none were asked for.
    """
    if own:
        return tuple(own[:_MOST])
    if known and per != "m2":
        return tuple(known[:_MOST])
    values = rents.dropna().to_numpy()
    if not len(values):
        return ()
    return tuple(sorted({float(f"{one:.2g}") for one in np.quantile(values, _QUANTILES)}))
