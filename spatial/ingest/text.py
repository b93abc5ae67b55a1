"""
Delimited text from strangers: which encoding, which delimiter, and whether it is a table at all.

Encodings are told apart by what they forbid, never by a guess: marks first, then UTF-8, then
GB18030 where most of its characters are everyday Chinese, since almost any bytes are some text
in it. Anything else must be named.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, cast

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from spatial.ingest.caps import COLUMNS, FILE_BYTES, LINE_BYTES, PACKED_RATIO
from spatial.ingest.errors import InputError
from spatial.ingest.sniff import CUT_SHORT, Packing, opened

__all__ = [
    "ENCODINGS",
    "SAMPLE",
    "decoded",
    "delimiter_of",
    "encoding_of",
    "header_of",
    "named_once",
    "read_text",
    "uneven",
]

ENCODINGS: Final = ("utf-8", "utf-16", "gb18030", "big5", "latin-1", "cp1252", "shift_jis")
"""What a person may name; the first three are also found."""

SAMPLE: Final = 1 << 16
"""Characters looked at for the delimiter and the header."""

_CHUNK: Final = 1 << 20
_SMALL: Final = 64 << 20  # unpacked bytes below which a ratio does no harm
_DELIMITERS: Final = (",", ";", "\t", "|")
_MARKED: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
_MULTIBYTE: Final = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]|[\x81-\xfe][\x40-\x7e\x80-\xfe]")
# GB 2312's punctuation and full-width forms, and its 3 755 most frequent characters.
_EVERYDAY: Final = re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]")
_LEAST_EVERYDAY: Final = 0.7
_SOME: Final = 20
_NAMES: Final = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB18030"}


class Text(NamedTuple):
    """A text file's content as UTF-8, and the name of the encoding it came in."""

    content: bytes
    encoding: str


def read_text(
    path: Path, packing: Packing = "", *, encoding: str = "", name: str = ""
) -> pd.DataFrame:
    """
    The table in a text file, text in every column.

    Parameters
    ----------
    path, packing
        The file, and "gz" or "xz" where it is packed.
    encoding
        One of `ENCODINGS`; "" finds it.
    name
        What to call the file in messages, if not by its own name.

    Returns
    -------
    DataFrame
        `attrs` tells the encoding and the delimiter that were found.
    """
    name = name or path.name
    text = _as_utf8(_content(path, packing, name), encoding, name)
    if not text.content.strip():
        raise InputError(f"{name}: a table must have rows, found none")
    sample = text.content[: SAMPLE * 4].decode(errors="ignore")
    delimiter = delimiter_of(sample[:SAMPLE])
    names = header_of(sample, delimiter, name)
    if b'"' in text.content:
        _check_quotes(text.content, delimiter, name)
    table = _parsed(text.content, names, delimiter, name)
    table.attrs["encoding"], table.attrs["delimiter"] = text.encoding, delimiter
    return table


def decoded(content: bytes, name: str) -> str:
    """Text of UTF-8, UTF-16 with its mark, or GB18030; InputError where it is none of these."""
    encoding = encoding_of(content, name)
    text = content.decode(encoding)
    # Bytes that are no text may still decode; control characters give them away.
    if _CONTROL.search(text[:SAMPLE]):
        raise InputError(f"{name}: a table must be text, found binary content")
    return text


def encoding_of(content: bytes, name: str) -> str:
    """Which of "utf-8-sig", "utf-16" and "gb18030" `content` is in; InputError where in none."""
    if content.startswith(_MARKED):
        return "utf-16"
    if b"\0" in content:
        raise InputError(f"{name}: a table must be text, found binary content")
    if _decodes(content, "utf-8"):
        return "utf-8-sig"
    found = _MULTIBYTE.findall(content[: _CHUNK * 4])
    everyday = sum(1 for one in found if _EVERYDAY.fullmatch(one))
    # Korean in EUC-KR looks like Chinese of the first half of the alphabet only.
    half = len(found) > _SOME and not any(b"\xc9" <= one[:1] <= b"\xd7" for one in found)
    if (
        not half
        and everyday >= _LEAST_EVERYDAY * max(len(found), 1)
        and _decodes(content, "gb18030")
    ):
        return "gb18030"
    raise InputError(
        f"{name}: text must be UTF-8, UTF-16 or GB18030, found another encoding: save it as UTF-8,"
        " or name its encoding"
    )


