"""The siting screen: scores by their formula, ranks by their laws, files that rank themselves."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from spatial import cells as h3cells
from spatial.analysis import hotspot_table, place_table
from spatial.areas import area_of
from spatial.criterion import Criterion
from spatial.formats import WRITERS
from spatial.geodesy import distance_km
from spatial.ingest.errors import InputError
from spatial.neighbours import disk
from spatial.question import Question, QuestionError
from spatial.rail import RailRules, direct_minutes, minutes_matrix, network_of
from spatial.siting import compare, draw_weights, rank, score_of_top, sensitivity
from spatial.siting_criteria import CRITERIA, default_criteria, rent_edge, set_criteria
from spatial.siting_file import export_siting, read_siting, rerank
from spatial.siting_setting import Setting, rent_per, screen_cells, screen_values
from spatial.siting_sites import clusters, named_sites
from spatial.siting_values import criteria_values, reach_steps
from spatial.store import write_study
from tests.studies import CENTRE, city, counts, info, layers, small_study

NEAR = Criterion(id="near", worst=20, best=5, weight=3, limit=15)
MANY = Criterion(id="many", worst=0, best=100, weight=2)
FLAT = Criterion(id="flat", worst=0, best=1, weight=1, neutral=0.5)
THREE = (NEAR, MANY, FLAT)

WHOLE = st.integers(0, 24).map(float)
TABLES = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        st.lists(WHOLE | st.just(np.nan), min_size=n, max_size=n),
        st.lists(st.integers(-10, 110).map(float), min_size=n, max_size=n),
        st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, np.nan]), min_size=n, max_size=n),
        st.lists(st.integers(0, 3).map(float), min_size=n, max_size=n),
    )
)
WEIGHTS = st.lists(st.integers(0, 4).map(float), min_size=3, max_size=3).filter(any)


def table(columns):
    names = ("near", "many", "flat", "graduates")
    index = pd.Index(np.arange(len(columns[0]), dtype=np.uint64) + 7, name="cell")
    return pd.DataFrame(dict(zip(names, columns, strict=True)), index=index)


def weighted(weights):
    return tuple(replace(one, weight=w) for one, w in zip(THREE, weights, strict=True))


def literal(values, criteria):
    """Score of each row and who excludes it, one by one."""
    found = []
    for _, row in values.iterrows():
        above = below = 0.0
        reason = ""
        for one in criteria:
            if one.weight == 0:
                continue
            value = row[one.id]
            if np.isnan(value):
                if one.neutral is None:
                    reason = reason or one.id
                    continue
                score = one.neutral
            else:
                if one.limit is not None:
                    beyond = value > one.limit if one.best < one.worst else value < one.limit
                    if beyond:
                        reason = reason or one.id
                score = min(1.0, max(0.0, (value - one.worst) / (one.best - one.worst)))
            if one.scored:
                above += one.weight * score
                below += one.weight
        found.append((np.nan if reason else above / below, reason))
    return found


@given(TABLES, WEIGHTS)
def test_the_score_is_the_formula(columns, weights):
    values, criteria = table(columns), weighted(weights)
    found = rank(values, criteria)
    scores, reasons = zip(*literal(values, criteria), strict=True)
    np.testing.assert_allclose(found["score"], scores, atol=1e-11)
    assert found["excluded_by"].tolist() == list(reasons)
    assert found["unknown"].tolist() == [
        sum(np.isnan(row[one.id]) for one in criteria if one.weight) for _, row in values.iterrows()
    ]


@given(TABLES, WEIGHTS)
def test_ranks_are_those_of_scipy_and_of_pandas(columns, weights):
    values = table(columns)
    found = rank(values, weighted(weights))
    kept = found[found["rank"] > 0]
    assert sorted(kept["rank"]) == list(range(1, len(kept) + 1))
    assert (found["rank"] > 0).equals(found["excluded_by"] == "")
    if kept.empty:
        return
    low = rankdata(-kept["score"], method="min")
    high = rankdata(-kept["score"], method="max")
    assert ((low <= kept["rank"]) & (kept["rank"] <= high)).all()
    frame = kept.assign(graduates=values["graduates"])
    ordered = frame.sort_values(["score", "graduates", "cell"], ascending=[False, False, True])
    assert ordered["rank"].tolist() == list(range(1, len(kept) + 1))


@given(TABLES, WEIGHTS, st.sampled_from([0.1, 0.3, 0.5, 2.0, 2.5]))
def test_scaling_all_weights_changes_nothing(columns, weights, factor):
    values = table(columns)
    once, scaled = (
        rank(values, weighted(some)) for some in (weights, [one * factor for one in weights])
    )
    pd.testing.assert_frame_equal(once, scaled)


@given(TABLES, WEIGHTS)
def test_a_weight_of_0_is_as_if_the_criterion_were_not_there(columns, weights):
    values = table(columns)
    criteria = weighted(weights)
    without = tuple(one for one in criteria if one.weight)
    pd.testing.assert_frame_equal(rank(values, criteria), rank(values, without))


@given(TABLES, WEIGHTS, st.data())
def test_making_a_cell_better_never_lowers_its_rank(columns, weights, data):
    values, criteria = table(columns), weighted(weights)
    row = data.draw(st.integers(0, len(values) - 1))
    one = data.draw(st.sampled_from(criteria))
    better = data.draw(st.floats(0, 50)) * np.sign(one.best - one.worst)
    assume(not np.isnan(values[one.id].iloc[row]))
    changed = values.copy()
    changed.iloc[row, changed.columns.get_loc(one.id)] += better
    before, after = (rank(some, criteria)["rank"].iloc[row] for some in (values, changed))
    assert before == 0 or 0 < after <= before


@given(TABLES, WEIGHTS, st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(columns, weights, top, shuffle):
    values, criteria = table(columns), weighted(weights)
    order = list(range(len(values)))
    shuffle.shuffle(order)
    mixed = values.iloc[order]
    pd.testing.assert_frame_equal(
        rank(mixed, criteria).sort_index(), rank(values, criteria), check_categorical=False
    )
    both = [
        sensitivity(some, criteria, draws=9, top=top, rng=np.random.default_rng(3))
        for some in (values, mixed)
    ]
    pd.testing.assert_series_equal(both[0], both[1].sort_index())


def test_a_limit_alone_excludes_and_has_no_part_in_the_score():
    values = table([[3, 10, 20], [50, 50, 50], [1, 1, 1], [1, 2, 3]])
    alone = replace(NEAR, scored=False)
    found = rank(values, [alone, MANY])
    assert found["score"].tolist()[:2] == [0.5, 0.5]
    assert found["excluded_by"].tolist() == ["", "", "near"]
    assert "score_near" not in found
    assert found["rank"].tolist() == [2, 1, 0]


def test_the_limit_itself_is_within():
    assert rank(table([[15.0], [50], [1], [0]]), THREE)["rank"].tolist() == [1]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"weight": 11}, "0 to 10"),
        ({"weight": np.nan}, "0 to 10"),
        ({"best": 0}, "two numbers"),
        ({"worst": np.inf}, "two numbers"),
        ({"limit": np.nan}, "limit of many"),
        ({"neutral": 2}, "neutral score of many must be 0 to 1"),
        ({"scored": False}, "must have a limit"),
        ({"id": "score"}, "name of its own"),
    ],
)
def test_a_criterion_out_of_range_is_refused(fault, says):
    with pytest.raises(QuestionError, match=says):
        replace(MANY, **fault)


def test_a_criterion_survives_its_json():
    assert Criterion.from_dict(json.loads(json.dumps(NEAR.to_dict()))) == NEAR
    for wrong in ({"id": "a"}, NEAR.to_dict() | {"more": 1}, NEAR.to_dict() | {"weight": "x"}):
        with pytest.raises(QuestionError, match="a criterion"):
            Criterion.from_dict(wrong)


@pytest.mark.parametrize(
    ("criteria", "says"),
    [
        ([], "above 0"),
        ([replace(MANY, weight=0)], "above 0"),
        ([MANY, MANY], "twice"),
        ([replace(MANY, id="absent")], "among near"),
    ],
)
def test_a_ranking_without_sense_is_refused(criteria, says):
    with pytest.raises(QuestionError, match=says):
        rank(table([[1.0], [1], [1], [1]]), criteria)


def test_the_score_of_the_top_share():
    ranked = rank(table([[5.0] * 10, [10 * n for n in range(10)], [1] * 10, [0] * 10]), [MANY])
    assert score_of_top(ranked, share=0.2) == pytest.approx(0.8)
    assert score_of_top(ranked, share=1) == 0
    with pytest.raises(QuestionError, match="share"):
        score_of_top(ranked, share=0)


# How far a ranking holds


@settings(max_examples=40)
@given(TABLES, WEIGHTS, st.integers(1, 6))
def test_sensitivity_is_ranking_anew_for_every_weighting(columns, weights, top):
    values, criteria = table(columns), weighted(weights)
    found = sensitivity(values, criteria, draws=12, top=top, rng=np.random.default_rng(5))
    drawn = draw_weights(criteria, draws=12, rng=np.random.default_rng(5))
    used = [one for one in criteria if one.weight]
    times = np.zeros(len(values))
    for row in drawn:
        # A weight below 1e-9 would be 0 to a criterion whose part in a score it is not.
        assume((row > 1e-6).all())
        again = rank(values, [replace(o, weight=w) for o, w in zip(used, row, strict=True)])
        times += ((again["rank"] > 0) & (again["rank"] <= top)).to_numpy()
        kept = again["excluded_by"] == ""
    np.testing.assert_allclose(found, np.where(kept, times / 12, np.nan))


@given(TABLES, WEIGHTS)
def test_a_dominating_cell_stays_in_every_draw(columns, weights):
    values = table(columns)
    values.iloc[0] = [5.0, 100.0, 1.0, 99.0]
    found = sensitivity(values, weighted(weights), draws=50, top=1, rng=np.random.default_rng(1))
    assert found.iloc[0] == 1


@given(TABLES, WEIGHTS, st.integers(1, 40))
def test_every_draw_has_as_many_best_cells_as_asked(columns, weights, top):
    values, criteria = table(columns), weighted(weights)
    found = sensitivity(values, criteria, draws=20, top=top, rng=np.random.default_rng(2))
    cells = int((rank(values, criteria)["rank"] > 0).sum())
    assert np.nansum(found) == pytest.approx(min(top, cells))
    assert int(found.notna().sum()) == cells


def test_weightings_have_the_given_weights_as_their_mean():
    drawn = draw_weights(THREE, draws=40_000, rng=np.random.default_rng(4))
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    share = np.array([3, 2, 1]) / 6
    # The variance of a Dirichlet share is a (A - a) / (A^2 (A + 1)); here A is 3.
    error = np.sqrt(share * (1 - share) / 4 / len(drawn))
    assert (np.abs(drawn.mean(axis=0) - share) < 5 * error).all()


def test_equal_weights_are_varied_over_all_there_are():
    """Of three weights drawn alike, each is the largest part more often than half in 1 of 4."""
    equal = [replace(one, weight=2) for one in THREE]
    drawn = draw_weights(equal, draws=40_000, rng=np.random.default_rng(4))
    # Corner triangles of the simplex: a quarter of its area each.
    share = (drawn > 0.5).mean(axis=0)
    assert (np.abs(share - 0.25) < 5 * np.sqrt(0.25 * 0.75 / len(drawn))).all()


def test_blocks_of_draws_do_not_matter(monkeypatch):
    rng = np.random.default_rng(0)
    values = table(
        [rng.uniform(0, 15, 500), rng.uniform(0, 100, 500), rng.uniform(0, 1, 500), [0] * 500]
    )
    whole = sensitivity(values, THREE, draws=100, rng=np.random.default_rng(1))
    monkeypatch.setattr("spatial.siting._BLOCK", 1)
    pd.testing.assert_series_equal(
        whole, sensitivity(values, THREE, draws=100, rng=np.random.default_rng(1))
    )


def test_two_settings_side_by_side():
    values = table([[5, 6, 7, 20], [0, 50, 100, 100], [1, 1, 1, 1], [0, 0, 0, 0]])
    first = rank(values, [NEAR])
    second = rank(values, [replace(NEAR, scored=False, limit=30), MANY])
    found = compare(first, second, top=2)
    assert found["found"].to_dict() == {7: "first", 9: "second", 8: "first", 10: "second"}
    assert found.index.tolist() == [7, 9, 8, 10]
    assert found["rank_first"].tolist() == [1, 3, 2, 0]
    assert found["rank_second"].tolist() == [4, 1, 3, 2]
    np.testing.assert_array_equal(found["shift"], [-3, 2, -1, np.nan])
    with pytest.raises(ValueError, match="same cells"):
        compare(first, second.iloc[:2])


@given(TABLES, WEIGHTS, WEIGHTS, st.integers(1, 8))
def test_comparing_is_set_algebra(columns, one, other, top):
    values = table(columns)
    first, second = rank(values, weighted(one)), rank(values, weighted(other))
    best = [set(r.index[(r["rank"] > 0) & (r["rank"] <= top)]) for r in (first, second)]
    found = compare(first, second, top=top)
    by = {word: set(found.index[found["found"] == word]) for word in ("both", "first", "second")}
    assert by == {
        "both": best[0] & best[1],
        "first": best[0] - best[1],
        "second": best[1] - best[0],
    }
    assert (compare(first, first, top=top)["shift"] == 0).all()


# Sites

CELLS = pd.Index(city(radius=9), name="cell")


def field(seed):
    rng = np.random.default_rng(seed)
    near = disk(CELLS, k=2)
    rough = near.sums(rng.normal(0, 1, len(CELLS)))
    values = pd.DataFrame(
        {"many": 50 + 8 * rough, "near": rng.uniform(0, 18, len(CELLS)), "graduates": 1.0},
        index=CELLS,
    )
    return values, (MANY, replace(NEAR, weight=1))


@pytest.mark.parametrize("seed", range(4))
def test_sites_hang_together_and_do_not_touch(seed):
    values, criteria = field(seed)
    ranked = rank(values, criteria)
    sites = clusters(ranked, values, criteria, most=10)
    members = {site: set(held.index) for site, held in sites.member.groupby(sites.member)}
    assert sum(map(len, members.values())) == sites.member.index.nunique()
    assert set(members) == set(sites.values.index)
    for site, held in members.items():
        around = set(h3cells.grid_disk(np.array(sorted(held), dtype=np.uint64), k=1)) - held
        assert not around & set(sites.member.index), "two sites touch"
        disk_2 = set(h3cells.grid_disk(np.array([site], dtype=np.uint64), k=2))
        assert held <= disk_2
        assert (ranked.loc[sorted(held), "score"] >= ranked.loc[site, "score"] - 0.1).all()
        assert (ranked.loc[sorted(held), "rank"] > 0).all()
        joined = {site}
        for _ in held:
            joined |= set(h3cells.grid_disk(np.array(sorted(joined), dtype=np.uint64), k=1)) & held
        assert joined == held


def test_a_site_is_scored_by_what_its_row_says():
    values, criteria = field(1)
    ranked = rank(values, criteria)
    sites = clusters(ranked, values, criteria, most=10)
    listed = sites.table
    assert listed["rank"].tolist() == list(range(1, 11))
    again = rank(listed.set_index("peak")[["many", "near", "graduates"]], criteria)
    np.testing.assert_array_equal(again["score"], listed["score"])
    np.testing.assert_array_equal(again["rank"], listed["rank"])
    for _, row in listed.iterrows():
        held = sites.member.index[sites.member == row["peak"]]
        assert row["cells"] == len(held)
        assert row["many"] == values.loc[held, "many"].median()
        assert row["mean_score"] == pytest.approx(ranked.loc[held, "score"].mean())
        assert row["best_score"] == ranked.loc[row["peak"], "score"]
        assert row["graduates"] == len(held)
        assert row["area_km2"] == pytest.approx(h3cells.area_km2(held).sum())
        whole = shapely.union_all(h3cells.outlines(held))
        assert shapely.area(shapely.symmetric_difference(whole, row["geometry"])) < 1e-12


def test_the_best_site_holds_the_best_cell_and_a_least_score_ends_the_list():
    values, criteria = field(2)
    ranked = rank(values, criteria)
    sites = clusters(ranked, values, criteria)
    assert ranked.index[ranked["rank"] == 1][0] in set(sites.values.index)
    edge = score_of_top(ranked, share=0.05)
    fewer = clusters(ranked, values, criteria, min_score=edge)
    assert 0 < len(fewer.values) < len(sites.values)
    assert (ranked.loc[fewer.values.index, "score"] >= edge).all()


def test_no_site_where_every_cell_is_excluded():
    values, criteria = field(0)
    none = [replace(criteria[0], limit=1e9), criteria[1]]
    ranked = rank(values, none)
    sites = clusters(ranked, values, none)
    assert len(sites.table) == len(sites.member) == 0
    assert score_of_top(ranked, share=0.1) == np.inf
    assert sensitivity(values, none, draws=3, rng=np.random.default_rng(0)).isna().all()


# Values from a study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("siting") / "little")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A study that counts work alone and brings no layer: nothing to walk to, nothing to rent."""
    held = counts()
    return write_study(
        tmp_path_factory.mktemp("siting") / "bare",
        info(name="bare", rent_edges=(), currency={}),
        held[held["role"] == "work"],
    )


