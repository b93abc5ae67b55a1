"""The little style the theme cannot say: a full page, tight head, quiet sidebar."""

from __future__ import annotations

import streamlit as st

from layers.palette import css_variables

__all__ = ["dress"]

_CSS = """
.stApp { font-variant-numeric: tabular-nums; }
[data-testid="stHeader"] { height: 0; min-height: 0; background: none; }
[data-testid="stToolbar"] { display: none; }
[data-testid="stMainBlockContainer"] { padding: 0; max-width: none; }
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: 0; }
[data-testid="stSidebar"] { width: 248px !important; min-width: 248px; border-right: 1px solid var(--line); }
[data-testid="stSidebar"][aria-expanded="false"] { width: 0 !important; min-width: 0; }
[data-testid="stSidebarContent"] { padding: 0; }
[data-testid="stSidebarHeader"] { position: absolute; right: 4px; top: 4px; height: auto; min-height: 0; padding: 0; margin: 0; z-index: 2; }
[data-testid="stSidebarUserContent"] { padding: 16px 16px 24px; }
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.45rem; }
[data-testid="stSidebar"] h3 { padding: 0; font-size: 18px; line-height: 1.2; }
[data-testid="stSidebar"] [data-testid="stCaptionContainer"] p { font-weight: 600; }
[data-testid="stSidebar"] [data-testid="stWidgetLabel"] p { font-size: 12.5px; color: var(--muted); }
[data-testid="stSidebar"] [data-testid="stCheckbox"] { min-height: 0; margin: -3px 0; }
[data-testid="stSidebar"] [data-testid="stCheckbox"] p { font-size: 14px; color: var(--ink); }
[data-testid="stSidebar"] [data-testid="stButtonGroup"] button { padding: 2px 4px; min-height: 30px; }
button[data-variant="segmented_control"][aria-checked="true"] { background: var(--accent) !important; border-color: var(--accent) !important; }
button[data-variant="segmented_control"][aria-checked="true"] p { color: var(--card) !important; }
.st-key-head { padding: 12px 18px 10px; min-height: 84px; border: 0; }
.st-key-words { gap: 3px; flex: 1 1 0; min-width: 260px; }
.st-key-words h2 { font-size: 17px; font-weight: 650; padding: 0; margin: 0; line-height: 1.35; }
.st-key-words [data-testid="stMarkdownContainer"] { margin: 0; }
.st-key-words p { font-size: 13px; margin: 0; }
.st-key-actions { flex: 0 0 auto; width: auto; }
@media (max-width: 760px) {
  .st-key-head { padding: 46px 14px 8px; }
  .st-key-head > div, .st-key-words { flex: 1 1 100% !important; min-width: 100%; }
}
"""


def dress() -> None:
    """Put the style sheet into the page."""
    st.html(f"<style>:root {{ {css_variables()} }} {_CSS}</style>")
