"""What can be taken away from the page: files and the link."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from papers.styles import style_of
from spatial.export import export_bytes
from spatial.provenance import provenance
from spatial.study import Study
from views.answers import Answer, edges
from views.link import take_link
from views.query import Query
from views.takeaway_more import hidden_of, page_button, saved, stem_of, take_files
from views.text import Translate

__all__ = ["take_away", "take_link"]


def take_away(query: Query, study: Study, found: Answer, tr: Translate) -> None:
    """Buttons for files and the link."""
    stem = stem_of(study, query.role, query.year)
    with st.popover(tr("Export"), key="export"):
        take_files(
            stem,
            {"places": tr("Places"), "cells": tr("Cells")},
            lambda kind, name: _content(query, study, found, kind, name),
            tr,
        )
        page_button(
            tr("Map sheet (PDF, A4)"), f"{stem}.pdf", lambda: _sheet(query, study, f"{stem}.pdf")
        )
        page_button(
            tr("Map in one file (HTML)"), f"{stem}.html", lambda: _map(query, study, f"{stem}.html")
        )
    take_link(query, study, tr)


def _content(query: Query, study: Study, found: Answer, kind: str, name: str) -> bytes:
    of: Literal["places", "cells"] = "places" if kind == "places" else "cells"
    table = found.places.table if of == "places" else found.cells
    told = provenance(study, query.question(), kind=of, out=name)
    lang: Any = query.lang
    style = style_of(study, of, table, told, lang=lang, edges=edges(query))
    return export_bytes(table, name, provenance=told, kind=of, style=style).content


def _sheet(query: Query, study: Study, name: str) -> bytes:
    from papers.sheet import sheet

    lang: Any = query.lang
    return saved(sheet(study, query.question(), lang=lang, out=name), name)


def _map(query: Query, study: Study, name: str) -> bytes:
    from papers.html_map import study_map

    lang: Any = query.lang
    hide = hidden_of(query)
    return saved(study_map(study, query.question(), lang=lang, hide=hide, out=name), name)
