"""Before anything is saved: where everybody went, and a small map of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Frame, Geometry, Scale, cell_layer
from layers.districts import district_layer
from layers.packed import Packed, pack
from layers.palette import PREVIEW
from layers.spots import spot_layer
from spatial import cells as h3cells
from spatial.lattice import lattice
from spatial.scale import round_edges
from spatial.schema import Role
from spatial.study import Study
from views.data_ask import Asked, grounds
from views.mapview import show_preview
from views.query import Query
from views.screen import map_words
from views.text import Translate, plain

__all__ = ["show_audit", "show_map"]

_MOST_SPOTS = 4000


def show_audit(found: Any, tr: Translate) -> None:  # noqa: ANN401 - any result of a load
    """People in, people on the map, people dropped and why."""
    st.markdown(f"**{tr('Where everybody goes')}**")
    audits: dict[str, Any] = {}
    if hasattr(found, "counts"):
        audits = dict(found.audit)
    elif hasattr(found, "flows"):
        audits = {"flows": found.audit}
    for role, audit in audits.items():
        word = {"work": tr("jobs"), "residence": tr("homes")}.get(role, tr("flows"))
        st.markdown(
            "- "
            + tr("{what}: {people} people in, {on_map} on the map, {dropped} dropped").format(
                what=word,
                people=f"{audit.people_in:,.6g}",
                on_map=f"{audit.on_map:,.6g}",
                dropped=f"{audit.total_dropped:,.6g}",
            )
        )
        for reason, people in audit.dropped.items():
            st.caption(f"{people:,.6g} {plain(str(reason))}")
        for note in audit.notes:
            st.caption(plain(str(note)))
    if hasattr(found, "layer"):
        st.markdown(f"- {tr('{rows} rows').format(rows=len(found.layer))}")
        for note in getattr(found, "notes", ()):
            st.caption(plain(str(note)))


def show_map(found: Any, asked: Asked, query: Query, tr: Translate) -> None:  # noqa: ANN401
    """The cells, or the points, over the outlines of a study that lies there."""
    if hasattr(found, "counts"):
        role: Role = "work" if (found.counts["role"] == "work").any() else "residence"
        rows = found.counts[found.counts["role"] == role]
        cells = pd.Series(rows["graduates"].to_numpy(), index=h3cells.as_cells(rows["cell"]))
        layers: list[Packed] = []
    elif hasattr(found, "layer"):
        points = found.layer.geometry.representative_point()
        points = points[~points.is_empty].iloc[:_MOST_SPOTS]
        layers = [spot_layer(points.y.to_numpy(), points.x.to_numpy(), key="spots")]
        ids = h3cells.points_to_cells(points.y, points.x, resolution=asked.resolution)
        role, cells = "work", pd.Series(0.0, index=np.unique(ids))
    else:
        flows = found.flows.groupby("destination")["graduates"].sum()
        role, layers, cells = "work", [], flows
    if cells.empty:
        st.warning(tr("Nobody lies on the map: are the columns and coordinates right?"))
        return
    show_preview(_payload(cells, layers, role, query, tr))


def _payload(
    cells: pd.Series, layers: list[Packed], role: Role, query: Query, tr: Translate
) -> bytes:
    cells = cells.groupby(level=0).sum().sort_index()
    found = lattice(h3cells.as_cells(cells.index))
    key = f"preview-{hash((len(cells), int(cells.index[0]), float(cells.sum())))}"
    geometry = Geometry(np.asarray(found.ij), found.patch, found.matrices, key)
    edges = round_edges([cells.to_numpy()], whole=True) or [1.0]
    frame = Frame("", pd.DataFrame({"value": cells.to_numpy()}), total=float(cells.sum()))
    layer = cell_layer([frame], geometry, Scale(edges, tr("People"), tr("persons")), role=role)
    lat, lon = h3cells.centres(h3cells.as_cells(cells.index))
    bounds = [[float(lat.min()), float(lon.min())], [float(lat.max()), float(lon.max())]]
    under = [_outlines(one, query) for one in grounds() if _meets(one, bounds)]
    return pack(
        {
            "lang": query.lang,
            "home": key,
            "bounds": bounds,
            "words": map_words(tr) | {"map": tr("Where the file lies")},
            "cells": layer.data,
            "overlays": [one.entry for one in [*under, *layers]],
            "labels": [],
            "legend": None,
            "colour": PREVIEW,
        }
    )


def _outlines(study: Study, query: Query) -> Packed:
    districts = study.layer("districts")
    names = [str(one) for one in districts["name" if query.lang == "zh" else "name_en"]]
    return district_layer(districts, names=names, key=f"districts-{study.digest[:8]}")


def _meets(study: Study, bounds: list[list[float]]) -> bool:
    if not study.has("districts"):
        return False
    west, south, east, north = study.layer("districts").total_bounds
    (low, left), (high, right) = bounds
    return bool(left <= east and right >= west and low <= north and high >= south)
