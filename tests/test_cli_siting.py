"""gradmap siting: what it promises to scripts, and one sentence for everything that is wrong."""

from __future__ import annotations

import json
import re
import shlex
from typing import get_args

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner

from spatial.cli import main
from spatial.cli_siting import PERS
from spatial.rent_listings import Per
from spatial.siting_file import read_siting, rerank
from spatial.store import write_study
from tests.studies import counts, info, small_study


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little").path


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*words):
    return CliRunner().invoke(main, [str(one) for one in words])


def succeed(*words):
    ran = run(*words)
    assert ran.exit_code == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def refuse(*words):
    """The one sentence the command refuses with."""
    ran = run(*words)
    assert ran.exit_code == 2, ran.stdout
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("gradmap: ")
    return ran.stderr


def test_the_choices_are_those_of_rents():
    assert get_args(Per) == PERS


def test_a_short_table_says_what_counts_and_what_is_missing(saved):
    told = succeed("siting", saved, "--weight", "rent=0", "--weight", "jobs=0", "--draws", 20)
    assert "little 2025, synthetic sample" in told
    assert re.search(r"walk_minutes +3 +15 +5 +15 +min", told)
    assert re.search(r"jobs_near +0 ", told)
    assert "without rent: little has too few listings for it anywhere" in told
    assert "cells are in question" in told
    assert "stays" in told


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg"])
@pytest.mark.parametrize("cells", [True, False])
def test_a_file_is_written_and_checks_itself(saved, tmp_path, ending, cells):
    file = tmp_path / f"out.{ending}"
    words = ["--weight", "rent=0", "--draws", 10, "--resolution", 8, "--out", file]
    told = succeed("siting", saved, *words, *(["--cells"] if cells else []))
    assert f"{'cells' if cells else 'sites'} in {file}" in told
    assert succeed("siting", "--check", file).startswith("identical: ")


def test_a_changed_file_is_told_row_by_row(saved, tmp_path):
    file = tmp_path / "out.csv"
    succeed("siting", saved, "--weight", "rent=0", "--draws", 10, "--cells", "--out", file)
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    place = head.split(",").index("walk_minutes")
    best = next(n for n, row in enumerate(rows) if row.split(",")[1] == "1")
    parts = rows[best].split(",")
    parts[place] = "14.9"
    rows[best] = ",".join(parts)
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    ran = run("siting", "--check", file)
    assert ran.exit_code == 2
    assert "rank otherwise" in ran.stderr
    assert parts[0] in ran.stdout


