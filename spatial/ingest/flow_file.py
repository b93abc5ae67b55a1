"""Flow files, CSV or Parquet, a batch at a time: memory does not grow with the file."""

from __future__ import annotations

import codecs
import io
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from spatial.ingest.errors import InputError
from spatial.ingest.sniff import Packing, opened, sniff
from spatial.ingest.text import SAMPLE, decoded, delimiter_of, header_of, uneven

__all__ = ["Coded", "FlowBatch", "flow_batches"]

_ENDINGS: Final = (".csv", ".tsv", ".txt", ".parquet")
_ROWS: Final = 1 << 17  # of a Parquet batch
_BYTES: Final = 1 << 23  # of a CSV batch
_CUT_SHORT: Final = (EOFError, lzma.LZMAError, zlib.error)


class Coded(NamedTuple):
    """One column of a batch: its different texts, and which of them each row holds (-1: none)."""

    texts: list[str]
    rows: NDArray[np.int64]

    def numbers(self) -> NDArray[np.float64]:
        """The texts as numbers, one a row, NaN where they are none, shape (n,)."""
        values = pd.to_numeric(pd.Series(self.texts, dtype=object), errors="coerce")
        found = np.append(values.to_numpy(dtype=np.float64, na_value=np.nan), np.nan)
        return np.asarray(found[self.rows])


class FlowBatch(NamedTuple):
    """Some rows of a flow file, shape (n,) each."""

    origin: Coded
    destination: Coded
    people: Coded


def flow_batches(path: Path, *, origin: str, destination: str, count: str) -> Iterator[FlowBatch]:
    """
    The rows of a flow file, a batch at a time; blanks around values are taken off.

    Raises
    ------
    InputError
        When the file is missing, empty, damaged, of another kind, or lacks a column.
    """
    names = [origin, destination, count]
    if len(set(names)) < len(names):
        raise InputError(
            f"origin, destination and count must be three columns, found {', '.join(names)}"
        )
    kind = sniff(path, among=_ENDINGS, what="flows")
    if kind.packing == "zip":
        raise InputError(f"{path.name}: flows must not be in a zip, found one: unpack it first")
    parquet = kind.name == "Parquet"
    batches = _parquet(path, names) if parquet else _delimited(path, kind.packing, names)
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        yield FlowBatch(*(_coded(batch.column(name)) for name in names))
    if not rows:
        raise InputError(f"{path.name}: a table must have rows, found a header only")


def _coded(column: Any) -> Coded:  # noqa: ANN401 - pyarrow ships no types
    found = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = found.dictionary.cast(pa.string()).to_pylist()
    rows = found.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return Coded([(text or "").strip() for text in texts], rows)


def _parquet(path: Path, names: list[str]) -> Iterator[Any]:
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            _check_columns(path.name, names, schema.names)
            for name in names[:2]:
                _check_ids(path.name, name, schema.field(name).type)
            yield from file.iter_batches(batch_size=_ROWS, columns=names)
    except (pa.ArrowException, OSError, EOFError):
        raise InputError(
            f"{path.name}: a Parquet file must be whole, found it damaged or cut short"
        ) from None


def _check_columns(file: str, names: list[str], there: list[str]) -> None:
    if missing := [name for name in names if name not in there]:
        found = ", ".join(there[:30]) + (", ..." if len(there) > 30 else "")
        raise InputError(f"{file}: column {missing[0]} is needed, found {found}")


def _check_ids(file: str, column: str, kind: Any) -> None:  # noqa: ANN401 - pyarrow's type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer)
    if not any(right(kind) for right in texts):
        raise InputError(
            f"{file}: ids in column {column} must be text or whole numbers, found {kind}"
        )


def _delimited(path: Path, packing: Packing, names: list[str]) -> Iterator[Any]:
    try:
        with opened(path, packing) as file:
            yield from _rows(file, names, path.name)
    except _CUT_SHORT:
        raise InputError(
            f"{path.name}: a packed file must be whole, found it damaged or cut short"
        ) from None


def _rows(file: BinaryIO, names: list[str], name: str) -> Iterator[Any]:
    """Batches of the named columns, all of them text."""
    start = file.read(SAMPLE).lstrip(b"\r\n")
    sample, encoding = _sample(start, name)
    if not sample.strip():
        raise InputError(f"{name}: a table must have rows, found none")
    delimiter = delimiter_of(sample)
    header = header_of(sample, delimiter, name)
    _check_columns(name, names, header)
    wrong: list[pacsv.InvalidRow] = []

    def remember(row: pacsv.InvalidRow) -> str:
        wrong.append(row)
        return "error"

    try:
        yield from pacsv.open_csv(
            io.BufferedReader(_Joined(start, file), _BYTES),
            read_options=pacsv.ReadOptions(
                column_names=header,
                skip_rows=1,
                use_threads=False,
                block_size=_BYTES,
                encoding=encoding,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=remember
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=names,
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        if not wrong:
            raise InputError(
                f"{name}: rows must be whole and of one encoding, found others"
            ) from None
        raise InputError(uneven(wrong, len(header), name)) from None


def _sample(start: bytes, name: str) -> tuple[str, str]:
    """The start of a file as text, and the name of its encoding."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return codecs.getincrementaldecoder("utf-16")("replace").decode(start), "utf-16"
    # A letter may be cut at the end, never at the end of a line.
    whole = start[: start.rfind(b"\n") + 1] or start
    text = decoded(whole, name)
    return text, "utf8" if text.encode() == whole.removeprefix(codecs.BOM_UTF8) else "gb18030"


class _Joined(io.RawIOBase):
    """What was read already, then the rest of the file."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start, self._rest = start, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        found = self._start[: len(buffer)] or self._rest.read(len(buffer))
        self._start = self._start[len(buffer) :]
        buffer[: len(found)] = found
        return len(found)
