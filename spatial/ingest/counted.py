"""Counted: people per cell, with the audit of every column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.ingest.audit import Audit
from spatial.ingest.weights import Weights

__all__ = ["Counted", "count"]


class Counted(NamedTuple):
    """
    People per cell.

    Parameters
    ----------
    counts
        One column for each column of the file, indexed by cell (uint64, sorted); cells that
        touch a source of 0 are there with 0.
    audit
        One balanced Audit for each column.
    """

    counts: pd.DataFrame
    audit: Mapping[str, Audit]


def count(
    values: Mapping[str, NDArray[np.float64]],
    weights: Weights,
    *,
    kept: NDArray[np.bool_] | None = None,
    dropped: Mapping[str, NDArray[np.bool_]] | None = None,
    notes: Sequence[str] = (),
) -> Counted:
    """
    People per cell of people per row, and where every one of them went.

    Parameters
    ----------
    values
        People per row of the file, by column, shape (n,).
    weights
        Shares of the rows that are kept.
    kept
        Which rows `weights` speaks of, in order, shape (n,); all by default.
    dropped
        Rows left out, by reason, shape (n,) each.
    notes
        Sentences for every audit.
    """
    columns, audit = {}, {}
    for name, people in values.items():
        found = weights.spread(people if kept is None else people[kept])
        lost = {why: float(people[rows].sum()) for why, rows in (dropped or {}).items()}
        columns[name] = found
        audit[name] = Audit(
            people_in=float(people.sum()),
            on_map=float(found.sum()),
            dropped={why: people_lost for why, people_lost in lost.items() if people_lost},
            notes=tuple(notes),
        ).checked()
    index = pd.Index(weights.cells, name="cell")
    return Counted(pd.DataFrame(columns, index=index), audit)
