"""
Tables from strangers' files: CSV (plain, .gz or .xz), Excel and Parquet, checked before reading.

Everything in a CSV stays text until a number is asked for, so ids keep their leading zeros. Rows
in messages are counted from 1, below the header.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final, cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spatial.ingest.archive import unpacked
from spatial.ingest.caps import COLUMNS, FILE_BYTES, PARQUET_VALUES
from spatial.ingest.errors import InputError
from spatial.ingest.guard import guarded
from spatial.ingest.sniff import Kind, check_file, sniff
from spatial.ingest.text import read_text
from spatial.ingest.xlsx import read_xlsx

__all__ = ["check_file", "check_said", "read_table"]

_ENDINGS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")
_TRUE_ROWS: Final = "a Parquet file must say truly how many rows it has, found others"
_UNREADABLE: Final = (
    pa.ArrowException,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    TypeError,  # what pandas makes of some types of Arrow
)


@guarded
def read_table(path: str | Path, *, encoding: str = "", sheet: str = "") -> pd.DataFrame:
    """
    The table in a CSV, TSV, .csv.gz, .csv.xz, .xlsx or Parquet file, or in a zip with one of them.

    Encoding (UTF-8, UTF-16 with its mark, GB18030) and delimiter (comma, semicolon, tab, bar)
    are found from the content.

    Parameters
    ----------
    path
        The file.
    encoding
        What a CSV is in, where it is none of these: one of `text.ENCODINGS`.
    sheet
        Which sheet of a workbook; "" takes the first with anything on it.

    Returns
    -------
    DataFrame
        Text in every column of a CSV, the file's own types otherwise; `attrs["source"]` is the
        file's name, and "encoding", "delimiter", "sheet" and "notes" tell what was found.

    Raises
    ------
    InputError
        When the file is missing, empty, damaged, of another kind or not a table.
    """
    path = Path(path)
    kind = sniff(path, among=_ENDINGS, what="a table")
    if kind.packing == "zip":
        with tempfile.TemporaryDirectory() as folder:
            inside = unpacked(path, kind.entry, Path(folder))
            table = _read(inside, kind, path.name, encoding, sheet)
    else:
        table = _read(path, kind, path.name, encoding, sheet)
    if table.empty:
        raise InputError(f"{path.name}: a table must have rows, found a header only")
    table.attrs["source"] = path.name
    return table


def _read(path: Path, kind: Kind, name: str, encoding: str, sheet: str) -> pd.DataFrame:
    if kind.name == "Parquet":
        return _parquet(path, name)
    if kind.name == "Excel":
        return read_xlsx(path, sheet=sheet, name=name)
    packing = "" if kind.packing == "zip" else kind.packing
    return read_text(path, packing, encoding=encoding, name=name)


def _parquet(path: Path, name: str) -> pd.DataFrame:
    try:
        with pq.ParquetFile(path) as file:
            check_said(file.metadata, name)
            table = file.read(use_threads=False)
            table.validate(full=True)
            if table.num_rows != file.metadata.num_rows:
                raise InputError(f"{name}: {_TRUE_ROWS}")
        return cast("pd.DataFrame", table.to_pandas(ignore_metadata=True))
    except InputError:
        raise
    except _UNREADABLE:
        raise InputError(
            f"{name}: a Parquet file must be whole, found it damaged or cut short"
        ) from None


def check_said(said: pq.FileMetaData, name: str) -> None:
    """Refuse what a file says of itself where that is too much, or no sum of its parts."""
    groups = [said.row_group(at) for at in range(said.num_row_groups)]
    if said.num_rows < 0 or said.num_rows != sum(group.num_rows for group in groups):
        raise InputError(f"{name}: {_TRUE_ROWS}")
    if said.num_columns > COLUMNS:
        raise InputError(f"{name}: a table must have at most {COLUMNS:,} columns, found more")
    values = said.num_rows * max(said.num_columns, 1)
    if values > PARQUET_VALUES or sum(group.total_byte_size for group in groups) > FILE_BYTES:
        raise InputError(
            f"{name}: a table must hold at most {PARQUET_VALUES:,} values in 2 GiB, found"
            f" {said.num_rows:,} rows by {said.num_columns:,} columns"
        )
