"""Profiles: every row counted again by hand, and a page that says what a study lacks."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from spatial import cells as h3cells
from spatial.areas import area_of, drawn_area
from spatial.cli import main
from spatial.commute_report import commute_report
from spatial.pairs import pairs_of
from spatial.profile import profile
from spatial.profile_file import PROFILE_FORMATS, profile_json
from spatial.profile_row import COLUMNS, SECTIONS
from spatial.profile_words import INDICATOR_WORDS, KIND_WORDS, PAGE_WORDS, SECTION_WORDS, UNIT_WORDS
from spatial.question import QuestionError
from spatial.rent_near import median_interval_ranks
from spatial.sources.beijing.sample import PACKAGED
from spatial.store import write_study
from spatial.study import open_study
from tests import oracles_commute as oracle
from tests.studies import CENTRE, counts, info, layers, small_study


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(scope="module")
def west(saved):
    return profile(saved, area_of(saved, "West"), year=2025)


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")


def run(*words):
    return CliRunner().invoke(main, [str(one) for one in words])


def succeed(*words):
    done = run(*words)
    assert done.exit_code == 0, done.output
    return done.output


def value(found, indicator, *, section=None, name="", year=None):
    """The one row of an indicator."""
    table = found.table[(found.table["indicator"] == indicator) & (found.table["name"] == name)]
    table = table if section is None else table[table["section"] == section]
    table = table if year is None else table[table["year"] == year]
    assert len(table) == 1, indicator
    return table.iloc[0]


def in_west(study):
    """Rows of the counts whose cell has its centre in the western half."""
    return h3cells.centres(study.counts["cell"].to_numpy())[1] <= CENTRE[1]


def test_graduates_are_counted_row_by_row(saved, west):
    table = saved.counts[in_west(saved)]
    sums = table.groupby(["role", "year"], observed=True)["graduates"].sum()
    for (role, year), people in sums.items():
        end = "home" if role == "residence" else "work"
        assert value(west, f"graduates_{end}", year=year)["value"] == people
    both = saved.counts[saved.counts["year"] == 2025].groupby("role", observed=True)
    for role, end in (("residence", "home"), ("work", "work")):
        whole = both["graduates"].sum()[role]
        assert value(west, f"share_{end}")["value"] == pytest.approx(sums[role, 2025] / whole)
        density = sums[role, 2025] / value(west, "area_km2")["value"]
        assert value(west, f"density_{end}")["value"] == pytest.approx(density)
    ratio = sums["work", 2025] / sums["residence", 2025]
    assert value(west, "jobs_per_home")["value"] == pytest.approx(ratio)


def test_a_break_is_said_beside_the_year_after_it(west):
    note = value(west, "graduates_work", year=2024)["note"]
    assert note == "not comparable with 2023: the register was renewed"
    assert value(west, "graduates_work", year=2025)["note"] == ""
    assert value(west, "graduates_home", year=2024)["note"] == ""


def test_quotients_are_the_formula_with_exact_poisson_limits(saved, west):
    held = in_west(saved)
    for role, end in (("residence", "home"), ("work", "work")):
        table = saved.counts[(saved.counts["role"] == role) & (saved.counts["year"] == 2025)]
        here = table[held[table.index]]
        rate = table["graduates"].sum() / table["base"].sum()
        row = value(west, f"lq_{end}")
        expected = here["base"].sum() * rate
        assert row["value"] == pytest.approx(here["graduates"].sum() / expected)
        assert row["low"] < row["value"] < row["high"]
        n = here["graduates"].sum()
        assert poisson.sf(n - 1, row["low"] * expected) == pytest.approx(0.025, rel=1e-6)
        assert poisson.cdf(n, row["high"] * expected) == pytest.approx(0.025, rel=1e-6)


def test_commutes_are_those_of_the_report(saved, west):
    for side, section in (("residence", "residents"), ("work", "workers")):
        report = commute_report(saved, 2025, area=area_of(saved, "West"), side=side).indicators
        rows = west.table[west.table["section"] == section]
        assert len(rows) == 7
        for row in rows.to_dict("records"):
            for column in ("value", "low", "high", "modelled"):
                told, expected = row[column], report.loc[row["indicator"], column]
                assert told == expected or (np.isnan(told) and np.isnan(expected))
    pairs = pairs_of(saved, 2025)
    inside = area_of(saved, "West").holds(pairs.lat, pairs.lon, pairs.cell)
    crossing = oracle.exchange(pairs, inside)
    assert value(west, "inflow")["value"] == crossing["inflow"]
    assert value(west, "outflow")["value"] == crossing["outflow"]
    share = crossing["both"] / crossing["residents"]
    assert value(west, "self_containment")["value"] == pytest.approx(share)
    for section, name in (("come_from", "inflow"), ("go_to", "outflow")):
        rows = west.table[west.table["section"] == section]
        assert rows["value"].sum() <= crossing[name]
        assert rows["value"].is_monotonic_decreasing


def test_near_rail_is_counted_cell_by_cell(saved, west):
    table = saved.counts[(saved.counts["year"] == 2025) & in_west(saved)]
    stations = saved.layer("stations").geometry
    lat, lon = h3cells.centres(table["cell"].to_numpy())
    near = np.array(
        [
            any(oracle.geodesic_km(y, x, one.y, one.x) <= 0.8 for one in stations)
            for y, x in zip(lat, lon, strict=True)
        ]
    )
    for role, end in (("residence", "home"), ("work", "work")):
        people = table["graduates"].to_numpy() * (table["role"] == role).to_numpy()
        expected = people[near].sum() / people.sum()
        assert value(west, f"near_rail_{end}")["value"] == pytest.approx(expected)
    east = profile(saved, area_of(saved, "East"), year=2025, draws=0)
    # One stands on the edge: it is in one of both.
    both = [value(one, "stations_inside")["value"] for one in (west, east)]
    assert both == [0, len(stations)]


def test_stations_are_told_the_nearest_first(west):
    rows = west.table[west.table["indicator"] == "station_from_middle"]
    assert rows["value"].is_monotonic_increasing
    assert rows["name_en"].tolist()[0] == "Centre"


def test_rents_are_medians_of_the_listings_inside(tmp_path):
    rng = np.random.default_rng(5)
    rents = rng.uniform(1000, 6000, 40).round()
    lat, lon = CENTRE[0] + rng.normal(0, 0.005, 40), CENTRE[1] + rng.normal(0, 0.005, 40)
    points = {"id": [f"r{n}" for n in range(40)], "rent": rents, "kind": ["room", "flat"] * 20}
    points |= {"area_m2": 20.0, "year": [2024] * 40}
    own = layers() | {
        "rents": gpd.GeoDataFrame(points, geometry=gpd.points_from_xy(lon, lat), crs=4326)
    }
    study = write_study(tmp_path / "rents", info(), counts(), layers=own)
    found = profile(study, area_of(study, "West"), year=2025)
    at = h3cells.centres(h3cells.points_to_cells(lat, lon, resolution=9))[1]
    inside = at < CENTRE[1]
    assert 10 < inside.sum() < 30
    for kind in ("", "room", "flat"):
        held = np.sort(
            rents[inside & np.isin(points["kind"], [kind] if kind else ["room", "flat"])]
        )
        row = value(found, "median_rent", name=kind)
        assert row["value"] == np.median(held)
        low, high = median_interval_ranks(np.array([len(held)]))
        assert (row["low"], row["high"]) == (held[low[0]], held[high[0]])
        assert row["year"] == 2024
        assert row["note"].startswith(f"{len(held)} listings; band: ")
    assert [one["en"] for one in found.missing] == ["flows from home to work"]


@given(st.sampled_from(["residence", "work"]), st.integers(-30, 30))
@settings(max_examples=4, deadline=None)
def test_two_halves_make_the_whole(saved, role, shift):
    """Cut anywhere from north to south, graduates and area add up; so do shares, to one."""
    lon = CENTRE[1] + shift / 1000
    halves = [
        drawn_area([(39, 115), (39, lon), (41, lon), (41, 115)]),
        drawn_area([(39, lon), (39, 118), (41, 118), (41, lon)]),
    ]
    parts = [profile(saved, one, year=2025, draws=0) for one in halves]
    whole = profile(saved, area_of(saved, ""), year=2025, draws=0)
    end = "home" if role == "residence" else "work"
    for name in ("area_km2", f"base_{end}"):
        total = sum(value(one, name)["value"] for one in parts)
        assert total == pytest.approx(value(whole, name)["value"])
    assert sum(value(one, f"share_{end}")["value"] for one in parts) == pytest.approx(1)
    bases = [value(one, f"base_{end}")["value"] for one in parts]
    quotients = [value(one, f"lq_{end}")["value"] for one in parts]
    assert np.average(quotients, weights=bases) == pytest.approx(1)


def test_the_whole_study_has_no_edge_to_cross(saved):
    found = profile(saved, area_of(saved, ""), year=2025, draws=0)
    assert not set(found.table["section"]) & {"crossing", "workers", "come_from", "go_to"}
    assert not set(found.table["indicator"]) & {"lq_home", "share_work", "self_containment"}
    assert found.missing == ()


def test_what_a_study_lacks_is_listed(tmp_path):
    table = counts()
    work = table[table["role"] == "work"].assign(base=np.nan)
    bare = write_study(tmp_path / "bare", info(currency={}, rent_edges=()), work)
    found = profile(bare, area_of(bare, ""), year=2030)
    lacking = [one["en"] for one in found.missing]
    assert lacking == [
        "graduates at home",
        "all jobs, for a quotient",
        "flows from home to work",
        "stations that run in the year",
        "rents",
    ]
    assert all(one["zh"] for one in found.missing)
    assert set(found.table["indicator"]) <= {
        *("area_km2", "graduates_work", "density_work", "place_work")
    }
    assert set(found.table.loc[found.table["indicator"] == "density_work", "year"]) == {2025}
    page = succeed("profile", bare.path, "--year", 2030)
    assert "The study does not have: graduates at home, all jobs" in page
    assert "Density at work (2025)" in page
    assert "None" not in page
    assert "nan" not in page


def test_an_area_without_cells_is_refused(saved):
    nowhere = drawn_area([(0, 0), (0, 1), (1, 1)])
    with pytest.raises(QuestionError, match="needs cells of little, a drawn area holds none"):
        profile(saved, nowhere, year=2025)
    with pytest.raises(QuestionError, match="resolution must be 9"):
        profile(saved, area_of(saved, "West"), year=2025, resolution=11)


def test_the_table_has_its_columns_and_every_word_in_both_languages(west):
    assert tuple(west.table.columns) == COLUMNS
    assert list(dict.fromkeys(west.table["section"])) == [
        one for one in SECTIONS if one in set(west.table["section"])
    ]
    assert (west.table["note"] != "").equals(west.table["note_zh"] != "")
    for words in (SECTION_WORDS, INDICATOR_WORDS, KIND_WORDS, PAGE_WORDS, UNIT_WORDS):
        assert all(set(one) == {"en", "zh"} for one in words.values())
    assert set(west.table["indicator"]) <= set(INDICATOR_WORDS)
    assert not west.table["value"].isna().any()


@pytest.mark.parametrize("ending", PROFILE_FORMATS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_in_a_file_makes_the_same_file(saved, monkeypatch, ending, lang):
    words = ["--area", "West", "--draws", 20, "--lang", lang]
    told = succeed("profile", saved.path, *words, "--out", f"west{ending}")
    assert f"rows in west{ending}" in told
    text = Path(f"west{ending}").read_text("utf-8")
    if ending == ".json":
        command = json.loads(text)["provenance"]["command"]
    elif ending == ".csv":
        described = json.loads(Path("west.csv-metadata.json").read_text("utf-8"))
        command = described["notes"][0]["command"]
        assert len(pd.read_csv("west.csv")) == int(told.split()[0])
    else:
        command = text.rstrip().splitlines()[-1].strip()
        assert ("## Graduates" if lang == "en" else "## 高校毕业生") in text
        assert ("West, 2025" if lang == "en" else "西区，2025年") in text
    assert command.startswith("gradmap profile little --year 2025 --area w --resolution 8")
    monkeypatch.chdir(saved.path.parent)
    succeed(*shlex.split(command)[1:])
    assert Path(f"west{ending}").read_text("utf-8") == text


def test_json_is_the_table_with_its_provenance(saved, west):
    found = profile_json(saved, west, out="west.json")
    assert [row["indicator"] for row in found["rows"]] == west.table["indicator"].tolist()
    assert [row["value"] for row in found["rows"]] == west.table["value"].tolist()
    assert found["synthetic"] is True
    told = found["provenance"]
    assert told["study_digest"] == saved.digest
    assert told["modelled"] == ["minutes"]
    assert told["licence"] == "CC0-1.0"
    assert "20 draws" not in told["method"]
    json.dumps(found, allow_nan=False)


def test_a_page_in_chinese_has_no_english_words_of_ours(saved):
    page = succeed("profile", saved.path, "--area", "West", "--lang", "zh", "--draws", 0)
    # The reason of a break is the study's own, which has it in English only.
    body = [line for line in page.split("来源")[0].splitlines() if "口径不可比" not in line]
    assert not re.search("[a-z]{3,}", "\n".join(body))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--out", "x.gpkg"], "a profile must end in .json, .md, .csv, found x.gpkg"),
        (["--out", "no/x.md"], "the folder of no/x.md must be there"),
        (["--area", "Wets"], "an area must be a district or place of little, found 'Wets'"),
        (["--resolution", 12], "resolution must be 9"),
    ],
)
def test_bad_asks_get_one_sentence(saved, words, sentence):
    done = run("profile", saved.path, *words)
    assert done.exit_code == 2
    assert sentence in done.output
    assert "Traceback" not in done.output


def test_the_sample_tells_haidian_s_places_and_why():
    study = open_study(PACKAGED)
    found = profile(study, area_of(study, "Haidian"), year=2025, draws=0)
    rows = found.table[found.table["indicator"] == "place_work"]
    assert "Zhongguancun" in set(rows["name_en"])
    assert rows["note"].str.match("(centre|node|small): ").all()
    assert value(found, "lq_work")["note"] == "more than the base, beyond chance"
    assert value(found, "graduates_work", year=2025)["value"] > 50_000


@pytest.mark.real
def test_a_region_far_from_beijing(real_data):
    """Washington: jobs by block group, flows and rents by tract, 91 stations, counties."""
    us = real_data / "us"
    shapes = gpd.read_file(us / "ncr_geo_census_cb_2020_census_block_groups.geojson")
    jobs = pd.read_csv(us / "47900_all2023.csv", dtype={"bgrp": str})
    jobs["geoid"] = jobs["bgrp"].str.zfill(12)
    shapes[["geoid", "geometry"]].merge(jobs[["geoid", "C000", "CD04"]]).to_file("b.gpkg")
    tracts = us / "ncr_geo_census_cb_2010_census_tracts.geojson"
    zones = ["--zones", tracts, "--zone-id", "geoid"]
    words = ["--work", "CD04", "--base-work", "C000", "--year", 2023, "--resolution", 7]
    succeed("load", "zones", "b.gpkg", "--into", "ncr", *words)
    words = ["--name", "NAME", "--id", "GIS_ID", "--lines", "LINE"]
    succeed("load", "stations", us / "metro-stations-regional.geojson", "--into", "ncr", *words)
    counties = us / "ncr_geo_census_cb_2010_counties.geojson"
    words = ["--id", "geoid", "--name", "region_name"]
    succeed("load", "districts", counties, "--into", "ncr", *words)
    rents = us / "ncr_cttrbg_acs5_2009_2019_housing_access.csv.xz"
    words = ["--price", "value", "--where", "measure=gross_rent,region_type=tract", "--id", "geoid"]
    words += [*zones, "--year-column", "year", "--currency", "USD", "--edges", "1000,1500,2000"]
    succeed("load", "rents", rents, "--into", "ncr", *words)
    flows = us / "ncr_od_tract_2018_within_county.csv.gz"
    words = ["--origin", "h_tract", "--destination", "w_tract", "--count", "S000", *zones]
    succeed("load", "flows", flows, "--into", "ncr", *words, "--year", 2018)
    page = succeed("profile", "ncr", "--area", "51013", "--draws", 20)
    assert "Arlington" in page
    assert "US dollars a month" in page
    assert "The study does not have: all residents" in page
    assert "Mean distance (2018)" in page
    for lang in ("en", "zh"):
        succeed("profile", "ncr", "--area", "51013", "--draws", 0, "--lang", lang, "--out", "a.md")
        succeed("profile", "ncr", "--area", "51013", "--draws", 0, "--out", "a.json")
        written = Path("a.md").read_text("utf-8") + Path("a.json").read_text("utf-8")
        assert not re.search("beijing|yuan|北京|(?<!美)元/|地铁", written, re.IGNORECASE)
    found = json.loads(Path("a.json").read_text("utf-8"))
    rows = {row["indicator"]: row for row in found["rows"]}
    shape = gpd.read_file(counties).set_index("geoid").geometry["51013"]
    table = open_study("ncr").counts.query("role == 'work' and year == 2023")
    lat, lon = h3cells.centres(table["cell"].to_numpy())
    inside = table["graduates"][shapely.contains_xy(shape, lon, lat)].sum()
    assert rows["graduates_work"]["value"] == pytest.approx(inside)
    blocks = jobs.loc[jobs["geoid"].str.startswith("51013"), "CD04"].sum()
    assert inside == pytest.approx(blocks, rel=0.5)  # cells of 5 km2 share an edge of 40 km
    assert 0.3 < rows["near_rail_work"]["value"] < 1
    assert rows["zone_rent"]["year"] == 2019
    assert 1500 < rows["zone_rent"]["value"] < 2500
