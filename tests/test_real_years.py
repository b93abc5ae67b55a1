"""Real years: jobs of Orange County and of the Washington region, checked against their files."""

from __future__ import annotations

import json
import shlex

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from spatial.cli import main
from spatial.comparison import (
    Comparison,
    agreement_between,
    answers_between,
    difference_table,
    lineages_between,
    reasons_against,
    trends,
)
from spatial.drift import drift
from spatial.findings import findings
from spatial.ingest.zones import SHAPELESS, zones_to_cells
from spatial.store import write_study
from spatial.story import place_words
from spatial.study import Source, StudyInfo

pytestmark = pytest.mark.real

COUNTY = {2017: 1_657_899, 2019: 1_685_277}  # jobs in oc_block_wac_*.csv
JOBS = "ncr_cttrbg_lodes_2010_2019_employment_by_minority_workers.csv.xz"
ZONES = "ncr_geo_census_cb_2020_census_block_groups.geojson"
DECADE = tuple(range(2010, 2020))
TEN = Comparison(first=2010, second=2019, role="work")
WESTERN_BLOCK_GROUP = "110010010042"  # 1 166 jobs in 2012, 59 107 in 2013, about 1 100 later


@pytest.fixture(scope="module", params=[8, 9])
def county(real_data, tmp_path_factory, request):
    """Orange County's jobs of two years, loaded by the command line at a resolution."""
    folder = tmp_path_factory.mktemp(f"oc{request.param}") / "oc"
    words = "--lat INTPTLAT20 --lon INTPTLON20 --id GEOID20 --work C000"
    for year, jobs in COUNTY.items():
        ran = CliRunner().invoke(
            main,
            [
                *("load", "points", str(real_data / "us" / "oc_blocks.csv"), "--into", str(folder)),
                *("--join", str(real_data / "us" / f"oc_block_wac_{year}.csv")),
                *(*shlex.split(words), "--year", str(year), "--resolution", str(request.param)),
            ],
        )
        assert ran.exit_code == 0, ran.stderr
        assert f"work {year}: {jobs:,} people in, {jobs:,} on the map, 0 dropped" in ran.stdout
    return folder


@pytest.fixture(scope="module")
def block_groups(real_data):
    """Jobs by block group and year, with the shapes of 2020 where there are any."""
    table = pd.read_csv(real_data / "us" / JOBS, dtype={"geoid": str})
    table = table[table["geoid"].str.len() == 12]
    jobs = table.pivot_table(index="geoid", columns="year", values="value", aggfunc="sum")
    jobs.columns = jobs.columns.astype(str)
    shapes = gpd.read_file(real_data / "us" / ZONES)[["geoid", "geometry"]]
    return shapes.merge(jobs.fillna(0.0), on="geoid", how="right")


@pytest.fixture(scope="module")
def region(block_groups, tmp_path_factory):
    """Ten years of the Washington region's jobs, spread by area over cells of resolution 8."""
    years = [str(year) for year in DECADE]
    counted = zones_to_cells(block_groups, years, resolution=8)
    tables = [
        pd.DataFrame({"cell": counted.counts.index, "graduates": counted.counts[year].to_numpy()})
        .assign(role="work", year=int(year), base=np.nan)
        .query("graduates > 0")
        for year in years
    ]
    audit = tuple(
        {"role": "work", "year": int(year), **counted.audit[year].to_dict()} for year in years
    )
    info = StudyInfo(
        name="washington-jobs",
        resolution=8,
        title={"en": "Jobs in the Washington region", "zh": "华盛顿地区就业岗位"},
        source=Source("US Census Bureau, LODES", "https://lehd.ces.census.gov/data/", "CC-BY-4.0"),
        audit=audit,
    )
    folder = tmp_path_factory.mktemp("ncr") / "washington"
    return write_study(folder, info, pd.concat(tables, ignore_index=True))


@pytest.fixture(scope="module")
def answers(region):
    return answers_between(region, TEN)


# Orange County


def test_two_years_of_a_county_compare_on_the_command_line(county):
    ran = CliRunner().invoke(main, ["compare", str(county), "--role", "work"])
    assert ran.exit_code == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["graduates"] == {"before": 1_657_899, "after": 1_685_277, "change": 27_378}
    assert told["comparable"] is True
    assert told["trend"] == {"slices": 2, "smallest_p": 1.0, "enough": False}
    assert told["agreement"]["jaccard"] > 0.75
    assert told["agreement"]["p_jaccard"] == 1 / 200
    parts = told["cells"]
    assert 0 < parts["more"] + parts["fewer"] < 0.1 * parts["within_noise"]
    happened = {one: count for one, count in told["verdicts"].items() if one != "steady" and count}
    assert sum(happened.values()) <= 2
    assert set(happened) <= {"grew", "shrank"}
    assert told["verdicts"]["steady"] >= 20


