"""Siting files: a ranking taken away with all it was made from, and made again from the file."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from spatial import cells as h3cells
from spatial.criterion import Criterion
from spatial.export import Download, Stylist, export, export_bytes
from spatial.ingest.errors import InputError
from spatial.provenance import Kind
from spatial.question import QuestionError
from spatial.siting import rank
from spatial.siting_provenance import siting_provenance
from spatial.siting_setting import Setting
from spatial.siting_sites import Sites
from spatial.study import Study

__all__ = ["export_siting", "export_siting_bytes", "read_siting", "rerank", "siting_table"]

_EXACT: Final = 1e-12


def export_siting(
    study: Study,
    setting: Setting,
    path: str | Path,
    *,
    values: pd.DataFrame,
    ranked: pd.DataFrame,
    criteria: Sequence[Criterion],
    missing: Mapping[str, str],
    sites: Sites | None = None,
    stays: pd.Series | None = None,
    stylist: Stylist | None = None,
) -> list[Path]:
    """
    The files written: GeoPackage, GeoJSON or CSV, as the ending of `path` says.

    Each row holds its raw values, the score of each and the rank; the provenance holds every
    criterion and the setting, so that `rerank` needs nothing else.

    Parameters
    ----------
    study, setting
        What was asked.
    path
        Replaced where it exists.
    values, ranked, criteria, missing
        The ranking, and what it was made from.
    sites
        Sites, named or not, instead of all cells.
    stays
        As `sensitivity` gives it for the cells, or for `sites.values`; left out where None.
    stylist
        Draws the table, as `export.export` takes a style.

    Raises
    ------
    ExportError
        When the ending is unknown or the file cannot be written.
    """
    table, kind = siting_table(values, ranked, sites, stays)
    name = Path(path).name
    told = siting_provenance(
        study, setting, criteria, missing, kind=kind, rows=len(table), out=name
    )
    style = stylist(study, kind, table, told) if stylist else None
    return export(table, path, provenance=told, kind=kind, style=style)


def export_siting_bytes(
    study: Study,
    setting: Setting,
    name: str,
    *,
    values: pd.DataFrame,
    ranked: pd.DataFrame,
    criteria: Sequence[Criterion],
    missing: Mapping[str, str],
    sites: Sites | None = None,
    stays: pd.Series | None = None,
    stylist: Stylist | None = None,
) -> Download:
    """As `export_siting`, for a browser to save; a CSV and its provenance come in one ZIP."""
    table, kind = siting_table(values, ranked, sites, stays)
    told = siting_provenance(
        study, setting, criteria, missing, kind=kind, rows=len(table), out=name
    )
    style = stylist(study, kind, table, told) if stylist else None
    return export_bytes(table, name, provenance=told, kind=kind, style=style)


def read_siting(path: str | Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """
    The table of a siting file, on an index of cells, and its provenance.

    Returns
    -------
    tuple
        Columns as written, without geometry: texts, and numbers with NaN where there were none.
        Sites have their best cell as index.

    Raises
    ------
    InputError
        When this is no siting file, or cannot be read.
    """
    file = Path(path)
    readers = {".csv": _read_csv, ".geojson": _read_geojson, ".gpkg": _read_gpkg}
    if file.suffix.lower() not in readers:
        raise InputError(f"a siting file ends in {', '.join(readers)}, found {file.name}")
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    try:
        table, told = readers[file.suffix.lower()](file)
        asked = told["siting"]
        column = "cell" if asked["table"] == "cells" else "peak"
        index = h3cells.from_text(table[column].astype(str).tolist())
        numbers = [*(one["id"] for one in asked["criteria"]), "score", "rank", "graduates"]
        for name in (one for one in table if one in numbers or str(one).startswith("score_")):
            table[name] = pd.to_numeric(table[name].replace("", None)).astype(np.float64)
    except (KeyError, TypeError, ValueError, OSError, sqlite3.Error) as fault:
        why = " ".join(str(fault).split())
        raise InputError(
            f"{file.name}: a siting file as gradmap writes it is needed, {why}"
        ) from fault
    return table.set_index(pd.Index(index, name="cell")).drop(columns="cell", errors="ignore"), told


def rerank(path: str | Path) -> pd.DataFrame:
    """
    The ranking made again from a file alone, beside the one it holds.

    Returns
    -------
    pandas.DataFrame
        Index `cell`: score, rank and excluded_by as they come out of the file's values and
        criteria; file_score, file_rank and file_excluded_by as it holds them; and same, whether
        these and the score of each criterion agree, scores to 1e-12.

    Raises
    ------
    InputError
        When this is no siting file, or rows were added or taken away.
    """
    table, told = read_siting(path)
    asked = told["siting"]
    if len(table) != asked["rows"]:
        raise InputError(
            f"{Path(path).name}: {asked['rows']} rows were written, found {len(table)}"
        )
    try:
        found = rank(table, [Criterion.from_dict(one) for one in asked["criteria"]])
    except QuestionError as fault:
        raise InputError(f"{Path(path).name}: {fault}") from fault
    same = np.ones(len(table), dtype=np.bool_)
    for name in (str(one) for one in found):
        if name != "score" and not name.startswith("score_"):
            continue
        if name not in table:
            raise InputError(f"{Path(path).name}: there is no column {name}")
        same &= np.isclose(found[name], table[name], rtol=0, atol=_EXACT, equal_nan=True)
    reasons = found["excluded_by"].astype(str)
    # Sites are listed because nothing excludes them, and have no such column.
    given = table["excluded_by"].fillna("") if "excluded_by" in table else reasons
    same &= (found["rank"] == table["rank"]).to_numpy() & (reasons == given).to_numpy()
    return pd.DataFrame(
        {
            "score": found["score"],
            "rank": found["rank"],
            "excluded_by": reasons,
            "file_score": table["score"],
            "file_rank": table["rank"],
            "file_excluded_by": given,
            "same": same,
        }
    )


def siting_table(
    values: pd.DataFrame, ranked: pd.DataFrame, sites: Sites | None, stays: pd.Series | None
) -> tuple[pd.DataFrame, Kind]:
    """The table of a siting file: sites, or all cells where None; and of which kind it is."""
    if sites is None:
        reasons = ranked["excluded_by"].astype(str)
        front = pd.concat([ranked[["rank", "score"]], reasons, ranked[["unknown"]]], axis=1)
        own = ranked.drop(columns=front.columns)
        table = pd.concat([front, values, own], axis=1)
        return (table if stays is None else table.assign(stays=stays)), "cells"
    listed = sites.table
    if stays is not None:
        listed = listed.assign(stays=stays.reindex(listed["peak"]).to_numpy())
    return listed, "places"


def _read_csv(file: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    described = file.with_name(file.name + "-metadata.json")
    told = json.loads(described.read_text(encoding="utf-8"))["notes"][0]
    with file.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    return pd.DataFrame(rows, columns=head, dtype=object), told


def _read_geojson(file: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    content = json.loads(file.read_text(encoding="utf-8"))
    rows = [one["properties"] for one in content["features"]]
    return pd.DataFrame(rows, dtype=object), content["gradmap"]


def _read_gpkg(file: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """By SQL: no driver of maps is needed to read columns, and the file is not written to."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
        found = database.execute(
            "SELECT table_name, metadata FROM gpkg_metadata JOIN gpkg_metadata_reference"
            " ON id = md_file_id WHERE reference_scope = 'table'"
        ).fetchone()
        if found is None:
            raise ValueError("found no provenance")
        layer = str(found[0]).replace('"', '""')
        answer = database.execute(f'SELECT * FROM "{layer}"')
        names = [one[0] for one in answer.description]
        return pd.DataFrame(answer.fetchall(), columns=names, dtype=object), json.loads(found[1])
