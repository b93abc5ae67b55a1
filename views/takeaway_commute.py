"""What can be taken away from the commute page: flow lines, the matrix, bus lines, indicators."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from papers.styles import style_of
from spatial.commute_file import commute_bytes
from spatial.commute_question import FlowQuestion, ReportQuestion
from spatial.desire import FlowLines
from spatial.export_commute import FLOW_KINDS, FlowKind, export_flows_bytes, long_form
from spatial.study import Study
from views.commutes import (
    DRAWS,
    area_asked,
    bands_km,
    beside,
    labels,
    lines,
    report,
    rides,
    table_between,
)
from views.query import Query
from views.takeaway import take_link
from views.takeaway_more import ALL, page_button, stem_of, take_files
from views.text import Translate

__all__ = ["take_commute"]


def take_commute(query: Query, study: Study, tr: Translate) -> None:
    """Files with what the page shows, made only when they are asked for, and the link."""
    stem = stem_of(study, "commute", query.year)
    words = {
        ALL: tr("Everything"),
        "lines": tr("Flow lines"),
        "matrix": tr("Matrix"),
        "corridors": tr("Bus lines"),
        "catchment": tr("Cells"),
        "partners": tr("Who comes and goes"),
        "distances": tr("Distances"),
        "directions": tr("Directions"),
    }
    with st.popover(tr("Export"), key="export"):
        take_files(
            stem,
            words,
            lambda kind, name: _flows(query, study, kind, name),
            tr,
            bare=("matrix", "partners", "distances", "directions"),
        )
        page_button(
            tr("Indicators (JSON)"),
            f"{stem}.json",
            lambda: _indicators(query, study, f"{stem}.json"),
        )
    take_link(query, study, tr)


def _flows(query: Query, study: Study, chosen: str, name: str) -> bytes:
    asked = FlowQuestion(
        area=area_asked(query),
        side=query.role,
        resolution=query.resolution,
        top=query.top,
        lines=query.lines,
    )
    lang: Any = query.lang
    return export_flows_bytes(
        study,
        query.year,
        {one: _table(query, one) for one in FLOW_KINDS if chosen in (ALL, one)},
        name,
        asked=asked,
        stylist=partial(style_of, lang=lang),
    ).content


def _table(query: Query, kind: FlowKind) -> FlowLines | pd.DataFrame:
    if kind == "matrix":
        return long_form(table_between(query), labels(query, "residence"), labels(query, "work"))
    if kind in ("lines", "corridors"):
        return lines(query) if kind == "lines" else rides(query)
    return beside(query, kind)


def _indicators(query: Query, study: Study, name: str) -> bytes:
    asked = ReportQuestion(
        bands_km=bands_km(query), draws=DRAWS, resolution=query.resolution, top=query.top
    )
    return commute_bytes(report(query, query.year), study, asked, name=name)
