"""
The kernel: a batch of raw records in, the same records in cells out, Arrow on both sides.

It keeps no state and every row: one that cannot be placed has no cell, and its fate says why.
So whatever engine adds up weights by cell, role, year and fate, nobody is lost. Under Spark:

    plain = "cell long, role string, year int, weight double, fate string"

    def in_cells(batches):
        for batch in batches:
            yield plain_types(cells_of(batch, rules))

    records.mapInArrow(in_cells, plain).groupBy("cell", "role", "year", "fate").sum("weight")

and under DuckDB, streaming:

    placed = pa.RecordBatchReader.from_batches(
        kernel_schema(rules), (cells_of(batch, rules) for batch in reader)
    )
    duckdb.sql("select cell, role, year, fate, sum(weight) from placed group by all")
"""

from __future__ import annotations

from typing import Final

import h3
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from spatial import geodesy
from spatial.ingest.errors import InputError
from spatial.ingest.record_lattice import cells_at
from spatial.ingest.record_rules import FATES, MOST_WEIGHT, RecordRules
from spatial.ingest.record_shift import SLACK_M, moved_cells
from spatial.ingest.record_values import NO_YEAR, codes_of, numbers_of, years_of
from spatial.schema import ROLES

__all__ = ["cells_of", "kernel_schema", "plain_types"]

Fates = NDArray[np.int8]

_FATE: Final = {name: number for number, name in enumerate(FATES)}
_WORD: Final = pa.dictionary(pa.int8(), pa.string())
_SMALL: Final = 64  # rows that are tried one by one where some fall outside a projection
_DIGIT_BITS: Final = 3
_FINEST: Final = 15


def kernel_schema(rules: RecordRules) -> pa.Schema:
    """Columns of what `cells_of` gives: cell, role, year, weight, fate and, if asked, group."""
    fields = [
        ("cell", pa.uint64()),
        ("role", _WORD),
        ("year", pa.int32()),
        ("weight", pa.float64()),
        ("fate", _WORD),
    ]
    return pa.schema([*fields, ("group", _WORD)] if rules.group else fields)


def cells_of(batch: pa.RecordBatch, rules: RecordRules) -> pa.RecordBatch:
    """
    The records of a batch in cells, row by row.

    Parameters
    ----------
    batch
        Records with at least `rules.columns`, of whatever types Arrow reads them as.
    rules
        What its columns mean, as `RecordRules.checked` gives them.

    Returns
    -------
    RecordBatch
        With `kernel_schema(rules)`. `fate` is "on the map" or why not; only on the map is there
        a `cell`. `weight` is never null, negative or NaN: 0 where the record's own cannot be
        taken. `role`, `year` and `group` are null where they are not known.

    Raises
    ------
    InputError
        When a column is missing or holds something else throughout.
    """
    _check(batch, rules)
    fate = np.zeros(batch.num_rows, dtype=np.int8)
    weight = _weights(batch, rules, fate)
    year = _years(batch, rules, fate)
    role = _roles(batch, rules, fate)
    group = _groups(batch, rules, fate)
    cell = _cells(batch, rules, fate)
    columns = [
        pa.array(cell, mask=fate != 0 if fate.any() else None),
        _words(role, ROLES),
        pa.array(year, mask=year == NO_YEAR),
        pa.array(weight),
        _words(fate, FATES),
    ]
    if rules.group:
        columns.append(_words(group, rules.groups))
    return pa.RecordBatch.from_arrays(columns, schema=kernel_schema(rules))


