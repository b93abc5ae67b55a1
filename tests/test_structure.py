"""Structure holds against its formulas, against other libraries, and against its laws."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from scipy import stats

from spatial import cells as h3cells
from spatial.concentration import entropy, evenness, gini, lorenz
from spatial.ellipse import outline, standard_ellipse
from spatial.geodesy import distance_km
from spatial.plane import Around, around
from spatial.quotient import location_quotient, log_log_slope, poisson_slope
from spatial.structure import (
    RING_EDGES_KM,
    SECTORS,
    mean_distance_km,
    ring_edges_km,
    rings,
    rings_of,
    sector_rings,
    sectors,
    sectors_of,
    weighted_centre,
)
from tests import oracles_structure as oracle

CENTRE = (39.9, 116.4)
CELLS = h3cells.grid_disk(h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=7), k=14)
SEEN = around(CELLS, centre=CENTRE)
COUNTS = st.lists(st.integers(0, 500), min_size=2, max_size=40).filter(any)
AMOUNTS = st.lists(st.floats(0.5, 1e4), min_size=4, max_size=30)


def drawn(seed: int = 1) -> pd.Series:
    rng = np.random.default_rng(seed)
    mean = rng.gamma(0.5, size=len(CELLS)) * 20 * np.exp(-SEEN.distance_km / 8)
    return pd.Series(rng.poisson(mean).astype(float), index=pd.Index(CELLS, name="cell"))


def cloud(east: np.ndarray, north: np.ndarray) -> Around:
    """Points on the plane, as if they were cells seen from the centre."""
    return Around(CENTRE, np.hypot(east, north), np.degrees(np.arctan2(east, north)) % 360)


def quiet(name: str):
    """A library, or a skip where it is not installed; what it warns of is its own affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


# concentration


@settings(deadline=None)
@given(COUNTS)
def test_gini_entropy_and_lorenz_are_their_formulas(counts):
    series = pd.Series(counts, dtype=float)
    assert gini(series) == pytest.approx(oracle.gini(counts), abs=1e-12)
    assert entropy(series) == pytest.approx(oracle.entropy(counts), abs=1e-12)
    np.testing.assert_allclose(lorenz(series), oracle.lorenz(counts), atol=1e-12)


def test_gini_is_what_inequality_computes():
    counts = drawn()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = quiet("inequality.gini").Gini(counts.to_numpy()).g
    assert gini(counts) == pytest.approx(expected, abs=1e-12)


def test_entropy_is_what_scipy_computes():
    counts = drawn()
    assert entropy(counts) == pytest.approx(stats.entropy(counts, base=2), abs=1e-12)
    assert evenness(counts) == pytest.approx(entropy(counts) / np.log2(len(counts)))


@settings(deadline=None)
@given(COUNTS)
def test_gini_is_twice_the_area_between_the_lorenz_curve_and_equality(counts):
    curve = lorenz(pd.Series(counts, dtype=float))
    area = np.trapezoid(curve.to_numpy(), curve.index.to_numpy())
    assert gini(pd.Series(counts, dtype=float)) == pytest.approx(1 - 2 * area, abs=1e-12)


@settings(deadline=None)
@given(COUNTS, st.floats(0.01, 1000))
def test_the_unit_of_counting_does_not_matter(counts, factor):
    once, scaled = pd.Series(counts, dtype=float), pd.Series(counts, dtype=float) * factor
    assert 0 <= gini(once) <= 1 - 1 / len(counts) + 1e-12
    assert gini(scaled) == pytest.approx(gini(once), abs=1e-9)
    assert entropy(scaled) == pytest.approx(entropy(once), abs=1e-9)


@settings(deadline=None)
@given(COUNTS, st.integers(1, 100))
def test_as_many_more_in_every_cell_spread_people_more_evenly(counts, more):
    series = pd.Series(counts, dtype=float)
    assert gini(series + more) <= gini(series) + 1e-12
    assert entropy(series + more) >= entropy(series) - 1e-12


def test_concentration_at_its_ends():
    one = pd.Series([0.0, 0.0, 0.0, 7.0])
    assert (gini(one), entropy(one), evenness(one)) == (0.75, 0.0, 0.0)
    assert (gini(one * 0 + 3), entropy(one * 0 + 3), evenness(one * 0 + 3)) == (0.0, 2.0, 1.0)
    for empty in (one * 0, one[:0]):
        assert np.isnan([gini(empty), entropy(empty), evenness(empty)]).all()
        assert lorenz(empty).iloc[0] == 0
        assert lorenz(empty).iloc[1:].isna().all()
    assert np.isnan(evenness(one[3:]))


