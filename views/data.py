"""The data page: what every study is made of, and a way to bring one's own."""

from __future__ import annotations

import streamlit as st

from views.data_add import show_wizard
from views.data_studies import show_studies
from views.query import TABS
from views.sidebar import brand, choose_language, follow, held, hold
from views.text import translator
from views.words import TAB_WORDS

__all__ = ["show"]


def show() -> None:
    """The whole page; it works even where a study cannot be opened."""
    query = held()
    tr = translator(query.lang)
    hold(query)
    follow(query)
    with st.sidebar:
        brand(tr)
        st.radio(
            tr("Data"),
            TABS,
            format_func=lambda one: tr(TAB_WORDS[one]),
            key="tab",
        )
        choose_language(tr)
    with st.container(key="data"):
        if query.tab == "add":
            show_wizard(query, tr)
        else:
            show_studies(query, tr)
