"""Areas: the part of a study that is asked about, and who is inside it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells
from spatial.cells import Cells
from spatial.places import Places
from spatial.question import QuestionError
from spatial.study import Study

__all__ = ["Area", "AreaKind", "area_of", "drawn_area", "shape_area"]

AreaKind = Literal["study", "district", "place", "drawn"]
"""The whole study, one of its districts or places, or an outline that was drawn."""
Mask = NDArray[np.bool_]

_NEAR: Final = 3


@dataclass(frozen=True, eq=False)
class Area:
    """
    The whole study, or the part of it that is asked about.

    Parameters
    ----------
    kind
        The whole study, a district, a place, or what somebody drew.
    id, name, name_en
        Empty for the whole study and for what was drawn without a name.
    shape
        Longitude and latitude in degrees; None for the whole study and for a place.
    cells
        Cells of a place, sorted, at their own resolution, which may be coarser than the study's.
    before
        Shapes that come first where they and `shape` meet, so that a point on a shared edge
        is in one district only.
    """

    kind: AreaKind
    id: str = ""
    name: str = ""
    name_en: str = ""
    shape: shapely.Geometry | None = field(default=None, repr=False)
    cells: Cells | None = field(default=None, repr=False)
    before: tuple[shapely.Geometry, ...] = field(default=(), repr=False)

    def holds(self, lat: ArrayLike, lon: ArrayLike, cell: ArrayLike) -> Mask:
        """
        Whether each of m points lies in the area, shape (m,).

        Parameters
        ----------
        lat, lon
            Degrees WGS-84, of shape (m,): what a district or a drawn area asks for.
        cell
            Cell of each point, of shape (m,): what a place asks for.
        """
        ids = h3cells.as_cells(cell)
        if self.cells is not None:
            return _among(ids, self.cells)
        if self.shape is None:
            return np.full(len(ids), self.kind == "study")
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        inside = _inside(self.shape, x, y)
        for other in self.before:
            rows = np.flatnonzero(inside)
            inside[rows[_inside(other, x[rows], y[rows])]] = False
        return inside


def area_of(study: Study, name: str, *, places: Places | None = None) -> Area:
    """
    The district or place of that id or name, the whole study for "".

    Parameters
    ----------
    study
        Whose area it is.
    name
        Id or name in either language, upper or lower case; districts are looked through before
        places.
    places
        Of some role and year of the study; without them only districts are known.

    Raises
    ------
    QuestionError
        When there is no such area, with the nearest names there are, or more than one.
    """
    wanted = name.strip()
    if not wanted:
        title = study.info.title
        plain = title.get("en") or study.info.name
        return Area("study", "", title.get("zh") or plain, plain)
    districts = study.layer("districts")
    if len(rows := _rows_named(districts, wanted)):
        return _district(districts, _the_one(districts, rows, wanted))
    if places is not None and len(rows := _rows_named(places.table, wanted)):
        return _place(places, _the_one(places.table, rows, wanted))
    tables = [districts, *([] if places is None else [places.table])]
    known = [one for table in tables for one in _names(table)]
    near = difflib.get_close_matches(wanted, known, n=_NEAR, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    kinds = "district" if places is None else "district or place"
    raise QuestionError(f"an area must be a {kinds} of {study.info.name}, found {name!r}{hint}")


def drawn_area(ring: Sequence[tuple[float, float]]) -> Area:
    """
    What lies within corners (latitude, longitude) in degrees; the first need not be repeated.

    Raises
    ------
    QuestionError
        When these are not the corners of an outline that does not cross itself.
    """
    corners = np.asarray(ring, dtype=np.float64)
    if corners.ndim != 2 or corners.shape[1:] != (2,) or len(corners) < 3:
        raise QuestionError(f"a drawn area needs three corners or more, found {len(ring)}")
    return shape_area(shapely.Polygon(corners[:, ::-1]))


def shape_area(shape: shapely.Geometry, *, name: str = "") -> Area:
    """
    What lies within a polygon or several, longitude and latitude in degrees.

    Raises
    ------
    QuestionError
        When the shape is no polygon, has no extent, is off the Earth, or crosses itself.
    """
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon) or shapely.is_empty(shape):
        raise QuestionError(f"a drawn area must be a polygon, found {type(shape).__name__}")
    west, south, east, north = shapely.bounds(shape).tolist()
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise QuestionError("corners of a drawn area must lie on the Earth, found some that do not")
    if not shapely.is_valid(shape) or not shapely.area(shape) > 0:
        reason = shapely.is_valid_reason(shape)
        raise QuestionError(f"a drawn area must not cross itself or be a line, found {reason}")
    return Area("drawn", "", name, name, shape=shape)


def _district(districts: gpd.GeoDataFrame, row: int) -> Area:
    shapes, named = districts.geometry.to_numpy(), districts.iloc[row]
    if shapes[row] is None or shapely.is_empty(shapes[row]):
        raise QuestionError(f"an area must have an outline, {named['name_en']} has none")
    # As in `district_of`: what two districts share goes to the one that stands last.
    later = [
        one for one in shapes[row + 1 :] if shapely.intersects(_sound(one), _sound(shapes[row]))
    ]
    return Area(
        "district",
        str(named["id"]),
        str(named["name"]),
        str(named["name_en"]),
        shape=shapes[row],
        before=tuple(later),
    )


def _place(places: Places, row: int) -> Area:
    named = places.table.iloc[row]
    held = places.member.index[(places.member == named["id"]).to_numpy()]
    return Area(
        "place",
        str(named["id"]),
        str(named.get("name", named["id"])),
        str(named.get("name_en", named["id"])),
        cells=np.sort(h3cells.as_cells(held)),
    )


def _rows_named(table: pd.DataFrame, wanted: str) -> list[int]:
    """Rows of that id; else of that name in either language."""
    plain = wanted.casefold()
    for columns in (("id",), ("name", "name_en")):
        match = np.zeros(len(table), dtype=np.bool_)
        for column in columns:
            if column in table:
                texts = [str(one).strip().casefold() for one in table[column]]
                match |= np.array([one == plain for one in texts], dtype=np.bool_)
        if match.any():
            return np.flatnonzero(match).tolist()
    return []


def _the_one(table: pd.DataFrame, rows: list[int], wanted: str) -> int:
    if len(rows) > 1:
        ids = ", ".join(str(one) for one in table["id"].iloc[rows])
        raise QuestionError(f"an area must be named apart, found {len(rows)} {wanted!r}: ids {ids}")
    return rows[0]


def _names(table: pd.DataFrame) -> list[str]:
    found = [
        str(one) for column in ("name_en", "name", "id") if column in table for one in table[column]
    ]
    return list(dict.fromkeys(found))


def _among(ids: Cells, held: Cells) -> Mask:
    """Whether each cell is one of `held`, or lies in one: `held` may be coarser."""
    if not len(ids) or not len(held):
        return np.zeros(len(ids), dtype=np.bool_)
    resolution = h3cells.resolution_of(held)
    if resolution < h3cells.resolution_of(ids):
        ids = h3cells.parents(ids, resolution=resolution)
    return np.isin(ids, held)


def _inside(shape: shapely.Geometry, x: NDArray[np.float64], y: NDArray[np.float64]) -> Mask:
    """Whether each point lies in the shape or on its edge."""
    west, south, east, north = shapely.bounds(shape).tolist()
    rows = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
    found = np.zeros(len(x), dtype=np.bool_)
    if len(rows):
        shapely.prepare(shape)
        found[rows] = shapely.intersects_xy(shape, x[rows], y[rows])
    return found


def _sound(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shapely.is_valid(shape) else shapely.make_valid(shape)