def plain_types(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows for engines without unsigned numbers and dictionaries, such as Spark."""
    plain = {pa.uint64(): pa.int64(), _WORD: pa.string()}
    return batch.cast(
        pa.schema([(one.name, plain.get(one.type, one.type)) for one in batch.schema])
    )


def _check(batch: pa.RecordBatch, rules: RecordRules) -> None:
    names = batch.schema.names
    for column in rules.columns:
        if names.count(column) != 1:
            found = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
            raise InputError(f"records: one column {column} is needed, found {found}")


def _mark(fate: Fates, rows: NDArray[np.bool_], name: str) -> None:
    """Give the fate to `rows` that have none yet."""
    if rows.any():
        fate[rows & (fate == 0)] = _FATE[name]


def _weights(batch: pa.RecordBatch, rules: RecordRules, fate: Fates) -> NDArray[np.float64]:
    if not rules.weight:
        return np.ones(batch.num_rows)
    weight = numbers_of(batch.column(rules.weight), rules.weight)
    fine = (weight >= 0) & (weight <= MOST_WEIGHT)
    if fine.all():
        return weight
    _mark(fate, np.isnan(weight), "without a weight")
    _mark(fate, weight < 0, "with a negative weight")
    _mark(fate, weight > MOST_WEIGHT, "with a weight above a billion")
    return np.where(fine, weight, 0.0)


def _years(batch: pa.RecordBatch, rules: RecordRules, fate: Fates) -> NDArray[np.int32]:
    if rules.year:
        return np.full(batch.num_rows, rules.year, dtype=np.int32)
    years = years_of(batch.column(rules.time), rules.time, utc_offset=rules.utc_offset)
    first, last = rules.years
    _mark(fate, years == NO_YEAR, "without a time")
    _mark(fate, (years < first) | (years > last), "in a year not asked for")
    return years


def _roles(batch: pa.RecordBatch, rules: RecordRules, fate: Fates) -> NDArray[np.int8]:
    if rules.role is not None:
        return np.full(batch.num_rows, ROLES.index(rules.role), dtype=np.int8)
    roles = codes_of(batch.column(rules.role_column), rules.role_words)
    _mark(fate, roles < 0, "with an unknown role")
    return roles


def _groups(batch: pa.RecordBatch, rules: RecordRules, fate: Fates) -> NDArray[np.int8]:
    if not rules.group:
        return np.zeros(batch.num_rows, dtype=np.int8)
    words = {name: number for number, name in enumerate(rules.groups)}
    groups = codes_of(batch.column(rules.group), words)
    _mark(fate, groups < 0, "with an unknown group")
    return groups


def _cells(batch: pa.RecordBatch, rules: RecordRules, fate: Fates) -> NDArray[np.uint64]:
    if rules.cell:
        return _given(batch.column(rules.cell), rules, fate)
    y = numbers_of(batch.column(rules.lat), rules.lat)
    x = numbers_of(batch.column(rules.lon), rules.lon)
    limits = (np.inf, np.inf) if geodesy.is_projected(rules.crs) else (90.0, 180.0)
    _mark(fate, np.isnan(y) | np.isnan(x), "without coordinates")
    # Infinite is off the Earth in either kind of system.
    there = (np.abs(y) <= limits[0]) & (np.abs(x) <= limits[1]) & np.isfinite(y) & np.isfinite(x)
    if not there.all():
        _mark(fate, ~there, "off the Earth")
        y, x = np.where(there, y, 0.0), np.where(there, x, 0.0)
    if rules.crs in SLACK_M:
        return moved_cells(y, x, crs=rules.crs, resolution=rules.resolution)
    lat, lon = (y, x) if rules.crs == "WGS-84" else _moved(y, x, rules.crs)
    reached = ~np.isnan(lat)
    if not reached.all():
        _mark(fate, ~reached, "off the Earth")
        lat, lon = np.where(reached, lat, 0.0), np.where(reached, lon, 0.0)
    return cells_at(lat, lon, resolution=rules.resolution)


def _moved(
    y: NDArray[np.float64], x: NDArray[np.float64], crs: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees WGS-84; NaN where the projection does not reach, found by halving."""
    try:
        return geodesy.to_wgs84(y, x, crs=crs)
    except geodesy.CoordinateError:
        if len(y) == 1:
            return np.full(1, np.nan), np.full(1, np.nan)
        step = max(1, len(y) // 2) if len(y) > _SMALL else 1
        parts = [_moved(y[at : at + step], x[at : at + step], crs) for at in range(0, len(y), step)]
        return np.concatenate([one[0] for one in parts]), np.concatenate([one[1] for one in parts])


def _given(column: pa.Array, rules: RecordRules, fate: Fates) -> NDArray[np.uint64]:
    """Cells that the records name themselves, at the resolution asked for."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    known = [_cell_id(one) for one in coded.dictionary.to_pylist()]
    # Those that are empty point at the 0 behind the last cell.
    at = coded.indices.cast(pa.int64()).fill_null(len(known)).to_numpy(zero_copy_only=False)
    cells = np.array([*known, 0], dtype=np.uint64)[at]
    own = (cells >> np.uint64(52)) & np.uint64(15)
    _mark(fate, cells == 0, "with a place that is no H3 cell")
    _mark(fate, own < rules.resolution, "in a cell coarser than those of the study")
    # A parent has the same digits, down to its own; those below are all ones.
    below = np.uint64((1 << _DIGIT_BITS * (_FINEST - rules.resolution)) - 1)
    level = np.uint64(15 << 52)
    return np.asarray((cells & ~level) | np.uint64(rules.resolution << 52) | below)


def _cell_id(value: object) -> int:
    """The cell that a text or number names, or 0."""
    text = f"{value:x}" if isinstance(value, int) and value > 0 else str(value).strip().lower()
    return h3.str_to_int(text) if h3.is_valid_cell(text) else 0


def _words(codes: NDArray[np.int8], words: tuple[str, ...]) -> pa.Array:
    unknown = codes < 0
    indices = pa.array(codes, mask=unknown if unknown.any() else None)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))
