"""A map on paper: ground, cells, rail, outlines of places and names, in kilometres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.palette import LINES, PAGE, RAIL
from layers.sheet_content import MapContent
from layers.sheet_ink import Ink
from layers.sheet_labels import Label, Placed, place_labels
from layers.sheet_page import Box, Page
from layers.sheet_plane import Bounds, Plane, frame_bounds

__all__ = ["PaperMap", "blank_map", "draw_map", "hidden_by"]

_MM_PER_PT: Final = 25.4 / 72
_SIMPLE: Final = 0.05  # mm on paper that a line may stray: finer than a printer's dot


@dataclass(frozen=True, eq=False)
class PaperMap:
    """A map that was drawn: where it lies on the page and on the ground, and what it names."""

    box: Box
    plane: Plane
    edges_km: Bounds
    placed: tuple[Placed, ...]

    @property
    def km_per_mm(self) -> float:
        """Kilometres on the ground of a millimetre on paper, the same both ways."""
        return (self.edges_km[3] - self.edges_km[1]) / self.box.width

    def on_page(self, lon: Any, lat: Any) -> NDArray[np.float64]:  # noqa: ANN401 - a number or many
        """Millimetres from the page's upper left corner, shape (n, 2)."""
        at = self.plane.project(lon, lat)
        _, west, north, _ = self.edges_km
        x = self.box.x + (at[..., 0] - west) / self.km_per_mm
        y = self.box.y + (north - at[..., 1]) / self.km_per_mm
        return np.stack([x, y], axis=-1)


def blank_map(box: Box, content: MapContent) -> PaperMap:
    """Where a map will lie, before anything is drawn."""
    plane, edges = frame_bounds(content.bounds, width=box.width, height=box.height)
    return PaperMap(box, plane, edges, ())


def hidden_by(box: Box, blank: PaperMap, content: MapContent) -> int:
    """How much of cells and places a box on the map would hide, in corners of theirs."""
    found = 0
    outlines = np.empty((0, 2))
    if len(content.places):
        outlines = shapely.get_coordinates(content.places.geometry)
    for corners, weight in ((content.cells.corners, 1), (outlines, 100)):
        at = blank.on_page(*corners.T)
        inside = (at[:, 0] > box.x) & (at[:, 0] < box.right)
        inside &= (at[:, 1] > box.y) & (at[:, 1] < box.bottom)
        found += weight * int(inside.sum())
    return found


def draw_map(
    page: Page,
    box: Box,
    content: MapContent,
    *,
    taken: Sequence[Box] = (),
    size: float = 8.0,
    strength: float = 1.0,
) -> PaperMap:
    """
    Draw a map into a box of the page.

    Parameters
    ----------
    page, box, content
        What is drawn where.
    taken
        Boxes on the page that no name may touch.
    size
        Of names, points.
    strength
        Of lines: below 1 on a small map.
    """
    found = blank_map(box, content)
    plane, edges = found.plane, found.edges_km
    axes = page.drawing(box, facecolor=PAGE["ground"])
    south, west, north, east = edges
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=PAGE["muted"], linewidth=0.6)
    stray = _SIMPLE * found.km_per_mm
    drawing = Ink(axes, plane, stray, strength)
    drawing.ground(content.ground, over=False)
    drawing.cells(content, edges)
    drawing.ground(content.ground, over=True)
    drawing.lines(content.districts, colour=LINES["district"], width=0.7, order=4)
    drawing.lines(content.links, colour=RAIL["line"], width=0.55, order=5, alpha=0.55)
    drawing.stations(content.stations)
    drawing.lines(content.places, colour=content.outline, width=1.15, order=7)
    placed = _names(page, found, content, taken=taken, size=size)
    return PaperMap(box, plane, edges, placed)


def _names(
    page: Page, found: PaperMap, content: MapContent, *, taken: Sequence[Box], size: float
) -> tuple[Placed, ...]:
    about = _boxes_of(found, content.places)
    wanted = [
        Label(name, number, *_at(found, lat, lon), about=box)
        for (name, number, lat, lon), box in zip(content.names, about, strict=False)
    ]
    wanted += [
        Label(name, number, *_at(found, lat, lon), quiet=True)
        for name, number, lat, lon in content.quiet_names
    ]
    placed = place_labels(wanted, frame=found.box, taken=taken, fonts=page.fonts, size=size)
    for one in placed:
        _halo(page, one)
        page.text(
            one.box.x + one.box.width / 2,
            one.box.y + 0.1 * one.size * _MM_PER_PT,
            one.text,
            size=one.size,
            bold=one.bold,
            colour=PAGE["muted"] if one.quiet else PAGE["ink"],
            align="center",
            part="name",
        )
    return tuple(placed)


def _at(found: PaperMap, lat: float, lon: float) -> tuple[float, float]:
    x, y = found.on_page(lon, lat)
    return float(x), float(y)


def _boxes_of(found: PaperMap, places: gpd.GeoDataFrame) -> list[Box]:
    """The box around each place on the page."""
    boxes = []
    for shape in places.geometry if len(places) else ():
        at = found.on_page(*shapely.get_coordinates(shape).T)
        (left, top), (right, bottom) = at.min(axis=0), at.max(axis=0)
        boxes.append(Box(float(left), float(top), float(right - left), float(bottom - top)))
    return boxes


def _halo(page: Page, one: Placed) -> None:
    """A soft white rim, drawn apart so that the name itself stays text in a PDF."""
    from matplotlib.patheffects import Stroke

    page.text(
        one.box.x + one.box.width / 2,
        one.box.y + 0.1 * one.size * _MM_PER_PT,
        one.text,
        size=one.size,
        bold=one.bold,
        colour=PAGE["card"],
        align="center",
        part="halo",
    )
    rim = Stroke(linewidth=one.size * 0.3, foreground=PAGE["card"], alpha=0.9, joinstyle="round")
    page.figure.texts[-1].set_path_effects([rim])
