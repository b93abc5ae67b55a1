"""Which system coordinates are in: right on real files, right after a shift, silent otherwise."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatial.diagnosis import Known, diagnose, diagnose_rows, diagnose_shapes, known_in
from spatial.diagnosis_evidence import lattice_misfit
from spatial.diagnosis_weigh import mean_above, more_above
from spatial.geodesy import CoordinateError, distance_km, from_wgs84, to_wgs84, utm_name
from spatial.sources.beijing.sample import PACKAGED
from spatial.study import open_study

SHIFTED = ("WGS-84", "GCJ-02", "BD-09")


@pytest.fixture(scope="module")
def sample():
    return open_study(PACKAGED)


@pytest.fixture(scope="module")
def known(sample):
    return known_in(sample)


@pytest.fixture(scope="module")
def real(real_data):
    """Stations and districts of third parties, for the files that lie beside them."""
    folder = real_data / "beijing"
    table = pd.read_csv(folder / "subway_2026_stations_wgs84.csv").dropna(subset=["lat", "lon"])
    districts = gpd.read_file(folder / "districts_wgs84_m3.geojson")
    districts["geometry"] = districts.geometry.make_valid()
    return folder, Known(table["lat"].to_numpy(), table["lon"].to_numpy(), districts=districts)


@pytest.fixture(scope="module", params=["third parties", "the sample"])
def held(request, real, known):
    """The real files, and what to hold them against: other real files, or the sample's layers."""
    return real[0], real[1] if request.param == "third parties" else known


def found(diagnosis):
    return diagnosis.verdict, diagnosis.confident


@pytest.mark.real
def test_is_right_on_the_grid_of_people(held):
    folder, known = held
    grid = pd.read_csv(folder / "beijing_day_night_pop_1km_quanturban.csv")
    assert found(diagnose_rows(known, grid.lat, grid.lon, weights=grid.day)) == ("WGS-84", True)
    # Without people its lattice alone leans to the degrees it was laid out in.
    assert found(diagnose_rows(known, grid.lat, grid.lon)) == ("WGS-84", False)


@pytest.mark.real
@pytest.mark.parametrize("crs", SHIFTED)
def test_is_right_on_the_grid_carried_into_another_system(held, crs):
    folder, known = held
    grid = pd.read_csv(folder / "beijing_day_night_pop_1km_quanturban.csv")
    lat, lon = (np.round(one, 6) for one in from_wgs84(grid.lat, grid.lon, crs=crs))
    assert found(diagnose_rows(known, lat, lon, weights=grid.day)) == (crs, True)


@pytest.mark.real
def test_is_right_on_listings_in_bd09(held):
    folder, known = held
    rent = pd.read_csv(folder / "rent_ziroom_2017-12-14_bd09.csv")
    at, stated = (rent.latitude, rent.longitude), rent.district_name
    told = diagnose_rows(known, *at, stated=stated)
    assert found(told) == ("BD-09", True)
    assert found(diagnose_rows(known, *at[::-1], stated=stated)) == ("swapped", True)
    share = told.evidence.set_index("candidate")["in_district"]
    assert share["BD-09"] > 0.97 > 0.9 > share["GCJ-02"] > share["WGS-84"]
    assert f"{share['BD-09']:.1%}" in told.sentence["en"]
    assert f"{share['BD-09']:.1%}" in told.sentence["zh"]


@pytest.mark.real
def test_cannot_tell_listings_that_state_nothing(held):
    folder, known = held
    rent = pd.read_csv(folder / "rent_ziroom_2017-12-14_bd09.csv")
    told = diagnose_rows(known, rent.latitude, rent.longitude)
    assert found(told) == ("unknown", False)
    assert "cannot be told" in told.sentence["en"]
    assert told.crs == ""


@pytest.mark.real
def test_is_right_on_campuses_in_bd09(real, known):
    folder, third_parties = real
    campus = pd.read_csv(folder / "universities_pg7go_bd09.csv")
    at = campus.lat, campus.lon
    assert found(diagnose_rows(third_parties, *at, stated=campus["area"])) == ("BD-09", True)
    told = diagnose_rows(known, *at, stated=campus["area"], named=campus.name)
    assert found(told) == ("BD-09", True)
    assert told.evidence.set_index("candidate")["namesake_m"].idxmin() == "BD-09"
    # Drawn districts are too coarse for 136 rows: the finding stands, its certainty does not.
    assert found(diagnose_rows(known, *at, stated=campus["area"])) == ("BD-09", False)