def delimiter_of(sample: str) -> str:
    """The mark that divides the header into most fields, and the next rows into as many."""
    lines = sample.splitlines()[:20]
    best, most = ",", 1
    for mark in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        except csv.Error:
            continue
        # The last line may be cut by the sample.
        even = widths.count(widths[0]) >= max(1, (len(widths) - 1) // 2) if widths else False
        if even and widths[0] > most:
            best, most = mark, widths[0]
    return best


def header_of(sample: str, delimiter: str, name: str) -> list[str]:
    """Names of the columns on the first line; InputError where they cannot be told apart."""
    try:
        row = next(csv.reader(io.StringIO(sample, newline=None), delimiter=delimiter))
    except (csv.Error, StopIteration):
        raise InputError(f"{name}: column names must be readable, found none") from None
    if any("\n" in field or "\r" in field for field in row):
        raise InputError(f"{name}: column names must be on one line, found a line break in one")
    return named_once(row, name)


def named_once(row: Sequence[str], name: str) -> list[str]:
    """Column names, the empty ones numbered; InputError where two are alike or far too many."""
    if len(row) > COLUMNS:
        raise InputError(f"{name}: a table must have at most {COLUMNS:,} columns, found more")
    names = [_one_line(field) or f"unnamed {number}" for number, field in enumerate(row, 1)]
    seen: set[str] = set()
    for field in names:
        if field in seen:
            raise InputError(f"{name}: column names must differ, found {field[:60]} twice")
        seen.add(field)
    return names


def _one_line(field: str) -> str:
    """A name without line breaks and letters that cannot be seen, which nobody could choose."""
    if field.isprintable():
        return field.strip()
    return " ".join("".join(one if one.isprintable() else " " for one in field).split())


def uneven(wrong: Sequence[pacsv.InvalidRow], width: int, name: str) -> str:
    """The sentence for rows that are not as wide as the header."""
    if not wrong:
        return f"{name}: a table must have rows of values, found something else"
    row = wrong[0]
    where = f" in row {row.number - 1}" if row.number else ""
    return (
        f"{name}: every row must have {width} values like the header, found"
        f" {row.actual_columns}{where}"
    )


def _content(path: Path, packing: Packing, name: str) -> bytes:
    """All bytes of a file, unpacked; given up where a line or the whole grows out of reason."""
    chunks: list[bytes] = []
    size, line = 0, 0
    most = max(_SMALL, PACKED_RATIO * path.stat().st_size) if packing else FILE_BYTES
    try:
        with opened(path, packing) as file:
            while chunk := file.read(_CHUNK):
                chunks.append(chunk)
                size += len(chunk)
                line = _open_line(chunk, line)
                if line > LINE_BYTES:
                    raise InputError(
                        f"{name}: a line must be at most {LINE_BYTES >> 20} MiB long, found a"
                        f" longer one {'at the start' if size - line < _CHUNK else 'further down'}"
                    )
                if size > most:
                    raise InputError(
                        f"{name}: a packed table must be packed within reason, found"
                        f" more than {PACKED_RATIO} bytes from one"
                    )
                if size > FILE_BYTES:
                    raise InputError(f"{name}: a file must unpack to at most 2 GiB, found more")
    except InputError:
        raise
    except CUT_SHORT:
        raise InputError(
            f"{name}: a packed file must be whole, found it damaged or cut short"
        ) from None
    return b"".join(chunks)


def _open_line(chunk: bytes, before: int) -> int:
    """Bytes of the longest line that reaches into or out of `chunk`."""
    breaks = [at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0]
    if not breaks:
        return before + len(chunk)
    if before + min(breaks) > LINE_BYTES:
        return before + min(breaks)
    return len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))


def _as_utf8(content: bytes, encoding: str, name: str) -> Text:
    if encoding and encoding.lower() not in ENCODINGS:
        listed = ", ".join(ENCODINGS)
        raise InputError(f"encoding must be one of {listed}, found {encoding[:40]}")
    found = encoding.lower() or encoding_of(content, name)
    if found in ("utf-8", "utf-8-sig") and _decodes(content, "utf-8"):
        plain = content.removeprefix(codecs.BOM_UTF8)
    else:
        try:
            plain = content.decode(found).encode()
        except UnicodeError:
            raise InputError(
                f"{name}: text must be in one encoding, found it not all {found}"
            ) from None
    if _CONTROL.search(plain[: SAMPLE * 4].decode(errors="ignore")) or b"\0" in plain:
        raise InputError(f"{name}: a table must be text, found binary content")
    return Text(plain.lstrip(b"\r\n"), _NAMES.get(found, found))


def _decodes(content: bytes, encoding: str) -> bool:
    """Whether all of `content` is in `encoding`, without a second copy of it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(content)
    try:
        for start in range(0, len(content), _CHUNK):
            decoder.decode(view[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _check_quotes(content: bytes, delimiter: str, name: str) -> None:
    """Refuse quotes that would swallow rows: one left open makes a value of all that follows."""
    csv.field_size_limit(LINE_BYTES)
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 0
    try:
        for _ in rows:
            line = rows.line_num
    except csv.Error as error:
        if "unexpected end" in str(error) or "larger" in str(error):
            found = "one left open"
        else:
            found = "text after one"
        raise InputError(
            f"{name}: quotation marks must enclose whole values, found {found} in line {line + 1}"
        ) from None


def _parsed(content: bytes, names: list[str], delimiter: str, name: str) -> pd.DataFrame:
    wrong: list[pacsv.InvalidRow] = []

    def remember(row: pacsv.InvalidRow) -> str:
        wrong.append(row)
        return "error"

    try:
        table = pacsv.read_csv(
            pa.BufferReader(content),
            read_options=pacsv.ReadOptions(
                column_names=names, skip_rows=1, use_threads=False, block_size=2 * LINE_BYTES
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=remember
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        raise InputError(uneven(wrong, len(names), name)) from None
    return cast("pd.DataFrame", table.to_pandas())
