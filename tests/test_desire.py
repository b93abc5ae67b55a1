"""Lines on the map: the heaviest ones, nobody twice, and each where its people are."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial import desire
from spatial.desire import LINE_COLUMNS, flow_lines, line_resolution
from spatial.ends import Labels
from spatial.exchange import exchange
from spatial.pairs import Pairs, pairs_of
from spatial.places import Layers
from spatial.sources.beijing.sample import PACKAGED
from spatial.study import open_study
from tests.studies import city

CELLS = city(radius=8)
LAT, LON = h3cells.centres(CELLS)
END = st.integers(0, len(CELLS) - 1)
ROWS = st.lists(st.tuples(END, END, st.integers(1, 50)), min_size=1, max_size=60)
MASKS = st.integers(0, 2**31).map(lambda seed: np.random.default_rng(seed).random(len(CELLS)) < 0.3)


def pairs(rows):
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    ends = table[:, :2].astype(np.int64)
    return Pairs(LAT, LON, CELLS, ends[:, 0], ends[:, 1], table[:, 2], exact=False)


def swapped(given_pairs):
    return replace(given_pairs, origin=given_pairs.destination, destination=given_pairs.origin)


def cell_of(end, resolution):
    return h3.cell_to_parent(h3.int_to_str(int(CELLS[end])), resolution)


@pytest.fixture(scope="module")
def study():
    return open_study(PACKAGED)


@pytest.fixture(scope="module")
def sample(study):
    return pairs_of(study, 2025)


@given(ROWS, st.sampled_from([6, 7, 8, 9]), st.integers(1, 70))
def test_lines_are_what_counting_one_by_one_gives(rows, resolution, most):
    sums, homes, jobs = {}, {}, {}
    for home, job, people in rows:
        start, end = cell_of(home, resolution), cell_of(job, resolution)
        sums[start, end] = sums.get((start, end), 0) + people
        homes.setdefault(start, []).append((home, people))
        jobs.setdefault(end, []).append((job, people))

    def middle(there):
        at = [end for end, _ in there]
        weight = [people for _, people in there]
        return np.average(LAT[at], weights=weight), np.average(LON[at], weights=weight)

    lines = {key: people for key, people in sums.items() if key[0] != key[1]}
    found = flow_lines(pairs(rows), resolution=resolution, most=most)
    assert found.lines == len(lines)
    assert found.total == sum(sums.values())
    assert found.within == sum(sums.values()) - sum(lines.values())
    assert found.table["graduates"].tolist() == sorted(lines.values(), reverse=True)[:most]
    drawn = found.table[["graduates", "from_lat", "from_lon", "to_lat", "to_lon"]].to_numpy()
    known = np.array(
        [(people, *middle(homes[a]), *middle(jobs[b])) for (a, b), people in lines.items()]
    ).reshape(-1, 5)
    for line in drawn:
        assert (np.abs(known - line).max(axis=1) < 1e-9).any()


@given(ROWS, MASKS)
def test_lines_of_an_area_hold_its_inflow_and_outflow(rows, inside):
    told = exchange(pairs(rows), inside)
    both = flow_lines(pairs(rows), inside=inside, resolution=8, most=10_000)
    sums = both.table.groupby("direction")["graduates"].sum()
    assert (sums.get("in", 0), sums.get("out", 0)) == (told.inflow, told.outflow)
    assert (both.total, both.within) == (told.inflow + told.outflow, 0)
    for way, expected in (("in", told.inflow), ("out", told.outflow)):
        one = flow_lines(pairs(rows), inside=inside, resolution=8, direction=way, most=10_000)
        assert one.shown == one.total == expected
        assert set(one.table["direction"]) <= {way}


@given(ROWS, MASKS)
def test_the_way_back_swaps_in_and_out(rows, inside):
    there = flow_lines(pairs(rows), inside=inside, resolution=8, most=10_000).table
    back = flow_lines(swapped(pairs(rows)), inside=inside, resolution=8, most=10_000).table
    turned = back.rename(
        columns={
            "from_lat": "to_lat",
            "from_lon": "to_lon",
            "to_lat": "from_lat",
            "to_lon": "from_lon",
        }
    ).assign(direction=back["direction"].map({"in": "out", "out": "in"}))
    columns = ["direction", "graduates", "from_lat", "from_lon", "to_lat", "to_lon"]
    pd.testing.assert_frame_equal(
        there[columns].sort_values(columns, ignore_index=True),
        turned[columns].sort_values(columns, ignore_index=True),
        check_dtype=False,
    )


@given(ROWS, st.integers(1, 20))
def test_lines_never_hold_more_than_the_pairs(rows, most):
    found = flow_lines(pairs(rows), most=most)
    assert len(found.table) <= min(most, found.lines)
    assert found.shown + found.within <= found.total
    assert found.table["share"].sum() == pytest.approx(found.share)
    # More lines leave those that were there where they were.
    more = flow_lines(pairs(rows), most=most + 5).table
    pd.testing.assert_frame_equal(
        found.table.iloc[:, :5], more.iloc[: len(found.table), :5], check_exact=True
    )


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), max_size=60))
def test_sorting_and_counting_sum_alike(rows):
    key, amounts = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    counted = desire._sums(key, amounts.astype(float), size=21)
    ordered = desire._sums(key, amounts.astype(float), size=10**12)
    for one, other in zip(counted, ordered, strict=True):
        np.testing.assert_array_equal(one, other)
    assert counted[1].sum() == amounts.sum()


def test_an_area_is_one_part_under_its_own_name():
    inside = np.zeros(len(CELLS), dtype=bool)
    inside[:3] = True
    found = flow_lines(
        pairs([(0, 100, 5), (1, 101, 4), (120, 2, 9), (0, 2, 7)]),
        inside=inside,
        inside_name=("甲地", "Place A"),
        resolution=9,
    )
    assert found.total == 18
    assert found.table["direction"].tolist() == ["in", "out", "out"]
    assert found.table["label_to"].tolist()[0] == "甲地"
    assert found.table["label_from_en"].tolist()[1:] == ["Place A", "Place A"]
    starts = found.table.loc[1:, ["from_lat", "from_lon"]].drop_duplicates()
    expected = [[np.average(axis[:2], weights=[5, 4]) for axis in (LAT, LON)]]
    np.testing.assert_allclose(starts, expected)


def test_places_come_before_cells():
    code = np.where(np.arange(len(CELLS)) < 50, 0, -1)
    table = pd.DataFrame(
        {"id": ["a"], "name": ["甲"], "name_en": ["A"], "kind": ["place"]}, dtype="str"
    )
    homes = Labels(code, table)
    found = flow_lines(pairs([(0, 100, 5), (1, 100, 4)]), homes=homes, resolution=9)
    assert found.table["graduates"].tolist() == [9]
    assert found.table["label_from"].tolist() == ["甲"]
    assert found.table["label_to_en"].tolist()[0]


def test_nobody_makes_an_empty_table():
    nobody = pairs([(0, 100, 5)]).where(np.zeros(1, dtype=bool))
    for inside in (None, np.ones(len(CELLS), dtype=bool)):
        found = flow_lines(nobody, inside=inside)
        assert found.table.columns.tolist() == list(LINE_COLUMNS)
        assert (len(found.table), found.total, found.lines) == (0, 0, 0)
        assert np.isnan(found.share)
    with pytest.raises(ValueError, match="1 line or more"):
        flow_lines(nobody, most=0)


def test_a_wider_city_is_drawn_in_coarser_cells(sample):
    little = line_resolution(pairs([(0, 100, 5), (7, 150, 5)]))
    assert line_resolution(sample) < little <= 9
    one_place = pairs([(0, 0, 5)])
    assert line_resolution(one_place) == 9


def test_the_map_of_the_sample_is_readable_and_named(study, sample):
    named = Layers(study.layer("places"), study.layer("stations"), study.layer("districts"))
    found = flow_lines(sample, layers=named)
    assert len(found.table) == 300
    assert 0.2 < found.share < 1
    assert found.total == 201_000
    for side in ("label_from", "label_to"):
        assert (found.table[side].str.len() > 0).all()
    # Two parts never share a name on one side.
    ends = found.table.groupby("label_from_en")[["from_lat", "from_lon"]].nunique()
    assert (ends == 1).all(axis=None)


def test_a_million_pairs_are_drawn_at_once(sample):
    rng = np.random.default_rng(1)
    ends = rng.choice(np.r_[sample.origin, sample.destination], (2, 1_000_000))
    people = np.ones(1_000_000)
    many = Pairs(sample.lat, sample.lon, sample.cell, ends[0], ends[1], people, exact=False)
    begun = perf_counter()
    found = flow_lines(many)
    assert found.total == 1_000_000
    assert perf_counter() - begun < 2  # 0.1 s on a machine at rest
