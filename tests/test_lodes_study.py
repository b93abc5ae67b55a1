"""gradmap load lodes: from files to a study, all of it or nothing, with every break told."""

from __future__ import annotations

import re
import shutil

import click
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from spatial.cli import main
from spatial.cli_load_lodes import lodes
from spatial.privacy import is_safe
from spatial.sources.lodes.breaks import breaks_of, notes_of
from spatial.study import open_study
from tests.lodes_files import Region, publisher, write_counts, write_crosswalk, write_flows


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def region():
    return Region(np.random.default_rng(11))


@pytest.fixture
def files(tmp_path, region):
    """Two states, two years, flows of the first; DC has no counts in the first year."""
    folder = tmp_path / "files"
    for state in ("dc", "va"):
        for year in (2018, 2019):
            if (state, year) != ("dc", 2018):
                for kind in ("wac", "rac"):
                    write_counts(folder, state, kind, year, region.counts(state))
        homes = region.flows(region.blocks[state], region.blocks[state])
        write_flows(folder, state, "main", 2018, homes)
        write_crosswalk(folder, state, region.places)
        shutil.copyfile(folder / f"{state}_xwalk.csv.gz", folder / f"{state}_whole.csv.gz")
        own = {block: region.places[block] for block in region.blocks[state]}
        write_crosswalk(folder, state, own)
    return folder


def run(*words):
    return CliRunner().invoke(main, ["load", "lodes", *[str(one) for one in words]])


def succeed(*words):
    ran = run(*words)
    assert ran.exit_code == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def refuse(*words):
    ran = run(*words)
    assert ran.exit_code == 2, ran.output
    assert len(ran.stderr.splitlines()) == 1, ran.stderr
    return ran.stderr.removeprefix("gradmap: ").strip()


TWO = ("--state", "dc", "--state", "va", "--from", "files", "--into", "city")


def total(study, role, year, column="graduates"):
    counts = study.counts
    return counts.loc[(counts["role"] == role) & (counts["year"] == year), column].sum()


def literal(folder, pattern, *columns):
    tables = [pd.read_csv(path) for path in sorted(folder.glob(pattern))]
    return sum(table[list(columns)].to_numpy().sum() for table in tables)


def test_one_command_makes_a_study(files):
    told = succeed(*TWO, "--years", "2018-2019")
    study = open_study("city")
    for role, kind in (("residence", "rac"), ("work", "wac")):
        for year in (2018, 2019):
            pattern = f"*_{kind}_S000_JT00_{year}.csv.gz"
            assert total(study, role, year) == literal(files, pattern, "CD04")
            assert total(study, role, year, "base") == literal(files, pattern, "CA02", "CA03")
    assert study.flows["graduates"].sum() == literal(files, "*_od_main_JT00_2018.csv.gz", "S000")
    assert study.info.resolution == 8
    assert "no data for dc rac: 2018" in told
    assert "no data for dc od_main: 2019" in told
    assert "no data for va od_aux: 2018-2019" in told


@pytest.mark.usefixtures("files")
def test_a_study_says_who_is_counted_in_both_languages():
    told = succeed(*TWO, "--years", "2019")
    info = open_study("city").info
    for role in ("residence", "work", "base"):
        assert "30 or older" in info.definitions[role]["en"]
        assert "30岁及以上" in info.definitions[role]["zh"]
    assert "CA02 + CA03" in info.definitions["base"]["en"]
    assert "CD04" in info.definitions["work"]["zh"]
    assert told.count("base is all jobs held by people of 30 or older (CA02 + CA03)") == 2
    assert "public domain" in info.source.licence.lower()
    assert info.currency == {"zh": "美元", "en": "dollars"}


@pytest.mark.usefixtures("files")
def test_the_audit_names_files_and_their_hashes():
    succeed(*TWO, "--years", "2019", "--tables", "rac")
    (entry,) = open_study("city").info.audit
    assert entry["file"] == "dc_rac_S000_JT00_2019.csv.gz, va_rac_S000_JT00_2019.csv.gz"
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in entry["sha256"].values())
    assert (entry["blocks"], entry["lodes"], entry["job_type"]) == (2020, 8, "JT00")
    assert entry["people_in"] == entry["on_map"]
    assert entry["base"]["people_in"] >= entry["people_in"]


