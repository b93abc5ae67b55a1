"""A study: one folder with counts per cell, flows, layers and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from json import JSONDecodeError, dumps, loads
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial import api, pages
from spatial import cells as h3cells
from spatial.area import study_area
from spatial.info import Break, Group, Source, StudyInfo, Words
from spatial.schema import (
    LAYERS,
    Role,
    SchemaError,
    check_counts,
    check_flows,
    check_layer,
    check_pairs,
    check_points,
)

__all__ = ["FORMAT", "Break", "Group", "Source", "Study", "StudyInfo", "Words", "open_study"]

FORMAT = 1
RING = 2


@dataclass(frozen=True, eq=False)
class Study:
    """One opened study; its tables are read when first asked for and are not to be changed."""

    path: Path
    info: StudyInfo
    files: dict[str, str]

    # What one asks of a study; each says in `spatial.api` what it takes and gives.
    hotspots = api.hotspots
    places = api.places
    robustness = api.robustness
    compare = api.compare
    commute = api.commute
    siting = api.siting
    homes = api.homes

    # What is drawn of it; each says in `spatial.pages` what it takes and gives.
    map = pages.map_page
    sheet = pages.sheet
    brief = pages.brief

    def __repr__(self) -> str:
        kind = "synthetic" if self.info.synthetic else "measured"
        years = f"{self.years[0]}-{self.years[-1]}" if self.years else "no years"
        return (
            f"Study({self.info.name!r}: {len(self.counts):,} rows, {len(self.area):,} cells of"
            f" resolution {self.info.resolution}, {years}, {kind})"
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the info and the hashes of all files: two equal studies share it."""
        content = {"info": self.info.to_json(), "files": self.files}
        return sha256(dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Graduates and base per cell, role and year; cells without a row hold none."""
        return pd.read_parquet(self.path / "counts.parquet")

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Graduates from residence cell to work cell by year; empty where the study has none."""
        if not self.has("flows"):
            columns = {"origin": "uint64", "destination": "uint64", "year": "int64"}
            return pd.DataFrame(
                {name: pd.Series(dtype=kind) for name, kind in columns.items()}
                | {"graduates": pd.Series(dtype="float64")}
            )
        return pd.read_parquet(self.path / "flows.parquet")

    @cached_property
    def points(self) -> pd.DataFrame:
        """Points of the source's flows: id, lat, lon (degrees WGS-84) and the cell of each."""
        return pd.read_parquet(self.path / "points.parquet")

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Flows between rows of `points`; columns origin, destination, year and graduates."""
        return pd.read_parquet(self.path / "pairs.parquet")

    def has(self, table: str) -> bool:
        """Whether the study brings this table."""
        return f"{table}.parquet" in self.files

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """One layer, WGS-84; empty, with its columns, where the study has none."""
        if name not in LAYERS:
            raise SchemaError(f"a layer must be one of {', '.join(LAYERS)}, found {name}")
        return self._layers(name)

    @cached_property
    def _read_layers(self) -> dict[str, gpd.GeoDataFrame]:
        return {}

    def _layers(self, name: str) -> gpd.GeoDataFrame:
        if name not in self._read_layers:
            if self.has(name):
                self._read_layers[name] = gpd.read_parquet(self.path / f"{name}.parquet")
            else:
                empty: dict[str, list[str]] = {column: [] for column in LAYERS[name]}
                self._read_layers[name] = gpd.GeoDataFrame(empty, geometry=[], crs=4326)
        return self._read_layers[name]

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years with any counts, ascending."""
        return tuple(int(year) for year in sorted(self.counts["year"].unique()))

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """Roles with any counts: residence before work."""
        found = set(self.counts["role"].astype(str).unique())
        return tuple(role for role in ("residence", "work") if role in found)

    def years_of(self, role: Role) -> tuple[int, ...]:
        """Years in which `role` was counted, ascending."""
        return tuple(sorted(year for one, year in self._rows if one == role))

    def has_base(self, role: Role, year: int) -> bool:
        """Whether the study says what graduates of this role and year are compared with."""
        return bool(self._counted(role, year)["base"].notna().any())

    def _counted(self, role: Role, year: int) -> pd.DataFrame:
        """Rows of `counts` of one role and year."""
        return self.counts.iloc[self._rows.get((role, year), np.empty(0, dtype=np.intp))]

    @cached_property
    def _rows(self) -> dict[tuple[str, int], NDArray[np.intp]]:
        """Positions in `counts` of each role and year: every question asks for one of them."""
        found: dict[Any, Any] = self.counts.groupby(["role", "year"], observed=True).indices
        return {(str(role), int(year)): rows for (role, year), rows in found.items()}

    @cached_property
    def area(self) -> h3cells.Cells:
        """
        The study area, sorted: cells with base or graduates in any year, a ring of two, no holes.

        Statistics run on all of it, zeros included.
        """
        filled = (self.counts["graduates"] > 0) | (self.counts["base"].fillna(0) > 0)
        held = self.counts.loc[filled, "cell"].unique()
        return study_area(held, ring=RING)

    @cached_property
    def area_km2(self) -> pd.Series:
        """Area of each cell of the study area, km2; every density needs it anew otherwise."""
        areas = h3cells.area_km2(self.area)
        return pd.Series(areas, index=pd.Index(self.area, name="cell"), name="area_km2")

    def series(self, *, role: Role, year: int, group: str = "all") -> pd.DataFrame:
        """
        Graduates and base of one role, year and group on every cell of the study area.

        Returns
        -------
        pandas.DataFrame
            Index `cell` (uint64, sorted), columns graduates and base, float64. Graduates are 0
            where none were counted; base is 0 there too, or NaN all over where the study has no
            base for this role and year.

        Raises
        ------
        SchemaError
            When the study has no such role, year or group.
        """
        rows = self._counted(role, year)
        if rows.empty:
            raise SchemaError(
                f"{self.info.name} counts {role} in {', '.join(map(str, self.years_of(role)))}"
                f", not in {year}"
            )
        known = ["all", *(one.id for one in self.info.groups)]
        if group not in known:
            raise SchemaError(f"group must be one of {', '.join(known)}, found {group}")
        column = "graduates" if group == "all" else group
        graduates = self._on_area(rows["cell"], rows[column])
        base = self._on_area(rows["cell"], rows["base"])
        if not rows["base"].notna().any():
            base[:] = np.nan
        index = pd.Index(self.area, name="cell")
        return pd.DataFrame({"graduates": graduates, "base": base}, index=index)

    def _on_area(self, cells: pd.Series, amounts: pd.Series) -> NDArray[np.float64]:
        """Amount of each cell of the study area, 0 where `cells` do not name it."""
        ids = cells.to_numpy()
        at = np.searchsorted(self.area, ids)
        inside = at < len(self.area)
        inside[inside] = self.area[at[inside]] == ids[inside]
        found = np.zeros(len(self.area))
        found[at[inside]] = amounts.astype("float64").fillna(0.0).to_numpy()[inside]
        return found

    def break_between(self, first: int, second: int, *, series: str | None = None) -> list[Break]:
        """Breaks that lie between two years, of one series or of any."""
        low, high = sorted((first, second))
        return [
            one
            for one in self.info.breaks
            if low <= one.after < one.before <= high and series in (None, one.series)
        ]

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Latitude and longitude of the study's centre: as named, else the mean of its cells."""
        if self.info.centre is not None:
            return self.info.centre
        lat, lon = h3cells.centres(self.area)
        return (float(np.mean(lat)), float(np.mean(lon))) if len(lat) else (0.0, 0.0)


def open_study(path: str | Path) -> Study:
    """
    The study in a folder, after its hashes and schema are checked.

    Raises
    ------
    SchemaError
        Naming everything that is wrong.
    """
    from spatial.store import recover  # the store writes studies and needs this module

    folder = Path(path)
    recover(folder)
    study, faults = inspect(folder)
    if study is None or faults:
        raise SchemaError(f"{folder}: " + "; ".join(faults))
    return study


def inspect(folder: Path) -> tuple[Study | None, list[str]]:
    """The study in a folder, if it can be read at all, and every fault found in it."""
    described = folder / "study.json"
    if not described.is_file():
        return None, ["a study is a folder with a study.json, none found"]
    try:
        given = loads(described.read_text(encoding="utf-8"))
        info = StudyInfo.from_json(given)
    except SchemaError as fault:
        return None, [str(fault)]
    except (JSONDecodeError, UnicodeDecodeError, RecursionError) as fault:
        return None, [f"study.json cannot be read: {fault}"]
    if given.get("format") != FORMAT:
        return None, [f"study.json: format must be {FORMAT}, found {given.get('format')!r}"]
    files = given.get("files")
    if not isinstance(files, dict) or not all(isinstance(one, str) for one in files.values()):
        return None, ["study.json: files must name the SHA-256 of each file"]
    study = Study(folder, info, files)
    return study, [*_file_faults(study), *_table_faults(study)]


def hash_of(file: Path) -> str:
    """SHA-256 of a file's content."""
    return sha256(file.read_bytes()).hexdigest()


def _file_faults(study: Study) -> list[str]:
    faults = []
    if "counts.parquet" not in study.files:
        faults.append("study.json lists no counts.parquet")
    for name, digest in study.files.items():
        file = study.path / name
        if Path(name).name != name or not file.is_file():
            faults.append(f"{name} is listed and not there")
        elif hash_of(file) != digest:
            faults.append(f"{name} is not the file that was saved (its SHA-256 differs)")
    return faults


def _table_faults(study: Study) -> list[str]:
    faults: list[str] = []
    own = ("counts", "flows", "points", "pairs")
    checks: list[tuple[str, Any]] = [(name, None) for name in own]
    checks += [(name, name) for name in LAYERS]
    for table, layer in checks:
        if not study.has(table) or not (study.path / f"{table}.parquet").is_file():
            continue
        try:
            if table == "counts":
                check_counts(study.counts, groups=[one.id for one in study.info.groups])
                _check_resolution(study)
            elif table == "flows":
                check_flows(study.flows)
            elif table == "points":
                check_points(study.points)
            elif table == "pairs":
                check_pairs(study.pairs, points=len(study.points) if study.has("points") else 0)
            else:
                check_layer(study.layer(layer), name=layer)
        except SchemaError as fault:
            faults.append(str(fault))
        except (OSError, ValueError, shapely.errors.ShapelyError) as fault:
            if hash_of(study.path / f"{table}.parquet") == study.files[f"{table}.parquet"]:
                faults.append(f"{table}.parquet cannot be read: {str(fault).splitlines()[0]}")
    return faults


def _check_resolution(study: Study) -> None:
    if study.counts.empty:
        return
    found = h3cells.resolution_of(study.counts["cell"].unique())
    if found != study.info.resolution:
        raise SchemaError(
            f"counts: cells must be of resolution {study.info.resolution}, found {found}"
        )
