"""Rent of cells: oracles, other libraries and laws; bands, affordability; zones by area."""

from __future__ import annotations

from time import process_time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from layers.rent import rent_layer
from spatial import cells as h3cells
from spatial.info import Pay, StudyInfo
from spatial.ingest.zones import zone_weights
from spatial.question import QuestionError
from spatial.rent import (
    affordability,
    affordable,
    affordable_rent,
    listing_year,
    rent_bands,
    rent_kinds,
    rent_table,
)
from spatial.rent_near import median_interval_ranks, near_medians
from spatial.rent_zones import COVERED, zone_means, zone_shares
from spatial.schema import SchemaError
from spatial.sources.beijing import sample
from spatial.store import write_study
from spatial.study import open_study
from tests.oracles_rent import coverage, near_median, zone_mean
from tests.studies import CENTRE, city, counts, info
from views.overlays import _rents_shown

CELLS = city(radius=4)
AROUND = city(radius=7)  # listings may lie outside the study
LISTINGS = st.lists(
    st.tuples(st.sampled_from(AROUND.tolist()), st.integers(500, 9_000)), max_size=60
)


def arrays(listings):
    at = np.array([one for one, _ in listings], dtype=np.uint64)
    return at, np.array([rent for _, rent in listings], dtype=np.float64)


def study_with(path, rents, **changes):
    return write_study(path, info(**changes), counts(radius=3), layers={"rents": rents})


def listings(rows, **columns):
    """Listings at steps of some 110 m from the centre: (north, east, rent, kind)."""
    lat, lon = CENTRE
    table = {
        "id": [f"r{number}" for number in range(len(rows))],
        "rent": [row[2] for row in rows],
        "area_m2": 20.0,
        "kind": [row[3] for row in rows],
        "year": 2025,
    }
    at = [shapely.Point(lon + row[1] / 1000, lat + row[0] / 1000) for row in rows]
    return gpd.GeoDataFrame(table | columns, geometry=at, crs=4326)


# --- The median near -----------------------------------------------------------------------------


@given(LISTINGS, st.integers(1, 6), st.integers(0, 3))
def test_is_the_median_of_the_smallest_disk_that_holds_enough(given_, least, rings):
    at, rent = arrays(given_)
    found = near_medians(CELLS, at, rent, least=least, rings=rings)
    told = [near_median(cell, at, rent, least=least, rings=rings) for cell in CELLS]
    np.testing.assert_array_equal(found["rent"], [one[0] for one in told])
    np.testing.assert_array_equal(found["listings"], [one[1] for one in told])
    np.testing.assert_array_equal(found["rings"], [one[2] for one in told])


@given(LISTINGS, st.integers(1, 6))
def test_without_rings_is_what_pandas_groups(given_, least):
    at, rent = arrays(given_)
    by_cell = pd.Series(rent).groupby(at)
    known = by_cell.median()[by_cell.size() >= least].reindex(CELLS)
    found = near_medians(CELLS, at, rent, least=least, rings=0)
    np.testing.assert_array_equal(found["rent"], known)


@given(LISTINGS, st.integers(1, 6), st.integers(0, 3), st.integers(2, 50))
def test_the_unit_of_money_does_not_matter(given_, least, rings, factor):
    at, rent = arrays(given_)
    once = near_medians(CELLS, at, rent, least=least, rings=rings)
    scaled = near_medians(CELLS, at, rent * factor, least=least, rings=rings)
    for name in ("rent", "low", "high"):
        np.testing.assert_allclose(scaled[name], once[name] * factor, rtol=1e-12)
    pd.testing.assert_frame_equal(once[["listings", "rings"]], scaled[["listings", "rings"]])


@given(LISTINGS, st.integers(1, 6), st.integers(0, 2))
def test_more_rings_never_unknow_or_change_a_cell(given_, least, rings):
    at, rent = arrays(given_)
    near = near_medians(CELLS, at, rent, least=least, rings=rings)
    far = near_medians(CELLS, at, rent, least=least, rings=rings + 1)
    known = near["rings"] >= 0
    pd.testing.assert_frame_equal(near[known], far[known])
    assert (far.loc[~known, "rings"].isin([-1, rings + 1])).all()


