"""gradmap load stations, links, districts, and what gradmap verify says of the rail."""

from __future__ import annotations

import shlex

import geopandas as gpd
import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from spatial.cli import main
from spatial.cli_load import load
from spatial.rail import links_between, network_of, times_between
from spatial.store import write_study
from spatial.study import open_study
from tests.studies import counts, info

STOPS = (
    "id,name,lat,lon,line\na,甲,39.90,116.40,1\nb,乙,39.91,116.40,1\nc,,39.92,116.40,1\nd,丁,,,1\n"
)
EDGES = "x,y,line\na,b,1\n乙,c,1\nb,zz,1\n"


@pytest.fixture
def city(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_study(tmp_path / "city", info(), counts(radius=3))
    (tmp_path / "stops.csv").write_text(STOPS, encoding="utf-8")
    (tmp_path / "edges.csv").write_text(EDGES, encoding="utf-8")
    shape = gpd.GeoDataFrame(
        {"NAME": ["1"]}, geometry=[shapely.LineString([(116.4, 39.89), (116.4, 39.93)])], crs=4326
    )
    shape.to_file(tmp_path / "lines.geojson")
    areas = gpd.GeoDataFrame(
        {"n": ["W", "E"]},
        geometry=[shapely.box(116, 39, 116.4, 40), shapely.box(116.4, 39, 117, 40)],
        crs=4326,
    )
    areas.to_file(tmp_path / "areas.geojson")
    return tmp_path / "city"


def run(command):
    return CliRunner().invoke(main, shlex.split(command))


def succeed(command):
    ran = run(command)
    assert ran.exit_code == 0, ran.stderr
    return ran.stdout


def refuse(command):
    ran = run(command)
    assert ran.exit_code == 2, ran.output
    (line,) = ran.stderr.splitlines()
    return line.removeprefix("gradmap: ")


STATIONS = (
    "load stations stops.csv --into city --id id --name name --lines line --lat lat --lon lon"
)
LINKS = "load links edges.csv --into city --a x --b y --line line"


def test_stations_then_links_then_times(city):
    told = succeed(STATIONS)
    assert "stations: 3 rows" in told
    assert "1 row without a place left out: 丁" in told
    assert "1 row without a name kept: 3" in told
    told = succeed(LINKS)
    assert "rail_links: 2 rows" in told
    assert "b-zz" in told
    network = network_of(open_study(city), 2025)
    assert links_between(network, "甲", "c") == 2
    assert times_between(network, [39.90, 39.92], [116.4, 116.4], [0], [1]).minutes[0] < 20


def test_links_of_drawn_courses(city):
    succeed(STATIONS)
    assert "rail_links: 2 rows" in succeed(
        "load links --shapes lines.geojson --line NAME --into city"
    )
    links = open_study(city).layer("rail_links")
    np.testing.assert_allclose(links["length_km"], 1.11, atol=0.01)


def test_districts_are_added_and_the_rest_of_the_study_stays(city):
    before = open_study(city)
    assert "districts: 2 rows" in succeed("load districts areas.geojson --into city --name n")
    after = open_study(city)
    assert list(after.layer("districts")["name"]) == ["W", "E"]
    assert after.files["counts.parquet"] == before.files["counts.parquet"]


def test_a_layer_is_replaced_only_when_asked(city):
    succeed(STATIONS)
    assert refuse(STATIONS) == "city has stations already; say --replace to replace them"
    succeed(f"{STATIONS} --replace")
    assert len(open_study(city).layer("stations")) == 3


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (LINKS, "links join stations, found none in the study: load stations first"),
        ("load links --into city", "links need a FILE or --shapes, and not both"),
        (STATIONS.replace("city", "nowhere"), "nowhere: a study is a folder with a study.json"),
        (STATIONS.replace("--name name", "--name nom"), "stops.csv: column nom is needed"),
        ("load districts stops.csv --into city --name n", "stops.csv: shapes must end in"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(city, command, said):
    before = open_study(city).digest
    assert said in refuse(command)
    assert open_study(city).digest == before


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("load links edges.csv --into city", "links of a FILE need --a and --b"),
        ("load links --shapes lines.geojson --into city", "links of --shapes need --line"),
        (
            "load links --shapes lines.geojson --into city --line NAME --opened y",
            "--opened has no meaning with --shapes",
        ),
    ],
)
@pytest.mark.usefixtures("city")
def test_options_that_do_not_go_together_are_refused(command, said):
    succeed(STATIONS)
    assert said in refuse(command)


@pytest.mark.parametrize("name", ["stations", "links", "districts"])
def test_help_shows_an_example(name):
    assert f"gradmap load {name} " in load.commands[name].help


@pytest.mark.usefixtures("city")
def test_verify_tells_faults_of_the_rail_of_a_sound_study():
    succeed(STATIONS)
    told = succeed("verify city").splitlines()
    assert told[0] == "city: a sound study"
    assert [one for one in told if one.startswith("rail: ")] == [
        "rail: 1 station without a name: c",
        "rail: no two stations are linked in 2025: no way by rail can be timed",
    ]
    succeed(LINKS)
    assert "rail: no two" not in succeed("verify city")


@pytest.mark.real
def test_verify_tells_the_false_edge_and_the_split_of_the_beijing_of_2026(city, real_data):
    folder = real_data / "beijing"
    succeed(
        f"load stations '{folder}/subway_2026_stations_wgs84.csv' --into city --name stop_name"
        " --lines lines --lat lat --lon lon"
    )
    succeed(f"load links '{folder}/subway_2026_edges.csv' --into city --a a --b b --line lines")
    told = [one for one in succeed("verify city").splitlines() if one.startswith("rail: ")]
    # These two, and none beside them.
    split, false = told
    assert split.startswith("rail: the network falls into 2 parts of 398 and 4 stations: ")
    assert {"香山", "茶棚", "万安", "国家植物园"} == set(
        split.split(": ")[2].removesuffix(" stand apart").split(", ")
    )
    assert false.startswith("rail: the link 回龙观东大街-马连洼 of line 18 looks false")
    network = network_of(open_study(city), 2026)
    assert links_between(network, "西二旗", "国贸") == 13
    main_part = np.isfinite(network.ride[network.row("西二旗")])
    assert main_part.sum() == 398
    assert np.isfinite(network.ride[np.ix_(main_part, main_part)]).all()
