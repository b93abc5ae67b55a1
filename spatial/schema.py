"""The words: roles, columns and tables of a study, and what makes each table valid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

__all__ = [
    "COUNT_COLUMNS",
    "FLOW_COLUMNS",
    "LAYERS",
    "MEASURES",
    "PAIR_COLUMNS",
    "PLACE_CLASSES",
    "POINT_COLUMNS",
    "ROLES",
    "Hotspot",
    "Measure",
    "PlaceClass",
    "Role",
    "SchemaError",
    "check_columns",
    "check_counts",
    "check_flows",
    "check_layer",
    "check_pairs",
    "check_points",
]

Role = Literal["residence", "work"]
"""Where graduates are counted."""
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""Both roles, homes first."""

Measure = Literal["count", "density", "share", "surplus"]
"""What is mapped: graduates, graduates per km2, share of base, surplus over what base predicts."""
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
"""Every measure."""

Hotspot = Literal["hot", "cold", "none"]
"""What may be said of a cell."""

PlaceClass = Literal["work_centre", "residential_pocket", "mixed_live_work", "campus_edge"]
"""Classes of places; the rule is ours."""
PLACE_CLASSES: Final[tuple[PlaceClass, ...]] = get_args(PlaceClass)
"""Every class."""

COUNT_COLUMNS: Final = ("cell", "role", "year", "graduates", "base")
"""Columns of counts; a study's groups stand beside them."""
FLOW_COLUMNS: Final = ("origin", "destination", "year", "graduates")
"""Columns of flows."""
# Where a source gives points rather than cells: the points, and flows between rows of them.
POINT_COLUMNS: Final = ("id", "lat", "lon", "cell")
"""Columns of the points that a source counts at."""
PAIR_COLUMNS: Final = FLOW_COLUMNS
"""Columns of flows between rows of points."""

# Layers a study may bring, and the columns each must have (all GeoParquet, WGS-84).
LAYERS: Final[dict[str, tuple[str, ...]]] = {
    "districts": ("id", "name", "name_en"),
    "stations": ("id", "name", "name_en", "lines", "opened"),
    "rail_links": ("a", "b", "line", "opened"),
    "rents": ("id", "rent", "area_m2", "kind", "year"),
    "campuses": ("id", "name", "name_en"),
    "places": ("id", "name", "name_en", "kind", "reach_km"),
    "ground": ("id", "name", "name_en", "kind"),
}
"""Columns of each layer, its geometry apart."""

# A resolution-15 cell id and above would not fit the mode bits: H3 cells have mode 1.
_CELL_MODE_SHIFT = np.uint64(59)


class SchemaError(ValueError):
    """A table or study breaks its contract; the message names every fault."""


def check_columns(table: pd.DataFrame, needed: Iterable[str], *, name: str) -> None:
    """Raise SchemaError when `table` lacks any of the `needed` columns."""
    needed = list(needed)
    if missing := [column for column in needed if column not in table.columns]:
        raise SchemaError(
            f"{name}: columns {', '.join(needed)} are needed, {', '.join(missing)} missing;"
            f" found {', '.join(map(str, table.columns))}"
        )


def check_counts(table: pd.DataFrame, *, groups: Iterable[str] = ()) -> None:
    """
    Raise SchemaError naming everything that is wrong with a counts table.

    One row per cell, role and year; `graduates` and each group 0 or more; the groups, where
    any are named, add up to `graduates`; `base` 0 or more, or null where unknown.
    """
    groups = list(groups)
    check_columns(table, [*COUNT_COLUMNS, *groups], name="counts")
    problems = [*_cell_faults(table, "cell")]
    if unknown := sorted(set(table["role"].astype(str).unique()) - set(ROLES)):
        problems.append(f"role must be one of {', '.join(ROLES)}, found {', '.join(unknown)}")
    problems += _year_faults(table)
    for column in ["graduates", *groups]:
        problems += _amount_faults(table, column, null_allowed=False)
    problems += _amount_faults(table, "base", null_allowed=True)
    if twice := int(table.duplicated(["cell", "role", "year"]).sum()):
        problems.append(f"one row per cell, role and year, found {twice} repeated")
    if groups and not problems:
        gap = (table[groups].sum(axis=1) - table["graduates"]).abs()
        if apart := int((gap > 1e-6 * table["graduates"].clip(lower=1)).sum()):
            problems.append(
                f"groups {' + '.join(groups)} must add up to graduates, found {apart} rows apart"
            )
    _raise("counts", problems)


def check_flows(table: pd.DataFrame) -> None:
    """Raise SchemaError naming everything that is wrong with a flows table."""
    check_columns(table, FLOW_COLUMNS, name="flows")
    problems = [*_cell_faults(table, "origin"), *_cell_faults(table, "destination")]
    problems += _year_faults(table)
    problems += _amount_faults(table, "graduates", null_allowed=False)
    if twice := _repeated(table, ["year", "origin", "destination"]):
        problems.append(f"one row per origin, destination and year, found {twice} repeated")
    _raise("flows", problems)


