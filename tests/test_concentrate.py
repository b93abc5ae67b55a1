"""Quotients with their chance, the slopes of a study, and whether graduates live cheaply."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatial import cells as h3cells
from spatial.analysis import Question, hotspot_table, place_table
from spatial.cheapness import CHEAPNESS_COLUMNS, pockets_are_cheap, rent_reading
from spatial.concentrate import concentration, quotient_table
from spatial.quotient import location_quotient
from spatial.quotients import prior_shape
from spatial.sources.beijing.sample import PACKAGED
from spatial.store import write_study
from spatial.study import open_study
from tests.oracles import benjamini_hochberg
from tests.studies import CENTRE, counts, info, layers, small_study

CELLS = pd.Index(
    h3cells.grid_disk(h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=9), k=8),
    name="cell",
)
NUMBERS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 400)), min_size=3, max_size=40
).filter(lambda rows: any(b and y for y, b in rows))


def series(values, index=CELLS):
    return pd.Series(np.asarray(values, dtype=float), index=index[: len(values)])


@pytest.fixture(scope="module")
def field():
    """Counts whose quotients come from a gamma distribution of shape 2 and mean 1."""
    rng = np.random.default_rng(4)
    base = series(rng.integers(100, 4000, len(CELLS)))
    theta = rng.gamma(2.0, 0.5, len(CELLS))
    return series(rng.poisson(base * 0.02 * theta)), base


# --- Quotients and their chance -------------------------------------------------------------------


def test_the_interval_and_the_chance_are_the_formulas_written_out(field):
    counts, base = field
    table = quotient_table(counts, base)
    rate = sum(counts) / sum(base)
    p = []
    for row in table.itertuples():
        expected = row.base * rate
        y = int(row.graduates)
        below, above = stats.poisson.cdf(y, expected), stats.poisson.sf(y - 1, expected)
        p.append(min(1.0, 2 * min(below, above)))
        assert row.lq == pytest.approx(y / expected)
        # Garwood's limits: the means at which the count would just be in either 2.5 % tail.
        if y:
            assert stats.poisson.sf(y - 1, row.low * expected) == pytest.approx(0.025)
        assert stats.poisson.cdf(y, row.high * expected) == pytest.approx(0.025)
    assert table["p"].to_numpy() == pytest.approx(p)
    assert table["q"].to_numpy() == pytest.approx(benjamini_hochberg(p))


def test_the_interval_is_what_scipy_gives_by_chi_square_and_gamma(field):
    table = quotient_table(*field)
    y, expected = table["graduates"], table["expected"]
    low = np.where(y > 0, stats.chi2.ppf(0.025, 2 * y) / 2, 0.0)
    assert table["low"].to_numpy() == pytest.approx(low / expected.to_numpy())
    high = stats.gamma.ppf(0.975, y + 1) / expected
    assert table["high"].to_numpy() == pytest.approx(high.to_numpy())


def test_the_prior_is_the_likeliest_negative_binomial(field):
    counts, base = field
    expected = (base * counts.sum() / base.sum()).to_numpy()

    def likelihood(shape):
        return stats.nbinom.logpmf(counts, shape, shape / (shape + expected)).sum()

    found = prior_shape(counts.to_numpy(), expected)
    assert found == pytest.approx(2.0, rel=0.25)  # as planted
    around = np.exp(np.linspace(np.log(found / 3), np.log(found * 3), 601))
    best = around[np.argmax([likelihood(one) for one in around])]
    assert found == pytest.approx(best, rel=0.01)


def test_the_prior_is_what_statsmodels_fits(field):
    sm = pytest.importorskip("statsmodels.discrete.discrete_model")
    counts, base = field
    expected = (base * counts.sum() / base.sum()).to_numpy()
    model = sm.NegativeBinomial(counts.to_numpy(), np.ones(len(counts)), exposure=expected)
    constant, spread = model.fit(disp=0).params
    # statsmodels fits the mean as well, which is 1 here but for chance.
    assert constant == pytest.approx(0.0, abs=0.1)
    assert prior_shape(counts.to_numpy(), expected) == pytest.approx(1 / spread, rel=0.05)


def test_shrunk_quotients_are_nearer_to_the_truth_than_raw_ones():
    rng = np.random.default_rng(5)
    base = series(rng.integers(20, 600, len(CELLS)))
    theta = rng.gamma(2.0, 0.5, len(CELLS))
    table = quotient_table(series(rng.poisson(base * 0.02 * theta)), base)
    errors = [float(np.square(table[one] - theta).mean()) for one in ("shrunk", "lq")]
    assert errors[0] < 0.7 * errors[1]


def test_where_chance_explains_all_everything_shrinks_to_one():
    base = series(np.full(100, 500.0))
    assert quotient_table(series(np.full(100, 10.0)), base)["shrunk"].to_numpy() == pytest.approx(1)


def test_ten_people_in_an_empty_cell_are_no_finding():
    base = np.full(len(CELLS), 1000.0)
    people = np.full(len(CELLS), 10.0)
    base[0], people[1], base[2] = 3.0, 60.0, 0.0
    table = quotient_table(series(people), series(base))
    assert table["lq"].iloc[0] > 100
    assert table["verdict"].iloc[:3].tolist() == ["none", "more", "none"]
    assert np.isnan(table["lq"].iloc[2])


def test_noise_alone_makes_few_findings():
    rng = np.random.default_rng(6)
    base = series(rng.integers(100, 4000, len(CELLS)))
    studies = [
        (quotient_table(series(rng.poisson(base * 0.02)), base)["verdict"] != "none").any()
        for _ in range(60)
    ]
    # At a false discovery rate of 0.05 one in twenty would have any, and Poisson tails are coarse.
    assert sum(studies) <= 8


@given(NUMBERS)
@settings(max_examples=60)
def test_quotients_weighted_by_base_have_mean_one(rows):
    people, base = (series(one) for one in zip(*rows, strict=True))
    table = quotient_table(people, base)
    known = table["lq"].notna()
    assert np.average(table["lq"][known], weights=base[known]) == pytest.approx(1)
    pd.testing.assert_series_equal(table["lq"], location_quotient(people, base))
    assert (table["low"][known] <= table["lq"][known] + 1e-12).all()
    assert (table["high"][known] >= table["lq"][known]).all()
    lean = (table["shrunk"] - 1) * (table["lq"] - 1)
    assert (lean[known] >= -1e-9).all()
    assert ((table["shrunk"] - 1).abs() <= (table["lq"] - 1).abs() + 1e-9)[known].all()


@given(NUMBERS, st.integers(2, 50))
@settings(max_examples=60)
def test_the_unit_of_the_base_does_not_matter(rows, unit):
    people, base = (series(one) for one in zip(*rows, strict=True))
    pd.testing.assert_frame_equal(
        quotient_table(people, base * unit).drop(columns="base"),
        quotient_table(people, base).drop(columns="base"),
    )


@given(NUMBERS, st.integers(1, 4))
@settings(max_examples=60)
def test_groups_are_the_sums_of_their_cells_and_one_group_is_as_the_whole(rows, parts):
    people, base = (series(one) for one in zip(*rows, strict=True))
    by = pd.Series([f"g{i % parts}" for i in range(len(rows))], index=people.index, name="district")
    table = quotient_table(people, base, by=by)
    assert table["graduates"].sum() == people.sum()
    assert table["base"].sum() == base.sum()
    known = base > 0
    assert table["expected"].sum() == pytest.approx(people[known].sum())
    if parts == 1:
        assert table["lq"].tolist() == pytest.approx([1.0])


def test_cells_of_no_group_count_in_the_whole():
    people, base = series([30, 10, 20]), series([100, 100, 100])
    by = pd.Series(["a", None, "b"], index=people.index, name="place")
    table = quotient_table(people, base, by=by)
    assert table.index.tolist() == ["a", "b"]
    assert table["lq"].tolist() == pytest.approx([1.5, 1.0])


def test_one_place_is_not_drawn_to_one_for_standing_alone(field):
    counts, base = field
    by = pd.Series(None, index=counts.index, name="place", dtype=object)
    by[counts.nlargest(20).index] = "a"
    row = quotient_table(counts, base, by=by).iloc[0]
    assert row["low"] <= row["shrunk"] <= row["high"]


def test_counts_need_not_be_whole_and_nobody_needs_to_be_there():
    table = quotient_table(series([5.5, 2.25, 0.0]), series([100, 100, 100]))
    assert table[["low", "high", "p"]].notna().all().all()
    nobody = quotient_table(series([0, 0]), series([5, 5]))
    assert nobody["lq"].isna().all()
    assert (nobody["verdict"] == "none").all()
    assert quotient_table(series([]), series([])).empty


def test_graduates_and_base_must_be_of_the_same_cells():
    with pytest.raises(ValueError, match="same cells"):
        quotient_table(series([1, 2]), series([1, 2], CELLS[1:]))


# --- A study --------------------------------------------------------------------------------------


def test_a_planted_slope_is_found(tmp_path):
    rng = np.random.default_rng(8)
    table = counts(years=(2025,))
    table["base"] = rng.integers(200, 9000, len(table)).astype(float)
    table["stayers"] = rng.poisson(table["base"] ** 1.3 / 300).astype(float)
    table["arrivals"] = 0.0
    table["graduates"] = table["stayers"]
    study = write_study(tmp_path / "s", info(), table, layers=layers())
    found = concentration(study, role="work", year=2025)
    for slope in (found.log_log, found.poisson):
        assert 1 < slope.low < 1.3 < slope.high or slope.slope == pytest.approx(1.3, abs=0.02)
    assert found.leans == "more"
    assert found.missing == ["places"]
    assert set(found.districts.index) == {"w", "e"}
    assert found.districts["graduates"].sum() == found.cells["graduates"].sum()


def test_a_study_without_base_says_so(tmp_path):
    table = counts(years=(2025,)).assign(base=np.nan)
    study = write_study(tmp_path / "s", info(), table)
    found = concentration(study, role="residence", year=2025)
    assert found.missing == ["base", "districts", "places", "rents"]
    assert found.cells["lq"].isna().all()
    assert found.cells["graduates"].sum() > 0
    assert np.isnan(found.poisson.slope)
    assert np.isnan(found.dropped)
    assert found.leans == "none"


def test_coarser_cells_keep_everybody(tmp_path):
    study = small_study(tmp_path / "s")
    fine = concentration(study, role="work", year=2025)
    coarse = concentration(study, role="work", year=2025, resolution=7)
    assert coarse.cells["graduates"].sum() == fine.cells["graduates"].sum()
    assert len(coarse.cells) < len(fine.cells)


# --- Rents ----------------------------------------------------------------------------------------


def rented(slope, *, seed=9):
    """Homes and rents: graduates per resident fall with rent by the power `slope`."""
    rng = np.random.default_rng(seed)
    rents = series(rng.uniform(1500, 6000, len(CELLS)))
    base = series(rng.integers(500, 4000, len(CELLS)))
    return series(rng.poisson(base * 0.05 * (rents / 3000) ** slope)), base, rents


def test_the_rank_is_what_scipy_gives():
    people, base, rents = rented(-0.5)
    found = rent_reading(people, base, rents.round(-2), edges=(3000,)).rank
    lq = people / base
    assert found.rho == pytest.approx(stats.spearmanr(lq, rents.round(-2)).statistic)
    assert np.isnan(found.low)


def test_fewer_where_it_is_dear_is_found_with_its_interval():
    people, base, rents = rented(-1.0)
    found = rent_reading(people, base, rents, edges=(3000,), rng=np.random.default_rng(1))
    assert found.rank.low < found.rank.rho < found.rank.high < 0
    assert found.bands["verdict"].tolist() == ["more", "fewer"]
    level = rent_reading(*rented(0.0), edges=(3000,), rng=np.random.default_rng(1)).rank
    assert level.low < 0 < level.high


@given(st.lists(st.floats(1000, 7000), min_size=0, max_size=5, unique=True).map(sorted))
@settings(max_examples=30)
def test_bands_hold_everybody_whose_rent_is_known(edges):
    people, base, rents = rented(-1.0)
    rents = rents.where(rents < 5000)
    bands = rent_reading(people, base, rents, edges=edges).bands
    assert len(bands) == len(edges) + 1
    assert bands["graduates"].sum() == people[rents.notna()].sum()
    assert bands["share_base"].sum() == pytest.approx(1)
    held = (rents >= edges[0]).sum() if edges else 0
    assert bands["cells"].iloc[1:].sum() == held


def test_a_band_holds_its_lower_edge():
    people, base = series([5, 5, 5]), series([100, 100, 100])
    bands = rent_reading(people, base, series([2999, 3000, 3001]), edges=(3000,)).bands
    assert bands["cells"].tolist() == [1, 2]


def test_a_rank_drawn_anew_is_that_of_the_repeated_rows():
    from spatial.cheapness import _medians, _spearman

    rng = np.random.default_rng(2)
    x, y, times = rng.integers(0, 9, 40), rng.integers(0, 9, 40), rng.integers(0, 4, 40)
    repeated = [np.repeat(one, times) for one in (x, y)]
    found = _spearman(x, y, times.astype(float))
    assert found == pytest.approx(stats.spearmanr(*repeated).statistic)
    values = rng.normal(size=40)
    drawn = _medians(values, times[None].astype(float))
    assert drawn == pytest.approx([np.median(np.repeat(values, times))])


def listings(study_cells, pocket, *, cheap):
    """Three listings a cell of the city, `cheap` times as dear in the pocket."""
    rng = np.random.default_rng(3)
    cells = np.repeat(study_cells, 3)
    lat, lon = h3cells.centres(cells)
    rent = rng.lognormal(8.2, 0.2, len(cells)) * np.where(np.isin(cells, pocket), cheap, 1.0)
    return gpd.GeoDataFrame(
        {
            "id": [f"r{i}" for i in range(len(cells))],
            "rent": rent,
            "area_m2": np.where(np.arange(len(cells)) % 2, 20.0, np.nan),
            "kind": "room",
            "year": np.where(np.arange(len(cells)) % 5, 2024, 2019),
        },
        geometry=[shapely.Point(*at) for at in zip(lon, lat, strict=True)],
        crs=4326,
    )


@pytest.mark.parametrize(("cheap", "found"), [(0.6, True), (1.0, False)])
def test_cheap_pockets_are_found_and_dear_ones_are_not(tmp_path, cheap, found):
    bare = small_study(tmp_path / "bare")
    asked = Question(year=2025, role="residence")
    homes = place_table(bare, asked, hotspot_table(bare, asked))
    rents = listings(bare.area, homes.member.index, cheap=cheap)
    study = write_study(tmp_path / "s", info(), counts(), layers={"rents": rents})
    table = pockets_are_cheap(study, homes, year=2025, rng=np.random.default_rng(1))
    assert set(table["year"]) == {2024}
    assert table[["kind", "per"]].to_numpy().tolist() == [
        ["all", "month"],
        ["room", "month"],
        ["room", "m2"],
    ]
    first = table.iloc[0]
    assert first["inside"] + first["outside"] == (rents["year"] == 2024).sum()
    assert first["low"] < first["ratio"] < first["high"]
    assert bool(first["high"] < 1) is found
    assert first["ratio"] == pytest.approx(cheap, abs=0.12)


def test_without_listings_nothing_is_said(tmp_path):
    study = write_study(tmp_path / "s", info(), counts())
    asked = Question(year=2025, role="residence")
    homes = place_table(study, asked, hotspot_table(study, asked))
    table = pockets_are_cheap(study, homes, year=2025, rng=np.random.default_rng(1))
    assert table.empty
    assert list(table.columns) == list(CHEAPNESS_COLUMNS)


# --- The sample -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample():
    return open_study(PACKAGED)


@pytest.mark.parametrize("resolution", [9, 8])
def test_jobs_of_graduates_in_the_sample_are_higher_where_jobs_are_high(sample, resolution):
    found = concentration(sample, role="work", year=2025, resolution=resolution)
    assert found.log_log.low > 1
    assert found.poisson.low > 1
    assert (found.cells["verdict"] == "more").any()


def test_homes_in_the_sample_are_lower_where_residents_are_few_though_thin_counts_hide_it(sample):
    fine = concentration(sample, role="residence", year=2025)
    coarse = concentration(sample, role="residence", year=2025, resolution=7)
    assert fine.leans == coarse.leans == "more"
    assert fine.dropped > 0.5
    # Ever fewer cells are thin as they grow, and the slope of the others comes to what all say.
    assert fine.log_log.slope < coarse.log_log.slope < coarse.poisson.slope


def test_the_pockets_of_the_sample_are_cheap_whichever_way_rent_is_told(sample):
    asked = Question(year=2025, role="residence")
    homes = place_table(sample, asked, hotspot_table(sample, asked))
    table = pockets_are_cheap(sample, homes, year=2025, rng=np.random.default_rng(1))
    assert set(table["kind"]) == {"all", "flat", "room"}
    assert (table["high"] < 1).all()
    assert (table["ratio"] < 0.8).all()
