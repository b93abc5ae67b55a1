"""Tables of a study as they are saved: checked, tidied and in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from spatial.info import StudyInfo
from spatial.schema import (
    POINT_COLUMNS,
    check_counts,
    check_flows,
    check_layer,
    check_pairs,
    check_points,
)

__all__ = ["checked_tables"]

_NUMBERS: Final = {"year": "int16"}


def checked_tables(info: StudyInfo, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """
    Tables and layers by name once they keep their contracts, tidied and in order.

    Raises
    ------
    SchemaError
        Naming everything that is wrong with the first that does not.
    """
    found: dict[str, Any] = {}
    for name, table in tables.items():
        if name == "counts":
            groups = [one.id for one in info.groups]
            check_counts(table, groups=groups)
            order = ["cell", "role", "year", "graduates", "base", *groups]
            tidy = table[order].sort_values(["role", "year", "cell"], ignore_index=True)
            found[name] = tidy.astype(_NUMBERS)
        elif name == "flows":
            check_flows(table)
            found[name] = _in_order(table)
        elif name == "points":
            check_points(table)
            found[name] = table[list(POINT_COLUMNS)]
        elif name == "pairs":
            check_pairs(table, points=len(tables["points"]) if "points" in tables else 0)
            found[name] = _in_order(table)
        else:
            check_layer(table, name=name)
            found[name] = table
    return found


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by year, origin and destination; tens of millions often are already."""
    keys = ["year", "origin", "destination"]
    fallen = np.zeros(max(len(table) - 1, 0), dtype=np.bool_)
    level = ~fallen
    for values in (table[key].to_numpy() for key in keys):
        fallen |= level & (values[1:] < values[:-1])
        level &= values[1:] == values[:-1]
    if fallen.any():
        return table.sort_values(keys, ignore_index=True).astype(_NUMBERS)
    return table.reset_index(drop=True).astype(_NUMBERS)
