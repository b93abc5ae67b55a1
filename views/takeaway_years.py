"""What can be taken away from the compare page: difference and lineage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from spatial.events import event_table
from spatial.export import FORMATS, export_layers_bytes
from spatial.provenance import Kind, provenance_between
from spatial.reasons import Reason
from spatial.study import Study
from views.comparisons import comparison_of, difference, lineages, places_by_year
from views.query import Query
from views.takeaway import file_button, take_link
from views.takeaway_more import page_button, saved
from views.text import Translate

__all__ = ["take_comparison"]


def take_comparison(query: Query, study: Study, tr: Translate, reasons: list[Reason]) -> None:
    """Files with the difference and the lineage, and the link."""
    with st.popover(tr("Export"), key="export"):
        st.caption(tr("Difference by cell and lineage of places, with whatever speaks against it."))
        for ending in FORMATS:
            name = f"{study.info.name}-{query.role}-{query.first}-{query.year}{ending}"
            several = ending != ".gpkg"
            file_button(ending, name, _compared(query, study, reasons, name), zipped=several)
        stem = f"{study.info.name}-{query.role}-{query.first}-{query.year}.brief.pdf"
        page_button(tr("Brief (PDF, 2 to 4 pages)"), stem, lambda: _brief(query, study, stem))
    take_link(query, study, tr)


def _brief(query: Query, study: Study, name: str) -> bytes:
    from papers.brief import brief

    lang: Any = query.lang
    asked = comparison_of(query)
    return saved(brief(study, query.first, query.year, comparison=asked, lang=lang, out=name), name)


def _compared(query: Query, study: Study, reasons: list[Reason], name: str) -> Callable[[], bytes]:
    def made() -> bytes:
        events = event_table(lineages(query), places_by_year(query), reasons=reasons)
        asked = comparison_of(query)
        tables: dict[Kind, Any] = {"difference": difference(query), "lineage": events}
        told: dict[Kind, dict[str, Any]] = {
            "difference": provenance_between(study, asked, kind="difference", out=name),
            "lineage": provenance_between(study, asked, kind="lineage", out=name),
        }
        return export_layers_bytes(tables, name, provenance=told).content

    return made
