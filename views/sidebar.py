"""The question as controls: what, which layers, and the statistics folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from spatial.schema import MEASURES
from spatial.study import Study
from views.query import ALPHAS, LAYER_OF, OVERLAYS, PAGES, Query
from views.studies import known_studies
from views.text import LANGUAGES, Translate, count_text, say
from views.words import (
    CHANCE_WORDS,
    MEASURE_WORDS,
    OVERLAY_WORDS,
    PAGE_WORDS,
    ROLE_WORDS,
    STATISTIC_WORDS,
)

__all__ = [
    "ask",
    "brand",
    "choose_group",
    "choose_language",
    "choose_layers",
    "choose_role",
    "choose_statistics",
    "choose_study",
    "follow",
    "held",
    "hold",
    "seed",
]

_NAMES = tuple(one.name for one in fields(Query) if one.name != "overlays")
_SWITCHES = {name: f"show_{name}" for name in OVERLAYS}
_COUNTED = ("rail", "rents", "districts", "campuses")
# Mean areas of H3 cells in km2, to one or two figures.
_AREAS = {4: "1770", 5: "253", 6: "36", 7: "5.2", 8: "0.74", 9: "0.11", 10: "0.015"}


def seed() -> None:
    """Set the controls from the link once a session; the browser's language where none is named."""
    if "lang" in st.session_state:
        return
    given = Query.from_params(dict(st.query_params.items()))
    if "lang" not in st.query_params:
        locale = (st.context.locale or "").lower()
        given = replace(given, lang="zh" if locale.startswith("zh") else "en")
    hold(given)


def held() -> Query:
    """The question as the controls hold it."""
    state = st.session_state
    values: dict[str, Any] = {name: state[name] for name in _NAMES if state.get(name) is not None}
    shown = tuple(name for name, key in _SWITCHES.items() if state.get(key))
    return Query(**values, overlays=shown)


def hold(query: Query) -> None:
    """
    Let the controls hold `query`.

    Done on every run: Streamlit forgets a control whose words change with the language, and
    writing its value back keeps it.
    """
    for name in _NAMES:
        st.session_state[name] = getattr(query, name)
    for name, key in _SWITCHES.items():
        st.session_state[key] = name in query.overlays


def follow(query: Query) -> None:
    """
    Let the address name the question, so that it can be copied at any time.

    Where the map looks, `view`, is the browser's own word in it, and stays.
    """
    wanted = query.to_params()
    if "view" in st.query_params:
        wanted["view"] = st.query_params["view"]
    if dict(st.query_params.items()) != wanted:
        st.query_params.from_dict(wanted)


def ask(query: Query, study: Study, tr: Translate) -> None:
    """The controls of the explore page, in three groups and the language."""
    with st.sidebar:
        brand(tr)
        st.caption(tr("Question"))
        choose_study(tr)
        _choose_year(query, study, tr)
        choose_role(study, tr)
        choose_group(query, study, tr)
        st.selectbox(
            tr("Measure"), MEASURES, format_func=lambda name: tr(MEASURE_WORDS[name]), key="measure"
        )
        choose_layers(
            query, study, tr, names=[one for one in OVERLAYS if one not in ("drift", "flows")]
        )
        _choose_fill(query, study, tr)
        choose_statistics(study, tr, statistic=True)
        choose_language(tr)


def brand(tr: Translate) -> None:
    """The name of the house and its pages."""
    st.markdown(f"### Gradmap\n{tr('Where graduates live and work')}")
    st.pills(
        tr("Page"),
        PAGES,
        format_func=lambda name: tr(PAGE_WORDS[name]),
        key="page",
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )


def choose_study(tr: Translate) -> None:
    """Which study, where there are several."""
    studies = known_studies()
    if len(studies) > 1:
        st.selectbox(tr("Study"), list(studies), key="study")


def _choose_year(query: Query, study: Study, tr: Translate) -> None:
    years = study.years_of(query.role)
    if len(years) <= 5:
        st.segmented_control(tr("Year"), years, key="year", required=True, width="stretch")
    else:
        st.select_slider(tr("Year"), years, key="year")


def choose_role(study: Study, tr: Translate) -> None:
    """Homes or jobs."""
    st.segmented_control(
        tr("Side of the commute"),
        study.roles,
        format_func=lambda role: tr(ROLE_WORDS[role]),
        key="role",
        required=True,
        width="stretch",
    )


def choose_group(query: Query, study: Study, tr: Translate) -> None:
    """All graduates, or one of the study's groups."""
    if not study.info.groups:
        return
    titles = {"all": tr("All")}
    titles |= {one.id: say(one.title, query.lang) for one in study.info.groups}
    st.segmented_control(
        tr("Who"),
        list(titles),
        format_func=lambda group: titles.get(group, group),
        key="group",
        required=True,
        width="stretch",
    )


def choose_layers(query: Query, study: Study, tr: Translate, *, names: Sequence[str]) -> None:
    """One switch a layer; those the study lacks say so."""
    st.caption(tr("Layers"))
    for name in names:
        layer = LAYER_OF.get(name)
        missing = layer is not None and not study.has(layer)
        label = tr(OVERLAY_WORDS[name])
        if name in _COUNTED and not missing:
            rows = study.layer(str(layer)).geometry.notna().sum()
            label += f" :gray[{count_text(int(rows), query.lang)}]"
        st.checkbox(
            label,
            key=_SWITCHES[name],
            disabled=missing,
            help=tr("This study has no such layer.") if missing else None,
        )


def _choose_fill(query: Query, study: Study, tr: Translate) -> None:
    """Whether cells are coloured, or districts by one of their figures."""
    if not study.has("districts"):
        return
    words = {"none": tr("Cells"), "graduates": tr("Districts by graduates")}
    for one in study.info.figures:
        figure = say(one.title, query.lang)
        words[one.column] = tr("Districts by {figure}").format(figure=figure)
    st.selectbox(
        tr("Colour"), list(words), format_func=lambda name: words.get(name, name), key="fill"
    )


def choose_statistics(study: Study, tr: Translate, *, statistic: bool) -> None:
    """How cells are judged; good defaults, folded away."""
    with st.expander(tr("Statistics")):
        own = study.info.resolution
        if statistic:
            st.selectbox(
                tr("Statistic"),
                list(STATISTIC_WORDS),
                format_func=lambda name: tr(STATISTIC_WORDS[name]),
                key="statistic",
                help=tr(
                    "Gi* finds cells whose neighbourhood holds more than chance would give;"
                    " local Moran also finds cells that differ from their neighbours."
                ),
            )
        st.select_slider(
            tr("Cell size"),
            list(range(max(0, min(6, own)), own + 1)),
            format_func=lambda level: f"{_AREAS[level]} km²" if level in _AREAS else str(level),
            key="resolution",
            help=tr("Finer cells show more detail; coarser cells are steadier."),
        )
        st.slider(tr("Neighbourhood (rings)"), 1, 5, key="k")
        st.select_slider(
            tr("False discovery rate"),
            ALPHAS,
            format_func=lambda value: f"{value:.0%}",
            key="alpha",
            help=tr("Of the cells called hot, at most this share is expected to be so by chance."),
        )
        if statistic:
            st.selectbox(
                tr("Chance from"),
                list(CHANCE_WORDS),
                format_func=lambda name: tr(CHANCE_WORDS[name]),
                key="chance",
            )
        st.slider(tr("Places shown"), 5, 40, step=5, key="top")


def choose_language(tr: Translate) -> None:
    """Chinese or English."""
    st.segmented_control(
        tr("Language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key="lang",
        required=True,
        width="stretch",
    )
