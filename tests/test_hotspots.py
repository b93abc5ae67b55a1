"""Hotspots: Gi*, local Moran, measures and chance, each with three witnesses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.hotspots import (
    classify,
    expected_by_chance,
    find_hotspots,
    getis_ord,
    neighbour_score,
)
from spatial.measures import measured, share, surplus
from spatial.moran import local_moran
from spatial.neighbours import disk
from spatial.significance import false_discovery, p_analytic, p_permuted, subsets
from tests import oracles

# What esda says of itself, and of islands, is not about this project.
ESDA = pytest.mark.filterwarnings(
    r"ignore::DeprecationWarning:esda\..*", "ignore:The weights matrix is not fully:UserWarning"
)


def town(radius=4, *, resolution=8):
    middle = h3cells.points_to_cells([39.9], [116.4], resolution=resolution)
    return pd.Index(h3cells.grid_disk(middle, k=radius), name="cell")


CELLS = town()
NEAR = disk(CELLS, k=1)
COUNTS = st.lists(st.integers(0, 999), min_size=len(CELLS), max_size=len(CELLS)).map(
    lambda values: pd.Series(values, index=CELLS, dtype="float64")
)


def skewed(cells=CELLS, *, seed=1):
    values = np.random.default_rng(seed).gamma(0.4, 50, len(cells))
    return pd.Series(values, index=cells)


def planted(cells, centre, *, rng, mean=5, lift=8):
    """Poisson counts, `lift` times the `mean` within one step of a centre."""
    high = np.isin(cells, h3cells.grid_disk([centre], k=1))
    return pd.Series(rng.poisson(np.where(high, lift * mean, mean)), index=cells)


def esda_weights(cells, k):
    """The same neighbourhood by h3 alone, as libpysal wants it: without the cell itself."""
    libpysal = pytest.importorskip("libpysal")
    lists = oracles.neighbour_lists(cells, k)
    others = {i: [j for j in mine if j != i] for i, mine in enumerate(lists)}
    return libpysal.weights.W(others, silence_warnings=True)


# --- Gi* -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 2, 3])
def test_gi_star_is_the_formula(k):
    values = skewed()
    expected = oracles.gi_star(values.tolist(), oracles.neighbour_lists(CELLS, k))
    np.testing.assert_allclose(getis_ord(values, disk(CELLS, k=k)), expected, atol=1e-9)


@pytest.mark.parametrize("k", [1, 3])
def test_gi_star_is_what_esda_computes(k):
    esda = pytest.importorskip("esda")
    values = skewed()
    theirs = esda.G_Local(
        values.to_numpy(), esda_weights(CELLS, k), transform="B", star=True, permutations=0
    )
    np.testing.assert_allclose(getis_ord(values, disk(CELLS, k=k)), theirs.Zs, atol=1e-9)


@given(COUNTS, st.integers(1, 50), st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_neither_unit_nor_zero_point_of_counting_matters(counts, factor, more):
    once = getis_ord(counts, NEAR)
    np.testing.assert_allclose(getis_ord(counts * factor + more, NEAR), once, atol=1e-9)


@given(COUNTS)
@settings(max_examples=50, deadline=None)
def test_what_is_hot_is_cold_in_the_mirror(counts):
    np.testing.assert_allclose(getis_ord(-counts, NEAR), -getis_ord(counts, NEAR), atol=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, 7.3])
def test_a_constant_field_has_no_hotspots(value):
    """0.1 and 7.3 have no exact mean: rounding must not look like a pattern."""
    field = pd.Series(value, index=CELLS)
    for permutations in (0, 99):
        found = find_hotspots(field, NEAR, permutations=permutations, rng=np.random.default_rng(1))
        assert (found["z"] == 0).all()
        assert (found["p"] == 1).all()
        assert (found["q"] == 1).all()
        assert (found["hotspot"] == "none").all()
    moran = local_moran(field, NEAR)
    assert (moran[["moran", "z"]] == 0).all(axis=None)
    assert (moran["cluster"] == "none").all()


def test_a_single_cell_and_a_neighbourhood_of_all_stand_out_from_nothing():
    for cells in (town(0), town(1)):
        values = pd.Series(np.arange(len(cells)) + 5.0, index=cells)
        near = disk(cells, k=2)
        found = find_hotspots(values, near, permutations=9, rng=np.random.default_rng(1))
        assert (found["z"] == 0).all()
        assert (found["p"] == 1).all()
        assert (neighbour_score(values, near) == 0).all()
        assert np.isfinite(local_moran(values, near)[["moran", "z", "p"]]).all(axis=None)


def test_no_cells_give_no_rows():
    none = pd.Series([], index=CELLS[:0], dtype="float64")
    assert find_hotspots(none, disk(CELLS[:0])).empty
    assert local_moran(none, disk(CELLS[:0])).empty
    assert p_permuted(none, disk(CELLS[:0]), rng=np.random.default_rng(1)).empty


def test_an_island_scores_by_its_own_value_and_permutations_say_nothing_of_it():
    far = h3cells.points_to_cells([41.0], [117.5], resolution=8)
    cells = pd.Index(np.sort(np.append(CELLS, far)), name="cell")
    values = pd.Series(np.where(np.isin(cells, far), 500.0, skewed(cells)), index=cells)
    near = disk(cells, k=1)
    expected = oracles.gi_star(values.tolist(), oracles.neighbour_lists(cells, 1))
    np.testing.assert_allclose(getis_ord(values, near), expected, atol=1e-9)
    assert p_permuted(values, near, rng=np.random.default_rng(1))[far[0]] == 1
    alone = local_moran(values, near).loc[far[0]]
    assert (alone["moran"], alone["z"], alone["p"]) == (0, 0, 1)


def test_cells_without_a_value_are_left_out_of_everything():
    values = skewed()
    gone = np.random.default_rng(3).random(len(values)) < 0.3
    with_gaps, without = values.mask(gone), values[~gone]
    near = disk(without.index, k=1)
    found = getis_ord(with_gaps, NEAR)
    assert found.isna().to_numpy().tolist() == gone.tolist()
    np.testing.assert_allclose(found[~gone], getis_ord(without, near))
    moran = local_moran(with_gaps, NEAR)
    np.testing.assert_allclose(moran["moran"][~gone], local_moran(without, near)["moran"])
    assert (moran["cluster"][gone] == "none").all()
    for permutations in (0, 199):
        both = [
            find_hotspots(v, w, permutations=permutations, rng=np.random.default_rng(5))
            for v, w in ((with_gaps, NEAR), (without, near))
        ]
        pd.testing.assert_frame_equal(both[0][~gone], both[1])
        assert (both[0]["hotspot"][gone] == "none").all()


@pytest.mark.parametrize("permutations", [0, 999])
def test_finds_the_planted_hotspot(permutations):
    cells = town(12)
    centre = cells[len(cells) // 3]
    counts = planted(cells, centre, rng=np.random.default_rng(1))
    found = find_hotspots(
        counts, disk(cells), permutations=permutations, judge_by="p", alpha=0.01,
        rng=np.random.default_rng(2),
    )  # fmt: skip
    assert found["z"].idxmax() == centre
    assert found["hotspot"][centre] == "hot"


def test_a_tower_in_an_empty_field_is_not_hot_because_its_surroundings_are_empty():
    """Permutations test the neighbours alone; z counts the tower. Both must say hot."""
    rng = np.random.default_rng(4)
    cells = town(12)
    counts = pd.Series(rng.poisson(50, len(cells)).astype(float), index=cells)
    tower = cells[len(cells) // 2]
    counts[np.isin(cells, h3cells.grid_disk([tower], k=1))] = 0
    counts[tower] = 5_000
    found = find_hotspots(
        counts, disk(cells), permutations=999, rng=np.random.default_rng(2), judge_by="p"
    )
    assert found.loc[tower, "z"] > 5
    assert found.loc[tower, "p"] < 0.05
    assert found.loc[tower, "hotspot"] == "none"


def test_shuffled_or_other_cells_are_refused():
    values = skewed()
    with pytest.raises(ValueError, match="same cells in the same order"):
        getis_ord(values.sample(frac=1, random_state=1), NEAR)
    with pytest.raises(ValueError, match="same cells in the same order"):
        find_hotspots(values[1:], NEAR)


def test_arguments_are_left_as_they_were():
    values = skewed()
    before = values.copy()
    find_hotspots(values, NEAR, permutations=99, rng=np.random.default_rng(1))
    local_moran(values, NEAR)
    pd.testing.assert_series_equal(values, before)


def test_expected_by_chance_counts_marked_cells_for_q_and_all_cells_for_p():
    counts = planted(town(12), town(12)[100], rng=np.random.default_rng(1))
    near = disk(counts.index)
    by_q, by_p = find_hotspots(counts, near), find_hotspots(counts, near, judge_by="p")
    marked = int((by_q["hotspot"] != "none").sum())
    assert expected_by_chance(by_q) == (0.05 * marked, marked)
    assert expected_by_chance(by_p, judge_by="p")[0] == 0.05 * len(counts)


def test_permutations_without_a_source_of_chance_are_refused():
    for call in (find_hotspots, local_moran):
        with pytest.raises(ValueError, match="source of chance"):
            call(skewed(), NEAR, permutations=9)


# --- Local Moran ---------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 2])
def test_local_moran_is_the_formula(k):
    values = skewed()
    expected = oracles.local_moran(values.tolist(), oracles.neighbour_lists(CELLS, k))
    found = local_moran(values, disk(CELLS, k=k))
    np.testing.assert_allclose(found["moran"], expected, atol=1e-9)


@ESDA
def test_local_moran_is_what_esda_computes():
    esda = pytest.importorskip("esda")
    values, draws = skewed(), 4_999
    theirs = esda.Moran_Local(
        values.to_numpy(), esda_weights(CELLS, 1), transformation="r", permutations=draws, seed=1
    )
    ours = local_moran(values, NEAR, permutations=draws, rng=np.random.default_rng(1))
    # esda divides by n - 1 and by the variance over n, as here.
    np.testing.assert_allclose(ours["moran"], theirs.Is, atol=1e-9)
    quadrants = np.array(["", "HH", "LH", "LL", "HL"])[theirs.q]
    assert ours["quadrant"].tolist() == quadrants.tolist()
    assert_within_monte_carlo(ours["p"], np.minimum(1, 2 * theirs.p_sim), draws)
    # z is what the simulation estimates.
    np.testing.assert_allclose(ours["z"], theirs.z_sim, rtol=0.12, atol=0.12)


def test_a_quadrant_is_a_cluster_only_where_chance_is_small():
    counts = planted(town(12), town(12)[100], rng=np.random.default_rng(1))
    found = local_moran(
        counts, disk(counts.index), permutations=9_999, rng=np.random.default_rng(1)
    )
    significant = found["q"] <= 0.05
    assert significant.any()
    assert (found["cluster"] == found["quadrant"].where(significant, "none")).all()
    assert found.loc[town(12)[100], "cluster"] == "HH"


# --- Chance --------------------------------------------------------------------------------------


def assert_within_monte_carlo(p, other, draws, *, sigmas=4.8):
    """Two-sided p of two runs agree; 4.8 errors pass 1 of a million by chance."""
    p, other = np.asarray(p), np.asarray(other)
    middle = np.clip((p + other) / 2, 2 / draws, 1)
    # p doubles a tail of draws, in each of two runs; near 1 the smaller tail is what varies.
    error = 2 * np.sqrt(2 * (middle / 2) * (1 - middle / 2) / draws)
    apart = np.abs(p - other) / error
    assert apart.max() < sigmas, f"{apart.max():.1f} errors apart at p {p[apart.argmax()]}"


def few(seed, *, values):
    cells = CELLS[:13]
    numbers = np.random.default_rng(seed).choice(values, len(cells))
    return pd.Series(numbers, index=cells, dtype="float64"), disk(cells, k=1)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("values", [[0, 0, 0, 1, 9], [0.1, 0.2, 0.3, 0.7], [1, 2, 3, 500]], ids=str)
def test_permutation_p_is_the_exact_one_ties_own_value_and_all(seed, values):
    """Against every neighbourhood there is, where a cell's own value is most of the pool."""
    counts, near = few(seed, values=values)
    draws = 40_000
    found = p_permuted(counts, near, permutations=draws, rng=np.random.default_rng(seed))
    whole = np.rint(counts * 10).astype(int).tolist()  # so that equal sums are equal
    tails = np.array(oracles.exact_tails(whole, oracles.neighbour_lists(counts.index, 1)))
    exact = np.minimum(1, 2 * tails.min(axis=1))
    used = draws * (1 - (near.counts - 1) / len(counts))  # the others hold the cell itself
    tail = tails.min(axis=1)
    error = 2 * np.sqrt(tail * (1 - tail) / used) + 2 / used
    assert (np.abs(found - exact) <= 4.8 * error).all()


