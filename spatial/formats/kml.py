"""KML: shapes for globes, each with its columns, the provenance with the document."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape as escaped

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from spatial.formats.common import (
    as_json,
    described,
    has_lines,
    json_values,
    plain,
    rounded,
    shapes_of,
)
from spatial.formats.kml_style import shared_styles, style_ids
from spatial.formats.style import Style

__all__ = ["read_kml", "read_kml_table", "write_kml"]

_SPACE: Final = "http://www.opengis.net/kml/2.2"
_NAMES: Final = ("name", "name_en", "cell", "id", "lineage")
_ENDS: Final = {"label_from": "label_to", "origin": "destination"}
# What GDAL takes for a time or a switch of KML's own, and loses where it is neither.
_TAKEN: Final = ("timestamp", "begin", "end", "tessellate", "extrude", "visibility", "draworder")
_UNSPEAKABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def write_kml(
    table: gpd.GeoDataFrame,
    path: Path,
    provenance: dict[str, Any],
    layer: str,
    *,
    style: Style | None = None,
) -> None:
    """
    Write KML 2.2, its provenance as JSON in the document's extended data.

    Each shape has its columns as typed data under one schema and, where a `style` is given, its
    name in the reader's language and the colours of its class. A column called like an element of
    KML, as "end" is, bears an underscore after its name.
    """
    columns = plain(table)
    values = {_field(str(name)): json_values(columns[name]) for name in columns.columns}
    titles = _titles(columns, style)
    ids = [] if style is None else style_ids(style, table)
    shapes = shapes_of(table)
    outlines = [None] * len(table) if shapes is None else rounded(shapes)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{_SPACE}">\n<Document>\n')
        lines = shapes is not None and has_lines(shapes)
        drawn = "" if style is None else "".join(shared_styles(style, ids, lines=lines))
        file.write(_head(provenance, layer, columns, drawn))
        for row, outline in enumerate(outlines):
            file.write(f"<Placemark><name>{_text(titles[row])}</name>")
            if ids:
                file.write(f"<styleUrl>#{ids[row]}</styleUrl>")
            file.write('<ExtendedData><SchemaData schemaUrl="#columns">')
            file.writelines(
                f'<SimpleData name="{field}">{_text(_value(held[row]))}</SimpleData>'
                for field, held in values.items()
                if held[row] is not None
            )
            file.write("</SchemaData></ExtendedData>")
            file.write(_shape(outline))
            file.write("</Placemark>\n")
        file.write("</Folder>\n</Document>\n</kml>\n")


def read_kml(path: Path) -> dict[str, dict[str, Any]]:
    """Provenance of the one layer, from the document's extended data."""
    for _, element in ElementTree.iterparse(path):
        if element.tag == f"{{{_SPACE}}}Data" and element.get("name") == "gradmap":
            told = json.loads(element.findtext(f"{{{_SPACE}}}value") or "")
            return {str(told["layer"]): told["gradmap"]}
    raise KeyError("gradmap")


def read_kml_table(path: Path) -> pd.DataFrame:
    """Every column as text, as it is stored, and the coordinates of each shape."""
    rows = []
    for _, element in ElementTree.iterparse(path):
        if element.tag == f"{{{_SPACE}}}Placemark":
            held = {
                _column(one.get("name", "")): one.text or ""
                for one in element.iter(f"{{{_SPACE}}}SimpleData")
            }
            parts = [one.text or "" for one in element.iter(f"{{{_SPACE}}}coordinates")]
            rows.append({**held, "geometry": " ".join(parts)})
            element.clear()
    return pd.DataFrame(rows, dtype=object)


def _field(column: str) -> str:
    """What a column is called in the file, as an attribute of XML."""
    return _attribute(f"{column}_" if column.rstrip("_").lower() in _TAKEN else column)


def _column(field: str) -> str:
    """The column that is called so in the file."""
    return field[:-1] if field.rstrip("_").lower() in _TAKEN else field


def _head(provenance: dict[str, Any], layer: str, columns: pd.DataFrame, drawn: str) -> str:
    told = as_json({"layer": layer, "gradmap": provenance})
    fields = "".join(
        f'<SimpleField type="{_type(columns[name])}" name="{_field(str(name))}"/>'
        for name in columns.columns
    )
    return (
        f"<name>{_text(provenance['study'])}: {_text(layer)}</name>\n"
        f"<description>{_text(described(provenance))}</description>\n{drawn}"
        f'<ExtendedData><Data name="gradmap"><value>{_text(told)}</value></Data></ExtendedData>\n'
        f'<Schema id="columns" name="{_attribute(layer)}">{fields}</Schema>\n'
        f"<Folder><name>{_text(layer)}</name>\n"
    )


def _shape(shape: BaseGeometry | None) -> str:
    if shape is None or shape.is_empty:
        return ""
    if parts := getattr(shape, "geoms", None):
        return f"<MultiGeometry>{''.join(map(_shape, parts))}</MultiGeometry>"
    if isinstance(shape, Polygon):
        inner = "".join(
            f"<innerBoundaryIs>{_ring(one)}</innerBoundaryIs>" for one in shape.interiors
        )
        outer = f"<outerBoundaryIs>{_ring(shape.exterior)}</outerBoundaryIs>"
        return f"<Polygon>{outer}{inner}</Polygon>"
    return f"<{shape.geom_type}>{_coordinates(shape)}</{shape.geom_type}>"


def _ring(ring: BaseGeometry) -> str:
    return f"<LinearRing>{_coordinates(ring)}</LinearRing>"


def _coordinates(shape: BaseGeometry) -> str:
    places = shapely.get_coordinates(shape).tolist()
    return f"<coordinates>{' '.join(f'{lon!r},{lat!r}' for lon, lat in places)}</coordinates>"


def _titles(columns: pd.DataFrame, style: Style | None) -> list[str]:
    own = () if style is None else style.names
    for name in (*own, *_NAMES, *_ENDS):
        if name not in columns:
            continue
        plain_name = name.removesuffix("_en")
        if (end := _ENDS.get(plain_name)) is None:
            return [str(one) for one in columns[name]]
        ends = zip(columns[name], columns[end + name.removeprefix(plain_name)], strict=True)
        return [f"{one} → {other}" for one, other in ends]
    return [str(number + 1) for number in range(len(columns))]


def _type(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return "bool"
    if pd.api.types.is_integer_dtype(values):
        # KML knows no longer whole numbers than these.
        fits = values.dtype.kind != "u" and np.abs(values).max() < 2**31 if len(values) else True
        return "int" if fits else "string"
    return "double" if pd.api.types.is_float_dtype(values) else "string"


def _value(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    return repr(value) if isinstance(value, float) else str(value)


def _text(text: str) -> str:
    """As XML has it; characters that XML has no way to say become a question mark."""
    return escaped(_UNSPEAKABLE.sub("\ufffd", text)).replace("\r", "&#13;")


def _attribute(text: str) -> str:
    return _text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
