"""Shares of squares and zones in cells: shapely and tobler as witnesses, totals as the law."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial import geodesy
from spatial.ingest import InputError
from spatial.ingest.corners import corners
from spatial.ingest.regular import find_grid
from spatial.ingest.squares import Plane, SquareGrid
from spatial.ingest.walk import walk
from spatial.ingest.weights import centre_weights, empty_by_centre, grid_weights
from spatial.ingest.zones import zone_weights

CITIES = [(39.9, 116.4), (33.7, -117.9), (-30.0, -51.2), (0.0, 0.0), (64.1, -21.9), (51.5, 7.0)]


def block(columns, rows, **kwargs):
    """A full block of squares, each once."""
    row, column = np.divmod(np.arange(columns * rows), columns)
    return SquareGrid(column=column, row=row, **kwargs)


def clipped(polygons, x_lines, y_lines):
    """Shares by clipping every polygon with every rectangle, slow and literal."""
    found = {}
    for number, polygon in enumerate(polygons):
        for i in range(len(x_lines) - 1):
            for j in range(len(y_lines) - 1):
                box = shapely.box(x_lines[i], y_lines[j], x_lines[i + 1], y_lines[j + 1])
                if share := polygon.intersection(box).area / box.area:
                    found[number, i, j] = share
    return found


def walked(polygons, x_lines, y_lines):
    rings = [shapely.get_coordinates(shapely.orient_polygons(p))[:-1] for p in polygons]
    offsets = np.concatenate([[0], np.cumsum([len(ring) for ring in rings])])
    shares = walk(np.concatenate(rings), offsets, x_lines=x_lines, y_lines=y_lines)
    return {(p, i, j): s for p, i, j, s in zip(*(part.tolist() for part in shares), strict=True)}


def assert_same_shares(found, expected):
    for key in found.keys() | expected.keys():
        assert found.get(key, 0) == pytest.approx(expected.get(key, 0), abs=1e-12), key


@given(st.integers(0, 10_000), st.floats(0.05, 4), st.floats(0.05, 4))
@settings(max_examples=60, deadline=None)
def test_walking_is_clipping(seed, wide, high):
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, 7)[:-1]
    centres = rng.uniform(-1, 4, (4, 2))
    polygons = [
        shapely.Polygon(c + np.column_stack([np.cos(a), np.sin(a)]) * rng.uniform(0.2, 1.5))
        for c, a in zip(centres, angles + rng.uniform(0, 7, (4, 1)), strict=True)
    ]
    x_lines = np.arange(0, 3.001, max(wide, 0.3))
    y_lines = np.cumsum(rng.uniform(0.5, 1, 6)) * max(high, 0.3)
    if len(x_lines) < 2:
        x_lines = np.array([0, 3.0])
    assert_same_shares(walked(polygons, x_lines, y_lines), clipped(polygons, x_lines, y_lines))


def test_corners_and_edges_on_the_lines_are_walked_too():
    lines = np.arange(5.0)
    shapes = [
        shapely.box(1, 1, 3, 3),
        shapely.box(0, 0, 4, 4),
        shapely.Polygon([(0, 2), (2, 0), (4, 2), (2, 4)]),
        shapely.Polygon([(1, 1), (3, 1), (2, 3)]),
        shapely.box(-2, -2, 9, 9),
        shapely.box(-3, -3, -1, -1),
    ]
    assert_same_shares(walked(shapes, lines, lines), clipped(shapes, lines, lines))


def test_nothing_to_walk_gives_nothing():
    shares = walk(np.empty((0, 2)), np.array([0]), x_lines=np.arange(3.0), y_lines=np.arange(3.0))
    assert [len(part) for part in shares] == [0, 0, 0, 0]


@given(
    st.sampled_from(CITIES),
    st.floats(0.0005, 0.3),
    st.floats(0.3, 3),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(5, 9),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_every_square_is_spread_entirely(city, side, shape, columns, rows, resolution, seed):
    # Tiny and huge squares relative to cells, and rectangles, but not millions of cells.
    side = min(side, 0.6 * 7.0 ** (-(resolution - 5) / 2))
    whole = block(
        columns,
        rows,
        plane=Plane("WGS-84"),
        x_0=city[1],
        y_0=city[0],
        width=side,
        height=side * shape,
    )
    kept = np.random.default_rng(seed).random(len(whole)) < 0.7
    kept[0] = True
    grid = SquareGrid(
        whole.plane, whole.x_0, whole.y_0, side, side * shape, whole.column[kept], whole.row[kept]
    )
    weights = grid_weights(grid, resolution=resolution)
    total = np.bincount(weights.source, weights.weight, minlength=len(grid))
    np.testing.assert_allclose(total, 1, rtol=0, atol=1e-12)
    assert (weights.weight > 0).all()
    people = np.random.default_rng(seed).random(len(grid)) * 1000
    assert weights.spread(people).sum() == pytest.approx(people.sum(), rel=1e-12)


@pytest.mark.parametrize("resolution", [7, 8, 9])
@pytest.mark.parametrize(
    ("crs", "x_0", "y_0", "side"),
    [
        ("WGS-84", 116.3, 39.85, 0.01),
        ("GCJ-02", 116.3, 39.85, 0.01),
        ("BD-09", 116.3, 39.85, 0.003),
        ("EPSG:32650", 440_000.0, 4_410_000.0, 250.0),
        ("EPSG:2230", 6_050_000.0, 2_200_000.0, 1500.0),
    ],
)
def test_shares_are_those_shapely_clips(resolution, crs, x_0, y_0, side):
    grid = block(6, 5, plane=Plane(crs), x_0=x_0, y_0=y_0, width=side, height=side)
    weights = grid_weights(grid, resolution=resolution)

    def plane(lat, lon):
        x, y = grid.plane.of_wgs84(lat, lon)
        return (x, np.sin(np.radians(y))) if grid.plane.in_degrees else (x, y)

    def carried(xy):
        return np.column_stack(plane(xy[:, 1], xy[:, 0]))

    hexagons = shapely.transform(h3cells.outlines(weights.cells), carried)
    x, y = x_0 + grid.column * side, y_0 + grid.row * side
    low, high = np.sin(np.radians([y, y + side])) if grid.plane.in_degrees else (y, y + side)
    squares = shapely.box(x, low, x + side, high)
    expected = shapely.area(shapely.intersection(squares[:, None], hexagons[None, :]))
    expected /= shapely.area(squares)[:, None]
    found = np.zeros_like(expected)
    found[weights.source, weights.code] = weights.weight
    # Clipping on a plane of radians and feet keeps about nine digits.
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-8)


def test_shares_are_those_of_the_sphere():
    # A cell inside one large square takes its own share of the sphere.
    grid = block(1, 1, plane=Plane("WGS-84"), x_0=116.0, y_0=39.0, width=1.0, height=1.0)
    weights = grid_weights(grid, resolution=6)
    inside = shapely.contains_properly(
        shapely.box(116, 39, 117, 40), h3cells.outlines(weights.cells)
    )
    zone = np.sin(np.radians(40)) - np.sin(np.radians(39))
    square_km2 = np.radians(1) * zone * geodesy.EARTH_RADIUS_KM**2
    share = weights.weight[inside]
    np.testing.assert_allclose(
        share, h3cells.area_km2(weights.cells[inside]) / square_km2, rtol=2e-4
    )


def test_tobler_finds_the_same():
    tobler = pytest.importorskip("tobler.area_weighted")
    grid = block(
        20, 20, plane=Plane("EPSG:32650"), x_0=440_000.0, y_0=4_410_000.0, width=250.0, height=250.0
    )
    people = np.random.default_rng(3).poisson(50, len(grid)).astype(float)
    weights = grid_weights(grid, resolution=9)
    x, y = grid.x_0 + grid.column * 250, grid.y_0 + grid.row * 250
    source = gpd.GeoDataFrame(
        {"people": people}, geometry=shapely.box(x, y, x + 250, y + 250), crs=32650
    )
    target = gpd.GeoDataFrame(geometry=h3cells.outlines(weights.cells), crs=4326).to_crs(32650)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = tobler.area_interpolate(source, target, extensive_variables=["people"])
    np.testing.assert_allclose(weights.spread(people), theirs["people"], atol=1e-5)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(39.9, 116.4), (10.447345, 58.157706), (-17.0, 179.99), (50.1, -143.5)],
    ids=["inland", "icosahedron corner", "antimeridian", "pentagon"],
)
@pytest.mark.parametrize("resolution", [4, 5, 7])
def test_nobody_is_lost_where_cells_or_longitudes_are_odd(lat, lon, resolution):
    side = 0.9 * 7.0 ** (-(resolution - 4) / 2)
    x, y = np.meshgrid(lon + side * np.arange(5), lat + side * np.arange(5))
    x = (x + 180) % 360 - 180
    grid, _ = find_grid(y.ravel(), x.ravel(), cell=f"{side:.12f}deg", crs="WGS-84")
    weights = grid_weights(grid, resolution=resolution)
    total = np.bincount(weights.source, weights.weight, minlength=25)
    np.testing.assert_allclose(total, 1, atol=1e-12)


def test_shared_corners_are_the_corners_of_h3():
    found = h3cells.cover(shapely.box(116.0, 39.5, 116.4, 39.9), resolution=8)
    shared, (own, offsets) = corners(found), h3cells.boundaries(found)
    np.testing.assert_allclose(shared.lon[shared.point], own[:, 0], atol=1e-11)
    np.testing.assert_allclose(shared.lat[shared.point], own[:, 1], atol=1e-11)
    np.testing.assert_array_equal(shared.offsets, offsets)
    assert len(shared.lat) < 0.4 * len(own)


def test_corners_around_a_pentagon_are_those_of_h3():
    found = h3cells.grid_disk(h3cells.points_to_cells([50.1], [-143.5], resolution=3), k=3)
    shared, (own, _) = corners(found), h3cells.boundaries(found)
    np.testing.assert_allclose(shared.lon[shared.point], own[:, 0], atol=1e-11)


def test_a_grid_is_weighed_once():
    make = lambda: block(3, 3, plane=Plane("WGS-84"), x_0=7.0, y_0=51.0, width=0.01, height=0.01)  # noqa: E731
    assert grid_weights(make(), resolution=8) is grid_weights(make(), resolution=8)
    assert grid_weights(make(), resolution=8) is not grid_weights(make(), resolution=7)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"x_0": -170.0, "width": 60.0}, "at most 170 degrees of longitude, found 180"),
        ({"y_0": 84.0, "height": 1.0}, "within 85 degrees of the equator, found 87.0"),
        ({"width": 10.0, "height": 5.0}, "at most 20,000,000 cells"),
    ],
)
def test_a_grid_beyond_reason_is_refused(changes, sentence):
    shape = {"x_0": 0.0, "y_0": 0.0, "width": 1.0, "height": 1.0} | changes
    with pytest.raises(InputError, match=sentence):
        grid_weights(block(3, 3, plane=Plane("WGS-84"), **shape), resolution=10)


def test_by_centre_each_square_lands_whole_and_leaves_holes():
    grid = block(10, 10, plane=Plane("WGS-84"), x_0=116.0, y_0=39.5, width=0.01, height=0.01)
    weights = centre_weights(*grid.centres(), resolution=8)
    assert set(weights.weight) == {1.0}
    assert 0.3 < empty_by_centre(grid, resolution=8) < 0.6
    assert empty_by_centre(grid, resolution=5) == 0


def test_counts_of_another_length_are_refused():
    weights = centre_weights([39.9], [116.4], resolution=8)
    with pytest.raises(ValueError, match="one per source"):
        weights.spread([1, 2])


@given(st.sampled_from(CITIES), st.integers(0, 10_000), st.integers(6, 9))
@settings(max_examples=25, deadline=None)
def test_every_zone_is_spread_entirely(city, seed, resolution):
    rng = np.random.default_rng(seed)
    zones = []
    for _ in range(5):
        ring = rng.uniform(-0.02, 0.02, (8, 2)) + np.array(city)[::-1] + rng.uniform(0, 0.1, 2)
        zones.append(shapely.MultiPoint(ring).convex_hull)
    zones.append(shapely.difference(shapely.box(*zones[0].bounds).buffer(0.01), zones[0]))
    weights = zone_weights(zones, resolution=resolution)
    total = np.bincount(weights.source, weights.weight, minlength=6)
    np.testing.assert_allclose(total, 1, atol=1e-12)


def test_zones_that_are_squares_are_weighed_like_a_grid():
    grid = block(6, 6, plane=Plane("WGS-84"), x_0=116.0, y_0=39.5, width=0.01, height=0.01)
    x, y = grid.x_0 + grid.column * 0.01, grid.y_0 + grid.row * 0.01
    zones = zone_weights(shapely.box(x, y, x + 0.01, y + 0.01), resolution=8)
    people = np.arange(36.0)
    first, second = grid_weights(grid, resolution=8).spread(people), zones.spread(people)
    assert (first.subtract(second, fill_value=0).abs() < 1e-7).all()