def asked(study, **changes):
    setting = Setting(year=2025, **changes)
    return setting, *screen_values(study, setting)


def test_walk_is_the_distance_to_the_nearest_station(study):
    _, values, _ = asked(study)
    lat, lon = h3cells.centres(values.index)
    stations = study.layer("stations").geometry
    km = np.stack([distance_km(lat, lon, one.y, one.x) for one in stations]).min(axis=0)
    np.testing.assert_allclose(values["walk_minutes"], km * 1000 / 80, rtol=1e-5)


def test_work_minutes_are_a_weighted_mean_of_the_way_to_every_place(study):
    _, values, _ = asked(study)
    q = Question(year=2025, role="work")
    places = place_table(study, q, hotspot_table(study, q)).table
    lat, lon = h3cells.centres(values.index)
    minutes = minutes_matrix(network_of(study, 2025), lat, lon, places["lat"], places["lon"])
    found = np.average(minutes.astype(float), axis=1, weights=places["graduates"])
    np.testing.assert_allclose(values["work_minutes"], found, rtol=1e-5)


def test_people_near_are_those_of_the_disk(study):
    _, values, _ = asked(study)
    steps = reach_steps(values.index)
    assert steps == 4
    people = study.series(role="residence", year=2025)["graduates"]
    jobs = study.series(role="work", year=2025)["graduates"]
    for cell in values.index[::97]:
        around = h3cells.grid_disk(np.array([cell], dtype=np.uint64), k=steps)
        assert values.loc[cell, "graduates_near"] == people.reindex(around).sum()
        assert values.loc[cell, "jobs_near"] == jobs.reindex(around).sum()
    assert (values["graduates"] == people).all()


