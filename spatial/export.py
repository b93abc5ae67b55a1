"""Files to take away: cells, places and what became of them, with their provenance inside."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from spatial import cells as h3cells
from spatial.formats import (
    MEDIA,
    WRITERS,
    FormatError,
    Style,
    Write,
    write_csv,
    write_geojson,
    write_gpkg,
)
from spatial.provenance import Kind
from spatial.study import Study

__all__ = [
    "BARE",
    "FORMATS",
    "WRITERS",
    "Download",
    "ExportError",
    "Stylist",
    "check_bare_target",
    "check_target",
    "ending_of",
    "export",
    "export_bytes",
    "export_layers",
    "export_layers_bytes",
    "styled",
    "with_geometry",
]

FORMATS: Final[dict[str, Write]] = {
    ".gpkg": write_gpkg,
    ".geojson": write_geojson,
    ".csv": write_csv,
}
"""Those that a page offers first; `WRITERS` has them all."""
BARE: Final = (".gpkg", ".csv", ".parquet", ".xlsx")
"""Endings of formats that can hold a table without shapes."""

Stylist = Callable[[Study, str, Any, Mapping[str, Any]], Style | None]
"""How a map draws a table: of a study, of a kind, the table itself, with its provenance."""

_FIRST_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)


class ExportError(ValueError):
    """A file that cannot be written; the message says why."""


@dataclass(frozen=True)
class Download:
    """One file for a browser to save."""

    name: str
    media: str
    content: bytes


def export(
    table: pd.DataFrame,
    path: str | Path,
    *,
    provenance: dict[str, Any],
    kind: Kind,
    style: Style | None = None,
) -> list[Path]:
    """
    The files written, in the format that the ending of `path` names, one of `WRITERS`.

    Each is written beside its place and moved there, so that what was there stays whole until
    the new one is. Provenance is inside, where its format has a place for it. A CSV holds
    nothing but its table, so its provenance goes to a second file, `path` + "-metadata.json", as
    the W3C has it.

    Parameters
    ----------
    table
        On an index `cell` of uint64 ids, whose outlines are added here; or of places, lineages and
        areas with their geometry, WGS-84; or without shapes.
    path
        Replaced where it exists.
    provenance
        As `provenance` or `provenance_between` makes it.
    kind
        Name of the layer.
    style
        Classes and colours. A GeoPackage, a Shapefile and KML are drawn so by whatever opens
        them; in every format the provenance tells them, under "style".

    Raises
    ------
    ExportError
        When the ending is unknown, the format has no place for a table without shapes, or the
        file cannot be written.
    """
    styles = None if style is None else {kind: style}
    return export_layers({kind: table}, path, provenance={kind: provenance}, styles=styles)


def export_layers(
    layers: Mapping[Kind, pd.DataFrame],
    path: str | Path,
    *,
    provenance: Mapping[Kind, dict[str, Any]],
    styles: Mapping[Kind, Style] | None = None,
) -> list[Path]:
    """
    The files written for several tables that belong together, all of them or none.

    One GeoPackage holds them all. Files of other formats hold one table, so that the first goes
    to `path` and each other beside it, its kind added to the name: change.csv,
    change-lineage.csv. One without shapes, in a format that needs them, is CSV beside the first.
    For the rest see `export`.
    """
    target = Path(path)
    check_target(target)
    names = _written_names(target, layers)
    try:
        with tempfile.TemporaryDirectory(prefix=".gradmap.", dir=target.parent) as folder:
            for kind, table in layers.items():
                style = (styles or {}).get(kind)
                told = styled(provenance[kind], style)
                write = {**WRITERS, **FORMATS}[ending_of(names[kind])]
                write(with_geometry(table), Path(folder) / names[kind], told, kind, style=style)
            # Described before it is there: a table without its provenance is never seen.
            tables = list(dict.fromkeys(names.values()))
            others = sorted({file.name for file in Path(folder).iterdir()} - set(tables))
            for name in [*others, *reversed(tables)]:
                (Path(folder) / name).replace(target.parent / name)
    except OSError as fault:
        raise ExportError(f"{target} cannot be written: {fault.strerror or fault}") from fault
    except FormatError as fault:
        raise ExportError(f"{target} cannot be written: {fault}") from fault
    return [target.parent / name for name in [*tables, *others]]


def export_bytes(
    table: pd.DataFrame,
    name: str,
    *,
    provenance: dict[str, Any],
    kind: Kind,
    style: Style | None = None,
) -> Download:
    """
    The same file for a browser to save; a CSV and its provenance come in one ZIP.

    Raises
    ------
    ExportError
        When the ending of `name` is unknown.
    """
    styles = None if style is None else {kind: style}
    return export_layers_bytes({kind: table}, name, provenance={kind: provenance}, styles=styles)


def export_layers_bytes(
    layers: Mapping[Kind, pd.DataFrame],
    name: str,
    *,
    provenance: Mapping[Kind, dict[str, Any]],
    styles: Mapping[Kind, Style] | None = None,
) -> Download:
    """As `export_layers`, for a browser to save; several files come in one ZIP."""
    folder = Path(tempfile.mkdtemp(prefix="gradmap."))
    try:
        written = export_layers(layers, folder / name, provenance=provenance, styles=styles)
        if len(written) == 1:
            return Download(name, MEDIA[ending_of(written[0])], written[0].read_bytes())
        return Download(f"{name}.zip", "application/zip", _zipped(written))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def styled(provenance: dict[str, Any], style: Style | None) -> dict[str, Any]:
    """Provenance that also tells the classes and colours of a file."""
    return provenance if style is None else {**provenance, "style": style.to_dict()}


def ending_of(path: str | Path) -> str:
    """The ending, one of `WRITERS`, that tells a file's format; empty where there is none."""
    name = Path(path).name.lower()
    return next((one for one in WRITERS if name.endswith(one) and name != one), "")


