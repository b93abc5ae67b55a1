"""
A region of one's own: Washington, built by the steps that stand in its notebook.

Every total is the file's, read here a second time and added up by the letter; every page of the
app opens on the study.
"""

from __future__ import annotations

import gzip
import lzma
import os
import tempfile

import pandas as pd
import pytest

from papers.html_map import study_map
from spatial.reasons import incomparable
from spatial.study import open_study
from tests.notebooks import FOLDER, OWN_CITY, run
from tests.test_app import opened, told
from views.query import TOPICS

pytestmark = pytest.mark.real

YEARS = range(2010, 2020)
JOBS = "ncr_cttrbg_lodes_2010_2019_employment_by_minority_workers.csv.xz"
FLOWS = "ncr_od_tract_2018_within_county.csv.gz"
RENTS = "ncr_cttrbg_acs5_2009_2019_housing_access.csv.xz"


@pytest.fixture(scope="module")
def ran(real_data, tmp_path_factory):
    """The notebook, run from its own folder, and what its cells showed."""
    before = os.getcwd()  # noqa: PTH109 - the notebook knows its folder by where it runs
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADMAP_REAL_DATA", str(real_data))
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("region")))
        done = run(FOLDER / f"{OWN_CITY}.ipynb")
    assert os.getcwd() == before  # noqa: PTH109
    return done.known, [one for one in done.shown if one is not None]


@pytest.fixture(scope="module")
def study(ran):
    return open_study(ran[0]["study"].path)


@pytest.fixture
def page(study, monkeypatch, tmp_path):
    """Opens a page of the app on the study."""
    monkeypatch.setenv("GRADMAP_STUDIES", str(study.path))
    monkeypatch.setenv("GRADMAP_SHELF", str(tmp_path / "shelf"))
    return opened


def people(study, role, year, column="graduates"):
    counts = study.counts
    return float(counts.loc[(counts["role"] == role) & (counts["year"] == year), column].sum())


def entry(study, role, year):
    return next(one for one in study.info.audit if (one["role"], one.get("year")) == (role, year))


def lines(path):
    """Rows of a packed CSV as lists of text; ids here hold no commas."""
    opener = lzma.open if path.suffix == ".xz" else gzip.open
    with opener(path, "rt", encoding="utf-8") as handle:
        yield from (line.rstrip("\n").split(",") for line in handle)


# Totals


def test_graduates_at_work_in_2023_are_the_files(study, real_data):
    table = pd.read_csv(real_data / "us" / "47900_all2023.csv", dtype={"bgrp": str})
    told = entry(study, "work", 2023)
    assert told["people_in"] == int(table["CD04"].sum()) == 978_259
    assert told["on_map"] + sum(told["dropped"].values()) == told["people_in"]
    assert people(study, "work", 2023) == pytest.approx(939_044, rel=1e-12)
    base = table["CA02"] + table["CA03"]
    assert told["base"]["people_in"] == int(base.sum())
    assert people(study, "work", 2023, "base") == pytest.approx(told["base"]["on_map"], rel=1e-12)


def test_graduates_at_home_in_virginia_in_2018_are_the_files(study, real_data):
    rows = lines(real_data / "us" / "va_rac_S000_JT00_2018.csv.gz")
    at = next(rows).index("CD04")
    total = sum(int(row[at]) for row in rows)
    told = entry(study, "residence", 2018)
    assert told["people_in"] == total == 968_602
    assert told["jobs"] == 3_828_056
    assert told["on_map"] + sum(told["dropped"].values()) == total
    assert people(study, "residence", 2018) == pytest.approx(409_854, rel=1e-12)


def test_jobs_of_ten_years_are_those_of_block_groups_alone(study, real_data):
    totals = dict.fromkeys(YEARS, 0.0)
    for row in lines(real_data / "us" / JOBS):
        if len(row[0]) == 12:
            totals[int(row[1])] += float(row[3])
    for year, total in totals.items():
        assert people(study, "work", year) == pytest.approx(total, rel=1e-12)
        told = entry(study, "work", year)
        assert (told["people_in"], told["dropped"]) == (total, {})
    assert totals[2010] == 2_631_450
    assert totals[2019] == 2_920_852


def test_flows_keep_their_pairs_and_their_people(study, real_data):
    rows = lines(real_data / "us" / FLOWS)
    next(rows)
    pairs = {(row[0], row[1]): int(row[2]) for row in rows}
    assert study.pairs["graduates"].sum() == sum(pairs.values()) == 1_009_466
    ids = study.points["id"].to_numpy()
    kept = zip(
        ids[study.pairs["origin"]],
        ids[study.pairs["destination"]],
        study.pairs["graduates"].astype(int),
        strict=True,
    )
    assert {(home, job): count for home, job, count in kept} == pairs
    assert study.flows["graduates"].sum() == pytest.approx(1_009_466, rel=1e-12)


