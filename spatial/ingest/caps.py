"""How large a stranger's file may be, in every measure that could hurt."""

from __future__ import annotations

from typing import Final

__all__ = [
    "COLUMNS",
    "FILE_BYTES",
    "LINE_BYTES",
    "PACKED_RATIO",
    "PARQUET_VALUES",
    "SHEET_CELLS",
    "UPLOAD_BYTES",
    "ZIP_BYTES",
    "ZIP_ENTRIES",
]

UPLOAD_BYTES: Final = 200 << 20
"""Of a file given to the page; `maxUploadSize` in .streamlit/config.toml is the same in MB."""

FILE_BYTES: Final = 2 << 30
"""Of any file, and of what a .gz or .xz unpacks to."""

PACKED_RATIO: Final = 200
"""Bytes that one packed byte may become; honest tables stay under 50."""

ZIP_ENTRIES: Final = 100
ZIP_BYTES: Final = 1 << 30
"""Of all files in a zip or workbook together, unpacked."""

LINE_BYTES: Final = 4 << 20
"""Of one line of text; the outline of a country fits."""

COLUMNS: Final = 16_384
"""Of a table: as many as a worksheet has."""

SHEET_CELLS: Final = 10_000_000
"""Of a worksheet's used rectangle: an empty one costs as much as a full one."""

PARQUET_VALUES: Final = 1_000_000_000
"""Rows times columns; a few bytes of Parquet can stand for any number of equal values."""
