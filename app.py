"""Gradmap's page: `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st

from views.sidebar import seed
from views.style import dress

# One address for all screens: a page of Streamlit's own would first ask for files that its path
# does not have. Each screen is loaded when it is first asked for, so that none waits for another.
st.set_page_config(page_title="Gradmap", layout="wide", initial_sidebar_state="auto")
dress()
seed()
if st.session_state["page"] == "compare":
    from views import compare

    compare.show()
elif st.session_state["page"] == "commute":
    from views import commute

    commute.show()
elif st.session_state["page"] == "homes":
    from views import homes

    homes.show()
elif st.session_state["page"] == "data":
    from views import data

    data.show()
else:
    from views import explore

    explore.show()