@ESDA
def test_permutation_p_is_esdas_within_monte_carlo_error():
    esda = pytest.importorskip("esda")
    cells, draws = town(10), 9_999
    values = skewed(cells)
    theirs = esda.G_Local(
        values.to_numpy(), esda_weights(cells, 1), transform="B", star=True,
        permutations=draws, seed=7,
    )  # fmt: skip
    ours = p_permuted(values, disk(cells), permutations=draws, rng=np.random.default_rng(7))
    assert_within_monte_carlo(ours, np.minimum(1, 2 * theirs.p_sim), draws)


def test_leaving_the_own_value_in_the_pool_would_show():
    """
    Why one pool for all cells is not enough: a high cell among low ones.

    Draws that hold the cell's own value sum to more than any neighbourhood it can have, so the
    chance of surroundings as high as these is overstated by as many draws as hold it, m / n.
    """
    rng = np.random.default_rng(11)
    cells = town(10)
    counts = pd.Series(rng.poisson(3, len(cells)).astype(float), index=cells)
    tower = len(cells) // 2
    lists = oracles.neighbour_lists(cells, 1)
    counts.iloc[tower] = 900
    counts.iloc[[j for j in lists[tower] if j != tower]] = 12
    draws = 20_000
    exact = p_permuted(counts, disk(cells), permutations=draws, rng=rng).iloc[tower]
    pooled = oracles.pooled_p(counts, tower, lists[tower], draws=draws, rng=rng)
    assert exact <= 4 / draws
    assert pooled == pytest.approx(2 * 6 / len(cells), rel=0.25)


