"""Ends of flows: what the ids of a flow file stand for, cells, points or zones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Protocol

import h3
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.ingest.errors import InputError
from spatial.ingest.points import _positions
from spatial.ingest.read import read_table
from spatial.ingest.shapes import read_shapes
from spatial.ingest.values import ids_of
from spatial.ingest.weights import Weights
from spatial.ingest.zones import zone_weights

__all__ = ["PLACELESS", "UNKNOWN", "CellEnds", "Ends", "PointEnds", "ZoneEnds"]

Ints = NDArray[np.int64]

# What an id's number is where the id leads nowhere.
UNKNOWN: Final = -1
PLACELESS: Final = -2

_NO_CELL: Final = 0
_HEX: Final = re.compile("0?[0-9a-fA-F]{15}")
_PLAIN: Final = re.compile("[0-9]{18}")  # every cell has 18 digits, so the two never meet


class Ends(Protocol):
    """What the ids of a flow file stand for."""

    unknown: str
    placeless: str

    def number(self, ids: list[str]) -> Ints:
        """Number of each id's end from 0, or UNKNOWN or PLACELESS, shape (n,)."""

    def example(self) -> str:
        """An id as it should be, for messages."""


class CellEnds:
    """Ends that are cells: hex or plain numbers, rolled up to `resolution` where finer."""

    unknown = "whose {end} id is no cell"
    placeless = ""

    def __init__(self, *, resolution: int) -> None:
        self.resolution = resolution
        self.rolled_up = False
        self._numbers: dict[int, int] = {}
        self._known: dict[str, int] = {}

    @property
    def cells(self) -> h3cells.Cells:
        """The cells in the order of their numbers, shape (k,)."""
        return np.fromiter(self._numbers, dtype=np.uint64, count=len(self._numbers))

    def number(self, ids: list[str]) -> Ints:
        """Number of each id's cell at the resolution wanted, shape (n,)."""
        if new := [one for one in ids if one not in self._known]:
            self._known.update(dict(zip(new, self._numbered(new), strict=True)))
        return np.array([self._known[one] for one in ids], dtype=np.int64)

    def example(self) -> str:
        """A cell of the resolution wanted, in hex."""
        at = h3cells.points_to_cells([0.0], [0.0], resolution=self.resolution)
        return str(h3cells.to_text(at)[0])

    def _numbered(self, ids: list[str]) -> list[int]:
        found = np.array([_cell(one) for one in ids], dtype=np.uint64)
        own = ((found >> np.uint64(52)) & np.uint64(15)).astype(np.int64)
        valid = found != _NO_CELL
        if (coarse := np.flatnonzero(valid & (own < self.resolution))).size:
            raise InputError(
                f"cells must be of resolution {self.resolution} or finer, found"
                f" {ids[coarse[0]]} of resolution {own[coarse[0]]}"
            )
        for fine in np.unique(own[valid & (own > self.resolution)]):
            self.rolled_up = True
            here = valid & (own == fine)
            found[here] = h3cells.parents(found[here], resolution=self.resolution)
        return [
            self._numbers.setdefault(cell, len(self._numbers)) if cell != _NO_CELL else UNKNOWN
            for cell in found.tolist()
        ]


class PointEnds:
    """Ends that are points of a file."""

    unknown = "whose {end} id no point has"
    placeless = "whose {end} point is without coordinates"

    def __init__(
        self,
        path: Path,
        *,
        id: str,  # noqa: A002 - the option's own name
        lat: str,
        lon: str,
        crs: str,
        resolution: int,
    ) -> None:
        table = read_table(path)
        ids = ids_of(table, id)
        north, east, known = _positions(table, lat, lon, crs)
        self.table = pd.DataFrame(
            {
                "id": ids.to_numpy()[known].astype(str),
                "lat": north,
                "lon": east,
                "cell": h3cells.points_to_cells(north, east, resolution=resolution),
            }
        )
        self._ids = pd.Index(ids.to_numpy().astype(object))
        self._numbers = np.append(np.where(known, np.cumsum(known) - 1, PLACELESS), UNKNOWN)

    def number(self, ids: list[str]) -> Ints:
        """Row in `table` of each id's point, shape (n,)."""
        return np.asarray(self._numbers[self._ids.get_indexer(np.asarray(ids, dtype=object))])

    def example(self) -> str:
        """The first point's id."""
        return str(self._ids[0])


class ZoneEnds:
    """Ends that are polygons of a file."""

    unknown = "whose {end} id no zone has"
    placeless = "whose {end} zone is without a shape"

    def __init__(self, path: Path, *, id: str, crs: str, layer: str) -> None:  # noqa: A002
        table = read_shapes(path, crs=crs, layer=layer)
        table.attrs["source"] = path.name
        self._ids = pd.Index(ids_of(table, id).to_numpy().astype(object))
        shapes = np.asarray(table.geometry.to_numpy(), dtype=object)
        has_area = shapely.area(shapes) > 0
        if not has_area.any():
            raise InputError(f"{path.name}: zones must be polygons, found none with an area")
        self._shapes = shapes
        self._numbers = np.append(np.where(has_area, np.arange(len(shapes)), PLACELESS), UNKNOWN)

    def number(self, ids: list[str]) -> Ints:
        """Row of each id's zone, shape (n,)."""
        return np.asarray(self._numbers[self._ids.get_indexer(np.asarray(ids, dtype=object))])

    def example(self) -> str:
        """The first zone's id."""
        return str(self._ids[0])

    def weights(self, used: Ints, *, resolution: int) -> Weights:
        """Shares of the zones at the rows `used` in the cells; sources numbered as in `used`."""
        return zone_weights(self._shapes[used], resolution=resolution)


def _cell(text: str) -> int:
    """The cell a text names, in hex or as a plain number; 0 where it names none."""
    if _PLAIN.fullmatch(text):
        text = f"{int(text):x}"
    elif not _HEX.fullmatch(text):
        return _NO_CELL
    return int(text, 16) if h3.is_valid_cell(text) else _NO_CELL
