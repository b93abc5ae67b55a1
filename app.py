"""Gradmap's page: `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st

from views import compare, explore
from views.sidebar import seed
from views.style import dress

# One address for all screens: a page of Streamlit's own would first ask for files that its path
# does not have.
PAGES = {"explore": explore.show, "compare": compare.show}

st.set_page_config(page_title="Gradmap", layout="wide", initial_sidebar_state="auto")
dress()
seed()
PAGES[st.session_state["page"]]()
