"""The commute's indicators: literal formulas, other libraries, and laws."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.areas import Area, area_of, drawn_area
from spatial.bands import KM_PER_MILE, Bands, bands_of
from spatial.commute import indicators, layout_of
from spatial.commute_bounds import Margins, margins_of, modelled_flows
from spatial.commute_places import named_area, places_of_year
from spatial.commute_radius import radius_km, seen_from, weighted_quantile
from spatial.commute_report import commute_report
from spatial.commute_words import QUANTILES, indicators_of
from spatial.commuters import commuters
from spatial.geodesy import distance_km
from spatial.pairs import Pairs, pairs_of
from spatial.question import QuestionError
from spatial.rail import RailRules, nearest_station, network_of, times_between
from spatial.store import write_study
from tests import oracles_commute as oracle
from tests.studies import CENTRE, city, counts, info, layers, small_study

WHOLE = Area("study")
WEST = drawn_area([(39, 115), (39, CENTRE[1]), (41, CENTRE[1]), (41, 115)])
CELLS = city(radius=10)
LAT, LON = h3cells.centres(CELLS)
BANDS = Bands((1.0, 2.0, 4.0))


def flows(seed: int, *, rows: int = 300, exact: bool = False) -> Pairs:
    """People between random cells, or points a little off their centres."""
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, len(CELLS), (rows, 2))
    ends = np.unique(ends, axis=0)
    off = rng.normal(0, 5e-4, (2, len(CELLS))) if exact else np.zeros((2, len(CELLS)))
    people = rng.integers(1, 20, len(ends)).astype(float)
    return Pairs(LAT + off[0], LON + off[1], CELLS, ends[:, 0], ends[:, 1], people, exact=exact)


def told(pairs: Pairs, area: Area = WHOLE, *, side: str = "residence", **how) -> pd.DataFrame:
    how = {"bands": BANDS, "draws": 0, "rng": np.random.default_rng(1)} | how
    return indicators(commuters(pairs, area, side=side), **how)


SEEDS = st.integers(0, 2**32 - 1)
SIDES = st.sampled_from(("residence", "work"))


@given(SEEDS, SIDES, st.booleans())
@settings(max_examples=20)
def test_is_the_formula(seed, side, exact):
    pairs = flows(seed, rows=60, exact=exact)
    found = told(pairs, WEST, side=side)["value"]
    inside = WEST.holds(pairs.lat, pairs.lon, pairs.cell)
    crossing = oracle.exchange(pairs, inside)
    for name in ("residents", "workers", "inflow", "outflow"):
        assert found[name] == crossing[name]
    assert found["self_containment"] == pytest.approx(crossing["both"] / crossing["residents"])
    assert found["jobs_housing_ratio"] == pytest.approx(crossing["workers"] / crossing["residents"])
    own = pairs.where(inside[pairs.origin if side == "residence" else pairs.destination])
    away, people = oracle.distances(own), own.graduates.tolist()
    assert found["mean_distance_km"] == pytest.approx(oracle.mean(away, people))
    for name, share in QUANTILES.items():
        assert found[name] == pytest.approx(oracle.quantile(away, people, share), abs=1e-9)
    assert found["share_within_5km"] == pytest.approx(
        oracle.mean([one <= 5 for one in away], people)
    )
    for number, name in enumerate(BANDS.names):
        share = oracle.mean([oracle.band(one, BANDS.edges) == number for one in away], people)
        assert found[name] == pytest.approx(share)


@given(SEEDS, st.integers(1, 30))
def test_quantiles_are_what_numpy_computes(seed, size):
    rng = np.random.default_rng(seed)
    values, weights = rng.integers(0, 12, size).astype(float), rng.integers(1, 9, size) * 4.0
    shares = [0.25, 0.5, 0.75, 1.0]
    expected = np.quantile(values, shares, method="inverted_cdf", weights=weights)
    np.testing.assert_array_equal(weighted_quantile(values, weights, shares), expected)


def test_a_quantile_reached_exactly_is_not_missed_by_rounding():
    assert weighted_quantile(np.arange(10.0), np.full(10, 0.1), 0.3) == 2
    assert weighted_quantile(np.arange(10.0), np.full(10, 3.0), 0.1) == 0
    assert np.isnan(weighted_quantile(np.empty(0), np.empty(0), 0.5))


@given(SEEDS)
@settings(max_examples=20)
def test_the_radius_is_the_formula(seed):
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 9, 80).astype(float)
    rows = rng.choice(len(LAT), 80, replace=False)
    lat, lon = LAT[rows], LON[rows]
    centre = (np.average(lat, weights=weights), np.average(lon, weights=weights))
    seen = seen_from(lat, lon, centre=centre)
    expected = oracle.radius_km(seen.east_km, seen.north_km, weights)
    assert radius_km(lat, lon, weights) == pytest.approx(expected, rel=1e-9)


def test_the_radius_of_a_normal_cloud_is_that_of_its_distribution():
    """Nine in ten of a plane normal cloud lie within sqrt(chi2) = 2.146 deviations."""
    from scipy.stats import chi2

    rng = np.random.default_rng(3)
    lat = CENTRE[0] + rng.normal(0, 0.03, 40_000)
    lon = CENTRE[1] + rng.normal(0, 0.01, 40_000)
    north_km = distance_km(CENTRE[0] - 0.5, CENTRE[1], CENTRE[0] + 0.5, CENTRE[1]) * 0.03
    expected = float(north_km) * np.sqrt(chi2.ppf(0.9, 2))
    assert radius_km(lat, lon, np.ones(40_000)) == pytest.approx(expected, rel=0.01)


def test_the_radius_of_a_line_and_of_a_point():
    line = np.linspace(0, 0.09, 91)
    found = radius_km(CENTRE[0] + line, np.full(91, CENTRE[1]), np.ones(91))
    reach = distance_km(CENTRE[0], CENTRE[1], CENTRE[0] + 0.09, CENTRE[1]) / 2
    assert found == pytest.approx(float(reach) * 0.9, rel=0.02)
    assert radius_km(np.full(5, 39.9), np.full(5, 116.4), np.ones(5)) == 0
    assert np.isnan(radius_km(LAT, LON, np.zeros(len(LAT))))


@given(SEEDS, st.integers(2, 50), SIDES)
@settings(max_examples=20)
def test_the_unit_of_counting_does_not_matter(seed, factor, side):
    pairs = flows(seed)
    many = replace(pairs, graduates=pairs.graduates * factor)
    once, often = told(pairs, WEST, side=side, draws=20), told(many, WEST, side=side, draws=20)
    people = once["unit"] == "people"
    for column in ("value", "low", "high"):
        scaled = once[column].where(~people, once[column] * factor)
        np.testing.assert_allclose(often[column], scaled, rtol=1e-9, atol=1e-9)


@given(SEEDS)
@settings(max_examples=20)
def test_bands_add_up_to_all_and_people_are_kept(seed):
    pairs = flows(seed)
    for side in ("residence", "work"):
        found = told(pairs, WEST, side=side)["value"]
        assert found[BANDS.names].sum() == pytest.approx(1)
        assert found["residents"] - found["outflow"] + found["inflow"] == found["workers"]
        quantiles = found[list(QUANTILES)].to_numpy()
        assert (np.diff(quantiles) >= 0).all()
    table = BANDS.table(pairs.distance_km, pairs.graduates)
    assert table["graduates"].sum() == pairs.graduates.sum()


@given(SEEDS)
@settings(max_examples=20)
def test_transposing_home_and_work_changes_the_answer_exactly(seed):
    pairs = flows(seed)
    back = replace(pairs, origin=pairs.destination, destination=pairs.origin)
    once, other = told(pairs, WEST)["value"], told(back, WEST)["value"]
    assert (other["inflow"], other["outflow"]) == (once["outflow"], once["inflow"])
    assert (other["residents"], other["workers"]) == (once["workers"], once["residents"])
    assert other["jobs_housing_ratio"] == pytest.approx(1 / once["jobs_housing_ratio"])
    # Whoever lived there now works there: the other side's distances.
    turned = told(back, WEST, side="work")["value"]
    same = [*QUANTILES, "mean_distance_km", "share_within_5km", *BANDS.names]
    np.testing.assert_allclose(turned[same], once[same])
    assert once["mean_distance_km"] != other["mean_distance_km"]


@given(SEEDS)
@settings(max_examples=15)
def test_where_the_city_lies_along_its_parallel_does_not_matter(seed):
    pairs = flows(seed, exact=True)
    moved = replace(pairs, lon=pairs.lon - 200)
    here, there = told(pairs)["value"], told(moved)["value"]
    np.testing.assert_allclose(there, here, rtol=1e-6)


@given(SEEDS)
@settings(max_examples=15)
def test_an_area_and_the_rest_share_the_people_and_the_mean(seed):
    pairs = flows(seed)
    rest = drawn_area([(39, CENTRE[1]), (39, 118), (41, 118), (41, CENTRE[1])])
    parts = [told(pairs, area)["value"] for area in (WEST, rest)]
    whole = told(pairs)["value"]
    assert sum(one["residents"] for one in parts) == whole["residents"]
    assert parts[0]["outflow"] == parts[1]["inflow"]
    means = [one["mean_distance_km"] * one["residents"] for one in parts]
    assert sum(means) / whole["residents"] == pytest.approx(whole["mean_distance_km"])


def test_the_whole_study_has_no_inflow_and_the_two_sides_agree():
    pairs = flows(1)
    home, work = told(pairs, draws=30), told(pairs, side="work", draws=30)
    pd.testing.assert_series_equal(home["value"], work["value"])
    alone = home.loc[["inflow", "outflow", "self_containment", "jobs_housing_ratio"], "value"]
    assert alone.tolist() == [0, 0, 1, 1]
    assert home.loc["self_containment", ["low", "high"]].isna().all()


def test_nobody_has_no_distance():
    nowhere = drawn_area([(0, 0), (0, 1), (1, 1)])
    found = told(flows(1), nowhere, draws=10)
    assert found.loc[["residents", "workers", "inflow", "outflow"], "value"].tolist() == [0] * 4
    assert found["value"].drop(["residents", "workers", "inflow", "outflow"]).isna().all()
    assert found[["low", "high"]].isna().all(axis=None)
    assert layout_of(commuters(flows(1), nowhere)) is None


def test_a_side_must_be_one_of_two():
    with pytest.raises(QuestionError, match="side must be one of residence, work, found home"):
        commuters(flows(1), WHOLE, side="home")


# Bands


def test_a_band_holds_its_lower_edge_and_not_its_upper():
    bands = Bands((5.0, 10.0))
    np.testing.assert_array_equal(bands.of([0, 4.999, 5, 9.999, 10, 99]), [0, 0, 1, 1, 2, 2])
    assert bands.labels == ["< 5 km", "5-10 km", ">= 10 km"]
    assert bands.names == ["share_under_5km", "share_5_to_10km", "share_over_10km"]


def test_bands_in_miles_are_those_in_kilometres():
    away = np.linspace(0, 100, 997)
    miles = bands_of(miles=(10, 25, 50))
    km = bands_of(tuple(KM_PER_MILE * edge for edge in (10, 25, 50)))
    np.testing.assert_array_equal(miles.of(away), km.of(away))
    assert miles.names[1] == "share_10_to_25mi"
    assert bands_of() == Bands()


@pytest.mark.parametrize("edges", [(0.0, 5.0), (5.0, 5.0), (9.0, 5.0), (float("nan"),), (-1.0,)])
def test_edges_must_ascend_from_above_zero(edges):
    with pytest.raises(QuestionError, match="edges of bands must be above 0 and ascend"):
        Bands(edges)


# Chance


@given(SEEDS, SIDES)
@settings(max_examples=10)
def test_draws_are_resamples_of_whole_blocks(seed, side):
    pairs = flows(seed, rows=200)
    people = commuters(pairs, WHOLE, side=side)
    drawn = people.draws(25, rng=np.random.default_rng(seed))
    own = people.own
    block = drawn.block[people.ends].tolist()
    away, weight = own.distance_km.tolist(), own.graduates.tolist()
    assert (drawn.times.sum(axis=1) == drawn.times.shape[1]).all()
    means = [oracle.block_means(away, weight, block, times) for times in drawn.times]
    expected = np.nanquantile(means, (0.025, 0.975))
    got = drawn.ratio(people.ends, own.distance_km * own.graduates, own.graduates)
    np.testing.assert_allclose(got, expected)
    middles = [oracle.block_quantile(away, weight, block, times, 0.5) for times in drawn.times]
    order = np.argsort(own.distance_km)
    near = drawn.quantiles(people.ends[order], own.distance_km[order], own.graduates[order], [0.5])[
        0
    ]
    np.testing.assert_allclose(near, np.quantile(middles, (0.025, 0.975)), rtol=0.02)


def test_a_radius_drawn_from_spots_is_near_that_drawn_from_ends():
    pairs = flows(4, rows=3_000)
    people = commuters(pairs, WHOLE)
    drawn = people.draws(40, rng=np.random.default_rng(2))
    own, block = people.own, drawn.block[people.ends]
    whole = radius_km(own.lat, own.lon, people.homes + people.jobs)
    found = []
    for times in drawn.times:
        part = replace(own, graduates=own.graduates * times[block])
        weights = sum(
            np.bincount(ends, part.graduates, minlength=len(own.lat))
            for ends in (own.origin, own.destination)
        )
        found.append(radius_km(own.lat, own.lon, weights) / whole)
    got = drawn.radius(
        people.ends, (own.origin, own.destination), own.graduates, (own.lat, own.lon, own.cell)
    )
    np.testing.assert_allclose(got, np.quantile(found, (0.025, 0.975)), rtol=0.01)


def test_a_seed_gives_the_same_intervals_and_values_lie_near_them():
    pairs = flows(7, rows=2_000)
    once, twice = (told(pairs, WEST, draws=100) for _ in range(2))
    pd.testing.assert_frame_equal(once, twice)
    known = once.dropna(subset=["low"])
    assert (known["low"] <= known["high"]).all()
    assert len(known) == 6 - 2 + 1 + len(QUANTILES) + 1 + len(BANDS.names) + 1
    assert known["value"].between(known["low"], known["high"]).mean() > 0.9


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """Mean of cities drawn anew, with neighbours alike, against the mean they are drawn from."""
    rng, covered, tries = np.random.default_rng(11), 0, 60
    block = np.unique(h3cells.parents(CELLS, resolution=7), return_inverse=True)[1]
    truth = 3.0
    for _ in range(tries):
        shift = rng.gamma(9, truth / 9, block.max() + 1)  # what a whole neighbourhood shares
        jobs_lat = LAT + shift[block] / distance_km(39.5, 116.4, 40.5, 116.4)
        ends = np.arange(len(CELLS))
        pairs = Pairs(
            np.concatenate([LAT, jobs_lat]),
            np.concatenate([LON, LON]),
            np.concatenate([CELLS, CELLS]),
            ends,
            ends + len(CELLS),
            np.ones(len(CELLS)),
            exact=True,
        )
        inside = np.arange(2 * len(CELLS)) < len(CELLS)
        people = replace(commuters(pairs, WHOLE), inside=inside)
        drawn = people.draws(100, rng=rng)
        low, high = drawn.ratio(people.ends, pairs.distance_km, pairs.graduates)
        covered += low <= truth <= high
    # With some twelve blocks a bootstrap is known to fall a little short of its 95 %.
    assert covered / tries > 0.75


def test_too_few_neighbourhoods_have_no_interval():
    three = Area("place", "p", cells=CELLS[:3])
    found = told(flows(1, rows=4_000), three, draws=50)
    assert found["low"].isna().all()
    assert found.loc["mean_distance_km", "value"] > 0


# Layout


@given(SEEDS, st.booleans())
@settings(max_examples=10)
def test_the_mean_lies_between_least_and_greatest_and_bounds_hold_the_truth(seed, exact):
    from spatial.transport import least_mean_km, most_mean_km

    pairs = flows(seed, rows=40, exact=exact)
    people = commuters(pairs, WHOLE)
    found = told(pairs, layout=layout_of(people))
    mean = found.loc["mean_distance_km", "value"]
    homes, jobs = people.homes > 0, people.jobs > 0
    ends = (
        pairs.lat[homes],
        pairs.lon[homes],
        people.homes[homes],
        pairs.lat[jobs],
        pairs.lon[jobs],
        people.jobs[jobs],
    )
    least, most = least_mean_km(*ends), most_mean_km(*ends)
    slack = 1e-5
    low, high = found.loc["separation_km", ["low", "high"]]
    assert low - slack <= least <= high + slack
    low, high = found.loc["maximum_km", ["low", "high"]]
    assert low - slack <= most <= high + slack
    excess, used = (mean - least) / mean, (mean - least) / (most - least)
    for name, value in (("excess_share", excess), ("capacity_used", used)):
        low, high = found.loc[name, ["low", "high"]]
        assert low - slack <= value <= high + slack
        assert low - slack <= found.loc[name, "value"] <= high + slack


def test_the_layout_is_the_same_on_the_sphere():
    people = commuters(flows(5), WHOLE)
    layout = layout_of(people)
    names = ["separation_km", "maximum_km", "excess_share", "capacity_used"]
    flat, round_ = (told(people.pairs, layout=layout, sphere=one) for one in (False, True))
    pd.testing.assert_frame_equal(flat.loc[names], round_.loc[names])
    assert flat.loc["mean_distance_km", "value"] != round_.loc["mean_distance_km", "value"]


# Rail


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("commute") / "little")


def test_times_are_counted_person_by_person(study):
    network = network_of(study, 2025, RailRules())
    pairs = flows(9, rows=150)
    found = told(pairs, network=network)["value"]
    times = times_between(network, pairs.lat, pairs.lon, pairs.origin, pairs.destination)
    people = pairs.graduates.tolist()
    minutes = times.minutes.tolist()
    assert found["mean_minutes"] == pytest.approx(oracle.mean(minutes, people))
    assert found["share_within_45min"] == pytest.approx(
        oracle.mean([one <= 45 for one in minutes], people)
    )
    assert found["share_over_60min"] == pytest.approx(
        oracle.mean([one > 60 for one in minutes], people)
    )
    metres = nearest_station(network, pairs.lat, pairs.lon)[1]
    near = [metres[home] <= 800 and metres[job] <= 800 for home, job, _ in oracle.rows(pairs)]
    assert found["rail_coverage_800m"] == pytest.approx(oracle.mean(near, people))


@given(SEEDS, SIDES)
@settings(max_examples=10)
def test_homes_near_rail_are_counted_home_by_home(study, seed, side):
    network = network_of(study, 2025, RailRules())
    pairs = flows(seed, rows=40, exact=True)
    inside = WEST.holds(pairs.lat, pairs.lon, pairs.cell)
    own = pairs.where(inside[pairs.origin if side == "residence" else pairs.destination])
    at = list(zip(network.lat, network.lon, strict=True))

    def near(end):
        return any(
            oracle.geodesic_km(pairs.lat[end], pairs.lon[end], *station) <= 0.8 for station in at
        )

    found = told(pairs, WEST, side=side, network=network)
    homes = [near(home) for home, _, _ in oracle.rows(own)]
    both = [near(home) and near(job) for home, job, _ in oracle.rows(own)]
    people = own.graduates.tolist()
    for name, held in (("homes_near_rail", homes), ("rail_coverage_800m", both)):
        assert found.loc[name, "value"] == pytest.approx(oracle.mean(held, people))
        assert not found.loc[name, "modelled"]
    assert found.loc["homes_near_rail", "value"] >= found.loc["rail_coverage_800m", "value"]


def test_homes_near_rail_are_those_geopandas_finds(study):
    network = network_of(study, 2025, RailRules())
    pairs = flows(4)
    plane = "EPSG:32650"
    homes = gpd.GeoDataFrame(
        {"graduates": pairs.graduates},
        geometry=gpd.points_from_xy(pairs.lon[pairs.origin], pairs.lat[pairs.origin], crs=4326),
    ).to_crs(plane)
    stations = study.layer("stations").to_crs(plane)[["geometry"]]
    away = homes.sjoin_nearest(stations, distance_col="metres").groupby(level=0)["metres"].min()
    assert (away - 800).abs().min() > 1  # a plane is a few parts in ten thousand off
    expected = homes.loc[away <= 800, "graduates"].sum() / homes["graduates"].sum()
    assert 0 < expected < 1
    assert told(pairs, network=network).loc["homes_near_rail", "value"] == pytest.approx(expected)


@given(SEEDS)
@settings(max_examples=10)
def test_a_nearer_rule_never_finds_more_homes_near_rail(study, seed):
    pairs = flows(seed, rows=40)
    shares = [
        told(pairs, network=network_of(study, 2025, RailRules(near_m=near_m)))["value"]
        for near_m in (400, 800, 1600)
    ]
    for name in ("homes_near_rail", "rail_coverage_800m"):
        assert shares[0][name] <= shares[1][name] <= shares[2][name]


def test_homes_near_rail_have_an_interval_around_their_share(study):
    network = network_of(study, 2025, RailRules())
    found = told(flows(9), network=network, draws=100).loc["homes_near_rail"]
    assert 0 <= found["low"] < found["value"] < found["high"] <= 1


def test_without_stations_nothing_by_rail_is_told():
    found = told(flows(1))["value"]
    rail = ["mean_minutes", "share_within_45min", "homes_near_rail", "rail_coverage_800m"]
    rail += ["rail_within_45min", "last_mile_minutes"]
    assert found[rail].isna().all()


# Report


def test_every_indicator_has_its_unit_definition_and_source(study):
    report = commute_report(study, 2025, draws=10)
    assert list(report.indicators.index) == list(indicators_of(bands_of()))
    for column in ("unit", "definition", "source"):
        assert report.indicators[column].str.len().gt(1).all()
    assert report.observed
    assert report.years == (2025,)
    assert report.bands["graduates"].sum() == report.indicators.loc["residents", "value"]
    assert any("synthetic" in note for note in report.notes)
    assert all(one["en"] and one["zh"] for one in report.told)


def test_a_report_of_pairs_at_hand_is_the_same(study):
    own = commute_report(study, 2025, draws=5)
    given_ = commute_report(study, 2025, draws=5, pairs=pairs_of(study, 2025))
    pd.testing.assert_frame_equal(own.indicators, given_.indicators)


def test_areas_are_named_before_places_and_places_of_the_side_first(study):
    assert named_area(study, "", year=2025, side="work").kind == "study"
    assert named_area(study, "West", year=2025, side="work").kind == "district"
    with pytest.raises(QuestionError, match="must be a district or place of little"):
        named_area(study, "Nowhere", year=2025, side="work")
    first = named_area(study, _a_place(study), year=2025, side="work")
    assert (first.kind, first.id) == ("place", _a_place(study))


def test_places_are_found_at_the_resolution_that_is_asked_for(study):
    name = _a_place(study)
    for asked, used in ((None, 8), (8, 8), (9, 9)):
        found = named_area(study, name, year=2025, side="work", resolution=asked)
        assert h3cells.resolution_of(found.cells) == used
    for wrong in (10, -1):
        with pytest.raises(QuestionError, match=f"must be 9, that of little, .* found {wrong}"):
            named_area(study, "West", year=2025, side="work", resolution=wrong)


def test_places_are_those_of_the_nearest_year(study):
    late = places_of_year(study, 2030, role="work")
    pd.testing.assert_frame_equal(
        late.table, places_of_year(study, study.years_of("work")[-1], role="work").table
    )


def _a_place(study):
    return str(places_of_year(study, 2025, role="work").table["id"].iloc[0])


def test_negative_draws_are_refused(study):
    with pytest.raises(QuestionError, match="draws must be 0 or more, found -1"):
        commute_report(study, 2025, draws=-1)


# Without flows


def test_without_flows_only_bounds_are_told(tmp_path):
    bare = write_study(tmp_path / "bare", info(), counts())
    report = commute_report(bare, 2025)
    assert not report.observed
    known = report.indicators["value"].dropna()
    assert list(known.index) == [
        "residents",
        "workers",
        "jobs_housing_ratio",
        "separation_km",
        "maximum_km",
    ]
    assert not report.indicators.loc[known.index, "modelled"].any()
    assert "does not say who goes where" in report.notes[0]
    assert report.bands.empty


def test_a_mean_gives_a_model_that_has_it_and_says_so(tmp_path):
    bare = write_study(tmp_path / "bare", info(), counts(), layers=layers())
    report = commute_report(bare, 2025, mean_km=2.5)
    found = report.indicators
    assert found.loc["mean_distance_km", "value"] == pytest.approx(2.5, rel=1e-4)
    assert found.loc["mean_distance_km", "modelled"]
    assert not found.loc["separation_km", "modelled"]
    assert (
        found["low"]
        .drop(["separation_km", "maximum_km", "excess_share", "capacity_used"])[
            lambda low: low.notna()
        ]
        .empty
    )
    assert any("modelled, not observed" in note for note in report.notes)
    for area in ("West", "East"):
        part = commute_report(bare, 2025, area=area_of(bare, area), mean_km=2.5).indicators
        assert part.loc["inflow", "modelled"]
        assert not part.loc["residents", "modelled"]


def test_a_mean_that_homes_and_jobs_do_not_allow_is_refused(tmp_path):
    bare = write_study(tmp_path / "bare", info(), counts())
    with pytest.raises(QuestionError, match="mean_km must lie between"):
        commute_report(bare, 2025, mean_km=99)


def test_a_year_beside_one_with_flows_takes_its_decay(study):
    margins = margins_of(study, 2024)
    model = modelled_flows(study, margins, year=2024, mean_km=None)
    assert model.from_year == 2025
    for ends, people in (
        (model.pairs.origin, margins.homes),
        (model.pairs.destination, margins.jobs),
    ):
        sums = np.bincount(ends, model.pairs.graduates)
        assert sums.sum() == pytest.approx(margins.homes.sum())
        own = h3cells.parents(people.index.to_numpy(), resolution=model.resolution)
        held = pd.Series(people.to_numpy()).groupby(own).sum().to_numpy()
        scaled = held * margins.homes.sum() / held.sum()
        np.testing.assert_allclose(np.sort(sums[sums > 0]), np.sort(scaled), rtol=1e-6)


def test_a_model_fitted_to_modelled_flows_finds_their_decay(tmp_path):
    """Flows made by the model, given as observed in one year, give their decay to the next."""
    table = counts(years=(2024, 2025), radius=5)
    bare = write_study(tmp_path / "bare", info(breaks=()), table)
    made = modelled_flows(bare, margins_of(bare, 2024), year=2024, mean_km=0.9)
    assert made.resolution == 9
    flown = pd.DataFrame(
        {
            "origin": made.pairs.cell[made.pairs.origin],
            "destination": made.pairs.cell[made.pairs.destination],
            "year": 2024,
            "graduates": made.pairs.graduates,
        }
    )
    with_flows = write_study(tmp_path / "flown", info(breaks=()), table, flows=flown)
    found = modelled_flows(with_flows, margins_of(with_flows, 2025), year=2025, mean_km=None)
    assert found.from_year == 2024
    assert found.decay == pytest.approx(made.decay, rel=1e-3)


def test_a_study_without_jobs_has_no_bounds(tmp_path):
    table = counts()
    homes = write_study(tmp_path / "homes", info(), table[table["role"] == "residence"])
    with pytest.raises(QuestionError, match="needs homes and jobs, and little counts work in no"):
        commute_report(homes, 2025)


def test_margins_are_those_above_zero(study):
    found = margins_of(study, 2025)
    assert isinstance(found, Margins)
    assert (found.homes > 0).all()
    assert found.jobs.sum() == study.series(role="work", year=2025)["graduates"].sum()
