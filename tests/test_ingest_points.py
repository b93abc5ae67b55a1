"""Points and zones into cells: every person on the map, or dropped by name."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial import geodesy
from spatial.ingest import (
    InputError,
    joined_to_cells,
    load_grid,
    load_points,
    load_zones,
    points_to_cells,
    zones_to_cells,
)

POINTS = pd.DataFrame(
    {
        "id": ["007", "008", "009"],
        "lat": ["+39.9", "39.8", ""],
        "lon": ["116.4", "116.5", ""],
        "people": ["3", "4", "5"],
    }
)
WHERE = {"lat": "lat", "lon": "lon", "resolution": 8}


@given(
    st.lists(
        st.tuples(st.floats(39.5, 40.5), st.floats(116, 117), st.integers(0, 999)),
        min_size=1,
        max_size=40,
    ),
    st.integers(3, 11),
)
@settings(max_examples=40, deadline=None)
def test_every_point_is_counted_in_its_cell(points, resolution):
    table = pd.DataFrame(points, columns=["lat", "lon", "people"])
    found = points_to_cells(table, lat="lat", lon="lon", columns=["people"], resolution=resolution)
    cell = h3cells.points_to_cells(table["lat"], table["lon"], resolution=resolution)
    pd.testing.assert_series_equal(
        found.counts["people"],
        table["people"].astype(float).groupby(cell).sum(),
        check_names=False,
    )
    assert found.audit["people"].on_map == table["people"].sum()


def test_people_at_a_point_without_coordinates_are_dropped_by_name():
    audit = points_to_cells(POINTS, columns=["people"], **WHERE).audit["people"]
    assert (audit.people_in, audit.on_map) == (12, 7)
    assert dict(audit.dropped) == {"without coordinates": 5}


def test_a_projected_point_lands_where_it_does_in_degrees():
    y, x = geodesy.from_wgs84([39.9], [116.4], crs="EPSG:32650")
    found = points_to_cells(
        pd.DataFrame({"y": y, "x": x, "n": 1}),
        lat="y",
        lon="x",
        columns=["n"],
        resolution=10,
        crs="EPSG:32650",
    )
    assert found.counts.index[0] == h3cells.points_to_cells([39.9], [116.4], resolution=10)[0]


def test_counts_are_placed_by_the_points_they_name():
    counts = pd.DataFrame({"id": ["008", "009", "404"], "jobs": ["10", "20", "40"]})
    found = joined_to_cells(POINTS, counts, point_id="id", columns=["jobs"], **WHERE)
    assert found.counts["jobs"].tolist() == [10]
    assert dict(found.audit["jobs"].dropped) == {
        "with an id that no point has": 40,
        "without coordinates": 20,
    }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"people": ["3", "4", "five"]}, "column people must hold numbers, found 'five' in row 3"),
        ({"lat": ["39.9", "north", ""]}, "column lat must hold numbers, found 'north' in row 2"),
        ({"lat": ["", "116.4", ""], "lon": ["", "39.9", ""]}, "found 116.4 in row 2: lat and lon"),
        ({"lat": [""] * 3}, "points must have coordinates in lat and lon, found none"),
    ],
)
def test_a_wrong_value_is_named_with_its_row(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        points_to_cells(POINTS.assign(**changes), columns=["people"], **WHERE)


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        (
            ["7", "8", "9"],
            r"none in common \(7 here, 007 there\): leading zeros may have been lost",
        ),
        (["a", "b", "c"], r"found none in common \(a here, 007 there\)$"),
        (["007", "007", "9"], "each id in column id must come once, found 007 again in row 2"),
    ],
)
def test_ids_that_do_not_meet_are_explained(ids, sentence):
    counts = pd.DataFrame({"id": ids, "jobs": [1, 2, 3]})
    with pytest.raises(InputError, match=sentence):
        joined_to_cells(POINTS, counts, point_id="id", columns=["jobs"], **WHERE)


def zones(**columns):
    shapes = [shapely.box(116, 39, 116.2, 39.3), shapely.box(116.2, 39, 116.21, 39.01), None]
    return gpd.GeoDataFrame({"n": [100, 7, 3]} | columns, geometry=shapes, crs=4326)


def test_people_of_a_zone_are_spread_evenly_over_it():
    found = zones_to_cells(zones(), ["n"], resolution=8)
    inside = shapely.contains_properly(
        shapely.box(116, 39, 116.2, 39.3), h3cells.outlines(found.counts.index.to_numpy())
    )
    density = found.counts["n"] / h3cells.area_km2(found.counts.index.to_numpy())
    assert inside.sum() > 400
    assert density[inside].std() / density[inside].mean() < 1e-4
    assert dict(found.audit["n"].dropped) == {"in a zone without a shape": 3}
    assert found.audit["n"].on_map == pytest.approx(107, rel=1e-12)


def test_zones_in_another_system_are_spread_the_same():
    here = zones_to_cells(zones(), ["n"], resolution=7).counts["n"]
    there = zones_to_cells(zones().to_crs(4490), ["n"], resolution=7).counts["n"]
    pd.testing.assert_series_equal(here, there, rtol=1e-6)


def test_zones_must_have_an_area_and_a_system():
    lines = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(1, 1)], crs=4326)
    with pytest.raises(InputError, match="zones must be polygons"):
        zones_to_cells(lines, ["n"], resolution=7)
    with pytest.raises(InputError, match="must name their coordinates"):
        zones_to_cells(zones().set_crs(None, allow_override=True), ["n"], resolution=7)


@pytest.fixture
def files(tmp_path):
    POINTS.to_csv(tmp_path / "points.csv", index=False)
    pd.DataFrame({"id": ["007", "008"], "jobs": [30, 40]}).to_csv(
        tmp_path / "jobs.csv", index=False
    )
    zones().to_file(tmp_path / "zones.gpkg", engine="pyogrio")
    return tmp_path


def test_a_load_gives_roles_cells_and_audit(files):
    said = []
    found = load_points(
        files / "points.csv",
        columns={"work": "people", "residence": "people"},
        progress=lambda what, share: said.append((what, share)),
        **WHERE,
    )
    assert list(found.counts.columns) == ["cell", "role", "graduates"]
    assert found.counts.groupby("role")["graduates"].sum().to_dict() == {"work": 7, "residence": 7}
    assert found.counts["cell"].dtype == np.uint64
    assert set(found.audit) == {"work", "residence"}
    assert np.isin(found.counts["cell"], found.cells).all()
    assert [share for _, share in said] == sorted(share for _, share in said)
    assert said[-1] == ("done", 1.0)


def test_a_load_of_points_joins_by_id(files):
    found = load_points(
        files / "points.csv", id="id", join=files / "jobs.csv", columns={"work": "jobs"}, **WHERE
    )
    assert found.counts["graduates"].sum() == 70


def test_a_load_of_zones(files):
    found = load_zones(files / "zones.gpkg", columns={"work": "n"}, resolution=7)
    assert found.counts["graduates"].sum() == pytest.approx(107)


def test_people_outside_the_outline_are_dropped_by_name(files):
    outline = shapely.Point(116.4, 39.9).buffer(0.05)
    found = load_points(files / "points.csv", columns={"work": "people"}, outline=outline, **WHERE)
    assert dict(found.audit["work"].dropped) == {
        "without coordinates": 5,
        "outside the study area": 4,
    }
    np.testing.assert_array_equal(found.cells, h3cells.cover(outline, resolution=8))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"columns": {"home": "people"}}, "role must be one of residence, work, found home"),
        ({"columns": {}}, "a load must name a column"),
        ({"resolution": 16}, "resolution must lie in 0..15, found 16"),
        ({"id": "id"}, "found only one of both"),
        ({"outline": shapely.box(0, 0, 0.1, 0.1)}, "people inside the study area, found 0"),
        ({"columns": {"work": "zero"}}, "people in the columns named, found 0"),
    ],
)
def test_a_load_that_cannot_be_is_refused(files, changes, sentence):
    POINTS.assign(zero=0).to_csv(files / "points.csv", index=False)
    options = WHERE | {"columns": {"work": "people"}} | changes
    with pytest.raises(InputError, match=sentence):
        load_points(files / "points.csv", **options)


def test_a_load_names_its_file_in_every_refusal(files):
    POINTS.assign(lat=["39.9", "x", "39.7"]).to_csv(files / "points.csv", index=False)
    with pytest.raises(InputError, match=r"^points\.csv: .*found 'x' in row 2$"):
        load_points(files / "points.csv", columns={"work": "people"}, **WHERE)
    irregular = pd.DataFrame({"lat": [39.0, 39.01, 39.035], "lon": 116.0, "n": 1})
    irregular.to_csv(files / "grid.csv", index=False)
    with pytest.raises(InputError, match=r"^grid\.csv: .* must lie"):
        load_grid(
            files / "grid.csv",
            lat="lat",
            lon="lon",
            cell="0.01deg",
            columns={"work": "n"},
            resolution=8,
        )


@pytest.mark.real
def test_every_job_of_orange_county_is_on_the_map(real_data):
    found = load_points(
        real_data / "us" / "oc_blocks.csv",
        lat="INTPTLAT20",
        lon="INTPTLON20",
        id="GEOID20",
        join=real_data / "us" / "oc_block_wac_2019.csv",
        columns={"work": "C000"},
        resolution=9,
    )
    assert found.audit["work"].people_in == 1_685_277
    assert found.audit["work"].on_map == 1_685_277
    assert found.counts["graduates"].sum() == 1_685_277
    assert not found.audit["work"].dropped


@pytest.mark.real
def test_every_person_of_real_tracts_is_spread(real_data):
    path = real_data / "us" / "ncr_geo_census_cb_2010_census_tracts.geojson"
    tracts = gpd.read_file(path)
    tracts["n"] = np.arange(len(tracts), dtype=float)
    found = zones_to_cells(tracts, ["n"], resolution=7)
    assert found.counts["n"].sum() == pytest.approx(tracts["n"].sum(), rel=1e-12)
