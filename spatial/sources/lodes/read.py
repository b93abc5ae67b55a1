"""Counts of a WAC or RAC file by block, read a batch at a time and held to their identity."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from spatial.ingest.errors import InputError
from spatial.sources.lodes.raw import batches

__all__ = ["ID_COLUMNS", "WIDTHS", "BlockCounts", "id_column", "ids_of_text", "read_counts"]

Ints = NDArray[np.int64]

ID_COLUMNS: Final = {
    "rac": ("h_geocode",),
    "wac": ("w_geocode",),
}
_OTHER_IDS: Final = (
    *("tabblk2020", "tabblk2010", "geoid20", "geoid10", "geoid", "geocode"),
    *("block", "bgrp", "trct", "tract"),
)
_COLUMNS: Final = ("C000", "CA02", "CA03", "CD01", "CD02", "CD03", "CD04")
WIDTHS: Final = {15: "block", 12: "block group", 11: "tract", 5: "county"}
"""What an id of so many digits names."""
_EDUCATION_FROM: Final = 2009
_MOST_ROWS: Final = 20_000_000  # more than there are blocks


class BlockCounts(NamedTuple):
    """
    Jobs by block, shape (n,) each; each block once.

    Parameters
    ----------
    ids
        Ids as numbers.
    width
        Digits of each id, leading zeros included: 15 for blocks, 12 for block groups.
    jobs
        All jobs (C000), of people of any age.
    base
        Jobs of people of 30 or older (CA02 + CA03).
    graduates
        Of these, jobs of people with a bachelor's degree or higher (CD04).
    """

    ids: Ints
    width: int
    jobs: Ints
    base: Ints
    graduates: Ints

    def text(self, row: int) -> str:
        """Id of one row as the file writes it."""
        return f"{self.ids[row]:0{self.width}d}"


def read_counts(path: Path, *, id: str) -> BlockCounts:  # noqa: A002 - the option's own name
    """
    Jobs, base and graduates by block.

    Parameters
    ----------
    path
        File with the columns of WAC and RAC, .csv or .csv.gz.
    id
        Its column of ids.

    Raises
    ------
    InputError
        When the file is damaged or lacks a column, an id is not one or comes twice, a count is
        none, or CD01 + CD02 + CD03 + CD04 is not CA02 + CA03 in some block, which is named.
    """
    parts: list[tuple[Ints, NDArray[np.int64]]] = []
    width, rows = 0, 0
    for batch in batches(path, [id, *_COLUMNS]):
        texts = pc.utf8_trim_whitespace(batch.column(id))
        ids, width = ids_of_text(texts, width, name=path.name, column=id, before=rows)
        values = np.stack([_whole(batch.column(one), one, path.name, rows) for one in _COLUMNS])
        parts.append((ids, values))
        rows += batch.num_rows
        if rows > _MOST_ROWS:
            raise InputError(
                f"{path.name}: a file must have at most {_MOST_ROWS:,} rows, found more"
            )
    ids = np.concatenate([one for one, _ in parts])
    values = np.concatenate([two for _, two in parts], axis=1)
    _check_identity(values, ids, width, path.name)
    jobs, middle, older, *_, graduates = values
    found = BlockCounts(ids, width, jobs, middle + older, graduates)
    _check_once(found, path.name)
    if found.base.any() and not graduates.any():
        raise InputError(
            f"{path.name}: graduates must be told apart (CD04), found 0 among"
            f" {int(found.base.sum()):,} jobs: LODES tells education from {_EDUCATION_FROM} on"
        )
    return found


def id_column(columns: list[str], *, kind: str = "", name: str, asked: str = "") -> str:
    """The column of ids: the one asked for, or the first by a known name."""
    if asked:
        if asked not in columns:
            raise InputError(f"{name}: column {asked} is needed, found {_listed(columns)}")
        return asked
    lower = {column.lower(): column for column in reversed(columns)}
    for known in (*ID_COLUMNS.get(kind, ()), *_OTHER_IDS):
        if known in lower:
            return lower[known]
    raise InputError(f"{name}: a column of block ids must be named, found {_listed(columns)}")


def ids_of_text(
    texts: Any,  # noqa: ANN401 - pyarrow ships no types
    width: int,
    *,
    name: str,
    column: str,
    before: int = 0,
) -> tuple[Ints, int]:
    """
    Ids as numbers, shape (n,), and how many digits all of them have.

    Parameters
    ----------
    texts
        Ids as text, shape (n,).
    width
        Digits that ids read before have; 0 where none were.
    name, column, before
        Of the file, of the column, and rows before these, for messages.
    """
    if not len(texts):
        return np.empty(0, dtype=np.int64), width
    lengths = np.asarray(pc.utf8_length(texts).fill_null(0))
    first = texts[0].as_py() or ""
    expected = width or len(first)
    right = np.asarray(pc.match_substring_regex(texts.fill_null(""), "^[0-9]+$"))
    right &= lengths == expected
    if expected in WIDTHS and right.all():
        return np.asarray(pc.cast(texts, pa.int64())), expected
    row = 0 if expected not in WIDTHS else int(np.flatnonzero(~right)[0])
    text = texts[row].as_py() or ""
    hint = ": leading zeros may have been lost" if len(text) + 1 in WIDTHS else ""
    rule = (
        f"ids must have {expected} digits each"
        if width or expected in WIDTHS
        else "ids must have 15 digits (blocks), 12 (block groups), 11 (tracts) or 5 (counties)"
    )
    raise InputError(
        f"{name}: {rule}, found {text[:40]!r} in column {column}, row {before + row + 1:,}{hint}"
    )


def _whole(column: Any, title: str, name: str, before: int) -> Ints:  # noqa: ANN401
    """Counts of one column, 0 or more."""
    try:
        values = np.asarray(pc.cast(pc.utf8_trim_whitespace(column), pa.int64()))
    except pa.ArrowInvalid:
        values = None
    if values is None or values.dtype != np.int64 or (values < 0).any():
        row, text = next(_not_counts(column))
        raise InputError(
            f"{name}: column {title} must hold whole counts, 0 or more, found {text[:40]!r} in"
            f" row {before + row + 1:,}"
        )
    return values


def _not_counts(column: Any) -> Iterator[tuple[int, str]]:  # noqa: ANN401
    for row, text in enumerate(column.to_pylist()):
        plain = (text or "").strip()
        if not (plain.isascii() and plain.isdigit() and len(plain) < 19):
            yield row, plain
    yield 0, "a number too large"


def _check_identity(values: NDArray[np.int64], ids: Ints, width: int, name: str) -> None:
    """Refuse a block whose jobs by education are not its jobs by age, from 30 on."""
    _, middle, older, *education = values
    told, aged = sum(education, np.zeros_like(middle)), middle + older
    # Years before education was told carry zeros throughout, which is said in its own sentence.
    wrong = np.flatnonzero(told != aged) if told.any() else np.empty(0, dtype=np.int64)
    if len(wrong):
        row = int(wrong[0])
        raise InputError(
            f"{name}: CD01 + CD02 + CD03 + CD04 must be CA02 + CA03 in every block, found"
            f" {told[row]} and {aged[row]} in {WIDTHS[width]} {ids[row]:0{width}d}, and"
            f" {len(wrong):,} such in all"
        )


def _check_once(found: BlockCounts, name: str) -> None:
    order = np.argsort(found.ids, kind="stable")
    again = np.flatnonzero(found.ids[order][1:] == found.ids[order][:-1])
    if len(again):
        row = int(order[again[0] + 1])
        raise InputError(
            f"{name}: each {WIDTHS[found.width]} must come once, found {found.text(row)} again in"
            f" row {row + 1:,}"
        )


def _listed(columns: list[str]) -> str:
    return ", ".join(columns[:30]) + (", ..." if len(columns) > 30 else "")
