"""A folium map that needs no network: Leaflet from its package, our own ground, no tiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template

from layers.packed import leaflet_css, leaflet_js, script, style

__all__ = ["basemap"]


class _Dress(MacroElement):
    """Panes for our layers and the first view, set as soon as the map stands."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            gradmap.dress({{ this._parent.get_name() }});
            {{ this._parent.get_name() }}.fitBounds({{ this.bounds|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, bounds: list[list[float]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "gradmap_dress"
        self.bounds = bounds


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
    _Dress([[float(value) for value in corner] for corner in bounds]).add_to(board)
    return board


def _inert(text: str) -> str:
    """Script text that cannot end its own element."""
    return text.replace("</script", "<\\/script")
