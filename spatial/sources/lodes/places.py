"""Places of blocks: points of a crosswalk, or the zones whose ids their own begin with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from spatial import geodesy
from spatial.ingest.audit import Audit
from spatial.ingest.counted import Counted
from spatial.ingest.errors import InputError, naming
from spatial.ingest.flow_ends import PLACELESS, UNKNOWN
from spatial.ingest.shapes import read_shapes
from spatial.ingest.weights import Weights, centre_weights
from spatial.ingest.zones import SHAPELESS, zone_weights
from spatial.sources.lodes.naming import BLOCKS
from spatial.sources.lodes.raw import batches, columns_of
from spatial.sources.lodes.read import BlockCounts, id_column, ids_of_text

__all__ = ["ELSEWHERE", "BlockPoints", "BlockZones", "Places", "counted"]

Ints = NDArray[np.int64]

ELSEWHERE: Final = -4
"""Number of a block of a county, or a state, about which nothing was given."""
_BLOCK: Final = 15
_COUNTY: Final = 5
_STATE: Final = 2


class Places(Protocol):
    """What says where blocks are."""

    unknown: str
    placeless: str

    @property
    def reasons(self) -> Mapping[int, str]:
        """Why a block has no place, by its number."""

    def numbers(self, ids: Ints, width: int) -> Ints:
        """Number of each block's source from 0, or a number of `reasons`, shape (n,)."""

    @property
    def weights(self) -> Weights:
        """Share of each source in each cell."""

    def number(self, ids: list[str]) -> Ints:
        """As `numbers`, of ids of blocks as text; every reason is UNKNOWN or PLACELESS."""

    def example(self) -> str:
        """An id as it should be, for messages."""


