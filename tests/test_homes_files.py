"""Tables of homes as files: every kind in every format, read by others, and made again."""

from __future__ import annotations

import csv
import json
import subprocess
from functools import lru_cache
from shutil import which

import duckdb
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from papers.styles import style_of
from spatial import cells as h3cells
from spatial import remake as making
from spatial.api import open_named
from spatial.export import BARE, ExportError, check_target
from spatial.formats import WRITERS
from spatial.formats.carried import carried
from spatial.homes import Homes
from spatial.homes_file import export_homes, export_homes_bytes
from spatial.homes_question import HOMES_TOPICS, TABLES, HomesQuestion
from spatial.homes_tables import homes_table, homes_tables
from spatial.homes_words import columns_told
from spatial.privacy_study import suppress_study
from spatial.replay import replay
from tests.studies import small_study

KINDS = [kind for kinds in TABLES.values() for kind in kinds]
TOPIC = {kind: topic for topic, kinds in TABLES.items() for kind in kinds}


@lru_cache
def answered(topic):
    """A topic of the sample's homes, in cells of some 5 km2 so that all formats are quick."""
    role = {"role": "residence"} if topic in ("quotient", "access", "kinds") else {}
    return Homes(open_named(), HomesQuestion(topic=topic, year=2025, resolution=7, **role))


@pytest.fixture
def shared(monkeypatch):
    """A replay asks the file what was asked; the answer to that is worked out once."""

    @lru_cache
    def once(study, question):
        known = answered(question.topic)
        same = (study.digest, question) == (known.study.digest, known.question)
        return known if same else Homes(study, question)

    monkeypatch.setattr(making, "Homes", once)