@pytest.mark.parametrize(
    ("proxy", "zh", "en"),
    [((), "全体就业者", "all workers"), (("--proxy", "SE03"), "高收入就业者", "high earners")],
)
def test_flows_are_labelled_for_what_they_are(files, proxy, zh, en):
    succeed(*TWO, "--years", "2018", *proxy)
    study = open_study("city")
    words = study.info.definitions["flows"]
    assert words["zh"].startswith(zh)
    assert words["en"].startswith(en)
    column = "SE03" if proxy else "S000"
    assert study.flows["graduates"].sum() == literal(files, "*_od_main_*.csv.gz", column)


@pytest.mark.usefixtures("files")
def test_points_of_blocks_are_kept_for_flows():
    succeed(*TWO, "--years", "2018")
    study = open_study("city")
    assert study.points["id"].str.fullmatch(r"\d{15}").all()
    assert study.pairs["graduates"].sum() == study.flows["graduates"].sum()


@pytest.mark.usefixtures("files")
def test_a_state_that_is_missing_in_a_year_makes_a_break():
    succeed(*TWO, "--years", "2018-2019", "--tables", "rac")
    (broken,) = open_study("city").info.breaks
    assert (broken.after, broken.before, broken.series) == (2018, 2019, "residence")
    assert broken.reason["en"] == "2018 covers VA and 2019 DC, VA: the two years do not compare."
    assert broken.reason["zh"] == "2018年含VA，2019年含DC, VA。两年不可直接比较。"


@pytest.mark.usefixtures("files")
def test_a_year_that_is_there_is_refused_unless_replaced():
    succeed(*TWO, "--years", "2019")
    before = open_study("city").digest
    said = refuse(*TWO, "--years", "2018-2019")
    assert "holds residence 2019, work 2019 already; say --replace" in said
    assert open_study("city").digest == before
    succeed(*TWO, "--years", "2019", "--replace")
    assert open_study("city").digest == before


@pytest.mark.usefixtures("files")
def test_years_may_come_one_by_one():
    succeed(*TWO, "--years", "2018-2019", "--tables", "rac,wac")
    at_once = open_study("city")
    one_by_one = [*TWO[:-1], "slow", "--tables", "rac,wac"]
    succeed(*one_by_one, "--years", "2019")
    succeed(*one_by_one, "--years", "2018")
    slow = open_study("slow")
    pd.testing.assert_frame_equal(slow.counts, at_once.counts)
    assert slow.info.breaks == at_once.info.breaks
    assert sorted(slow.files.values()) == sorted(at_once.files.values())


def test_counts_of_their_own_take_the_place_of_margins_of_flows(files):
    succeed(*TWO, "--years", "2018", "--tables", "od")
    flows = total(open_study("city"), "residence", 2018)
    assert flows == literal(files, "*_od_main_*.csv.gz", "S000")
    succeed(*TWO, "--years", "2018", "--tables", "rac,wac")
    study = open_study("city")
    assert total(study, "residence", 2018) == literal(files, "*_rac_*_2018.csv.gz", "CD04")
    assert len([one for one in study.info.audit if one["role"] == "residence"]) == 1


@pytest.mark.usefixtures("files")
def test_a_role_without_counts_is_said_to_come_from_flows():
    words = ("--state", "va", "--from", "files", "--into", "city")
    succeed(*words, "--years", "2018", "--tables", "rac,od")
    defined = open_study("city").info.definitions
    assert "CD04" in defined["residence"]["en"]
    assert defined["work"] == defined["flows"]
    succeed(*words, "--years", "2018", "--tables", "wac")
    assert "CD04" in open_study("city").info.definitions["work"]["en"]


