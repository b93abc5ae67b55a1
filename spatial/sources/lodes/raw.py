"""Raw files: columns of a comma-separated file as text, a batch at a time."""

from __future__ import annotations

import csv
import gzip
import lzma
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import pyarrow as pa
import pyarrow.csv as pacsv

from spatial.ingest.errors import InputError

__all__ = ["batches", "columns_of"]

_BYTES: Final = 1 << 23  # of a batch
_HEADER: Final = 1 << 16
_PACKED: Final = {".gz": b"\x1f\x8b", ".xz": b"\xfd7zXZ\x00"}
_CUT_SHORT: Final = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile)


def columns_of(path: Path) -> list[str]:
    """Names of the columns; an unnamed one is called by its place."""
    try:
        with _opened(path) as file:
            line = file.readline(_HEADER)
    except _CUT_SHORT:
        raise _cut_short(path) from None
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or len(line) == _HEADER:
        raise InputError(f"{path.name}: a file must begin with a line of column names, found none")
    row = next(csv.reader([text.strip()]), [])
    names = [field.strip() or f"unnamed {number}" for number, field in enumerate(row, 1)]
    if not text.strip():
        raise InputError(f"{path.name}: a table must have rows, found none")
    if len(set(names)) < len(names):
        twice = next(one for at, one in enumerate(names) if one in names[:at])
        raise InputError(f"{path.name}: column names must differ, found {twice[:40]} twice")
    return names


def batches(path: Path, columns: Sequence[str]) -> Iterator[Any]:
    """
    The rows of a .csv, .csv.gz or .csv.xz file, all of them text; memory does not grow with it.

    Raises
    ------
    InputError
        When the file is missing, empty, damaged or uneven, or lacks one of the `columns`.
    """
    names = columns_of(path)
    if missing := [one for one in columns if one not in names]:
        found = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
        raise InputError(f"{path.name}: column {missing[0]} is needed, found {found}")
    wrong: list[pacsv.InvalidRow] = []

    def remember(row: pacsv.InvalidRow) -> str:
        wrong.append(row)
        return "error"

    rows = 0
    try:
        with _opened(path) as file:
            reader = pacsv.open_csv(
                file,
                read_options=pacsv.ReadOptions(
                    column_names=names, skip_rows=1, use_threads=False, block_size=_BYTES
                ),
                parse_options=pacsv.ParseOptions(invalid_row_handler=remember),
                convert_options=pacsv.ConvertOptions(
                    include_columns=list(columns),
                    column_types=dict.fromkeys(columns, pa.string()),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                rows += batch.num_rows
                yield batch
    except _CUT_SHORT:
        raise _cut_short(path) from None
    except pa.ArrowInvalid as fault:
        if "Empty CSV" not in str(fault):
            found = f"{wrong[0].actual_columns} in one" if wrong else "others"
            raise InputError(
                f"{path.name}: every row must have {len(names)} values like the header, found"
                f" {found}"
            ) from None
    if not rows:
        raise InputError(f"{path.name}: a table must have rows, found a header only")


def _opened(path: Path) -> BinaryIO:
    try:
        with path.open("rb") as file:
            start = file.read(6)
    except OSError as fault:
        found = "none there" if isinstance(fault, FileNotFoundError) else fault.strerror
        raise InputError(f"{path.name}: a file is needed, found {found}") from None
    if not start:
        raise InputError(f"{path.name}: a file must have content, found it empty")
    packing = path.suffix.lower()
    if packing in _PACKED and not start.startswith(_PACKED[packing]):
        raise InputError(f"{path.name}: a {packing} file must be packed so, found something else")
    if packing == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return cast("BinaryIO", lzma.open(path, "rb")) if packing == ".xz" else path.open("rb")


def _cut_short(path: Path) -> InputError:
    return InputError(f"{path.name}: a packed file must be whole, found it damaged or cut short")