def with_rents(path, rows):
    """The little study with listings (steps east of the centre, rent, m2, kind, year)."""
    east, rent, area, kind, year = zip(*rows, strict=True)
    lat, lon = CENTRE
    listed = {"id": [f"r{n}" for n in range(len(rows))], "rent": rent, "area_m2": area}
    listed |= {"kind": kind, "year": year}
    points = [shapely.Point(lon + one * 0.001, lat) for one in east]
    found = layers() | {"rents": gpd.GeoDataFrame(listed, geometry=points, crs=4326)}
    return write_study(path, info(), counts(), layers=found)


def test_small_units_are_a_share_of_the_nearest_five_or_more(tmp_path):
    rows = [(0, 2000.0, 30.0, "flat", 2025)] * 3 + [(0, 2000.0, 90.0, "flat", 2025)] * 2
    rows += [(0, 2000.0, 20.0, "flat", 2023)] * 9 + [(0, 2000.0, 0.0, "flat", 2025)] * 4
    made = with_rents(tmp_path / "study", rows)
    _, values, _ = asked(made)
    home = h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=9)
    reach = h3cells.grid_disk(home, k=4)
    known = values["small_units"].dropna()
    assert set(known.index) == set(reach) & set(values.index)
    np.testing.assert_allclose(known, 0.6)
    _, wider, _ = asked(made, small_m2=90.0)
    np.testing.assert_allclose(wider["small_units"].dropna(), 1)


