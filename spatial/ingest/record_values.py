"""Values of a batch of records: numbers, words and years of an Arrow column, faults marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from spatial.ingest.errors import InputError

__all__ = ["NO_YEAR", "codes_of", "numbers_of", "years_of"]

NO_YEAR: Final = 0
_NUMBER: Final = r"^([0-9]+\.?[0-9]*|-[0-9]+\.?[0-9]*|-?\.[0-9]+)([eE][+-]?[0-9]+)?$"
_DATED: Final = r"^(19|20|21|22)[0-9]{2}([-/.T 年]|$)"
_ZONED: Final = r"[0-9]{2}(Z|[+-][0-9]{2}:?[0-9]{2})$"
_EDGE: Final = r"^[0-9]{4}-(12-31|01-01)[T ]"
_HOUR: Final = 3600
# A whole number tells by its size what it counts: these ranges do not touch.
_WRITTEN: Final = ((1900, 2200, 1), (190001, 220012, 100), (19000101, 22001231, 10_000))
_SINCE_1970: Final = ((10**8, 10**10, 1), (10**11, 10**13, 10**3), (10**14, 10**16, 10**6))


def numbers_of(column: pa.Array, name: str) -> NDArray[np.float64]:
    """
    Numbers of a column, shape (n,); NaN where there is none or it cannot be read.

    Raises
    ------
    InputError
        When the column holds something else throughout, such as dates.
    """
    values = _plain(column)
    kind = values.type
    if _is_text(kind):
        values = _parsed(values)
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or _is_decimal(kind)):
        raise InputError(f"records: column {name} must hold numbers, found {kind}")
    values = pc.cast(values, pa.float64(), safe=False)
    if values.null_count:
        values = pc.fill_null(values, np.nan)
    return np.asarray(values.to_numpy(zero_copy_only=False))


def codes_of(column: pa.Array, words: Mapping[str, int]) -> NDArray[np.int8]:
    """Number that `words` gives for each value, blanks around it left out, shape (n,); else -1."""
    coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    texts = [str(one).strip() for one in coded.dictionary.to_pylist()]
    codes = np.array([*(words.get(text, -1) for text in texts), -1], dtype=np.int8)
    # Those that are empty point at the -1 behind the last word.
    at = pc.fill_null(pc.cast(coded.indices, pa.int64()), len(texts))
    return np.asarray(codes[at.to_numpy(zero_copy_only=False)])


def years_of(column: pa.Array, name: str, *, utc_offset: float = 0.0) -> NDArray[np.int32]:
    """
    Year of each time, shape (n,); NO_YEAR where there is none or it cannot be read.

    Dates and times without a zone are taken as the local clock wrote them; those with one are
    moved to `utc_offset`. Of text the year comes first ("2024-05-01T08:30:00+08:00", "2024/5/1",
    "2024年"). A number is, by its size, a year, year and month (202405), year, month and day
    (20240501), or seconds, milliseconds or microseconds since 1970 (from March 1973 on).

    Raises
    ------
    InputError
        When the column holds something else throughout, such as true and false.
    """
    values = _plain(column)
    kind = values.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _filled(pc.year(_local(values, utc_offset)))
    if _is_text(kind):
        return _text_years(values, utc_offset)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _number_years(numbers_of(values, name), utc_offset)
    raise InputError(f"records: column {name} must hold times, found {kind}")


def _plain(column: pa.Array) -> pa.Array:
    """The column without dictionary."""
    return pc.cast(column, column.type.value_type) if _is_coded(column) else column


def _is_coded(column: pa.Array) -> bool:
    return bool(pa.types.is_dictionary(column.type))


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _is_decimal(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind))


def _parsed(text: pa.Array) -> pa.Array:
    """Numbers of texts, null where they are none; a leading + is allowed."""
    trimmed = pc.replace_substring_regex(pc.utf8_trim_whitespace(text), r"^\+", "")
    try:
        return pc.cast(trimmed, pa.float64())
    except pa.ArrowInvalid:
        fine = pc.match_substring_regex(trimmed, _NUMBER)
        return pc.cast(pc.if_else(fine, trimmed, None), pa.float64())


def _local(values: pa.Array, utc_offset: float) -> pa.Array:
    """Moments as the clock of `utc_offset` shows them; other times as they are."""
    kind = values.type
    if not pa.types.is_timestamp(kind) or kind.tz is None:
        return values
    moments = pc.cast(values, pa.timestamp(kind.unit))
    return pc.add(moments, pa.scalar(round(utc_offset * _HOUR), pa.duration("s")))


def _filled(years: pa.Array) -> NDArray[np.int32]:
    filled = pc.fill_null(pc.cast(years, pa.int32(), safe=False), NO_YEAR)
    return np.asarray(filled.to_numpy(zero_copy_only=False))


def _text_years(values: pa.Array, utc_offset: float) -> NDArray[np.int32]:
    text = pc.utf8_trim_whitespace(pc.cast(values, pa.string()))
    dated = pc.match_substring_regex(text, _DATED)
    first = pc.if_else(dated, pc.utf8_slice_codeunits(text, 0, 4), None)
    years = np.array(_filled(pc.cast(first, pa.int32())))
    undated = pc.fill_null(pc.invert(dated), False).to_numpy(zero_copy_only=False)  # noqa: FBT003
    if undated.any():
        rows = np.flatnonzero(undated)
        years[rows] = _number_years(numbers_of(_parsed(text.take(pa.array(rows))), ""), utc_offset)
    # Only at the turn of the year can a zone change it.
    edge = pc.and_(pc.match_substring_regex(text, _EDGE), pc.match_substring_regex(text, _ZONED))
    rows = np.flatnonzero(pc.fill_null(edge, False).to_numpy(zero_copy_only=False))  # noqa: FBT003
    if len(rows):
        years[rows] = _zoned_years(text.take(pa.array(rows)), utc_offset)
    return years


def _zoned_years(text: pa.Array, utc_offset: float) -> NDArray[np.int32]:
    moments = pd.to_datetime(
        pd.Series(text.to_pylist()), format="ISO8601", utc=True, errors="coerce"
    )
    local = moments + pd.Timedelta(hours=utc_offset)
    return np.asarray(local.dt.year.fillna(NO_YEAR), dtype=np.int32)


def _number_years(values: NDArray[np.float64], utc_offset: float) -> NDArray[np.int32]:
    years = np.full(len(values), NO_YEAR, dtype=np.int32)
    for low, high, divisor in _WRITTEN:
        here = (values >= low) & (values <= high)
        if here.any():
            years[here] = (values[here] // divisor).astype(np.int32)
    for low, high, divisor in _SINCE_1970:
        here = (values >= low) & (values < high)
        if here.any():
            seconds = np.floor(values[here] / divisor + utc_offset * _HOUR)
            moments = seconds.astype(np.int64).view("datetime64[s]")
            years[here] = moments.astype("datetime64[Y]").astype(np.int32) + 1970
    return years