def test_flows_too_many_to_hold_leave_the_earlier_years_out(files, region, monkeypatch):
    homes = region.flows(region.blocks["va"], region.blocks["va"])
    write_flows(files, "va", "main", 2019, homes)
    monkeypatch.setattr("spatial.sources.lodes.save.MOST_FLOWS", 10)
    words = ("--state", "va", "--from", "files", "--into", "city", "--years", "2018-2019")
    told = succeed(*words)
    assert "flows of 2018 left out" in told
    assert set(open_study("city").flows["year"]) == {2019}
    told = succeed(*words, "--flow-years", "2018-2019", "--replace")
    assert "left out" not in told
    assert set(open_study("city").flows["year"]) == {2018, 2019}


@pytest.mark.usefixtures("files")
def test_flows_may_be_of_fewer_years_than_counts():
    succeed(*TWO, "--years", "2018-2019", "--flow-years", "2018")
    study = open_study("city")
    assert study.years_of("residence") == (2018, 2019)
    assert set(study.flows["year"]) == {2018}
    assert "no data for va od" not in succeed(
        *TWO, "--years", "2018-2019", "--flow-years", "2018", "--replace"
    ).replace("od_aux", "")


# Blocks of two censuses


@pytest.fixture
def mixed(files, region):
    """A study of LODES8, and files of LODES7 beside it."""
    old = files.with_name("old")
    write_counts(old, "va", "rac", 2017, region.counts("va"), created="20201120")
    own = {block: region.places[block] for block in region.blocks["va"]}
    homes = region.flows(region.blocks["va"], region.blocks["va"])
    write_flows(old, "va", "main", 2017, homes, created="20201120")
    moved = {block: (lat + 0.01, lon) for block, (lat, lon) in own.items()}
    write_crosswalk(old, "va", moved, census=2010)
    succeed(*TWO, "--years", "2018-2019")
    return ("--state", "va", "--from", "old", "--into", "city", "--version", "7", "--years", "2017")


def test_blocks_of_two_censuses_do_not_mix(mixed):
    before = open_study("city").digest
    said = refuse(*mixed)
    assert "by census blocks of 2020, found files by those of 2010" in said
    assert "--allow-break" in said
    assert open_study("city").digest == before


def test_a_mix_that_is_allowed_is_recorded(mixed):
    told = succeed(*mixed, "--allow-break")
    study = open_study("city")
    broken = {(one.series, one.after, one.before): one for one in study.info.breaks}
    reason = broken["residence", 2017, 2018].reason
    assert "census blocks of 2010 (LODES7) and 2018 by those of 2020 (LODES8)" in reason["en"]
    assert "2010年普查街区计数（LODES7）" in reason["zh"]
    assert ("flows", 2017, 2018) in broken
    assert "break in residence: 2017 counts by census blocks of 2010" in told
    # A block's id names another place in each census: both places are kept.
    assert study.points["id"].str.endswith(" (2010)").any()
    assert study.points["id"].str.fullmatch(r"\d{15}").any()


def test_a_break_goes_with_the_years_that_made_it(mixed, files, region):
    succeed(*mixed, "--allow-break", "--tables", "rac")
    write_counts(files, "va", "rac", 2017, region.counts("va"))
    new = ("--state", "va", "--from", "files", "--into", "city", "--tables", "rac")
    succeed(*new, "--years", "2017", "--replace")
    study = open_study("city")
    assert not any("census" in one.reason["en"] for one in study.info.breaks)


def entry(role, year, blocks, **more):
    told = {"lodes": 8 if blocks == 2020 else 7, "blocks": blocks, "job_type": "JT00"}
    return {"role": role, "year": year, **told, "states": ["va"], "column": "CD04", **more}


def test_years_without_a_series_in_common_break_for_all_graduates():
    audit = [entry("residence", 2018, 2010), entry("work", 2023, 2020)]
    (broken,) = breaks_of(audit)
    assert (broken.series, broken.after, broken.before) == ("graduates", 2018, 2023)
    assert breaks_of([audit[0], entry("work", 2023, 2010)]) == ()


def test_another_job_type_and_another_source_break():
    (jobs,) = breaks_of([entry("work", 2018, 2020), entry("work", 2019, 2020, job_type="JT01")])
    assert jobs.reason["en"].startswith("2018 counts all jobs and 2019 primary jobs")
    own = {"role": "work", "year": 2019, "file": "mine {b}.csv"}
    (source,) = breaks_of([entry("work", 2018, 2020, file="va.csv.gz"), own])
    assert source.reason["en"].startswith("2018 comes from va.csv.gz and 2019 from mine")
    assert breaks_of([own, {**own, "year": 2020}]) == ()


