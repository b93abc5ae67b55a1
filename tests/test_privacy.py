"""Counts under the threshold are gone, and no sum, difference or program brings one back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.info import Group, StudyInfo
from spatial.privacy import suppressed
from spatial.privacy_counts import hide_counts
from spatial.privacy_flows import hide_flows
from tests.attack import ROLES, Reader, learn_audit, reader_of

LEAST = 5
RING = h3cells.grid_disk(h3cells.points_to_cells([39.9], [116.4], resolution=9), k=6)
YEAR = 2025
TWO = ("stayers", "arrivals")


def table(cells, residence, work, *, groups=(), base=None):
    """Counts of one year: a row per role and cell, columns of groups where amounts are pairs."""
    parts = []
    for role, amounts in zip(ROLES, (residence, work), strict=True):
        amounts = np.atleast_2d(np.asarray(amounts, dtype=float))
        part = pd.DataFrame({"cell": cells, "role": role, "year": YEAR})
        part["graduates"] = amounts.sum(axis=0)
        part["base"] = np.nan if base is None else base
        for column, one in zip(groups, amounts, strict=False):
            part[column] = one
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def moves(cells, matrix):
    o, d = np.nonzero(matrix)
    return pd.DataFrame(
        {"origin": cells[o], "destination": cells[d], "year": YEAR, "graduates": matrix[o, d]}
    )


def described(*, groups=(), threshold=LEAST):
    return StudyInfo("little", 9, groups=tuple(map(Group, groups)), threshold=threshold)


def ceilings_of(true, shown, flows, shown_flows, *, groups):
    """
    What a reader who knows the rules takes for the most an amount can be.

    The reader is even told which amounts of the threshold or more were hidden beside the small.
    """
    columns, found = list(groups) or ["graduates"], {}
    for role in ROLES:
        before, after = (one[one["role"] == role].set_index("cell") for one in (true, shown))
        for column in columns:
            held = before[column]
            left = after[column].reindex(held.index, fill_value=0)
            for cell in RING:
                big = cell in held.index and held[cell] >= LEAST and left[cell] == 0
                found["count", role, column, cell] = np.inf if big else LEAST - 1
    whole = flows is not None and not len(shown_flows)
    told = (
        {} if flows is None else flows.set_index(["origin", "destination"])["graduates"].to_dict()
    )
    for o in RING if flows is not None else ():
        for d in RING:
            big = whole or told.get((o, d), 0) >= LEAST
            found["flow", o, d] = np.inf if big else LEAST - 1
    return found


def small(true, *, groups):
    for role in ROLES:
        rows = true[true["role"] == role]
        for column in list(groups) or ["graduates"]:
            for cell, held in zip(rows["cell"], rows[column], strict=True):
                if 0 < held < LEAST:
                    yield ("count", role, column, cell)


def assert_safe(reader, names):
    for name in names:
        least, most = reader.interval(name)
        assert most - least >= LEAST - 1 - 1e-6, (name, least, most)


# Weak designs: the reader must break each, or it is no test of ours.


def test_the_reader_finds_the_one_count_hidden_beside_a_total():
    true = table(RING[:4], [3, 9, 8, 7], [9, 9, 9, 0])
    shown = true.assign(graduates=true["graduates"].where(true["graduates"] >= LEAST, 0))
    reader = reader_of(shown, None, cells=RING[:4], groups=())
    reader.learns([("count", "residence", "graduates", c) for c in RING[:4]], 27)
    assert reader.interval(("count", "residence", "graduates", RING[0])) == pytest.approx((3, 3))


def test_the_reader_finds_counts_that_fill_all_empty_looking_cells():
    true = table(RING[:3], [4, 4, 4], [12, 0, 0])
    shown = true.assign(graduates=true["graduates"].where(true["graduates"] >= LEAST, 0))
    names = [("count", "residence", "graduates", c) for c in RING[:3]]
    reader = reader_of(shown, None, cells=RING[:3], groups=(), ceilings=dict.fromkeys(names, 4))
    reader.learns(names, 12)
    assert reader.interval(names[0]) == pytest.approx((4, 4))


def test_the_reader_finds_a_group_hidden_beside_all_graduates():
    true = table(RING[:2], [[17, 9], [3, 8]], [[0, 26], [0, 11]], groups=TWO)
    shown = true.assign(arrivals=true["arrivals"].where(true["arrivals"] >= LEAST, 0))
    reader = reader_of(shown, None, cells=RING[:2], groups=TWO)
    names = [("count", "residence", one, RING[0]) for one in TWO]
    reader.learns(names, 20)
    assert reader.interval(names[1]) == pytest.approx((3, 3))


@pytest.mark.parametrize("area", ["parent", "district"])
def test_the_reader_finds_a_count_hidden_beneath_a_larger_area_made_before(area):
    true = table(RING, [3, *[7] * (len(RING) - 1)], [7] * len(RING))
    shown = true.assign(graduates=true["graduates"].where(true["graduates"] >= LEAST, 0))
    reader = reader_of(shown, None, cells=RING, groups=())
    if area == "parent":
        over = h3cells.parents(RING, resolution=8)
        inside = RING[over == over[0]]
    else:
        lat, _ = h3cells.centres(RING)
        inside = RING[lat >= lat[0] - 1e-9]
    held = true[(true["role"] == "residence") & true["cell"].isin(inside)]["graduates"].sum()
    reader.learns([("count", "residence", "graduates", c) for c in inside], held)
    assert reader.interval(("count", "residence", "graduates", RING[0])) == pytest.approx((3, 3))


def test_the_reader_finds_a_flow_hidden_beside_counts():
    cells = RING[:3]
    matrix = np.array([[10.0, 2, 0], [9, 6, 0], [0, 8, 9]])
    true = table(cells, matrix.sum(axis=1), matrix.sum(axis=0))
    flows = moves(cells, matrix)
    reader = reader_of(
        true, flows[flows["graduates"] >= LEAST], cells=cells, groups=(), linked=True
    )
    assert reader.interval(("flow", cells[0], cells[1])) == pytest.approx((2, 2))


NO_ROOM = np.array([[2.0, 3, 9, 9], [3, 2, 9, 9], [9, 9, 9, 9], [9, 9, 9, 9]])


def test_the_reader_narrows_flows_that_have_no_room():
    cells = RING[:4]
    true, flows = table(cells, NO_ROOM.sum(axis=1), NO_ROOM.sum(axis=0)), moves(cells, NO_ROOM)
    large = flows[flows["graduates"] >= LEAST]
    known = ceilings_of(true, true, flows, large, groups=())
    reader = reader_of(true, large, cells=cells, groups=(), linked=True, ceilings=known)
    assert reader.interval(("flow", cells[0], cells[0])) == pytest.approx((1, 4))


def test_flows_that_have_no_room_all_go():
    cells = RING[:4]
    true, flows = table(cells, NO_ROOM.sum(axis=1), NO_ROOM.sum(axis=0)), moves(cells, NO_ROOM)
    _, kept = attacked(true, flows, groups=(), cells=cells)
    assert kept.empty


def test_the_reader_finds_a_group_hidden_beside_flows():
    cells = RING[:2]
    true = table(cells, [[0, 0], [3, 3]], [[0, 0], [3, 3]])
    shown = true.assign(stayers=0.0, arrivals=0.0)
    flows = moves(cells, np.array([[0.0, 6], [6, 0]]))
    names = [("count", "residence", one, cells[0]) for one in TWO]
    reader = reader_of(
        shown, flows, cells=cells, groups=TWO, linked=True, ceilings=dict.fromkeys(names, 4)
    )
    assert reader.interval(names[0]) == pytest.approx((2, 4))


def test_the_reader_finds_counts_from_how_many_were_hidden():
    cells = RING[:30]
    names = [("count", "residence", "graduates", c) for c in cells]
    reader = Reader()
    for name in names:
        reader.may_be(name, 0, LEAST - 1)
    reader.learns(names, 12)
    assert reader.whole_interval(names[0], holding=names, some=12) == pytest.approx((0, 1))
    true = table(cells, [1.0] * 12 + [0] * 18, [12.0, *[0] * 29])
    _, told = hide_counts(true, groups=(), threshold=LEAST)
    assert told[0].people == 12
    safe = reader.whole_interval(names[0], holding=names, some=told[0].cells)
    assert safe == pytest.approx((0, LEAST - 1))


# The same designs, suppressed.


@st.composite
def studies(draw, *, size=7, most=12, groups=(), linked=True):
    cells = RING[:size]
    amounts = st.integers(0, most) | st.just(0) | st.integers(1, LEAST)
    if linked:
        rows = st.lists(amounts, min_size=size, max_size=size)
        matrix = np.array(draw(st.lists(rows, min_size=size, max_size=size)), dtype=float)
        residence, work = matrix.sum(axis=1), matrix.sum(axis=0)
    else:
        matrix = None
        residence, work = (
            np.array(draw(st.lists(amounts, min_size=size, max_size=size)), dtype=float)
            for _ in ROLES
        )
    if groups and linked:
        share = draw(st.lists(st.floats(0, 1), min_size=size, max_size=size))
        part = np.round(matrix * share)
        residence, work = (
            np.array([part.sum(axis=one), (matrix - part).sum(axis=one)]) for one in (1, 0)
        )
    elif groups:
        share = st.lists(st.floats(0, 1), min_size=size, max_size=size)
        parts = [np.round(one * draw(share)) for one in (residence, work)]
        residence, work = (
            np.array([part, one - part]) for part, one in zip(parts, (residence, work), strict=True)
        )
    counts = table(cells, residence, work, groups=groups)
    return counts, None if matrix is None else moves(cells, matrix)


def attacked(counts, flows, *, groups, cells, targets=None, rng=None, least_share=None):
    """Suppress, read everything that is published, and try every hidden amount (or some)."""
    info = described(groups=groups)
    if least_share is None:
        info, tables = suppressed(info, {"counts": counts, "flows": flows})
        shown, kept = tables["counts"], tables.get("flows")
    else:
        info, tables = suppressed(info, {"counts": counts})
        shown = tables["counts"]
        kept, _ = hide_flows(
            flows, counts, shown, groups=groups, threshold=LEAST, least_share=least_share
        )
    kept = flows.iloc[:0] if kept is None and flows is not None else kept
    ceilings = ceilings_of(counts, shown, flows, kept, groups=groups)
    names = list(small(counts, groups=groups))
    if flows is not None:
        few = flows[flows["graduates"] < LEAST]
        names += [("flow", o, d) for o, d in few[["origin", "destination"]].to_numpy()]
    if isinstance(targets, tuple):
        names = [targets]
    elif targets is not None and len(names) > targets:
        names = [names[one] for one in rng.choice(len(names), targets, replace=False)]
    for known in ({}, ceilings):
        reader = reader_of(
            shown, kept, cells=cells, groups=groups, ceilings=known, linked=flows is not None
        )
        learn_audit(reader, info, shown, cells=cells, groups=groups, year=YEAR)
        assert_safe(reader, names)
    return shown, kept


@settings(max_examples=20)
@given(studies(size=9, linked=False), st.booleans())
def test_no_count_comes_back(study, few_empty):
    counts, _ = study
    attacked(counts, None, groups=(), cells=RING[:10] if few_empty else RING[:20])


@settings(max_examples=20)
@given(studies(size=9, groups=TWO, linked=False))
def test_no_group_comes_back(study):
    counts, _ = study
    attacked(counts, None, groups=TWO, cells=RING[:20])


@settings(max_examples=12)
@given(
    studies(size=9, groups=TWO, linked=False), st.lists(st.integers(0, 9), min_size=9, max_size=9)
)
def test_no_base_tells_those_who_are_no_graduates(study, others):
    assert_base_safe(study[0], others)


def test_the_one_base_that_tells_is_not_the_only_one_unknown():
    counts = table(RING[:9], [[9] * 9, [9] * 9], [[8] * 9, [9] * 9], groups=TWO)
    shown = assert_base_safe(counts, [3, *[40] * 8])
    assert shown["base"].isna().sum() == 4


def assert_base_safe(counts, others):
    counts["base"] = counts["graduates"] + np.tile(np.array(others, dtype=float), 2)
    info, tables = suppressed(described(groups=TWO), {"counts": counts})
    shown, ceilings = tables["counts"], {}
    for role in ROLES:
        before, after = (x[x["role"] == role].set_index("cell") for x in (counts, shown))
        for cell in before.index:
            told = after["graduates"].get(cell, 0)
            big = before["base"][cell] - told >= LEAST and np.isnan(after["base"].get(cell, np.nan))
            ceilings["others", role, cell] = np.inf if big else LEAST - 1
            if cell in after.index and not np.isnan(after["base"][cell]):
                ceilings["others", role, cell] = np.inf
    ceilings |= ceilings_of(counts, shown, None, None, groups=TWO)
    few = (counts["base"] - counts["graduates"]).between(1, LEAST - 1)
    names = [("others", *one) for one in counts.loc[few, ["role", "cell"]].to_numpy()]
    names += list(small(counts, groups=TWO))
    for known in ({}, ceilings):
        reader = reader_of(shown, None, cells=RING[:14], groups=TWO, ceilings=known, base=True)
        learn_audit(reader, info, shown, cells=RING[:14], groups=TWO, year=YEAR)
        assert_safe(reader, names)
    return shown


def test_the_smallest_count_shown_goes_where_hidden_ones_fill_all_empty_looking_cells():
    counts = table(RING[:5], [4, 4, 4, 6, 8], [9, 9, 8, 0, 0])
    shown, _ = attacked(counts, None, groups=(), cells=RING[:5])
    assert set(shown.loc[shown["role"] == "residence", "graduates"]) == {8}


@settings(max_examples=15)
@given(studies(size=5, groups=TWO), st.sampled_from([None, 0]))
def test_no_flow_of_a_small_town_comes_back(study, least_share):
    counts, flows = study
    attacked(counts, flows, groups=TWO, cells=RING[:9], least_share=least_share)


def test_a_heavy_flow_does_not_tell_the_groups_at_its_ends():
    matrix, _ = town_of(np.random.default_rng(3))
    matrix[0], matrix[:, 0] = 0, 0
    matrix[0, 1] = 6.0
    part = np.floor(matrix / 2)
    ends = [np.array([part.sum(one), (matrix - part).sum(one)]) for one in (1, 0)]
    counts, flows = table(RING[:45], *ends, groups=TWO), moves(RING[:45], matrix)
    shown, kept = attacked(
        counts,
        flows,
        groups=TWO,
        cells=RING[:48],
        targets=("count", "residence", "stayers", RING[0]),
        least_share=0,
    )
    assert RING[0] not in set(kept["origin"])
    assert len(kept)
    assert len(shown)


@settings(max_examples=5)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(), TWO]))
def test_no_flow_of_a_large_town_comes_back(seed, groups):
    counts, flows = town(np.random.default_rng(seed), groups=groups)
    _, kept = attacked(
        counts,
        flows,
        groups=groups,
        cells=RING[:48],
        targets=6,
        rng=np.random.default_rng(seed),
        least_share=0,
    )
    assert len(kept)


def town(rng, *, groups=()):
    matrix, ends = town_of(rng)
    if groups:
        part = rng.binomial(matrix.astype(int), 0.5)
        ends = [np.array([part.sum(one), (matrix - part).sum(one)]) for one in (1, 0)]
    return table(RING[:45], *ends, groups=groups), moves(RING[:45], matrix)


def town_of(rng, *, size=45):
    """Many small flows and a few heavy ones: room to hide, and something to show."""
    matrix = rng.poisson(0.2, (size, size)).astype(float)
    heavy = rng.choice(size * size, 25, replace=False)
    matrix.flat[heavy] = rng.integers(5, 12, 25)
    return matrix, [matrix.sum(axis=1), matrix.sum(axis=0)]
