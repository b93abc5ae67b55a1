"""Every format, written from the sample and from real studies: other readers find the same."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import h3
import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from click.testing import CliRunner

from papers.cli import main
from spatial import replay as replaying
from spatial.formats import WRITERS, guarded
from spatial.formats.carried import carried
from spatial.formats.common import text_columns
from spatial.remake import Remade, remake
from spatial.sources.beijing import sample
from spatial.study import Study, open_study
from tests.programs import program
from tests.readers import names_in, numbers, outside, rows_and_shapes, texts

TOTALS = {
    ("sample", "cells", "cells"): {"graduates": 201_000.0},
    ("county", "cells", "cells"): {"graduates": 1_685_277.0},  # in oc_block_wac_2019.csv, and 2017
    ("county", "change", "difference"): {"before": 1_657_899.0, "after": 1_685_277.0},
    ("county", "flows", "matrix"): {"graduates": 964_854.0},  # in oc_block_od_2019.csv.gz
    ("beijing", "cells", "cells"): {
        "graduates": 17_310_879.0
    },  # beijing_day_night_pop_1km_quanturban.csv
}
"""What the files that a study was made from add up to."""
CHINESE = {
    ("sample", "places"): "name",
    ("sample", "lineage"): "name",
    ("sample", "lines"): "label_from",
    ("sample", "matrix"): "home_name",
    ("beijing", "places"): "name",
}
BARE = (".gpkg", ".csv", ".parquet", ".xlsx")  # that hold a table without shapes
YEARS = (2017, 2019)  # of the county's jobs

ASKED = {
    "sample": {
        "cells": ["hotspots", "--year", 2025, "--role", "work", "--resolution", 7],
        "places": ["places", "--year", 2025, "--role", "work"],
        "change": ["compare", "--years", 2022, 2025, "--role", "residence", "--resolution", 7],
        "flows": ["commute", "--year", 2025, "--resolution", 8],
        "ranking": ["siting", "--year", 2025, "--cells", "--resolution", 6, "--draws", 20],
        "sites": ["siting", "--year", 2025, "--resolution", 8, "--draws", 20],
        "kinds": ["homes", "--topic", "kinds", "--role", "residence", "--year", 2025],
    },
    "county": {
        "cells": ["hotspots", "--year", 2019, "--role", "work"],
        "places": ["places", "--year", 2019, "--role", "work"],
        "change": ["compare", "--years", 2017, 2019, "--role", "work"],
        "flows": ["commute", "--year", 2019],
        "ranking": ["siting", "--year", 2019, "--cells", "--draws", 20],
    },
    "beijing": {
        "cells": ["hotspots", "--year", 2020, "--role", "work", "--resolution", 6],
        "places": ["places", "--year", 2020, "--role", "residence"],
        "sites": ["siting", "--year", 2020, "--draws", 20],
        "rent": ["homes", "--topic", "rent", "--table", "all"],
    },
}
"""Studies, and what is asked of each."""
LAYERS = {
    "change": ("difference", "lineage"),
    "flows": ("lines", "matrix", "corridors"),
    "ranking": ("cells",),
    "rent": ("rent", "rent_areas"),
    "sites": ("places",),
}
"""Layers of those questions that have several, at the least."""
DRAWN = ("cells", "places", "difference", "lineage", "lines", "corridors", "kinds", "rent")


@dataclass(frozen=True, eq=False)
class Taken:
    """One GeoPackage as the command line writes it, and its tables made again from what it says."""

    study: Study
    path: Path
    told: dict[str, dict[str, Any]]
    again: dict[str, Remade]

    def table(self, layer):
        return self.again[layer].table


@pytest.fixture(scope="module")
def taken(request, tmp_path_factory):
    """What a study gives to a question; each is asked once."""
    folder = tmp_path_factory.mktemp("taken")
    studies, known = {}, {}

    def take(name, asked):
        if name not in studies:
            real = None if name == "sample" else request.getfixturevalue("real_data")
            studies[name] = MAKE[name](folder / name, real)
        if (name, asked) not in known:
            word, *rest = ASKED[name][asked]
            path = folder / f"{name}-{asked}.gpkg"
            run(word, studies[name].path, *rest, "--out", path)
            told = {layer: plain(one) for layer, one in carried(path, ".gpkg").items()}
            again = {layer: remake(studies[name], layer, told[layer]) for layer in told}
            known[name, asked] = Taken(studies[name], path, told, again)
        return known[name, asked]

    return take


def run(*words):
    found = CliRunner().invoke(main, [str(one) for one in words])
    assert found.exit_code == 0, found.output


def plain(told):
    """Provenance of a file without colours, which not every format can hold."""
    return {key: value for key, value in told.items() if key != "style"}


def of_county(folder, real):
    """Jobs of one county at the points of its blocks in two years, and who goes where in one."""
    us = real / "us"
    at = ("--lat", "INTPTLAT20", "--lon", "INTPTLON20", "--id", "GEOID20")
    for year in YEARS:
        jobs = ("--join", us / f"oc_block_wac_{year}.csv", "--work", "C000", "--year", year)
        given = ("load", "points", us / "oc_blocks.csv", "--into", folder, *at, *jobs)
        run(*given, "--resolution", 7)
    ends = ("--origin", "h", "--destination", "w", "--count", "n", "--year", 2019)
    points = ("--points", us / "oc_blocks.csv", *at)
    run("load", "flows", us / "oc_block_od_2019.csv.gz", "--into", folder, *ends, *points)
    return open_study(folder)


def of_beijing(folder, real):
    """Who is where by day and by night, districts, stations and rents, all of them measured."""
    files = real / "beijing"
    people = files / "beijing_day_night_pop_1km_quanturban.csv"
    at = ("--lat", "lat", "--lon", "lon")
    roles = ("--work", "day", "--residence", "night", "--year", 2020, "--resolution", 7)
    run("load", "grid", people, "--into", folder, *at, "--cell", "0.01deg", *roles)
    edges = files / "districts_wgs84_m3.geojson"
    run("load", "districts", edges, "--into", folder, "--name", "name", "--id", "english")
    stops = files / "subway_2026_stations_wgs84.csv"
    named = ("--name", "stop_name", "--lines", "lines")
    run("load", "stations", stops, "--into", folder, *named, *at)
    homes = files / "rent_ziroom_2017-12-14_bd09.csv"
    at = ("--lat", "latitude", "--lon", "longitude", "--crs", "BD-09")
    told = ("--price", "sell_price", "--kind", "kind", "--area", "usage_area", "--currency", "yuan")
    run("load", "rents", homes, "--into", folder, *at, *told, "--year", 2017)
    return open_study(folder)


MAKE = {
    "sample": lambda _, __: open_study(sample.PACKAGED),
    "county": of_county,
    "beijing": of_beijing,
}
QUESTIONS = [
    pytest.param(name, asked, marks=[] if name == "sample" else pytest.mark.real)
    for name, questions in ASKED.items()
    for asked in questions
]


@pytest.mark.parametrize(("name", "asked"), QUESTIONS)
def test_other_readers_find_every_row_number_text_and_shape(taken, tmp_path, subtests, name, asked):
    found = taken(name, asked)
    assert set(LAYERS.get(asked, (asked,))) <= set(found.told)
    with subtests.test(format="the command line's own .gpkg"):
        assert_geopackage(found)
    for layer, told in found.told.items():
        again = found.again[layer]
        assert len(again.table), layer
        for ending in WRITERS if "geometry" in again.table else BARE:
            with subtests.test(layer=layer, format=ending), pytest.MonkeyPatch.context() as patch:
                path = tmp_path / f"{layer}{ending}"
                WRITERS[ending](again.table, path, told, layer)
                if ending == ".pmtiles":
                    assert_tiles(again.table, path)
                else:
                    rows, shapes = rows_and_shapes(path, ending, layer)
                    assert_rows(again.table, rows, ending)
                    assert_shapes(again.table, rows, shapes)
                if also := ALSO.get(ending):
                    also(again.table, path, told)
                # Made once for all nine: that it is what the command line made is held above.
                patch.setattr(replaying, "remake", lambda *_, again=again, **__: again)
                (replayed,) = replaying.replay(path, study=found.study)
                assert (replayed.differences, replayed.same_bytes) == ((), True)
        if total := TOTALS.get((name, asked, layer)):
            np.testing.assert_allclose(again.table[list(total)].sum(), list(total.values()), 1e-12)
        if column := CHINESE.get((name, layer)):
            assert (again.table[column] > "\u4e00").sum() > len(again.table) / 2


def assert_rows(table, rows, ending):
    assert len(rows) == len(table)
    words = text_columns(table)
    for column, given in names_in(table, ending).items():
        values = [row[given] for row in rows]
        if column not in words:
            own = numbers(table[column])
            # A Shapefile has 15 decimals, and no more.
            np.testing.assert_allclose(numbers(values), own, rtol=1e-13, atol=1e-14, err_msg=column)
            continue
        own = guarded(table[column]) if ending == ".csv" else table[column]
        assert texts(values) == texts(own), column


def assert_shapes(table, rows, found):
    if found is None and "cell" in table:  # its id says as much, to another library too
        corners = [np.array(h3.cell_to_boundary(row["cell"]))[:, ::-1] for row in rows]
        found = shapely.polygons([np.vstack([ring, ring[:1]]) for ring in corners])
    if found is None:
        return
    own = table.geometry.to_numpy()
    for measure in (shapely.area, shapely.length):
        np.testing.assert_allclose(np.sort(measure(found)), np.sort(measure(own)), atol=1e-6)
    west, south, east, north = np.array(shapely.bounds(found)).T
    bounds = [np.nanmin(west), np.nanmin(south), np.nanmax(east), np.nanmax(north)]
    np.testing.assert_allclose(bounds, table.total_bounds, atol=1e-7)
    at = np.nansum(shapely.get_coordinates(shapely.centroid(found)), axis=0)
    own_at = np.nansum(shapely.get_coordinates(shapely.centroid(own)), axis=0)
    np.testing.assert_allclose(at, own_at, rtol=1e-9, atol=1e-6 * len(own))


def assert_tiles(table, path):
    """At the last zoom a cell is whole in each tile; other shapes are cut, and are joined here."""
    found = pyogrio.read_dataframe(path)
    cells = "cell" in table
    if cells:
        found = found.drop_duplicates("cell")
        assert len(found) == len(table)
    own = table[table.geometry.notna() & ~table.geometry.is_empty]
    words = text_columns(own.drop(columns="geometry"))
    for column in own.columns.drop("geometry"):
        if own[column].isna().all():
            continue
        take = (lambda one: one) if cells else (lambda one: sorted(set(one)))
        if column in words:
            assert take(texts(found[column].dropna())) == take(texts(own[column].dropna())), column
            continue
        both = (take(numbers(one[column])) for one in (found, own))
        np.testing.assert_allclose(*both, rtol=1e-13, err_msg=column)
    if not cells:
        # One unit at zoom 12 is a metre, along every edge.
        drawn = shapely.union_all(found.geometry.to_numpy())
        given = shapely.union_all(shapely.make_valid(own.to_crs(3857).geometry.to_numpy()))
        assert drawn.area == pytest.approx(given.area, rel=2e-3)
        for one, other in ((drawn, given), (given, drawn)):
            assert shapely.difference(one, shapely.buffer(other, 5, quad_segs=1)).is_empty


def assert_method_sheet(_, path, told):
    book = openpyxl.load_workbook(path, read_only=True)
    said = dict(row[:2] for row in book["method"].iter_rows(values_only=True))
    book.close()
    assert said["study"] == told["study"]
    assert said["synthetic"] == ("yes" if told["synthetic"] else "no")
    assert said["method"] == told["method"]
    assert said["study SHA-256"] == told["study_digest"]
    assert said["made by"] == told["command"]
    assert sum(str(key).startswith("break ") for key in said) == len(
        {(one["after"], one["before"]) for one in told["breaks"]}
    )


def assert_covering(table, path, _):
    """The box of each row is that of its shape, so that a reader finds by it what lies where."""
    if "geometry" not in table:
        return
    rows = duckdb.sql(f"SELECT geometry, bbox FROM '{path}'").fetchall()
    boxes = np.array([[row[1][side] for side in ("xmin", "ymin", "xmax", "ymax")] for row in rows])
    shapes = shapely.from_wkb([row[0] for row in rows])
    np.testing.assert_array_equal(boxes, shapely.bounds(shapes))
    geo = json.loads(pq.read_metadata(path).metadata[b"geo"])["columns"]["geometry"]
    np.testing.assert_array_equal(geo["bbox"], shapely.total_bounds(shapes))
    assert set(geo["geometry_types"]) == {one.geom_type for one in shapes if one}
    west, south, east, north = boxes[len(boxes) // 2]
    asked = f"bbox.xmin <= {east} AND bbox.xmax >= {west} AND bbox.ymin <= {north}"
    asked = f"SELECT count(*) FROM '{path}' WHERE {asked} AND bbox.ymax >= {south}"
    ((near,),) = duckdb.sql(asked).fetchall()
    assert near >= shapely.intersects(shapes, shapely.box(west, south, east, north)).sum() > 0


ALSO = {".xlsx": assert_method_sheet, ".parquet": assert_covering}


def assert_geopackage(found):
    """Whole to SQL and to GDAL, styled, and the same as its tables made again."""
    asked_of = [program("ogrinfo"), "-so", "-al", str(found.path)]
    ran = subprocess.run(
        asked_of, env=outside(), capture_output=True, check=True, timeout=60, text=True
    )
    assert ran.stderr == ""
    with closing(sqlite3.connect(f"{found.path.as_uri()}?mode=ro", uri=True)) as database:
        ask = database.execute
        assert ask("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert ask("PRAGMA foreign_key_check").fetchall() == []
        extended = {row[0] for row in ask("SELECT table_name FROM gpkg_extensions")}
        assert {"gpkg_metadata", "gpkg_metadata_reference"} <= extended
        about = ask(
            "SELECT table_name, metadata FROM gpkg_metadata_reference JOIN gpkg_metadata"
            " ON md_file_id = id WHERE reference_scope = 'table'"
        )
        assert {layer: plain(json.loads(told)) for layer, told in about} == found.told
        styled = {row[0] for row in ask("SELECT f_table_name FROM layer_styles WHERE useAsDefault")}
        for layer in found.told:
            table = found.table(layer)
            assert f"Layer name: {layer}\n" in ran.stdout
            part = ran.stdout.split(f"Layer name: {layer}\n")[1].split("Layer name: ")[0]
            assert f"Feature Count: {len(table)}\n" in part
            for column in table.columns.drop("geometry", errors="ignore"):
                rows = [row[0] for row in ask(f'SELECT "{column}" FROM "{layer}"')]
                if column in text_columns(table):
                    assert texts(rows) == texts(table[column])
                else:
                    np.testing.assert_array_equal(numbers(rows), numbers(table[column]))
            if "geometry" not in table:
                continue
            assert layer in styled or layer not in DRAWN
            bounds = ask(
                "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", [layer]
            ).fetchone()
            np.testing.assert_allclose(bounds, table.total_bounds, atol=1e-7)
            assert ask(
                "SELECT srs_id, z, m FROM gpkg_geometry_columns WHERE table_name = ?", [layer]
            ).fetchall() == [(4326, 0, 0)]
