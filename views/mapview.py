"""The map on the page: one component that takes the packed payload and tells what was chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from layers.packed import leaflet_css, leaflet_js, part, script, style

__all__ = [
    "show_checked",
    "show_commute",
    "show_compare",
    "show_explorer",
    "show_homes",
    "show_preview",
]

_MOUNT = """
const mounted = new WeakMap();
export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const box = parentElement.querySelector(".gm-box");
  let one = mounted.get(box);
  if (!one) {
    one = gradmap.SCREEN(box, (name, value) => one.tell(name, value));
    mounted.set(box, one);
  }
  // What was shown is a state; a choice is an event, told even when it repeats the last one.
  one.tell = (name, value) => (name === "shown" ? setStateValue : setTriggerValue)(name, value);
  if (data && one.data !== data) {
    one.data = data;
    one.update(gradmap.unpack(data));
  }
}
"""

_HTML = '<div class="gm-root"><div class="gm-box"></div></div>'
# As tall as what the window leaves under the sentence; on a phone as tall as its content.
_CSS = """
.gm-root { height: calc(100vh - 86px); min-height: 420px; }
.gm-box { height: 100%; }
@media (max-width: 760px) { .gm-root { height: auto; } .gm-box { height: auto; } }
"""


_SMALL = ".gm-root, .gm-box, .gm-map { height: 360px; }"


def _component(screen: str, css: str = _CSS) -> Any:  # noqa: ANN401 - Streamlit's renderer has no public type
    return st.components.v2.component(
        f"gradmap_{screen}",
        html=_HTML,
        css=leaflet_css() + style() + css,
        js=leaflet_js()
        + "\nconst L = globalThis.L;\n"
        + script()
        + _MOUNT.replace("SCREEN", screen),
    )


_explorer = _component("explore")
_compare = _component("compare")
_commute = _component("commute")
_homes = _component("homes")
_preview = _component("preview", _SMALL)
# Draws nothing: it tells the table of places what the server found, and asks for more.
_checked = st.components.v2.component("gradmap_checked", html="<i></i>", js=part("checked"))


def show_explorer(
    payload: bytes, *, on_year: Callable[[], None], on_place: Callable[[], None]
) -> None:
    """
    The map with its table of places.

    What is chosen in it stands in `st.session_state["explorer"]` as `year` and `place` before
    the callbacks run.
    """
    _explorer(
        key="explorer",
        data=payload,
        on_year_change=on_year,
        on_place_change=on_place,
        on_shown_change=lambda: None,
    )


def show_checked(told: dict[str, Any], *, on_more: Callable[[], None]) -> None:
    """What is known of how sure the places are, for their table; `on_more` works out more."""
    _checked(key="checked", data=told, on_more_change=on_more)


def show_compare(
    payload: bytes, *, on_year: Callable[[], None], on_lineage: Callable[[], None]
) -> None:
    """The linked maps with lineage and drift under them; choices as `year` and `lineage`."""
    _compare(
        key="compare",
        data=payload,
        on_year_change=on_year,
        on_lineage_change=on_lineage,
    )


def show_commute(
    payload: bytes, *, on_year: Callable[[], None], on_area: Callable[[], None]
) -> None:
    """The map of flows with its ledger; choices as `year` and `area`."""
    _commute(
        key="commute",
        data=payload,
        on_year_change=on_year,
        on_area_change=on_area,
        on_shown_change=lambda: None,
    )


def show_homes(payload: bytes, *, on_setting: Callable[[], None]) -> None:
    """The map of homes with its list; moved sliders as `setting`."""
    _homes(key="homes", data=payload, on_setting_change=on_setting)


def show_preview(payload: bytes) -> None:
    """A small map of what a file holds."""
    _preview(key="preview_map", data=payload)
