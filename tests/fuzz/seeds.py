"""Honest files of every kind on the short list, from which a campaign makes dishonest ones."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from tests.hostile import feature, nested, rows, workbook, zipped

__all__ = ["write_seeds"]

_TEXT = 'id,lat,lon,n\n007,39.9,116.4,5\n"a ""b""",39.8,116.5,0\n"two\nlines",1,2,1e3\n'


def write_seeds(folder: Path) -> list[Path]:
    """Small files in `folder`, one of each kind and writing."""
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        (folder / f"{encoding}.csv").write_bytes(_TEXT.replace("id", "站名").encode(encoding))
    (folder / "a.tsv").write_text(_TEXT.replace(",", "\t"))
    (folder / "a.csv.gz").write_bytes(gzip.compress(_TEXT.encode()))
    (folder / "a.csv.xz").write_bytes(lzma.compress(_TEXT.encode()))
    sheet = rows([["title"], ["id", "n", "d"], ["x", 1, '<c r="C3" s="1"><v>44000</v></c>']])
    (folder / "a.xlsx").write_bytes(workbook(sheet, rows([["a"], [1]])))
    _tables(folder)
    _shapes(folder)
    _raster(folder)
    (folder / "a.zip").write_bytes(zipped({"a.csv": _TEXT}))
    parts = {one.name: one.read_bytes() for one in folder.glob("s.[sdp][hbr][pxfj]")}
    (folder / "s.zip").write_bytes(zipped(parts))
    return sorted(
        one for one in folder.iterdir() if one.suffix not in (".shx", ".dbf", ".prj", ".cpg")
    )


def _tables(folder: Path) -> None:
    table = pd.DataFrame(
        {
            "id": ["a", "b", None],
            "n": [1.5, np.nan, 3],
            "k": pd.Categorical(["x", "y", "x"]),
            "d": pd.to_datetime(["2020-01-01"] * 3),
            "list": [[1, 2], [], None],
        }
    )
    for packing in ("none", "snappy", "zstd", "gzip"):
        how = None if packing == "none" else packing
        table.to_parquet(folder / f"{packing}.parquet", compression=how)


def _shapes(folder: Path) -> None:
    shapes = gpd.GeoDataFrame(
        {"name": ["海淀", "b"], "n": [1, 2]},
        geometry=[shapely.box(116, 39, 117, 40), shapely.Point(1, 2).buffer(1)],
        crs=4326,
    )
    for name in ("s.geojson", "s.gpkg", "s.fgb", "s.shp"):
        shapes.to_file(folder / name, engine="pyogrio")
    shapes.to_parquet(folder / "s.parquet")
    (folder / "deep.geojson").write_text(nested(20))
    (folder / "odd.geojson").write_text(feature("[116,40,1e3]", properties='{"a":{"b":[1,null]}}'))


def _raster(folder: Path) -> None:
    import rasterio
    from rasterio.transform import from_origin

    for packing in ("none", "deflate", "lzw"):
        with rasterio.open(
            folder / f"{packing}.tif",
            "w",
            driver="GTiff",
            width=20,
            height=16,
            count=1,
            dtype="float32",
            crs="EPSG:4326",
            transform=from_origin(116, 40, 0.01, 0.01),
            nodata=-1,
            compress=packing,
            tiled=packing == "lzw",
            blockxsize=16,
            blockysize=16,
        ) as data:
            data.write(np.arange(320, dtype="float32").reshape(1, 16, 20))