@pytest.mark.real
@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize(
    ("file", "crs"),
    [("districts_wgs84_m3.geojson", "WGS-84"), ("districts_gcj02_vonng.geojson", "GCJ-02")],
)
def test_is_right_on_outlines(held, file, crs, stated):
    folder, known = held
    shapes = gpd.read_file(folder / file)
    told = diagnose_shapes(shapes.geometry, known=known, stated=shapes["name"] if stated else None)
    assert found(told) == (crs, True)


@pytest.mark.real
def test_stations_need_no_more_than_themselves(real, known):
    _, third_parties = real
    for crs in SHIFTED:
        lat, lon = from_wgs84(third_parties.lat, third_parties.lon, crs=crs)
        assert found(diagnose_rows(known, lat, lon)) == (crs, True)


@settings(max_examples=12)
@given(st.sampled_from(SHIFTED), st.booleans(), st.integers(0, 99), st.integers(60, 300))
def test_finds_the_shift_of_named_and_labelled_rows(known, crs, swapped, seed, count):
    """Homes at random, each saying its district truly: shifted, and found out or left open."""
    rng = np.random.default_rng(seed)
    central = known.districts[known.districts["name_en"].isin(["Dongcheng", "Xicheng", "Haidian"])]
    west, south, east, north = central.total_bounds
    lon, lat = rng.uniform(west, east, 8 * count), rng.uniform(south, north, 8 * count)
    row = np.full(len(lat), -1)
    for one, shape in enumerate(known.districts.geometry):
        row[shapely.contains_xy(shape, lon, lat)] = one
    stated = known.districts["name"].to_numpy(object)[row]
    y, x = from_wgs84(lat[row >= 0], lon[row >= 0], crs=crs)
    y, x = (x, y) if swapped else (y, x)
    told = diagnose_rows(known, y, x, stated=stated[row >= 0])
    assert told.swapped == swapped
    assert told.crs in (crs, "")
    if told.confident:
        assert told.verdict == ("swapped" if swapped else crs)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from([5, 100, 2000]))
def test_never_sure_of_places_at_random(known, seed, count):
    rng = np.random.default_rng(seed)
    lat, lon = rng.uniform(39.8, 40.05, count), rng.uniform(116.2, 116.6, count)
    assert not diagnose_rows(known, lat, lon).confident


def test_a_drift_towards_the_centre_is_no_evidence(known):
    """Homes at random in one suburb come nearer to stations by any shift towards the city."""
    rng = np.random.default_rng(4)
    lat, lon = rng.uniform(40.10, 40.25, 3000), rng.uniform(116.60, 116.85, 3000)
    told = diagnose_rows(known, lat, lon)
    assert not told.confident


@given(st.integers(0, 50))
@settings(max_examples=8)
def test_swapping_the_columns_swaps_the_verdict(known, seed):
    rng = np.random.default_rng(seed)
    some = rng.choice(len(known.lat), 120, replace=False)
    straight = diagnose_rows(known, known.lat[some], known.lon[some])
    turned = diagnose_rows(known, known.lon[some], known.lat[some])
    assert (straight.verdict, turned.verdict) == ("WGS-84", "swapped")
    assert turned.crs == straight.crs == "WGS-84"


# Metres.


@pytest.mark.parametrize("crs", ["EPSG:32650", "EPSG:3857", "EPSG:4548", "EPSG:4527"])
def test_finds_the_plane_of_metres(known, crs):
    y, x = from_wgs84(known.lat, known.lon, crs=crs)
    told = diagnose_rows(known, y, x)
    assert told.confident
    back = to_wgs84(y, x, crs=told.crs)
    assert np.median(distance_km(*back, known.lat, known.lon)) < 0.02
    assert told.verdict == told.crs
    assert diagnose_rows(known, x, y).verdict == "swapped"


def test_names_the_zone_that_was_meant(known):
    y, x = from_wgs84(known.lat, known.lon, crs="EPSG:32650")
    wrong = diagnose_rows(known, y, x, crs="EPSG:32649")
    assert (wrong.verdict, wrong.crs, wrong.confident) == ("wrong zone", "EPSG:32650", True)
    assert "EPSG:32650, not EPSG:32649" in wrong.sentence["en"]
    assert "EPSG:32650，而非 EPSG:32649" in wrong.sentence["zh"]
    assert diagnose_rows(known, y, x, crs="EPSG:32650").verdict == "EPSG:32650"


def test_metres_that_no_plane_explains_are_called_metres(known):
    told = diagnose_rows(known, known.lat * 1e4, known.lon * 7e4)
    assert found(told) == ("metres", False)
    assert "metres or feet" in told.sentence["en"]


