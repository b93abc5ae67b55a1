"""
Tables from strangers' files: CSV (plain, .gz or .xz) and Parquet, checked before they are read.

Everything in a CSV stays text until a number is asked for, so ids keep their leading zeros. Rows
in messages are counted from 1, below the header.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final, cast

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from spatial.ingest.errors import InputError

__all__ = ["check_file", "read_table"]

_TEXT: Final = (".csv", ".tsv", ".txt")
_PACKED: Final = {".gz": b"\x1f\x8b", ".xz": b"\xfd7zXZ\x00"}
_PARQUET: Final = b"PAR1"
_MOST_BYTES: Final = 2 << 30
_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE: Final = 1 << 16
_KNOWN_MAGIC: Final = {
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "a zip or Excel file",
    b"\x1f\x8b": "a gzip file",
    b"SQLite format 3": "a GeoPackage or SQLite file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
}


def read_table(path: str | Path) -> pd.DataFrame:
    """
    The table in a CSV, TSV, .csv.gz, .csv.xz or Parquet file.

    Encoding (UTF-8, UTF-16 with its mark, GB18030) and delimiter (comma, semicolon, tab, bar)
    are found from the content.

    Returns
    -------
    DataFrame
        Text in every column of a CSV, Parquet's own types otherwise; `attrs["source"]` is the
        file's name.

    Raises
    ------
    InputError
        When the file is missing, empty, damaged, of another kind or not a table.
    """
    path = Path(path)
    check_file(path)
    ends = [part.lower() for part in path.suffixes]
    if ends[-1:] == [".parquet"]:
        table = _parquet(path)
    elif ends[-1:] and (ends[-1] in _TEXT or (ends[-1] in _PACKED and ends[-2:-1] != [".tar"])):
        table = _delimited(path)
    else:
        raise InputError(
            f"{path.name}: a table must end in .csv, .tsv, .txt (also .gz or .xz) or .parquet,"
            f" found {path.suffix or 'no ending'}"
        )
    if table.empty:
        raise InputError(f"{path.name}: a table must have rows, found a header only")
    table.attrs["source"] = path.name
    return table


def check_file(path: Path) -> None:
    """Raise InputError unless `path` is a file with something in it."""
    if path.is_dir():
        raise InputError(f"{path.name}: a file is needed, found a folder")
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise InputError(f"{path.name}: a file is needed, found none at {path}") from None
    except OSError as error:
        raise InputError(
            f"{path.name}: the file must be readable, found {error.strerror}"
        ) from None
    if not size:
        raise InputError(f"{path.name}: a file must have content, found it empty")
    if size > _MOST_BYTES:
        raise InputError(f"{path.name}: a file must be at most 2 GiB, found {size / 2**30:.1f}")


def _parquet(path: Path) -> pd.DataFrame:
    with path.open("rb") as file:
        if file.read(4) != _PARQUET:
            raise InputError(f"{path.name}: a .parquet file must be Parquet, found something else")
    try:
        table = pq.read_table(path, partitioning=None)
        return cast("pd.DataFrame", table.to_pandas(ignore_metadata=True))
    except (pa.ArrowException, OSError, EOFError):
        raise InputError(
            f"{path.name}: a Parquet file must be whole, found it damaged or cut short"
        ) from None


def _delimited(path: Path) -> pd.DataFrame:
    text = _decoded(_content(path), path.name).lstrip("\r\n")
    if not text.strip():
        raise InputError(f"{path.name}: a table must have rows, found none")
    sample = text[:_SAMPLE]
    delimiter = _delimiter(sample)
    names = _header(sample, delimiter, path.name)
    wrong: list[pacsv.InvalidRow] = []

    def remember(row: pacsv.InvalidRow) -> str:
        wrong.append(row)
        return "error"

    try:
        table = pacsv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pacsv.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=remember
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        raise InputError(_uneven(wrong, len(names), path.name)) from None
    return cast("pd.DataFrame", table.to_pandas())


def _uneven(wrong: Sequence[pacsv.InvalidRow], width: int, name: str) -> str:
    if not wrong:
        return f"{name}: a table must have rows of values, found something else"
    row = wrong[0]
    where = f" in row {row.number - 1}" if row.number else ""
    return (
        f"{name}: every row must have {width} values like the header, found"
        f" {row.actual_columns}{where}"
    )


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        start = file.read(16)
    packing = path.suffix.lower() if path.suffix.lower() in _PACKED else ""
    if packing and not start.startswith(_PACKED[packing]):
        raise InputError(f"{path.name}: a {packing} file must be packed so, found something else")
    if not packing and (other := [w for m, w in _KNOWN_MAGIC.items() if start.startswith(m)]):
        raise InputError(f"{path.name}: a {path.suffix} file must be text, found {other[0]}")
    try:
        with _opened(path, packing) as file:
            content = file.read(_MOST_BYTES + 1)
    except (EOFError, OSError, lzma.LZMAError, zlib.error):
        raise InputError(
            f"{path.name}: a packed file must be whole, found it damaged or cut short"
        ) from None
    if len(content) > _MOST_BYTES:
        raise InputError(f"{path.name}: a file must unpack to at most 2 GiB, found more")
    return content


def _opened(path: Path, packing: str) -> BinaryIO:
    if packing == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    if packing == ".xz":
        return cast("BinaryIO", lzma.open(path, "rb"))
    return path.open("rb")


def _decoded(content: bytes, name: str) -> str:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not marked and b"\0" in content:
        raise InputError(f"{name}: a table must be text, found binary content")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Bytes that are no text may still decode; control characters give them away.
        if re.search(r"[\x00-\x08\x0e-\x1f]", text[:_SAMPLE]):
            raise InputError(f"{name}: a table must be text, found binary content")
        return text
    raise InputError(f"{name}: text must be UTF-8, UTF-16 or GB18030, found another encoding")


def _delimiter(sample: str) -> str:
    """The mark that divides the header into most fields, and the next rows into as many."""
    lines = sample.splitlines()[:20]
    best, most = ",", 1
    for mark in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        # The last line may be cut by the sample.
        even = widths.count(widths[0]) >= max(1, (len(widths) - 1) // 2) if widths else False
        if even and widths[0] > most:
            best, most = mark, widths[0]
    return best


def _header(sample: str, delimiter: str, name: str) -> list[str]:
    row = next(csv.reader(io.StringIO(sample), delimiter=delimiter))
    if any("\n" in field for field in row):
        raise InputError(f"{name}: column names must be on one line, found a line break in one")
    names = [field.strip() or f"unnamed {number}" for number, field in enumerate(row, 1)]
    if twice := [field for number, field in enumerate(names) if field in names[:number]]:
        raise InputError(f"{name}: column names must differ, found {twice[0]} twice")
    return names