def test_every_rent_of_a_tract_with_a_shape_is_there(study, real_data, ran):
    table = pd.read_csv(real_data / "us" / RENTS, dtype={"geoid": str})
    known = set(ran[0]["tracts"]["geoid"])
    wanted = table[(table["measure"] == "gross_rent") & table["geoid"].isin(known)].dropna(
        subset="value"
    )
    rents = study.layer("rents")
    assert len(rents) == len(wanted) == 12_594
    assert rents.groupby("year")["rent"].sum().to_dict() == pytest.approx(
        wanted.groupby("year")["value"].sum().to_dict()
    )
    told = next(one for one in study.info.audit if one["role"] == "rents")
    assert told["rows"] == len(table) == told["kept"] + sum(told["dropped"].values())


def test_layers_are_the_files(study):
    counts = {name: len(study.layer(name)) for name in ("stations", "rail_links", "districts")}
    assert counts["stations"] == 91
    assert counts["districts"] == 14
    assert counts["rail_links"] >= 90
    joined = set(study.layer("rail_links")["a"]) | set(study.layer("rail_links")["b"])
    assert joined == set(study.layer("stations")["id"])


# What it says of itself


def test_jobs_and_graduates_are_never_taken_for_one_series(study):
    for measure in ("count", "share"):
        reasons = incomparable(study, 2019, 2023, role="work", measure=measure)
        assert reasons
        assert all(one.reason["zh"] and one.reason["en"] for one in reasons)
    assert incomparable(study, 2010, 2019, role="work") == []
    assert "not graduates" in study.info.definitions["work"]["en"]
    assert "不是毕业生" in study.info.definitions["work"]["zh"]
    assert study.info.definitions["flows"]["en"].startswith("all workers")
    assert "not to be set against" in study.info.notes["2018"]["en"]
    assert not study.info.synthetic


def test_the_notebook_shows_its_map(ran):
    known, shown = ran
    assert shown[-1] is known["board"]
    assert len(known["places"].table) == 20
    content = known["board"].content
    assert [one["label"] for one in content["years"]] == ["2023"]
    assert content["tag"] == ""
    assert {"rail", "districts"} <= {one["kind"] for one in content["overlays"]}
    assert known["board"].title == "Where graduates work in the Washington region, 2023"


def test_a_map_of_all_years_says_that_they_do_not_compare(study):
    content = study_map(study, lang="en").content
    assert [one["label"] for one in content["years"]] == [*map(str, YEARS), "2023"]
    assert any("do not compare" in one for one in content["notes"])
    warned = {one["label"]: one["warning"] for one in content["years"] if one["warning"]}
    assert list(warned) == ["2023"]
    assert warned["2023"].startswith("Not comparable with 2019: 2010 to 2019 count all jobs")


# On all pages


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", ["work", "residence"])
def test_it_opens_on_the_map(page, role, lang):
    sentence, quiet = told(page(page="explore", role=role, lang=lang))
    assert ("2023" if role == "work" else "2018") in sentence
    assert "LODES" in quiet


def test_graduates_and_jobs_are_told_apart_on_the_map(page):
    _, quiet = told(page(page="explore", year="2023"))
    assert "not comparable with 2019" in quiet


def test_ten_years_of_jobs_compare_and_2023_does_not(page):
    app = page(page="compare", first="2010", year="2019", role="work")
    assert "From 2010 to 2019" in told(app)[0]
    assert not any("Not comparable" in one.value for one in app.markdown)
    app = page(page="compare", first="2019", year="2023", role="work")
    assert any("Not comparable" in one.value for one in app.markdown)


def test_the_commute_is_that_of_all_workers(page):
    app = page(page="commute")
    assert "In 2018" in told(app)[0]
    assert "all workers" in " ".join(one.value for one in app.markdown)
    assert "2018" in told(page(page="commute", area="51013"))[0]


@pytest.mark.parametrize("year", ["2018", "2023"])
@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_of_homes_answers(page, topic, year):
    sentence, _ = told(page(page="homes", topic=topic, year=year))
    assert len(sentence) > 12


def test_the_data_page_tells_sources_breaks_and_notes(page):
    app = page(page="data")
    words = "\n".join(one.value for one in [*app.markdown, *app.caption])
    for part in ("2019 | 2023", "not graduates", "Virginia", "American Community Survey"):
        assert part in words
