"""The least and greatest mean distance: linprog, POT, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from spatial.geodesic_matrix import distance_matrix_km
from spatial.geodesy import distance_km
from spatial.transport import least_mean_km, most_mean_km

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


@pytest.mark.parametrize(("homes", "jobs"), [(1, 1), (1, 7), (12, 9), (25, 30)])
def test_is_what_linprog_finds(homes, jobs):
    given_ = city(homes, jobs, rng=np.random.default_rng(homes))
    lat, lon, sent, to_lat, to_lon, taken = given_
    cost = pairwise(lat, lon, to_lat, to_lon)
    assert least_mean_km(*given_) == pytest.approx(by_linprog(cost, sent, taken), rel=1e-6)
    most = by_linprog(cost, sent, taken, sign=-1)
    assert most_mean_km(*given_) == pytest.approx(most, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_is_what_pot_finds(seed):
    ends = city(700, 500, rng=np.random.default_rng(seed))
    lat, lon, sent, to_lat, to_lon, taken = ends
    cost = distance_matrix_km(lat, lon, to_lat, to_lon)
    shares = sent / sent.sum(), taken / taken.sum()
    least = ot.emd2(*shares, cost, numItermax=10**7)
    assert least_mean_km(*ends) == pytest.approx(least, rel=1e-9)
    most = -ot.emd2(*shares, -cost, numItermax=10**7)
    assert most_mean_km(*ends) == pytest.approx(most, rel=1e-9)
