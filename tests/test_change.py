"""Change and noise: two years cell by cell, each statistic with three witnesses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spatial import cells as h3cells
from spatial.change import YARDSTICKS, difference, recoded
from spatial.neighbours import disk
from spatial.noise import Dispersion, estimate_dispersion, p_change, score, usual
from tests import oracles_years as oracles
from tests.bumps import area

POISSON = Dispersion()
NEAR = area(radius=4)
CELLS = NEAR.cells
COUNTS = st.lists(st.integers(0, 200), min_size=len(CELLS), max_size=len(CELLS)).map(
    lambda values: pd.Series(values, index=CELLS, dtype="float64")
)
PAIRS = st.tuples(st.integers(0, 60), st.integers(0, 60), st.floats(0.2, 5.0))


def cells(values):
    return pd.Series(values, index=CELLS[: len(values)], dtype="float64")


@given(PAIRS)
def test_chance_is_every_outcome_added_up(pair):
    before, after, ratio = pair
    p = p_change([before], [after], ratio=ratio, dispersion=POISSON)[0]
    if before + after == 0:
        assert np.isnan(p)
    else:
        assert p == pytest.approx(oracles.binomial_p(before, after, ratio), rel=1e-9)


@given(PAIRS)
def test_chance_is_twice_the_smaller_tail_of_scipy(pair):
    before, after, ratio = pair
    if before + after:
        tails = [
            stats.binomtest(after, before + after, ratio / (1 + ratio), alternative=side).pvalue
            for side in ("less", "greater")
        ]
        p = p_change([before], [after], ratio=ratio, dispersion=POISSON)[0]
        assert p == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-9)


@given(PAIRS, st.floats(1, 20))
def test_overdispersed_counts_weigh_as_so_many_fewer(pair, ratio):
    before, after, expected = pair
    noisy = p_change(
        [before * ratio], [after * ratio], ratio=expected, dispersion=Dispersion(ratio)
    )
    plain = p_change([before], [after], ratio=expected, dispersion=POISSON)
    np.testing.assert_allclose(noisy, plain, rtol=1e-9)


@given(COUNTS, COUNTS)
def test_swapping_the_years_flips_the_sign(before, after):
    one = difference(before, after, dispersion=POISSON)
    other = difference(after, before, dispersion=POISSON)
    for column in ("change", "change_share", "z", "shrunk"):
        np.testing.assert_allclose(one[column], -other[column], atol=1e-9)
    for column in ("p", "q", "trust"):
        np.testing.assert_allclose(one[column], other[column], atol=1e-9)
    assert one["noise"].equals(other["noise"])


@given(COUNTS)
def test_equal_years_show_nothing(counts):
    table = difference(counts, counts)
    assert table["noise"].all()
    assert (table[["change", "excess"]] == 0).all(axis=None)
    assert (table["p"].dropna() == 1).all()


@given(COUNTS, st.integers(2, 9))
def test_growth_of_the_whole_city_changes_no_share(counts, factor):
    table = difference(counts, counts * factor, against="total", dispersion=POISSON)
    np.testing.assert_allclose(table["change_share"].fillna(0), 0, atol=1e-9)
    np.testing.assert_allclose(table["excess"].fillna(0), 0, atol=1e-9)
    assert table["noise"].all()


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_change_against_base_is_the_formula(before, after, was, now):
    table = difference(before, after, base_before=was, base_after=now, against="base")
    known = (was > 0) & (now > 0)
    if before[known].sum() * after[known].sum() == 0:
        assert table["change_vs_base"].isna().all()
        return
    expected = oracles.expected_by_base(*(s.tolist() for s in (before, after, was, now)))
    assert table["change_vs_base"].notna().sum() == len(expected)
    for place, value in expected.items():
        assert table["expected"].iloc[place] == pytest.approx(value)
        assert table["change_vs_base"].iloc[place] == pytest.approx(after.iloc[place] - value)


def test_shares_are_percentage_points_and_add_up_to_none():
    table = difference(cells([30, 70, 0]), cells([30, 50, 20]))
    np.testing.assert_allclose(table["change_share"], [0, -20, 20])


def test_an_empty_year_has_no_shares_and_nothing_is_tested_in_empty_cells():
    table = difference(cells([0, 0, 0]), cells([0, 5, 20]))
    assert table["change_share"].isna().all()
    assert table["p"].isna().tolist() == [True, False, False]
    assert table["noise"].tolist() == [True, True, False]
    assert difference(cells([]), cells([])).empty


def test_scores_are_normal_and_finite():
    p = np.array([0.05, 1.0, 0.0, np.nan])
    found = score(p, [1, 1, -1, 1])
    np.testing.assert_allclose(found[:2], [stats.norm.isf(0.025), 0], atol=1e-12)
    assert -38 < found[2] < -37
    assert np.isnan(found[3])


@pytest.mark.parametrize("mean", [5, 40, 400])
def test_poisson_counts_are_found_to_be_poisson(mean):
    rng = np.random.default_rng(1)
    size = rng.lognormal(np.log(mean), 1, 4000)
    found = estimate_dispersion(rng.poisson(size), rng.poisson(size))
    assert 1 <= found.floor < 1.25
    assert found.growth * 2 * mean < 0.25


def test_a_planted_dispersion_comes_back():
    # Gamma-mixed Poisson counts: variance over mean is 1 + mean / shape in either year, and the
    # mean is half of before + after.
    rng = np.random.default_rng(2)
    size, shape = rng.lognormal(5, 1, 20_000), 100
    before, after = (rng.poisson(size * rng.gamma(shape, 1 / shape, len(size))) for _ in "ab")
    found = estimate_dispersion(before, after)
    assert found.floor == pytest.approx(1, abs=0.3)
    assert found.growth == pytest.approx(1 / (2 * shape), rel=0.15)


def test_a_minority_that_changed_is_no_noise():
    rng = np.random.default_rng(3)
    size = rng.lognormal(4, 1, 4000)
    before, after = rng.poisson(size), rng.poisson(size)
    after[::10] *= 3
    found = estimate_dispersion(before, after)
    assert found.at(2 * 55.0) < 1.5


def test_growth_shared_by_all_is_no_noise():
    rng = np.random.default_rng(4)
    size = rng.lognormal(4, 1, 4000)
    found = estimate_dispersion(rng.poisson(size), rng.poisson(1.5 * size))
    assert found.at(2 * 55.0) < 1.3


def test_few_cells_are_taken_as_poisson():
    assert estimate_dispersion([500.0] * 20, [900.0] * 20) == Dispersion()
    assert estimate_dispersion([], []) == Dispersion()
    assert usual([]) == Dispersion()
    assert usual([Dispersion(1, 0), Dispersion(9, 1), Dispersion(2, 0.1)]) == Dispersion(2, 0.1)


@pytest.mark.parametrize("shape", [None, 50])
def test_noise_alone_is_not_coloured(shape):
    """Both kinds of noise, 40 studies: few show a single changed cell at a rate of 5 %."""
    rng, near = np.random.default_rng(5), area(radius=20)
    any_found = 0
    for _ in range(40):
        size = rng.lognormal(3, 1.2, len(near.cells))
        extra = rng.gamma(shape, 1 / shape, (2, len(size))) if shape else np.ones((2, len(size)))
        before, after = (pd.Series(rng.poisson(size * e), index=near.cells) for e in extra)
        any_found += bool((~difference(before, after)["noise"]).any())
    assert any_found <= 6


def test_a_planted_change_is_found_and_trusted_the_more_the_larger_it_is():
    rng, near = np.random.default_rng(6), area(radius=20)
    size = rng.lognormal(3.5, 1, len(near.cells))
    truth = size.copy()
    truth[:60] *= np.repeat([0.25, 4.0], 30)
    before, after = (pd.Series(rng.poisson(m), index=near.cells) for m in (size, truth))
    table = difference(before, after)
    assert (~table["noise"]).to_numpy()[:60].mean() > 0.8
    assert (~table["noise"]).to_numpy()[60:].mean() < 0.01
    small, large = (
        table.loc[(before + after).between(*span), "trust"].mean() for span in ((1, 20), (300, 1e9))
    )
    assert small < large
    assert (table["shrunk"].abs() <= table["excess"].abs() + 1e-9).all()


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"against": "luck"}, "against must be one of before, total, base, found luck"),
        ({"against": "base"}, "needs the base of both years"),
    ],
)
def test_what_is_asked_wrongly_gets_one_sentence(given_, says):
    with pytest.raises(ValueError, match=says):
        difference(cells([1, 2]), cells([2, 1]), **given_)


def test_years_of_different_cells_are_refused():
    with pytest.raises(ValueError, match="same cells in the same order, found 2 and 3, of which 1"):
        difference(cells([1, 2]), cells([2, 1, 1]))
    with pytest.raises(ValueError, match="counts and neighbours must be of the same cells"):
        recoded(cells([1, 2]), cells([2, 1]), NEAR)


# --- Re-coding -----------------------------------------------------------------------------------


def moved_next_door(share, *, far=False):
    """300 graduates leave a cell; `share` of them turn up next door, or four cells away."""
    row = NEAR.table[1:7, 30]
    middle, beside = 30, int(row[row < len(CELLS)][0])
    if far:
        beside = int(np.setdiff1d(np.arange(len(CELLS)), NEAR.reach(3).table[:, middle])[0])
    before = pd.Series(100.0, index=CELLS)
    before.iloc[middle] += 300
    after = pd.Series(100.0, index=CELLS)
    after.iloc[beside] += 300 * share
    return middle, beside, recoded(before, after, NEAR, dispersion=POISSON)


def test_people_entered_next_door_are_flagged_on_both_sides():
    middle, beside, found = moved_next_door(1.0)
    assert sorted(np.flatnonzero(found)) == sorted([middle, beside])
    assert found.name == "recoded"


def test_the_tolerance_is_a_tenth():
    assert moved_next_door(0.95)[2].sum() == 2
    assert not moved_next_door(0.8)[2].any()


def test_a_fall_whose_rise_is_far_away_is_no_re_coding():
    assert not moved_next_door(1.0, far=True)[2].any()


@given(COUNTS, COUNTS)
def test_a_re_coding_reads_the_same_backwards(before, after):
    one = recoded(before, after, NEAR, dispersion=POISSON)
    assert one.equals(recoded(after, before, NEAR, dispersion=POISSON))


# --- Orange County -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def orange_county(real_data):
    """Jobs by resolution-8 cell in 2017 and 2019, from block points."""
    blocks = pd.read_csv(real_data / "us/oc_blocks.csv", dtype={"GEOID20": str})
    lat, lon = (blocks[name].astype(float) for name in ("INTPTLAT20", "INTPTLON20"))
    blocks["cell"] = h3cells.points_to_cells(lat, lon, resolution=8)
    years = {}
    for year in (2017, 2019):
        jobs = pd.read_csv(real_data / f"us/oc_block_wac_{year}.csv", dtype={"GEOID20": str})
        joined = jobs.merge(blocks, on="GEOID20", how="left", validate="one_to_one")
        years[year] = joined.groupby("cell")["C000"].sum()
    held = np.union1d(years[2017].index, years[2019].index)
    index = pd.Index(h3cells.grid_disk(held, k=2), name="cell")
    return [years[year].reindex(index, fill_value=0).astype(float) for year in (2017, 2019)]


@pytest.mark.real
def test_orange_county_keeps_every_job_and_its_usual_change_is_noise(orange_county, real_data):
    before, after = orange_county
    for year, counts in ((2017, before), (2019, after)):
        file = pd.read_csv(real_data / f"us/oc_block_wac_{year}.csv")
        assert counts.sum() == file["C000"].sum()
    assert after.sum() == 1_685_277
    table = difference(before, after)
    relative = (table["change"] / table["before"].where(table["before"] > 0)).abs().dropna()
    jobs = table["before"].loc[relative.index]
    order = relative.sort_values().index
    median = relative[order][jobs[order].cumsum() >= jobs.sum() / 2].iloc[0]
    assert median == pytest.approx(0.077, abs=0.005)  # of jobs, half are in cells that change less
    # Poisson alone would colour a third of the cells; what they usually do must stay uncoloured.
    poisson = difference(before, after, dispersion=POISSON)
    tested = table["p"].notna().sum()
    assert (~poisson["noise"]).sum() > 0.25 * tested
    assert (~table["noise"]).sum() < 0.1 * tested
    large = table[table["before"] > 1000]
    usual_cells = large[(large["change"] / large["before"]).abs() < 0.08]
    assert usual_cells["noise"].mean() > 0.99


@pytest.mark.real
def test_the_yardsticks_of_orange_county_agree_on_the_strongest_changes(orange_county):
    strong = [
        set(difference(*orange_county, against=one).nlargest(20, "excess").index)
        for one in YARDSTICKS
        if one != "base"
    ]
    assert len(strong[0] & strong[1]) >= 18


def test_neighbours_may_reach_further_than_one_step():
    middle = disk(CELLS, k=2)
    before, after = pd.Series(5.0, index=CELLS), pd.Series(5.0, index=CELLS)
    assert not recoded(before, after, middle).any()