# Elsewhere, and nothing to go by.


def washington(count=80, *, seed=1):
    rng = np.random.default_rng(seed)
    return rng.uniform(38.8, 39.0, count), rng.uniform(-77.2, -76.9, count)


def test_far_from_china_only_wgs84_is_left():
    stations = washington()
    rows = washington(50, seed=2)
    told = diagnose(*rows, known_points=stations)
    assert found(told) == ("WGS-84", True)
    assert list(told.evidence["crs"].unique()) == ["WGS-84"]
    assert diagnose(*rows[::-1], known_points=stations).verdict == "swapped"


def test_knowing_nothing_it_says_so():
    for lat, lon in ((39.9, 116.4), (38.9, -77.0)):
        told = diagnose([lat] * 40, [lon] * 40)
        assert found(told) == ("unknown", False)
        assert "nothing is known here" in told.sentence["en"]
    # Beyond 90 degrees one column can only be the longitude.
    assert found(diagnose([38.9] * 40, [-122.0] * 40)) == ("WGS-84", True)


def test_rows_somewhere_else_fit_nothing(known):
    told = diagnose_rows(known, [48.8, 48.9], [2.3, 2.4])
    assert found(told) == ("unknown", False)
    assert "near the study" in told.sentence["en"]


def test_empty_and_odd_rows_are_left_out(known):
    lat, lon = np.append(known.lat, [np.nan, 1e300, 0]), np.append(known.lon, [116.4, np.inf, 0])
    assert found(diagnose_rows(known, lat, lon)) == ("WGS-84", True)
    told = diagnose_rows(known, [np.nan], [np.nan])
    assert (told.verdict, len(told.evidence)) == ("unknown", 0)


def test_known_things_without_a_place_are_no_help_and_no_harm(known):
    names = [*known.called["name"][: len(known.lat)], "nowhere"]
    points = np.append(known.lat, np.nan), np.append(known.lon, np.nan)
    districts = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[None, shapely.Point()], crs=4326)
    rows = from_wgs84(known.lat, known.lon, crs="GCJ-02")
    told = diagnose(
        *rows, known_points=points, known_names=names, named=names[:-1], districts=districts
    )
    assert found(told) == ("GCJ-02", True)


def test_columns_of_different_length_are_refused(known):
    with pytest.raises(CoordinateError, match="as long, found 2 and 1"):
        diagnose_rows(known, [39.9, 40], [116.4])
    with pytest.raises(CoordinateError, match="what is said of rows"):
        diagnose_rows(known, [39.9, 40], [116.4, 116], stated=["海淀区"])
    with pytest.raises(CoordinateError, match="crs must be"):
        diagnose_rows(known, [39.9], [116.4], crs="Mars")


# The statistics: the formula, another library, a law.

GAINS = st.lists(st.integers(-3, 3), min_size=1, max_size=60)


