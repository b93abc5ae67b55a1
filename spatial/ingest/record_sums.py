"""Sums of records by cell, role, year and group: of a batch, of several, and on the disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from spatial.ingest.record_rules import FATES, RecordRules
from spatial.schema import ROLES

__all__ = ["Lost", "Sums", "combined", "read_sums", "sums_of", "table_of", "write_sums"]

_MODE: Final = 1 << 59  # of an H3 index that is a cell
_FINEST: Final = 15
_MARK: Final = b"gradmap"


class Lost(NamedTuple):
    """A kind of record that is not on the map; role "" and year 0 where they are not known."""

    fate: str
    role: str
    year: int


@dataclass(frozen=True, eq=False)
class Sums:
    """
    What records add up to.

    Parameters
    ----------
    keys
        Cell, role, year and group in one number each (see `_packed`), shape (n,), each once.
    people, records
        Sum of weights and number of records behind each key, shape (n,).
    lost
        Records and people that are not on the map, by kind.
    """

    keys: NDArray[np.uint64]
    people: NDArray[np.float64]
    records: NDArray[np.int64]
    lost: Mapping[Lost, tuple[int, float]] = field(default_factory=dict)


def sums_of(batch: pa.RecordBatch, rules: RecordRules) -> Sums:
    """Sums of one batch of what the kernel gives."""
    fate = _codes(batch.column("fate"))
    weight = batch.column("weight").to_numpy()
    here = fate == 0
    whole = bool(here.all())
    rows = slice(None) if whole else np.flatnonzero(here)
    keys = _packed(batch, rules)[rows]
    people = weight[rows]
    return _added(keys, people, None, lost={} if whole else _lost(batch, fate, weight))


def combined(parts: Iterable[Sums]) -> Sums:
    """Sums of several sums, which are added in their order."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    lost: dict[Lost, tuple[int, float]] = {}
    for part in parts:
        for kind, (records, people) in part.lost.items():
            before = lost.get(kind, (0, 0.0))
            lost[kind] = (before[0] + records, before[1] + people)
    empty = Sums(np.empty(0, np.uint64), np.empty(0), np.empty(0, np.int64))
    return _added(
        np.concatenate([part.keys for part in (empty, *parts)]),
        np.concatenate([part.people for part in (empty, *parts)]),
        np.concatenate([part.records for part in (empty, *parts)]),
        lost=lost,
    )


def table_of(sums: Sums, rules: RecordRules) -> pd.DataFrame:
    """Columns cell, role, year, group (a number), people and records; by role, year and cell."""
    first, shift = rules.years[0], _shift(rules)
    below = np.uint64(3 * (_FINEST - rules.resolution))
    digits = sums.keys & np.uint64((1 << shift) - 1)
    level = np.uint64(_MODE | rules.resolution << 52)
    cell = level | (digits << below) | ((np.uint64(1) << below) - np.uint64(1))
    series = (sums.keys >> np.uint64(shift)).astype(np.int64)
    kinds, years = max(len(rules.groups), 1), _years(rules)
    found = pd.DataFrame(
        {
            "cell": cell,
            "role": np.array(ROLES, dtype=object)[series // (kinds * years)],
            "year": first + series // kinds % years,
            "group": series % kinds,
            "people": sums.people,
            "records": sums.records,
        }
    )
    return found.sort_values(["role", "year", "cell", "group"], ignore_index=True)


def write_sums(path: Path, sums: Sums, *, told: Mapping[str, str]) -> None:
    """Save sums with what is `told` of their origin; whole or not at all."""
    note = {
        "told": dict(told),
        "lost": [[*kind, *amounts] for kind, amounts in sums.lost.items()],
    }
    columns = {"key": sums.keys, "people": sums.people, "records": sums.records}
    table = pa.table(columns).replace_schema_metadata({_MARK: json.dumps(note).encode()})
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        pq.write_table(table, draft, compression="zstd")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_sums(path: Path, *, told: Mapping[str, str]) -> Sums | None:
    """The sums saved at `path` with the same `told`; None where there are none, or others."""
    try:
        table = pq.read_table(path, partitioning=None)
        note = json.loads((table.schema.metadata or {})[_MARK])
        if note["told"] != dict(told):
            return None
        lost = {Lost(*one[:3]): (int(one[3]), float(one[4])) for one in note["lost"]}
        keys, people, records = (table.column(n).to_numpy() for n in ("key", "people", "records"))
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError):
        return None  # cut short by a crash, or not ours: the file is read again
    return Sums(keys, people, records, lost)


def _packed(batch: pa.RecordBatch, rules: RecordRules) -> NDArray[np.uint64]:
    """
    Role, year, group and the digits of the cell in one number, shape (n,).

    What all cells of one resolution share is left out, which makes room for the rest: grouping
    by one number is three times as fast as by four columns.
    """
    cell = batch.column("cell")
    ids = np.frombuffer(cell.buffers()[1], dtype=np.uint64)[cell.offset : cell.offset + len(cell)]
    shift = _shift(rules)
    keys = (ids >> np.uint64(3 * (_FINEST - rules.resolution))) & np.uint64((1 << shift) - 1)
    series = _codes(batch.column("role")).astype(np.int64) * _years(rules)
    series += batch.column("year").fill_null(rules.years[0]).to_numpy() - rules.years[0]
    if rules.group:
        series = series * len(rules.groups) + _codes(batch.column("group"))
    return np.asarray(keys | (series.astype(np.uint64) << np.uint64(shift)))


def _shift(rules: RecordRules) -> int:
    """Bits that tell cells of one resolution apart: 7 for the base cell, 3 a digit."""
    return 7 + 3 * rules.resolution


def _years(rules: RecordRules) -> int:
    return rules.years[1] - rules.years[0] + 1


def _codes(column: pa.DictionaryArray) -> NDArray[np.int8]:
    indices = column.indices
    filled = indices.fill_null(-1) if indices.null_count else indices
    return np.asarray(filled.to_numpy())


def _added(
    keys: NDArray[np.uint64],
    people: NDArray[np.float64],
    records: NDArray[np.int64] | None,
    *,
    lost: Mapping[Lost, tuple[int, float]],
) -> Sums:
    """Rows with the same key as one; each row is one record where `records` are not told."""
    given = {"key": keys, "people": people} | ({} if records is None else {"records": records})
    many = ("people", "count") if records is None else ("records", "sum")
    # One thread: several batches are in work at a time, and the order of adding stays the same.
    found = pa.table(given).group_by("key", use_threads=False)
    table = found.aggregate([("people", "sum"), many])
    return Sums(
        table.column("key").to_numpy(),
        table.column("people_sum").to_numpy(),
        table.column("_".join(many)).to_numpy(),
        lost,
    )


def _lost(
    batch: pa.RecordBatch, fate: NDArray[np.int8], weight: NDArray[np.float64]
) -> dict[Lost, tuple[int, float]]:
    rows = np.flatnonzero(fate != 0)
    years = batch.column("year").fill_null(0).to_numpy(zero_copy_only=False)
    frame = pd.DataFrame(
        {
            "fate": fate[rows],
            "role": _codes(batch.column("role"))[rows],
            "year": years[rows],
            "people": weight[rows],
        }
    )
    grouped = frame.groupby(["fate", "role", "year"])["people"].agg(["size", "sum"])
    return {
        Lost(FATES[f], ROLES[r] if r >= 0 else "", int(y)): (int(size), float(people))
        for (f, r, y), size, people in grouped.itertuples()
    }
