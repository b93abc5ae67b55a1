"""
Tables from Excel workbooks (.xlsx): the values of one sheet as they were last calculated.

A worksheet is laid out in memory as a full rectangle, so one value in its far corner asks for
hundreds of gigabytes; the rectangle is therefore measured before the workbook is parsed.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import python_calamine as calamine

from spatial.ingest.archive import checked_entries, opened_entry
from spatial.ingest.caps import COLUMNS, SHEET_CELLS
from spatial.ingest.errors import InputError
from spatial.ingest.text import named_once

__all__ = ["read_xlsx", "sheet_names"]

_REFERENCE: Final = re.compile(
    rb"""\sr\s*=\s*["']\s*\$?([A-Za-z]{0,4})\$?(\d{0,9})(.)""", re.DOTALL
)
_ERROR: Final = re.compile(rb"""\st=["']e["']""")
_ERROR_OVERLAP: Final = 5  # one less than its letters: none is counted twice
_CHUNK: Final = 1 << 22
_OVERLAP: Final = 64
_EXACT: Final = 2**53  # whole numbers up to here are exact in a float
_UNREADABLE: Final = (calamine.CalamineError, OSError, ValueError, IndexError)


def read_xlsx(path: Path, *, sheet: str = "", name: str = "") -> pd.DataFrame:
    """
    The table on one sheet of a workbook.

    The first row with something in it names the columns; a title above them, alone in its row
    though the table is wider, is left out and told. Blank rows are left out.

    Parameters
    ----------
    path
        A workbook ending in .xlsx.
    sheet
        Which sheet; "" takes the first that has anything.
    name
        What to call the file in messages, if not by its own name.

    Returns
    -------
    DataFrame
        Whole numbers, numbers, dates or text by column; `attrs` tells the sheet and its notes.

    Raises
    ------
    InputError
        When the workbook is damaged, locked or packed beyond reason, or has no such table.
    """
    name = name or path.name
    errors = _check_book(path, name)
    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            rows, found = _rows(book, sheet, name)
    except calamine.PasswordError:
        raise InputError(f"{name}: a workbook must be open, found it locked") from None
    except _UNREADABLE as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name}: a workbook must be whole, found it damaged") from None
    return _table(rows, found, name, errors)


def sheet_names(path: Path) -> list[str]:
    """Names of a workbook's sheets, in its order."""
    _check_book(path, path.name)
    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            return list(book.sheet_names)
    except _UNREADABLE:
        raise InputError(f"{path.name}: a workbook must be whole, found it damaged") from None


def _rows(book: calamine.CalamineWorkbook, sheet: str, name: str) -> tuple[list[list[Any]], str]:
    names = list(book.sheet_names)
    if sheet and sheet not in names:
        listed = ", ".join(names[:20])
        raise InputError(f"{name}: sheet {sheet[:60]} is needed, found {listed}")
    for one in [sheet] if sheet else names:
        rows = [row for row in book.get_sheet_by_name(one).iter_rows() if any(map(_filled, row))]
        if rows:
            return rows, one
    raise InputError(f"{name}: a sheet must have rows, found none")


def _table(rows: list[list[Any]], sheet: str, name: str, errors: int) -> pd.DataFrame:
    widths = [sum(map(_filled, row)) for row in rows[:20]]
    titles = 0
    while titles < len(widths) - 1 and widths[titles] == 1 and max(widths) > 2:
        titles += 1
    header = [_text(value) for value in rows[titles]]
    used = [at for at, title in enumerate(header) if title or any(_filled(row[at]) for row in rows)]
    if len(used) > COLUMNS:
        raise InputError(f"{name}: a table must have at most {COLUMNS:,} columns, found more")
    names = named_once([header[at] for at in used], name)
    body = rows[titles + 1 :]
    table = pd.DataFrame(
        {title: _column([row[at] for row in body]) for title, at in zip(names, used, strict=True)}
    )
    table.attrs["sheet"] = sheet
    notes = []
    if titles:
        notes.append(f"{titles} row(s) of titles above the column names were left out")
    if errors:
        notes.append(
            f"{errors:,} cell(s) of the workbook hold an error such as #N/A: read as empty"
        )
    if notes:
        table.attrs["notes"] = tuple(notes)
    return table


def _column(values: Sequence[Any]) -> pd.Series:
    """Values of one column in one type: whole numbers, numbers, dates or else text."""
    there = [value for value in values if _filled(value)]
    if there and all(type(value) in (int, float) for value in there):
        numbers = np.array([value if _filled(value) else np.nan for value in values], dtype=float)
        if (np.abs(numbers) < _EXACT).all() and (numbers == np.rint(numbers)).all():
            return pd.Series(numbers.astype(np.int64))
        return pd.Series(numbers)
    if there and all(isinstance(value, datetime.date) for value in there):
        days = [value if _filled(value) else None for value in values]
        return pd.Series(pd.to_datetime(pd.Series(days, dtype=object), errors="coerce"))
    return pd.Series([_text(value) for value in values], dtype="str")


def _filled(value: object) -> bool:
    return value is not None and value != "" and not (isinstance(value, str) and value.isspace())


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value).strip() if _filled(value) else ""


def _check_book(path: Path, name: str) -> int:
    """Cells with an error; InputError where parts unpack to too much or sheets reach too far."""
    rule = f"{name}: a workbook must be of reasonable parts, found"
    entries = checked_entries(path, rule=rule, flat=False)
    parts = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in parts:
        raise InputError(f"{name}: a .xlsx file must be an Excel workbook, found another zip")
    sheets = [one for one in entries if not one.filename.lower().endswith("sharedstrings.xml")]
    return sum(_check_reach(path, entry, name) for entry in sheets)


def _check_reach(path: Path, entry: zipfile.ZipInfo, name: str) -> int:
    columns, rows, errors, before = 0, 0, 0, b""
    with opened_entry(path, entry) as file:
        while chunk := file.read(_CHUNK):
            for letters, digits, end in set(_REFERENCE.findall(before + chunk)):
                if end == b"&":  # letters written as entities would not be counted
                    raise InputError(f"{name}: cells must have plain addresses, found others")
                columns = max(columns, _column_number(letters))
                rows = max(rows, int(digits or 0))
            errors += len(_ERROR.findall(before[-_ERROR_OVERLAP:] + chunk))
            before = chunk[-_OVERLAP:]
    if columns * rows > SHEET_CELLS:
        raise InputError(
            f"{name}: a sheet must use at most {SHEET_CELLS:,} cells, found {rows:,} rows by"
            f" {columns:,} columns: clear what lies far from the table"
        )
    return errors


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
