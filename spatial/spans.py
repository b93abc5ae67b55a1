"""Spans: what the first and the last year together say of a place, where no single step may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.evidence import Evidence

__all__ = ["SPAN_COLUMNS", "span_table"]

SPAN_COLUMNS: Final = (
    "lineage", "from_year", "to_year", "verdict", "graduates_before", "graduates_after",
    "change", "expected", "p",
)  # fmt: skip
"""Columns of a table of places over the whole span."""


def span_table(
    held: Mapping[str, NDArray[np.int64]], evidence: Evidence, *, first: int, last: int
) -> pd.DataFrame:
    """
    Whether each lineage grew, shrank or did neither from the first year to the last.

    A place that loses 8 % a year is steady in every step and a quarter smaller in the end: the
    steps are tested one by one, so the whole is tested too, by the same rule.

    Parameters
    ----------
    held
        All cells that each lineage ever had, by position.
    evidence
        The first and the last year, with the chance below which one test is a finding.
    first, last
        The years themselves.

    Returns
    -------
    pandas.DataFrame
        One row per lineage, in the order of `held`: lineage, from_year, to_year; verdict (grew,
        shrank or steady); graduates_before and graduates_after in those cells, change and
        expected (after, as the steps expect it); p of the test, two-sided.
    """
    years = evidence.years
    rows: list[dict[str, Any]] = []
    for lineage, cells in held.items():
        verdict, p = evidence.word(cells)
        before, after = float(years.before[cells].sum()), float(years.after[cells].sum())
        rows.append(
            {
                "lineage": lineage,
                "from_year": first,
                "to_year": last,
                "verdict": verdict,
                "graduates_before": before,
                "graduates_after": after,
                "change": after - before,
                "expected": before * years.growth,
                "p": p,
            }
        )
    return pd.DataFrame(rows, columns=list(SPAN_COLUMNS))
