"""What the columns of a stranger's table may be, by their names and values: a proposal only."""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd

__all__ = ["Sort", "guess_columns", "guess_sort"]

Sort = Literal["points", "grid", "zones", "raster", "stations", "listings", "flows"]

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "lat": ("lat", "latitude", "纬度", "wgs_lat", "gcj_lat", "bd_lat", "y", "northing"),
    "lon": ("lon", "lng", "long", "longitude", "经度", "wgs_lng", "x", "easting"),
    "work": ("work", "jobs", "day", "就业", "就业人数", "岗位", "毕业生就业", "c000"),
    "residence": ("residence", "home", "homes", "night", "居住", "居住人数", "毕业生居住"),
    "count": ("graduates", "count", "people", "n", "人数", "毕业生", "人口", "s000"),
    "price": ("price", "rent", "租金", "价格", "月租金"),
    "area": ("area", "area_m2", "面积", "build_size"),
    "kind": ("kind", "type", "类型", "出租方式"),
    "name": ("name", "station", "站名", "名称", "stop_name"),
    "lines": ("lines", "line", "线路"),
    "origin": ("origin", "home", "h", "o", "居住地", "h_geocode", "h_tract"),
    "destination": ("destination", "work", "w", "d", "就业地", "w_geocode", "w_tract"),
    "id": ("id", "geoid", "编号", "代码", "geoid20"),
    "district": ("district", "区", "行政区", "county"),
}
_COUNTED: Final = ("work", "residence", "count", "price", "area")


def guess_columns(table: pd.DataFrame) -> dict[str, str]:
    """
    Column for each role that one seems to have, by exact name first and then by its start.

    A column is proposed once for each role; columns of counts must hold numbers.
    """
    plain = {str(one): str(one).strip().casefold() for one in table.columns}
    found: dict[str, str] = {}
    for role, names in _NAMES.items():
        for match in (str.__eq__, str.startswith):
            column = _first(table, plain, names, match, number=role in _COUNTED)
            if column and role not in found:
                found[role] = column
    return found


def guess_sort(table: pd.DataFrame, *, holds: str) -> Sort:
    """What a table, shapes or raster seem to be."""
    if holds == "raster":
        return "raster"
    if holds == "shapes":
        return "zones"
    found = guess_columns(table)
    if "price" in found and "lat" in found:
        return "listings"
    if "origin" in found and "destination" in found and "lat" not in found:
        return "flows"
    if "lines" in found and "name" in found and "lat" in found:
        return "stations"
    return "points"


def _first(
    table: pd.DataFrame,
    plain: dict[str, str],
    names: tuple[str, ...],
    match: object,
    *,
    number: bool,
) -> str:
    for name in names:
        if match is str.startswith and len(name) < 3 and name.isascii():
            continue  # "x" begins too many words
        for column, text in plain.items():
            held = text == name if match is str.__eq__ else text.startswith(name)
            if held and (not number or _numbers(table[column])):
                return column
    return ""


def _numbers(values: pd.Series) -> bool:
    return (
        bool(pd.to_numeric(values, errors="coerce").notna().mean() > 0.5) if len(values) else False
    )
