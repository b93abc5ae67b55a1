"""Regular grids found from their centres, refused where irregular, spread without loss."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial import geodesy
from spatial.ingest import Audit, InputError, grid_to_cells, load_grid, study_area
from spatial.ingest.regular import find_grid
from spatial.ingest.squares import CellSize, cell_size


def lattice(columns=12, rows=10, *, x_0=440_000.0, y_0=4_410_000.0, side=250.0):
    x, y = np.meshgrid(x_0 + side * np.arange(columns), y_0 + side * np.arange(rows))
    return y.ravel(), x.ravel()


def degrees(**kwargs):
    return lattice(x_0=116.305, y_0=39.855, side=0.01, **kwargs)


def table(y, x, **columns):
    return pd.DataFrame({"lat": y, "lon": x} | columns)


def spread(squares, **kwargs):
    options = {"lat": "lat", "lon": "lon", "cell": "0.01deg", "columns": ["day"], "resolution": 8}
    return grid_to_cells(squares, **(options | kwargs))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0.01deg", (0.01, 0.01, "deg")),
        ("250m", (250, 250, "m")),
        (" 1 km ", (1000, 1000, "m")),
        ("30arcsec", (1 / 120, 1 / 120, "deg")),
        ("0.01x0.008deg", (0.01, 0.008, "deg")),
        (".5°", (0.5, 0.5, "deg")),
    ],
)
def test_a_cell_size_as_people_write_it(text, size):
    assert cell_size(text) == pytest.approx(CellSize(*size), abs=0) or cell_size(text) == size


@pytest.mark.parametrize("text", ["", "250", "m", "250 miles", "0deg", "-1m", "1e3m", "250mm"])
def test_another_cell_size_is_refused(text):
    with pytest.raises(InputError, match=r"^cell must be"):
        cell_size(text)


@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(2, 30))
@settings(max_examples=30, deadline=None)
def test_squares_are_found_again_in_any_order_with_some_missing(seed, columns, rows):
    rng = np.random.default_rng(seed)
    y, x = degrees(columns=columns, rows=rows)
    kept = rng.permutation(len(y))[: max(2, int(0.9 * len(y)))]
    grid, _ = find_grid(y[kept].round(6), x[kept].round(6), cell="0.01deg", crs="WGS-84")
    assert grid.width == grid.height == 0.01
    lat, lon = grid.centres()
    np.testing.assert_allclose(lat, y[kept], atol=1e-9)
    np.testing.assert_allclose(lon, x[kept], atol=1e-9)


def test_a_misnamed_size_does_not_add_up():
    # Squares of 250 m in degrees, written to four digits: a third of a square off at the far end.
    y, x = lattice(columns=320, rows=320, x_0=116.0, y_0=39.5, side=0.0022457)
    grid, _ = find_grid(y, x, cell="0.00225deg", crs="WGS-84")
    assert grid.width == pytest.approx(0.0022457, rel=1e-9)
    assert (grid.column.max(), grid.row.max()) == (319, 319)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda y, x: (y, x + np.where(np.arange(len(x)) == 7, 0.004, 0)), "40% of a cell off"),
        (lambda y, x: (y * 1.0, x * 1.3 - 34), "columns must lie 0.01 apart, found 0.013"),
        (lambda y, x: (np.append(y, y[3]), np.append(x, x[3])), "the first in rows 4 and 121"),
        (lambda y, x: (2 * y - 39.8, 2 * x - 116.3), "every 2th column"),
        (lambda y, x: (y + 0.3 * (x - 116.3), x), "off it in row"),
    ],
    ids=["one moved", "other spacing", "twice", "half the size", "sheared"],
)
def test_an_irregular_grid_is_refused_with_what_was_found(make, sentence):
    with pytest.raises(InputError, match=sentence):
        find_grid(*make(*degrees()), cell="0.01deg", crs="WGS-84")


def test_scattered_points_are_no_grid():
    y, x = np.random.default_rng(0).random((2, 400))
    with pytest.raises(InputError, match="must lie"):
        find_grid(39.5 + y, 116 + x, cell="0.01deg", crs="WGS-84")


def test_metres_on_a_projected_grid():
    y, x = lattice()
    grid, notes = find_grid(y, x, cell="250m", crs="EPSG:32650")
    assert (grid.width, grid.height, grid.x_0, grid.y_0) == (250, 250, 439_875, 4_409_875)
    assert not notes


def test_degrees_make_no_sense_on_a_projected_grid():
    with pytest.raises(InputError, match="cell must be in metres where crs is EPSG:32650"):
        find_grid(*lattice(), cell="0.01deg", crs="EPSG:32650")


def test_feet_of_a_grid_are_counted_in_metres():
    y, x = lattice(x_0=6_050_000.0, y_0=2_200_000.0, side=1000.0)
    grid, _ = find_grid(y, x, cell="304.8006m", crs="EPSG:2230")
    assert grid.width == pytest.approx(1000)


@pytest.mark.parametrize("code", ["EPSG:32650", "EPSG:4548"])
def test_centres_in_degrees_of_a_grid_in_metres_are_found_and_noted(code):
    shift = 0 if code == "EPSG:32650" else 60_000
    y, x = lattice(60, 60, x_0=440_000.0 + shift)
    lat, lon = geodesy.to_wgs84(y, x, crs=code)
    grid, notes = find_grid(lat.round(7), lon.round(7), cell="250m", crs="WGS-84")
    assert grid.plane.projection == code
    assert code in notes[0]
    assert grid.width == pytest.approx(250, abs=0.01)


def test_metres_that_are_really_degrees_are_found_and_noted():
    y, x = lattice(x_0=116.0, y_0=39.5, side=1.0)
    lat, lon = 39.9 + (y - 39.5) * 0.00225, 116.3 + (x - 116.0) * 0.00293
    grid, notes = find_grid(lat, lon, cell="250m", crs="GCJ-02")
    assert grid.plane.in_degrees
    assert "0.00293 x 0.00225 degrees" in notes[0]


def test_metres_beside_degrees_of_neither_are_refused_with_every_finding():
    y, x = degrees()
    with pytest.raises(InputError, match=r"found none \(in degrees WGS-84, .*in EPSG:32650, .*"):
        find_grid(y, x, cell="250m", crs="WGS-84")


def test_a_shifted_grid_lands_where_its_corners_truly_are():
    y, x = degrees()
    people = np.zeros(len(y))
    people[17] = 100
    shifted = spread(table(y, x, day=people), crs="GCJ-02", resolution=10)
    lat, lon = h3cells.centres(shifted.counts.index.to_numpy())
    middle = (
        np.average(lat, weights=shifted.counts["day"]),
        np.average(lon, weights=shifted.counts["day"]),
    )
    true = geodesy.to_wgs84(y[17], x[17], crs="GCJ-02")
    assert geodesy.distance_km(*middle, *true)[0] < 0.02
    assert geodesy.distance_km(*middle, y[17], x[17]) > 0.4


def test_by_centre_comes_with_its_warning():
    y, x = degrees()
    found = spread(table(y, x, day=1.0), method="centre")
    assert "stay empty" in found.audit["day"].notes[0]
    assert (found.counts["day"] == found.counts["day"].round()).all()
    assert not spread(table(y, x, day=1.0)).audit["day"].notes


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": "viele"}, "column day must hold numbers, found 'viele' in row 1"),
        ({"day": -1.0}, "column day must be 0 or more, found -1 in row 1"),
        ({"day": np.nan}, "column day must hold numbers, found nothing in row 1"),
        ({"day": np.inf}, "column day must hold numbers, found 'inf' in row 1"),
        ({"night": 1.0}, "column day is needed, found lat, lon, night"),
    ],
)
def test_what_is_no_count_is_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        spread(table(*degrees(), **changes))


def test_swapped_coordinates_and_unknown_systems_are_refused():
    y, x = degrees()
    with pytest.raises(InputError, match=r"found 116\.305 in row 1: lat and lon look swapped"):
        spread(table(x, y, day=1.0))
    with pytest.raises(InputError, match="did you mean GCJ-02"):
        spread(table(y, x, day=1.0), crs="GJC-02")


def test_an_audit_that_does_not_balance_is_refused():
    assert Audit(10, 8, {"lost": 2}).checked().to_dict()["dropped"] == {"lost": 2}
    with pytest.raises(ValueError, match="found 10 in, 8 on the map and 1 dropped"):
        Audit(10, 8, {"lost": 1}).checked()
    with pytest.raises(ValueError, match="people in must equal"):
        Audit(10, float("nan")).checked()


def test_the_study_area_has_no_gaps():
    # A ring of cells encloses a hole far wider than the ring that is added.
    middle = h3cells.points_to_cells([39.9], [116.4], resolution=8)
    disk = h3cells.grid_disk(middle, k=12)
    hollow = np.setdiff1d(disk, h3cells.grid_disk(middle, k=9))
    np.testing.assert_array_equal(study_area(hollow), h3cells.grid_disk(middle, k=14))


def test_an_island_in_a_hole_is_part_of_the_area():
    middle = h3cells.points_to_cells([39.9], [116.4], resolution=8)
    hollow = np.setdiff1d(h3cells.grid_disk(middle, k=12), h3cells.grid_disk(middle, k=10))
    found = study_area(np.concatenate([hollow, middle]), ring=1)
    np.testing.assert_array_equal(found, h3cells.grid_disk(middle, k=13))


def test_two_areas_apart_stay_apart():
    cells = h3cells.points_to_cells([39.9, 40.5], [116.4, 117.0], resolution=8)
    assert len(study_area(cells, ring=2)) == 38
    assert len(study_area(cells, ring=0)) == 2


def test_a_bay_is_no_hole():
    middle = h3cells.points_to_cells([39.9], [116.4], resolution=8)
    ring = np.setdiff1d(h3cells.grid_disk(middle, k=6), h3cells.grid_disk(middle, k=5))
    _, lon = h3cells.centres(ring)
    open_ring = ring[lon < np.quantile(lon, 0.7)]
    np.testing.assert_array_equal(study_area(open_ring, ring=0), np.sort(open_ring))


@pytest.fixture(scope="module")
def beijing(real_data):
    return real_data / "beijing" / "beijing_day_night_pop_1km_quanturban.csv"


@pytest.fixture(scope="module")
def loaded(beijing):
    return load_grid(
        beijing,
        lat="lat",
        lon="lon",
        cell="0.01deg",
        columns={"work": "day", "residence": "night"},
        resolution=8,
    )


@pytest.mark.real
def test_totals_are_those_of_the_file(beijing, loaded):
    file = pd.read_csv(beijing)
    found = loaded.counts.groupby("role")["graduates"].sum()
    assert found["work"] == pytest.approx(file["day"].sum(), rel=1e-9)
    assert found["residence"] == pytest.approx(file["night"].sum(), rel=1e-9)
    assert loaded.audit["work"].people_in == file["day"].sum()
    assert not loaded.audit["work"].dropped


@pytest.mark.real
def test_no_cell_in_a_populated_square_is_empty(beijing, loaded):
    file = pd.read_csv(beijing)
    lat, lon = h3cells.centres(loaded.cells)
    populated = set(
        zip(
            np.rint(file["lat"][file["day"] > 0] * 100).astype(int),
            np.rint(file["lon"][file["day"] > 0] * 100).astype(int),
            strict=True,
        )
    )
    places = zip(np.rint(lat * 100).astype(int), np.rint(lon * 100).astype(int), strict=True)
    inside = loaded.cells[[place in populated for place in places]]
    work = loaded.counts[loaded.counts["role"] == "work"]
    assert np.isin(inside, work["cell"]).all()
    by_centre = h3cells.points_to_cells(file["lat"], file["lon"], resolution=8)
    assert (~np.isin(inside, by_centre)).mean() == pytest.approx(0.447, abs=0.02)


@pytest.mark.real
def test_the_study_area_holds_every_counted_cell_and_no_hole(loaded):
    assert np.isin(loaded.counts["cell"], loaded.cells).all()
    assert (np.diff(loaded.cells.astype(np.int64)) > 0).all()
    np.testing.assert_array_equal(study_area(loaded.cells, ring=0), loaded.cells)


@pytest.mark.real
def test_rows_are_one_per_cell_and_role(loaded):
    assert not loaded.counts.duplicated(["cell", "role"]).any()
    assert (loaded.counts["graduates"] > 0).all()
