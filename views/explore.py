"""The explore page: a question in the sidebar, a sentence, the map and its places."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from spatial.question import QuestionError
from spatial.schema import SchemaError
from spatial.study import Study
from views.answers import answer
from views.cards import place_card
from views.mapview import show_explorer
from views.method import show_method
from views.opening import begin
from views.query import Query
from views.screen import explorer_payload, question_key
from views.sentences import quiet_line, sentence
from views.sidebar import ask, follow
from views.takeaway import take_away
from views.text import Translate, plain

__all__ = ["show"]


def show() -> None:
    """The whole page."""
    begun = begin()
    if begun is None:
        return
    query, study, tr = begun
    ask(query, study, tr)
    try:
        _answer(query, study, tr)
    except (QuestionError, SchemaError) as fault:
        st.error(plain(str(fault)))


def _answer(query: Query, study: Study, tr: Translate) -> None:
    found = answer(query)
    if query.place and query.place not in set(found.places.table["id"]):
        query = replace(query, place="")
        st.session_state["place"] = ""
    follow(query)
    with st.container(key="head", horizontal=True, vertical_alignment="center"):
        with st.container(key="words"):
            st.markdown(f"## {plain(sentence(query, found, tr))}")
            tag = f":orange-badge[{tr('Synthetic sample')}] " if study.info.synthetic else ""
            st.markdown(f"{tag}:gray[{plain(quiet_line(query, study, found, tr))}]")
        with st.container(key="actions", horizontal=True, width="content"):
            take_away(query, study, found, tr)
            show_method(query, study, found, tr)
    shown = st.session_state.get("explorer", {}).get("shown")
    whole = shown == question_key(query)
    card = place_card(query, study, tr)
    payload = explorer_payload(query, study, tr, card=card, whole=whole)
    show_explorer(payload, on_year=_took_year, on_place=_took_place)
    if whole and len(found.places.table):
        # The first screen does without what is worked out after it.
        from views.sureness import show_sureness

        show_sureness(query)


def _took_year() -> None:
    chosen = st.session_state["explorer"].year
    if chosen and str(chosen).isdigit():
        st.session_state["year"] = int(chosen)


def _took_place() -> None:
    st.session_state["place"] = str(st.session_state["explorer"].place or "")
