"""gradmap commute: a file that explains itself, and a table that says the same."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from spatial import cells as h3cells
from spatial.bands import KM_PER_MILE
from spatial.cli import main
from spatial.commute_places import places_of_year
from spatial.commute_report import commute_report
from spatial.store import write_study
from tests import oracles_commute as oracle
from tests.studies import CENTRE, counts, info, small_study


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")


def run(*words):
    return CliRunner().invoke(main, [str(one) for one in words])


def asked(study, *words):
    """The JSON that a command writes."""
    done = run("commute", study, *words, "--out", "out.json")
    assert done.exit_code == 0, done.output
    return json.loads(Path("out.json").read_text("utf-8"))


def test_the_file_holds_every_indicator_of_the_report(saved):
    found = asked(saved.path, "--year", 2025)
    report = commute_report(saved, 2025)
    assert list(found["indicators"]) == list(report.indicators.index)
    for name, row in report.indicators.iterrows():
        told = found["indicators"][name]
        assert set(told) == {*("value", "low", "high", "unit", "modelled", "definition", "source")}
        for column in ("value", "low", "high"):
            same = told[column] is None if np.isnan(row[column]) else told[column] == row[column]
            assert same, (name, column)
        assert told["definition"] == row["definition"]
    assert found["notes"] == list(report.notes)
    assert [row["graduates"] for row in found["bands"]["rows"]] == list(report.bands["graduates"])


def test_the_file_says_where_it_comes_from_and_how_to_make_it_again(saved, monkeypatch):
    found = asked(saved.path, "--area", "West", "--side", "work", "--bands-km", "1,2.5", "--sphere")
    told = found["provenance"]
    assert (found["study"], found["synthetic"]) == ("little", True)
    assert told["study_digest"] == saved.digest
    assert told["created"] == "2025-06-15T15:06:40Z"
    assert {"gradmap", "numpy", "h3"} <= set(told["versions"])
    assert found["question"]["area"]["id"] == "w"
    assert list(found["indicators"])[13:16] == [
        *("share_under_1km", "share_1_to_2.5km", "share_over_2.5km")
    ]
    monkeypatch.chdir(saved.path.parent)
    words = shlex.split(told["command"])
    assert words[:3] == ["gradmap", "commute", "little"]
    again = run(*words[1:])
    assert again.exit_code == 0
    assert json.loads((saved.path.parent / "out.json").read_text("utf-8")) == found


def test_the_resolution_of_a_place_is_asked_for_and_told(saved, monkeypatch):
    place = places_of_year(saved, 2025, role="work").table["id"].iloc[0]
    words = ["--area", place, "--side", "work", "--draws", 0, "--no-layout"]
    plain = asked(saved.path, *words)
    assert plain["question"]["resolution"] == 8
    assert f"--area {place} --resolution 8" in plain["provenance"]["command"]
    fine = asked(saved.path, *words, "--resolution", 9)
    assert fine["question"]["resolution"] == 9
    for found in (plain, fine):
        monkeypatch.chdir(saved.path.parent)
        again = run(*shlex.split(found["provenance"]["command"])[1:])
        assert again.exit_code == 0, again.output
        assert json.loads((saved.path.parent / "out.json").read_text("utf-8")) == found
    refused = run("commute", saved.path, "--area", place, "--resolution", 10)
    assert refused.exit_code == 2
    assert "resolution must be 9, that of little, or coarser, found 10" in refused.output


def test_without_out_a_table_is_printed(saved):
    done = run("commute", saved.path, "--no-layout", "--draws", 0)
    assert done.exit_code == 0
    assert "Little town, 2025: people who live there (little, synthetic)" in done.output
    assert "residents" in done.output
    assert "325" in done.output
    assert "separation_km" not in done.output
    assert "modelled" in done.output


def test_an_area_may_be_a_file(saved):
    half = shapely.box(CENTRE[1] - 1, CENTRE[0] - 1, CENTRE[1], CENTRE[0] + 1)
    gpd.GeoDataFrame(geometry=[half], crs=4326).to_file("half.geojson")
    drawn = asked(saved.path, "--polygon", "half.geojson", "--draws", 0)
    west = commute_report(saved, 2025, area=None, draws=0)
    named = asked(saved.path, "--area", "West", "--draws", 0)
    assert drawn["question"]["area"]["kind"] == "drawn"
    assert drawn["question"]["area"]["outline"]["type"] == "Polygon"
    assert drawn["indicators"] == named["indicators"]
    assert drawn["indicators"]["residents"]["value"] < west.indicators.loc["residents", "value"]


def test_inflow_and_outflow_are_those_of_the_flows(saved):
    found = asked(saved.path, "--area", "East", "--draws", 0)["indicators"]
    flows = saved.flows
    east = {
        end: h3cells.centres(flows[end].to_numpy())[1] >= CENTRE[1]
        for end in ("origin", "destination")
    }
    people = flows["graduates"].to_numpy()
    inflow = people[east["destination"] & ~east["origin"]].sum()
    outflow = people[east["origin"] & ~east["destination"]].sum()
    assert (found["inflow"]["value"], found["outflow"]["value"]) == (inflow, outflow)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--year", "2024", "--side", "home"], "Invalid value for '--side'"),
        (["--area", "Wets"], "an area must be a district or place of little, found 'Wets'; did"),
        (["--area", "West", "--polygon", "x.geojson"], "an area is named or drawn, found --area"),
        (["--polygon", "x.geojson"], "x.geojson: a file is needed"),
        (["--bands-km", "9,5"], "edges of bands must be above 0 and ascend, found 9, 5"),
        (["--bands-km", "a"], "edges must be numbers parted by commas, found 'a'"),
        (["--bands-km", "5", "--bands-miles", "5"], "bands are in km or in miles, found both"),
        (["--year", "1999"], "without flows the commute of 1999 needs homes and jobs"),
        (["--year", "2024", "--mean-km", "99"], "mean_km must lie between"),
        (["--out", "out.txt"], "indicators go to a .json file, flows to .gpkg, .geojson, .csv"),
        (["--out", "no/out.gpkg"], "no"),
        (["--out", "out.csv", "--draws", 5], "--draws is of the indicators, and out.csv holds"),
        (["--out", "out.json", "--lines", 5], "--lines is of the flows, and out.json holds none"),
        (["--area", "@39.9,116;x"], "corners must be written @lat,lon;lat,lon;..., found"),
        (["--year", "2024", "--out", "out.csv"], "2024"),
        (["--out", "no/out.json"], "the folder of no/out.json must be there, found none"),
    ],
)
def test_bad_asks_get_one_sentence(saved, words, sentence):
    done = run("commute", saved.path, *words)
    assert done.exit_code == 2
    assert sentence in done.output
    assert "Traceback" not in done.output


def test_a_refused_ask_leaves_the_old_file_alone(saved, tmp_path):
    (tmp_path / "out.json").write_text("old")
    done = run("commute", saved.path, "--area", "Nowhere", "--out", "out.json")
    assert done.exit_code == 2
    assert (tmp_path / "out.json").read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["out.json"]


def test_without_flows_the_file_says_so(tmp_path):
    bare = write_study(tmp_path / "bare", info(), counts())
    found = asked(bare.path, "--year", 2025)
    assert not found["observed"]
    assert found["years_with_flows"] == []
    known = {name for name, one in found["indicators"].items() if one["value"] is not None}
    assert {"separation_km", "maximum_km"} <= known
    assert "mean_distance_km" not in known
    modelled = asked(bare.path, "--year", 2025, "--mean-km", 2.5)["indicators"]
    assert modelled["mean_distance_km"]["modelled"]
    assert modelled["mean_distance_km"]["value"] == pytest.approx(2.5, rel=1e-4)


@pytest.fixture(scope="module")
def orange(real_data, tmp_path_factory):
    """Orange County with both years of block flows, loaded as anybody would."""
    folder = tmp_path_factory.mktemp("orange") / "county"
    us = real_data / "us"
    at = ["--points", us / "oc_blocks.csv", "--id", "GEOID20"]
    at += ["--lat", "INTPTLAT20", "--lon", "INTPTLON20", "--who", "all workers"]
    columns = ["--origin", "h", "--destination", "w", "--count", "n"]
    for year in (2017, 2019):
        file = us / f"oc_block_od_{year}.csv.gz"
        done = run("load", "flows", file, "--into", folder, *columns, *at, "--year", year)
        assert done.exit_code == 0, done.output
    return folder


@pytest.mark.real
@pytest.mark.parametrize(
    ("year", "people", "inside", "miles"),
    [
        (2017, 945_769, [661_185, 271_365, 13_219, 0], 7.925),
        (2019, 964_854, [676_408, 274_977, 13_469, 0], 7.888),
    ],
)
def test_orange_county_on_the_sphere(orange, year, people, inside, miles):
    words = ["--year", year, "--sphere", "--bands-miles", "10,25,50", "--draws", 20]
    found = asked(orange, *words)
    assert [row["graduates"] for row in found["bands"]["rows"]] == inside
    told = found["indicators"]
    assert told["residents"]["value"] == people
    assert round(told["mean_distance_km"]["value"] / KM_PER_MILE, 3) == miles
    assert told["share_10_to_25mi"]["value"] == pytest.approx(inside[1] / people)
    assert told["separation_km"]["low"] < told["separation_km"]["high"] < 13
    assert any("on the ellipsoid and" in note for note in found["notes"])
    ellipsoid = asked(orange, "--year", year, "--draws", 0, "--no-layout")["indicators"]
    mean = ellipsoid["mean_distance_km"]["value"]
    assert told["mean_distance_km"]["value"] == pytest.approx(mean, rel=1e-3)
    assert told["mean_distance_km"]["value"] != mean


@pytest.fixture(scope="module")
def washington(real_data, tmp_path_factory):
    """Washington region with tract flows, counties and stations."""
    folder = tmp_path_factory.mktemp("washington") / "region"
    us = real_data / "us"
    flows = us / "ncr_od_tract_2018_within_county.csv.gz"
    columns = ["--origin", "h_tract", "--destination", "w_tract", "--count", "S000"]
    zones = ["--zones", us / "ncr_geo_census_cb_2010_census_tracts.geojson", "--zone-id", "geoid"]
    for words in (
        ["flows", flows, *columns, *zones, "--year", 2018, "--resolution", 7],
        [
            *("districts", us / "ncr_geo_census_cb_2010_counties.geojson"),
            *("--id", "geoid", "--name", "region_name"),
        ],
        [
            *("stations", us / "metro-stations-regional.geojson"),
            *("--id", "GIS_ID", "--name", "NAME", "--lines", "LINE"),
        ],
    ):
        done = run("load", *words, "--into", folder)
        assert done.exit_code == 0, done.output
    return folder


@pytest.mark.real
def test_washington_by_county_with_rail_coverage(washington, real_data):
    us = real_data / "us"
    flows = pd.read_csv(us / "ncr_od_tract_2018_within_county.csv.gz", dtype=str)
    people = flows["S000"].astype(float).groupby(flows["county"]).sum()
    stations = gpd.read_file(us / "metro-stations-regional.geojson")
    assert len(stations) == 91
    counties = gpd.read_file(us / "ncr_geo_census_cb_2010_counties.geojson")["geoid"]
    coverage = {}
    for county in counties:
        found = asked(washington, "--year", 2018, "--area", county, "--draws", 0, "--no-layout")
        told = {name: one["value"] for name, one in found["indicators"].items()}
        if county in people.index and people[county] > 50_000:
            # Flows stay within their county; only cells on its edge are shared with the next.
            assert told["residents"] == pytest.approx(people[county], rel=0.1)
            assert told["self_containment"] > 0.9
        assert told["residents"] - told["outflow"] + told["inflow"] == pytest.approx(
            told["workers"]
        )
        coverage[county] = told["rail_coverage_800m"]
    metro = {"11001", "51013"}
    assert all(coverage[one] > 0.05 for one in metro)
    assert max(coverage, key=lambda one: coverage[one] or 0) in metro
    # No station stands in these counties, nor within a walk of them.
    assert all(not coverage[one] for one in ("24017", "24021", "51153"))
    totals = asked(washington, "--year", 2018, "--draws", 0, "--no-layout")["indicators"]
    assert totals["residents"]["value"] == pytest.approx(people.sum())


@pytest.mark.real
def test_washington_coverage_is_counted_pair_by_pair(washington, real_data):
    from spatial.pairs import pairs_of
    from spatial.study import open_study

    found = asked(washington, "--year", 2018, "--area", "51013", "--draws", 0, "--no-layout")
    study = open_study(washington)
    pairs = pairs_of(study, 2018)
    shapes = gpd.read_file(real_data / "us" / "ncr_geo_census_cb_2010_counties.geojson")
    arlington = shapes.loc[shapes["geoid"] == "51013"].geometry.iloc[0]
    held = shapely.contains_xy(arlington, pairs.lon, pairs.lat)
    own = pairs.where(held[pairs.origin])
    stations = gpd.read_file(real_data / "us" / "metro-stations-regional.geojson").geometry
    near = {}
    for row in np.unique(np.concatenate([own.origin, own.destination])):
        lat, lon = own.lat[row], own.lon[row]
        away = (oracle.geodesic_km(lat, lon, one.y, one.x) for one in stations)
        near[row] = any(km <= 0.8 for km in away)
    both = [near[home] and near[job] for home, job, _ in oracle.rows(own)]
    share = oracle.mean(both, own.graduates.tolist())
    assert found["indicators"]["rail_coverage_800m"]["value"] == pytest.approx(share)