def test_equal_sums_count_as_equal_in_whatever_order_they_were_added():
    """0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1 in floating point."""
    cells = town(1)
    values = pd.Series([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], index=cells)
    centre = int(np.argmax(disk(cells).counts))
    p = p_permuted(values, disk(cells), permutations=999, rng=np.random.default_rng(1))
    assert p.iloc[centre] == 1  # its neighbourhood is all there is


@given(COUNTS, st.integers(2, 9))
@settings(max_examples=20, deadline=None)
def test_permutation_p_does_not_know_the_unit_of_counting(counts, factor):
    once, scaled = (
        p_permuted(values, NEAR, permutations=99, rng=np.random.default_rng(3))
        for values in (counts, counts * factor)
    )
    pd.testing.assert_series_equal(once, scaled)


@given(COUNTS)
@settings(max_examples=20, deadline=None)
def test_permutation_p_is_never_zero_and_never_above_one(counts):
    p = p_permuted(counts, NEAR, permutations=99, rng=np.random.default_rng(3))
    assert ((p >= 2 / 100) & (p <= 1)).all()


def test_where_nothing_stands_out_p_is_as_small_as_it_should_be():
    """Under independence a tenth of the cells have p <= 0.1, on average over many fields."""
    rng = np.random.default_rng(8)
    cells = town(8)
    near = disk(cells)
    rates = [
        (p_permuted(skewed(cells, seed=seed), near, permutations=999, rng=rng) <= 0.1).mean()
        for seed in range(40)
    ]
    assert np.mean(rates) == pytest.approx(0.1, abs=0.012)