@given(LISTINGS, st.integers(1, 6), st.integers(0, 3))
def test_a_cell_with_enough_looks_no_further(given_, least, rings):
    at, rent = arrays(given_)
    alone = near_medians(CELLS, at, rent, least=least, rings=rings)
    enough = alone["rings"] == 0
    # Whatever is asked in the cells that have too few changes nothing.
    elsewhere = ~np.isin(at, alone.index[enough])
    moved = near_medians(CELLS, at, np.where(elsewhere, rent * 7, rent), least=least, rings=rings)
    pd.testing.assert_frame_equal(alone[enough], moved[enough])


@given(LISTINGS, st.integers(1, 6), st.randoms(use_true_random=False))
def test_the_order_of_listings_does_not_matter(given_, least, random):
    mixed = random.sample(given_, len(given_))
    once = near_medians(CELLS, *arrays(given_), least=least, rings=2)
    pd.testing.assert_frame_equal(once, near_medians(CELLS, *arrays(mixed), least=least, rings=2))


@given(LISTINGS)
def test_the_median_lies_in_its_interval(given_):
    found = near_medians(CELLS, *arrays(given_), least=1, rings=2)
    told = found["listings"] >= 5
    assert (found["low"][told] <= found["rent"][told]).all()
    assert (found["rent"][told] <= found["high"][told]).all()
    assert found.loc[~told, ["low", "high"]].isna().all(axis=None)


def test_the_interval_is_the_closest_that_covers_95_per_cent():
    sizes = np.arange(5, 60)
    below, above = median_interval_ranks(sizes)
    for n, low, high in zip(sizes.tolist(), below.tolist(), above.tolist(), strict=True):
        assert low + high == n - 1
        if n > 5:  # five cannot
            assert coverage(n, low + 1, high + 1) >= 0.95
        assert coverage(n, low + 2, high) < 0.95


def test_the_interval_has_the_ranks_of_scipy():
    sizes = np.concatenate([np.arange(6, 3_000), [10_000, 100_001]])
    below, above = median_interval_ranks(sizes)
    expected = stats.binom.ppf(0.025, sizes, 0.5).astype(int) - 1
    np.testing.assert_array_equal(below, expected)
    np.testing.assert_array_equal(above, sizes - 1 - expected)


def test_a_pentagon_has_neighbours_too():
    pentagon = h3cells.from_text(["89080000003ffff"])
    around = h3cells.grid_disk(pentagon, k=2)
    at = np.repeat(pentagon, 5)
    found = near_medians(around, at, np.arange(5.0), least=5, rings=1)
    assert (found["rings"] >= 0).sum() == 6
    assert found["rent"].dropna().eq(2).all()


def test_many_cells_and_listings_are_quick():
    rng = np.random.default_rng(1)
    cells = city(radius=162)
    at, rent = rng.choice(cells, 50_000), rng.lognormal(8, 0.4, 50_000)
    began = process_time()
    near_medians(cells, at, rent, least=5, rings=3)
    assert len(cells) > 79_000
    assert process_time() - began < 1.5


# --- The table of a study ------------------------------------------------------------------------


def test_rents_by_month_square_metre_and_room(tmp_path):
    rows = [(0, 0, 3000.0, "flat")] * 3 + [(0, 0, 1000.0, "room")] * 2
    rents = listings(rows, area_m2=[60.0, 50.0, 0.0, 10.0, np.nan], rooms=[2, 3, 0, 4, 4])
    study = study_with(tmp_path / "town", rents)
    cell = h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=9)[0]

    def told(**asked):
        table = rent_table(study, year=2025, least=1, rings=0, **asked)
        assert table.index.equals(pd.Index(study.area, name="cell"))
        return table.loc[cell, "rent"], table.loc[cell, "listings"], table.attrs["left_out"]

    assert told() == (3000, 5, {})
    assert told(kind="room") == (1000, 2, {})
    assert told(per="m2") == (60, 3, {"without an area": 2})
    # 1 500 and 1 000 for rooms of flats, 1 000 twice for shared rooms as they are.
    assert told(per="room") == (1000, 4, {"without a number of rooms": 1})


