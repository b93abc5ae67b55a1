"""The regular grid behind a table of centres: its lines, and the place of each square."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial import geodesy
from spatial.ingest.errors import InputError
from spatial.ingest.squares import CellSize, Plane, SquareGrid, cell_size

__all__ = ["find_grid"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_OFF_LATTICE: Final = 0.02  # of a cell's side: what rounding of written coordinates explains
_OTHER_SIZE: Final = 0.01  # how far the spacing may be from the side that was named
_METRES_IN_DEGREES: Final = 0.05  # the same where degrees stand for metres: no divisor is right


def find_grid(
    lat: ArrayLike, lon: ArrayLike, *, cell: CellSize | str, crs: str
) -> tuple[SquareGrid, tuple[str, ...]]:
    """
    The regular grid whose squares have these centres, and notes on what was found.

    Parameters
    ----------
    lat, lon
        Centres, shape (n,): degrees, or y and x in the unit of a projected `crs`.
    cell
        Size of the squares. Metres beside degrees leave the plane open: squares of so many
        degrees, the UTM zone and (in China) the CGCS2000 zones are tried, and the one in which
        the centres are most regular is taken and noted.
    crs
        Coordinate system of the centres, as `geodesy.to_wgs84` knows it.

    Raises
    ------
    InputError
        When the centres are on no such lattice, or one square comes twice.
    CoordinateError
        When positions lie off the Earth or `crs` is unknown.
    """
    size = cell_size(cell) if isinstance(cell, str) else cell
    y, x = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (lat, lon))
    if not len(y):
        raise InputError("a grid must have at least one square, found none")
    crs = geodesy.crs_name(crs)
    plane = Plane(crs)
    _check_positions(y, x, plane)
    if plane.in_degrees and size.unit == "m":
        return _grid_of_metres(y, _unwrapped(x), size, crs)
    if plane.in_degrees:
        grid, _ = _fit(_unwrapped(x), y, plane, size.width, size.height, slack=_OTHER_SIZE)
        return grid, ()
    if size.unit == "deg":
        raise InputError(f"cell must be in metres where crs is {crs}, found degrees")
    sides = plane.side(size.width), plane.side(size.height)
    grid, _ = _fit(x, y, plane, *sides, slack=_OTHER_SIZE)
    return grid, ()


def _grid_of_metres(
    lat: Floats, lon: Floats, size: CellSize, crs: str
) -> tuple[SquareGrid, tuple[str, ...]]:
    """The grid of centres in degrees whose squares were named in metres."""
    middle = float(np.radians((lat.min() + lat.max()) / 2))
    degree_km = geodesy.EARTH_RADIUS_KM * np.pi / 180
    high = size.height / 1000 / degree_km
    wide = size.width / 1000 / degree_km / np.cos(middle)
    trials = [(Plane(crs), wide, high, _METRES_IN_DEGREES)]
    for name in _projections(float(lat[0]), float(lon[0])):
        plane = Plane(crs, name)
        trials.append((plane, plane.side(size.width), plane.side(size.height), _OTHER_SIZE))
    found, refusals = [], []
    for plane, width, height, slack in trials:
        try:
            found.append(_fit(*plane.of_positions(lat, lon), plane, width, height, slack=slack))
        except InputError as error:
            refusals.append(f"in {plane.projection or f'degrees {crs}'}, {error}")
    if not found:
        raise InputError(
            "centres in degrees with a cell in metres must be regular in degrees or a known"
            f" projection, found none ({'; '.join(refusals)}): name the grid's own EPSG code and"
            " its x and y columns, or the cell in degrees"
        )
    grid, _ = min(found, key=lambda fitted: fitted[1])
    note = f"the centres are regular in {grid.plane.projection or f'degrees {crs}'}: taken as"
    if grid.plane.in_degrees:
        return grid, (f"{note} squares of {grid.width:.6g} x {grid.height:.6g} degrees",)
    return grid, (f"{note} squares there",)


def _projections(lat: float, lon: float) -> list[str]:
    names = [geodesy.utm_name(lat, lon)]
    if 73 <= lon <= 136 and 3 <= lat <= 54:
        # CGCS2000 Gauss-Krueger: 3-degree zones from 75 E, 6-degree zones likewise.
        names += [f"EPSG:{4534 + round((lon - 75) / 3)}", f"EPSG:{4502 + round((lon - 75) / 6)}"]
    return names


def _fit(
    x: Floats, y: Floats, plane: Plane, width: float, height: float, *, slack: float
) -> tuple[SquareGrid, float]:
    """The grid of these centres on `plane`, and how far off it any of them lies, in cells."""
    column, x_0, wide, off_x = _axis(x, width, slack=slack, name="columns")
    row, y_0, high, off_y = _axis(y, height, slack=slack, name="rows")
    _refuse_twice(column, row)
    _refuse_gaps(column, row)
    return SquareGrid(plane, x_0, y_0, wide, high, column, row), max(off_x, off_y)


def _axis(
    values: Floats, side: float, *, slack: float, name: str
) -> tuple[Ints, float, float, float]:
    """Index from 0 of each centre, the line below index 0, the spacing, and the misfit in cells."""
    distinct, back = np.unique(values, return_inverse=True)
    if (distinct[-1] - distinct[0]) / side > 1 << 31:
        reach = distinct[-1] - distinct[0]
        raise InputError(f"{name} must be countable, found {reach:g} of {side:g}")
    # Steps are rounded one by one, so a side that is slightly misnamed cannot add up.
    steps = np.cumsum(np.rint(np.diff(distinct) / side))
    index = np.concatenate([[0], steps]).astype(np.int64)[back.reshape(-1)]
    step = _slope(index, values, side)
    if abs(step - side) > slack * side:
        raise InputError(f"{name} must lie {side:.6g} apart, found {step:.6g}")
    # A spacing that differs only by rounding is the one that was named.
    if abs(step - side) * max(int(index.max()), 1) < 1e-6 * side:
        step = side
    start = float(np.median(values - index * step))
    off = np.abs(values - (start + index * step)) / step
    worst = int(off.argmax())
    if off[worst] > _OFF_LATTICE:
        raise InputError(
            f"{name} of centres must lie on a regular lattice {side:.6g} apart, found one"
            f" {off[worst]:.0%} of a cell off it in row {worst + 1}"
        )
    return index, start - step / 2, step, float(off[worst])


def _slope(index: Ints, values: Floats, otherwise: float) -> float:
    """Least-squares spacing of `values` by `index`; `otherwise` where all are in one place."""
    spread = index - index.mean()
    square = float(spread @ spread)
    return float(spread @ (values - values.mean())) / square if square else otherwise


def _refuse_twice(column: Ints, row: Ints) -> None:
    key = row * (int(column.max()) + 1) + column
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(np.diff(key[order]) == 0)
    if len(again):
        first, second = order[again[0]] + 1, order[again[0] + 1] + 1
        raise InputError(
            f"each square must come once, found {len(again)} repeated,"
            f" the first in rows {first} and {second}"
        )


def _refuse_gaps(column: Ints, row: Ints) -> None:
    """A cell named at half its true size would leave every other square empty."""
    apart = [int(np.gcd.reduce(np.unique(index))) for index in (column, row)]
    if min(apart) > 1 and min(len(np.unique(column)), len(np.unique(row))) > 3:
        raise InputError(
            f"neighbouring centres must lie one cell apart, found every {apart[0]}th column and"
            f" every {apart[1]}th row only: the cell is larger than named"
        )


def _check_positions(y: Floats, x: Floats, plane: Plane) -> None:
    if plane.in_degrees:
        geodesy.check_degrees(y, x)
        return
    for name, values in (("y", y), ("x", x)):
        if len(bad := np.flatnonzero(~np.isfinite(values))):
            raise geodesy.CoordinateError(
                f"{name} must be a number, found none in row {bad[0] + 1}"
            )
    ends = [int(found) for found in (y.argmin(), y.argmax(), x.argmin(), x.argmax())]
    geodesy.to_wgs84(y[ends], x[ends], crs=plane.crs)


def _unwrapped(lon: Floats) -> Floats:
    """Longitudes within 180 degrees of the first."""
    return np.asarray(lon - 360 * np.rint((lon - lon[0]) / 360))
