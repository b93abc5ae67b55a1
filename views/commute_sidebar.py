"""The controls of the commute page."""

from __future__ import annotations

import streamlit as st

from spatial.schema import Role
from spatial.study import Study
from views.commutes import flow_years_of, places_at
from views.query import Query
from views.sidebar import brand, choose_language, choose_layers, choose_study
from views.text import Translate
from views.words import marked

__all__ = ["area_names", "ask"]

_SIDE_WORDS = {"work": marked("Work here"), "residence": marked("Live here")}
_LAYERS = ("flows", "places", "rail", "districts", "ground")


def ask(query: Query, study: Study, tr: Translate) -> None:
    """Which year and area, which side, layers, bands of distance, language."""
    with st.sidebar:
        brand(tr)
        st.caption(tr("Question"))
        choose_study(tr)
        years = flow_years_of(study)
        if years:
            left, right = st.columns(2)
            left.selectbox(tr("Year"), years, key="year")
            right.selectbox(
                tr("Beside it"),
                [0, *(one for one in years if one != query.year)],
                format_func=lambda one: str(one) if one else "–",
                key="beside",
                help=tr("Another year, whose figures stand beside those of the first."),
            )
        names = area_names(query, study, tr)
        st.selectbox(
            tr("Area"),
            list(names),
            format_func=lambda one: names.get(one, one),
            key="area",
            help=tr("A district or a place; an area of your own can be drawn on the map."),
        )
        st.segmented_control(
            tr("Side of the commute"),
            list(_SIDE_WORDS),
            format_func=lambda role: tr(_SIDE_WORDS[role]),
            key="role",
            required=True,
            width="stretch",
        )
        choose_layers(query, study, tr, names=_LAYERS)
        with st.expander(tr("Lines and bands")):
            st.select_slider(tr("Lines drawn"), [50, 100, 150, 300, 600], key="lines")
            st.text_input(
                tr("Distance bands, km"),
                key="bands",
                help=tr("Edges in kilometres, with commas between them."),
            )
        choose_language(tr)


def area_names(query: Query, study: Study, tr: Translate) -> dict[str, str]:
    """Every area that can be chosen: the whole, districts, places, and what was drawn."""
    name = "name" if query.lang == "zh" else "name_en"
    found = {"": tr("The whole study")}
    if query.area.startswith("@"):
        found[query.area] = tr("Drawn on the map")
    if study.has("districts"):
        districts = study.layer("districts")
        found |= dict(zip(districts["id"].astype(str), districts[name].astype(str), strict=True))
    roles: tuple[tuple[Role, str], ...] = (
        ("work", tr("{name} · workplace")),
        ("residence", tr("{name} · residence")),
    )
    for role, words in roles:
        if role in study.roles:
            table = places_at(query, role).table
            for row in table.to_dict("records"):
                found[str(row["id"])] = words.format(name=row[name])
    return found
