"""Rows of a file of rents: which are kept, which are dropped, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.ingest.errors import InputError
from spatial.ingest.layers import text_of
from spatial.ingest.values import column_of, source_name

__all__ = [
    "Amounts",
    "RentAudit",
    "RentResult",
    "amounts_of",
    "other_rows",
    "price_faults",
    "sieved",
    "years_in",
]

Mask = NDArray[np.bool_]

_YEAR: Final = re.compile(r"(\d{4})(?:\D.*|\d{4})?")
_NOTHING: Final = ("", "nan", "none", "null", "na", "n/a", "<na>")


@dataclass(frozen=True)
class RentAudit:
    """
    Rows in, rows kept, rows dropped and why: in = kept + dropped.

    Parameters
    ----------
    rows
        Rows of the file.
    kept
        Rows that became a listing or a zone's figure.
    dropped
        Rows left out, each for the first reason that holds; only reasons that left one out.
    notes
        What was assumed or found on the way.
    """

    rows: int
    kept: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and words, as `study.json` stores them."""
        return {
            "rows": self.rows,
            "kept": self.kept,
            "dropped": dict(self.dropped),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class RentResult:
    """
    What a file gave.

    Parameters
    ----------
    layer
        Rents as `schema.LAYERS` describes them, WGS-84; points, or polygons of kind "zone".
    audit
        Where every row went.
    """

    layer: gpd.GeoDataFrame
    audit: RentAudit


@dataclass(frozen=True, eq=False)
class Amounts:
    """Numbers of a column, NaN where there is none; which are empty, and which no number."""

    values: NDArray[np.float64]
    empty: Mask
    odd: Mask


def amounts_of(table: pd.DataFrame, column: str) -> Amounts:
    """Numbers of one column, whatever stands between them; all NaN where no column is named."""
    if not column:
        nothing = np.ones(len(table), dtype=np.bool_)
        return Amounts(np.full(len(table), np.nan), nothing, ~nothing)
    given = column_of(table, column)
    values = pd.to_numeric(given, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    missing = np.flatnonzero(np.isnan(values))
    text = text_of(table.iloc[missing], column)
    empty, odd = np.zeros(len(table), dtype=np.bool_), np.zeros(len(table), dtype=np.bool_)
    blank = text.str.lower().isin(_NOTHING).to_numpy(dtype=np.bool_)
    empty[missing], odd[missing] = blank, ~blank
    return Amounts(values, empty, odd)


def years_in(table: pd.DataFrame, column: str, *, year: int) -> NDArray[np.int64]:
    """
    Year of each row, -1 where there is none.

    Parameters
    ----------
    table
        Rows of a file.
    column
        With years, or dates that begin with one; "" where all are of one `year`.
    year
        Of observation, of no consequence beside a column.
    """
    if not column:
        if not 1900 <= year <= 2200:
            raise InputError(f"year must lie in 1900 to 2200, found {year}")
        return np.full(len(table), year, dtype=np.int64)
    found = np.full(len(table), -1, dtype=np.int64)
    for row, text in enumerate(text_of(table, column)):
        match = _YEAR.fullmatch(text.removesuffix(".0"))
        if match and 1900 <= int(match[1]) <= 2200:
            found[row] = int(match[1])
    return found


def other_rows(table: pd.DataFrame, where: Mapping[str, str]) -> dict[str, Mask]:
    """Reason and rows of those that differ from what each column of `where` must hold."""
    return {
        f"of another {column} than {value}": (text_of(table, column) != value).to_numpy(np.bool_)
        for column, value in where.items()
    }


def price_faults(price: Amounts, *, called: str = "price") -> dict[str, Mask]:
    """Reason and rows of those without a rent above 0."""
    return {
        f"without a {called}": price.empty,
        f"with a {called} that is no number": price.odd,
        f"with a {called} of 0 or less": price.values <= 0,
    }


def sieved(
    table: pd.DataFrame, faults: Mapping[str, Mask], *, what: str
) -> tuple[Mask, dict[str, int]]:
    """
    Rows without a fault, and how many were dropped for which: the first that holds counts.

    Raises
    ------
    InputError
        When no row is left; the reasons are named.
    """
    kept = np.ones(len(table), dtype=np.bool_)
    dropped: dict[str, int] = {}
    for reason, rows in faults.items():
        if count := int((kept & rows).sum()):
            dropped[reason] = count
        kept &= ~rows
    if not kept.any():
        told = ", ".join(f"{count} {reason}" for reason, count in dropped.items())
        raise InputError(f"{source_name(table)}: {what}, found none of {len(table)} rows: {told}")
    return kept, dropped
