"""The little style the theme cannot say: a full page, tight head, quiet sidebar."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from layers.palette import css_variables

__all__ = ["dress"]

_SHEET = Path(__file__).parent / "css" / "page.css"


def dress() -> None:
    """Put the style sheet into the page."""
    sheet = _SHEET.read_text(encoding="utf-8")
    st.html(f"<style>:root {{ {css_variables()} }}\n{sheet}</style>")
