"""Values of a table's columns: ids, numbers and counts, each checked to the last row."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.ingest.errors import InputError

__all__ = ["MOST_PEOPLE", "column_of", "counts_of", "ids_of", "numbers_of", "source_name"]

MOST_PEOPLE: Final = 1e12
"""More than this in one row counts no people, and sums of such numbers lose the others."""

_WIDE: Final = str.maketrans("０１２３４５６７８９．－＋，\u3000", "0123456789.-+, ")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[,'\u2019\u00a0\u202f ]\d{3})+(?:\.\d+)?")


def source_name(table: pd.DataFrame) -> str:
    """Name of the file a table was read from, for messages."""
    return str(table.attrs.get("source", "table"))


def column_of(table: pd.DataFrame, column: str) -> pd.Series:
    """One column by name; when it is missing, InputError names the columns there are."""
    if column not in table.columns:
        found = ", ".join(map(str, table.columns[:30])) + (", ..." if table.shape[1] > 30 else "")
        raise InputError(f"{source_name(table)}: column {column} is needed, found {found}")
    return table[column]


def ids_of(table: pd.DataFrame, column: str, *, unique: bool = True) -> pd.Series:
    """Ids as text, leading zeros kept; InputError where one is empty or, if `unique`, repeated."""
    values = column_of(table, column)
    if pd.api.types.is_float_dtype(values):
        raise InputError(
            f"{source_name(table)}: ids in column {column} must be text or whole numbers,"
            " found numbers with a decimal point"
        )
    text = values.astype("string").str.strip()
    empty = np.flatnonzero(text.isna().to_numpy() | (text == "").fillna(value=True).to_numpy())
    if len(empty):
        raise InputError(
            f"{source_name(table)}: column {column} must hold an id, found nothing in row"
            f" {empty[0] + 1}"
        )
    again = np.flatnonzero(text.duplicated().to_numpy()) if unique else empty
    if len(again):
        raise InputError(
            f"{source_name(table)}: each id in column {column} must come once, found"
            f" {text.iloc[again[0]]} again in row {again[0] + 1}"
        )
    return text


def numbers_of(
    table: pd.DataFrame, column: str, *, empty_allowed: bool = False
) -> NDArray[np.float64]:
    """
    Numbers of one column, shape (n,); NaN where empty if `empty_allowed`.

    Raises
    ------
    InputError
        At the first value that is text, infinite, or empty where it may not be.
    """
    values = column_of(table, column)
    if pd.api.types.is_datetime64_any_dtype(values) or pd.api.types.is_timedelta64_dtype(values):
        values = values.astype("string")  # a date is no number of nanoseconds
    parsed = pd.to_numeric(values, errors="coerce")
    numbers = np.array(parsed.to_numpy(dtype=np.float64, na_value=np.nan))
    wrong = ~np.isfinite(numbers)
    if pd.api.types.is_bool_dtype(values):
        wrong[:] = True
    suspects = np.flatnonzero(wrong)
    if not len(suspects):
        return numbers
    text = _narrow(values.iloc[suspects])
    numbers[suspects] = pd.to_numeric(pd.Series(text), errors="coerce").to_numpy(np.float64)
    left = ~np.isfinite(numbers[suspects]) | pd.api.types.is_bool_dtype(values)
    suspects, text = suspects[left], text[left]
    blank = (text == "") | np.isin([str(one).lower() for one in text], ("nan", "na", "null"))
    refused = suspects if not empty_allowed else suspects[~blank]
    if len(refused):
        row = int(refused[0])
        found = str(text[np.searchsorted(suspects, row)])
        raise InputError(
            f"{source_name(table)}: column {column} must hold numbers, found"
            f" {_described(found)} in row {row + 1}{_remedy(found)}"
        )
    numbers[suspects] = np.nan
    return numbers


def counts_of(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Counts of one column, 0 to `MOST_PEOPLE`, shape (n,); InputError names what is not."""
    numbers = numbers_of(table, column)
    negative = np.flatnonzero(numbers < 0)
    if len(negative):
        raise InputError(
            f"{source_name(table)}: column {column} must be 0 or more, found"
            f" {numbers[negative[0]]:g} in row {negative[0] + 1}"
        )
    many = np.flatnonzero(numbers > MOST_PEOPLE)
    if len(many):
        raise InputError(
            f"{source_name(table)}: column {column} must be at most {MOST_PEOPLE:,.0f}, found"
            f" {numbers[many[0]]:g} in row {many[0] + 1}"
        )
    return numbers


def _narrow(values: pd.Series) -> NDArray[np.object_]:
    """Texts with the digits that are as wide as Chinese characters made plain."""
    text = values.astype("string").fillna("").to_numpy(dtype=object)
    return np.array([str(one).translate(_WIDE).strip() for one in text], dtype=object)


def _described(text: str) -> str:
    return repr(text[:40]) if text else "nothing"


def _remedy(text: str) -> str:
    if _GROUPED.fullmatch(text):
        return ": write numbers without thousands separators"
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return ": write decimals with a point"
    return ""
