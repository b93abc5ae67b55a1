"""The question as controls: what, which layers, and the statistics folded away."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import streamlit as st

from spatial.schema import MEASURES
from spatial.study import Study
from views.query import ALPHAS, LAYER_OF, OVERLAYS, Query
from views.studies import known_studies
from views.text import LANGUAGES, Translate, count_text, say
from views.words import (
    CHANCE_WORDS,
    MEASURE_WORDS,
    OVERLAY_WORDS,
    ROLE_WORDS,
    STATISTIC_WORDS,
)

__all__ = ["ask", "held", "hold", "seed"]

_NAMES = tuple(one.name for one in fields(Query) if one.name != "overlays")
_SWITCHES = {name: f"show_{name}" for name in OVERLAYS}
_COUNTED = ("rail", "rents", "districts", "campuses")


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


def ask(query: Query, study: Study, tr: Translate) -> None:
    """The controls, in three groups and the language."""
    with st.sidebar:
        st.markdown(f"### Gradmap\n{tr('Where graduates live and work')}")
        _what(query, study, tr)
        _layers(query, study, tr)
        _statistics(study, tr)
        st.segmented_control(
            tr("Language"),
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            key="lang",
            required=True,
            width="stretch",
        )


def _what(query: Query, study: Study, tr: Translate) -> None:
    studies = known_studies()
    st.caption(tr("Question"))
    if len(studies) > 1:
        st.selectbox(tr("Study"), list(studies), key="study")
    years = study.years_of(query.role)
    if len(years) <= 5:
        st.segmented_control(tr("Year"), years, key="year", required=True, width="stretch")
    else:
        st.select_slider(tr("Year"), years, key="year")
    st.segmented_control(
        tr("Side of the commute"),
        study.roles,
        format_func=lambda role: tr(ROLE_WORDS[role]),
        key="role",
        required=True,
        width="stretch",
    )
    if study.info.groups:
        titles = {
            "all": tr("All"),
            **{one.id: say(one.title, query.lang) for one in study.info.groups},
        }
        st.segmented_control(
            tr("Who"),
            list(titles),
            format_func=lambda group: titles.get(group, group),
            key="group",
            required=True,
            width="stretch",
        )
    st.selectbox(
        tr("Measure"), MEASURES, format_func=lambda name: tr(MEASURE_WORDS[name]), key="measure"
    )


def _layers(query: Query, study: Study, tr: Translate) -> None:
    st.caption(tr("Layers"))
    for name, key in _SWITCHES.items():
        layer = LAYER_OF.get(name)
        missing = layer is not None and not study.has(layer)
        label = tr(OVERLAY_WORDS[name])
        if name in _COUNTED and not missing:
            held_rows = study.layer(str(layer)).geometry.notna().sum()
            label += f" :gray[{count_text(int(held_rows), query.lang)}]"
        st.checkbox(
            label,
            key=key,
            disabled=missing,
            help=tr("This study has no such layer.") if missing else None,
        )
    fills = fill_words(query, study, tr)
    if len(fills) > 1:
        st.selectbox(
            tr("Colour"), list(fills), format_func=lambda name: fills.get(name, name), key="fill"
        )


def fill_words(query: Query, study: Study, tr: Translate) -> dict[str, str]:
    """What the map can be coloured by: its cells, or its districts by one of their figures."""
    words = {"none": tr("Cells")}
    if study.has("districts"):
        words["graduates"] = tr("Districts by graduates")
        for one in study.info.figures:
            figure = say(one.title, query.lang)
            words[one.column] = tr("Districts by {figure}").format(figure=figure)
    return words


def _statistics(study: Study, tr: Translate) -> None:
    with st.expander(tr("Statistics")):
        own = study.info.resolution
        st.selectbox(
            tr("Statistic"),
            list(STATISTIC_WORDS),
            format_func=lambda name: tr(STATISTIC_WORDS[name]),
            key="statistic",
            help=tr(
                "Gi* finds cells whose neighbourhood holds more than chance would give; "
                "local Moran also finds cells that differ from their neighbours."
            ),
        )
        st.select_slider(
            tr("Cell size"),
            list(range(max(0, min(6, own)), own + 1)),
            format_func=lambda level: (
                f"{_AREAS.get(level, '')} km²" if level in _AREAS else str(level)
            ),
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
        st.selectbox(
            tr("Chance from"),
            list(CHANCE_WORDS),
            format_func=lambda name: tr(CHANCE_WORDS[name]),
            key="chance",
        )
        st.slider(tr("Places shown"), 5, 40, step=5, key="top")


# Mean areas of H3 cells in km2, to one or two figures.
_AREAS = {4: "1770", 5: "253", 6: "36", 7: "5.2", 8: "0.74", 9: "0.11", 10: "0.015"}
