"""Shapefile in a zip: short ASCII names for its columns, and a table of what they stand for."""

from __future__ import annotations

import csv
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from spatial.formats.common import has_lines, plain, rounded, shapes_of, text_columns
from spatial.formats.qml import qml
from spatial.formats.sld import sld
from spatial.formats.style import Style

__all__ = ["aliases", "read_shapefile", "read_shapefile_table", "write_shapefile"]

_WIDE: Final = 10  # characters of a name
_TEXT: Final = 254  # bytes of a text
_FIRST_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_ALIASES: Final = "-columns.csv"


def write_shapefile(
    table: gpd.GeoDataFrame,
    path: Path,
    provenance: dict[str, Any],
    layer: str,
    *,
    style: Style | None = None,
) -> None:
    """
    Write a Shapefile and all that belongs to it to one zip, its provenance as JSON beside it.

    Names of columns have ten characters, so that NAME-columns.csv in the zip tells what each
    stands for. Texts end after 254 bytes, and numbers have 15 decimals: the format has no more.
    A `style` goes to NAME.qml, which QGIS takes as it opens NAME.shp, and to NAME.sld.
    """
    name = path.name.removesuffix(path.suffix).removesuffix(".shp")
    short = aliases(str(one) for one in plain(table).columns)
    content = table.rename(columns=short)
    for column in text_columns(plain(content)):
        content[column] = [_cut(one) for one in content[column]]
    shapes = shapes_of(table)
    with tempfile.TemporaryDirectory(prefix="gradmap.") as folder:
        if shapes is not None:
            content = content.set_geometry(rounded(shapes), crs=4326)
        pyogrio.write_dataframe(
            content,
            Path(folder) / f"{name}.shp",
            driver="ESRI Shapefile",
            # A folder that holds no row must still say what its rows would be.
            geometry_type=None if shapes is not None and len(shapes) else "Polygon",
            layer_options={
                "ENCODING": "UTF-8",
                "DBF_DATE_LAST_UPDATE": provenance["created"][:10],
            },
        )
        files = {one.name: one.read_bytes() for one in sorted(Path(folder).iterdir())}
    files[f"{name}{_ALIASES}"] = _table_of(short, content).encode()
    if style is not None and shapes is not None:
        drawn, own = "line" if has_lines(shapes) else "fill", style.renamed(short)
        full = {alias: column for column, alias in short.items()}
        files[f"{name}.qml"] = qml(own, drawn=drawn, aliases=full).encode()
        files[f"{name}.sld"] = sld(own, drawn=drawn, layer=name).encode()
    told = {"layer": layer, "gradmap": provenance}
    files[f"{name}.json"] = (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, held in files.items():
            entry = zipfile.ZipInfo(one, _FIRST_ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, held)


def aliases(names: Iterable[str]) -> dict[str, str]:
    """
    A name of at most ten ASCII characters for each column, no two alike in any case.

    A long name is cut, and where that one is taken its last characters give way to a number.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        bare = re.sub(r"[^A-Za-z0-9_]", "_", name.encode("ascii", "replace").decode())
        start = bare if bare[:1].isalpha() else f"c{bare}"
        short, number = start[:_WIDE], 1
        while short.lower() in taken:
            number += 1
            short = f"{start[: _WIDE - len(str(number)) - 1]}_{number}"
        taken.add(short.lower())
        found[name] = short
    return found


def read_shapefile(path: Path) -> dict[str, dict[str, Any]]:
    """Provenance of the one layer, from the JSON in the zip."""
    with zipfile.ZipFile(path) as archive:
        (entry,) = [one for one in archive.namelist() if one.endswith(".json")]
        told = json.loads(archive.read(entry))
    return {str(told["layer"]): told["gradmap"]}


def read_shapefile_table(path: Path) -> pd.DataFrame:
    """Every column under its own name, shapes as text (WKT)."""
    table = pd.DataFrame(pyogrio.read_dataframe(f"/vsizip/{path.resolve()}"))
    with zipfile.ZipFile(path) as archive:
        (entry,) = [one for one in archive.namelist() if one.endswith(_ALIASES)]
        rows = list(csv.DictReader(StringIO(archive.read(entry).decode())))
    table["geometry"] = shapely.to_wkt(table["geometry"].to_numpy(), rounding_precision=-1)
    return table.rename(columns={row["alias"]: row["column"] for row in rows})


def _cut(text: object) -> object:
    """A text that fits, not cut within a character."""
    if not isinstance(text, str) or len(text.encode()) <= _TEXT:
        return text
    return text.encode()[:_TEXT].decode(errors="ignore")


def _table_of(short: dict[str, str], content: pd.DataFrame) -> str:
    rows = StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(("alias", "column", "type"))
    for column, alias in short.items():
        writer.writerow((alias, column, str(content[alias].dtype)))
    return rows.getvalue()
