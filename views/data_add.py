"""Bring your own: a file in, its columns and coordinates settled, its audit seen, a study out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from spatial.geodesy import CoordinateError
from spatial.ingest import InputError
from spatial.ingest.caps import UPLOAD_BYTES
from spatial.ingest.guard import read_safely, uploaded
from spatial.ingest.guess import Sort, guess_columns, guess_sort
from spatial.ingest.sniff import ENDINGS, sniff
from spatial.schema import SchemaError
from views.data_ask import Asked, ask_for
from views.data_load import load, save
from views.data_preview import show_audit, show_map
from views.query import Query
from views.text import Translate, plain
from views.words import SORT_WORDS

__all__ = ["show_wizard"]

_TROUBLE = (InputError, SchemaError, CoordinateError, ValueError, OSError)
_SHOWN = 8
_TYPES = [*(one.removeprefix(".") for one in ENDINGS), "zip", "gz", "xz"]


def show_wizard(query: Query, tr: Translate) -> None:
    """Upload, look, say what it is, see where everybody goes, save."""
    st.markdown(f"## {tr('Bring your own data')}")
    st.caption(
        tr(
            "Files stay on this machine; at most {size} MB. Each is read in a process of its own,"
            " within limits of memory and time."
        ).format(size=UPLOAD_BYTES >> 20)
    )
    given = st.file_uploader(tr("1. A file"), type=_TYPES, key="upload")
    if given is None:
        st.info(
            tr(
                "CSV, Excel, Parquet, GeoPackage, GeoJSON, FlatGeobuf, zipped Shapefile or GeoTIFF:"
                " a grid, points, zones, a population raster, stations, rents or flows."
            )
        )
        return
    try:
        with uploaded(given.name, given.getvalue()) as path:
            _steps(path, f"{given.file_id}", query, tr)
    except _TROUBLE as fault:
        st.error(plain(str(fault))[:600])


def _steps(path: Path, key: str, query: Query, tr: Translate) -> None:
    kind = sniff(path)
    table = _peek(path, kind.holds, key)
    if len(table.columns):
        st.caption(_read_as(table, tr))
        seen = pd.DataFrame(table.head(_SHOWN).astype(str))
        st.dataframe(seen.iloc[:, :40], hide_index=True, key="preview")
    guessed = guess_sort(table, holds=kind.holds)
    sorts = _sorts(kind.holds)
    sort: Sort = st.selectbox(
        tr("2. What it holds"),
        sorts,
        index=sorts.index(guessed) if guessed in sorts else 0,
        format_func=lambda one: tr(SORT_WORDS[one]),
        key=f"sort_{key}",
    )
    asked = ask_for(sort, table, guess_columns(table), key, query, tr)
    if asked is None:
        return
    if not st.button(tr("4. Check it"), key=f"check_{key}", type="primary") and (
        st.session_state.get("checked") != (key, asked.stamp)
    ):
        return
    st.session_state["checked"] = (key, asked.stamp)
    _checked(path, key, asked, query, tr)


def _peek(path: Path, holds: str, key: str) -> pd.DataFrame:
    """The table, or what stands beside the shapes; read once a file."""
    held = st.session_state.get("peeked")
    if held and held[0] == key:
        table: pd.DataFrame = held[1]
        return table
    if holds == "raster":
        found = pd.DataFrame()
    elif holds == "shapes":
        shapes = read_safely("read_shapes", path)
        found = pd.DataFrame(shapes.drop(columns=shapes.geometry.name))
    else:
        found = read_safely("read_table", path)
    st.session_state["peeked"] = (key, found)
    peeked: pd.DataFrame = found
    return peeked


def _read_as(table: pd.DataFrame, tr: Translate) -> str:
    encoding = str(table.attrs.get("encoding", ""))
    rows = f"{len(table):,}".replace(",", "\u202f")
    told = tr("{rows} rows, {columns} columns").format(rows=rows, columns=len(table.columns))
    return (
        tr("{told}; read as {encoding}").format(told=told, encoding=encoding) if encoding else told
    )


def _sorts(holds: str) -> list[Sort]:
    if holds == "raster":
        return ["raster"]
    if holds == "shapes":
        return ["zones", "stations", "listings"]
    return ["points", "grid", "stations", "listings", "flows"]


def _checked(path: Path, key: str, asked: Asked, query: Query, tr: Translate) -> None:
    held: Any = st.session_state.get("loaded")
    if not held or held[0] != (key, asked.stamp):
        with st.spinner(tr("Reading, spreading and counting ..."), show_time=True):
            found = load(path, asked)
        st.session_state["loaded"] = held = ((key, asked.stamp), found)
    found = held[1]
    show_audit(found, tr)
    show_map(found, asked, query, tr)
    if st.button(tr("5. Save it as a study"), key=f"save_{key}", type="primary"):
        with st.spinner(tr("Saving ..."), show_time=True):
            study = save(found, asked)
        for name in ("checked", "loaded", "peeked"):
            st.session_state.pop(name, None)
        st.success(
            tr("Saved as {name}: {cells} cells, {years}.").format(
                name=asked.study,
                cells=f"{len(study.area):,}",
                years=", ".join(map(str, study.years)),
            )
        )
        st.button(tr("Open it"), on_click=_open, args=(asked.study,), key=f"go_{key}")


def _open(name: str) -> None:
    st.session_state["study"] = name
    st.session_state["page"] = "explore"
    for one in ("year", "first", "resolution"):
        st.session_state[one] = 0
