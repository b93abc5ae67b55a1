"""A question has one answer, and everybody is in it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.analysis import (
    expected_by_chance,
    hotspot_table,
    neighbours_of,
    place_table,
    roll_up,
)
from spatial.card import card
from spatial.question import Question, QuestionError
from spatial.schema import MEASURES, ROLES, SchemaError
from spatial.store import write_study
from tests.studies import counts, info, small_study

QUESTIONS = st.builds(
    Question,
    year=st.integers(1900, 2200),
    role=st.sampled_from(ROLES),
    measure=st.sampled_from(MEASURES),
    statistic=st.sampled_from(["gi", "moran"]),
    chance=st.sampled_from(["analytic", "permutation"]),
    resolution=st.none() | st.integers(0, 15),
    k=st.integers(1, 10),
    alpha=st.floats(0.001, 0.999),
    top=st.integers(1, 100),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@given(QUESTIONS)
def test_a_question_goes_through_json_and_back(question):
    assert Question.from_dict(json.loads(json.dumps(question.to_dict()))) == question
    assert hash(question) == hash(replace(question))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"role": "home"}, "role must be one of residence, work, found home"),
        ({"measure": "mood"}, "measure must be one of"),
        ({"statistic": "k"}, "statistic must be one of gi, moran"),
        ({"chance": "luck"}, "chance must be one of"),
        ({"year": "2025"}, "year must be whole"),
        ({"year": 25}, "year must be whole, 1900 to 2200, found 25"),
        ({"k": 0}, "k must be whole, 1 to 10, found 0"),
        ({"k": True}, "k must be whole"),
        ({"alpha": 0}, "alpha must lie between 0 and 1"),
        ({"alpha": float("nan")}, "alpha must lie between 0 and 1"),
        ({"top": 0}, "top must be whole"),
        ({"resolution": 16}, "resolution must be whole, 0 to 15"),
        ({"group": ""}, "group must be a name"),
        ({"mood": "good"}, "found mood"),
        ({"role": ["work"]}, "role must be one of"),
        ({"role": "x", "k": 0}, "role must be .*; k must be"),
    ],
)
def test_a_bad_question_is_refused(change, words):
    with pytest.raises(QuestionError, match=words):
        Question.from_dict({"year": 2025} | change)


def test_a_question_needs_a_year():
    with pytest.raises(QuestionError, match="needs a year"):
        Question.from_dict({})


@pytest.mark.parametrize("statistic", ["gi", "moran"])
@pytest.mark.parametrize("chance", ["analytic", "permutation"])
def test_the_table_covers_the_area_and_counts_everybody(study, statistic, chance):
    question = Question(year=2025, statistic=statistic, chance=chance)
    table = hotspot_table(study, question)
    assert table.index.tolist() == study.area.tolist()
    assert (
        table["graduates"].sum()
        == counts().query("role == 'work' and year == 2025")["graduates"].sum()
    )
    expected = ["graduates", "base", "area_km2", "value", "z", "p", "q", "hotspot"]
    expected += ["moran", "quadrant", "cluster"] if statistic == "moran" else []
    assert table.columns.tolist() == expected
    assert set(table["hotspot"]) <= {"hot", "cold", "none"}
    assert (table["hotspot"] == "hot").sum() > 10
    assert (table["hotspot"] != "none").equals(table["q"] <= 0.05) or statistic == "moran"


def test_a_prebuilt_neighbourhood_changes_nothing(study):
    for question in (Question(year=2025, k=2), Question(year=2025, resolution=8)):
        ready = neighbours_of(study, question)
        again = hotspot_table(study, question, neighbours=ready)
        pd.testing.assert_frame_equal(hotspot_table(study, question), again)
        places = place_table(study, question, again, neighbours=ready)
        assert places.table.equals(place_table(study, question, again).table)


def test_the_seed_decides_the_permutations(study):
    question = Question(year=2025, chance="permutation", permutations=99)
    assert hotspot_table(study, question).equals(hotspot_table(study, question))
    other = hotspot_table(study, replace(question, seed=2))
    assert not other["p"].equals(hotspot_table(study, question)["p"])


def test_measures_are_what_they_are_called(study):
    tables = {m: hotspot_table(study, Question(year=2025, measure=m)) for m in MEASURES}
    one = tables["count"]
    assert one["value"].equals(one["graduates"].rename("value"))
    np.testing.assert_allclose(tables["density"]["value"] * one["area_km2"], one["graduates"])
    shares = tables["share"]["value"] * one["base"]
    np.testing.assert_allclose(shares[one["base"] > 0], one["graduates"][one["base"] > 0])
    assert tables["share"]["value"][one["base"] == 0].isna().all()
    assert tables["surplus"]["value"].std() > 0


@given(
    st.lists(st.tuples(st.floats(39, 41), st.floats(115, 117), st.integers(0, 999)), min_size=1),
    st.integers(0, 9),
)
def test_rolling_up_keeps_the_total(rows, resolution):
    lat, lon, amounts = (np.array(one, dtype=float) for one in zip(*rows, strict=True))
    cells, first = np.unique(h3cells.points_to_cells(lat, lon, resolution=9), return_index=True)
    index = pd.Index(cells, name="cell")
    table = pd.DataFrame({"graduates": amounts[first], "base": np.nan}, index=index)
    found = roll_up(table, resolution=resolution)
    assert found["graduates"].sum() == table["graduates"].sum()
    assert found["base"].isna().all()
    assert found.index.is_monotonic_increasing
    assert found.index.is_unique
    by_hand = table.groupby(h3cells.parents(cells, resolution=resolution))["graduates"].sum()
    assert found["graduates"].to_dict() == by_hand.to_dict()


def test_a_coarser_question_keeps_the_total(study):
    fine = hotspot_table(study, Question(year=2025))
    coarse = hotspot_table(study, Question(year=2025, resolution=7))
    assert len(coarse) < len(fine) / 20
    assert coarse["graduates"].sum() == fine["graduates"].sum()
    assert h3cells.resolution_of(coarse.index) == 7


def test_what_cannot_be_answered_is_said_so(study, tmp_path):
    with pytest.raises(QuestionError, match="must be 9, that of little, or coarser, found 10"):
        hotspot_table(study, Question(year=2025, resolution=10))
    with pytest.raises(SchemaError, match="not in 1999"):
        hotspot_table(study, Question(year=1999))
    with pytest.raises(SchemaError, match="group must be one of"):
        hotspot_table(study, Question(year=2025, group="x"))
    bare = write_study(tmp_path / "bare", info(name="bare"), counts().assign(base=np.nan))
    assert hotspot_table(bare, Question(year=2025))["base"].isna().all()
    for measure in ("share", "surplus"):
        with pytest.raises(QuestionError, match="bare has none for work in 2025"):
            hotspot_table(bare, Question(year=2025, measure=measure))


def test_groups_add_up(study):
    parts = [hotspot_table(study, Question(year=2025, group=g)) for g in ("stayers", "arrivals")]
    whole = hotspot_table(study, Question(year=2025))
    assert (parts[0]["graduates"] + parts[1]["graduates"]).equals(whole["graduates"])


def test_chance_is_a_share_of_what_was_marked(study):
    table = hotspot_table(study, Question(year=2025))
    expected, marked = expected_by_chance(table, alpha=0.05)
    assert marked == (table["hotspot"] != "none").sum()
    assert expected == pytest.approx(0.05 * marked)


def test_the_planted_places_are_found_and_classed(study):
    question = Question(year=2025, top=2)
    places = place_table(study, question, hotspot_table(study, question))
    assert len(places.table) == 2
    assert set(places.table["class"]) == {"work_centre"}
    peaks = places.table[["lat", "lon"]].sort_values("lat").to_numpy()
    np.testing.assert_allclose(peaks, [(39.9, 116.4), (39.92, 116.42)], atol=0.004)
    homes = replace(question, role="residence", top=1)
    found = place_table(study, homes, hotspot_table(study, homes)).table
    assert found["class"].tolist() == ["residential_pocket"]


def test_a_role_that_was_not_counted_is_no_trouble(tmp_path):
    table = counts()[lambda t: t["role"] == "work"]
    study = write_study(tmp_path / "work", info(), table)
    question = Question(year=2025)
    places = place_table(study, question, hotspot_table(study, question))
    assert places.table["residence"].isna().all()
    found = card(study, question, places, places.table["id"].iloc[0])
    assert found.walk is None
    assert found.rent is None
    assert found.flows.empty


@pytest.fixture(scope="module")
def answered(study):
    question = Question(year=2025, top=2)
    return question, place_table(study, question, hotspot_table(study, question))


def test_a_card_tells_the_years_of_its_place(study, answered):
    question, places = answered
    row = places.table.iloc[0]
    found = card(study, question, places, row["id"])
    assert found.place["name"] == row["name"]
    assert found.by_year.index.tolist() == [2023, 2024, 2025]
    assert found.by_year.loc[2025, "graduates"] == pytest.approx(row["graduates"])
    assert found.by_year.loc[2025, "share"] == pytest.approx(row["share"])


def test_a_card_tells_walk_and_rent(study, answered):
    question, places = answered
    central = places.table.loc[(places.table["lat"] - 39.9).abs().idxmin(), "id"]
    found = card(study, question, places, central)
    assert found.walk.name_en == "Centre"
    assert found.walk.distance_km < 0.4
    assert found.walk.minutes == pytest.approx(found.walk.distance_km * 1000 / 80)
    assert found.rent.median == 1800
    assert found.rent.band == (None, 2000)
    assert (found.rent.listings, found.rent.year, found.rent.near) == (1, 2025, True)
    early = replace(question, year=2000)
    assert card(study, early, places, central).walk is None


def test_a_card_tells_where_people_come_from(study, answered):
    question, places = answered
    homes = replace(question, role="residence", top=1)
    others = place_table(study, homes, hotspot_table(study, homes))
    with_flows = [card(study, question, places, one, others=others) for one in places.table["id"]]
    total = sum(found.flows["graduates"].sum() for found in with_flows)
    assert total == study.flows["graduates"].sum()
    assert with_flows[0].flows["kind"].tolist()[:1] == ["place"]
    assert with_flows[0].flows["name_en"].tolist()[:1] == [others.table["name_en"].iloc[0]]
    by_district = card(study, question, places, places.table["id"].iloc[0])
    assert set(by_district.flows["kind"]) <= {"district"}
    assert set(by_district.flows["name_en"]) <= {"West", "East"}
    assert by_district.flows["share"].sum() == pytest.approx(1)


def test_a_card_of_a_rolled_up_place_counts_the_same_people(study):
    question = Question(year=2025, resolution=8, top=1)
    places = place_table(study, question, hotspot_table(study, question))
    row = places.table.iloc[0]
    found = card(study, question, places, row["id"])
    assert found.by_year.loc[2025, "graduates"] == pytest.approx(row["graduates"])


def test_no_such_place_is_said_so(study, answered):
    with pytest.raises(QuestionError, match="there is no place moon"):
        card(study, *answered, "moon")
