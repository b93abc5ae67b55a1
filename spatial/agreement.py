"""Agreement: how alike two years' hotspots are, against chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.fuzzy import Nearest, fuzzy_kappa, nearest
from spatial.lattice import lattice
from spatial.neighbours import Neighbours
from spatial.noise import as_pair

__all__ = ["NULLS", "Agreement", "Null", "agreement"]

Null = Literal["moved", "shuffled"]
"""One map turned and moved over the other, or its cells shuffled."""
NULLS: Final[tuple[Null, ...]] = get_args(Null)
"""Every such null, the default first."""

_WORDS: Final = ("cold", "none", "hot")
_HOT: Final = 2
_LEAST = 0.5  # part of the cells that a moved map must still cover
_TRIES = 40  # draws looked at for each one kept, before a study area is called too ragged
_GLANCE: Final = 500  # cells looked at before all are
_TURN = np.array([(1, 1), (-1, 0)])  # rows: where (1, 0) and (0, 1) go in a sixth of a turn
_MIRROR = np.array([(0, 1), (1, 0)])

_Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Agreement:
    """
    How alike two years are; every p is the chance of being as alike or more.

    Parameters
    ----------
    jaccard
        Cells hot in both years over cells hot in either; NaN where none is hot at all.
    stayed
        Graduates, both years together, in cells hot in both over those in cells hot in either.
    kept, held
        One way each: of the first year's graduates in its hot cells, the part in cells still
        hot; of the second year's, the part in cells hot before.
    fuzzy_kappa
        Agreement of hot, cold and other cells, near misses counting in part, over what two maps
        so lumpy would reach by chance: 1 for identical maps, 0 for chance.
    p_jaccard, p_stayed, p_kappa
        By permutation; NaN without draws.
    null, draws
        What was permuted, and how many draws were made.
    """

    jaccard: float
    stayed: float
    kept: float
    held: float
    fuzzy_kappa: float
    p_jaccard: float
    p_stayed: float
    p_kappa: float
    null: Null
    draws: int


@dataclass(frozen=True, eq=False)
class _Map:
    """One year's verdicts with the distances to each, and its graduates."""

    near: Nearest
    counts: NDArray[np.float64]

    def at(self, cells: _Positions) -> _Map:
        return _Map(self.near.at(cells), self.counts[cells])


def agreement(
    before: pd.Series,
    after: pd.Series,
    neighbours: Neighbours,
    *,
    counts_before: pd.Series,
    counts_after: pd.Series,
    steps: int = 2,
    halving: float = 1.0,
    null: Null = "moved",
    permutations: int = 999,
    rng: np.random.Generator,
) -> Agreement:
    """
    How alike the hotspots of two years are.

    Parameters
    ----------
    before, after
        "hot", "cold" or "none" per cell, shape (n,). Places can be compared as well: "hot" in
        their cells, "none" elsewhere.
    neighbours
        Of the same cells.
    counts_before, counts_after
        Graduates per cell of either year.
    steps
        Rings within which a near miss still counts.
    halving
        Rings over which its worth falls by half.
    null
        "moved" (default): the second map is turned by a multiple of 60 degrees, or mirrored,
        and shifted along the lattice at random; at least half of the cells must lie on both
        maps, and likeness is measured on those. Maps keep their lumps, so this asks whether
        hot areas stand in the same spots, rather than as two maps equally lumpy would. Draws
        are not independent, and few different ones exist: read p as an order of magnitude.
        "shuffled": verdicts, with their counts, are dealt out to cells anew. That takes the
        lumps away, and nearly any two years of a city beat it: its small p says little.
    permutations
        Draws; 0 for none.
    rng
        Source of chance.

    Returns
    -------
    Agreement
        With p = (draws as alike or more + 1) / (draws + 1).

    Raises
    ------
    ValueError
        When the cells differ, or the study area is so ragged that no move covers half of it.

    References
    ----------
    Hagen, A. (2003). Fuzzy set approach to assessing similarity of categorical maps.
    International Journal of Geographical Information Science 17, 235-249. Hagen-Zanker, A.
    (2009). An improved Fuzzy Kappa statistic that accounts for spatial autocorrelation. Same
    journal 23, 61-73. Phipson & Smyth (2010), see `p_permuted`.
    """
    _check(null, permutations=permutations, steps=steps, halving=halving)
    as_pair(counts_before, counts_after)
    neighbours = neighbours.reach(steps)  # once, and not for every draw
    one = _read(before, counts_before, neighbours, steps=steps)
    other = _read(after, counts_after, neighbours, steps=steps)
    worth = np.append(0.5 ** (np.arange(steps + 1) / halving), 0.0)
    seen = np.array(_likeness(one, other, worth))
    if null == "moved":
        pairs = _moves(neighbours, draws=permutations, rng=rng)
        drawn = [_likeness(one.at(here), other.at(there), worth) for here, there in pairs]
    else:
        orders = (rng.permutation(len(one.counts)) for _ in range(permutations))
        drawn = [_likeness(one, _dealt(other, order, neighbours, steps), worth) for order in orders]
    chance = _chances(seen, np.array(drawn).reshape(-1, 3))
    return Agreement(
        *(float(seen[0]), float(seen[1])),
        kept=_part(one, other),
        held=_part(other, one),
        fuzzy_kappa=float(seen[2]),
        p_jaccard=chance[0],
        p_stayed=chance[1],
        p_kappa=chance[2],
        null=null,
        draws=len(drawn),
    )


