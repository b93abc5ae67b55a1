"""What stands beside a map on paper: legend, scale bar, north arrow and inset."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import Any, Final

import geopandas as gpd
import shapely

from layers.palette import LINES, PAGE
from layers.sheet_ink import HATCH
from layers.sheet_map import PaperMap
from layers.sheet_page import Box, Page
from layers.sheet_plane import Bounds, frame_bounds

__all__ = ["bar_km", "draw_inset", "draw_legend", "draw_north", "draw_scale"]

_RAMP: Final = 3.6
_ROW: Final = 4.6


def bar_km(km_per_mm: float, *, most_mm: float) -> float:
    """The longest of 1, 2, 5, 10, ... km that is at most `most_mm` on paper."""
    most = km_per_mm * most_mm
    ten = 10.0 ** floor(log10(most))
    return float(next(step * ten for step in (5, 2, 1) if step * ten <= most * (1 + 1e-9)))


def draw_scale(
    page: Page,
    box: Box,
    shown: PaperMap,
    *,
    most_mm: float,
    unit: str,
    ratio: str,
    zoom: float = 1.0,
) -> float:
    """
    Draw a bar of a round length at the left of a box, and under it the ratio; its length in km.

    `ratio` is a text with a place for the number, as "1 : {number}"; `zoom` is 1 on A4.
    """
    length = bar_km(shown.km_per_mm, most_mm=most_mm)
    mm = length / shown.km_per_mm
    left, top = box.x + 3 * zoom, box.y + 4.9 * zoom
    for part in range(4):
        fill = PAGE["ink"] if part % 2 == 0 else PAGE["card"]
        piece = Box(left + part * mm / 4, top, mm / 4, 1.1 * zoom)
        page.block(piece, fill=fill, edge=PAGE["ink"], width=0.4, above=True)
    y, size = box.y + 1.1 * zoom, 6.8 * zoom
    page.text(left, y, "0", size=size, part="scale")
    page.text(left + mm / 2, y, f"{length / 2:g}", size=size, align="center", part="scale")
    page.text(left + mm - 1 * zoom, y, f"{length:g} {unit}", size=size, part="scale")
    number = float(f"{shown.km_per_mm * 1e6:.3g}")
    told = ratio.format(number=f"{number:,.0f}".replace(",", "\u202f"))
    page.text(left, top + 2.1 * zoom, told, size=size, colour=PAGE["muted"], part="scale")
    return length


def draw_north(page: Page, box: Box, *, word: str, zoom: float = 1.0) -> None:
    """An arrow that points up, with the word for north over it."""
    from matplotlib.patches import Polygon

    middle = box.x + box.width / 2
    page.text(
        middle, box.y + 0.9 * zoom, word, size=8 * zoom, bold=True, align="center", part="north"
    )
    top, bottom, half = box.y + 5.2 * zoom, box.bottom - 1.2 * zoom, 2.0 * zoom
    for side, fill in ((-half, PAGE["ink"]), (half, PAGE["card"])):
        corners = [(middle, top), (middle + side, bottom), (middle, bottom - 1.6 * zoom)]
        at = [(x / page.width, 1 - y / page.height) for x, y in corners]
        page.figure.add_artist(
            Polygon(
                at,
                closed=True,
                transform=page.figure.transFigure,
                facecolor=fill,
                edgecolor=PAGE["ink"],
                linewidth=0.5,
                zorder=4,
            )
        )


def draw_legend(
    page: Page,
    x: float,
    y: float,
    legend: dict[str, Any],
    *,
    width: float,
    zoom: float = 1.0,
    columns: int = 1,
) -> float:
    """
    Draw the legend of the screen on paper: its classes, each with its label, and its marks.

    Returns the height it takes.
    """
    top = y
    title = legend["title"]
    y += page.paragraph(x, y, title, width=width, size=8.5 * zoom, bold=True, part="legend") + zoom
    if classes := legend["classes"]:
        wide = min(width / len(classes), 13.0 * zoom)
        for at, one in enumerate(classes):
            page.block(Box(x + at * wide, y, wide, _RAMP * zoom), fill=one["colour"])
        page.block(Box(x, y, wide * len(classes), _RAMP * zoom), edge=PAGE["line"], width=0.4)
        y += (_RAMP + 0.7) * zoom
        size = _label_size(page, [one["label"] for one in classes], wide=wide, zoom=zoom)
        for at, one in enumerate(classes):
            page.text(x + at * wide, y, one["label"], size=size, part="legend label")
        y += 4.4 * zoom
    rows = legend["rows"]
    per = -(-len(rows) // columns)
    for at, row in enumerate(rows):
        left, here = x + at // per * width / columns, y + at % per * _ROW * zoom
        _mark(page, left, here + _ROW * zoom / 2, row, zoom=zoom)
        page.text(
            left + 8 * zoom, here + 0.7 * zoom, row["label"], size=7.5 * zoom, part="legend row"
        )
    return y - top + per * _ROW * zoom


def _label_size(page: Page, labels: Sequence[str], *, wide: float, zoom: float) -> float:
    """As large as lets every label stand under its own class."""
    widest = max(page.fonts.width(label, size=1.0) for label in labels)
    return min(7.0 * zoom, (wide - 0.8 * zoom) / widest) if widest else 7.0 * zoom


def _mark(page: Page, x: float, y: float, row: dict[str, str], *, zoom: float) -> None:
    from matplotlib.lines import Line2D

    colour, shape = row["colour"], row["shape"]
    if shape in ("line", "dash"):
        page.line(x, y, x + 6 * zoom, y, colour=colour, width=1.2, dash=shape == "dash")
    elif shape in ("dot", "ring"):
        page.figure.add_artist(
            Line2D(
                [(x + 3 * zoom) / page.width],
                [1 - y / page.height],
                linestyle="none",
                marker="o",
                markersize=4 * zoom,
                markerfacecolor=colour if shape == "dot" else PAGE["card"],
                markeredgecolor=colour,
                markeredgewidth=0.8,
            )
        )
    else:
        swatch = Box(x + 0.5 * zoom, y - 1.3 * zoom, 5 * zoom, 2.6 * zoom)
        hatched = shape == "hatch"
        edge = PAGE["ground"] if hatched else "none"
        page.block(swatch, fill=colour, edge=edge, hatch=HATCH if hatched else "")


def draw_inset(
    page: Page,
    box: Box,
    *,
    outlines: gpd.GeoSeries,
    bounds: Bounds,
    frame: PaperMap,
) -> None:
    """
    Draw the whole study area small, with the frame of the map on it.

    Parameters
    ----------
    page, box
        Where it goes.
    frame
        The map it belongs to.
    outlines
        Of the study area or its districts, WGS-84.
    bounds
        Of the study area, degrees.
    """
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path

    plane, edges = frame_bounds(bounds, width=box.width, height=box.height)
    grown = tuple(1.06 * edge for edge in edges)
    axes = page.drawing(box, facecolor=PAGE["card"])
    axes.set_xlim(grown[1], grown[3])
    axes.set_ylim(grown[0], grown[2])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=PAGE["line"], linewidth=0.6)
    stray = 0.1 * (edges[3] - edges[1]) / box.width
    for shape in outlines:
        moved = shapely.simplify(shapely.transform(shape, lambda at: plane.project(*at.T)), stray)
        for part in shapely.get_parts(moved):
            if part.geom_type != "Polygon" or part.is_empty:
                continue
            ring = Path(shapely.get_coordinates(part.exterior))
            axes.add_patch(
                PathPatch(
                    ring, facecolor=PAGE["ground"], edgecolor=LINES["district"], linewidth=0.4
                )
            )
    south, west, north, east = frame.edges_km
    # Both planes are true about their own middles: the frame is carried over by its middle.
    x, y = plane.project(frame.plane.lon, frame.plane.lat)
    axes.add_patch(
        Rectangle(
            (x + west, y + south),
            east - west,
            north - south,
            facecolor="none",
            edgecolor=LINES["chosen"],
            linewidth=1.1,
            zorder=5,
        )
    )