def check_points(table: pd.DataFrame) -> None:
    """Raise SchemaError naming everything that is wrong with a table of points."""
    check_columns(table, POINT_COLUMNS, name="points")
    problems = [*_cell_faults(table, "cell")]
    for column, limit in (("lat", 90), ("lon", 180)):
        values = table[column].to_numpy(dtype="float64", na_value=np.nan)
        if off := int((~(np.abs(values) <= limit)).sum()):
            problems.append(f"{column} must lie in -{limit}..{limit}, found {off} that do not")
    if twice := int(table["id"].duplicated().sum()):
        problems.append(f"id must be unique, found {twice} repeated")
    _raise("points", problems)


def check_pairs(table: pd.DataFrame, *, points: int) -> None:
    """Raise SchemaError naming everything that is wrong with flows between rows of points."""
    check_columns(table, PAIR_COLUMNS, name="pairs")
    problems = []
    for column in ("origin", "destination"):
        values = table[column]
        if not pd.api.types.is_integer_dtype(values):
            problems.append(f"{column} must be whole, found {values.dtype}")
        elif off := int(((values < 0) | (values >= points)).sum()):
            problems.append(f"{column} must be a row of points, found {off} that are not")
    problems += _year_faults(table)
    problems += _amount_faults(table, "graduates", null_allowed=False)
    if not problems and (twice := _repeated(table, ["year", "origin", "destination"])):
        problems.append(f"one row per origin, destination and year, found {twice} repeated")
    _raise("pairs", problems)


def check_layer(table: pd.DataFrame, *, name: str) -> None:
    """Raise SchemaError when a layer lacks columns, is not WGS-84 or lies off the Earth."""
    if name not in LAYERS:
        raise SchemaError(f"a layer must be one of {', '.join(LAYERS)}, found {name}")
    check_columns(table, [*LAYERS[name], "geometry"], name=name)
    problems = []
    crs = getattr(table, "crs", None)
    if crs is None or crs.to_epsg() != 4326:
        problems.append(f"coordinates must be WGS-84 (EPSG:4326), found {crs}")
    else:
        west, south, east, north = table.total_bounds if len(table) else (0, 0, 0, 0)
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            problems.append(f"coordinates must lie on the Earth, found {south}..{north} north")
    if "id" in LAYERS[name] and (twice := int(table["id"].duplicated().sum())):
        problems.append(f"id must be unique, found {twice} repeated")
    _raise(name, problems)


def _cell_faults(table: pd.DataFrame, column: str) -> list[str]:
    values = table[column]
    if values.dtype != np.uint64:
        return [f"{column} must be uint64, found {values.dtype}"]
    wrong = int(((values.to_numpy() >> _CELL_MODE_SHIFT) != 1).sum())
    return [f"{column} must be H3 cells, found {wrong} that are not"] if wrong else []


def _year_faults(table: pd.DataFrame) -> list[str]:
    years = table["year"]
    if not pd.api.types.is_integer_dtype(years):
        return [f"year must be whole, found {years.dtype}"]
    wrong = int(((years < 1900) | (years > 2200)).sum())
    return [f"year must lie in 1900 to 2200, found {wrong} that do not"] if wrong else []


def _amount_faults(table: pd.DataFrame, column: str, *, null_allowed: bool) -> list[str]:
    values = table[column]
    if not pd.api.types.is_numeric_dtype(values):
        return [f"{column} must be a number, found {values.dtype}"]
    faults = []
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    if negative := int((numbers < 0).sum()):
        faults.append(f"{column} must be 0 or more, found {negative} negative rows")
    if infinite := int(np.isinf(numbers).sum()):
        faults.append(f"{column} must be finite, found {infinite} infinite rows")
    if not null_allowed and (empty := int(np.isnan(numbers).sum())):
        faults.append(f"{column} must not be empty, found {empty} empty rows")
    return faults


def _repeated(table: pd.DataFrame, columns: list[str]) -> int:
    """Rows that repeat an earlier one in `columns`, whole numbers mostly in ascending order."""
    if not all(pd.api.types.is_integer_dtype(table[one]) for one in columns):
        return int(table.duplicated(columns).sum())
    above = np.zeros(max(len(table) - 1, 0), dtype=np.bool_)
    level = ~above
    for values in (table[one].to_numpy() for one in columns):
        above |= level & (values[1:] > values[:-1])
        level &= values[1:] == values[:-1]
    # Where every row stands above the one before none is there twice: no need to look them up.
    return 0 if above.all() else int(table.duplicated(columns).sum())


def _raise(name: str, problems: list[str]) -> None:
    if problems:
        raise SchemaError(f"{name}: " + "; ".join(problems))
