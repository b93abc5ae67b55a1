"""Siting files: a ranking taken away with all it was made from, and made again from the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from spatial import cells as h3cells
from spatial.criterion import Criterion
from spatial.export import Download, Stylist, ending_of, export, export_bytes
from spatial.formats import WRITERS
from spatial.formats.carried import carried, tables_of
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
    The files written, in the format that the ending of `path` names, one of `WRITERS`.

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
    file, ending = Path(path), ending_of(path)
    if not ending:
        raise InputError(f"a siting file ends in {', '.join(WRITERS)}, found {file.name}")
    ((layer, told), *_) = carried(file, ending).items()
    try:
        table = tables_of(file, ending, layer)
        if table is None:
            raise ValueError("found tiles, which hold no one table")
        asked = told["siting"]
        column = "cell" if asked["table"] == "cells" else "peak"
        index = h3cells.from_text(table[column].astype(str).tolist())
        numbers = [*(one["id"] for one in asked["criteria"]), "score", "rank", "graduates"]
        for name in (one for one in table if one in numbers or str(one).startswith("score_")):
            table[name] = pd.to_numeric(table[name].replace("", None)).astype(np.float64)
    except (KeyError, TypeError, ValueError) as fault:
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
