"""The page on homes: where graduates live against what it costs, and where homes should go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from spatial.question import QuestionError
from spatial.schema import SchemaError
from spatial.study import Study
from views.commutes import area_asked
from views.homes_method import show_homes_method
from views.homes_screen import homes_payload
from views.homes_sidebar import ask
from views.mapview import show_homes
from views.opening import begin
from views.query import Query
from views.sidebar import follow, hold
from views.takeaway_homes import take_homes
from views.text import Translate, plain
from views.topics import access, balance, kinds, more, rent, siting

__all__ = ["show"]

_TOPICS: dict[str, Any] = {
    "more": more,
    "rent": rent,
    "access": access,
    "kinds": kinds,
    "balance": balance,
    "siting": siting,
}


def show() -> None:
    """The whole page."""
    begun = begin()
    if begun is None:
        return
    query, study, tr = begun
    query = _settled(query)
    hold(query)
    follow(query)
    ask(query, study, tr)
    try:
        _answer(query, study, tr)
    except (QuestionError, SchemaError) as fault:
        st.error(plain(str(fault)))


def _settled(query: Query) -> Query:
    """The question without an area that is none of those a screen knows."""
    try:
        area_asked(replace(query, top=Query().top))
    except QuestionError:
        return replace(query, area="")
    return query


def _answer(query: Query, study: Study, tr: Translate) -> None:
    asked = _TOPICS[query.topic]
    with st.spinner(tr("Working it out ..."), show_time=True):
        topic = asked.topic(query, study, tr)
    with st.container(key="head", horizontal=True, vertical_alignment="center"):
        with st.container(key="words"):
            st.markdown(f"## {plain(topic.sentence)}")
            tag = f":orange-badge[{tr('Synthetic sample')}] " if study.info.synthetic else ""
            st.markdown(f"{tag}:gray[{plain(topic.quiet)}]")
        with st.container(key="actions", horizontal=True, width="content"):
            take_homes(query, study, tr)
            show_homes_method(query, study, tr)
    payload = homes_payload(query, study, tr, topic, box=_box(query))
    show_homes(payload, on_setting=_took_setting)
    with st.container(key="charts"):
        asked.figures(query, study, tr)


def _box(query: Query) -> dict[str, Any] | None:
    """The box drawn over the scatter, by the names of its axes."""
    if query.topic != "more":
        return None
    drawn: Any = st.session_state.get("scatter")
    box = (drawn or {}).get("selection", {}).get("box") if drawn else None
    return dict(box) if box else None


def _took_setting() -> None:
    chosen = st.session_state["homes"].setting
    if chosen:
        st.session_state["weights"] = str(chosen)
