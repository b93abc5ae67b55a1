"""Places: peaks, saddles, extents; disjoint, unhurried by order, and on real Beijing by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.geodesy import distance_km
from spatial.hotspots import find_hotspots, getis_ord
from spatial.neighbours import disk
from spatial.peaks import find_peaks, smoothing_steps, surface
from spatial.places import PLACE_COLUMNS, describe_places, find_places, outline
from tests import oracles


def town(radius=5, *, resolution=8, lat=39.9, lon=116.4):
    middle = h3cells.points_to_cells([lat], [lon], resolution=resolution)
    return pd.Index(h3cells.grid_disk(middle, k=radius), name="cell")


CELLS = town()
NEAR = disk(CELLS)
LISTS = oracles.neighbour_lists(CELLS, 1)
FIELD = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 30)).map(
    lambda seed_and_size: pd.Series(
        np.random.default_rng(seed_and_size[0]).permutation(len(CELLS)) * seed_and_size[1] + 1.0,
        index=CELLS,
    )
)
"""Fields without equal heights."""
TIED = st.lists(st.integers(0, 4), min_size=len(CELLS), max_size=len(CELLS)).map(
    lambda values: pd.Series(values, index=CELLS, dtype="float64")
)


def scored(hot, q=0.01):
    """Hotspots as `find_hotspots` returns them, hot where told."""
    words = np.where(hot, "hot", "none")
    return pd.DataFrame({"hotspot": words, "q": np.where(hot, q, 1.0)}, index=hot.index)


def hills(cells, centres, *, heights, width=1.5):
    """Counts that fall away from each centre, in steps of about the cells' spacing."""
    lat, lon = h3cells.centres(cells)
    total = np.zeros(len(cells))
    for (y, x), height in zip(centres, heights, strict=True):
        total += height * np.exp(-((distance_km(lat, lon, y, x) / width) ** 2))
    return pd.Series(np.rint(total), index=cells)


TWO = [(39.9, 116.35), (39.9, 116.45)]


def two_hills(heights=(1000, 600)):
    cells = town(14)
    counts = hills(cells, TWO, heights=heights)
    near = disk(cells)
    return counts, find_hotspots(counts, near), near


# --- Peaks ---------------------------------------------------------------------------------------


@given(FIELD)
@settings(max_examples=15, deadline=None)
def test_peaks_and_prominences_are_the_definition(field):
    found = find_peaks(field, field, NEAR)
    expected = oracles.prominences(field.tolist(), LISTS)
    assert dict(zip(found.position.tolist(), found.prominence.tolist(), strict=True)) == expected
    assert (np.diff(found.height) < 0).all()


@given(FIELD, st.data())
@settings(max_examples=15, deadline=None)
def test_floors_are_the_highest_ways_between_kept_peaks(field, data):
    found = find_peaks(field, field, NEAR)
    numbers = st.sampled_from(range(len(found.position)))
    kept = np.array(sorted(data.draw(st.sets(numbers, min_size=1, max_size=4))))
    ends = found.position[kept].tolist()
    heights = field.tolist()
    expected = [
        max((oracles.saddle(a, b, heights, LISTS) for b in ends if b != a), default=-np.inf)
        for a in ends
    ]
    assert found.floors(kept).tolist() == expected


@given(TIED)
@settings(max_examples=30, deadline=None)
def test_equal_heights_leave_one_peak_that_matters(field):
    """A plateau is one part; its prominence is that of one peak, and the others' is 0."""
    found = find_peaks(field, field, NEAR)
    matter = found.position[found.prominence > 0]
    heights = field.tolist()
    for a in matter:
        level = {i for i, height in enumerate(heights) if height >= heights[a]}
        assert not set(matter.tolist()) & (oracles._part(a, level, LISTS) - {a})
    assert found.prominence.sum() >= field.max()


def test_separate_parts_rise_from_nothing():
    far = town(2, lat=40.9)
    cells = pd.Index(np.sort(np.concatenate([CELLS, far])), name="cell")
    field = pd.Series(1.0, index=cells)
    field[far[3]], field[CELLS[7]] = 5.0, 9.0
    found = find_peaks(field, field, disk(cells))
    assert cells[found.position[:2]].tolist() == [CELLS[7], far[3]]
    assert found.prominence[:2].tolist() == [9.0, 5.0]


def test_the_surface_is_the_mean_over_a_full_disk_nobody_being_outside():
    field = pd.Series(np.arange(len(CELLS)) * 1.0, index=CELLS)
    lists = oracles.neighbour_lists(CELLS, 2)
    expected = [field.iloc[mine].sum() / 19 for mine in lists]
    np.testing.assert_allclose(surface(field, disk(CELLS, k=2)), expected)