def test_the_nearest_year_is_taken_and_of_two_the_earlier(tmp_path):
    rents = listings([(0, 0, 10.0 * n, "flat") for n in range(1, 5)], year=[2018, 2018, 2022, 2025])
    study = study_with(tmp_path / "town", rents)
    assert [listing_year(study, year) for year in (1990, 2019, 2020, 2021, 2024, 2099)] == [
        *(2018, 2018, 2018, 2022, 2025, 2025)
    ]
    assert rent_table(study, year=2020, least=1)["rent"].max() == 15
    assert rent_table(study, year=2020).attrs["year"] == 2018
    assert rent_kinds(study) == ("flat",)


def test_listings_beside_the_study_count_but_not_those_far_off(tmp_path):
    near = [(row, 0, 2000.0, "flat") for row in (0, 0, 900)]
    study = study_with(tmp_path / "town", listings(near))
    assert rent_table(study, year=2025, least=3, rings=10)["rent"].isna().all()
    edge = h3cells.grid_disk(study.area, k=1)
    beside = np.setdiff1d(edge, study.area)[:1]
    lat, lon = h3cells.centres(beside)
    at = [((lat[0] - CENTRE[0]) * 1000, (lon[0] - CENTRE[1]) * 1000, 2000.0, "flat")] * 5
    table = rent_table(study_with(tmp_path / "next", listings(at)), year=2025, rings=1)
    assert table["rent"].notna().sum() >= 2
    assert (table["rings"] != 0).all()


def test_coarser_cells_hold_the_listings_of_their_children():
    study = open_study(sample.PACKAGED)
    rents = study.layer("rents")
    rents = rents[rents["year"] == 2024]
    fine = h3cells.points_to_cells(rents.geometry.y, rents.geometry.x, resolution=9)
    coarse = h3cells.parents(fine, resolution=7)
    table = rent_table(study, year=2024, resolution=7, least=5, rings=0)
    expected = rents.groupby(coarse)["rent"].agg(["median", "size"])
    expected = expected[expected["size"] >= 5]
    known = table[table["rent"].notna()]
    np.testing.assert_array_equal(known.index, expected.index)
    np.testing.assert_array_equal(known["rent"], expected["median"])
    np.testing.assert_array_equal(known["listings"], expected["size"])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"kind": "castle"}, "kind must be one of all, flat, room, found castle"),
        ({"per": "week"}, "per must be one of month, m2, room, found week"),
        ({"least": 0}, "1 listing or more, found 0"),
        ({"rings": 11}, "rings must be 0 to 10, found 11"),
        ({"resolution": 10}, "or coarser, found 10"),
    ],
)
def test_a_question_without_an_answer_is_refused(asked, words):
    with pytest.raises(QuestionError, match=words):
        rent_table(open_study(sample.PACKAGED), year=2024, **asked)


def test_a_study_without_rents_says_so(tmp_path):
    study = write_study(tmp_path / "bare", info(), counts(radius=2))
    with pytest.raises(QuestionError, match="rents need listings or zones, little has none"):
        rent_table(study, year=2025)
    assert rent_kinds(study) == ()


def test_the_sample_is_told_quickly():
    study = open_study(sample.PACKAGED)
    rent_table(study, year=2024)
    began = process_time()
    rent_table(study, year=2025)
    assert process_time() - began < 0.5


# --- Zones ---------------------------------------------------------------------------------------


