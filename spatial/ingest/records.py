"""
Records: raw (time, place, weight, role), hundreds of millions, into the cells of a study.

A batch of rows goes through one kernel (`record_kernel`) and is added up at once, so memory is
bounded by a few batches and by the cells there are, however many records come. Sums of each file
are saved when it is done; a load that was stopped goes on from there.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from spatial.ingest.audit import Audit
from spatial.ingest.errors import InputError
from spatial.ingest.load import Progress
from spatial.ingest.record_files import batches_of, record_files, signature
from spatial.ingest.record_kernel import cells_of
from spatial.ingest.record_rules import FATES, RecordRules
from spatial.ingest.record_sums import (
    Lost,
    Sums,
    combined,
    read_sums,
    sums_of,
    table_of,
    write_sums,
)

__all__ = ["BATCH_ROWS", "RecordResult", "load_records"]

BATCH_ROWS: Final = 1 << 19
_FOLDED: Final = 8  # batches that are added up at once
_AHEAD: Final = 2  # batches read ahead for each thread
_SPOILT: Final = Lost("in a row of another length", "", 0)


@dataclass(frozen=True)
class RecordResult:
    """
    What files of records gave.

    Parameters
    ----------
    counts
        Columns cell, role, year, graduates and one for each group; by role, year and cell.
    audit
        Where the people of each role and year went, those off the map included.
    whole
        The same of all records, those without role or year included.
    records, dropped
        Records read, and those not on the map by reason.
    files, kept
        Files there are, and how many of them had been added up before.
    """

    counts: pd.DataFrame
    audit: Mapping[tuple[str, int], Audit]
    whole: Audit
    records: int
    dropped: Mapping[str, int]
    files: int
    kept: int

    @property
    def on_map(self) -> int:
        """Records on the map."""
        return self.records - sum(self.dropped.values())


def load_records(
    given: Sequence[str | Path],
    *,
    rules: RecordRules,
    work: str | Path | None = None,
    batch_rows: int = BATCH_ROWS,
    threads: int = 0,
    progress: Progress | None = None,
) -> RecordResult:
    """
    Files of raw records as counts per cell, role and year.

    Weights are added: a record must stand for people, so signals of which one person sends many
    have to be made into person-weights before. Sums of whole weights are exact; others may
    differ by rounding (1e-12) with the order of rows, but not from one run to the next.

    Parameters
    ----------
    given
        Files, folders and patterns, as for `record_files`.
    rules
        What the columns mean.
    work
        Folder in which the sums of each file are saved once it is done. A later call with the
        same rules takes them from there, save those of files that have changed.
    batch_rows
        Rows that go through the kernel at once; of a CSV it is 16 MB.
    threads
        Batches in work at the same time; 0 for one per core.
    progress
        Told the file and the share of the bytes that are behind.

    Raises
    ------
    InputError
        When rules or files cannot be taken, or nobody is on the map.
    """
    rules = rules.checked()
    say = progress or (lambda _what, _share: None)
    files = record_files(given)
    sizes = [file.stat().st_size for file in files]
    kept, behind = 0, 0
    total = combined([])
    under_way: deque[Future[Sums]] = deque()
    with _folder(work) as folder, _Workers(rules, threads or _cores()) as workers:
        for file, size in zip(files, sizes, strict=True):
            say(f"reading {file.name}", behind / max(1, sum(sizes)))
            saved = folder / f"{_name(file, rules)}.parquet"
            told = {"file": signature(file), "rules": rules.digest}
            if (sums := read_sums(saved, told=told)) is None:
                keep = partial(write_sums, saved, told=told)
                under_way.append(workers.file_sums(file, batch_rows, keep))
            else:
                kept += 1
                under_way.append(_done(sums))
            behind += size
            # The last file is still being added up while the next is read.
            if len(under_way) > 1:
                total = combined([total, under_way.popleft().result()])
        for one in under_way:
            total = combined([total, one.result()])
    return replace(_result(total, rules, files), kept=kept)


def _done(sums: Sums) -> Future[Sums]:
    future: Future[Sums] = Future()
    future.set_result(sums)
    return future


class _Workers:
    """
    Threads that put batches into cells and add them up, while this one reads ahead.

    Every task waits at most for tasks handed in before it, so that they cannot block each other.
    """

    def __init__(self, rules: RecordRules, threads: int) -> None:
        self._rules = rules
        self._ahead: deque[Future[Sums]] = deque()
        self._most = _AHEAD * threads
        self._pool = ThreadPoolExecutor(threads)

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        # When stopped, what was read is still added up: it takes a second and may end a file.
        self._pool.shutdown()

    def file_sums(self, path: Path, rows: int, keep: Callable[[Sums], None]) -> Future[Sums]:
        """Sums of one file; batches are added in their order, whichever is done first."""
        parts: list[Future[Sums]] = []
        spoilt: list[int] = []
        for batch in batches_of(path, self._rules.columns, rows=rows, spoilt=spoilt):
            parts.append(self._submit(_batch_sums, batch, self._rules, path.name))
            if len(parts) > _FOLDED:
                parts = [self._submit(_folded, parts)]
        return self._submit(_finished, parts, spoilt, keep)

    def _submit(self, work: Callable[..., Sums], *given: object) -> Future[Sums]:
        while len(self._ahead) >= self._most:
            self._ahead.popleft().result()
        self._ahead.append(self._pool.submit(work, *given))
        return self._ahead[-1]


def _folded(parts: Sequence[Future[Sums]]) -> Sums:
    return combined([one.result() for one in parts])


def _finished(
    parts: Sequence[Future[Sums]], spoilt: Sequence[int], keep: Callable[[Sums], None]
) -> Sums:
    sums = _folded(parts)
    if spoilt:
        sums = replace(sums, lost={**sums.lost, _SPOILT: (len(spoilt), 0.0)})
    keep(sums)
    return sums


def _batch_sums(batch: pa.RecordBatch, rules: RecordRules, name: str) -> Sums:
    try:
        return sums_of(cells_of(batch, rules), rules)
    except InputError as fault:
        raise InputError(f"{name}: {str(fault).removeprefix('records: ')}") from None


@contextmanager
def _folder(work: str | Path | None) -> Iterator[Path]:
    if work is None:
        with TemporaryDirectory(prefix="gradmap-records-") as made:
            yield Path(made)
    else:
        Path(work).mkdir(parents=True, exist_ok=True)
        yield Path(work)


def _name(file: Path, rules: RecordRules) -> str:
    told = f"{file.resolve()}\n{rules.digest}"
    return f"{file.stem}-{hashlib.blake2b(told.encode(), digest_size=8).hexdigest()}"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _result(sums: Sums, rules: RecordRules, files: Sequence[Path]) -> RecordResult:
    table = table_of(sums, rules)
    on_map = float(table["people"].sum())
    dropped, people = _reasons(sums, None)
    if not on_map > 0:
        told = ", ".join(f"{number:,} {why}" for why, number in dropped.items())
        hint = "; lat and lon may be swapped" if "off the Earth" in dropped else ""
        raise InputError(
            f"{files[0].name}: there must be people in the records, found 0 on the map"
            f" ({told or 'no weight above 0'}){hint}"
        )
    audit = {}
    mine = table.groupby(["role", "year"], sort=True)["people"].sum()
    for series, counted in zip(mine.index.to_list(), mine.to_list(), strict=True):
        audit[series] = _audit(counted, _reasons(sums, series)[1])
    return RecordResult(
        counts=_counts(table, rules),
        audit=audit,
        whole=_audit(on_map, people),
        records=int(table["records"].sum()) + sum(dropped.values()),
        dropped=dropped,
        files=len(files),
        kept=0,
    )


def _audit(on_map: float, lost: Mapping[str, float]) -> Audit:
    lost = {why: people for why, people in lost.items() if people}
    return Audit(people_in=on_map + sum(lost.values()), on_map=on_map, dropped=lost).checked()


def _reasons(sums: Sums, series: tuple[str, int] | None) -> tuple[dict[str, int], dict[str, float]]:
    """Records and people off the map by reason, of one role and year or of all."""
    records: dict[str, int] = {}
    people: dict[str, float] = {}
    for kind, (number, weight) in sorted(sums.lost.items(), key=lambda one: FATES.index(one[0][0])):
        if series in (None, (kind.role, kind.year)):
            records[kind.fate] = records.get(kind.fate, 0) + number
            people[kind.fate] = people.get(kind.fate, 0.0) + weight
    return records, people


def _counts(table: pd.DataFrame, rules: RecordRules) -> pd.DataFrame:
    keys = ["role", "year", "cell"]
    groups = list(rules.groups)
    if not groups:
        return table[["cell", "role", "year", "people"]].rename(columns={"people": "graduates"})
    names = table.assign(group=np.array(groups, dtype=object)[table["group"]])
    wide = names.pivot_table("people", keys, "group", aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(columns=groups, fill_value=0.0)
    counts = wide.assign(graduates=wide.sum(axis=1)).reset_index()
    return counts[["cell", "role", "year", "graduates", *groups]]
