"""What can be taken away from the commute page: flow lines, the matrix, bus lines, indicators."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from spatial.commute_file import commute_bytes
from spatial.commute_question import FlowQuestion, ReportQuestion
from spatial.export_commute import FLOW_FORMATS, export_flows_bytes, long_form
from spatial.study import Study
from views.commutes import (
    DRAWS,
    area_asked,
    bands_km,
    labels,
    lines,
    report,
    rides,
    table_between,
)
from views.query import Query
from views.takeaway import file_button, take_link
from views.text import Translate

__all__ = ["take_commute"]


def take_commute(query: Query, study: Study, tr: Translate) -> None:
    """Files with what the page shows, made only when they are asked for, and the link."""
    with st.popover(tr("Export"), key="export"):
        st.caption(
            tr(
                "Flow lines, the matrix from place to place, and bus lines; indicators as JSON."
                " Every file carries its source and method."
            )
        )
        stem = f"{study.info.name}-commute-{query.year}"
        for ending in FLOW_FORMATS:
            name = f"{stem}{ending}"
            file_button(ending, name, _flows(query, study, name), zipped=ending != ".gpkg")
        st.download_button(
            tr("Indicators (JSON)"),
            lambda: _indicators(query, study, f"{stem}.json"),
            file_name=f"{stem}.json",
            key="download_json",
            on_click="ignore",
            width="stretch",
        )
    take_link(query, study, tr)


def _flows(query: Query, study: Study, name: str) -> Callable[[], bytes]:
    def made() -> bytes:
        asked = FlowQuestion(
            area=area_asked(query),
            side=query.role,
            resolution=query.resolution,
            top=query.top,
            lines=query.lines,
        )
        table = long_form(table_between(query), labels(query, "residence"), labels(query, "work"))
        return export_flows_bytes(
            study,
            query.year,
            {"lines": lines(query), "matrix": table, "corridors": rides(query)},
            name,
            asked=asked,
        ).content

    return made


def _indicators(query: Query, study: Study, name: str) -> bytes:
    asked = ReportQuestion(
        bands_km=bands_km(query), draws=DRAWS, resolution=query.resolution, top=query.top
    )
    return commute_bytes(report(query, query.year), study, asked, name=name)
