"""The least and greatest mean distance: linprog, POT, and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from spatial import cells as h3cells
from spatial.geodesic_matrix import distance_matrix_km, spots
from spatial.geodesy import distance_km
from spatial.margins import Margins
from spatial.shipping import UNITS, in_units, least_shipment, matrix_bounds, refined, sums
from spatial.transport import least_mean_km, most_mean_km, separation

ot = pytest.importorskip("ot")

CITY = (39.9, 116.4)


def city(homes, jobs, *, rng, spread=0.15):
    """Positions and uneven weights of `homes` and `jobs` around a centre."""
    lat, lon = (rng.normal(at, spread, homes) for at in CITY)
    to_lat, to_lon = (rng.normal(at, spread / 2, jobs) for at in CITY)
    return lat, lon, rng.pareto(1.5, homes) + 0.1, to_lat, to_lon, rng.pareto(1.2, jobs) + 0.1


def pairwise(lat, lon, to_lat, to_lon):
    """Geodesics, one pair after another."""
    return np.array([distance_km(a, b, to_lat, to_lon) for a, b in zip(lat, lon, strict=True)])


def by_linprog(cost, homes, jobs, *, sign=1):
    """The transportation problem as a textbook writes it."""
    n, m = cost.shape
    leave, arrive = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    margins = np.concatenate([homes / homes.sum(), jobs / jobs.sum()])
    found = linprog(sign * cost.ravel(), A_eq=np.vstack([leave, arrive]), b_eq=margins)
    return sign * found.fun


def counted(cells, *, rng, share=0.5):
    """Uneven people in some of `cells`, more towards the first."""
    held = rng.pareto(1.3, len(cells)) * np.exp(-np.arange(len(cells)) / len(cells) * 3)
    kept = rng.random(len(cells)) < share
    return pd.Series(held[kept] + 0.1, index=pd.Index(cells[kept], name="cell"))


def disk(k):
    """Cells of resolution 9 around the centre, the nearest first."""
    middle = h3cells.points_to_cells([CITY[0]], [CITY[1]], resolution=9)
    found = h3cells.grid_disk(middle, k=k)
    lat, lon = h3cells.centres(found)
    return found[np.argsort(distance_km(*CITY, lat, lon))]


# --- The value -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("homes", "jobs"), [(1, 1), (1, 7), (12, 9), (25, 30)])
def test_is_what_linprog_finds(homes, jobs):
    ends = city(homes, jobs, rng=np.random.default_rng(homes))
    lat, lon, sent, to_lat, to_lon, taken = ends
    cost = pairwise(lat, lon, to_lat, to_lon)
    assert least_mean_km(*ends) == pytest.approx(by_linprog(cost, sent, taken), rel=1e-6)
    most = by_linprog(cost, sent, taken, sign=-1)
    assert most_mean_km(*ends) == pytest.approx(most, rel=1e-6)
    assert matrix_bounds(cost, sent, taken) == pytest.approx(
        (by_linprog(cost, sent, taken), most), rel=1e-6
    )


@pytest.mark.parametrize("seed", range(3))
def test_is_what_pot_finds(seed):
    ends = city(700, 500, rng=np.random.default_rng(seed))
    lat, lon, sent, to_lat, to_lon, taken = ends
    cost = distance_matrix_km(lat, lon, to_lat, to_lon)
    shares = sent / sent.sum(), taken / taken.sum()
    least = ot.emd2(*shares, cost, numItermax=10**7)
    assert least_mean_km(*ends) == pytest.approx(least, rel=1e-8)
    most = cost.max() - ot.emd2(*shares, cost.max() - cost, numItermax=10**7)
    assert most_mean_km(*ends) == pytest.approx(most, rel=1e-8)


def test_is_what_pot_finds_where_many_ways_are_equally_long():
    rng = np.random.default_rng(5)
    cells = disk(17)
    homes, jobs = counted(cells, rng=rng, share=0.9), counted(cells, rng=rng, share=0.9)
    homes[:], jobs[:] = 1 + rng.poisson(2, len(homes)), 1 + rng.poisson(2, len(jobs))
    ends = (*h3cells.centres(homes.index), homes, *h3cells.centres(jobs.index), jobs)
    cost = distance_matrix_km(*ends[:2], *ends[3:5])
    peer = ot.emd2(homes.to_numpy() / homes.sum(), jobs.to_numpy() / jobs.sum(), cost)
    assert least_mean_km(*ends) == pytest.approx(peer, rel=1e-8)
    assert separation(homes, jobs).minimum_km == pytest.approx(peer, rel=1e-8)


def test_the_prices_prove_the_plan():
    lat, lon, sent, to_lat, to_lon, taken = city(600, 500, rng=np.random.default_rng(9))
    homes, jobs = (spots(*at, lat_0=39.9) for at in ((lat, lon), (to_lat, to_lon)))
    sent, taken = in_units(sent), in_units(taken)
    plan = least_shipment(homes, jobs, sent, taken)
    cost = homes.matrix_km(jobs)
    assert (cost - plan.send[:, None] - plan.take).min() >= -1e-6
    worth = sent @ plan.send + taken @ plan.take
    assert worth == pytest.approx(plan.total, rel=1e-8)
    np.testing.assert_array_equal(sums(plan.origin, plan.amount), sent)
    np.testing.assert_array_equal(sums(plan.destination, plan.amount), taken)


# --- Laws ----------------------------------------------------------------------------------------

SEEDS = st.integers(0, 10**6)


@settings(max_examples=20)
@given(SEEDS)
def test_homes_where_the_jobs_are_need_no_commute(seed):
    lat, lon, held, *_ = city(9, 1, rng=np.random.default_rng(seed))
    assert least_mean_km(lat, lon, held, lat, lon, held) == 0


@settings(max_examples=20)
@given(SEEDS, st.floats(0.01, 1e6))
def test_the_unit_of_counting_does_not_matter(seed, factor):
    lat, lon, sent, to_lat, to_lon, taken = city(20, 15, rng=np.random.default_rng(seed))
    once = least_mean_km(lat, lon, sent, to_lat, to_lon, taken)
    scaled = least_mean_km(lat, lon, sent * factor, to_lat, to_lon, taken)
    assert scaled == pytest.approx(once, rel=1e-9)


@settings(max_examples=20)
@given(SEEDS)
def test_there_is_as_far_as_back(seed):
    lat, lon, sent, to_lat, to_lon, taken = city(20, 15, rng=np.random.default_rng(seed))
    there = least_mean_km(lat, lon, sent, to_lat, to_lon, taken)
    back = least_mean_km(to_lat, to_lon, taken, lat, lon, sent)
    assert back == pytest.approx(there, rel=1e-9)


@settings(max_examples=20)
@given(SEEDS)
def test_any_plan_lies_between_least_and_most(seed):
    rng = np.random.default_rng(seed)
    lat, lon, *_ = city(30, 1, rng=rng)
    to = rng.permutation(30)
    held = rng.random(30) + 0.1
    flows = held @ distance_km(lat, lon, lat[to], lon[to]) / held.sum()
    ends = lat, lon, held, lat[to], lon[to], held
    assert least_mean_km(*ends) - 1e-6 <= flows <= most_mean_km(*ends) + 1e-6


@settings(max_examples=20)
@given(SEEDS)
def test_who_can_stay_at_home_may(seed):
    rng = np.random.default_rng(seed)
    cells = disk(5)
    everyone = Margins.of_cells(counted(cells, rng=rng), counted(cells, rng=rng))
    assert everyone.cancelled().mean_km() == pytest.approx(everyone.mean_km(), abs=1e-7)


@settings(max_examples=15)
@given(SEEDS, st.sampled_from([5, 20, 60]))
def test_the_error_of_rolling_up_holds(seed, most):
    rng = np.random.default_rng(seed)
    cells = disk(12)
    homes, jobs = counted(cells, rng=rng), counted(cells, rng=rng)
    exact, coarse = separation(homes, jobs), separation(homes, jobs, most=most)
    assert exact.error_km == exact.maximum_error_km == 0
    assert exact.resolution == 9
    assert coarse.resolution < 9
    assert coarse.cells < exact.cells
    # A millionth of the way: what bending to the local sphere and 1e-9 of the total may add.
    assert abs(coarse.minimum_km - exact.minimum_km) <= coarse.error_km + 1e-5
    assert abs(coarse.maximum_km - exact.maximum_km) <= coarse.maximum_error_km + 1e-5


def test_the_error_is_smaller_than_how_far_people_are_moved():
    rng = np.random.default_rng(2)
    homes, jobs = counted(disk(15), rng=rng), counted(disk(15), rng=rng)
    found = separation(homes, jobs, most=60)
    rolled = Margins.of_cells(homes, jobs).cancelled().rolled(most=60)
    moved = 0.0
    for rows, group, to, held in (
        (rolled.fine.sends, rolled.home_of, rolled.coarse.sends, rolled.fine.homes),
        (rolled.fine.takes, rolled.job_of, rolled.coarse.takes, rolled.fine.jobs),
    ):
        there = rolled.coarse.places.of(to).of(group)
        moved += held[rows] @ rolled.fine.places.of(rows).pairs_km(there) / UNITS
    assert 0 < found.error_km < moved / 2


@settings(max_examples=30)
@given(SEEDS, st.integers(1, 30), st.integers(1, 30))
def test_a_refined_plan_keeps_every_margin(seed, homes, jobs):
    rng = np.random.default_rng(seed)
    lat, lon, sent, to_lat, to_lon, taken = city(homes, jobs, rng=rng)
    home_of, job_of = (
        np.unique(rng.integers(0, 4, count), return_inverse=True)[1] for count in (homes, jobs)
    )
    sent, taken = in_units(sent), in_units(taken)
    near = spots(lat, lon, lat_0=39.9).means(sent, home_of)
    far = spots(to_lat, to_lon, lat_0=39.9).means(taken, job_of)
    plan = least_shipment(near, far, sums(home_of, sent), sums(job_of, taken))
    origin, destination, amount = refined(plan, home_of, job_of, sent, taken)
    np.testing.assert_array_equal(sums(origin, amount), sent)
    np.testing.assert_array_equal(sums(destination, amount), taken)
    coarse = {(int(a), int(b)) for a, b in zip(plan.origin, plan.destination, strict=True)}
    assert set(zip(home_of[origin].tolist(), job_of[destination].tolist(), strict=True)) <= coarse


def test_units_add_up_to_everybody():
    held = in_units(np.random.default_rng(0).pareto(0.3, 5000))
    assert held.sum() == UNITS
    assert (held == np.rint(held)).all()


# --- Distances -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lat", [0, 40, -33, 69])
@pytest.mark.parametrize(("width", "metres", "share"), [(0.9, 0.1, 3e-7), (3.5, 5.0, 1e-5)])
def test_distances_are_the_geodesics(lat, width, metres, share):
    rng = np.random.default_rng(lat + 90)
    wide = width / np.cos(np.radians(lat))
    north, east = lat + rng.uniform(-width, width, 120), 116 + rng.uniform(-wide, wide, 120)
    ends = north[:60], east[:60], north[60:], east[60:]
    found, true = distance_matrix_km(*ends), pairwise(*ends)
    assert abs(found - true).max() * 1000 <= metres
    assert (abs(found - true) / true).max() <= share


def test_a_place_is_nowhere_from_itself():
    north, east = np.array([39.9, 40.1, -10.0]), np.array([116.4, 116.2, 20.0])
    assert (np.diag(distance_matrix_km(north, east, north, east)) == 0).all()


def test_the_mean_place_of_one_is_itself():
    at = spots(np.array([40.1, 39.8]), np.array([116.0, 116.9]), lat_0=40.0)
    means = at.means(np.ones(2), np.array([0, 1]))
    assert at.pairs_km(means).max() < 1e-9


# --- What cannot be, and real cities -------------------------------------------------------------


@pytest.mark.parametrize("held", [[0.0], [-1.0], [np.nan], []])
def test_nobody_has_no_separation(held):
    cells = disk(1)
    homes = pd.Series(held, index=pd.Index(cells[: len(held)], name="cell"), dtype=float)
    with pytest.raises(ValueError, match="homes must"):
        separation(homes, pd.Series([1.0], index=pd.Index(cells[:1], name="cell")))


@pytest.mark.real
def test_orange_county_is_forced_apart_by_less_than_half_of_what_it_travels(real_data):
    blocks = pd.read_csv(real_data / "us/oc_blocks.csv", dtype={"GEOID20": str})
    pairs = pd.read_csv(real_data / "us/oc_block_od_2017.csv.gz", dtype={"h": str, "w": str})
    jobs = pairs[pairs.columns[2]].astype(float)
    cell = pd.Series(
        h3cells.points_to_cells(
            blocks["INTPTLAT20"].astype(float), blocks["INTPTLON20"].astype(float), resolution=9
        ),
        index=blocks["GEOID20"],
    )
    home, work = cell.loc[pairs["h"]].to_numpy(), cell.loc[pairs["w"]].to_numpy()
    lived, worked = jobs.groupby(home).sum(), jobs.groupby(work).sum()
    coarse, finer = separation(lived, worked, most=1_000), separation(lived, worked)
    assert coarse.resolution < finer.resolution
    assert abs(coarse.minimum_km - finer.minimum_km) <= coarse.error_km + finer.error_km
    north, east = h3cells.centres(cell.to_numpy())
    place = pd.Series(np.arange(len(cell)), index=cell.index)
    a, b = place.loc[pairs["h"]].to_numpy(), place.loc[pairs["w"]].to_numpy()
    mean = jobs @ distance_km(north[a], east[a], north[b], east[b]) / jobs.sum()
    assert finer.minimum_km + finer.error_km < mean / 2
    assert mean < finer.maximum_km + finer.maximum_error_km
