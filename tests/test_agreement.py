"""Agreement of two maps: Jaccard, graduates that stayed, fuzzy kappa, and their chance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.agreement import NULLS, agreement
from spatial.hotspots import find_hotspots
from spatial.neighbours import disk
from tests import oracles_years as oracles
from tests.bumps import area, counted, mean_counts, scattered

NEAR = area(radius=3)
CELLS = NEAR.cells
MAPS = st.lists(
    st.sampled_from(["hot", "cold", "none"]), min_size=len(CELLS), max_size=len(CELLS)
).map(lambda words: pd.Series(words, index=CELLS, dtype="str"))
COUNTS = st.lists(st.integers(0, 99), min_size=len(CELLS), max_size=len(CELLS)).map(
    lambda values: pd.Series(values, index=CELLS, dtype="float64")
)
ONES = pd.Series(1.0, index=CELLS)


def alike(one, other, *, counts=(ONES, ONES), near=NEAR, permutations=0, seed=1, **choices):
    return agreement(
        one,
        other,
        near,
        counts_before=counts[0],
        counts_after=counts[1],
        permutations=permutations,
        rng=np.random.default_rng(seed),
        **choices,
    )


@given(MAPS, MAPS, st.integers(0, 3), st.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=12, deadline=None)
def test_fuzzy_kappa_is_the_formula(one, other, steps, halving):
    found = alike(one, other, steps=steps, halving=halving).fuzzy_kappa
    expected = oracles.fuzzy_kappa(CELLS, one.tolist(), other.tolist(), steps, halving)
    assert found == pytest.approx(expected, abs=1e-12)


@given(MAPS, MAPS)
def test_without_tolerance_it_is_cohens_kappa(one, other):
    """Witness of another kind: at 0 steps only equal verdicts agree."""
    metrics = pytest.importorskip("sklearn.metrics")
    if one.nunique() == other.nunique() == 1:
        return  # the library warns of 0 / 0 there
    found = alike(one, other, steps=0).fuzzy_kappa
    labels = ["hot", "cold", "none"]
    theirs = metrics.cohen_kappa_score(one.to_numpy(), other.to_numpy(), labels=labels)
    assert found == pytest.approx(theirs, abs=1e-12)


@given(MAPS, MAPS, COUNTS, COUNTS)
def test_shares_are_the_formula(one, other, before, after):
    found = alike(one, other, counts=(before, after))
    hot = set(CELLS[(one == "hot").to_numpy()])
    still = set(CELLS[(other == "hot").to_numpy()])
    both, either = list(hot & still), list(hot | still)

    def part(counts, some, every):
        return counts[some].sum() / counts[every].sum() if counts[every].sum() else np.nan

    wanted = {
        "jaccard": part(ONES, both, either),
        "stayed": part(before + after, both, either),
        "kept": part(before, both, list(hot)),
        "held": part(after, both, list(still)),
    }
    for name, value in wanted.items():
        assert getattr(found, name) == pytest.approx(value, nan_ok=True), name


@given(MAPS)
def test_a_map_agrees_with_itself(one):
    found = alike(one, one)
    assert found.fuzzy_kappa == pytest.approx(1)
    if (one == "hot").any():
        assert found.jaccard == found.stayed == found.kept == found.held == 1
    else:
        assert np.isnan(found.jaccard)


@given(MAPS, MAPS, COUNTS, COUNTS)
def test_the_order_of_the_years_does_not_matter(one, other, before, after):
    forth = alike(one, other, counts=(before, after))
    back = alike(other, one, counts=(after, before))
    for name in ("jaccard", "stayed", "fuzzy_kappa"):
        assert getattr(forth, name) == pytest.approx(getattr(back, name), nan_ok=True)
    assert forth.kept == pytest.approx(back.held, nan_ok=True)


def spot(place):
    words = pd.Series("none", index=CELLS, dtype="str")
    words.iloc[place] = "hot"
    return words


def test_a_near_miss_counts_more_than_a_far_one():
    middle = 10
    rings = [
        np.setdiff1d(NEAR.reach(k).table[:, middle], NEAR.reach(k - 1).table[:, middle])
        for k in (1, 2, 3)
    ]
    scores = [alike(spot(middle), spot(int(ring[0]))).fuzzy_kappa for ring in rings]
    assert 1 > scores[0] > scores[1] > scores[2]
    assert alike(spot(middle), spot(int(rings[0][0]))).jaccard == 0


def city(*, seed, bumps_seed):
    near = area(radius=20)
    bumps = scattered(10, rng=np.random.default_rng(bumps_seed), within_km=14)
    counts = counted(mean_counts(near, bumps), near, rng=np.random.default_rng(seed))
    return near, counts, find_hotspots(counts, near)["hotspot"]


@pytest.mark.parametrize("null", NULLS)
def test_the_same_city_counted_twice_agrees_beyond_chance(null):
    near, before, one = city(seed=1, bumps_seed=1)
    _, after, other = city(seed=2, bumps_seed=1)
    found = alike(one, other, counts=(before, after), near=near, null=null, permutations=99, seed=3)
    assert found.jaccard > 0.8
    assert found.fuzzy_kappa > 0.9
    assert found.draws == 99
    assert found.p_jaccard == found.p_stayed == found.p_kappa == pytest.approx(0.01)


def test_two_cities_alike_in_kind_alone_agree_by_chance_when_moved():
    """Over pairs of unrelated cities p is spread out; the shuffled null calls many alike."""
    small = []
    for seed in range(12):
        near, before, one = city(seed=seed, bumps_seed=seed)
        _, after, other = city(seed=seed + 50, bumps_seed=seed + 50)
        found = alike(
            one, other, counts=(before, after), near=near, permutations=49, seed=seed, steps=1
        )
        small.append(found.p_kappa <= 0.1)
    assert sum(small) <= 4


def test_chance_is_repeated_from_the_same_source_of_it():
    near, counts, words = city(seed=1, bumps_seed=1)
    draws = [alike(words, words, counts=(counts, counts), near=near, permutations=19) for _ in "ab"]
    assert dataclasses.asdict(draws[0]) == dataclasses.asdict(draws[1])


def test_without_draws_there_is_no_chance_and_without_hot_cells_nothing_to_compare():
    none = pd.Series("none", index=CELLS, dtype="str")
    found = alike(none, none, permutations=9)
    assert np.isnan([found.jaccard, found.stayed, found.p_jaccard, found.p_stayed]).all()
    assert found.fuzzy_kappa == 1
    found = alike(none, none)
    assert found.draws == 0
    assert np.isnan(found.p_kappa)


def test_a_ragged_area_is_told_to_shuffle():
    middle = h3cells.points_to_cells([39.9], [116.4], resolution=8)
    far = h3cells.points_to_cells([41.9, 37.9, 39.9], [116.4, 114.0, 119.0], resolution=8)
    near = disk(np.unique(np.concatenate([far, middle])))
    words = pd.Series(["hot", "none", "none", "hot"], index=near.cells, dtype="str")
    ones = pd.Series(1.0, index=near.cells)
    shuffled = alike(words, words, counts=(ones, ones), near=near, permutations=9, null="shuffled")
    assert shuffled.draws == 9
    with pytest.raises(ValueError, match='"shuffled" needs none'):
        alike(words, words, counts=(ones, ones), near=near, permutations=500)


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"null": "luck"}, "null must be one of moved, shuffled, found luck"),
        ({"permutations": -1}, "permutations must be 0 or more, found -1"),
        ({"steps": -1}, "steps must be 0 or more"),
        ({"halving": 0.0}, "halving must be above 0"),
    ],
)
def test_what_is_asked_wrongly_gets_one_sentence(choices, says):
    with pytest.raises(ValueError, match=says):
        alike(spot(1), spot(2), **choices)


def test_unknown_verdicts_and_other_cells_are_refused():
    with pytest.raises(ValueError, match="hot, cold or none, found warm"):
        alike(spot(1).replace("hot", "warm"), spot(2))
    with pytest.raises(ValueError, match="of the same cells"):
        alike(spot(1).iloc[1:], spot(2))