@pytest.fixture(autouse=True)
def at_a_known_time(monkeypatch, tmp_path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    monkeypatch.chdir(tmp_path)


def total(table):
    return float(table["graduates"].sum())


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_identical_made_again_in_every_format(kind, tmp_path):
    homes = answered(TOPIC[kind])
    table = homes_table(homes, kind)
    bare = "geometry" not in table and table.index.name != "cell"
    for ending in WRITERS:
        path = tmp_path / f"out{ending}"
        if bare and ending not in BARE:
            with pytest.raises(ExportError, match=r"must go to \.gpkg, \.csv, \.parquet, \.xlsx"):
                export_homes(homes, path, tables=[kind])
            assert not list(tmp_path.glob("out*"))
            continue
        export_homes(homes, path, tables=[kind], stylist=style_of)
        (found,) = replay(path, study=homes.study)
        assert (found.differences, found.same_bytes, found.rows) == ((), True, len(table))
        for file in tmp_path.glob("out*"):
            file.unlink()


@pytest.mark.parametrize("topic", HOMES_TOPICS)
def test_a_changed_number_is_found(topic, tmp_path):
    homes = answered(topic)
    path = tmp_path / "out.csv"
    export_homes(homes, path)
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    at = head.split(",").index("graduates")
    cells = next(csv.reader([rows[4]]))
    cells[at] = "12345.0"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(head + "\n" + "\n".join(rows[:4]) + "\n")
        csv.writer(file, lineterminator="\n").writerow(cells)
        file.write("\n".join(rows[5:]) + "\n")
    (found,) = replay(path, study=homes.study)
    assert any("graduates in row 5" in one for one in found.differences)


@pytest.mark.parametrize("topic", HOMES_TOPICS)
def test_a_file_says_what_one_needs_to_judge_it(topic, tmp_path):
    homes = answered(topic)
    tables = homes_tables(homes)
    assert tables == TABLES[topic]
    path = tmp_path / "all.gpkg"
    export_homes(homes, path, tables=tables)
    layers = carried(path, ".gpkg")
    assert tuple(layers) == tables
    for kind, told in layers.items():
        assert told["synthetic"] is True
        assert told["study_digest"] == homes.study.digest
        assert told["licence"]
        assert told["citation"]
        assert told["definition"]["en"]
        assert told["homes"]["table"] == kind
        assert HomesQuestion.from_dict(told["homes"]["question"]) == homes.question
        assert told["command"].startswith("gradmap sample beijing-sample && gradmap homes ")
        assert ("minutes" in told["modelled"]) == (kind in ("kinds", "magnets", "demand"))
        assert "{" not in told["method"]
        assert all(told["columns"].values())


def test_every_column_has_its_meaning_and_unit():
    for kind in KINDS:
        table = homes_table(answered(TOPIC[kind]), kind)
        names = [str(one) for one in table if one != "geometry"]
        told = columns_told(kind, names, currency="yuan", per="room")
        assert list(told) == names
        assert "{" not in "".join(told.values())
    assert told_of("rent", "rent", "room") == "median rent, yuan a room and month"
    assert told_of("rent", "rent", "m2") == "median rent, yuan per m2 a month"


def told_of(kind, column, per):
    return columns_told(kind, [column], currency="yuan", per=per)[column]


def test_duckdb_reads_the_parquet(tmp_path):
    for topic in HOMES_TOPICS:
        homes = answered(topic)
        export_homes(homes, tmp_path / f"{topic}.parquet")
        asked = f"SELECT count(*), sum(graduates) FROM '{tmp_path / topic}.parquet'"
        ((rows, people),) = duckdb.sql(asked).fetchall()
        table = homes_table(homes, topic)
        assert (rows, people) == (len(table), pytest.approx(total(table)))


def test_excel_sheets_hold_the_same_numbers_and_say_what_they_mean(tmp_path):
    homes = answered("rent")
    export_homes(homes, tmp_path / "rent.xlsx", tables=["pay"])
    book = openpyxl.load_workbook(tmp_path / "rent.xlsx")
    head, *rows = book["pay"].iter_rows(values_only=True)
    table = homes_table(homes, "pay")
    assert list(head) == list(table)
    at = head.index("homes_30")
    np.testing.assert_allclose([one[at] for one in rows], table["homes_30"])
    method = {one[0]: one[1] for one in book["method"].iter_rows(values_only=True)}
    assert method["synthetic"] == "yes"
    assert method["column rent_30"].startswith("rent that 30 % of pay affords, yuan")


@pytest.mark.skipif(which("ogrinfo") is None, reason="gdal-bin is not installed")
def test_gdal_reads_every_layer_of_one_geopackage(tmp_path):
    homes = answered("access")
    export_homes(homes, tmp_path / "walk.gpkg", tables=homes_tables(homes))
    said = subprocess.run(
        ["ogrinfo", "-ro", "-so", "-al", tmp_path / "walk.gpkg"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    layers = {one.partition("\n")[0]: one for one in said.split("Layer name: ")[1:]}
    assert set(homes_tables(homes)) <= set(layers)
    for kind in homes_tables(homes):
        assert f"Feature Count: {len(homes_table(homes, kind))}\n" in layers[kind]
    shapes = {"access": "Polygon", "opened": "Point", "within": "None"}
    for kind, shape in shapes.items():
        assert f"Geometry: {shape}\n" in layers[kind]


def test_pandas_reads_the_csv_with_its_meaning_beside_it(tmp_path):
    homes = answered("quotient")
    export_homes(homes, tmp_path / "lq.csv")
    table = pd.read_csv(tmp_path / "lq.csv", dtype={"cell": "str"})
    cells = homes_table(homes, "quotient")
    np.testing.assert_array_equal(h3cells.from_text(table["cell"]), cells.index)
    np.testing.assert_allclose(table["lq"], cells["lq"])
    beside = json.loads((tmp_path / "lq.csv-metadata.json").read_text(encoding="utf-8"))
    columns = {one["name"]: one for one in beside["tableSchema"]["columns"]}
    assert list(columns) == list(table)
    assert columns["lq"]["dc:description"] == "location quotient: graduates / expected"


def test_outlines_of_places_are_in_their_csv_and_names_survive(tmp_path):
    homes = answered("kinds")
    export_homes(homes, tmp_path / "kinds.csv")
    table = pd.read_csv(tmp_path / "kinds.csv")
    shapes = gpd.GeoSeries.from_wkt(table["geometry"], crs=4326)
    places = homes.places("residence").table
    assert shapes.geom_equals_exact(places.geometry.reset_index(drop=True), 1e-6).all()
    assert table["name"].tolist() == places["name"].tolist()


def test_several_tables_come_in_one_zip_or_one_geopackage():
    homes = answered("balance")
    together = export_homes_bytes(homes, "b.gpkg", tables=TABLES["balance"])
    assert together.name == "b.gpkg"
    apart = export_homes_bytes(homes, "b.geojson", tables=TABLES["balance"])
    assert apart.name == "b.geojson.zip"


def test_the_map_and_its_file_are_coloured_alike(tmp_path):
    for topic in HOMES_TOPICS:
        path = tmp_path / f"{topic}.gpkg"
        export_homes(answered(topic), path, stylist=style_of)
        told = carried(path, ".gpkg")[topic]
        assert len(told["style"]["colours"]) >= 5


def test_a_threshold_hides_in_these_files_what_it_hides_elsewhere(tmp_path):
    raw = small_study(tmp_path / "raw")
    safe = suppress_study(raw, tmp_path / "safe", threshold=5)
    shown = {role: safe.series(role=role, year=2025)["graduates"] for role in ("residence", "work")}
    hidden = 0
    for topic in HOMES_TOPICS:
        for role in ("residence", "work") if topic in ("quotient", "access") else ("",):
            asked = {"topic": topic, "year": 2025} | ({"role": role} if role else {})
            homes, bare = (Homes(one, HomesQuestion(**asked)) for one in (safe, raw))
            for kind in homes_tables(homes):
                table = homes_table(homes, kind)
                if table.index.name != "cell" or "graduates" not in table:
                    continue
                people = table["graduates"]
                assert not ((people > 0) & (people < 5)).any(), (kind, role)
                if kind != "balance":
                    own = shown[role or "residence"].reindex(people.index)
                    pd.testing.assert_series_equal(people, own, check_names=False)
                was = homes_table(bare, kind)["graduates"].reindex(people.index)
                hidden += int(((was > 0) & (people == 0)).sum())
    assert hidden > 100


def test_no_topic_without_a_file_format():
    check_target("x.gpkg")
    assert set(TOPIC) == set(KINDS)
