"""gradmap load rents: into a study beside other years and kinds, with an account of every row."""

from __future__ import annotations

import shlex

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from spatial.analysis import hotspot_table, place_table
from spatial.card import card
from spatial.cli import main
from spatial.question import Question
from spatial.rent import rent_table
from spatial.rent_store import add_rents, currency_words
from spatial.schema import SchemaError
from spatial.store import write_study
from spatial.study import open_study
from tests.studies import counts, info

LISTINGS = """id,price,size,type,lat,lon
a,3000,60,整租,39.9,116.4
b,1500,12,合租,39.9,116.4
c,,12,合租,39.9,116.4
d,9000,90,整租,30,116.4
"""
POINTS = (
    "load rents homes.csv --into city --price price --lat lat --lon lon --id id --area size"
    " --kind type --kind-map 整租=flat,合租=room"
)
ZONES = (
    "load rents acs.csv --into city --price value --where measure=rent --id geoid"
    " --year-column year --zones tracts.geojson --zone-id geoid"
)


@pytest.fixture
def city(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_study(tmp_path / "city", info(currency={}, rent_edges=()), counts(radius=6))
    (tmp_path / "homes.csv").write_text(LISTINGS, encoding="utf-8")
    (tmp_path / "acs.csv").write_text(
        "geoid,value,measure,year\n01,1200,rent,2018\n02,1800,rent,2018\n"
        "01,1300,rent,2019\n02,1900,rent,2019\n01,5,home,2019\n",
        encoding="utf-8",
    )
    west, east = shapely.box(116, 39, 116.4, 41), shapely.box(116.4, 39, 117, 41)
    table = gpd.GeoDataFrame({"geoid": ["01", "02"]}, geometry=[west, east], crs=4326)
    table.to_file(tmp_path / "tracts.geojson")
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
    lines = ran.stderr.splitlines()
    return lines[-1].removeprefix("gradmap: ").removeprefix("Error: ")


def test_listings_go_in_with_their_account(city):
    told = succeed(f"{POINTS} --year 2024 --currency yuan --edges 1500,2000,3000 --source Agency")
    assert "rents 2024: 4 rows in, 3 kept, 1 dropped\n  1 without a price\n" in told
    assert "1 of 3 lie outside the study area" in told
    study = open_study(city)
    assert study.layer("rents")["kind"].tolist() == ["flat", "room", "flat"]
    assert study.info.currency == {"zh": "元", "en": "yuan"}
    assert study.info.rent_edges == (1500, 2000, 3000)
    entry = study.info.audit[-1]
    assert entry["role"] == "rents"
    assert (entry["rows"], entry["kept"], entry["dropped"]) == (4, 3, {"without a price": 1})
    assert (entry["years"], entry["kinds"]) == ([2024], ["flat", "room"])
    assert (entry["file"], entry["column"], entry["source"]) == ("homes.csv", "price", "Agency")
    table = rent_table(study, year=2025, least=1, rings=0)
    assert table["rent"].dropna().tolist() == [2250]


def test_zones_go_in_for_every_year(city):
    told = succeed(f"{ZONES} --currency USD")
    assert "rents 2018, 2019: 5 rows in, 4 kept, 1 dropped" in told
    study = open_study(city)
    assert study.layer("rents")["id"].tolist() == ["01-2018", "02-2018", "01-2019", "02-2019"]
    assert study.info.currency["en"] == "US dollars"
    table = rent_table(study, year=2019)
    assert table["zone"].all()
    assert set(table["rent"]) >= {1300, 1900}
    assert table["rent"].between(1300, 1900).all()


def test_a_place_among_zones_has_a_rent_and_a_card(city):
    succeed(f"{ZONES} --currency USD --edges 1500")
    study = open_study(city)
    question = Question(year=2024, role="residence")
    places = place_table(study, question, hotspot_table(study, question))
    found = card(study, question, places, str(places.table["id"].iloc[0])).rent
    assert found is not None
    assert found.zone
    assert found.year == 2019
    assert 1300 <= found.median <= 1900
    low, high = found.band
    assert (low or 0) <= found.median < (high or 1e9)
    assert 1 <= found.listings <= 2


def test_other_years_and_kinds_stay(city):
    succeed(f"{POINTS} --year 2023 --currency yuan")
    succeed(f"{POINTS} --year 2024")
    succeed(ZONES)
    study = open_study(city)
    rents = study.layer("rents")
    assert rents.groupby(["year", "kind"]).size().to_dict() == {
        **{(year, "flat"): 2 for year in (2023, 2024)},
        **{(year, "room"): 1 for year in (2023, 2024)},
        **{(year, "zone"): 2 for year in (2018, 2019)},
    }
    assert rents["id"].is_unique
    assert rents["top_coded"].dtype == bool
    assert [one["years"] for one in study.info.audit] == [[2023], [2024], [2018, 2019]]


def test_a_year_and_kind_is_replaced_only_when_that_is_said(city):
    succeed(f"{POINTS} --year 2024 --currency yuan")
    before = open_study(city).digest
    assert "holds rents of flat 2024, room 2024 already" in refuse(f"{POINTS} --year 2024")
    assert open_study(city).digest == before
    succeed(f"{POINTS} --year 2024 --replace")
    assert open_study(city).digest == before


def test_rents_of_two_currencies_are_not_mixed(city):
    succeed(f"{POINTS} --year 2024 --currency yuan")
    assert "are in yuan, found US dollars" in refuse(f"{ZONES} --currency USD")
    succeed(f"{POINTS} --year 2024 --currency EUR --replace")
    assert open_study(city).info.currency["en"] == "euros"


def test_a_study_without_a_currency_is_told_so(city):
    assert "the study names no currency: say --currency" in succeed(f"{POINTS} --year 2024")
    assert open_study(city).info.currency == {}


def test_rents_of_another_city_are_refused(city):
    far = gpd.GeoDataFrame(
        {"id": ["a"], "rent": [1.0], "area_m2": [1.0], "kind": ["flat"], "year": [2024]},
        geometry=[shapely.Point(0, 0)],
        crs=4326,
    )
    with pytest.raises(SchemaError, match="found 0 of 1 there"):
        add_rents(city, far)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", "--year or --year-column, and not both"),
        ("--year 2024 --year-column when", "--year or --year-column, and not both"),
        ("--year 2024 --kind-is flat", "--kind or --kind-is, and not both"),
        ("--year 2024 --zones tracts.geojson", "both --zones and --zone-id"),
        ("--year 2024 --zones tracts.geojson --zone-id geoid", "has no meaning with --zones"),
        ("--year 2024 --edges 3000,2000", "--edges must be ascending rents above 0"),
        ("--year 2024 --edges many", "--edges must be ascending rents above 0"),
        ("--year 2024 --area-of room", "--area-of must read a=b,c=d, found 'room'"),
        ("--year 2024 --price cost", "column cost is needed"),
    ],
)
def test_what_cannot_be_done_is_said(city, more, words):
    before = open_study(city).digest
    assert words in refuse(f"{POINTS} {more}")
    assert open_study(city).digest == before


