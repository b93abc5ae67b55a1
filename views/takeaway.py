"""What can be taken away from the page: files, the link, the method."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from spatial.export import FORMATS, export_bytes
from spatial.provenance import Kind, provenance
from spatial.study import Study
from views.answers import Answer
from views.query import Query
from views.text import Translate

__all__ = ["take_away"]

_KINDS: tuple[Kind, ...] = ("places", "cells")


def take_away(query: Query, study: Study, found: Answer, tr: Translate) -> None:
    """Buttons for files and the link."""
    with st.popover(tr("Export"), key="export"):
        st.caption(tr("Every file carries its source, method and the command that makes it again."))
        kind = st.segmented_control(
            tr("What"),
            _KINDS,
            format_func=lambda one: tr("Places") if one == "places" else tr("Cells"),
            default="places",
            key="export_kind",
            required=True,
        )
        for ending in FORMATS:
            name = f"{study.info.name}-{query.role}-{query.year}-{kind}{ending}"
            st.download_button(
                _LABELS.get(ending, ending),
                _content(query, study, found, kind or "places", name),
                file_name=f"{name}.zip" if ending == ".csv" else name,
                key=f"download_{ending}",
                on_click="ignore",
                width="stretch",
            )
    with st.popover(tr("Link"), key="link"):
        st.caption(tr("This link asks the same question again; it carries no data."))
        st.code(_link(query), language=None, wrap_lines=True)


_LABELS = {".gpkg": "GeoPackage", ".geojson": "GeoJSON", ".csv": "CSV (ZIP)"}


def _content(
    query: Query, study: Study, found: Answer, kind: Kind, name: str
) -> Callable[[], bytes]:
    """The file, made only when it is asked for."""

    def made() -> bytes:
        table = found.places.table if kind == "places" else found.cells
        told = provenance(study, query.question(), kind=kind, out=name)
        return export_bytes(table, name, provenance=told, kind=kind).content

    return made


def _link(query: Query) -> str:
    from urllib.parse import urlencode

    base = (st.context.url or "").split("?")[0]
    return f"{base}?{urlencode(query.to_params())}"