def test_roles_of_one_year_by_other_blocks_are_noted():
    notes = notes_of([entry("residence", 2018, 2010), entry("work", 2018, 2020)])
    assert "residence by those of 2010, work by those of 2020" in notes["lodes_2018"]["en"]
    assert "居住地按2010年普查街区" in notes["lodes_2018"]["zh"]
    assert notes_of([entry("residence", 2018, 2020), entry("work", 2018, 2020)]) == {}


# What a person may get wrong


def test_a_refused_load_leaves_no_trace(files):
    write_counts(files, "va", "wac", 2019, {"510130001001000": {"CA02": 3, "CD04": 1}})
    assert "must be CA02 + CA03" in refuse(*TWO, "--years", "2019")
    assert sorted(one.name for one in files.parent.iterdir()) == ["files"]


def test_counts_elsewhere_leave_the_old_study(files, region):
    succeed(*TWO, "--years", "2019", "--tables", "rac")
    before = open_study("city").digest
    far = files.with_name("far")
    rows = region.counts("va")
    write_counts(far, "va", "rac", 2017, rows)
    write_crosswalk(far, "va", dict.fromkeys(rows, (36.6, -83.0)))
    said = refuse("--state", "va", "--years", "2017", "--from", "far", "--into", "city")
    assert "new counts must lie in the study area of city" in said
    assert open_study("city").digest == before
    assert not [one for one in files.parent.iterdir() if one.name.startswith(".")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--state", "va"], "needs --state and --years, or --file"),
        (["--years", "2018"], "needs a state, found none"),
        (["--state", "xx", "--years", "2018"], "by its two letters, such as va, found 'xx'"),
        (["--state", "va", "--years", "2018", "--tables", "qwi"], "tables must be of"),
        (["--state", "va", "--years", "2020", "--version", "7"], "LODES7 ends in 2019"),
        (["--state", "va", "--years", "2018", "--job-type", "JT9"], "a job type must be one of"),
        (["--state", "va", "--years", "2018", "--year", "2018"], "--year speaks of --file"),
        (["--file", "a.csv", "--state", "va"], "--file is one file: leave out --state"),
        (["--file", "a.csv", "--kind", "wac", "--year", "2023"], "found no --zones"),
        (["--file", "a.csv", "--kind", "wac", "--year", "99", "--zones", "z"], "must read like"),
        (["--state", "va", "--years", "2018", "--proxy", "SE01"], "SE01"),
    ],
)
def test_a_wrong_question_gets_one_sentence(words, said):
    assert said in refuse(*words, "--into", "city")


def test_a_publisher_without_any_is_said_plainly(tmp_path):
    with publisher(tmp_path) as server:
        address = server.address
        said = refuse("--state", "va", "--years", "2018", "--into", "city", "--mirror", address)
    assert "files must be there by LODES' own names, found none of 4" in said


def test_files_are_fetched_from_a_mirror_and_kept(files, tmp_path):
    tree = tmp_path / "tree" / "LODES8" / "va"
    (tree / "rac").mkdir(parents=True)
    shutil.copy(files / "va_rac_S000_JT00_2019.csv.gz", tree / "rac")
    shutil.copy(files / "va_xwalk.csv.gz", tree)
    words = ("--state", "va", "--years", "2018-2019", "--tables", "rac", "--cache", "kept")
    with publisher(tmp_path / "tree") as server:
        told = succeed(*words, "--into", "city", "--mirror", server.address)
    assert "no data for va rac: 2018" in told
    kept = tmp_path / "kept" / "LODES8" / "va" / "rac" / "va_rac_S000_JT00_2019.csv.gz"
    assert kept.with_name(kept.name + ".sha256").is_file()
    assert total(open_study("city"), "residence", 2019) == literal(kept.parent, "*.gz", "CD04")