def tiles(west=116.36, south=39.87, *, wide=0.021, high=0.017, columns=4, rows=4):
    """Crooked zones side by side."""
    x = west + wide * np.arange(columns + 1)
    y = south + high * np.arange(rows + 1)
    corner = {
        (i, j): (x[i] + 0.004 * np.sin(3 * j + i), y[j] + 0.003 * np.cos(2 * i + j))
        for i in range(columns + 1)
        for j in range(rows + 1)
    }
    return [
        shapely.Polygon([corner[i, j], corner[i + 1, j], corner[i + 1, j + 1], corner[i, j + 1]])
        for i in range(columns)
        for j in range(rows)
    ]


def zones(rents, shapes, *, year=2025):
    table = {"id": [f"z{n}-{year}" for n in range(len(rents))], "rent": rents, "kind": "zone"}
    table |= {"area_m2": np.nan, "year": year}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


def test_zone_means_are_those_clipped_one_by_one():
    shapes = tiles()
    rents = np.arange(len(shapes)) * 100.0 + 1000
    cells = city(radius=14, resolution=9)
    shares = zone_shares(cells, np.array(shapes, dtype=object))
    every = np.arange(len(shapes))
    found = zone_means(shares, every, rents, zones=len(shapes))
    told = [zone_mean(cell, shapes, rents, covered=COVERED) for cell in cells]
    assert 0 < np.isnan(told).sum() < len(told)
    np.testing.assert_allclose(found, told, rtol=1e-6)


def test_zone_shares_are_the_areas_by_which_people_are_spread():
    shapes = np.array(tiles(), dtype=object)
    weights = zone_weights(shapes, resolution=9)
    shares = zone_shares(weights.cells, shapes)
    area = shares.share * h3cells.area_km2(weights.cells)[shares.cell]
    of_zone = pd.Series(area).groupby([shares.zone, shares.cell]).sum()
    of_zone /= of_zone.groupby(level=0).transform("sum")
    expected = pd.Series(weights.weight, [weights.source, weights.code]).sort_index()
    np.testing.assert_allclose(of_zone.sub(expected, fill_value=0), 0, atol=1e-6)


@settings(max_examples=25)
@given(st.lists(st.floats(500, 5000), min_size=16, max_size=16), st.floats(1, 9))
def test_a_zone_mean_lies_between_its_zones_and_scales(rents, factor):
    shapes = np.array(tiles(), dtype=object)
    shares = zone_shares(city(radius=14), shapes)
    every = np.arange(len(shapes))
    found = zone_means(shares, every, np.array(rents), zones=16)
    scaled = zone_means(shares, every, np.array(rents) * factor, zones=16)
    np.testing.assert_allclose(scaled, found * factor, rtol=1e-9)
    known = found[~np.isnan(found)]
    assert (known >= min(rents)).all()
    assert (known <= max(rents)).all()
    same = zone_means(shares, every, np.full(16, 1234.0), zones=16)
    assert (same[~np.isnan(same)] == 1234).all()  # exactly: it may be the edge of a band


def test_listings_come_before_zones_and_zones_fill_the_rest(tmp_path):
    homes = listings([(0, 0, 2000.0 + n, "flat") for n in range(5)])
    whole = shapely.box(CENTRE[1] - 0.1, CENTRE[0] - 0.1, CENTRE[1], CENTRE[0] + 0.1)
    rents = pd.concat([homes, zones([4000.0], [whole])], ignore_index=True)
    study = study_with(tmp_path / "town", rents)
    table = rent_table(study, year=2025, rings=1)
    own = table[~table["zone"] & table["rent"].notna()]
    assert sorted(own["rings"]) == [0, *[1] * 6]
    assert set(own["rent"]) == {2002.0}
    filled = table[table["zone"]]
    assert set(filled["rent"]) == {4000.0}
    assert filled["listings"].isna().all()
    assert (filled["rings"] == 0).all()
    assert filled[["low", "high"]].isna().all(axis=None)
    rest = table[table["rent"].isna()]
    assert len(rest)
    assert (rest["rings"] == -1).all()
    assert (rest["listings"] == 0).all()
    assert not rent_table(study, year=2025, kind="flat")["zone"].any()
    assert rent_table(study, year=2025, kind="zone")["zone"].sum() > len(filled)
    assert rent_table(study, year=2025, per="m2").attrs["left_out"] == {"without an area": 1}


