"""What can be taken away from the page on homes: tables of the topic, or sites, and the link."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, cast

import streamlit as st

from papers.styles import style_of
from spatial.homes import Homes
from spatial.homes_file import export_homes_bytes
from spatial.homes_needs import lacking
from spatial.homes_question import TABLES, HomesKind
from spatial.homes_tables import homes_tables
from spatial.siting_file import export_siting_bytes
from spatial.study import Study
from views.homes_data import TOPIC_OF, homes_asked, screen
from views.query import Query
from views.takeaway import take_link
from views.takeaway_more import ALL, stem_of, take_files
from views.text import Translate
from views.words import marked

__all__ = ["take_homes"]

_TABLES: Final[dict[HomesKind, str]] = {
    "quotient": marked("Cells"),
    "quotient_areas": marked("Places and districts"),
    "quotient_slopes": marked("Slopes"),
    "quotient_bands": marked("By rent band"),
    "pockets": marked("Rents of pockets"),
    "rent": marked("Cells"),
    "rent_areas": marked("Places and districts"),
    "pay": marked("What pay affords"),
    "access": marked("Cells"),
    "farthest": marked("Heavy cells far from rail"),
    "within": marked("Share within the walk, by year"),
    "near": marked("What is near, together"),
    "opened": marked("Stations that opened"),
    "kinds": marked("Places"),
    "balance": marked("Cells"),
    "magnets": marked("Places and their magnets"),
    "demand": marked("From hotspot to hotspot, modelled"),
}
_BARE: Final[tuple[HomesKind, ...]] = (
    *("quotient_slopes", "quotient_bands", "pockets", "pay", "within", "near", "demand"),
)
_LACKS: Final = {
    "base": marked(
        "This study has no base to compare with in this role and year: load its counts with"
        " `--base-work` or `--base-residence`."
    ),
    "rents": marked("This study has no rents. They can be added with `gradmap load rents`."),
    "known": marked("This study has no rents. They can be added with `gradmap load rents`."),
    "near": marked(
        "This study has no stations, campuses or places of work in this year. Stations can be"
        " added with `gradmap load stations`."
    ),
    "role": marked("This role was not counted in this year."),
    "both": marked(
        "This study does not count homes and jobs in the same year: load counts of both."
    ),
}


def take_homes(query: Query, study: Study, tr: Translate) -> None:
    """Files with the sites, or with what the topic shows, in the map and beside it."""
    with st.popover(tr("Export"), key="export"):
        if query.topic == "siting":
            take_files(
                stem_of(study, "siting", query.year),
                {"sites": tr("Sites"), "cells": tr("Cells")},
                lambda kind, name: _sited(query, study, name, cells=kind == "cells"),
                tr,
                note=tr("`gradmap siting --check FILE` ranks them again from the file alone."),
            )
        else:
            _take_topic(query, study, tr)
    take_link(query, study, tr)


def _take_topic(query: Query, study: Study, tr: Translate) -> None:
    """The tables that the study can tell; where there is none, why and how to add it."""
    topic = TOPIC_OF[query.topic]
    homes = homes_asked(query, topic)
    if need := lacking(homes, TABLES[topic][0]):
        st.caption(tr(_LACKS[need]))
        return
    told = homes_tables(homes)
    words = {str(one): tr(_TABLES[one]) for one in told}
    if len(told) > 1:
        words[ALL] = tr("Everything")
    railless = topic == "access" and lacking(homes, "within")
    note = tr("Without stations: they can be added with `gradmap load stations`.")
    role = query.role if homes.question.uses("role") else ""
    take_files(
        stem_of(study, role, query.year),
        words,
        lambda kind, name: _topic(homes, told, kind, name, query.lang),
        tr,
        bare=_BARE,
        note=note if railless else "",
    )


def _topic(homes: Homes, told: Sequence[HomesKind], kind: str, name: str, lang: Any) -> bytes:  # noqa: ANN401
    tables = told if kind == ALL else (cast(HomesKind, kind),)
    draws = partial(style_of, lang=lang)
    return export_homes_bytes(homes, name, tables=tables, stylist=draws).content


def _sited(query: Query, study: Study, name: str, *, cells: bool) -> bytes:
    found = screen(query)
    lang: Any = query.lang
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
        stylist=partial(style_of, lang=lang),
    ).content
