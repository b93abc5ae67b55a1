"""Flows without those under a threshold, nor those that tell such a one beside the counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.privacy_counts import HiddenPeople, least_first

__all__ = ["hide_flows"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

_END: Final = {"residence": "origin", "work": "destination"}
_NOISE: Final = 1e-6  # of a count: sums of shares of people
_LINKED: Final = 0.5  # of the cells, for counts and flows to be told to be of the same people


@dataclass(frozen=True, eq=False)
class _End:
    """
    One end of a year's flows beside the counts of its role.

    Parameters
    ----------
    of
        Number of the cell of each flow, shape (n,).
    people
        People with this end in each cell, hidden flows included, shape (m,).
    shown
        What the counts will tell of each cell if they tell every group there, else 0, shape (m,).
    bound
        Whether the flows of a cell are known to add up to its count, hidden groups apart.
    """

    of: Rows
    people: Floats
    shown: Floats
    bound: Mask


def hide_flows(
    flows: pd.DataFrame,
    counts: pd.DataFrame,
    shown: pd.DataFrame,
    *,
    groups: Iterable[str],
    threshold: int,
    settled: Collection[tuple[str, int]] = (),
    least_share: float = 0.5,
) -> tuple[pd.DataFrame, list[HiddenPeople]]:
    """
    Flows with the small ones gone, and what that hides by year.

    Where counts and flows are of the same people, a cell's count less its flows shown is the sum
    of those hidden: further flows go until that is 0 or no small number, and until no flows shown
    exceed the count shown, nor have an end where a group is hidden. Where too few people are left
    hidden for any one flow to be another, all flows of the year go. They also go where most
    people would be hidden: what were left would tell of heavy ways only, and any mean mislead.

    Parameters
    ----------
    flows
        A valid flows table; it is not changed.
    counts, shown
        Counts before and after `hide_counts`.
    groups
        Columns of the counts that add up to graduates.
    threshold
        Smallest flow that may be told, in people.
    settled
        Roles and years of counts that had lost their small amounts before.
    least_share
        Share of a year's people that must be shown, 0 to 1.
    """
    columns = list(groups) or ["graduates"]
    keep = np.ones(len(flows), dtype=np.bool_)
    told: list[HiddenPeople] = []
    for year, rows in flows.groupby("year").indices.items():
        part = flows.iloc[rows]
        values = part["graduates"].to_numpy(dtype=np.float64)
        before, after = (one[one["year"] == year] for one in (counts, shown))
        ends = [
            _end(part, role, before, after, columns, settled=(role, int(str(year))) in settled)
            for role in _END
        ]
        visible = _visible(values, ends, threshold=threshold)
        if values[visible].sum() < least_share * values.sum():
            visible[:] = False
        keep[rows] = visible
        if not visible.all():
            gone = values[~visible]
            people, cells = float(gone.sum()), int((gone > 0).sum())
            sure = people >= threshold
            cells = max(min(cells, int(people) - threshold + 2), 1) if people else 0
            told.append(HiddenPeople("flows", int(str(year)), "graduates", people, cells, sure))
    return flows[keep].reset_index(drop=True), [one for one in told if one.people > 0]


def _end(
    flows: pd.DataFrame,
    role: str,
    before: pd.DataFrame,
    after: pd.DataFrame,
    columns: list[str],
    *,
    settled: bool,
) -> _End:
    """
    The flows' end of this role.

    Counts that are settled have lost their small amounts already: there, cells that show every
    group tell whether they are the sums of the flows, and any other cell may be one.
    """
    cells, of = np.unique(flows[_END[role]].to_numpy(), return_inverse=True)
    people = _sums(of, flows["graduates"].to_numpy(dtype=np.float64), len(cells))
    index = pd.Index(cells)
    before, after = (
        one[one["role"].astype(str) == role].set_index("cell")[["graduates", *columns]]
        for one in (before, after)
    )
    before, after = (one.loc[:, ~one.columns.duplicated()] for one in (before, after))
    counted = before["graduates"].reindex(index, fill_value=0).to_numpy(dtype=np.float64)
    # A flow shown into a cell with a hidden group tells who of the others must come from where.
    whole = after["graduates"].where(after[columns].gt(0).all(axis=1), 0)
    shown = whole.reindex(index, fill_value=0).to_numpy(dtype=np.float64)
    equal = np.abs(people - counted) <= _NOISE * np.maximum(counted, 1)
    if settled:
        asked = before[columns].gt(0).all(axis=1).reindex(index, fill_value=False).to_numpy()
        bound = equal | (~asked & (people > counted))
        linked = not asked.any() or equal[asked].mean() >= _LINKED
    else:
        without = int((before["graduates"] > 0).sum() - (counted > 0).sum())
        bound = equal
        linked = equal.sum() >= _LINKED * (len(cells) + without)
    return _End(of, people, shown, bound & linked)


def _visible(values: Floats, ends: list[_End], *, threshold: int) -> Mask:
    """Which flows of a year may be told."""
    visible: Mask = values >= threshold
    while True:
        gone = np.zeros(len(values), dtype=np.bool_)
        for end in ends:
            told = _sums(end.of, values * visible, len(end.people))
            over = told - end.shown
            rest = end.people - told
            few = (rest > _NOISE * end.people) & (rest < threshold)
            lacking = np.maximum(np.where(few, threshold - rest, 0), over)
            lacking[lacking <= _NOISE * np.maximum(end.shown, 1)] = 0
            lacking[~end.bound | (told == 0)] = 0
            gone |= least_first(values, visible, of=end.of, lacking=lacking)
        hidden = float(values[~(visible & ~gone)].sum())
        if 0 < hidden < threshold:  # the total of all flows is known as well
            all_of = np.zeros(len(values), dtype=np.intp)
            lacking = np.array([threshold - hidden])
            gone |= least_first(values, visible & ~gone, of=all_of, lacking=lacking)
        if not gone.any():
            break
        visible = visible & ~gone
    hides = bool((values[~visible] > 0).any())
    linked = all(end.bound.any() for end in ends)
    if hides and linked and not _has_room(values, visible, ends, threshold=threshold):
        return np.zeros(len(values), dtype=np.bool_)
    return visible


def _has_room(values: Floats, visible: Mask, ends: list[_End], *, threshold: int) -> bool:
    """
    Whether hidden people can change places around any hidden flow, both ends' sums as they are.

    To give a hidden flow another value, at most `threshold` people one by one swap ends with
    hidden people elsewhere, each time in another row and column. Those to swap with must not
    come from the rows, or go to the columns, where a new flow would find the pair shown or full
    (`threshold` less 1 or more): what is hidden in those rows and columns is taken off, at worst.
    """
    hidden = np.where(visible, 0.0, values)
    full = values > threshold - 2
    rest = [_sums(end.of, hidden, len(end.people)) for end in ends]
    worst = 0.0
    for end, other, of_other in ((ends[0], ends[1], rest[1]), (ends[1], ends[0], rest[0])):
        barred = _sums(end.of[full], of_other[other.of[full]], len(end.people))
        worst += float(barred.max(initial=0.0))
    widest = sum(float(one.max(initial=0.0)) for one in rest)
    return float(hidden.sum()) - worst - (threshold + 1) * widest >= threshold


def _sums(of: Rows, values: Floats, size: int) -> Floats:
    """Sum of the values of each number, also where there are none, shape (size,)."""
    return np.bincount(of, values, size).astype(np.float64)
