"""Slow, literal forms of what is said of several years: one witness of three."""

from __future__ import annotations

from itertools import combinations, permutations
from math import comb, sqrt

import h3


def binomial_p(before, after, ratio):
    """Two-sided exact p of whole counts: every outcome of the binomial added up."""
    n, chance = before + after, ratio / (1 + ratio)
    mass = [comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(n + 1)]
    return min(1.0, 2 * min(sum(mass[after:]), sum(mass[: after + 1])))


def expected_by_base(before, after, base_before, base_after):
    """What each cell would hold had it followed its base at the city's rate."""
    known = [i for i in range(len(before)) if base_before[i] > 0 and base_after[i] > 0]
    rate = [
        sum(counts[i] for i in known) / sum(base[i] for i in known)
        for counts, base in ((before, base_before), (after, base_after))
    ]
    return {i: before[i] * base_after[i] / base_before[i] * rate[1] / rate[0] for i in known}


def mann_kendall(row):
    """S, its tie-corrected standard deviation and the continuity-corrected z of one row."""
    n = len(row)
    s = sum((b > a) - (b < a) for a, b in combinations(row, 2))
    ties = [row.count(value) for value in set(row)]
    spread = sqrt((n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18)
    z = (s - (s > 0) + (s < 0)) / spread if spread else 0.0
    return s, spread, z


def mann_kendall_p(row):
    """Exact two-sided p: every order of the years, twice the rarer side."""
    s = mann_kendall(row)[0]
    every = [mann_kendall(list(order))[0] for order in permutations(sorted(row))]
    above = sum(other >= s for other in every) / len(every)
    below = sum(other <= s for other in every) / len(every)
    return min(1.0, 2 * min(above, below))


def fuzzy_kappa(cells, one, other, steps, halving):
    """Fuzzy kappa by asking h3 for every distance, and by every pair of cells for chance."""
    names = [h3.int_to_str(int(cell)) for cell in cells]

    def worth(words, start, wanted):
        rings = [
            h3.grid_distance(start, name)
            for name, word in zip(names, words, strict=True)
            if word == wanted
        ]
        near = min(rings, default=steps + 1)
        return 0.5 ** (near / halving) if near <= steps else 0.0

    categories = ("hot", "cold", "none")
    mine = [{c: worth(one, name, c) for c in categories} for name in names]
    theirs = [{c: worth(other, name, c) for c in categories} for name in names]
    n = range(len(names))
    agreed = sum(min(mine[i][other[i]], theirs[i][one[i]]) for i in n) / len(names)
    every = sum(min(mine[i][other[j]], theirs[j][one[i]]) for i in n for j in n)
    expected = every / len(names) ** 2
    return 1.0 if expected > 1 - 1e-12 else (agreed - expected) / (1 - expected)


def centre_shift(before, after, xy, ratio):
    """Shift of the centre, and its covariance, person by person of each cell."""
    shift, cover = [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]
    for sign, counts in ((-1, before), (1, after)):
        total = sum(counts)
        middle = [
            sum(c * p[axis] for c, p in zip(counts, xy, strict=True)) / total for axis in (0, 1)
        ]
        for a in (0, 1):
            shift[a] += sign * middle[a]
            for b in (0, 1):
                cover[a][b] += sum(
                    c * r * (p[a] - middle[a]) * (p[b] - middle[b]) / total**2
                    for c, r, p in zip(counts, ratio, xy, strict=True)
                )
    return shift, cover
