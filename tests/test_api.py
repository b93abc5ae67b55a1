"""The Python interface: a study is opened and asked in a line, and says what it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import spatial
from spatial.analysis import hotspot_table, place_table
from spatial.api import question_of
from spatial.commute_places import named_area
from spatial.commute_report import commute_report
from spatial.comparison import Comparison, difference_table, reasons_against
from spatial.question import Question, QuestionError
from spatial.schema import SchemaError
from spatial.store import write_study
from tests.studies import counts, info

ROOT = Path(__file__).resolve().parents[1]
EIGHT = {"resolution": 8}


@pytest.fixture(scope="module")
def study():
    return spatial.open()


@pytest.fixture(scope="module")
def little(tmp_path_factory):
    """Three years of both roles, a break between the first two, no layers and no flows."""
    return write_study(tmp_path_factory.mktemp("api") / "little", info(), counts())


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, spatial;"
        "assert not {'numpy', 'pandas', 'geopandas', 'h3', 'spatial.api'} & set(sys.modules);"
        "assert {'open', 'Study', 'Question'} <= set(dir(spatial));"
        "print(spatial.open.__name__)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, "open_named", "")


def test_a_word_that_the_package_does_not_have_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'close'"):
        spatial.close  # noqa: B018


def test_the_sample_and_a_folder_open(study, little):
    assert spatial.open("beijing-sample").digest == study.digest
    assert spatial.open(little.path).digest == little.digest
    assert isinstance(study, spatial.Study)


def test_what_is_no_study_is_told_in_a_sentence(tmp_path):
    with pytest.raises(SchemaError, match=r"a study is a folder with a study.json"):
        spatial.open(tmp_path)


def test_hotspots_are_those_of_the_analysis(little):
    found = little.hotspots(year=2024, role="residence", measure="density", k=2)
    question = Question(year=2024, role="residence", measure="density", k=2)
    pd.testing.assert_frame_equal(found, hotspot_table(little, question))


def test_places_are_those_of_the_analysis(study):
    question = Question(year=2023, role="work", top=7, resolution=8)
    named = study.places(year=2023, role="work", top=7, resolution=8)
    again = place_table(study, question, hotspot_table(study, question))
    pd.testing.assert_frame_equal(pd.DataFrame(named.table), pd.DataFrame(again.table))


def test_the_year_left_out_is_the_latest_of_the_role(little):
    assert question_of(little, role="work").year == 2025
    assert question_of(little, role="residence", year=2023).year == 2023


def test_a_question_that_has_no_answer_is_refused(little, tmp_path):
    with pytest.raises(QuestionError, match="a question has"):
        little.hotspots(years=2025)
    with pytest.raises(SchemaError, match="not in 1999"):
        little.places(year=1999)
    jobs = counts().query("role == 'work' and year == 2025")
    alone = write_study(tmp_path / "jobs", info(), jobs)
    with pytest.raises(QuestionError, match="counts residence in no year"):
        alone.places(role="residence")
    with pytest.raises(QuestionError, match="needs two years"):
        alone.compare(role="work")


def test_two_years_are_those_of_the_comparison(little):
    found = little.compare(2024, 2025, role="work", top=5)
    asked = Comparison(first=2024, second=2025, role="work", top=5)
    assert found.comparison == asked
    pd.testing.assert_frame_equal(found.cells, difference_table(little, asked))
    assert found.reasons == reasons_against(little, asked) == []
    assert set(found.answers) == {2024, 2025}
    assert set(found.events["lineage"]) <= set(found.lineages.years["lineage"])


def test_years_left_out_are_the_first_and_the_last(little):
    found = little.compare(role="work")
    assert (found.comparison.first, found.comparison.second) == (2023, 2025)
    assert "not comparable for 1 reason" in repr(found)


def test_years_that_are_not_there_are_refused_at_once(little):
    with pytest.raises(SchemaError, match="not in 2020"):
        little.compare(2020, 2025, role="work")


def test_likeness_and_findings_come_with_their_draws(study):
    found = study.compare(2022, 2025, **EIGHT)
    assert found.agreement(permutations=99).draws == 99
    assert found.findings(resamples=100).outward.verdict in ("yes", "no", "not clear")


def test_a_commute_is_that_of_the_report(study):
    how = {"draws": 0, "transport": False}
    found = study.commute(2025, area="Haidian", side="work", **how)
    area = named_area(study, "Haidian", year=2025, side="work")
    again = commute_report(study, 2025, area=area, side="work", **how)
    pd.testing.assert_frame_equal(found.indicators, again.indicators)
    assert study.commute(**how).year == 2025


def test_a_screen_ranks_by_the_weights_given(study):
    plain = study.siting(**EIGHT)
    cheap = study.siting(weights={"rent": 9.0}, limits={"rent": None}, **EIGHT)
    weights = {one.id: one.weight for one in cheap.criteria}
    assert weights["rent"] == 9.0
    assert all(one.limit is None for one in cheap.criteria if one.id == "rent")
    assert (cheap.ranked["rank"] > 0).sum() >= (plain.ranked["rank"] > 0).sum()
    assert len(plain.sites.table) == 20
    assert set(plain.missing) == {"inside"}


def test_everything_says_what_it_is(study):
    assert "synthetic" in repr(study)
    assert "2022-2025" in repr(study)
    named = study.places(role="work", **EIGHT)
    compared = study.compare(2022, 2025, **EIGHT)
    told = {
        "Places(20 places": named,
        "of all": named,
        "residence 2022 and 2025": compared,
        "cells, comparable, synthetic": compared,
        "places through 2022-2025": compared.lineages,
        "'Haidian' 2025, by residence": study.commute(area="Haidian", draws=0, transport=False),
        "cells in question, by walk_minutes": study.siting(**EIGHT),
        "Sites(20 listed": study.siting(**EIGHT).sites,
    }
    for words, one in told.items():
        assert words in repr(one)
        assert "\n" not in repr(one)