def test_one_file_under_any_name_loads_with_zones(region):
    table = pd.DataFrame(region.counts("va")).T.fillna(0).astype(int)
    table.index = table.index.str[:12]
    table = table.groupby(level=0).sum().rename_axis("bgrp").reset_index()
    table.to_csv("any.csv")  # the first column has no name
    shapes = [shapely.box(-77 + 0.01 * at, 38.9, -76.99 + 0.01 * at, 38.91) for at in table.index]
    zones = gpd.GeoDataFrame({"GEOID": table["bgrp"]}, geometry=shapes, crs=4326)
    zones.iloc[1:].to_file("zones.geojson", driver="GeoJSON")
    words = ("--file", "any.csv", "--kind", "wac", "--year", "2023", "--zones", "zones.geojson")
    told = succeed(*words, "--into", "city")
    lost = int(table["CD04"].iloc[0])
    assert f"{lost} in a county with zones in zones.geojson, but none with the id's" in told
    assert "3 of 4 rows, a block group each, have a place" in told
    assert total(open_study("city"), "work", 2023) == pytest.approx(table["CD04"].sum() - lost)
    assert "are its zones of another census?" in told


def test_every_option_has_an_example_in_its_help():
    for option in lodes.params:
        assert isinstance(option, click.Option)
        assert re.search(rf"{option.opts[0]}( \S|$)", option.help), option.name


@pytest.mark.usefixtures("files")
def test_zones_that_are_not_needed_are_said_to_be():
    told = succeed(*TWO, "--years", "2019", "--tables", "rac", "--zones", "any.geojson")
    assert "any.geojson is not needed: every state has a crosswalk" in told


@pytest.mark.real
def test_washington_is_a_study_of_two_censuses(real_data):
    us = real_data / "us"
    zones = "ncr_geo_census_cb_{}_census_block_groups.geojson".format
    home = ("--state", "va", "--years", "2018", "--tables", "rac", "--version", "7", "--from", us)
    succeed(*home, "--zones", us / zones(2010), "--into", "ncr")
    work = ("--file", us / "47900_all2023.csv", "--kind", "wac", "--year", "2023", "--into", "ncr")
    assert "--allow-break" in refuse(*work, "--zones", us / zones(2020))
    succeed(*work, "--zones", us / zones(2020), "--allow-break")
    study = open_study("ncr")
    assert total(study, "residence", 2018) == pytest.approx(409_854)
    assert total(study, "work", 2023) == pytest.approx(939_044)
    assert [(one.series, one.after, one.before) for one in study.info.breaks] == [
        ("graduates", 2018, 2023)
    ]


@pytest.mark.parametrize("years", [["2018-2019"], ["2019", "2018"]])
@pytest.mark.usefixtures("files")
def test_a_threshold_hides_small_counts_of_jobs_and_of_flows(years):
    succeed(*TWO[:-1], "whole", "--years", "2018-2019")
    for at, some in enumerate(years):  # once there is a study, its own threshold holds
        told = succeed(*TWO, "--years", some, *(("--threshold", 5) if not at else ()))
    whole, study = open_study("whole"), open_study("city")
    assert study.info.threshold == 5
    assert is_safe(study) == ["threshold 5: no count under it is published"]
    for table in (study.counts, study.flows):
        shown = table.loc[table["graduates"] > 0, "graduates"]
        assert len(shown)
        assert shown.min() >= 5
    assert study.counts["graduates"].sum() < whole.counts["graduates"].sum()
    for one in study.info.audit:
        assert one["people_in"] == one["on_map"] + sum(one["dropped"].values())
    assert "hidden: counts under 5" in told
    assert not study.has("pairs")  # between blocks, of which most are of few people


@pytest.mark.usefixtures("files")
def test_another_threshold_than_the_studys_is_refused_before_anything_is_read(monkeypatch):
    succeed(*TWO, "--years", "2019", "--threshold", "5")
    before = open_study("city").digest
    monkeypatch.setattr("spatial.sources.lodes.load.load_lodes", None)
    assert "hides counts under 5, found 7" in refuse(*TWO, "--years", "2018", "--threshold", "7")
    assert open_study("city").digest == before