# against the base


@settings(deadline=None)
@given(COUNTS.flatmap(lambda c: st.tuples(st.just(c), st.permutations(c))))
def test_lq_is_the_formula_and_averages_one(both):
    counts, base = (pd.Series(list(one), dtype=float) for one in both)
    if not counts[base > 0].sum():
        assert location_quotient(counts, base).isna().all()
        return
    found = location_quotient(counts, base)
    np.testing.assert_allclose(found, oracle.lq(list(counts), list(base)), rtol=1e-12)
    assert np.average(found[base > 0], weights=base[base > 0]) == pytest.approx(1)
    assert found.name == "lq"
    assert found[base == 0].isna().all()


def regressed(
    seed: int, *, slope: float, n: int = 400, rate: float = 0.02
) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    base = np.exp(rng.normal(5, 1.2, n)) * (rng.random(n) > 0.05)
    mean = np.where(base > 0, rate * np.maximum(base, 1) ** slope, 0)
    return pd.Series(rng.poisson(mean * rng.gamma(4, 0.25, n)).astype(float)), pd.Series(base)


@pytest.mark.parametrize("seed", range(4))
def test_log_log_slope_is_the_formula(seed):
    counts, base = regressed(seed, slope=1.3)
    slope, error = oracle.slope_hc3(list(counts), list(base))
    found = log_log_slope(counts, base)
    reach = stats.t.ppf(0.975, found.n - 2) * error
    assert found.slope == pytest.approx(slope, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((slope - reach, slope + reach), rel=1e-9)


def test_slopes_are_what_statsmodels_computes():
    api = quiet("statsmodels.api")
    counts, base = regressed(7, slope=1.3)
    both, peopled = (counts > 0) & (base > 0), base > 0
    design = api.add_constant(np.log(base[both]))
    fit = api.OLS(np.log(counts[both]), design).fit(cov_type="HC3", use_t=True)
    found = log_log_slope(counts, base)
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int().iloc[1]), rel=1e-9)
    design = api.add_constant(np.log(base[peopled]))
    fit = api.GLM(counts[peopled], design, family=api.families.Poisson()).fit(cov_type="HC0")
    found = poisson_slope(counts, base)
    assert found.slope == pytest.approx(fit.params.iloc[1], rel=1e-8)
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int().iloc[1]), rel=1e-6)


def test_thin_counts_flatten_the_log_log_slope_and_not_the_poisson_slope():
    found = [regressed(seed, slope=1.3, n=3000, rate=0.002) for seed in range(5)]
    assert np.mean([poisson_slope(*one).slope for one in found]) == pytest.approx(1.3, abs=0.05)
    assert np.mean([log_log_slope(*one).slope for one in found]) < 1.1


@settings(deadline=None)
@given(AMOUNTS, st.floats(-2, 3), st.floats(0.1, 10))
def test_a_power_of_the_base_has_that_slope(base, slope, factor):
    bases = pd.Series(base)
    if np.ptp(np.log(bases)) < 0.1:
        return
    counts = factor * bases**slope
    assert log_log_slope(counts, bases).slope == pytest.approx(slope, abs=1e-6)
    assert poisson_slope(counts, bases).slope == pytest.approx(slope, abs=1e-6)


def test_slopes_without_anything_to_fit_are_nan():
    nothing, two = pd.Series([0.0, 0.0, 0.0]), pd.Series([1.0, 2.0, 0.0])
    for counts, base in ((nothing, two), (two, nothing), (two, two * 0 + 5), (two[:2], two[:2])):
        for fit in (log_log_slope(counts, base), poisson_slope(counts, base)):
            assert np.isnan([fit.slope, fit.low, fit.high]).all()
    steepest = poisson_slope(pd.Series([0.0, 0.0, 0.0, 9.0]), pd.Series([1.0, 1.0, 2.0, 3.0]))
    assert np.isnan(steepest.slope)


# around the centre