def test_a_study_without_layers_still_ranks_and_says_what_it_lacks(bare):
    setting, values, missing = asked(bare)
    assert list(values) == ["work_minutes", "jobs_near", "graduates"]
    assert set(missing) == set(CRITERIA) - set(values)
    assert all(text and text[-1] != "." for text in missing.values())
    criteria = default_criteria(bare, values)
    assert (rank(values, criteria)["rank"] > 0).all()
    q = Question(year=2025, role="work")
    places = place_table(bare, q, hotspot_table(bare, q)).table
    lat, lon = h3cells.centres(values.index)
    ways = [
        direct_minutes(distance_km(lat, lon, row["lat"], row["lon"]), RailRules())
        for _, row in places.iterrows()
    ]
    mean = np.average(ways, axis=0, weights=places["graduates"])
    np.testing.assert_allclose(values["work_minutes"], mean, rtol=1e-4)
    sites = clusters(rank(values, criteria), values, criteria)
    assert len(named_sites(bare, sites, year=2025).table)
    assert rent_per(bare, setting) == "month"


def test_values_in_a_chosen_area(study):
    _, values, _ = asked(study, area="East")
    _, lon = h3cells.centres(values.index)
    assert (values["inside"] == (lon > CENTRE[1])).all()
    criteria = default_criteria(study, values)
    ranked = rank(values, [one for one in criteria if one.id in ("inside", "walk_minutes")])
    assert (ranked.loc[values["inside"] == 0, "excluded_by"] == "inside").all()
    assert "score_inside" not in ranked
    box = shapely.box(CENTRE[1], CENTRE[0], CENTRE[1] + 0.01, CENTRE[0] + 0.01)
    _, drawn, _ = asked(study, outline=shapely.to_wkt(box))
    assert 0 < drawn["inside"].sum() < values["inside"].sum()
    for wrong in ({"area": "Nowhere"}, {"outline": "POLYGON"}, {"area": "a", "outline": "b"}):
        with pytest.raises(QuestionError):
            asked(study, **wrong)