@pytest.mark.parametrize(("resolution", "steps"), [(7, 0), (8, 1), (9, 3)])
def test_the_surface_is_as_smooth_at_any_resolution(resolution, steps):
    assert smoothing_steps(town(3, resolution=resolution)) == steps


def test_a_lone_tower_is_the_peak_of_the_plateau_it_makes():
    cells = town(6, resolution=9)
    counts = pd.Series(0.0, index=cells)
    tower = cells[70]
    counts[tower] = 370
    near = disk(cells, k=3)
    peaks = find_peaks(surface(counts, near), counts, near.reach(1))
    assert cells[peaks.position[0]] == tower
    found = find_places(counts, find_hotspots(counts, near.reach(1)), near)
    assert found.table["peak"].tolist() == [tower]
    assert found.table["prominence"].tolist() == pytest.approx([10.0])


# --- Extents -------------------------------------------------------------------------------------


@given(FIELD, st.integers(1, 6), st.sampled_from([0.0, 0.3, 0.8]), st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_extents_are_the_definition(field, top, floor, seed):
    hot = pd.Series(np.random.default_rng(seed).random(len(CELLS)) < 0.7, index=CELLS)
    prominent = oracles.prominences(field.tolist(), LISTS)
    hot.iloc[list(prominent)] = True
    found = find_places(field, scored(hot), NEAR, top=top, floor=floor, smoothing_k=0)
    kept = sorted(prominent, key=lambda peak: (-prominent[peak], -field.iloc[peak]))[:top]
    expected = oracles.extents(kept, field.tolist(), hot.tolist(), LISTS, floor=floor)
    assert found.table["peak"].tolist() == CELLS[kept].tolist()
    for place, peak in zip(found.table["id"], kept, strict=True):
        members = found.member.index[found.member == place]
        assert set(members) == set(CELLS[sorted(expected[peak])])


@given(TIED, st.integers(0, 9), st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_places_are_disjoint_hot_connected_and_hold_their_peak(field, seed, smoothing_k):
    hot = pd.Series(np.random.default_rng(seed).random(len(CELLS)) < 0.4, index=CELLS)
    found = find_places(field, scored(hot), NEAR, top=6, smoothing_k=smoothing_k)
    assert not found.member.index.has_duplicates
    assert hot[found.member.index].all()
    for place in found.table.itertuples():
        members = found.member.index[found.member == place.id]
        assert place.peak in members
        positions = set(CELLS.get_indexer(members).tolist())
        assert oracles._part(CELLS.get_loc(place.peak), positions, LISTS) == positions
        assert place.cells == len(members)
        assert place.graduates == pytest.approx(field[members].sum())
        assert found.core[place.peak] or smoothing_k
    assert found.table.is_valid.all()


@given(FIELD, st.integers(2, 1000), st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_scaling_counts_scales_prominence_and_nothing_else(field, factor, seed):
    hot = pd.Series(np.random.default_rng(seed).random(len(CELLS)) < 0.5, index=CELLS)
    once, scaled = (
        find_places(counts, scored(hot), NEAR, smoothing_k=0) for counts in (field, field * factor)
    )
    np.testing.assert_allclose(scaled.table["prominence"], once.table["prominence"] * factor)
    np.testing.assert_allclose(scaled.table["graduates"], once.table["graduates"] * factor)
    same = ["id", "peak", "cells", "share", "q", "geometry"]
    assert_geodataframe_equal(scaled.table[same], once.table[same])
    pd.testing.assert_series_equal(scaled.member, once.member)


@given(TIED, st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_changes_nothing(field, seed):
    hotspots = scored(field > 1)
    once = find_places(field, hotspots, NEAR)
    again = find_places(
        field.sample(frac=1, random_state=seed), hotspots.sample(frac=1, random_state=seed), NEAR
    )
    assert_geodataframe_equal(again.table, once.table)
    pd.testing.assert_series_equal(again.member, once.member)


def test_two_hills_are_two_places_and_one_when_only_one_is_wanted():
    counts, hotspots, near = two_hills()
    both, one = (find_places(counts, hotspots, near, top=top) for top in (5, 1))
    assert len(both.table) == 2
    for place, (lat, lon) in zip(both.table.itertuples(), TWO, strict=True):
        assert distance_km(place.lat, place.lon, lat, lon) < 1
    assert len(one.table) == 1
    assert one.table["peak"].iloc[0] == both.table["peak"].iloc[0]
    assert one.table["share"].iloc[0] <= 1


def test_shares_cores_and_areas_add_up():
    counts, hotspots, near = two_hills()
    found = find_places(counts, hotspots, near)
    table = found.table
    assert table["graduates"].sum() == counts[found.member.index].sum()
    np.testing.assert_allclose(table["share"], table["graduates"] / counts.sum())
    np.testing.assert_allclose(table["density"], table["graduates"] / table["area_km2"])
    assert table["area_km2"].sum() == pytest.approx(h3cells.area_km2(found.member.index).sum())
    heights = surface(counts, near)
    for place in table.itertuples():
        mine = found.member.index[found.member == place.id]
        assert found.core[mine].tolist() == (heights[mine] >= heights[place.peak] / 2).tolist()
        assert place.q == hotspots["q"][mine].min()
    assert table["rank"].tolist() == [1, 2]


def test_a_least_prominence_leaves_lesser_peaks_out():
    counts, hotspots, near = two_hills()
    lesser = find_places(counts, hotspots, near).table["prominence"].iloc[1]
    assert len(find_places(counts, hotspots, near, min_prominence=lesser).table) == 2
    assert len(find_places(counts, hotspots, near, min_prominence=lesser + 1).table) == 1


def test_a_peak_between_hot_cells_gives_way_to_the_hot_cells_that_make_it():
    cells = town(9, resolution=9)
    middle = cells[np.argmax(disk(cells, k=9).counts)]
    ring = np.setdiff1d(h3cells.grid_disk([middle], k=2), h3cells.grid_disk([middle], k=1))
    counts = pd.Series(1.0, index=cells)
    counts[ring[0]], counts[ring[-1]] = 500.0, 480.0
    hot = pd.Series(np.isin(cells, [ring[0], ring[-1]]), index=cells)
    found = find_places(counts, scored(hot), disk(cells, k=3), smoothing_k=3, top=1)
    assert found.table["peak"].tolist() == [ring[0]]
    assert found.member.index.tolist() == [ring[0]]


def test_planted_hotspots_are_found_in_noise():
    rng = np.random.default_rng(5)
    cells = town(25)
    centres = cells[rng.choice(len(cells), 3, replace=False)]
    high = np.isin(cells, h3cells.grid_disk(centres, k=1))
    counts = pd.Series(rng.poisson(np.where(high, 60, 5)), index=cells)
    near = disk(cells)
    found = find_places(counts, find_hotspots(counts, near), near, top=3)
    assert set(found.table["peak"]) == set(centres)


@pytest.mark.parametrize("radius", [0, 4])
@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_constant_field_has_no_places(radius, value):
    cells = town(radius)
    counts, near = pd.Series(value, index=cells), disk(cells)
    found = find_places(counts, find_hotspots(counts, near), near)
    described = describe_places(found, role="work", work=counts, residence=counts)
    for places in (found, described):
        assert places.table.empty
        assert places.member.empty
        assert places.core.empty
        assert places.table.crs.to_epsg() == 4326
    assert described.table.columns.tolist() == list(PLACE_COLUMNS)


def test_a_single_hot_cell_is_a_place():
    cells = town(0)
    counts = pd.Series(12.0, index=cells)
    found = find_places(counts, scored(counts > 0), disk(cells), smoothing_k=0)
    assert found.table[["graduates", "share", "prominence", "cells"]].iloc[0].tolist() == [
        12,
        1,
        12,
        1,
    ]
    hexagon = h3cells.outlines(cells)[0]
    assert found.table.geometry[0].symmetric_difference(hexagon).area < 1e-9 * hexagon.area


def test_no_cells_have_no_places():
    none = pd.Series([], index=CELLS[:0], dtype="float64")
    assert find_places(none, scored(none > 0), disk(CELLS[:0])).table.empty


def test_many_cold_peaks_do_not_hide_the_hot_one():
    rng = np.random.default_rng(1)
    cells = town(20)
    counts = pd.Series(rng.integers(10, 1000, len(cells)).astype(float), index=cells)
    hot = pd.Series(data=False, index=cells)
    hot.iloc[[40]] = True
    found = find_places(counts, scored(hot), disk(cells), smoothing_k=0, floor=0.0, top=3)
    assert found.member.index.tolist() in ([], [cells[40]])
    counts.iloc[40] = 5_000
    found = find_places(counts, scored(hot), disk(cells), smoothing_k=0, top=3)
    assert found.member.index.tolist() == [cells[40]]


def test_counts_of_other_cells_are_refused():
    counts, hotspots, near = two_hills()
    with pytest.raises(ValueError, match="same cells"):
        find_places(counts[1:], hotspots, near)
    with pytest.raises(ValueError, match="same cells"):
        find_places(counts, hotspots[:-3], near)


def test_outlines_are_the_union_of_hexagons_holes_and_all():
    ring = np.setdiff1d(town(3), town(1))
    cells = np.sort(np.concatenate([ring, town(1, lon=116.6)]))
    found = outline(cells)
    expected = shapely.union_all(shapely.set_precision(h3cells.outlines(cells), 1e-9))
    assert found.is_valid
    assert len(found.geoms) == 2
    assert sum(len(part.interiors) for part in found.geoms) == 1
    assert found.symmetric_difference(expected).area < 1e-8 * expected.area + 1e-10


def test_places_have_ids_of_their_own_and_members_by_them():
    counts, hotspots, near = two_hills()
    found = find_places(counts, hotspots, near)
    described = describe_places(found, role="residence", residence=counts, work=counts * 2)
    table = described.table
    assert table.columns.tolist() == list(PLACE_COLUMNS)
    assert table["id"].is_unique
    assert table["id"].str.fullmatch(r"residence-[a-z0-9-]+").all()
    assert set(described.member) == set(table["id"])
    assert described.member.index.equals(found.member.index)
    np.testing.assert_allclose(table["work"], 2 * table["residence"])
    np.testing.assert_allclose(table["work_share"], table["share"])


def test_ids_come_from_names_so_years_share_them():
    first, second = two_hills(), two_hills(heights=(800, 700))
    ids = [
        describe_places(find_places(*year), role="work", work=year[0]).table["id"].tolist()
        for year in (first, second)
    ]
    assert ids[0] == ids[1]


# --- Real data -----------------------------------------------------------------------------------

CENTRES = {
    "CBD": (39.912, 116.451),
    "Zhongguancun": (39.980, 116.311),
    "Xierqi": (40.048, 116.300),
    "Financial Street": (39.916, 116.352),
    "Wangjing": (39.985, 116.470),
    "Fengtai Science Park": (39.824, 116.281),
    "Yizhuang": (39.795, 116.502),
    "Tongzhou": (39.908, 116.640),
}


@pytest.fixture(scope="module")
def beijing(real_data):
    """Day and night population, 0.01 degree squares spread by area over resolution-8 cells."""
    file = real_data / "beijing" / "beijing_day_night_pop_1km_quanturban.csv"
    squares = pd.read_csv(file)
    half = 0.005
    boxes = shapely.box(
        squares["lon"] - half, squares["lat"] - half, squares["lon"] + half, squares["lat"] + half
    )
    inside = h3cells.points_to_cells(squares["lat"], squares["lon"], resolution=8)
    cells = h3cells.grid_disk(inside, k=2)
    hexagons = h3cells.outlines(cells)
    square, cell = shapely.STRtree(hexagons).query(boxes, predicate="intersects")
    area = shapely.area(shapely.intersection(boxes[square], hexagons[cell]))
    weight = area / np.bincount(square, area)[square]
    columns = {
        name: np.bincount(cell, weight * squares[name].to_numpy()[square], minlength=len(cells))
        for name in ("day", "night")
    }
    table = pd.DataFrame(columns, index=pd.Index(cells, name="cell"))
    np.testing.assert_allclose(table.sum(), squares[["day", "night"]].sum(), rtol=1e-9)
    return table


@pytest.mark.real
def test_beijings_day_population_gives_back_its_centres_by_name(beijing):
    counts = beijing["day"]
    near = disk(counts.index)
    hotspots = find_hotspots(counts, near)
    found = find_places(counts, hotspots, near, smoothing_k=1)
    table = describe_places(found, role="work", work=counts, residence=beijing["night"]).table
    first = table.head(12).set_index("name_en")
    for name, (lat, lon) in CENTRES.items():
        place = first.loc[name]
        assert distance_km(place["lat"], place["lon"], lat, lon) < 1.5, name
    assert 0.3 < table["share"].sum() < 0.45  # some two fifths of the people in 2 % of the cells
    assert (
        table.set_index("name_en").loc[["CBD", "Financial Street"], "class"] == "work_centre"
    ).all()


@pytest.mark.real
@pytest.mark.filterwarnings("ignore:The weights matrix is not fully:UserWarning")
def test_gi_star_equals_esdas_on_beijing(beijing):
    esda = pytest.importorskip("esda")
    libpysal = pytest.importorskip("libpysal")
    lists = oracles.neighbour_lists(beijing.index, 1)
    others = {i: [j for j in mine if j != i] for i, mine in enumerate(lists)}
    weights = libpysal.weights.W(others, silence_warnings=True)
    for name, counts in beijing.items():
        theirs = esda.G_Local(counts.to_numpy(), weights, transform="B", star=True, permutations=0)
        ours = getis_ord(counts, disk(beijing.index))
        np.testing.assert_allclose(ours, theirs.Zs, atol=1e-9, err_msg=name)
