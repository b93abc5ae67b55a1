"""Slow, literal forms of what the project computes fast: one witness of three."""

from __future__ import annotations

from itertools import combinations
from math import sqrt

import h3
import numpy as np

# --- Neighbours, hotspots, chance ----------------------------------------------------------------


def neighbour_lists(cells, k):
    """Positions within k steps of each cell, itself included, by asking h3 cell by cell."""
    names = [h3.int_to_str(int(cell)) for cell in cells]
    place = {name: position for position, name in enumerate(names)}
    return [sorted(place[c] for c in h3.grid_disk(name, k) if c in place) for name in names]


def gi_star(values, lists):
    """Gi* as Ord and Getis (1995) print it, weights 0 and 1, one cell at a time."""
    n = len(values)
    mean = sum(values) / n
    s = sqrt(sum(x * x for x in values) / n - mean * mean)
    scores = []
    for mine in lists:
        w = [1 if j in mine else 0 for j in range(n)]
        above = sum(w[j] * values[j] for j in range(n)) - mean * sum(w)
        below = s * sqrt((n * sum(x * x for x in w) - sum(w) ** 2) / (n - 1))
        scores.append(above / below)
    return scores


def local_moran(values, lists):
    """Local Moran's I with row-standardised weights, the cell itself left out."""
    n = len(values)
    mean = sum(values) / n
    m2 = sum((x - mean) ** 2 for x in values) / (n - 1)
    found = []
    for i, mine in enumerate(lists):
        others = [j for j in mine if j != i]
        lag = sum(values[j] - mean for j in others) / len(others) if others else 0.0
        found.append((values[i] - mean) / m2 * lag)
    return found


def exact_tails(values, lists):
    """
    Chance of as much and of as little around each cell, over every possible neighbourhood.

    The cell keeps its value and every subset of the other values is its neighbourhood once.
    """
    found = []
    for i, mine in enumerate(lists):
        others = [x for j, x in enumerate(values) if j != i]
        observed = sum(values[j] for j in mine if j != i)
        sums = [sum(draw) for draw in combinations(others, len(mine) - 1)]
        above = sum(total >= observed for total in sums) / len(sums)
        below = sum(total <= observed for total in sums) / len(sums)
        found.append((above, below))
    return found


def pooled_p(values, i, mine, *, draws, rng):
    """Two-sided p of cell i against draws from all cells: its own value wrongly stays in."""
    values = np.asarray(values)
    size = len(mine) - 1
    rows = rng.random((draws, len(values))).argpartition(size, axis=1)[:, :size]
    sums = values[rows].sum(axis=1)
    observed = values[mine].sum() - values[i]
    extreme = min((sums >= observed).sum(), (sums <= observed).sum())
    return min(1.0, 2 * (extreme + 1) / (draws + 1))


def benjamini_hochberg(p):
    """Smallest alpha at which each test is a discovery, by its definition."""
    m = len(p)
    ordered = sorted(p)
    return [min(m * ordered[j] / (j + 1) for j in range(m) if ordered[j] >= x) for x in p]


# --- Peaks and places ----------------------------------------------------------------------------


def _part(start, inside, lists):
    found, edge = {start}, [start]
    while edge:
        edge = [j for i in edge for j in lists[i] if j in inside and j not in found]
        found.update(edge)
    return found


def saddle(a, b, heights, lists):
    """Greatest height at which a and b hang together, by trying every height; None if none."""
    for level in sorted(set(heights), reverse=True):
        inside = {i for i, height in enumerate(heights) if height >= level}
        if {a, b} <= inside and b in _part(a, inside, lists):
            return level
    return None


def prominences(heights, lists):
    """
    Height of each peak above its highest saddle to a higher one; above 0 without one.

    For surfaces without equal heights.
    """
    peaks = [i for i, mine in enumerate(lists) if heights[i] == max(heights[j] for j in mine)]
    found = {}
    for peak in peaks:
        higher = [other for other in peaks if heights[other] > heights[peak]]
        saddles = [saddle(peak, other, heights, lists) for other in higher]
        saddles = [level for level in saddles if level is not None]
        found[peak] = heights[peak] - max(saddles, default=0.0)
    return found


def extents(kept, heights, hot, lists, *, floor):
    """Hot cells of each kept (hot) peak, by the definition."""
    found = {}
    for peak in kept:
        saddles = [saddle(peak, other, heights, lists) for other in kept if other != peak]
        limit = max([level for level in saddles if level is not None], default=-np.inf)
        limit = max(limit, floor * heights[peak])
        inside = {i for i, height in enumerate(heights) if hot[i] and height > limit}
        found[peak] = _part(peak, inside, lists)
    return found