@pytest.mark.parametrize(("n", "size"), [(5, 3), (4, 4), (7, 6)])
def test_every_ordered_draw_is_equally_likely(n, size):
    stats = pytest.importorskip("scipy.stats")
    draws = 60_000
    found = subsets(n, size=size, draws=draws, rng=np.random.default_rng(n))
    code = (found.T.astype(np.int64) * n ** np.arange(size)).sum(axis=1)
    _, seen = np.unique(code, return_counts=True)
    possible = int(np.prod(np.arange(n, n - size, -1)))
    assert len(seen) == possible
    assert stats.chisquare(seen).pvalue > 1e-4


def test_draws_hold_nobody_twice_and_may_be_empty():
    found = subsets(60, size=36, draws=300, rng=np.random.default_rng(1))
    assert all(len(np.unique(draw)) == 36 for draw in found.T)
    assert subsets(5, size=0, draws=9, rng=np.random.default_rng(1)).shape == (0, 9)
    with pytest.raises(ValueError, match="without replacement"):
        subsets(3, size=4, draws=1, rng=np.random.default_rng(1))


def test_too_few_permutations_are_refused():
    with pytest.raises(ValueError, match="1 or more"):
        p_permuted(skewed(), NEAR, permutations=0, rng=np.random.default_rng(1))


P = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(P)
def test_q_is_benjamini_hochberg(p):
    stats = pytest.importorskip("scipy.stats")
    found = false_discovery(pd.Series(p))
    np.testing.assert_allclose(found, oracles.benjamini_hochberg(p), rtol=1e-12)
    np.testing.assert_allclose(found, stats.false_discovery_control(p), rtol=1e-12)


@given(P)
def test_untested_cells_do_not_count_for_q(p):
    with_gap = pd.Series([np.nan, *p, np.nan])
    found = false_discovery(with_gap)
    assert found.isna().tolist() == with_gap.isna().tolist()
    np.testing.assert_array_equal(found.dropna(), false_discovery(pd.Series(p)))


def test_p_of_a_score_is_two_sided():
    stats = pytest.importorskip("scipy.stats")
    z = pd.Series([-40.0, -1.96, 0, 0.5, 3, np.nan])
    np.testing.assert_allclose(p_analytic(z), 2 * stats.norm.sf(z.abs()), rtol=1e-12)


def test_a_verdict_has_the_sign_of_z_and_needs_a_small_chance():
    z = pd.Series([3.0, -3.0, 3.0, 0.0, np.nan])
    chance = pd.Series([0.05, 0.01, 0.2, 0.01, np.nan])
    assert classify(z, chance, alpha=0.05).tolist() == ["hot", "cold", "none", "none", "none"]


# --- Measures ------------------------------------------------------------------------------------


def test_density_is_of_each_cells_own_area():
    counts = skewed()
    np.testing.assert_allclose(
        measured(counts, measure="density"), counts / h3cells.area_km2(CELLS)
    )


