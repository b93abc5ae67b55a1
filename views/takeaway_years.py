"""What can be taken away from the compare page: difference and lineage."""

from __future__ import annotations

from typing import Any

import streamlit as st

from papers.styles import style_of
from spatial.compared import Compared
from spatial.drift_file import DRIFT_KINDS, drift_provenance, drift_table
from spatial.events import event_table
from spatial.export import export_layers_bytes
from spatial.formats import Style
from spatial.provenance import Kind, KindBetween, provenance_between
from spatial.reasons import Reason
from spatial.study import Study
from views.comparisons import (
    DRIFT_SEED,
    comparison_of,
    difference,
    drifted,
    lineages,
    places_by_year,
)
from views.query import Query
from views.takeaway import take_link
from views.takeaway_more import ALL, hidden_of, page_button, saved, stem_of, take_files
from views.text import Translate

__all__ = ["take_comparison"]

_KINDS: tuple[KindBetween, ...] = ("difference", "lineage")


def take_comparison(query: Query, study: Study, tr: Translate, reasons: list[Reason]) -> None:
    """Files with the difference and the lineage, and the link."""
    stem = stem_of(study, query.role, query.first, query.year)
    with st.popover(tr("Export"), key="export"):
        take_files(
            stem,
            {
                ALL: tr("Everything"),
                "difference": tr("Cells"),
                "lineage": tr("Places"),
                "indicators": tr("Indicators"),
                "changes": tr("Their changes"),
            },
            lambda kind, name: _compared(query, study, reasons, kind, name),
            tr,
            bare=DRIFT_KINDS,
        )
        page_button(
            tr("Brief (PDF, 2 to 4 pages)"),
            f"{stem}.brief.pdf",
            lambda: _brief(query, study, f"{stem}.brief.pdf"),
        )
        page_button(
            tr("Brief for Word (DOCX)"),
            f"{stem}.brief.docx",
            lambda: _brief(query, study, f"{stem}.brief.docx"),
        )
        page_button(
            tr("Map in one file (HTML)"),
            f"{stem}.html",
            lambda: _map(query, study, f"{stem}.html"),
        )
    take_link(query, study, tr)


def _brief(query: Query, study: Study, name: str) -> bytes:
    from papers.brief import brief

    lang: Any = query.lang
    asked = comparison_of(query)
    return saved(brief(study, query.first, query.year, comparison=asked, lang=lang, out=name), name)


def _map(query: Query, study: Study, name: str) -> bytes:
    from papers.html_years import VIEWS, change_page

    view = next((one for one in VIEWS if one == query.mode), VIEWS[0])
    compared, hide = Compared(study, comparison_of(query)), hidden_of(query, "drift")
    return saved(change_page(compared, lang=query.lang, view=view, hide=hide, out=name), name)


def _compared(query: Query, study: Study, reasons: list[Reason], chosen: str, name: str) -> bytes:
    asked = comparison_of(query)
    lang: Any = query.lang
    tables: dict[Kind, Any] = {}
    told: dict[Kind, dict[str, Any]] = {}
    styles: dict[Kind, Style] = {}
    for kind in _KINDS if chosen == ALL else [one for one in _KINDS if one == chosen]:
        tables[kind] = (
            difference(query)
            if kind == "difference"
            else event_table(lineages(query), places_by_year(query), reasons=reasons)
        )
        told[kind] = provenance_between(study, asked, kind=kind, out=name)
        style = style_of(study, kind, tables[kind], told[kind], lang=lang)
        if style is not None:
            styles[kind] = style
    for one in DRIFT_KINDS if chosen == ALL else [one for one in DRIFT_KINDS if one == chosen]:
        found = drifted(query)
        tables[one] = drift_table(found, one)
        told[one] = drift_provenance(study, found, one, seed=DRIFT_SEED, out=name)
    return export_layers_bytes(tables, name, provenance=told, styles=styles).content