def test_currencies_have_words_in_both_languages():
    assert currency_words("CNY") == currency_words("yuan") == {"zh": "元", "en": "yuan"}
    assert currency_words("usd")["zh"] == "美元"
    assert currency_words("franc") == {"zh": "franc", "en": "franc"}


@pytest.mark.real
def test_real_rents_go_into_real_studies(real_data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    us = real_data / "us"
    groups = gpd.read_file(us / "ncr_geo_census_cb_2020_census_block_groups.geojson")
    jobs = pd.read_csv(us / "47900_all2023.csv", dtype={"bgrp": str})
    joined = groups.merge(jobs[["bgrp", "CD04"]], left_on="geoid", right_on="bgrp")
    joined[["geoid", "CD04", "geometry"]].to_file("groups.gpkg")
    succeed("load zones groups.gpkg --into dc --work CD04 --year 2023 --resolution 8")
    told = succeed(
        f"load rents {us / 'ncr_cttrbg_acs5_2009_2019_housing_access.csv.xz'} --into dc"
        " --price value --where measure=gross_rent --id geoid --year-column year"
        f" --zones {us / 'ncr_geo_census_cb_2010_census_tracts.geojson'} --zone-id geoid"
        " --currency USD --edges 1000,1500,2000"
    )
    assert "taken for a top code" in told
    assert "yuan" not in told
    study = open_study(tmp_path / "dc")
    table = rent_table(study, year=2023)
    assert table.attrs["year"] == 2019
    assert table["zone"].mean() > 0.75
    assert table["rent"].max() == 3501
    # Graduates' jobs lie where rents are known.
    jobs_of = study.series(role="work", year=2023)["graduates"]
    assert jobs_of[table["rent"].notna()].sum() > 0.9 * jobs_of.sum()