@given(GAINS, st.sampled_from([0.25, 0.5]))
def test_more_above_is_the_binomial_test_of_blocks(gains, chance):
    gain, blocks = np.array(gains, float), np.arange(len(gains)) // 2
    sums = [sum(gains[i] for i in range(len(gains)) if i // 2 == b) for b in range(blocks[-1] + 1)]
    up, down = sum(s > 0 for s in sums), sum(s < 0 for s in sums)
    p = more_above(gain, blocks, chance=chance)
    if up + down < 5 or up <= down:
        assert p == 1
        return
    slow = sum(stats.binom.pmf(k, up + down, chance) for k in range(up, up + down + 1))
    other = stats.binomtest(up, up + down, chance, alternative="greater").pvalue
    np.testing.assert_allclose([p, p], [slow, other], rtol=1e-9)


@given(GAINS)
def test_mean_above_is_students_t_of_blocks(gains):
    gain, blocks = np.array(gains, float), np.arange(len(gains))
    p = mean_above(gain, blocks)
    if np.count_nonzero(gain) < 10:
        assert p == 1
    elif gain.std() > 0:
        other = stats.ttest_1samp(gain, 0, alternative="greater").pvalue
        t = gain.mean() / np.sqrt(((gain - gain.mean()) ** 2).sum() / (len(gain) - 1) / len(gain))
        np.testing.assert_allclose([p, p], [other, stats.t.sf(t, len(gain) - 1)], rtol=1e-9)


@given(GAINS, st.floats(0.1, 100))
def test_the_unit_of_a_score_does_not_matter(gains, factor):
    gain, blocks = np.array(gains, float), np.arange(len(gains))
    assert mean_above(gain * factor, blocks) == pytest.approx(mean_above(gain, blocks), rel=1e-6)
    assert more_above(gain * factor, blocks, chance=0.5) == more_above(gain, blocks, chance=0.5)
    # What speaks for one never speaks for the other as well.
    assert max(more_above(gain, blocks, chance=0.25), more_above(-gain, blocks, chance=0.25)) == 1


@given(st.sampled_from([0.01, 0.0025, 1 / 120]), st.floats(0, 1), st.integers(8, 30))
@settings(max_examples=25)
def test_a_grid_is_a_lattice_in_its_own_degrees_only(step, start, side):
    at = 39.5 + start + step * np.arange(side), 115.9 + start + step * np.arange(side)
    lat, lon = (one.ravel() for one in np.meshgrid(*at, indexing="ij"))
    assert lattice_misfit(lat, lon) < 1e-6
    rng = np.random.default_rng(side)
    assert not lattice_misfit(*(one + rng.uniform(0, step, lat.size) for one in (lat, lon))) < 0.05


@pytest.mark.real
def test_the_medians_of_the_table_are_plain_medians(real):
    folder, known = real
    campus = pd.read_csv(folder / "universities_pg7go_bd09.csv")
    told = diagnose_rows(known, campus.lat, campus.lon, stated=campus["area"])
    row = told.evidence.set_index("candidate").loc["GCJ-02"]
    lat, lon = to_wgs84(campus.lat, campus.lon, crs="GCJ-02")
    slow = [
        distance_km(y, x, known.lat, known.lon).min() * 1000 for y, x in zip(lat, lon, strict=True)
    ]
    assert row["station_m"] == pytest.approx(np.median(slow), rel=1e-3)
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326)
    own = known.districts.set_index("name").geometry.loc[campus["area"]].reset_index(drop=True)
    assert row["in_district"] == pytest.approx(points.within(own).mean())
    metric = known.districts.boundary.to_crs(utm_name(40, 116))
    lines = points.to_crs(metric.crs).apply(lambda point: metric.distance(point).min())
    assert row["outline_m"] == pytest.approx(lines.median(), rel=2e-3)


def test_density_peaks_where_the_crowd_is_not_elsewhere(known):
    """A crowd about each station, seen from its own system and from 0.5 and 1.2 km off."""
    rng = np.random.default_rng(2)
    some = rng.choice(len(known.lat), 4000)
    lat = known.lat[some] + rng.normal(0, 0.004, 4000)
    lon = known.lon[some] + rng.normal(0, 0.005, 4000)
    at = from_wgs84(lat, lon, crs="GCJ-02")
    told = diagnose_rows(known, *at)
    assert found(told) == ("GCJ-02", True)
    assert told.evidence.set_index("candidate")["density"].idxmax() == "GCJ-02"


# The command.


@pytest.fixture
def table(tmp_path, known):
    lat, lon = from_wgs84(known.lat, known.lon, crs="BD-09")
    file = tmp_path / "stops.csv"
    pd.DataFrame({"lat": lat, "lon": lon, "name": known.called["name"][: len(lat)]}).to_csv(
        file, index=False
    )
    return file


def run(*words):
    from spatial.cli_check import check

    return CliRunner().invoke(check, [str(one) for one in words], catch_exceptions=False)


def test_check_tells_verdict_table_and_sentence(table):
    told = run(table, "--lat", "lat", "--lon", "lon", "--study", PACKAGED)
    lines = told.stdout.splitlines()
    assert lines[0] == "stops.csv: BD-09"
    assert lines[1].split()[:3] == ["candidate", "on_earth", "in_extent"]
    assert lines[-1].startswith("The coordinates are BD-09: ")
    unsure = run(table, "--lat", "lat", "--lon", "lon")
    assert unsure.stdout.splitlines()[0] == "stops.csv: unknown (not sure)"


def test_check_needs_both_columns(table):
    told = run(table, "--lat", "lat")
    assert told.exit_code == 2
    assert "both --lat and --lon" in told.output


def test_check_reads_shapes(tmp_path, known):
    file = tmp_path / "districts.geojson"
    moved = shapely.transform(
        known.districts.geometry.to_numpy(),
        lambda xy: np.column_stack(from_wgs84(xy[:, 1], xy[:, 0], crs="GCJ-02")[::-1]),
    )
    gpd.GeoDataFrame({"name": known.districts["name"]}, geometry=moved, crs=4326).to_file(file)
    told = run(file, "--study", PACKAGED, "--district", "name")
    assert told.stdout.startswith("districts.geojson: GCJ-02\n")
