"""A map on paper: ground, cells, rail, outlines of places and names, in kilometres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.palette import GROUND_STYLES, LINES, PAGE, RAIL
from layers.sheet_labels import Label, Placed, place_labels
from layers.sheet_page import Box, Page
from layers.sheet_plane import Bounds, Plane, frame_bounds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Cells", "MapContent", "PaperMap", "blank_map", "draw_map", "hidden_by"]

_MM_PER_PT: Final = 25.4 / 72
_STATION: Final = 2.1  # points across
_SIMPLE: Final = 0.05  # mm on paper that a line may stray: finer than a printer's dot
_HATCH: Final = "////"


@dataclass(frozen=True, eq=False)
class Cells:
    """
    Corners of all cells and the class of each.

    Parameters
    ----------
    corners
        Longitude and latitude, shape (m, 2).
    offsets
        Cell `c` has corners offsets[c] to offsets[c + 1], shape (n + 1,).
    classes
        0 for the ground, else one more than the colour, shape (n,).
    """

    corners: NDArray[np.float64]
    offsets: NDArray[np.int64]
    classes: NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class MapContent:
    """
    What a map shows; layers that a study has not are empty tables.

    Parameters
    ----------
    cells, colours
        Classes of cells and the colour of each class above the ground.
    outline
        Colour of the outlines of places.
    places
        Outlines, WGS-84, in the order of their names.
    names
        Name, number, latitude and longitude of each place, the most important first.
    quiet_names
        The same of districts, their numbers empty.
    bounds
        What must be seen.
    hatched
        Whether the colours are cut by gaps, where years do not compare.
    """

    cells: Cells
    colours: Sequence[str]
    outline: str
    places: gpd.GeoDataFrame
    bounds: Bounds
    names: Sequence[tuple[str, str, float, float]] = ()
    quiet_names: Sequence[tuple[str, str, float, float]] = ()
    ground: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    districts: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    links: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    stations: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    hatched: bool = False


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
    drawing = _Drawing(axes, plane, stray, strength)
    drawing.ground(content.ground, over=False)
    drawing.cells(content, edges)
    drawing.ground(content.ground, over=True)
    drawing.lines(content.districts, colour=LINES["district"], width=0.7, order=4)
    drawing.lines(content.links, colour=RAIL["line"], width=0.55, order=5, alpha=0.55)
    drawing.stations(content.stations)
    drawing.lines(content.places, colour=content.outline, width=1.15, order=7)
    placed = _names(page, found, content, taken=taken, size=size)
    return PaperMap(box, plane, edges, placed)


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Axes in kilometres, and how finely and strongly lines are drawn on them."""

    axes: Axes
    plane: Plane
    stray_km: float
    strength: float

    def cells(self, content: MapContent, edges: Bounds) -> None:
        """One filled path a class: thousands of small shapes make a file large and slow."""
        from matplotlib.patches import PathPatch

        cells = content.cells
        at = self.plane.project(*cells.corners.T)
        seen = _seen(at, cells.offsets, edges)
        for number, colour in enumerate(content.colours, start=1):
            chosen = np.flatnonzero(seen & (cells.classes == number))
            if not len(chosen):
                continue
            patch = PathPatch(
                _rings(at, cells.offsets, chosen),
                facecolor=colour,
                # A hair of the same colour: two shapes side by side would show a seam.
                edgecolor=PAGE["ground"] if content.hatched else colour,
                linewidth=0.12,
                joinstyle="round",
                hatch=_HATCH if content.hatched else None,
                zorder=2,
            )
            self.axes.add_patch(patch)

    def ground(self, table: gpd.GeoDataFrame, *, over: bool) -> None:
        """Water, parks and roads of the kinds the palette knows."""
        for one in table.itertuples():
            area = one.geometry is not None and one.geometry.geom_type.endswith("Polygon")
            kind = "river" if one.kind == "water" and not area else str(one.kind)
            style = GROUND_STYLES.get(kind)
            if style is None or bool(style.get("over")) != over:
                continue
            shape = self._moved(one.geometry)
            fill = str(style["fill"]) if area and "fill" in style else "none"
            width = float(style["width"]) * 0.75
            self._draw(
                shape, edge=str(style["line"]), fill=fill, width=width, order=3 if over else 1
            )

    def lines(
        self, table: gpd.GeoDataFrame, *, colour: str, width: float, order: int, alpha: float = 1.0
    ) -> None:
        """Outlines and lines alike."""
        for shape in table.geometry if len(table) else ():
            self._draw(
                self._moved(shape), edge=colour, fill="none", width=width, order=order, alpha=alpha
            )

    def stations(self, table: gpd.GeoDataFrame) -> None:
        if not len(table):
            return
        points = shapely.get_coordinates(shapely.point_on_surface(table.geometry.to_numpy()))
        at = self.plane.project(*points.T)
        self.axes.plot(
            *at.T,
            linestyle="none",
            marker="o",
            markersize=_STATION * self.strength,
            markerfacecolor=RAIL["station"],
            markeredgecolor=RAIL["line"],
            markeredgewidth=0.35 * self.strength,
            zorder=6,
        )

    def _moved(self, shape: shapely.Geometry) -> shapely.Geometry:
        """A shape in km, without detail that paper cannot show."""
        if shape is None:
            return shapely.Point()
        moved = shapely.transform(shape, lambda at: self.plane.project(*at.T))
        return shapely.simplify(moved, self.stray_km)

    def _draw(
        self,
        shape: shapely.Geometry,
        *,
        edge: str,
        fill: str,
        width: float,
        order: int,
        alpha: float = 1.0,
    ) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        parts = [
            ring
            for part in shapely.get_parts(shape)
            for ring in (
                shapely.get_rings(part) if part.geom_type == "Polygon" else np.array([part])
            )
            if ring.geom_type in ("LineString", "LinearRing") and not ring.is_empty
        ]
        if not parts:
            return
        path = Path.make_compound_path(*(Path(shapely.get_coordinates(one)) for one in parts))
        self.axes.add_patch(
            PathPatch(
                path,
                facecolor=fill,
                edgecolor=edge,
                linewidth=width * self.strength,
                joinstyle="round",
                capstyle="round",
                alpha=alpha,
                zorder=order,
            )
        )


