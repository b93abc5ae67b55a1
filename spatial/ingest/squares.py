"""SquareGrid: squares of a regular grid, in the coordinate system where it is regular."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial import geodesy
from spatial.ingest.errors import InputError

__all__ = ["CellSize", "Plane", "SquareGrid", "cell_size"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Unit = Literal["deg", "m"]
_UNITS: Final[dict[str, tuple[Unit, float]]] = {
    "deg": ("deg", 1.0),
    "degree": ("deg", 1.0),
    "degrees": ("deg", 1.0),
    "°": ("deg", 1.0),
    "arcmin": ("deg", 1 / 60),
    "arcsec": ("deg", 1 / 3600),
    "m": ("m", 1.0),
    "km": ("m", 1000.0),
}


class CellSize(NamedTuple):
    """Width and height of a grid's squares, and their unit."""

    width: float
    height: float
    unit: Unit


def cell_size(text: str) -> CellSize:
    """
    Size written as "0.01deg", "250m", "30arcsec" or, for rectangles, "0.01x0.008deg".

    Raises
    ------
    InputError
        When it is written otherwise, or not above 0.
    """
    number = r"(\d+(?:\.\d*)?|\.\d+)"
    found = re.fullmatch(rf"\s*{number}\s*(?:[x×]\s*{number})?\s*([a-z°]+)\s*", str(text).lower())
    if not found or found[3] not in _UNITS:
        raise InputError(f"cell must be a size such as 0.01deg or 250m, found {text!r}")
    unit, factor = _UNITS[found[3]]
    width = float(found[1]) * factor
    height = float(found[2]) * factor if found[2] else width
    if not (width > 0 and height > 0):
        raise InputError(f"cell must be larger than 0, found {text!r}")
    return CellSize(width, height, unit)


@dataclass(frozen=True)
class Plane:
    """
    The plane in which a grid's lines are straight and parallel.

    Parameters
    ----------
    crs
        Coordinate system of the file's positions.
    projection
        "EPSG:n" where positions in degrees stand for places on a projected plane; "" otherwise.
    """

    crs: str
    projection: str = ""

    @property
    def in_degrees(self) -> bool:
        """Whether the lines are parallels and meridians."""
        return not self.projection and not geodesy.is_projected(self.crs)

    def of_positions(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Place (x, y) on the plane of positions as the file has them, shape (n,)."""
        if self.projection:
            lat, lon = geodesy.from_wgs84(lat, lon, crs=self.projection)
        return lon, lat

    def of_wgs84(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Place (x, y) on the plane of degrees WGS-84, shape (n,)."""
        return self.of_positions(*geodesy.from_wgs84(lat, lon, crs=self.crs))

    def to_wgs84(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Latitude and longitude in degrees WGS-84 of places on the plane, shape (n,)."""
        if self.projection:
            return geodesy.to_wgs84(*geodesy.to_wgs84(y, x, crs=self.projection), crs=self.crs)
        return geodesy.to_wgs84(y, _wrapped(x) if self.in_degrees else x, crs=self.crs)

    def side(self, metres: float) -> float:
        """`metres` in the unit of a projected plane."""
        return metres / geodesy.metres_per_unit(self.projection or self.crs)


@dataclass(frozen=True)
class SquareGrid:
    """
    Squares (or rectangles) of a regular grid, each once, in the order of the file.

    Parameters
    ----------
    plane
        Where the grid is regular.
    x_0, y_0
        Left and lower line of column 0 and row 0.
    width, height
        Sides of a square, in degrees or the plane's unit.
    column, row
        Place of each square, from 0, shape (n,).
    """

    plane: Plane
    x_0: float
    y_0: float
    width: float
    height: float
    column: Ints = field(repr=False)
    row: Ints = field(repr=False)

    def __len__(self) -> int:
        return len(self.column)

    def key(self) -> str:
        """Digest of the geometry: equal grids have equal keys."""
        numbers = np.array([self.x_0, self.y_0, self.width, self.height])
        content = hashlib.blake2b(repr(self.plane).encode(), digest_size=16)
        for part in (numbers, self.column, self.row):
            content.update(np.ascontiguousarray(part).tobytes())
        return content.hexdigest()

    def __hash__(self) -> int:
        return hash(self.key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SquareGrid) and self.key() == other.key()

    def x_lines(self) -> Floats:
        """Lines between columns, ascending, shape (columns + 1,)."""
        return np.asarray(self.x_0 + self.width * np.arange(int(self.column.max()) + 2))

    def y_lines(self) -> Floats:
        """Lines between rows, ascending, shape (rows + 1,)."""
        return np.asarray(self.y_0 + self.height * np.arange(int(self.row.max()) + 2))

    def centres(self, *, every: int = 1) -> tuple[Floats, Floats]:
        """Latitude and longitude of the centre of `every` so many-th square, degrees WGS-84."""
        return self.place(self.column[::every] + 0.5, self.row[::every] + 0.5)

    def place(self, column: ArrayLike, row: ArrayLike) -> tuple[Floats, Floats]:
        """Degrees WGS-84 of a place counted in columns and rows, fractions included."""
        x = self.x_0 + np.asarray(column) * self.width
        y = self.y_0 + np.asarray(row) * self.height
        return self.plane.to_wgs84(x, y)


def _wrapped(lon: Floats) -> Floats:
    return np.asarray(lon - 360 * np.rint(lon / 360))