def check_target(path: str | Path) -> None:
    """Raise ExportError when a file of this name cannot be written, before any work is done."""
    target = Path(path)
    if not ending_of(target):
        raise ExportError(
            f"a file to write must end in {', '.join(WRITERS)}, found {target.name or path}"
        )
    if target.is_dir():
        raise ExportError(f"{target} cannot be written: it is a folder")
    if not target.parent.is_dir():
        raise ExportError(f"{target} cannot be written: there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK):
        raise ExportError(f"{target} cannot be written: its folder is closed to writing")


def check_bare_target(path: str | Path) -> None:
    """As `check_target`, for a table without shapes."""
    check_target(path)
    if ending_of(path) not in BARE:
        raise ExportError(
            f"a table without shapes must go to {', '.join(BARE)}, found {Path(path).name}"
        )


def _written_names(target: Path, layers: Mapping[Kind, pd.DataFrame]) -> dict[Kind, str]:
    """Name of the file that each table goes to."""
    ending = target.name[-len(ending_of(target)) :]
    if ending_of(target) == ".gpkg":
        return dict.fromkeys(layers, target.name)
    stem = target.name.removesuffix(ending)
    bare = [] if ending_of(target) in BARE else [one for one in layers if not _drawn(layers[one])]
    first = next(iter(layers))
    if first in bare:
        raise ExportError(
            f"a table without shapes, {first}, must go to {', '.join(BARE)}, found {target.name}"
        )
    return {
        kind: f"{stem}-{kind}{'.csv' if kind in bare else ending}" if kind != first else target.name
        for kind in layers
    }


def _drawn(table: pd.DataFrame) -> bool:
    """Whether a table has shapes, or cells that have."""
    return "geometry" in table or table.index.dtype == np.uint64


def with_geometry(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """
    A table as it is written: cells get their id as text, centre and outline.

    A table without cells or shapes stays as it is.
    """
    if "geometry" in table:
        if "peak" in table:
            peaks = pd.Series(h3cells.to_text(table["peak"]), index=table.index, dtype="str")
            table = table.assign(peak=peaks)
        return gpd.GeoDataFrame(table, geometry="geometry", crs=4326)
    if not _drawn(table):
        return cast(gpd.GeoDataFrame, table)
    cells = h3cells.as_cells(table.index)
    shapes = gpd.GeoDataFrame(
        table.reset_index(drop=True), geometry=h3cells.outlines(cells), crs=4326
    )
    lat, lon = h3cells.centres(cells)
    shapes.insert(0, "cell", pd.Series(h3cells.to_text(cells), dtype="str"))
    shapes["lat"], shapes["lon"] = lat.round(7), lon.round(7)
    return shapes


def _zipped(files: list[Path]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, _FIRST_ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return content.getvalue()
