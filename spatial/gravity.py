"""
Gravity: a modelled guess of who works where, from margins and distances alone.

Where no flows were observed, the likeliest table with the known margins and a given mean distance
is the doubly constrained gravity model (Wilson 1967): people of i go to j in proportion to
exp(-decay x distance), balanced until every home sends and every job takes what it must. It is a
model and nothing else: it knows no wages, no rents, no rail, and its result says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.shipping import matrix_bounds

__all__ = ["Gravity", "GravityError", "bounds_km", "calibrated_decay", "gravity"]

Floats = NDArray[np.float64]

_EXACT: Final = 1e-9  # of a place's people: how near its margin must come
_SOUGHT: Final = 1e-7  # the same, while decay is being sought
_ROUNDS: Final = 5_000
_FOLD: Final = 200.0  # a factor with a larger logarithm is folded into the kernel
_STEPS: Final = 80
_SHARP: Final = 20.0  # decay x mean distance beyond which the limits are looked up


class GravityError(ValueError):
    """Margins, distances or a target no gravity model can meet; the message says which."""


@dataclass(frozen=True, eq=False)
class Gravity:
    """
    Modelled flows.

    Parameters
    ----------
    plan
        People from each home place to each job place, shape (n, m).
    decay
        Per km: how fast willingness falls with distance. 0 is no distance at all.
    mean_km
        Mean distance of the modelled people.
    modelled
        Always true: whoever shows these figures must say so.
    """

    plan: Floats
    decay: float
    mean_km: float
    modelled: bool = True


def gravity(homes: ArrayLike, jobs: ArrayLike, distance_km: ArrayLike, *, decay: float) -> Gravity:
    """
    Doubly constrained gravity model with exponential decay.

    plan[i, j] = a[i] homes[i] b[j] jobs[j] exp(-decay distance[i, j]), with a and b such that
    rows add up to homes and columns to jobs, each to 1e-9 of itself (Furness' iteration).

    Parameters
    ----------
    homes, jobs
        People at each place, 0 or more, shapes (n,) and (m,). Where totals differ, jobs are
        scaled to as many as homes.
    distance_km
        Shape (n, m), finite.
    decay
        Per km; negative where people were to prefer far jobs.

    Raises
    ------
    GravityError
        When margins or distances cannot be, or the iteration does not end.

    References
    ----------
    Furness, K. P. (1965). Time function iteration. Traffic Engineering and Control 7(7),
    458-460. Wilson, A. G. (1967). A statistical theory of spatial distribution models.
    Transportation Research 1(3), 253-269. Wilson, A. G. (1971). A family of spatial interaction
    models, and associated developments. Environment and Planning A 3(1), 1-32.
    """
    sent, taken, far = _checked(homes, jobs, distance_km)
    if not np.isfinite(decay):
        raise GravityError(f"decay must be a number, found {decay}")
    plan = _Balance(sent, taken, far).at(decay, exact=_EXACT)
    return Gravity(plan, float(decay), float((plan * far).sum() / sent.sum()))


def calibrated_decay(
    homes: ArrayLike, jobs: ArrayLike, distance_km: ArrayLike, *, mean_km: float
) -> float:
    """
    Decay per km at which the modelled mean distance is `mean_km`, to a millionth of it.

    The mean falls as decay grows. Steps follow Hyman (1969): from a first guess of 1 over a mean
    distance along the straight line through the last two; a step that leaves the interval known
    to hold the answer is replaced by its middle. What the margins allow takes longer to find
    than most decays, so it is asked only when a steep decay has not reached the target.

    Raises
    ------
    GravityError
        When `mean_km` lies outside what the margins allow (see `bounds_km`), or so close to
        either end that only the plan at that end itself has it.

    References
    ----------
    Hyman, G. M. (1969). The calibration of trip distribution models. Environment and Planning
    1(1), 105-112.
    """
    sent, taken, far = _checked(homes, jobs, distance_km)
    if not np.isfinite(mean_km):
        raise GravityError(f"mean_km must be a number, found {mean_km}")
    balance, total = _Balance(sent, taken, far), sent.sum()
    limit, asked = _SHARP / far.mean(), False

    def above(decay: float) -> float:
        nonlocal asked
        if abs(decay) > limit and not asked:
            asked = True
            _refuse(mean_km, *_bounds(sent, taken, far))
        return float((balance.at(decay, exact=_SOUGHT) * far).sum() / total) - mean_km

    if not far.min() < mean_km < far.max():
        _refuse(mean_km, *_bounds(sent, taken, far))
    return _root(above, 1 / far.mean(), enough=1e-6 * mean_km)


def bounds_km(homes: ArrayLike, jobs: ArrayLike, distance_km: ArrayLike) -> tuple[float, float]:
    """
    Least and greatest mean distance that homes and jobs allow, by optimal transport.

    Where places are known, `spatial.transport` finds them sooner.
    """
    return _bounds(*_checked(homes, jobs, distance_km))


class _Balance:
    """Furness' iteration, begun where the last decay left it."""

    def __init__(self, sent: Floats, taken: Floats, far: Floats) -> None:
        self.shape = far.shape
        self.rows, self.columns = np.flatnonzero(sent), np.flatnonzero(taken)
        self.total = sent.sum()
        self.sent, self.taken = sent[self.rows] / self.total, taken[self.columns] / self.total
        self.far = far[np.ix_(self.rows, self.columns)]
        self.job_factor = np.log(self.taken)

    def at(self, decay: float, *, exact: float) -> Floats:
        """The balanced plan, shape (n, m): rows to within `exact` of themselves."""
        rounds = 0
        while rounds < _ROUNDS:
            kernel = self._kernel(decay)
            into = np.ones(len(self.taken))
            out = np.ones(len(self.sent))
            while rounds < _ROUNDS and abs(np.log(out)).max() < _FOLD:
                rounds += 1
                before, out = out, self.sent / (kernel @ into)
                if rounds > 1 and abs(before / out - 1).max() <= exact:
                    kernel *= before[:, None]
                    kernel *= into * self.total
                    self.job_factor += np.log(into)
                    return self._spread(kernel)
                into = self.taken / (out @ kernel)
            self.job_factor += np.log(into)
        raise GravityError(
            f"margins must be met to {exact:g} within {_ROUNDS} rounds, found decay"
            f" {decay:.4g} per km too far from 0 for that"
        )

    def _kernel(self, decay: float) -> Floats:
        """exp(-decay x distance) with factors folded in, so that no column is too small to see."""
        power = self.far * -decay
        power += self.job_factor
        top = power.max(axis=1, keepdims=True)
        power -= top
        np.exp(power, out=power)
        power *= (self.sent / power.sum(axis=1))[:, None]
        return power

    def _spread(self, plan: Floats) -> Floats:
        """`plan` with the places where nobody lives or works put back."""
        if plan.shape == self.shape:
            return plan
        found = np.zeros(self.shape)
        found[np.ix_(self.rows, self.columns)] = plan
        return found


def _root(above: Callable[[float], float], start: float, *, enough: float) -> float:
    """Where a falling function comes within `enough` of 0: secants, kept within what is known."""
    low, high, span = -np.inf, np.inf, start
    x, last = start, None
    for _ in range(_STEPS):
        y = above(x)
        if abs(y) <= enough:
            return x
        low, high = (x, high) if y > 0 else (low, x)
        step = np.nan if last is None or last[1] == y else x - y * (x - last[0]) / (y - last[1])
        last = (x, y)
        if low < step < high:
            x = float(step)
        elif np.isfinite(low) and np.isfinite(high):
            x = (low + high) / 2
        else:
            x, span = (x + span if y > 0 else x - span), 2 * span
    raise GravityError(f"decay must be found within {_STEPS} steps, found none")


def _bounds(sent: Floats, taken: Floats, far: Floats) -> tuple[float, float]:
    rows, columns = np.flatnonzero(sent), np.flatnonzero(taken)
    return matrix_bounds(far[np.ix_(rows, columns)], sent[rows], taken[columns])


def _refuse(mean_km: float, least: float, most: float) -> None:
    if not least < mean_km < most:
        raise GravityError(
            f"mean_km must lie between {least:.3f} and {most:.3f}, the least and the most these"
            f" homes and jobs allow, found {mean_km:g}"
        )


def _checked(
    homes: ArrayLike, jobs: ArrayLike, distance_km: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    sent, taken, far = (np.asarray(one, dtype=np.float64) for one in (homes, jobs, distance_km))
    if far.shape != (len(sent), len(taken)):
        raise GravityError(
            f"distance_km must be of shape {(len(sent), len(taken))}, found {far.shape}"
        )
    if not np.isfinite(far).all():
        raise GravityError("distance_km must be finite, found some that are not")
    for name, held in (("homes", sent), ("jobs", taken)):
        if not np.isfinite(held).all() or (held < 0).any():
            raise GravityError(f"{name} must be numbers of 0 or more, found others")
        if not held.sum() > 0:
            raise GravityError(f"{name} must hold somebody, found nobody")
    return sent, taken * (sent.sum() / taken.sum()), far