def test_share_and_surplus_say_nothing_where_base_says_nothing():
    cells = CELLS[:5]
    counts = pd.Series([10.0, 0.0, 4.0, 3.0, 30.0], index=cells)
    base = pd.Series([100.0, 0.0, 0.0, np.nan, 100.0], index=cells)
    np.testing.assert_allclose(share(counts, base), [0.1, np.nan, np.nan, np.nan, 0.3])
    # 40 graduates of 200: 20 expected in each of the two cells with base.
    expected = [-10 / np.sqrt(20), 0, np.nan, np.nan, 10 / np.sqrt(20)]
    np.testing.assert_allclose(surplus(counts, base), expected)


@given(COUNTS)
@settings(max_examples=30, deadline=None)
def test_surplus_over_a_base_that_predicts_all_is_nothing(counts):
    found = surplus(counts, counts * 4)
    np.testing.assert_allclose(found, 0, atol=1e-6)


def test_nobody_counted_anywhere_is_no_surplus():
    found = surplus(pd.Series(0.0, index=CELLS), pd.Series(10.0, index=CELLS))
    assert (found == 0).all()
    assert surplus(pd.Series(1.0, index=CELLS), pd.Series(np.nan, index=CELLS)).isna().all()


def test_a_measure_without_its_base_or_name_is_refused():
    with pytest.raises(ValueError, match="compares with a base"):
        measured(skewed(), measure="share")
    with pytest.raises(ValueError, match="measure must be one of"):
        measured(skewed(), measure="median")
    pd.testing.assert_series_equal(measured(skewed(), measure="count"), skewed(), check_names=False)
    base = skewed(seed=2)
    pd.testing.assert_series_equal(measured(skewed(), base, measure="share"), share(skewed(), base))


# --- Real data -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def orange_county(real_data):
    """Jobs by block, 2019, in resolution-9 cells with a ring of 2 around them."""
    blocks = pd.read_csv(real_data / "us" / "oc_blocks.csv", dtype={"GEOID20": str})
    jobs = pd.read_csv(real_data / "us" / "oc_block_wac_2019.csv", dtype={"GEOID20": str})
    cells = h3cells.points_to_cells(
        blocks["INTPTLAT20"].astype(float), blocks["INTPTLON20"].astype(float), resolution=9
    )
    here = blocks["GEOID20"].map(jobs.set_index("GEOID20")["C000"]).fillna(0)
    counted = here.groupby(cells).sum()
    study = pd.Index(h3cells.grid_disk(counted.index, k=2), name="cell")
    return counted.reindex(study, fill_value=0).astype(float)


@pytest.mark.real
@ESDA
def test_gi_star_equals_esdas_on_orange_county(orange_county):
    esda = pytest.importorskip("esda")
    assert orange_county.sum() == 1_685_277
    theirs = esda.G_Local(
        orange_county.to_numpy(), esda_weights(orange_county.index, 1),
        transform="B", star=True, permutations=0,
    )  # fmt: skip
    ours = getis_ord(orange_county, disk(orange_county.index))
    np.testing.assert_allclose(ours, theirs.Zs, atol=1e-9)


@pytest.mark.real
@ESDA
def test_permutation_p_equals_esdas_on_orange_county(orange_county):
    """
    Where sums do not tie; where they do, esda's rounding breaks ties this way or that.

    A part of the county, for time: esda draws for each cell anew.
    """
    esda = pytest.importorskip("esda")
    lat, lon = h3cells.centres(orange_county.index)
    part = orange_county[(np.abs(lat - 33.69) < 0.06) & (np.abs(lon + 117.86) < 0.06)]
    assert len(part) > 1_000
    untied = part + np.random.default_rng(1).random(len(part)) * 1e-3
    draws = 1_999
    theirs = esda.G_Local(
        untied.to_numpy(), esda_weights(untied.index, 1), transform="B", star=True,
        permutations=draws, seed=3,
    )  # fmt: skip
    ours = p_permuted(untied, disk(untied.index), permutations=draws, rng=np.random.default_rng(3))
    assert_within_monte_carlo(ours, np.minimum(1, 2 * theirs.p_sim), draws)
