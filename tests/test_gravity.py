"""The gravity model: its formula, entropic transport, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spatial.gravity import GravityError, bounds_km, calibrated_decay, gravity


def town(homes, jobs, *, seed):
    """Uneven people at random places of a plane: homes, jobs and distances in km."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(0, 30, (homes, 1, 2)), rng.uniform(5, 25, (1, jobs, 2))
    far = np.linalg.norm(ends[0] - ends[1], axis=2)
    sent, taken = rng.pareto(2, homes) + 0.2, rng.pareto(1.5, jobs) + 0.2
    return sent, taken * sent.sum() / taken.sum(), far


def furness(homes, jobs, far, decay, rounds=3000):
    """Wilson's balancing factors, turn by turn, as printed."""
    n, m = len(homes), len(jobs)
    a, b = [1.0] * n, [1.0] * m
    f = [[np.exp(-decay * far[i][j]) for j in range(m)] for i in range(n)]
    for _ in range(rounds):
        a = [1 / sum(b[j] * jobs[j] * f[i][j] for j in range(m)) for i in range(n)]
        b = [1 / sum(a[i] * homes[i] * f[i][j] for i in range(n)) for j in range(m)]
    return [[a[i] * homes[i] * b[j] * jobs[j] * f[i][j] for j in range(m)] for i in range(n)]


TOWNS = st.builds(town, st.integers(1, 12), st.integers(1, 12), seed=st.integers(0, 10**6))


@pytest.mark.parametrize("decay", [-0.2, 0.0, 0.1, 0.5])
def test_is_the_formula(decay):
    sent, taken, far = town(4, 5, seed=1)
    plan = gravity(sent, taken, far, decay=decay).plan
    np.testing.assert_allclose(plan, furness(sent, taken, far, decay, rounds=400), rtol=1e-7)


@pytest.mark.parametrize("decay", [0.1, 1.0])
def test_is_the_entropic_transport_of_pot(decay):
    ot = pytest.importorskip("ot")
    sent, taken, far = town(60, 40, seed=2)
    shares = sent / sent.sum(), taken / taken.sum()
    theirs = ot.sinkhorn(
        *shares, far, 1 / decay, method="sinkhorn_log", stopThr=1e-12, numItermax=20_000
    )
    ours = gravity(sent, taken, far, decay=decay).plan / sent.sum()
    np.testing.assert_allclose(ours, theirs, atol=1e-11)


@settings(max_examples=40)
@given(TOWNS, st.floats(-0.3, 1.0))
def test_margins_are_met(given_, decay):
    sent, taken, far = given_
    found = gravity(sent, taken, far, decay=decay)
    np.testing.assert_allclose(found.plan.sum(axis=1), sent, rtol=1e-9)
    np.testing.assert_allclose(found.plan.sum(axis=0), taken, rtol=1e-9)
    assert found.mean_km == pytest.approx((found.plan * far).sum() / sent.sum())
    assert found.modelled


@settings(max_examples=25)
@given(TOWNS, st.floats(-0.2, 0.5), st.floats(0.01, 0.5))
def test_a_larger_decay_makes_the_mean_shorter(given_, decay, more):
    near = gravity(*given_, decay=decay + more).mean_km
    assert near <= gravity(*given_, decay=decay).mean_km + 1e-7


@settings(max_examples=25)
@given(TOWNS, st.floats(0.1, 1e6))
def test_the_unit_of_counting_does_not_matter(given_, factor):
    sent, taken, far = given_
    once, scaled = (gravity(sent * k, taken, far, decay=0.2).plan for k in (1, factor))
    np.testing.assert_allclose(scaled, once * factor, rtol=1e-7)


@settings(max_examples=25)
@given(TOWNS)
def test_swapping_homes_and_jobs_transposes(given_):
    sent, taken, far = given_
    there = gravity(sent, taken, far, decay=0.2).plan
    back = gravity(taken, sent, far.T, decay=0.2).plan
    np.testing.assert_allclose(back.T, there, rtol=1e-7)


@settings(max_examples=25)
@given(TOWNS, st.floats(-0.2, 1.0))
def test_no_plan_lies_beyond_the_bounds(given_, decay):
    least, most = bounds_km(*given_)
    found = gravity(*given_, decay=decay)
    assert least - 1e-7 <= found.mean_km <= most + 1e-7


@settings(max_examples=25)
@given(TOWNS, st.floats(0.05, 0.95))
def test_calibration_finds_the_target(given_, share):
    least, most = bounds_km(*given_)
    assume(most - least > 0.1)
    target = least + share * (most - least)
    decay = calibrated_decay(*given_, mean_km=target)
    assert gravity(*given_, decay=decay).mean_km == pytest.approx(target, rel=3e-6)


@pytest.mark.parametrize("off", [-0.5, -1e-3, 1e-3, 0.5])
def test_a_target_the_margins_do_not_allow_is_refused(off):
    sent, taken, far = town(20, 15, seed=3)
    least, most = bounds_km(sent, taken, far)
    target = least + off if off < 0 else most + off
    with pytest.raises(GravityError, match="the least and the most these homes and jobs allow"):
        calibrated_decay(sent, taken, far, mean_km=target)


def test_empty_places_stay_empty():
    sent, taken, far = town(6, 5, seed=4)
    sent[2], taken[0] = 0, 0
    plan = gravity(sent, taken, far, decay=0.3).plan
    assert (plan[2] == 0).all()
    assert (plan[:, 0] == 0).all()
    full = gravity(np.delete(sent, 2), taken[1:], np.delete(far, 2, axis=0)[:, 1:], decay=0.3).plan
    np.testing.assert_allclose(np.delete(plan, 2, axis=0)[:, 1:], full, rtol=1e-9)


def test_a_steep_decay_neither_overflows_nor_vanishes():
    sent, taken, far = town(30, 30, seed=5)
    found = gravity(sent, taken, far * 40, decay=2.0)
    assert np.isfinite(found.plan).all()
    np.testing.assert_allclose(found.plan.sum(axis=1), sent, rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"homes": np.array([1.0, -1.0])}, "homes must be numbers of 0 or more"),
        ({"homes": np.zeros(2)}, "homes must hold somebody"),
        ({"jobs": np.ones(4)}, "must be of shape"),
        ({"distance_km": np.full((2, 3), np.nan)}, "distance_km must be finite"),
        ({"decay": np.nan}, "decay must be a number"),
    ],
)
def test_what_cannot_be_is_said(change, says):
    asked = {"homes": np.ones(2), "jobs": np.ones(3), "distance_km": np.ones((2, 3)), "decay": 1.0}
    with pytest.raises(GravityError, match=says):
        gravity(**{**asked, **change})
