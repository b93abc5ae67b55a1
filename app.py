"""Gradmap's page: `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st

from views import explore
from views.style import dress

st.set_page_config(page_title="Gradmap", layout="wide", initial_sidebar_state="auto")
dress()
page = st.navigation(
    [st.Page(explore.show, title="Explore", url_path="explore", default=True)], position="hidden"
)
page.run()
