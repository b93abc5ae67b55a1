"""Pictures of a brief's maps, bars and legends, for files that hold pictures."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from layers.brief_pages import draw_bars
from layers.brief_parts import Bars
from layers.fonts import Fonts
from layers.sheet_content import MapContent
from layers.sheet_furniture import draw_legend
from layers.sheet_map import draw_map
from layers.sheet_page import Box, Page

__all__ = ["MAP_MM", "bars_png", "legend_png", "map_png"]

MAP_MM: Final = (96.0, 88.0)
"""Width and height of a map, and of bars in its place."""
_DPI: Final = 200


def map_png(shown: MapContent, fonts: Fonts) -> bytes:
    """One map with a hair's breadth of air about its frame."""
    page = Page(*MAP_MM, fonts=fonts)
    box = Box(0.2, 0.2, MAP_MM[0] - 0.4, MAP_MM[1] - 0.4)
    draw_map(page, box, shown, size=6.8, strength=0.7)
    return _png(page)


def bars_png(bars: Bars, fonts: Fonts) -> bytes:
    """Bars in the place of a map."""
    page = Page(*MAP_MM, fonts=fonts)
    draw_bars(page, Box(0.5, 0.5, MAP_MM[0] - 1.0, MAP_MM[1] - 1.0), bars)
    return _png(page)


def legend_png(legend: dict[str, Any], fonts: Fonts, *, width: float) -> tuple[bytes, float]:
    """A legend so many mm wide, and its height in mm."""

    def drawn(height: float) -> tuple[Page, float]:
        page = Page(width, height, fonts=fonts)
        used = draw_legend(page, 0.2, 0.2, legend, width=width - 0.4, zoom=0.92, columns=2)
        return page, used + 1.0

    _, height = drawn(60.0)  # as tall as it turns out to be
    return _png(drawn(height)[0]), height


def _png(page: Page) -> bytes:
    content = BytesIO()
    page.figure.savefig(content, format="png", dpi=_DPI, metadata={"Software": "Gradmap"})
    return content.getvalue()