def test_a_countys_cells_hold_their_blocks(county, real_data):
    """The cell with the most jobs of 2019, added up by hand from the blocks inside it."""
    import h3

    from spatial.study import open_study

    study = open_study(county)
    found = difference_table(study, Comparison(first=2017, second=2019, role="work"))
    cell = h3.int_to_str(int(found["after"].idxmax()))
    blocks = pd.read_csv(real_data / "us" / "oc_blocks.csv", dtype=str)
    inside = [
        h3.latlng_to_cell(float(lat), float(lon), study.info.resolution) == cell
        for lat, lon in zip(blocks["INTPTLAT20"], blocks["INTPTLON20"], strict=True)
    ]
    for year, column in ((2017, "before"), (2019, "after")):
        jobs = pd.read_csv(
            real_data / "us" / f"oc_block_wac_{year}.csv", dtype={"GEOID20": str}
        ).set_index("GEOID20")["C000"]
        own = jobs.reindex(blocks["GEOID20"][inside]).sum()
        assert found.loc[h3.str_to_int(cell), column] == own
    assert found["before"].sum() == COUNTY[2017]
    assert found["after"].sum() == COUNTY[2019]


# The Washington region


def test_every_job_of_every_year_is_on_the_map_or_accounted_for(region, block_groups, real_data):
    table = pd.read_csv(real_data / "us" / JOBS, dtype={"geoid": str})
    table = table[table["geoid"].str.len() == 12]
    in_file = table.groupby("year")["value"].sum()
    assert region.years_of("work") == DECADE
    shaped = block_groups[block_groups.geometry.notna()]
    held = region.counts.groupby("year")["graduates"].sum()
    for one in region.info.audit:
        year = one["year"]
        assert one["people_in"] == in_file[year]
        assert held[year] == pytest.approx(shaped[str(year)].sum(), rel=1e-12)
        lost = one["dropped"].get(SHAPELESS, 0.0)
        assert held[year] + lost == pytest.approx(in_file[year], rel=1e-12)
    assert in_file[2010] == 2_631_450
    assert in_file[2019] == 2_920_852


def test_ten_years_are_enough_for_a_trend(region, answers):
    found = trends(region, TEN, tables={year: table for year, (table, _) in answers.items()})
    assert set(found["slices"]) == {10}
    assert found["smallest_p"].iloc[0] == pytest.approx(2 / 3_628_800)  # 2 / 10!
    assert set(found["trend"]) == {"up", "down", "none"}
    assert "untested" not in set(found["emerging"])
    tested = found["trend"] != "none"
    assert (found.loc[tested, "q"] <= 0.05).all()
    assert 0.01 < tested.mean() < 0.2
    assert (found.loc[found["emerging"] == "intensifying", "hot"] >= 9).all()


def test_a_decade_grew_and_its_places_are_followed(region, answers):
    tables = {year: table for year, (table, _) in answers.items()}
    found = difference_table(region, TEN, tables=tables)
    assert found["change"].sum() == pytest.approx(2_920_852 - 2_631_450, rel=1e-9)
    assert reasons_against(region, TEN) == []
    lineages = lineages_between(region, TEN, answers=answers)
    words = place_words(lineages)
    assert set(words["trend"]) <= {"up", "down", "none"}
    assert 15 <= (words["word"] == "always").sum() <= 20
    verdicts = lineages.events["verdict"].value_counts()
    assert verdicts["steady"] > 0.8 * verdicts.sum()
    alike = agreement_between(region, TEN, tables=tables, rng=np.random.default_rng(1))
    assert alike.jaccard > 0.7
    assert alike.p_kappa == 1 / 200


def test_a_year_in_which_jobs_were_put_elsewhere_shows(region, answers, block_groups):
    """In 2013 some 58 000 jobs of the centre stand in one block group, and are gone by 2014."""
    jobs = block_groups.set_index("geoid").loc[WESTERN_BLOCK_GROUP]
    assert (jobs["2012"], jobs["2013"]) == (1_166, 59_107)
    assert jobs["2014"] < 2_000
    events = lineages_between(region, TEN, answers=answers).events
    told = events[~events["verdict"].isin(["steady", "grew", "shrank"])]
    sudden = told[told["change"].abs() > 50_000]
    assert set(sudden["to_year"]) == {2013, 2014}
    assert sudden["lineage"].nunique() <= 2


def test_a_decades_drift_is_answered(region):
    told = findings(drift(region, role="work", resamples=300, rng=np.random.default_rng(1)))
    assert (told.first, told.last) == (2010, 2019)
    assert told.rises.sector == "W"  # Loudoun and Fairfax
    assert told.rises.verdict == "yes"
    assert 20 < told.outward.before < 25