def test_the_plane_is_projs_azimuthal_equidistant_and_leads_back():
    project = Transformer.from_crs(
        4326, f"+proj=aeqd +lat_0={CENTRE[0]} +lon_0={CENTRE[1]} +ellps=WGS84", always_xy=True
    )
    lat, lon = h3cells.centres(CELLS)
    east, north = project.transform(lon, lat)
    np.testing.assert_allclose(SEEN.east_km, np.asarray(east) / 1000, atol=1e-6)
    np.testing.assert_allclose(SEEN.north_km, np.asarray(north) / 1000, atol=1e-6)
    back = SEEN.place(SEEN.east_km, SEEN.north_km)
    np.testing.assert_allclose(back, (lat, lon), atol=1e-9)
    np.testing.assert_allclose(SEEN.distance_km, distance_km(*CENTRE, lat, lon), atol=1e-9)


def test_centre_of_two_cells_lies_halfway_on_the_geodesic():
    counts = pd.Series(0.0, index=CELLS)
    counts.iloc[[3, 200]] = 5
    lat, lon = weighted_centre(counts, SEEN)
    ends = h3cells.centres(CELLS[[3, 200]])
    ways = distance_km(ends[0], ends[1], lat, lon)
    whole = distance_km(ends[0][0], ends[1][0], ends[0][1], ends[1][1])[()]
    assert ways[0] == pytest.approx(whole / 2, rel=1e-4)
    assert ways.sum() == pytest.approx(whole, rel=1e-4)


