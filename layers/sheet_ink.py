"""Ink: shapes, cells and stations drawn on axes in kilometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.palette import GROUND_STYLES, PAGE, RAIL
from layers.sheet_content import MapContent
from layers.sheet_plane import Bounds, Plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["HATCH", "Ink"]

_STATION: Final = 2.1  # points across
HATCH: Final = "////"


@dataclass(frozen=True, eq=False)
class Ink:
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
                hatch=HATCH if content.hatched else None,
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
        """White dots with a grey rim."""
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