def _seen(at: NDArray[np.float64], offsets: NDArray[np.int64], edges: Bounds) -> NDArray[np.bool_]:
    """Cells with any corner in the frame, and those no larger than it around one."""
    if len(offsets) < 2:
        return np.zeros(0, dtype=bool)
    south, west, north, east = edges
    low = np.minimum.reduceat(at, offsets[:-1])
    high = np.maximum.reduceat(at, offsets[:-1])
    across = (low[:, 0] < east) & (high[:, 0] > west)
    return np.asarray(across & (low[:, 1] < north) & (high[:, 1] > south))


def _rings(at: NDArray[np.float64], offsets: NDArray[np.int64], chosen: NDArray[np.int64]) -> Any:  # noqa: ANN401 - a matplotlib path
    """The chosen cells as one path of closed rings."""
    from matplotlib.path import Path

    sizes = np.diff(offsets)[chosen]
    ends = np.cumsum(sizes + 1)
    first = ends - sizes - 1
    codes = np.full(ends[-1], Path.LINETO, dtype=np.uint8)
    codes[first], codes[ends - 1] = Path.MOVETO, Path.CLOSEPOLY
    rows = np.arange(ends[-1]) - np.repeat(first, sizes + 1) + np.repeat(offsets[chosen], sizes + 1)
    rows[ends - 1] = offsets[chosen]
    return Path(at[rows], codes)


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
    rim = Stroke(linewidth=one.size * 0.24, foreground=PAGE["card"], alpha=0.85, joinstyle="round")
    page.figure.texts[-1].set_path_effects([rim])
