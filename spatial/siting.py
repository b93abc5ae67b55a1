"""
Siting: cells ranked by weighted criteria, and how far that ranking can be trusted.

What a cell is judged by is prepared in `siting_criteria`, cells are joined to sites in
`siting_sites`, and files are written and checked in `siting_file`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.criterion import Criterion, check_criteria
from spatial.question import QuestionError

__all__ = [
    "Criterion",
    "compare",
    "draw_weights",
    "rank",
    "score_of_top",
    "sensitivity",
]

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

# Beyond these decimals scores are rounding: the same weights, all doubled, must tie alike.
_DECIMALS: Final = 12
_TIE: Final = 1e-9
_BLOCK: Final = 4_000_000  # scores held at once, 32 MB


def rank(values: pd.DataFrame, criteria: Sequence[Criterion]) -> pd.DataFrame:
    """
    Score and rank of each cell.

    The score is the mean of the criteria's own scores, weighted: only the proportions of the
    weights matter.

    Parameters
    ----------
    values
        A column for each criterion, NaN where unknown, shape (n, columns); where there is a
        column `graduates`, more of them come first among equal scores. Then the smaller index
        does.
    criteria
        Those of weight 0 are as if they were not there.

    Returns
    -------
    pandas.DataFrame
        On the index of `values`: score (0 to 1; NaN where excluded), rank (1 is best, each once;
        0 where excluded), excluded_by (categorical: id of the first criterion that excludes the
        cell, "" where none does), unknown (how many criteria had no value), and
        score_<id> for each criterion that bears a score.

    Raises
    ------
    QuestionError
        When a criterion has no column or is there twice, or none bears a score.
    """
    used = check_criteria(values, criteria)
    columns = {one.id: values[one.id].to_numpy(dtype=np.float64) for one in used}
    first = np.zeros(len(values), dtype=np.int8)
    unknown = np.zeros(len(values), dtype=np.int8)
    for at, one in enumerate(used, start=1):
        first[(first == 0) & one.excluded(columns[one.id])] = at
        unknown += np.isnan(columns[one.id])
    own = {one.id: one.scores(columns[one.id]) for one in used if one.scored}
    score = np.zeros(len(values))
    # One after the other rather than as a product of matrices, whose rounding is the machine's.
    for name, weight in _shares(used).items():
        score += weight * own[name]
    score = np.where(first == 0, score.round(_DECIMALS), np.nan)
    reasons = pd.CategoricalDtype(["", *(one.id for one in used)])
    return pd.DataFrame(
        {
            "score": score,
            "rank": _ranks(score, values),
            "excluded_by": pd.Categorical.from_codes(first, dtype=reasons),
            "unknown": unknown,
            **{f"score_{name}": scores for name, scores in own.items()},
        },
        index=values.index,
    )


def score_of_top(ranked: pd.DataFrame, *, share: float) -> float:
    """The score that this share of the cells in question reach; inf where there are none."""
    if not 0 < share <= 1:
        raise QuestionError(f"a share of the cells must be above 0, at most 1, found {share}")
    scores = np.sort(ranked["score"].to_numpy()[ranked["rank"].to_numpy() > 0])
    return float(scores[-max(1, round(share * len(scores)))]) if len(scores) else np.inf


def sensitivity(
    values: pd.DataFrame,
    criteria: Sequence[Criterion],
    *,
    draws: int = 1000,
    top: int = 20,
    rng: np.random.Generator,
) -> pd.Series:
    """
    Share of random weightings in which each cell is among the best `top`, as "stays".

    The weightings are those of `draw_weights`. Limits hold in all of them. Sites are judged the
    same way by their own values, `Sites.values`.

    Parameters
    ----------
    values, criteria
        As for `rank`; NaN is the answer for cells that are excluded.
    draws
        Random weightings.
    top
        Best cells of each; ties are broken as in `rank`, so that they are `top` or all.
    rng
        Draws the weightings.

    References
    ----------
    Lahdelma, R. & Salminen, P. (2001). SMAA-2: stochastic multicriteria acceptability analysis
    for group decision making. Operations Research 49(3), 444-454.
    """
    if draws < 1 or top < 1:
        raise QuestionError(f"draws and top must be 1 or more, found {draws} and {top}")
    used = check_criteria(values, criteria)
    out = np.zeros(len(values), dtype=np.bool_)
    for one in used:
        out |= one.excluded(values[one.id].to_numpy(dtype=np.float64))
    rows = _tie_order(values, np.flatnonzero(~out))
    own = np.stack([one.scores(values[one.id].to_numpy()[rows]) for one in used if one.scored])
    weights = draw_weights(criteria, draws=draws, rng=rng)
    stays = np.full(len(values), np.nan)
    stays[rows] = _times_in_top(weights, own, top=top) / draws
    return pd.Series(stays, index=values.index, name="stays")


def draw_weights(criteria: Sequence[Criterion], *, draws: int, rng: np.random.Generator) -> Floats:
    """
    Random weights of the criteria that bear a score, each row adding up to 1, (draws, used).

    Drawn from a Dirichlet distribution whose mean is the given weights and whose parameters add
    up to the number of criteria. Equal weights are thereby varied over all there are, each as
    likely as any other, and unequal ones so that the heavier stays heavier on average: no spread
    has to be chosen.
    """
    shares = np.array(list(_shares([one for one in criteria if one.weight > 0]).values()))
    return rng.dirichlet(shares * len(shares), size=draws)


def compare(first: pd.DataFrame, second: pd.DataFrame, *, top: int = 20) -> pd.DataFrame:
    """
    The best cells of two settings, side by side.

    Parameters
    ----------
    first, second
        Two results of `rank` for the same cells.
    top
        Best cells of each.

    Returns
    -------
    pandas.DataFrame
        Cells among the best of either, by their better rank: found ("both", "first", "second"),
        rank_first, rank_second (0 where excluded), shift (places won in the second setting; NaN
        where excluded in either), score_first and score_second.

    Raises
    ------
    ValueError
        When the two are not of the same cells.
    """
    if not first.index.equals(second.index):
        raise ValueError(
            f"two rankings must be of the same cells, found {len(first)} and {len(second)} others"
        )
    ranks = np.stack([one["rank"].to_numpy() for one in (first, second)])
    best = (ranks > 0) & (ranks <= top)
    better = np.where(ranks > 0, ranks, len(first) + 1).min(axis=0)
    rows = np.flatnonzero(best.any(axis=0))
    rows = rows[np.argsort(better[rows], kind="stable")]
    ranked, held = ranks[:, rows], best[:, rows]
    both_ranked = (ranked > 0).all(axis=0)
    return pd.DataFrame(
        {
            "found": np.select([held.all(axis=0), held[0]], ["both", "first"], "second"),
            "rank_first": ranked[0],
            "rank_second": ranked[1],
            "shift": np.where(both_ranked, ranked[0] - ranked[1], np.nan),
            "score_first": first["score"].to_numpy()[rows],
            "score_second": second["score"].to_numpy()[rows],
        },
        index=first.index[rows],
    )


def _shares(used: Sequence[Criterion]) -> dict[str, float]:
    """Weight of each criterion that bears a score, all adding up to 1."""
    weights = {one.id: float(one.weight) for one in used if one.scored}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _ranks(score: Floats, values: pd.DataFrame) -> NDArray[np.int64]:
    rows = np.flatnonzero(~np.isnan(score))
    rows = _tie_order(values, rows)
    rows = rows[np.argsort(-score[rows], kind="stable")]
    found = np.zeros(len(score), dtype=np.int64)
    found[rows] = np.arange(1, len(rows) + 1)
    return found


def _tie_order(values: pd.DataFrame, rows: Rows) -> Rows:
    """Rows in the order that breaks ties: more graduates first, then the smaller index."""
    index = values.index
    if not index.is_monotonic_increasing:
        rows = rows[np.argsort(index.to_numpy()[rows], kind="stable")]
    if "graduates" not in values:
        return rows
    amounts = values["graduates"].to_numpy(dtype=np.float64)[rows]
    return rows[np.argsort(-amounts, kind="stable")]


def _times_in_top(weights: Floats, own: Floats, *, top: int) -> NDArray[np.int64]:
    """How often each of n cells, in the order that breaks ties, is among the best, shape (n,)."""
    n = own.shape[1]
    times = np.zeros(n, dtype=np.int64)
    if n <= top:
        return times + len(weights)
    # The worst of any `top` cells is no better than the worst of the best: those that were best
    # before tell which few of all the cells can be now, without putting them all in order.
    pool = np.argpartition(-own.mean(axis=0), top)[:top]
    step = max(1, _BLOCK // n)
    for block in (weights[at : at + step] for at in range(0, len(weights), step)):
        for row in block @ own:
            near = np.flatnonzero(row >= _nth(row[pool], top) - _TIE)
            edge = _nth(row[near], top)
            above = near[row[near] > edge + _TIE]
            tied = near[np.abs(row[near] - edge) <= _TIE][: top - len(above)]
            times[above] += 1
            times[tied] += 1
            if (times[above] == 1).any() or (times[tied] == 1).any():
                pool = np.flatnonzero(times)
    return times


def _nth(values: Floats, nth: int) -> float:
    """The `nth` largest."""
    return float(np.partition(values, len(values) - nth)[len(values) - nth])