def test_zones_of_another_year_are_not_mixed_in(tmp_path):
    whole = shapely.box(116, 39, 117, 41)
    rents = pd.concat(
        [zones([1000.0], [whole], year=2015), zones([1900.0], [whole], year=2019)],
        ignore_index=True,
    )
    study = study_with(tmp_path / "town", rents)
    assert set(rent_table(study, year=2016)["rent"]) == {1000.0}
    assert set(rent_table(study, year=2024)["rent"]) == {1900.0}


# --- Bands and pay -------------------------------------------------------------------------------

EDGES = st.lists(st.integers(1, 9_000), max_size=8, unique=True).map(sorted)


@given(st.lists(st.integers(1, 9_000)), EDGES)
def test_bands_partition_the_rents(rents, edges):
    band = rent_bands(pd.Series(rents, dtype=float), edges)
    limits = [0, *edges, np.inf]
    for rent, number in zip(rents, band, strict=True):
        assert limits[number] <= rent < limits[number + 1]
    np.testing.assert_array_equal(band, np.digitize(rents, edges))


def test_an_edge_begins_its_band_and_nothing_has_none():
    index = pd.Index([7, 8, 9, 10], name="cell")
    rents = pd.Series([2999.99, 3000.0, np.nan, 1.0], index=index)
    band = rent_bands(rents, (3000,))
    assert band.name == "band"
    assert band.index.equals(index)
    assert band.tolist() == [0, 1, -1, 0]


@pytest.mark.parametrize("edges", [(2, 1), (1, 1), (0, 1), (1, np.inf), (np.nan,)])
def test_edges_must_ascend(edges):
    with pytest.raises(QuestionError, match="must ascend from above 0"):
        rent_bands(pd.Series([1.0]), edges)


@given(st.floats(100, 1e5), st.floats(0.01, 1), st.lists(st.floats(1, 1e5)))
def test_more_pay_never_affords_less(pay, share, rents):
    series = pd.Series(rents, dtype=float)
    less, more = (
        affordable(series, pay=pay, share=share),
        affordable(series, pay=2 * pay, share=share),
    )
    assert (more | ~less).all()
    assert affordable(pd.Series([affordable_rent(pay, share)]), pay=pay, share=share).all()


def test_affordable_is_up_to_the_share_of_pay():
    rents = pd.Series([2999.0, 3000.0, 3000.01, np.nan])
    assert affordable(rents, pay=10_000, share=0.3).tolist() == [True, True, False, False]
    with pytest.raises(QuestionError, match="above 0 and up to 1, found"):
        affordable_rent(10_000, 1.2)
    with pytest.raises(QuestionError, match="above 0, found 0"):
        affordable_rent(0, 0.3)


def test_affordability_counts_listings_and_homes(tmp_path):
    rows = [(0, 0, rent, "flat") for rent in (1000.0, 2000.0, 3000.0, 4000.0, 5000.0)]
    pay = (Pay("low", {"zh": "低", "en": "Low"}, 5_000.0), Pay("high", {"en": "High"}, 20_000.0))
    study = study_with(tmp_path / "town", listings(rows), pay=pay)
    rents = rent_table(study, year=2025, rings=0)
    homes = pd.Series([30.0, 10.0], index=[rents["rent"].idxmax(), rents["rent"].isna().idxmax()])
    table = affordability(study, rents, homes, year=2025, shares=(0.2, 0.333))
    assert table.index.tolist() == ["low", "high"]
    assert table.columns.tolist() == [
        *("name", "name_en", "pay", "rent_20", "listings_20", "homes_20"),
        *("rent_33.3", "listings_33.3", "homes_33.3", "known"),
    ]
    assert table["name"].tolist() == ["低", "high"]
    assert table["rent_20"].tolist() == [1000, 4000]
    assert table["listings_20"].tolist() == [0.2, 0.8]
    assert table["homes_20"].tolist() == [0, 1]  # the median is 3 000
    assert table["known"].tolist() == [0.75, 0.75]
    own = affordability(study, rents, homes, year=2025, pay=[Pay("me", {}, 15_000.0)])
    assert own["homes_20"].tolist() == [1]
    with pytest.raises(QuestionError, match="found m2"):
        affordability(study, rents, homes, year=2025, per="m2")