class BlockPoints:
    """
    Blocks at the internal points of one or several crosswalks.

    Parameters
    ----------
    paths
        The crosswalks, one a state.
    version
        7 or 8: which census's blocks are meant.
    resolution
        H3 resolution of the cells.
    """

    unknown = "whose {end} block lies in a state without a crosswalk here"
    placeless = "whose {end} block the crosswalk gives no place"

    def __init__(self, paths: Iterable[Path], *, version: int, resolution: int) -> None:
        parts = [_crosswalk(path, version) for path in paths]
        table = pd.concat(parts, ignore_index=True).sort_values("block", ignore_index=True)
        if twice := int(table["block"].duplicated().sum()):
            raise InputError(f"crosswalks must hold each block once, found {twice:,} repeated")
        self._ids = table["block"].to_numpy(dtype=np.int64)
        lat, lon = table["lat"].to_numpy(), table["lon"].to_numpy()
        self._states = np.unique(self._ids // 10 ** (_BLOCK - _STATE))
        self.weights = centre_weights(lat, lon, resolution=resolution)
        self.table = pd.DataFrame(
            {
                "id": [f"{one:015d}" for one in self._ids.tolist()],
                "lat": lat,
                "lon": lon,
                "cell": self.weights.cells[self.weights.code],
            }
        )

    @property
    def reasons(self) -> Mapping[int, str]:
        """Why a block has no place, by its number."""
        return {
            UNKNOWN: "in a state without a crosswalk here",
            PLACELESS: "in a block that the crosswalk gives no place",
        }

    def numbers(self, ids: Ints, width: int) -> Ints:
        """Row of each block in `table`, or a number of `reasons`, shape (n,)."""
        if width != _BLOCK:
            raise InputError(
                f"a crosswalk places blocks (15 digits), found ids of {width}: --zones"
            )
        at = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        known = np.isin(ids // 10 ** (_BLOCK - _STATE), self._states)
        return np.where(self._ids[at] == ids, at, np.where(known, PLACELESS, UNKNOWN))

    def number(self, ids: list[str]) -> Ints:
        """Row of each block in `table`, or UNKNOWN or PLACELESS, shape (n,)."""
        return self.numbers(_numbers_of(ids), _BLOCK)

    def example(self) -> str:
        """The first block's id."""
        return str(self.table["id"].iloc[0])


class BlockZones:
    """
    Blocks spread over the zones whose ids theirs begin with.

    Parameters
    ----------
    path, crs, layer
        File of polygons, as for `read_shapes`.
    id
        Its column of ids: of block groups, tracts, counties or blocks; "" where it has a name
        that such columns have.
    resolution
        H3 resolution of the cells.
    """

    unknown = "whose {end} block lies in no zone given"
    placeless = "whose {end} zone is without a shape"

    def __init__(
        self,
        path: Path,
        *,
        id: str = "",  # noqa: A002 - the option's own name
        crs: str = "",
        layer: str = "",
        resolution: int,
    ) -> None:
        zones = read_shapes(path, crs=crs, layer=layer)
        self.name = path.name
        self._ids, self.width, shapes = _zones(zones, path.name, id)
        has_area = shapely.area(shapes) > 0
        if not has_area.any():
            raise InputError(f"{path.name}: zones must be polygons, found none with an area")
        self._number = np.where(has_area, np.cumsum(has_area) - 1, PLACELESS)
        self._counties = np.unique(self._ids // 10 ** max(self.width - _COUNTY, 0))
        self._shapes, self._resolution = shapes[has_area], resolution
        self.weights = zone_weights(self._shapes, resolution=resolution)

    @property
    def reasons(self) -> Mapping[int, str]:
        """Why a block has no place, by its number."""
        return {
            ELSEWHERE: f"in a county without zones in {self.name}",
            UNKNOWN: f"in a county with zones in {self.name}, but none with the id's first"
            f" {self.width} digits",
            PLACELESS: SHAPELESS,
        }

    def numbers(self, ids: Ints, width: int) -> Ints:
        """Number of each block's zone, or a number of `reasons`, shape (n,)."""
        if width < self.width:
            raise InputError(
                f"{self.name}: zones must be as large as what is counted or larger, found ids of"
                f" {self.width} digits for counts by ids of {width}"
            )
        prefix = ids // 10 ** (width - self.width)
        at = np.minimum(np.searchsorted(self._ids, prefix), len(self._ids) - 1)
        covered = np.isin(ids // 10 ** max(width - _COUNTY, 0), self._counties)
        return np.where(
            self._ids[at] == prefix, self._number[at], np.where(covered, UNKNOWN, ELSEWHERE)
        )

    def number(self, ids: list[str]) -> Ints:
        """Number of each block's zone, or UNKNOWN or PLACELESS, shape (n,)."""
        found = self.numbers(_numbers_of(ids), _BLOCK)
        return np.where(found == ELSEWHERE, UNKNOWN, found)

    def example(self) -> str:
        """The first zone's id."""
        return f"{self._ids[0]:0{self.width}d}"


def counted(counts: BlockCounts, places: Places) -> Counted:
    """
    Jobs, base and graduates per cell with any jobs, and where every one of them went.

    What is shared out is shared out alike, so that what the columns of each block add up to, they
    add up to in each cell.
    """
    number = places.numbers(counts.ids, counts.width)
    placed, weights = number >= 0, places.weights
    columns, audit = {}, {}
    for name in ("jobs", "base", "graduates"):
        people = getattr(counts, name).astype(np.float64)
        by_source = np.bincount(number[placed], people[placed], weights.sources)
        columns[name] = weights.spread(by_source)
        lost = {why: float(people[number == code].sum()) for code, why in places.reasons.items()}
        audit[name] = Audit(
            people_in=float(people.sum()),
            on_map=float(columns[name].sum()),
            dropped={why: gone for why, gone in lost.items() if gone},
        ).checked()
    found = pd.DataFrame(columns, index=pd.Index(weights.cells, name="cell"))
    return Counted(found[found["jobs"] > 0], audit)


def _numbers_of(ids: list[str]) -> Ints:
    """Ids of blocks as numbers; what is no such id becomes one that no block has."""
    texts = pa.array(ids, pa.string())
    right = pc.match_substring_regex(texts, "^[0-9]{15}$")
    return np.asarray(pc.cast(pc.if_else(right, texts, "0"), pa.int64()), dtype=np.int64)


def _crosswalk(path: Path, version: int) -> pd.DataFrame:
    """Blocks of one crosswalk that have a place: block (number), lat and lon in degrees."""
    block, columns = f"tabblk{BLOCKS[version]}", columns_of(path)
    if block not in columns:
        other = [one for one in columns if one.startswith("tabblk")]
        raise InputError(
            f"{path.name}: LODES{version} counts by blocks of {BLOCKS[version]} and needs a"
            f" crosswalk with column {block}, found {', '.join(other) or 'none of blocks'}:"
            " versions do not mix"
        )
    parts = []
    for batch in batches(path, [block, "blklatdd", "blklondd"]):
        ids, _ = ids_of_text(batch.column(block), _BLOCK, name=path.name, column=block)
        lat, lon = (
            pd.to_numeric(pd.Series(batch.column(one).to_pylist(), dtype=object), errors="coerce")
            for one in ("blklatdd", "blklondd")
        )
        parts.append(pd.DataFrame({"block": ids, "lat": lat, "lon": lon}, dtype=None))
    table = pd.concat(parts, ignore_index=True).dropna().astype({"lat": float, "lon": float})
    if table.empty:
        raise InputError(f"{path.name}: blocks must have coordinates in blklatdd, found none")
    with naming(path.name):
        geodesy.check_degrees(table["lat"].to_numpy(), table["lon"].to_numpy())
    return table


def _zones(zones: gpd.GeoDataFrame, name: str, asked: str) -> tuple[Ints, int, NDArray[np.object_]]:
    """Ids of zones as numbers, sorted, how many digits they have, and the shapes."""
    named = [str(one) for one in zones.columns if one != zones.geometry.name]
    column = id_column(named, name=name, asked=asked)
    texts = pa.array(zones[column].astype("string").fillna("").str.strip().tolist(), pa.string())
    ids, width = ids_of_text(texts, 0, name=name, column=column)
    order = np.argsort(ids, kind="stable")
    if len(again := np.flatnonzero(ids[order][1:] == ids[order][:-1])):
        twice = ids[order][again[0]]
        raise InputError(
            f"{name}: each id in column {column} must come once, found {twice:0{width}d} again"
        )
    shapes = np.asarray(zones.geometry.to_numpy(), dtype=object)
    return ids[order], width, shapes[order]
