"""Neighbours: the same disks h3 gives, restricted to the study, on and off the lattice."""

from __future__ import annotations

import h3
import numpy as np
import pytest

from spatial import cells as h3cells
from spatial import neighbours as module
from spatial.neighbours import disk
from tests import oracles


def around(lat, lon, *, resolution=8, radius=5):
    middle = h3cells.points_to_cells([lat], [lon], resolution=resolution)
    return h3cells.grid_disk(middle, k=radius)


def lists(neighbours):
    n = len(neighbours.cells)
    return [sorted(column[column < n].tolist()) for column in neighbours.table.T]


def scattered(cells, *, seed=0):
    rng = np.random.default_rng(seed)
    return cells[rng.random(len(cells)) < 0.6]


PENTAGON = h3.cell_to_latlng(h3.get_pentagons(8)[3])
FACE_EDGE = (22.0, 80.0)


@pytest.mark.parametrize("k", [0, 1, 2, 3])
@pytest.mark.parametrize("place", [(39.9, 116.4), (-33.9, 151.2), PENTAGON, FACE_EDGE], ids=str)
def test_are_the_cells_h3_gives(place, k):
    cells = scattered(around(*place))
    assert lists(disk(cells, k=k)) == oracles.neighbour_lists(cells, k)


@pytest.mark.parametrize("k", [1, 3])
def test_lattice_and_lookup_give_the_same(k):
    cells = scattered(around(39.9, 116.4, resolution=9, radius=20))
    fast, slow = module._on_lattice(cells, k=k), module._looked_up(cells, k=k)
    np.testing.assert_array_equal(np.sort(fast, axis=0), np.sort(slow, axis=0))
    for ring in range(k + 1):  # the same cells in the same rings
        rows = slice(0, module._rows(ring))
        np.testing.assert_array_equal(np.sort(fast[rows], axis=0), np.sort(slow[rows], axis=0))


def test_far_apart_parts_need_no_huge_box():
    cells = np.unique(np.concatenate([around(39.9, 116.4), around(31.2, 121.5)]))
    assert lists(disk(cells, k=2)) == oracles.neighbour_lists(cells, 2)


def test_a_shorter_reach_is_the_first_rows_of_a_longer():
    cells = scattered(around(39.9, 116.4))
    wide = disk(cells, k=3)
    for k in (0, 1, 2, 3, 4):
        near = wide.reach(k)
        assert (near.k, lists(near)) == (k, oracles.neighbour_lists(cells, k))
        np.testing.assert_array_equal(near.counts, [len(mine) for mine in lists(near)])


def test_leaving_cells_out_is_the_same_as_never_having_them():
    cells = around(39.9, 116.4)
    kept = np.random.default_rng(2).random(len(cells)) < 0.7
    assert lists(disk(cells, k=2).within(kept)) == oracles.neighbour_lists(cells[kept], 2)


def test_sums_count_the_cell_itself():
    cells = scattered(around(39.9, 116.4))
    values = np.arange(len(cells), dtype=float)
    found, mine = disk(cells, k=1), oracles.neighbour_lists(cells, 1)
    np.testing.assert_allclose(found.sums(values), [values[m].sum() for m in mine])


def test_one_cell_and_no_cells_have_neighbours_too():
    one = around(39.9, 116.4, radius=0)
    assert disk(one, k=2).counts.tolist() == [1]
    assert disk(one[:0], k=2).counts.tolist() == []
    assert disk(one[:0], k=2).sums([]).tolist() == []


def test_unsorted_repeated_or_mixed_cells_are_refused():
    cells = around(39.9, 116.4)
    with pytest.raises(ValueError, match="sorted"):
        disk(cells[::-1])
    with pytest.raises(ValueError, match="sorted"):
        disk(np.sort(np.concatenate([cells, cells[:1]])))
    with pytest.raises(ValueError, match="one resolution"):
        disk(np.sort(np.concatenate([cells, around(39.9, 116.4, resolution=7)])))
    with pytest.raises(ValueError, match="k must be 0 or more"):
        disk(cells, k=-1)
