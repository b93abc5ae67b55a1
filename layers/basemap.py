"""A folium map that needs no network: Leaflet from its package, our own ground, no tiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import folium
from branca.element import Element

from layers.packed import leaflet_css, leaflet_js, script, style

__all__ = ["basemap"]

_SETTINGS = """
gradmap.dress({map});
{map}.fitBounds({bounds});
"""


class _Offline(folium.Map):
    """A folium map without the scripts and style sheets that folium takes from elsewhere."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own form
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


def basemap(*, bounds: Sequence[Sequence[float]]) -> folium.Map:
    """
    An empty map to which layers are added, for notebooks and exported pages.

    Parameters
    ----------
    bounds
        South-west and north-east corner, latitude and longitude in degrees.
    """
    board = _Offline(tiles=None, prefer_canvas=True, zoom_snap=0.25, attribution_control=False)
    root: Any = board.get_root()
    for name, text in (("leaflet", leaflet_css()), ("gradmap", style())):
        root.header.add_child(Element(f"<style>{text}</style>"), name=f"{name}_css")
    for name, text in (("leaflet", leaflet_js()), ("gradmap", script())):
        root.header.add_child(Element(f"<script>{_inert(text)}</script>"), name=f"{name}_js")
    corners = [[float(value) for value in corner] for corner in bounds]
    settings = _SETTINGS.format(map=board.get_name(), bounds=corners)
    root.script.add_child(Element(settings), name="gradmap_settings")
    return board


def _inert(text: str) -> str:
    """Script text that cannot end its own element."""
    return text.replace("</script", "<\\/script")