def test_without_a_pay_table_the_table_is_empty_with_its_columns(tmp_path):
    study = study_with(tmp_path / "town", listings([(0, 0, 1000.0, "flat")]))
    rents = rent_table(study, year=2025)
    table = affordability(study, rents, pd.Series([], dtype=float), year=2025)
    assert len(table) == 0
    assert {"pay", "rent_20", "listings_30", "homes_40", "known"} <= set(table.columns)


def test_zones_leave_listings_unknown(tmp_path):
    study = study_with(tmp_path / "town", zones([1000.0], [shapely.box(116, 39, 117, 41)]))
    rents = rent_table(study, year=2025)
    homes = study.series(role="residence", year=2025)["graduates"]
    table = affordability(study, rents, homes, year=2025, pay=[Pay("me", {}, 4_000.0)])
    assert np.isnan(table["listings_30"].iloc[0])
    assert table["homes_30"].iloc[0] == 1
    assert table["homes_20"].iloc[0] == 0


def test_pay_is_kept_in_the_study_and_checked():
    given_ = info(pay=(Pay("it", {"en": "IT"}, 14_640.0),))
    assert StudyInfo.from_json(given_.to_json()) == given_
    assert StudyInfo.from_json({"name": "old", "resolution": 9}).pay == ()
    wrong = given_.to_json() | {"pay": [{"id": "it", "title": {}, "monthly": 0}]}
    with pytest.raises(SchemaError, match="pay must be a list of id, title and monthly"):
        StudyInfo.from_json(wrong)


def test_the_sample_has_the_published_pay_and_less_pay_affords_less():
    study = open_study(sample.PACKAGED)
    pay = study.info.pay
    assert (len(pay), pay[0].monthly, pay[-1].monthly) == (13, 16_403, 8_234)
    rents = rent_table(study, year=2025, resolution=8)
    homes = pd.Series(1.0, index=rents.index)
    table = affordability(study, rents, homes, year=2025)
    for name in ("listings_30", "homes_30"):
        assert table[name].is_monotonic_decreasing
        assert table[name].between(0, 1).all()
    assert (table["listings_20"] <= table["listings_40"]).all()


# --- On the map ----------------------------------------------------------------------------------


def test_zones_are_drawn_as_points_within_them():
    shapes = tiles()
    layer = rent_layer(
        zones([1000.0 * n for n in range(1, 17)], shapes),
        edges=(2000, 3000),
        unit="yuan",
        kinds={"zone": "zone"},
    )
    points = shapely.points(layer.data["lon"], layer.data["lat"])
    assert shapely.contains(shapes, points).all()
    assert layer.data["band"].tolist() == [0, 1, *[2] * 14]


def test_only_the_nearest_year_of_zones_is_shown(tmp_path):
    whole = [shapely.box(116, 39, 117, 41)]
    parts = [zones([1000.0], whole, year=2015), zones([1900.0], whole, year=2019)]
    parts.append(listings([(0, 0, 2000.0, "flat")]))
    study = study_with(tmp_path / "town", pd.concat(parts, ignore_index=True))
    shown, key = _rents_shown(study, 2016)
    assert shown["id"].tolist() == ["z0-2015", "r0"]
    assert key == "-2015"
    assert _rents_shown(open_study(sample.PACKAGED), 2016)[1] == ""
