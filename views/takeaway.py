"""What can be taken away from the page: files and the link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlencode

import streamlit as st

from layers.palette import PAGE, ramp_colours
from spatial.export import FORMATS, export_bytes
from spatial.formats import Style
from spatial.provenance import provenance
from spatial.study import Study
from views.answers import Answer, edges
from views.query import Query
from views.takeaway_more import more_formats, page_button, saved
from views.text import Translate

__all__ = ["file_button", "take_away", "take_link"]

_KINDS: tuple[Literal["places", "cells"], ...] = ("places", "cells")
_LABELS = {".gpkg": "GeoPackage", ".geojson": "GeoJSON", ".csv": "CSV"}


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
            file_button(ending, name, _content(query, study, found, kind or "places", name))
        stem = f"{study.info.name}-{query.role}-{query.year}"
        more_formats(
            f"{stem}-{kind}",
            lambda name: _content(query, study, found, kind or "places", name)(),
            tr,
        )
        page_button(
            tr("Map sheet (PDF, A4)"), f"{stem}.pdf", lambda: _sheet(query, study, f"{stem}.pdf")
        )
        page_button(
            tr("Map in one file (HTML)"), f"{stem}.html", lambda: _map(query, study, f"{stem}.html")
        )
    take_link(query, study, tr)


def file_button(ending: str, name: str, made: Callable[[], bytes], *, zipped: bool = False) -> None:
    """A button for one file, which is made only when it is pressed."""
    st.download_button(
        f"{_LABELS[ending]} (ZIP)" if zipped or ending == ".csv" else _LABELS[ending],
        made,
        file_name=f"{name}.zip" if zipped or ending == ".csv" else name,
        key=f"download_{ending}",
        on_click="ignore",
        width="stretch",
    )


def _content(
    query: Query, study: Study, found: Answer, kind: Literal["places", "cells"], name: str
) -> Callable[[], bytes]:
    """The file, made only when it is asked for."""

    def made() -> bytes:
        table = found.places.table if kind == "places" else found.cells
        told = provenance(study, query.question(), kind=kind, out=name)
        style = _style(query) if kind == "cells" else None
        return export_bytes(table, name, provenance=told, kind=kind, style=style).content

    return made


def _style(query: Query) -> Style:
    """The map's own classes and colours, for programs that open the file."""
    found = edges(query)
    colours = (PAGE["ground"], *ramp_colours(query.role, len(found)))
    return Style(column="value", colours=colours, edges=tuple(found))


def _sheet(query: Query, study: Study, name: str) -> bytes:
    from papers.sheet import sheet

    lang: Any = query.lang
    return saved(sheet(study, query.question(), lang=lang, out=name), name)


def _map(query: Query, study: Study, name: str) -> bytes:
    from papers.html_map import study_map

    lang: Any = query.lang
    return saved(study_map(study, query.question(), lang=lang, out=name), name)


def take_link(query: Query, study: Study, tr: Translate) -> None:
    """The address that asks the same question again."""
    with st.popover(tr("Link"), key="link"):
        st.caption(tr("This link asks the same question again; it carries no data."))
        base = (st.context.url or "").split("?")[0]
        link = f"{base}?{urlencode(query.to_params())}"
        st.code(link, language=None, wrap_lines=True)
        st.caption(tr("And this is how to cite it."))
        st.code(_citation(study, link), language=None, wrap_lines=True)


def _citation(study: Study, link: str) -> str:
    """Where the numbers come from, of which state of the study, and how to see them again."""
    source = study.info.source
    named = source.citation or source.name or study.info.name
    licence = f" {source.licence}." if source.licence else ""
    return f"{named.rstrip('.')}.{licence} Gradmap, study {study.digest[:12]}. {link}"