def test_coarser_cells_hold_the_same_people(study):
    _, fine, _ = asked(study)
    _, coarse, _ = asked(study, resolution=8)
    assert h3cells.resolution_of(coarse.index) == 8
    assert coarse["graduates"].sum() == fine["graduates"].sum()
    assert set(coarse) == set(fine)


def test_values_of_other_cells_or_years_are_refused(study):
    rail = network_of(study, 2024)
    given = {"year": 2025, "network": None, "work_places": None, "rents": None}
    with pytest.raises(QuestionError, match="that of 2024"):
        criteria_values(study, **(given | {"network": rail}))
    rents = pd.DataFrame({"rent": [1.0]}, index=pd.Index([7], name="cell"))
    with pytest.raises(QuestionError, match="same cells"):
        criteria_values(study, **(given | {"rents": rents}))
    with pytest.raises(QuestionError, match="2031"):
        criteria_values(study, **(given | {"year": 2031}))
    with pytest.raises(QuestionError, match="reach"):
        criteria_values(study, **given, reach_km=0)


def test_defaults_fit_the_study_and_name_no_currency(study, bare):
    _, values, _ = asked(study)
    by_id = {one.id: one for one in default_criteria(study, values)}
    assert by_id["walk_minutes"].limit == 15
    assert rent_edge(study, values) == 3000
    assert by_id.keys() == set(values) - {"graduates"}
    _, values, _ = asked(bare)
    assert rent_edge(bare, values.assign(rent=1234.0)) == 1200