def test_the_command_in_the_file_makes_the_same_ranking(saved, tmp_path):
    words = ["--area", "East", "--weight", "rent=0", "--weight", "walk=7", "--limit", "walk=12.5"]
    words += ["--range", "work=90:20.5", "--neutral", "graduates=0.3", "--weight", "jobs=0"]
    words += ["--limit", "jobs_near=10", "--draws", 10, "--top", 7]
    succeed("siting", saved, *words, "--out", tmp_path / "first.csv")
    told = read_siting(tmp_path / "first.csv")[1]
    start, command, study, *again = shlex.split(told["command"])
    assert (start, command, study) == ("gradmap", "siting", "little")
    again[-1] = str(tmp_path / "second.csv")
    succeed("siting", saved, *again)
    first, second = (tmp_path / f"{one}.csv" for one in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    both = [read_siting(one)[1]["siting"] for one in (first, second)]
    # What has no weight is not used; how it would have been is not told.
    used = [[one for one in found.pop("criteria") if one["weight"]] for found in both]
    assert used[0] == used[1]
    assert both[0] == both[1]
    by_id = {one["id"]: one for one in used[0]}
    assert by_id["walk_minutes"]["weight"] == 7
    assert by_id["walk_minutes"]["limit"] == 12.5
    assert (by_id["work_minutes"]["worst"], by_id["work_minutes"]["best"]) == (90, 20.5)
    assert by_id["jobs_near"]["scored"] is False
    assert "rent" not in by_id
    assert rerank(first)["same"].all()


def test_a_study_of_work_alone_says_what_it_lacks_and_nothing_of_elsewhere(tmp_path):
    held = counts()
    write_study(
        tmp_path / "bare",
        info(
            name="bare",
            title={"en": "A bare town"},
            rent_edges=(),
            currency={},
            groups=(),
        ),
        held[held["role"] == "work"].drop(columns=["stayers", "arrivals"]),
    )
    told = succeed("siting", "bare", "--draws", 10, "--out", "sites.geojson")
    for name in ("walk_minutes", "rent", "small_units", "graduates_near"):
        assert f"without {name}: bare " in told
    written = told + (tmp_path / "sites.geojson").read_text(encoding="utf-8")
    assert not re.search("beijing|yuan|metro|subway|北京|元/|地铁", written, re.IGNORECASE)


@pytest.mark.real
def test_a_region_of_work_rail_and_rents_by_zone(real_data, tmp_path):
    """Washington: graduates at the workplace, 91 stations without links, rents of tracts."""
    us = real_data / "us"
    shapes = gpd.read_file(us / "ncr_geo_census_cb_2020_census_block_groups.geojson")
    jobs = pd.read_csv(us / "47900_all2023.csv", dtype={"bgrp": str})
    jobs["geoid"] = jobs["bgrp"].str.zfill(12)
    shapes[["geoid", "geometry"]].merge(jobs[["geoid", "C000", "CD04"]]).to_file(
        tmp_path / "b.gpkg"
    )
    words = ["--work", "CD04", "--base-work", "C000", "--year", 2023, "--resolution", 8]
    assert run("load", "zones", "b.gpkg", "--into", "ncr", *words).exit_code == 0
    words = ["--name", "NAME", "--id", "GIS_ID", "--lines", "LINE"]
    stations = us / "metro-stations-regional.geojson"
    assert run("load", "stations", stations, "--into", "ncr", *words).exit_code == 0
    rents = us / "ncr_cttrbg_acs5_2009_2019_housing_access.csv.xz"
    words = ["--price", "value", "--where", "measure=gross_rent,region_type=tract", "--id", "geoid"]
    words += ["--zones", us / "ncr_geo_census_cb_2010_census_tracts.geojson", "--zone-id", "geoid"]
    words += ["--year-column", "year", "--currency", "USD", "--edges", "1000,1500,2000"]
    assert run("load", "rents", rents, "--into", "ncr", *words).exit_code == 0
    told = succeed("siting", "ncr", "--draws", 50, "--out", "sites.gpkg")
    assert re.search(r"rent +3 +1500 +750 +1500 +US dollars", told)
    assert "rents of 2019, for each month" in told
    assert "without graduates_near: ncr does not count residence in 2023" in told
    listed, about = read_siting("sites.gpkg")
    assert len(listed) == 20
    assert (listed["rent"].astype(float) <= 1500).all()
    assert (listed["walk_minutes"].astype(float) <= 15).all()
    written = told + json.dumps(about, ensure_ascii=False)
    assert not re.search("beijing|yuan|北京|元/|地铁", written, re.IGNORECASE)
    assert succeed("siting", "--check", "sites.gpkg").startswith("identical: 20 rows")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--weight", "tram=3"], "walk_minutes"),
        (["--weight", "w=3"], "found 'w'"),
        (["--limit", "rent=3000"], "--limit rent cannot be asked: little has too few listings"),
        (["--weight", "walk=much"], "a number is needed, found 'much'"),
        (["--weight", "walk=11"], "0 to 10"),
        (["--range", "walk=5"], "a number is needed"),
        (["--range", "walk=5:5"], "two numbers"),
        (["--area", "Nowhere"], "found 'Nowhere'"),
        (["--year", 1999], "found 1999"),
        (["--resolution", 12], "or coarser"),
        (["--out", "sites.xyz"], "must end in"),
        (["--top", 0], "top must be"),
        (["--rent-kind", "castle"], "castle"),
        (["--check", "sites.csv"], "nothing else"),
    ],
)
def test_bad_asks_get_a_sentence(saved, words, says):
    assert says in refuse("siting", saved, *words)


def test_a_study_or_a_file_is_needed():
    assert "a study is needed" in refuse("siting")
    assert "no such file" in refuse("siting", "--check", "absent.gpkg")
