"""What can be taken away from the page on homes: cells of the topic, or sites, and the link."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from spatial.export import FORMATS
from spatial.siting_file import export_siting_bytes
from spatial.study import Study
from views.homes_data import screen
from views.query import Query
from views.takeaway import file_button, take_link
from views.text import Translate
from views.topic import Topic

__all__ = ["take_homes"]


def take_homes(query: Query, study: Study, topic: Topic, tr: Translate) -> None:
    """Files with the sites, or with the table that the map shows."""
    with st.popover(tr("Export"), key="export"):
        if query.topic == "siting":
            st.caption(
                tr(
                    "Sites or cells with every raw value and score; the ranking can be made again"
                    " from the file alone: `gradmap siting --check FILE`."
                )
            )
            kind = st.segmented_control(
                tr("What"),
                ["sites", "cells"],
                format_func=lambda one: tr("Sites") if one == "sites" else tr("Cells"),
                default="sites",
                key="export_kind",
                required=True,
            )
            for ending in FORMATS:
                name = f"{study.info.name}-siting-{query.year}-{kind}{ending}"
                file_button(ending, name, _sited(query, study, name, cells=kind == "cells"))
        else:
            st.caption(tr("The cells of the map: what each holds, and what the map says of it."))
            st.download_button(
                "CSV",
                lambda: _cells(topic),
                file_name=f"{study.info.name}-{query.topic}-{query.year}.csv",
                key="download_topic",
                on_click="ignore",
                width="stretch",
            )
    take_link(query, study, tr)


def _sited(query: Query, study: Study, name: str, *, cells: bool) -> Callable[[], bytes]:
    def made() -> bytes:
        found = screen(query)
        return export_siting_bytes(
            study,
            found.setting,
            name,
            values=found.values,
            ranked=found.ranked,
            criteria=found.criteria,
            missing=found.missing,
            sites=None if cells else found.sites,
            stays=None if cells else found.stays,
        ).content

    return made


def _cells(topic: Topic) -> bytes:
    table = topic.table.drop(columns="class")
    index = [f"{one:x}" for one in table.index.astype("uint64")]
    return table.set_index(index).rename_axis("cell").to_csv().encode("utf-8")
