"""
What passes between a reader and its child: JSON and Arrow files, never pickle.

An answer comes from a process that may have been taken over, so it is built from a short list of
plain kinds, and every table is validated before anything looks into it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

__all__ = ["packed", "unpacked_value"]

_CLASSES: Final = {
    "Audit": "spatial.ingest.audit",
    "FlowResult": "spatial.ingest.flows",
    "LayerResult": "spatial.ingest.layers",
    "LoadResult": "spatial.ingest.load",
    "RasterFacts": "spatial.ingest.raster_file",
    "RentAudit": "spatial.ingest.rent_rows",
    "RentResult": "spatial.ingest.rent_rows",
}
_NO_ANSWER: Final = (
    OSError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    pa.ArrowException,
    shapely.errors.GEOSException,
)
_MOST_JSON: Final = 64 << 20


def packed(value: Any, folder: Path) -> None:  # noqa: ANN401 - many kinds
    """
    Write a value to `folder`: value.json, and an Arrow file for each table in it.

    Raises
    ------
    TypeError
        When part of it is of no kind that may pass.
    """
    tables: list[pa.Table] = []
    tree = _tree(value, tables)
    for number, table in enumerate(tables):
        with (
            pa.OSFile(str(folder / f"{number}.arrow"), "wb") as sink,
            pa.ipc.new_file(sink, table.schema) as writer,
        ):
            writer.write_table(table)
    # Last, so that a value that is there is whole.
    (folder / "value.json").write_text(json.dumps(tree), encoding="utf-8")


def unpacked_value(folder: Path) -> Any:  # noqa: ANN401 - many kinds
    """
    The value that `packed` wrote.

    Raises
    ------
    ValueError
        When a file is missing or is not what it should be.
    """
    try:
        path = folder / "value.json"
        if path.stat().st_size > _MOST_JSON:
            raise ValueError("it is too long")
        return _value(json.loads(path.read_text(encoding="utf-8")), folder)
    except _NO_ANSWER as error:
        raise ValueError(f"an answer must be whole, found {error!r}") from error


def _tree(value: Any, tables: list[pa.Table]) -> Any:  # noqa: ANN401 - many kinds
    if value is None or isinstance(value, bool | int | float | str):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return {"kind": "path", "path": str(value.absolute())}
    if isinstance(value, Mapping):
        pairs = [[_tree(key, tables), _tree(one, tables)] for key, one in value.items()]
        return {"kind": "map", "pairs": pairs}
    if isinstance(value, list | tuple):
        items = [_tree(one, tables) for one in value]
        return {"kind": type(value).__name__ if type(value) is list else "tuple", "items": items}
    if isinstance(value, shapely.Geometry):
        return {"kind": "shape", "wkb": shapely.to_wkb(value, hex=True)}
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype != object:
        tables.append(pa.table({"values": value}))
        return {"kind": "array", "table": len(tables) - 1}
    if isinstance(value, pd.DataFrame):
        return _frame_tree(value, tables)
    if is_dataclass(value) and _CLASSES.get(type(value).__name__) == type(value).__module__:
        parts = {one.name: _tree(getattr(value, one.name), tables) for one in fields(value)}
        return {"kind": "record", "class": type(value).__name__, "parts": parts}
    raise TypeError(f"a value handed over must be plain, found {type(value).__name__}")


def _frame_tree(frame: pd.DataFrame, tables: list[pa.Table]) -> dict[str, Any]:
    plain = pd.DataFrame(frame)
    shapes: dict[str, str] = {}
    for column in plain.columns:
        if isinstance(plain[column].dtype, gpd.array.GeometryDtype):
            series = gpd.GeoSeries(plain[column])
            shapes[str(column)] = series.crs.to_wkt() if series.crs is not None else ""
            plain = plain.assign(**{str(column): series.to_wkb()})
    attrs, plain.attrs = frame.attrs, {}
    tables.append(_arrow(plain))
    active = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else ""
    return {
        "kind": "frame",
        "table": len(tables) - 1,
        "shapes": shapes,
        "active": active,
        "attrs": _tree({str(key): one for key, one in attrs.items()}, []),
    }


def _arrow(frame: pd.DataFrame) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame)
    except (pa.ArrowException, TypeError, ValueError):
        # Columns of mixed values, which only a file of nested types has, pass as text.
        mixed = [name for name in frame.columns if frame[name].dtype == object]
        return pa.Table.from_pandas(
            frame.assign(**{name: frame[name].astype(str) for name in mixed})
        )


def _value(tree: Any, folder: Path) -> Any:  # noqa: ANN401 - many kinds
    if not isinstance(tree, dict):
        return tree
    kind = tree["kind"]
    if kind == "path":
        return Path(tree["path"])
    if kind == "map":
        return {_value(key, folder): _value(one, folder) for key, one in tree["pairs"]}
    if kind in ("list", "tuple"):
        items = [_value(one, folder) for one in tree["items"]]
        return items if kind == "list" else tuple(items)
    if kind == "shape":
        return shapely.from_wkb(tree["wkb"])
    if kind == "array":
        return _table(tree["table"], folder).column("values").to_numpy()
    if kind == "frame":
        return _frame(tree, folder)
    if kind == "record":
        name = tree["class"]
        known = getattr(import_module(_CLASSES[name]), name)
        return known(**{key: _value(one, folder) for key, one in tree["parts"].items()})
    raise ValueError(f"an answer must be of plain kinds, found {kind!r}")


def _table(number: int, folder: Path) -> pa.Table:
    with pa.OSFile(str(folder / f"{int(number)}.arrow"), "rb") as source:
        table = pa.ipc.open_file(source).read_all()
    table.validate(full=True)
    return table


def _frame(tree: dict[str, Any], folder: Path) -> pd.DataFrame:
    frame: pd.DataFrame = _table(tree["table"], folder).to_pandas()
    for column, crs in tree["shapes"].items():
        shapes = shapely.from_wkb(frame[column].to_numpy(dtype=object))
        frame[column] = gpd.GeoSeries(shapes, index=frame.index, crs=crs or None)
    if tree["active"]:
        frame = gpd.GeoDataFrame(frame, geometry=tree["active"])
    frame.attrs = _value(tree["attrs"], folder)
    return frame
