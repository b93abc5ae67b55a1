"""
Shipping: who goes where so that all of them together go least far.

The transportation problem (Hitchcock 1941, Kantorovich 1942), solved exactly. A network simplex
on all n x m ways spends its time on ways nobody would take. So it gets few: those that look
short against prices from a coarser problem, and enough to reach everyone. Its own prices then
tell which of the ways left out would pay, by one sweep over all of them; those are added and it
goes on from where it stood. When none pays, the plan is the best of all (linear programming
duality), whichever ways it never saw.

People are counted in whole units of 2^-50 of all, so that sums are exact and no way is missed for
a rounding error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.geodesic_matrix import Spots

__all__ = ["UNITS", "Shipment", "in_units", "least_shipment", "matrix_bounds", "refined", "sums"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

UNITS: Final = 2.0**50
"""Whole units that all people together are shared into."""

_DENSE: Final = 150_000  # ways; below, all of them are given to the solver at once
_BLOCK: Final = 4  # places that become one in the coarser problem
_NEAR: Final = 8  # ways offered first, of each place
_SAMPLE: Final = 50_000  # ways looked at to tell what is short
_CACHED: Final = 60_000  # ways looked at in one go
_MORE: Final = 8  # ways added later, for each place at most
_GAP: Final = 1e-9  # of the total: what may be left to win
_SWEEPS: Final = 200
_PIVOTS: Final = 10**8


@dataclass(frozen=True, eq=False)
class Shipment:
    """
    A plan and its proof.

    Parameters
    ----------
    origin, destination
        Rows of the places sent from and to, shape (k,).
    amount
        Units on each way, shape (k,), whole.
    send, take
        Prices of the places, shapes (n,) and (m,): send[i] + take[j] is at most the cost of
        going from i to j, and equal to it on the ways taken.
    total
        Cost of all, units times km.
    """

    origin: Rows
    destination: Rows
    amount: Floats
    send: Floats
    take: Floats
    total: float


def in_units(weights: ArrayLike) -> Floats:
    """`weights` as whole numbers that add up to `UNITS`, shape (n,); small shares become 0."""
    given = np.asarray(weights, dtype=np.float64)
    found: Floats = np.rint(given * (UNITS / given.sum()))
    found[np.argmax(found)] += UNITS - found.sum()
    return found


def least_shipment(
    homes: Spots, jobs: Spots, sent: Floats, taken: Floats, *, farthest: bool = False
) -> Shipment:
    """
    The plan of least mean distance, or with `farthest` the one of the greatest.

    Parameters
    ----------
    homes, jobs
        Places sent from (n) and to (m).
    sent, taken
        Units above 0 of each, shapes (n,) and (m,): whole, and as many on both sides.
    farthest
        Whether to look for the greatest distance instead.

    Returns
    -------
    Shipment
        Costs and prices in km, negative when `farthest`. At most 1e-9 of the total is left
        to win.

    References
    ----------
    Dantzig, G. B. & Wolfe, P. (1960). Decomposition principle for linear programs. Operations
    Research 8(1), 101-111. Schmitzer, B. (2016). A sparse multiscale algorithm for dense optimal
    transport. Journal of Mathematical Imaging and Vision 56, 238-259.
    """
    if not farthest:
        return _least(homes, jobs, sent, taken, None)
    # The solver wants costs of 0 or more: the greatest distance is what falls least short of a
    # greater one.
    top = homes.reach_km(jobs)
    plan = _least(homes, jobs, sent, taken, top)
    return replace(plan, send=plan.send - top, total=plan.total - top * float(sent.sum()))


def matrix_bounds(cost: Floats, homes: ArrayLike, jobs: ArrayLike) -> tuple[float, float]:
    """
    Least and greatest mean cost over all plans, where only costs are known, of shape (n, m).

    Without places there is no coarser problem to begin from: some seconds at 3 000 x 3 000.
    """
    sent, taken = in_units(homes), in_units(jobs)
    rows, columns = np.flatnonzero(sent), np.flatnonzero(taken)
    sent, taken, cost = sent[rows], taken[columns], cost[np.ix_(rows, columns)]
    low, top = float(cost.min()), float(cost.max())
    least = low + _solved_whole(cost - low, sent, taken).total / UNITS
    return least, top - _solved_whole(top - cost, sent, taken).total / UNITS


def refined(
    plan: Shipment, home_of: Rows, job_of: Rows, sent: Floats, taken: Floats
) -> tuple[Rows, Rows, Floats]:
    """
    A coarse plan shared out among the members of its places: origin, destination and amount.

    Parameters
    ----------
    plan
        Between the coarse places.
    home_of, job_of
        Row of the coarse place of each member, shapes (n,) and (m,).
    sent, taken
        Units of each member; those of a coarse place add up to its own.
    """
    rows = (plan.origin, plan.destination)
    from_way, origin, leaving = _members(plan.amount, rows, home_of, sent)
    to_way, destination, coming = _members(plan.amount, rows[::-1], job_of, taken)
    first, second = np.argsort(from_way, kind="stable"), np.argsort(to_way, kind="stable")
    a, b, amount = _overlaid(leaving[first], coming[second])
    return origin[first][a], destination[second][b], amount


def sums(group: Rows, held: Floats, *, size: int = 0) -> Floats:
    """What each group 0, 1, ... holds together, at least `size` of them."""
    return np.bincount(group, held, minlength=size).astype(np.float64)


def _members(
    amount: Floats, rows: tuple[Rows, Rows], place_of: Rows, held: Floats
) -> tuple[Rows, Rows, Floats]:
    """Ways cut up among the members of the place at one end: way, member and amount."""
    ways, members = np.lexsort(rows[::-1]), np.argsort(place_of, kind="stable")
    a, b, piece = _overlaid(amount[ways], held[members])
    return ways[a], members[b], piece


def _overlaid(first: Floats, second: Floats) -> tuple[Rows, Rows, Floats]:
    """Two cuts of one line into lengths laid over each other: rows of both and common lengths."""
    a, b = np.cumsum(first), np.cumsum(second)
    cuts = np.union1d(a, b)
    cuts = cuts[cuts > 0]
    return np.searchsorted(a, cuts), np.searchsorted(b, cuts), np.diff(cuts, prepend=0.0)


def _least(homes: Spots, jobs: Spots, sent: Floats, taken: Floats, top: float | None) -> Shipment:
    """Best plan for distances, or for what they fall short of `top`."""
    cost = _cost(homes, jobs, top)
    if cost.size <= _DENSE:
        return _solved_whole(cost, sent, taken)
    home_of, job_of = _blocks(homes.xyz), _blocks(jobs.xyz)
    near, far = homes.means(sent, home_of), jobs.means(taken, job_of)
    coarse = _least(near, far, sums(home_of, sent), sums(job_of, taken), top)
    send = (_cost(homes, far, top) - coarse.take).min(axis=1)
    take = (_cost(near, jobs, top) - coarse.send[:, None]).min(axis=0)
    reaching = refined(coarse, home_of, job_of, sent, taken)
    ways = reaching[0] * len(jobs) + reaching[1]
    return _solved(cost, sent, taken, np.union1d(ways, _first_ways(cost, send, take)))


def _cost(homes: Spots, jobs: Spots, top: float | None) -> Floats:
    found = homes.matrix_km(jobs)
    return found if top is None else np.subtract(top, found, out=found)


def _blocks(xyz: Floats) -> Rows:
    """Number of the block of each place: strips of as many places, cut into as many blocks."""
    n = len(xyz)
    strips = max(1, isqrt(n // _BLOCK))
    middle = xyz - xyz.mean(axis=0)
    _, _, axes = np.linalg.svd(middle, full_matrices=False)
    along, across = middle @ axes[0], middle @ axes[1]
    strip = np.empty(n, dtype=np.int64)
    strip[np.argsort(along, kind="stable")] = np.arange(n) * strips // n
    order = np.lexsort((across, strip))
    sizes = np.bincount(strip, minlength=strips)
    within = np.empty(n, dtype=np.int64)
    within[order] = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    number = strip * strips + within * strips // sizes[strip]
    return np.unique(number, return_inverse=True)[1]


def _first_ways(cost: Floats, send: Floats, take: Floats) -> Rows:
    """Ways that look short against prices, about `_NEAR` of them for each place."""
    n, m = cost.shape
    share = min(1.0, _NEAR * (n + m) / cost.size)
    seen = np.arange(0, cost.size, max(1, cost.size // _SAMPLE))
    extra = cost.ravel()[seen] - send[seen // m] - take[seen % m]
    return _swept(cost, send, take, float(np.quantile(extra, share)))[0]


def _solved(cost: Floats, sent: Floats, taken: Floats, ways: Rows) -> Shipment:
    """Best plan over all of `cost`, by adding to `ways` what would pay until nothing does."""
    m = cost.shape[1]
    simplex = _simplex().emd_c_sparse
    warm: tuple[Floats, ...] = ()
    for _ in range(_SWEEPS):
        ends = (ways // m).astype(np.uint64), (ways % m).astype(np.uint64)
        found = simplex(sent, taken, *ends, cost.ravel()[ways], _PIVOTS, *warm)
        origin, destination, amount, total, send, take, code = found
        if code != 1:
            break
        paying, low, low_in = _swept(cost, send, take, 0.0)
        if -(sent @ low) <= _GAP * abs(total):
            rows = origin.astype(np.int64), destination.astype(np.int64)
            return Shipment(*rows, amount, send + low, take, total)
        most = _MORE * sum(cost.shape)
        if len(paying) > most:  # those nearest to the best of a place
            a, b = paying // m, paying % m
            gain = cost.ravel()[paying] - send[a] - take[b]
            worth = np.maximum(gain / low[a], gain / low_in[b])
            paying = paying[worth >= np.partition(worth, -most)[-most]]
        ways = np.union1d(ways, paying)
        warm = (send, take)
    return _solved_whole(cost, sent, taken)


def _swept(cost: Floats, send: Floats, take: Floats, most: float) -> tuple[Rows, Floats, Floats]:
    """
    Ways whose cost exceeds their prices by less than `most`, as sorted flat positions.

    Beside them the least excess in each row, shape (n,), and in each column, shape (m,), 0 where
    none is below. Some rows at a time, so that they stay in the processor's cache.
    """
    n, m = cost.shape
    step = max(1, _CACHED // m)
    low, low_in, found = np.empty(n), np.zeros(m), []
    for at in range(0, n, step):
        extra = cost[at : at + step] - take
        extra -= send[at : at + step, None]
        extra.min(axis=1, out=low[at : at + step])
        if low[at : at + step].min() < most:
            found.append(np.flatnonzero(extra.ravel() < most) + at * m)
            np.minimum(low_in, extra.min(axis=0), out=low_in)
    return np.concatenate([np.empty(0, dtype=np.int64), *found]), np.minimum(low, 0), low_in


def _solved_whole(cost: Floats, sent: Floats, taken: Floats) -> Shipment:
    """Best plan with every way given to the solver."""
    plan, total, send, take, code = _simplex().emd_c(
        sent, taken, np.ascontiguousarray(cost), _PIVOTS, 1
    )
    if code != 1:
        raise RuntimeError(f"a plan must be found within {_PIVOTS} pivots, found code {code}")
    origin, destination = np.nonzero(plan)
    amount = plan[origin, destination]
    return Shipment(origin, destination, amount, send, take, total)


def _simplex() -> Any:  # noqa: ANN401 - POT ships no types
    """POT's network simplex; it takes seconds to import, so only who asks for it pays."""
    from ot.lp import emd_wrap  # type: ignore[import-untyped]

    return emd_wrap
