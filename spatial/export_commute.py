"""Files of flows to take away: lines, the matrix and bus lines, with their provenance inside."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.account import account, asking, breaks_beside
from spatial.commute_beside import BESIDE_COLUMNS, BESIDE_METHODS
from spatial.commute_question import FlowQuestion
from spatial.corridors import BusRules
from spatial.desire import FlowLines
from spatial.ends import ELSEWHERE, Labels
from spatial.export import (
    BARE,
    Download,
    ExportError,
    Stylist,
    check_target,
    ending_of,
    styled,
    with_geometry,
)
from spatial.formats import MEDIA, WRITERS, FormatError
from spatial.study import Study

__all__ = [
    "FLOW_KINDS",
    "FlowKind",
    "export_flows",
    "export_flows_bytes",
    "flow_layer",
    "flow_provenance",
    "long_form",
]

FlowKind = Literal[
    "lines", "matrix", "corridors", "catchment", "partners", "distances", "directions"
]
"""
Desire lines, graduates from place to place, bus lines for long journeys; and beside them the
cells at the other end, who comes from where and goes whereto, how far, and which way.
"""
FLOW_KINDS: Final[tuple[FlowKind, ...]] = get_args(FlowKind)
"""Every such table."""

_Tables = Mapping[FlowKind, FlowLines | pd.DataFrame]

_SHAPED: Final = ("lines", "corridors", "catchment")
_ENDS: Final = {
    "lines": ("from_lon", "from_lat", "to_lon", "to_lat"),
    "corridors": ("home_lon", "home_lat", "work_lon", "work_lat"),
}


def long_form(matrix: pd.DataFrame, homes: Labels, work: Labels) -> pd.DataFrame:
    """
    The matrix with one row for each home and work place between which anybody goes.

    Parameters
    ----------
    matrix
        As `exchange.matrix` makes it from `homes` and `work`.
    homes, work
        The labels, for the names.

    Returns
    -------
    pandas.DataFrame
        Columns home, home_name, home_name_en, work, work_name, work_name_en and graduates, in
        the order of the matrix; the sum is the matrix's.
    """
    row, column = np.nonzero(matrix.to_numpy() > 0)
    ends = {}
    for side, labels, at in (("home", homes, row), ("work", work, column)):
        for head, source in (("", "id"), ("_name", "name"), ("_name_en", "name_en")):
            last = ELSEWHERE if source == "id" else ""
            texts = np.array([*labels.table[source], last], dtype=object)
            ends[f"{side}{head}"] = pd.array(texts[at], dtype="str")
    return pd.DataFrame(ends).assign(graduates=matrix.to_numpy()[row, column])


def export_flows(
    study: Study,
    year: int,
    tables: _Tables,
    path: str | Path,
    *,
    asked: FlowQuestion | None = None,
    rules: BusRules | None = None,
    stylist: Stylist | None = None,
) -> list[Path]:
    """
    The files written, in the format that the ending of `path` names, one of `WRITERS`; all or none.

    One GeoPackage holds every table. Otherwise the first goes to `path` and each other beside
    it, its kind added to the name. What has no shapes, as a matrix, is CSV where the format needs
    them, as GeoJSON does.
    Provenance is where `export.export` puts it.

    Parameters
    ----------
    study, year
        What was asked.
    tables
        By kind, as `commute_tables.FlowTables` has them.
    path
        Replaced where it exists.
    asked
        The question they answer, for their provenance and the command that makes them again;
        None where they were made in another way, which no command repeats.
    rules
        Those the bus lines were made by.
    stylist
        Draws each table, as `export.export` takes a style.

    Raises
    ------
    ExportError
        When there is no table, the ending is unknown or the file cannot be written.
    """
    target = Path(path)
    check_target(target)
    if not tables:
        raise ExportError(f"a file needs one of {', '.join(FLOW_KINDS)}, found no table")
    names = _names(target, list(tables))
    try:
        with tempfile.TemporaryDirectory(prefix=".gradmap.", dir=target.parent) as folder:
            for kind, table in tables.items():
                told = flow_provenance(
                    study, year, kind, table, asked=asked, rules=rules, out=target.name
                )
                write = WRITERS[ending_of(names[kind])]
                drawn = flow_layer(table, kind)
                style = stylist(study, kind, drawn, told) if stylist else None
                write(drawn, Path(folder) / names[kind], styled(told, style), kind, style=style)
            # Described before it is there: a table without its provenance is never seen.
            written = list(dict.fromkeys(names.values()))
            others = sorted({file.name for file in Path(folder).iterdir()} - set(written))
            for name in [*others, *reversed(written)]:
                (Path(folder) / name).replace(target.parent / name)
    except OSError as fault:
        raise ExportError(f"{target} cannot be written: {fault.strerror or fault}") from fault
    except FormatError as fault:
        raise ExportError(f"{target} cannot be written: {fault}") from fault
    return [target.parent / name for name in [*written, *others]]


def export_flows_bytes(
    study: Study,
    year: int,
    tables: _Tables,
    name: str,
    *,
    asked: FlowQuestion | None = None,
    rules: BusRules | None = None,
    stylist: Stylist | None = None,
) -> Download:
    """As `export_flows`, for a browser to save; several files come in one ZIP."""
    folder = Path(tempfile.mkdtemp(prefix="gradmap."))
    try:
        written = export_flows(
            study, year, tables, folder / name, asked=asked, rules=rules, stylist=stylist
        )
        if len(written) == 1:
            return Download(name, MEDIA[ending_of(written[0])], written[0].read_bytes())
        content = BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in written:
                entry = zipfile.ZipInfo(file.name)  # of 1980: the same tables, the same bytes
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
        return Download(f"{name}.zip", "application/zip", content.getvalue())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def flow_layer(table: FlowLines | pd.DataFrame, kind: FlowKind) -> gpd.GeoDataFrame:
    """A table of flows as it is written: lines, bus lines and cells with their shapes, WGS-84."""
    flat = table.table if isinstance(table, FlowLines) else table
    if kind not in _ENDS:
        return with_geometry(flat)
    corners = flat[list(_ENDS[kind])].to_numpy(dtype=np.float64).reshape(-1, 2, 2)
    lines = gpd.GeoDataFrame(flat, geometry=shapely.linestrings(corners), crs=4326)
    for column in sum(_ENDS.values(), ()):
        if column in lines:
            lines[column] = lines[column].round(7)
    return lines


def _names(target: Path, kinds: list[FlowKind]) -> dict[FlowKind, str]:
    """Name of the file that each table goes to."""
    ending = ending_of(target)
    if ending == ".gpkg":
        return dict.fromkeys(kinds, target.name)
    own = target.name[-len(ending) :]
    stem = target.name.removesuffix(own)
    fitting = [kind for kind in kinds if kind in _SHAPED or ending in BARE]
    names = {kind: f"{stem}-{kind}{own}" for kind in fitting}
    names.update(dict.fromkeys(fitting[:1], target.name))
    return {kind: names.get(kind, f"{stem}-{kind}.csv") for kind in kinds}


def flow_provenance(
    study: Study,
    year: int,
    kind: FlowKind,
    table: FlowLines | pd.DataFrame,
    *,
    asked: FlowQuestion | None,
    rules: BusRules | None,
    out: str,
) -> dict[str, Any]:
    """Provenance of a table of flows, as `export_flows` writes it."""
    told: dict[str, Any] = {"table": kind, **(asked.to_dict() if asked else {})}
    if isinstance(table, FlowLines):
        told |= {"total": table.total, "shown": table.shown, "within": table.within}
        told |= {"lines": table.lines, "line_resolution": table.resolution}
    if kind == "corridors":
        told |= {"rules": asdict(rules or BusRules())}
    words = asked.options() if asked else []
    columns = {"columns": BESIDE_COLUMNS[kind]} if kind in BESIDE_COLUMNS else {}
    found = account(
        study,
        {"flows": {"year": year, **told}, **columns},
        role="flows",
        method=_method(kind, table, rules=rules or BusRules()),
        breaks=breaks_beside(study, year),
        command=asking(study, "commute", ["--year", year, *words, "--out", out]),
    )
    also = ["minutes"] if kind == "corridors" and "minutes" not in found["modelled"] else []
    return {**found, "modelled": [*found["modelled"], *also]}


def _method(kind: FlowKind, table: FlowLines | pd.DataFrame, *, rules: BusRules) -> str:
    if isinstance(table, FlowLines):
        part = f"{table.share:.1%} of {table.total:,.0f} graduates" if table.total else "nobody"
        return (
            "Lines: graduates from home to work between named places, and between H3 cells of"
            f" resolution {table.resolution} elsewhere, each from the mean place of the homes to"
            f" that of the jobs; the heaviest {len(table.table):,} of {table.lines:,}, which hold"
            f" {part}; {table.within:,.0f} stay within one part and have no line."
        )
    if kind == "matrix":
        return (
            "Matrix: graduates from the place or district they live in to the one they work in;"
            f' what lies in none is "{ELSEWHERE}", so that nobody is lost. Pairs of places between'
            " which nobody goes are left out."
        )
    if kind in BESIDE_METHODS:
        return BESIDE_METHODS[kind]
    return (
        "Bus lines, modelled, not measured: journeys of more than"
        f" {rules.least_km:g} km in a straight line that take more than"
        f" {rules.least_minutes:g} minutes by the rail model, gathered by places and, elsewhere,"
        f" H3 cells of resolution {rules.resolution}. By bus: {rules.wait_minutes:g} minutes' wait,"
        f" the straight line between the mean places x {rules.detour:g} at {rules.bus_kmh:g} km/h,"
        f" and to and from the stops x {rules.feeder_detour:g} at"
        f" {rules.feeder_m_per_minute:g} m/min; served are those who save"
        f" {rules.least_saved:g} minutes or more, and lines with"
        f" {rules.least_graduates:g} or more of them are listed by the time they save a day."
    )
