"""Files of records: which there are, what tells them from others, and their rows by batches."""

from __future__ import annotations

import codecs
import csv
import glob
import gzip
import hashlib
import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, cast

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from spatial.ingest.errors import InputError

__all__ = ["batches_of", "record_files", "signature"]

_TEXT: Final = (".csv", ".tsv", ".txt")
_PACKED: Final = (".gz", ".xz")
_DELIMITERS: Final = ",;\t|"
_HEAD: Final = 1 << 16
_BLOCK: Final = 1 << 24
_BUFFER: Final = 1 << 23


def record_files(given: Sequence[str | Path]) -> list[Path]:
    """
    Every file of records in what was given: files, folders and patterns such as "day_*.parquet".

    Folders are searched to the bottom; names that begin with . or _ are left out, as they are
    notes of the engine that wrote the folder. In order of name, each file once.

    Raises
    ------
    InputError
        When something given is not there, or is no file of records.
    """
    found: dict[Path, Path] = {}
    for one in given:
        path = Path(one)
        if path.is_dir():
            files = [file for file in sorted(path.rglob("*")) if _is_records(file, path)]
        else:
            named = [path] if path.is_file() else _matching(str(one))
            files = [file for file in named if file.is_file()]
        if not files:
            raise InputError(f"{path.name}: files of records are needed, found none at {path}")
        found |= {file.resolve(): file for file in files}
    for file in found.values():
        if not _kind(file):
            raise InputError(
                f"{file.name}: records must end in .parquet, .csv, .tsv or .txt (also .gz or .xz),"
                f" found {file.suffix or 'no ending'}"
            )
    return [found[path] for path in sorted(found)]


def signature(path: Path) -> str:
    """Size, time of change and a hash of both ends: another text where the file is another."""
    state = path.stat()
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(_HEAD))
        file.seek(max(0, state.st_size - _HEAD))
        digest.update(file.read(_HEAD))
    return f"{state.st_size} {state.st_mtime_ns} {digest.hexdigest()}"


def batches_of(
    path: Path, columns: Sequence[str], *, rows: int, spoilt: list[int]
) -> Iterator[pa.RecordBatch]:
    """
    The `columns` of a file, some `rows` at a time; what a CSV says stays text.

    A column that the file does not have may stand in the folders above it, as engines write
    them: role=work/year=2024/part-0.parquet.

    Parameters
    ----------
    path, columns
        What is read.
    rows
        Rows of a Parquet file at once; of a CSV it is 16 MB of text.
    spoilt
        Gets an entry for each CSV row whose length is not the header's; such rows are left out.

    Raises
    ------
    InputError
        When the file is empty, damaged, of another kind or lacks a column.
    """
    if not path.stat().st_size:
        raise InputError(f"{path.name}: a file must have content, found it empty")
    above = dict(part.split("=", 1) for part in path.resolve().parent.parts if "=" in part)
    opened = _parquet if _kind(path) == ".parquet" else _delimited
    try:
        names, batches = opened(path, rows, spoilt)
        inside = [name for name in columns if name in names]
        if missing := [name for name in columns if name not in names and name not in above]:
            told = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
            raise InputError(f"{path.name}: column {missing[0]} is needed, found {told}")
        outside = {name: above[name] for name in columns if name not in names}
        for batch in batches(inside):
            yield _with(batch, outside)
    except (
        pa.ArrowException,
        EOFError,
        lzma.LZMAError,
        zlib.error,
        UnicodeError,
        OSError,
    ) as fault:
        # A disk's own trouble has a number, and is not the file's.
        if isinstance(fault, OSError) and fault.errno is not None:
            raise
        raise InputError(
            f"{path.name}: a file of records must be whole, found it damaged or cut short"
        ) from None


Reader = tuple[list[str], Callable[[list[str]], Iterator[pa.RecordBatch]]]


def _with(batch: pa.RecordBatch, constants: dict[str, str]) -> pa.RecordBatch:
    for name, value in constants.items():
        batch = batch.append_column(name, pa.repeat(value, batch.num_rows))
    return batch


def _parquet(path: Path, rows: int, _spoilt: list[int]) -> Reader:
    # A small buffer reads column chunks bit by bit: a row group may be larger than memory.
    schema = pq.read_schema(path)
    words = [one.name for one in schema if pa.types.is_string(one.type)]
    file = pq.ParquetFile(path, buffer_size=_BUFFER, read_dictionary=words)

    def batches(columns: list[str]) -> Iterator[pa.RecordBatch]:
        with file:
            yield from file.iter_batches(batch_size=rows, columns=columns, use_threads=False)

    return list(schema.names), batches


def _delimited(path: Path, _rows: int, spoilt: list[int]) -> Reader:
    encoding, head = _head(path)
    if not head.strip():
        raise InputError(f"{path.name}: a table must have rows, found none")
    first = head.lstrip("\r\n").splitlines()[0]
    delimiter = max(_DELIMITERS, key=first.count)
    names = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
    blank = len(head) - len(head.lstrip("\r\n"))

    def skipped(_row: pacsv.InvalidRow) -> str:
        spoilt.append(1)
        return "skip"

    def batches(columns: list[str]) -> Iterator[pa.RecordBatch]:
        with _opened(path) as file:
            yield from pacsv.open_csv(
                pa.PythonFile(file, mode="r"),
                read_options=pacsv.ReadOptions(
                    column_names=names,
                    skip_rows=1 + head[:blank].count("\n"),
                    block_size=_BLOCK,
                    encoding=encoding,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skipped
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()),
                    include_columns=columns,
                    strings_can_be_null=False,
                ),
            )

    return names, batches


def _head(path: Path) -> tuple[str, str]:
    """The encoding of a text, and its beginning."""
    with _opened(path) as file:
        start = file.read(_HEAD)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", codecs.getincrementaldecoder("utf-16")("replace").decode(start)
    if b"\0" in start:
        raise InputError(f"{path.name}: a table must be text, found binary content")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            # Not final: the beginning may end in the middle of a character.
            head = codecs.getincrementaldecoder(encoding)().decode(start)
        except UnicodeDecodeError:
            continue
        # Arrow reads UTF-8 as it is, with or without a mark, and others by way of Python.
        return encoding.removesuffix("-sig"), head
    raise InputError(f"{path.name}: text must be UTF-8, UTF-16 or GB18030, found another encoding")


def _opened(path: Path) -> BinaryIO:
    packing = path.suffix.lower()
    if packing == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return cast("BinaryIO", lzma.open(path, "rb")) if packing == ".xz" else path.open("rb")


def _matching(pattern: str) -> list[Path]:
    # Path.glob takes no pattern that begins at the root.
    return [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207


def _is_records(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    return not hidden and file.is_file() and bool(_kind(file))


def _kind(path: Path) -> str:
    """The ending that tells how a file is read, "" where none does."""
    name = path.name.lower()
    for packing in _PACKED:
        name = name.removesuffix(packing)
    ending = Path(name).suffix
    packed = len(name) < len(path.name)
    return ending if ending in _TEXT or (ending == ".parquet" and not packed) else ""