def test_settings_change_what_they_name():
    start = (NEAR, MANY, replace(NEAR, id="rent"))
    near, many, rent = set_criteria(
        start,
        weights={"near": 0, "many": 7},
        limits={"near": 9, "rent": 4000},
        ranges={"many": (5, 50)},
        neutrals={"many": 0.2},
    )
    assert (near.scored, near.weight, near.limit) == (False, 1, 9)
    assert (many.weight, many.worst, many.best, many.neutral) == (7, 5, 50, 0.2)
    assert (rent.limit, rent.worst, rent.best) == (4000, 4000, 2000)
    assert set_criteria(start, limits={"near": None})[0].limit is None
    assert set_criteria(start, weights={"near": 0})[0].weight == 0
    with pytest.raises(QuestionError, match="criteria here are near, many, rent"):
        set_criteria(start, weights={"absent": 1})


@pytest.mark.parametrize(
    "wrong", [{"top": 0}, {"draws": 0}, {"seed": -1}, {"reach_km": 0}, {"rent_per": "week"}]
)
def test_a_setting_out_of_range_is_refused(wrong):
    with pytest.raises(QuestionError):
        Setting(year=2025, **wrong)


def test_a_setting_survives_its_json():
    setting = Setting(year=2025, area="East", small_m2=30.5)
    assert Setting.from_dict(json.loads(json.dumps(setting.to_dict()))) == setting
    for wrong in ({"year": 2025, "more": 1}, {}, {"year": 2025, "top": "x"}):
        with pytest.raises(QuestionError, match="a setting"):
            Setting.from_dict(wrong)


