"""Class edges: round, ascending, the same for all years."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spatial.scale import round_edges

AMOUNTS = st.lists(st.floats(0, 1e7, allow_nan=False), min_size=1, max_size=60)


@given(AMOUNTS, st.integers(1, 8))
def test_edges_ascend_and_are_few(values, classes):
    edges = round_edges([values], classes=classes)
    assert 1 <= len(edges) <= classes
    assert edges == sorted(set(edges))


@given(AMOUNTS)
def test_the_top_class_is_not_empty(values):
    if max(values) > 0:
        assert round_edges([values])[-1] <= max(values)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=60))
def test_whole_numbers_have_whole_edges(values):
    assert all(edge == int(edge) and edge >= 1 for edge in round_edges([values], whole=True))


@given(AMOUNTS, AMOUNTS)
def test_years_are_pooled(first, second):
    assert round_edges([first, second]) == round_edges([second, first])
    assert round_edges([first, second]) == round_edges([first + second])


def test_edges_read_as_a_person_would_write_them():
    counts = np.random.default_rng(1).lognormal(3, 1.8, 20_000)
    for edge in round_edges([counts], whole=True):
        assert f"{edge:g}".rstrip("0") in {"1", "2", "3", "5", "7", "15"}


def test_nothing_above_zero_still_has_a_scale():
    assert round_edges([[0, 0, np.nan]]) == [1.0]
    assert round_edges([]) == [1.0]
