"""XLSX: a sheet with the table, numbers as numbers, and one that says how they were made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import python_calamine as calamine
import xlsxwriter

from spatial.formats.common import FormatError, as_json, described, json_values, plain, text_columns
from spatial.formats.style import Style

__all__ = ["read_xlsx", "read_xlsx_table", "write_xlsx"]

_ROWS: Final = 1_048_575  # of a sheet, below its head
_TEXT: Final = 32_000  # characters of a text cell: Excel holds 32 767 units of UTF-16
_METHOD: Final = "method"
_CARRIED: Final = "gradmap (JSON)"
_FIRST: Final = (
    ("study", "study"),
    ("synthetic", "synthetic"),
    ("modelled", "modelled"),
    ("method", "method"),
    ("command", "made by"),
    ("created", "made at"),
    ("study_digest", "study SHA-256"),
    ("source", "source"),
    ("source_url", "source address"),
    ("licence", "licence"),
    ("citation", "citation"),
)


def write_xlsx(
    table: gpd.GeoDataFrame,
    path: Path,
    provenance: dict[str, Any],
    layer: str,
    *,
    style: Style | None = None,  # noqa: ARG001 - a sheet has no map
) -> None:
    """
    Write a workbook: the sheet `layer` without shapes, and the sheet "method".

    Texts are stored as texts and marked as such (Excel's own apostrophe, which is no part of
    the text), so that one that starts with = is no formula, now or when it is edited.

    Raises
    ------
    FormatError
        When the table has more rows than a sheet can hold.
    """
    columns = plain(table)
    if len(columns) > _ROWS:
        raise FormatError(f"a sheet holds {_ROWS:,} rows, found {len(columns):,}")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        made = datetime.strptime(provenance["created"], "%Y-%m-%dT%H:%M:%SZ")
        book.set_properties(
            {
                "title": f"{provenance['study']}: {layer}",
                "comments": described(provenance),
                "created": made,
            }
        )
        _write_table(book, columns, layer)
        _write_method(book, provenance)


def read_xlsx(path: Path) -> dict[str, dict[str, Any]]:
    """Provenance of the one layer, from the sheet "method"."""
    book = calamine.load_workbook(str(path))
    rows = book.get_sheet_by_name(_METHOD).to_python()
    content = "".join(str(row[1]) for row in rows if row[0] == _CARRIED)
    return {str(book.sheet_names[0]): json.loads(content)}


def read_xlsx_table(path: Path, layer: str) -> pd.DataFrame:
    """Every column as it is stored; an empty cell is empty text."""
    head, *rows = calamine.load_workbook(str(path)).get_sheet_by_name(layer).to_python()
    return pd.DataFrame(rows, columns=head, dtype=object)


def _write_table(book: xlsxwriter.Workbook, columns: pd.DataFrame, layer: str) -> None:
    sheet = book.add_worksheet(layer)
    head, text = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    texts = text_columns(columns)
    for at, name in enumerate(columns.columns):
        sheet.write_string(0, at, str(name), head)
        if pd.api.types.is_bool_dtype(columns[name]):
            for row, one in enumerate(columns[name].to_list(), start=1):
                sheet.write_boolean(row, at, one)
            continue
        for row, one in enumerate(json_values(columns[name]), start=1):
            if one is None:
                continue
            if name in texts:
                sheet.write_string(row, at, str(one)[:_TEXT], text)
            else:
                sheet.write_number(row, at, one)
    sheet.freeze_panes(1, 0)
    if len(columns.columns):
        sheet.autofilter(0, 0, len(columns), len(columns.columns) - 1)


def _write_method(book: xlsxwriter.Workbook, provenance: dict[str, Any]) -> None:
    """What a reader asks first, row by row, then everything as JSON, for `gradmap replay`."""
    sheet = book.add_worksheet(_METHOD)
    head = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"quote_prefix": True, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 100)
    for row, (name, told) in enumerate(_told(provenance)):
        sheet.write_string(row, 0, name, head)
        sheet.write_string(row, 1, told, text)


def _told(provenance: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, name in _FIRST:
        value = provenance.get(key, "")
        told = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        if isinstance(value, bool):
            told = "yes" if value else "no"
        yield name, told[:_TEXT]
    for language, told in provenance.get("definition", {}).items():
        yield f"definition ({language})", str(told)
    for one in provenance["breaks"]:
        said = "; ".join(str(told) for told in one["reason"].values())
        yield f"break {one['after']}/{one['before']}", f"{one['series']}: {said}"
    for name, meaning in provenance.get("columns", {}).items():
        yield f"column {name}", meaning
    for name, version in provenance["versions"].items():
        yield f"version of {name}", version
    content = as_json(provenance)
    ends = [*range(0, len(content), _TEXT // 2), len(content)]
    for start, end in pairwise(ends):
        yield _CARRIED, content[start:end]