def _check(null: Null, *, permutations: int, steps: int, halving: float) -> None:
    faults = []
    if null not in NULLS:
        faults.append(f"null must be one of {', '.join(NULLS)}, found {null}")
    if permutations < 0:
        faults.append(f"permutations must be 0 or more, found {permutations}")
    if steps < 0:
        faults.append(f"steps must be 0 or more, found {steps}")
    if not halving > 0:
        faults.append(f"halving must be above 0 rings, found {halving}")
    if faults:
        raise ValueError("; ".join(faults))


def _read(verdicts: pd.Series, counts: pd.Series, neighbours: Neighbours, *, steps: int) -> _Map:
    if not (verdicts.index.equals(neighbours.cells) and counts.index.equals(neighbours.cells)):
        raise ValueError("verdicts, counts and neighbours must be of the same cells, found others")
    codes = pd.Index(_WORDS).get_indexer(pd.Index(verdicts))
    if (codes < 0).any():
        odd = verdicts.to_numpy()[codes < 0][0]
        raise ValueError(f"verdicts must be hot, cold or none, found {odd}")
    near = nearest(codes.astype(np.int64), neighbours, categories=len(_WORDS), steps=steps)
    return _Map(near, counts.to_numpy(dtype=np.float64))


def _likeness(one: _Map, other: _Map, worth: NDArray[np.float64]) -> tuple[float, float, float]:
    """Jaccard, stayed, fuzzy kappa."""
    hot, still = one.near.codes == _HOT, other.near.codes == _HOT
    both, either = hot & still, hot | still
    graduates = one.counts + other.counts
    jaccard = _quotient(both.sum(), either.sum())
    stayed = _quotient(graduates[both].sum(), graduates[either].sum())
    return jaccard, stayed, fuzzy_kappa(one.near, other.near, worth)


def _part(one: _Map, other: _Map) -> float:
    """Of the graduates in hot cells of one year, the part in cells hot in the other too."""
    hot, still = one.near.codes == _HOT, other.near.codes == _HOT
    return _quotient(one.counts[hot & still].sum(), one.counts[hot].sum())


def _quotient(above: float, below: float) -> float:
    return float(above / below) if below > 0 else float("nan")


def _dealt(side: _Map, order: _Positions, neighbours: Neighbours, steps: int) -> _Map:
    codes = side.near.codes[order]
    near = nearest(codes, neighbours, categories=len(_WORDS), steps=steps)
    return _Map(near, side.counts[order])


def _moves(
    neighbours: Neighbours, *, draws: int, rng: np.random.Generator
) -> Iterator[tuple[_Positions, _Positions]]:
    """Positions on the first map and, once it is moved, on the second, of each draw's cells."""
    if not draws:
        return
    points = lattice(neighbours.cells.to_numpy())
    patch = np.flatnonzero(points.patch == np.bincount(points.patch).argmax())
    ij = points.ij[patch].astype(np.int64)
    middle = np.rint(ij.mean(axis=0)).astype(np.int64)
    width = ij.max(axis=0) + 1
    box = np.full(tuple(width), -1, dtype=np.int64)
    box[ij[:, 0], ij[:, 1]] = patch
    ways = _ways(ij - middle)
    few = slice(None, None, max(1, len(ij) // _GLANCE))
    made, reach = 0, width // 2
    for _ in range(_TRIES * draws):
        if made == draws:
            return
        turned = ways[int(rng.integers(len(ways)))]
        step = middle + rng.integers(-reach, reach + 1)
        if (_looked_up(box, turned[few] + step) >= 0).mean() < _LEAST - 0.1:
            continue  # far too little left in common, as a glance at a few cells tells
        there = _looked_up(box, turned + step)
        covered = there >= 0
        if covered.sum() >= _LEAST * len(neighbours.cells):
            made += 1
            yield patch[covered], there[covered]
    if made < draws:
        raise ValueError(
            f"a study area must overlap itself by half when moved, found {made} of {draws} moves"
            ' that do; null "shuffled" needs none'
        )


def _ways(ij: _Positions) -> list[_Positions]:
    """The six turns and six mirror images of places on the lattice about (0, 0)."""
    turns = [ij @ np.linalg.matrix_power(_TURN, sixths) for sixths in range(6)]
    return [*turns, *(turned @ _MIRROR for turned in turns)]


def _looked_up(box: _Positions, ij: _Positions) -> _Positions:
    """Position of the cell at each place of the lattice; -1 where there is none."""
    inside = ((ij >= 0) & (ij < box.shape)).all(axis=1)
    found = np.full(len(ij), -1, dtype=np.int64)
    found[inside] = box[ij[inside, 0], ij[inside, 1]]
    return found


def _chances(seen: NDArray[np.float64], drawn: NDArray[np.float64]) -> list[float]:
    if not len(drawn):
        return [float("nan")] * 3
    alike = (drawn >= seen - 1e-12).sum(axis=0)
    known = (~np.isnan(drawn)).sum(axis=0)  # a draw without hot cells has nothing to compare
    found = np.where(np.isnan(seen), np.nan, (alike + 1) / (known + 1))
    return [float(p) for p in found]