def test_centre_crosses_the_date_line():
    cells = h3cells.points_to_cells([0.01, 0.01], [179.9, -179.9], resolution=9)
    seen = around(cells, centre=(0.0, 180.0))
    lat, lon = weighted_centre(pd.Series([1.0, 1.0], index=cells), seen)
    assert abs(abs(lon) - 180) < 0.01
    assert lat == pytest.approx(0.01, abs=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_ellipse_is_the_formula(seed):
    counts = drawn(seed)
    east, north, major, minor, azimuth = oracle.ellipse(
        list(counts), list(SEEN.east_km), list(SEEN.north_km)
    )
    found = standard_ellipse(counts, SEEN)
    assert (found.major_km, found.minor_km) == pytest.approx((major, minor), rel=1e-9)
    assert found.azimuth == pytest.approx(azimuth, abs=1e-6)
    place = SEEN.place(east, north)
    assert (found.lat, found.lon) == pytest.approx((place[0][0], place[1][0]), abs=1e-9)
    assert (found.lat, found.lon) == weighted_centre(counts, SEEN)


def test_ellipse_is_what_pointpats_computes():
    centrography = quiet("pointpats.centrography")
    counts = drawn().clip(upper=5)
    points = np.repeat(np.column_stack([SEEN.east_km, SEEN.north_km]), counts.astype(int), axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        axes = centrography.ellipse(points)[:2]
    found = standard_ellipse(counts, SEEN)
    n = len(points)  # divided by n - 2 there, by n here
    expected = np.sort(axes)[::-1] * np.sqrt((n - 2) / n)
    assert (found.major_km, found.minor_km) == pytest.approx(tuple(expected), rel=1e-9)


def test_ellipse_holds_63_of_100_of_a_normal_cloud():
    rng = np.random.default_rng(3)
    along, across = rng.normal(0, 3, 20_000), rng.normal(0, 1, 20_000)
    seen = cloud(along, across)
    counts = pd.Series(np.ones(20_000))
    found = standard_ellipse(counts, seen)
    inside = (along / found.major_km) ** 2 + (across / found.minor_km) ** 2 < 1
    assert inside.mean() == pytest.approx(1 - np.exp(-1), abs=0.015)
    assert found.azimuth == pytest.approx(90, abs=1)


@settings(deadline=None)
@given(st.integers(0, 99), st.floats(0, 360), st.floats(-5, 5), st.floats(-5, 5))
def test_a_turned_and_moved_cloud_turns_and_moves_its_ellipse(seed, turn, east, north):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 4, 50), rng.normal(0, 1, 50)
    weight = pd.Series(rng.integers(1, 9, 50).astype(float))
    by = np.radians(turn)
    turned = cloud(x * np.cos(by) + y * np.sin(by) + east, -x * np.sin(by) + y * np.cos(by) + north)
    before, after = standard_ellipse(weight, cloud(x, y)), standard_ellipse(weight, turned)
    assert after.major_km == pytest.approx(before.major_km, rel=1e-6)
    assert after.minor_km == pytest.approx(before.minor_km, rel=1e-6)
    apart = (after.azimuth - before.azimuth - turn + 90) % 180 - 90
    assert apart == pytest.approx(0, abs=1e-4)


def test_outline_is_the_ellipse_on_the_ground():
    found = standard_ellipse(drawn(), SEEN)
    shape = outline(found, corners=360)
    lon, lat = np.asarray(shape.exterior.coords).T
    away = distance_km(found.lat, found.lon, lat, lon)
    assert away.max() == pytest.approx(found.major_km, rel=1e-3)
    assert away.min() == pytest.approx(found.minor_km, rel=1e-3)
    far = around(
        h3cells.points_to_cells([lat[0]], [lon[0]], resolution=12), centre=(found.lat, found.lon)
    )
    assert far.azimuth[0] % 180 == pytest.approx(found.azimuth, abs=0.5)
    nobody = standard_ellipse(drawn() * 0, SEEN)
    assert np.isnan(nobody.major_km)
    assert outline(nobody) == shapely.Polygon()


def test_a_cloud_without_direction_has_no_azimuth():
    seen = cloud(np.array([1.0, -1, 0, 0]), np.array([0.0, 0, 1, -1]))
    found = standard_ellipse(pd.Series(np.ones(4)), seen)
    assert np.isnan(found.azimuth)
    assert found.major_km == pytest.approx(found.minor_km) == pytest.approx(1)
    assert not outline(found).is_empty


def test_sectors_and_rings_are_their_definitions():
    edges = (5.0, 10.0, 15.0, 25.0)
    expected = [oracle.sector(azimuth) for azimuth in SEEN.azimuth]
    assert [SECTORS[i] for i in sectors_of(SEEN)] == expected
    expected = [oracle.ring(distance, edges) for distance in SEEN.distance_km]
    assert rings_of(SEEN, edges_km=edges).tolist() == expected


@settings(deadline=None)
@given(st.integers(0, 99))
def test_sectors_and_rings_add_up_to_all(seed):
    counts = drawn(seed)
    table = sector_rings(counts, SEEN)
    assert table.shape == (8, 5)
    np.testing.assert_allclose(table.sum(axis=1), sectors(counts, SEEN), atol=1e-12)
    np.testing.assert_allclose(table.sum(axis=0), rings(counts, SEEN), atol=1e-12)
    assert table.to_numpy().sum() == pytest.approx(1)
    assert list(table.columns) == ["0-5", "5-10", "10-15", "15-25", "25+"]


@settings(deadline=None)
@given(st.integers(0, 7), st.integers(0, 99))
def test_turning_the_city_by_a_sector_shifts_the_sectors(steps, seed):
    counts = drawn(seed)
    turned = Around(CENTRE, SEEN.distance_km, (SEEN.azimuth + 45 * steps) % 360)
    expected = np.roll(sectors(counts, SEEN), steps)
    # A cell that lies on an edge to the last digit may fall to either side.
    np.testing.assert_allclose(sectors(counts, turned), expected, atol=0.005)


def test_mean_distance_is_the_mean_over_people():
    counts = drawn().clip(upper=4)
    everyone = np.repeat(SEEN.distance_km, counts.astype(int))
    assert mean_distance_km(counts, SEEN) == pytest.approx(everyone.mean())


def test_where_nobody_is_nothing_is_known():
    nobody = drawn() * 0
    assert np.isnan(mean_distance_km(nobody, SEEN))
    assert np.isnan(weighted_centre(nobody, SEEN)).all()
    assert sectors(nobody, SEEN).isna().all()
    assert sector_rings(nobody, SEEN).isna().all(axis=None)


def test_ring_edges_suit_the_city():
    assert ring_edges_km(drawn(), SEEN) == RING_EDGES_KM
    near = (drawn() * 0 + 1).where(SEEN.distance_km < 13, 0.0)
    edges = ring_edges_km(near, SEEN)
    assert len(edges) == 4
    assert edges[-1] < 13
    assert rings(near, SEEN, edges_km=edges).between(0.15, 0.25).all()
    assert ring_edges_km(drawn() * 0, SEEN) == RING_EDGES_KM


@pytest.mark.parametrize("edges", [(5.0, 5.0), (0.0, 5.0), (9.0, 5.0), (5.0, np.inf)])
def test_ring_edges_that_do_not_ascend_are_refused(edges):
    with pytest.raises(ValueError, match="ring edges must be above 0 and ascending"):
        rings_of(SEEN, edges_km=edges)