# Files


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    rows = [(n, 1500.0 + 100 * n, 15.0 + 4 * n, "flat", 2025) for n in range(-15, 16) for _ in "ab"]
    made = with_rents(tmp_path_factory.mktemp("siting") / "town", rows)
    setting = Setting(year=2025, area="East", draws=50)
    near = screen_cells(made, setting)
    values, missing = screen_values(made, setting, neighbours=near)
    criteria = set_criteria(default_criteria(made, values), weights={"jobs_near": 0})
    ranked = rank(values, criteria)
    sites = clusters(ranked, values, criteria, most=5, neighbours=near)
    given = {"values": values, "ranked": ranked, "criteria": criteria, "missing": missing}
    return made, setting, given, named_sites(made, sites, year=2025)


@pytest.mark.parametrize("ending", [one for one in WRITERS if one != ".pmtiles"])
@pytest.mark.parametrize("which", ["cells", "sites"])
def test_a_file_ranks_itself_again(screened, tmp_path, ending, which):
    made, setting, given, sites = screened
    path = tmp_path / f"town{ending}"
    taken = sites if which == "sites" else None
    judged = given["values"] if taken is None else sites.values
    stays = sensitivity(judged, given["criteria"], draws=50, rng=np.random.default_rng(1))
    export_siting(made, setting, path, **given, sites=taken, stays=stays)
    found = rerank(path)
    assert found["same"].all()
    held, told = read_siting(path)
    # A FlatGeobuf has its rows where they lie, for whoever looks for a place.
    order = given["ranked"].index if taken is None else found["rank"].sort_values().index
    found, held = found.loc[order], held.loc[order]
    if taken is None:
        pd.testing.assert_index_equal(found.index, given["ranked"].index)
        np.testing.assert_allclose(found["score"], given["ranked"]["score"], rtol=1e-12)
        np.testing.assert_array_equal(found["rank"], given["ranked"]["rank"])
    else:
        assert found["rank"].tolist() == list(range(1, len(sites.table) + 1))
        assert held["name_en"].tolist() == sites.table["name_en"].tolist()
    for one in given["criteria"]:
        expected = judged.loc[found.index, one.id]
        # A Shapefile has 15 decimals of a number.
        np.testing.assert_allclose(held[one.id].astype(float), expected, rtol=1e-14, atol=1e-15)
    asked = told["siting"]
    assert Setting.from_dict(asked["setting"]) == setting
    assert [Criterion.from_dict(one) for one in asked["criteria"]] == list(given["criteria"])
    assert asked["missing"] == given["missing"]
    assert told["synthetic"]
    assert "minutes" in told["modelled"]


def test_a_file_that_was_changed_says_so(screened, tmp_path):
    made, setting, given, _ = screened
    path = tmp_path / "cells.csv"
    export_siting(made, setting, path, **given)
    first = given["ranked"].index[given["ranked"]["rank"] == 1]
    text = h3cells.to_text(first)[0]
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(text))
    cut = lines[:at] + lines[at + 1 :]
    place = lines[0].split(",").index("walk_minutes")
    parts = lines[at].split(",")
    parts[place] = "14.5"
    lines[at] = ",".join(parts)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = rerank(path)
    assert not found["same"].all()
    assert not found.loc[first[0], "same"]
    path.write_text("\n".join(cut) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="rows were written"):
        rerank(path)
    described = path.with_name("cells.csv-metadata.json")
    content = json.loads(described.read_text(encoding="utf-8"))
    content["notes"][0]["siting"]["criteria"][0]["weight"] = 99
    content["notes"][0]["siting"]["rows"] -= 1
    described.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="weight"):
        rerank(path)


def test_what_is_no_siting_file_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "a.csv").write_text("cell\n1\n")
    (tmp_path / "b.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (tmp_path / "c.gpkg").write_text("no database")
    (tmp_path / "f.geojson").write_text("[1]")
    with sqlite3.connect(tmp_path / "d.gpkg") as database:
        database.execute("CREATE TABLE a (b)")
    database.close()
    for name in ("a.csv", "b.geojson", "c.gpkg", "d.gpkg", "absent.csv", "e.shp", "f.geojson"):
        with pytest.raises(InputError, match=name.split(".")[0]):
            rerank(tmp_path / name)


def test_area_of_the_whole_study_asks_for_nothing(study):
    values, missing = criteria_values(
        study,
        year=2025,
        network=None,
        work_places=None,
        rents=None,
        area=area_of(study, ""),
    )
    assert "inside" not in values
    assert missing["work_minutes"]
