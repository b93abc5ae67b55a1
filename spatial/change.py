"""Change: two years cell by cell, against what noise alone would do."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.neighbours import Neighbours
from spatial.noise import Dispersion, as_pair, estimate_dispersion, p_change, score
from spatial.significance import false_discovery

__all__ = ["YARDSTICKS", "Yardstick", "difference", "recoded"]

Yardstick = Literal["before", "total", "base"]
"""What a cell is expected to hold: what it held; its share of all; what its base predicts."""
YARDSTICKS: Final[tuple[Yardstick, ...]] = get_args(Yardstick)
"""Every yardstick, the default first."""


def difference(
    before: pd.Series,
    after: pd.Series,
    *,
    base_before: pd.Series | None = None,
    base_after: pd.Series | None = None,
    against: Yardstick = "before",
    alpha: float = 0.05,
    dispersion: Dispersion | None = None,
) -> pd.DataFrame:
    """
    What changed in each cell between two years, and which of it is within noise.

    Parameters
    ----------
    before, after
        Graduates per cell, shape (n,), zeros included.
    base_before, base_after
        All residents or jobs per cell; needed against "base".
    against
        What noise is judged by. "before": the cell keeps its graduates. "total": it keeps its
        share of all graduates. "base": it follows its own base at the city's rate, expected =
        before * (base_after / base_before) * (city rate after / city rate before), the rates
        over cells with base in both years. The base is taken as known without error.
    alpha
        False discovery rate at which a change counts as beyond noise.
    dispersion
        Of the counts; None estimates it from them (see `estimate_dispersion`).

    Returns
    -------
    pandas.DataFrame
        On the index of `before`:
        before, after, change (graduates);
        change_share (percentage points of the year's total; NaN where a total is 0);
        change_vs_base (graduates beyond what base predicts; only with bases; NaN where the cell
        had no base in either year);
        expected and excess (graduates, by `against`);
        z, p, q (NaN in cells empty in both years: nothing is tested there);
        noise (True where q is above `alpha`, or nothing is tested: not to be coloured);
        trust (0 to 1) and shrunk (excess * trust, graduates): for colours that do not shout.

    Notes
    -----
    Noise is Poisson with an estimated overdispersion; p is exact given both counts
    (`p_change`), q by Benjamini-Hochberg. `trust` is the empirical Bayes weight t / (t + v):
    v the sampling variance of the log ratio of the counts (half a person added to each), t the
    variance of the true log ratios about no change, which makes sum of l^2 / (t + v) equal n.

    References
    ----------
    Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative
    risks for use in disease mapping. Biometrics 43, 671-681. Paule, R. C. & Mandel, J. (1982).
    Consensus values and weighting factors. Journal of Research of the NBS 87, 377-385.
    """
    one, other = as_pair(before, after)
    noise = dispersion or estimate_dispersion(one, other)
    bases = _bases(before, base_before, base_after)
    ratio = _ratio(one, other, bases, against=against)
    p = p_change(one, other, ratio=ratio, dispersion=noise)
    expected = one * ratio
    excess = other - expected
    q = false_discovery(pd.Series(p, index=before.index))
    trust = _trust(one, other, ratio, noise)
    columns: dict[str, NDArray[Any]] = {
        "before": one,
        "after": other,
        "change": other - one,
        "change_share": 100 * (_parts(other) - _parts(one)),
    }
    if bases is not None:
        columns["change_vs_base"] = other - one * _ratio(one, other, bases, against="base")
    columns |= {
        "expected": expected,
        "excess": excess,
        "z": score(p, excess),
        "p": p,
        "q": q.to_numpy(),
        "noise": ~(q <= alpha).to_numpy(),
        "trust": trust,
        "shrunk": excess * trust,
    }
    return pd.DataFrame(columns, index=before.index)


def recoded(
    before: pd.Series,
    after: pd.Series,
    neighbours: Neighbours,
    *,
    tolerance: float = 0.1,
    alpha: float = 0.05,
    dispersion: Dispersion | None = None,
) -> pd.Series:
    """
    Whether a cell's change looks like people entered next door rather than come or gone.

    A cell and one of its neighbours are flagged, both, when one falls and the other rises, each
    beyond noise (`difference` against "before", q at most `alpha`), and the two changes cancel
    to within `tolerance` of the larger. A hint, not a finding: a firm that really crosses the
    street looks the same.

    Returns
    -------
    pandas.Series
        Named "recoded", on the index of `before`.
    """
    table = difference(before, after, alpha=alpha, dispersion=dispersion)
    if not before.index.equals(neighbours.cells):
        raise ValueError("counts and neighbours must be of the same cells, found others")
    beyond = np.where(table["noise"], 0.0, table["change"])
    padded = np.append(beyond, 0.0)
    found = np.zeros(len(beyond), dtype=np.bool_)
    for row in neighbours.reach(1).table[1:]:
        there = padded[row]
        larger = np.maximum(np.abs(beyond), np.abs(there))
        found |= (beyond * there < 0) & (np.abs(beyond + there) <= tolerance * larger)
    return pd.Series(found, index=before.index, name="recoded")


def _bases(
    before: pd.Series, one: pd.Series | None, other: pd.Series | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    if one is None or other is None:
        return None
    as_pair(before, one)
    return as_pair(one, other)


def _ratio(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    bases: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
    *,
    against: Yardstick,
) -> NDArray[np.float64]:
    """Expected graduates after over graduates before, per cell; NaN where none is expected."""
    if against not in YARDSTICKS:
        raise ValueError(f"against must be one of {', '.join(YARDSTICKS)}, found {against}")
    if against == "before":
        return np.ones(len(one))
    if against == "total":
        return np.full(len(one), _over(other.sum(), one.sum()))
    if bases is None:
        raise ValueError("a change against base needs the base of both years, found none")
    was, now = bases
    known = (was > 0) & (now > 0)
    city = _over(other[known].sum() * was[known].sum(), one[known].sum() * now[known].sum())
    grown = np.divide(now, was, out=np.full(len(one), np.nan), where=known)
    return np.asarray(grown * city)


def _over(above: float, below: float) -> float:
    """Quotient; NaN unless both are above 0, for then nothing can be expected."""
    return float(above / below) if above > 0 and below > 0 else float("nan")


def _parts(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    total = counts.sum()
    return counts / total if total > 0 else np.full(len(counts), np.nan)


def _trust(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    ratio: NDArray[np.float64],
    dispersion: Dispersion,
) -> NDArray[np.float64]:
    """Empirical Bayes weight of each cell's own change, 0 where all changes look like noise."""
    from scipy.optimize import brentq  # slow to load, and few need it

    away = np.log((other + 0.5) / (one + 0.5)) - np.log(ratio)
    variance = dispersion.at(one + other) * (1 / (one + 0.5) + 1 / (other + 0.5))
    known = np.isfinite(away) & (one + other > 0)
    square, sampled = away[known] ** 2, variance[known]

    def surplus(spread: float) -> float:
        return float((square / (spread + sampled)).sum() - len(square))

    spread = 0.0
    if len(square) and surplus(0.0) > 0:
        spread = float(brentq(surplus, 0.0, float(square.sum()) + 1.0))
    return np.where(known, spread / (spread + variance), np.nan)
