"""Counts per cell without those under a threshold, and how many people that hides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["HiddenPeople", "hide_counts", "least_first"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
_Found = tuple[float, int, bool]


@dataclass(frozen=True)
class HiddenPeople:
    """
    What was hidden of one column, role and year.

    Parameters
    ----------
    role, year, column
        The series; role "flows" for flows, column "base" for what graduates are compared with.
    people
        People hidden, exact.
    cells
        Cells hidden, or pairs of cells: never more than can be said without telling that all of
        them hold one person each, or that no cell is truly empty.
    told
        Whether `people` may be told; not where hardly anything else was counted.
    """

    role: str
    year: int
    column: str
    people: float
    cells: int
    told: bool


def hide_counts(
    counts: pd.DataFrame, *, groups: Iterable[str], threshold: int
) -> tuple[pd.DataFrame, list[HiddenPeople]]:
    """
    Counts with every small amount gone, and what that hides by column, role and year.

    The smallest amounts told are those of the groups; where there are none, graduates. An amount
    above 0 and under `threshold` becomes 0, graduates become the sum of the groups that are left,
    and a row that tells nothing any more goes, as do rows that never told anything: what is
    hidden looks like an empty cell. Base is unknown (NaN) where it, or what it leaves beside the
    graduates shown, is under the threshold.

    Parameters
    ----------
    counts
        A valid counts table (`schema.check_counts`); it is not changed.
    groups
        Columns that add up to graduates.
    threshold
        Smallest amount that may be told, in people, above 0.
    """
    columns = list(groups) or ["graduates"]
    table = counts.reset_index(drop=True)
    amounts = {one: table[one].to_numpy().copy() for one in columns}
    base = table["base"].to_numpy(dtype=np.float64, na_value=np.nan).copy()
    cells = table["cell"].nunique()
    told: list[HiddenPeople] = []
    series: dict[Any, Any] = table.groupby(["role", "year"], observed=True).indices
    for (role, year), rows in series.items():
        absent = cells - len(rows)
        held = np.stack([amounts[one][rows].astype(np.float64) for one in columns])
        hidden, found = _hidden_groups(held, absent=absent, threshold=threshold)
        for column, gone in zip(columns, hidden, strict=True):
            amounts[column][rows[gone]] = 0
        shown = np.where(hidden, 0, held).sum(axis=0)
        for at, one in found:
            column = columns[at] if at >= 0 else "graduates"
            told.append(HiddenPeople(str(role), int(year), column, *one))
        gone, sure = _hidden_base(base[rows], shown, absent=absent, threshold=threshold)
        if (people := float(base[rows[gone]].sum())) > 0:
            told.append(HiddenPeople(str(role), int(year), "base", people, int(gone.sum()), sure))
        base[rows[gone]] = np.nan
    table = table.assign(**amounts)
    if list(groups):
        table["graduates"] = table[columns].sum(axis=1)
    if not np.array_equal(np.isnan(base), table["base"].isna().to_numpy()):
        table["base"] = base
    return table[(table["graduates"] > 0) | (base > 0)].reset_index(drop=True), told


def least_first(values: Floats, shown: Mask, *, of: NDArray[np.intp], lacking: Floats) -> Mask:
    """
    The smallest of the amounts `shown` that make up what each series is `lacking`.

    Parameters
    ----------
    values, shown, of
        Amounts, which of them count, and the number of the series of each, shapes (n,).
    lacking
        How much must go of each series, shape (m,); 0 or less where nothing must.
    """
    at = np.flatnonzero(shown & (lacking[of] > 0))
    at = at[np.lexsort((values[at], of[at]))]
    total = np.cumsum(values[at]) - values[at]
    starts = np.flatnonzero(np.diff(of[at], prepend=-1))
    before = total - np.repeat(total[starts], np.diff(starts, append=len(at)))
    gone = np.zeros(len(values), dtype=np.bool_)
    gone[at[before < lacking[of[at]]]] = True
    return gone


def _hidden_groups(
    held: Floats, *, absent: int, threshold: int
) -> tuple[Mask, list[tuple[int, _Found]]]:
    """
    Which amounts of the groups, shape (groups, rows), to hide, and what that hides by group.

    Where a group cannot be told of, none is: then the total of the role counts, as number -1.
    """
    hidden = np.zeros(held.shape, dtype=np.bool_)
    found: list[tuple[int, _Found]] = []
    for at, values in enumerate(held):
        hidden[at], one = _hidden(values, absent=absent, threshold=threshold)
        if one is not None:
            found.append((at, one))
    if len(held) > 1 and not all(one[2] for _, one in found):
        gone, both = _hidden(
            held.ravel(), absent=absent * len(held), threshold=threshold, besides=hidden.ravel()
        )
        return gone.reshape(held.shape), [] if both is None else [(-1, both)]
    return hidden, found


def _hidden(
    values: Floats, *, absent: int, threshold: int, besides: Mask | None = None
) -> tuple[Mask, _Found | None]:
    """
    Which of a series' amounts to hide besides some, and (people, cells, told) where any.

    Whoever knows the series' total knows the hidden sum. Every hidden amount can still be anything
    from 0 to the threshold less 1 if that sum is large enough for one cell to hold as much, and
    small enough for the other empty-looking cells to hold all of it. Where it is not, the
    smallest amount shown goes too, and no ceiling is known any more.
    """
    gone: Mask = (values > 0) & (values < threshold)
    if besides is not None:
        gone |= besides
    if not gone.any():
        return gone, None
    empty = absent + int((values == 0).sum())
    sure = _is_sure(values[gone], empty=empty, threshold=threshold)
    if not sure:
        gone = gone | _smallest(values, (values >= threshold) & ~gone)
        sure = _is_sure(values[gone], empty=empty, threshold=threshold)
    people = float(values[gone].sum())
    looks_empty = empty + int(gone.sum())
    cells = min(int(gone.sum()), looks_empty - 1, int(people) - threshold + 2)
    return gone, (people, max(cells, 1), sure)


def _is_sure(hidden: Floats, *, empty: int, threshold: int) -> bool:
    """Whether the sum of the hidden tells nothing of any of them."""
    people, looks_empty = float(hidden.sum()), empty + len(hidden)
    if (hidden >= threshold).any():  # one that is not small: no ceiling is known
        return looks_empty > 1
    return threshold <= people <= (threshold - 1) * (looks_empty - 1)


def _smallest(values: Floats, among: Mask) -> Mask:
    """The smallest of the values `among` which to look, if any."""
    found = np.zeros(len(values), dtype=np.bool_)
    if among.any():
        found[np.argmin(np.where(among, values, np.inf))] = True
    return found


def _hidden_base(base: Floats, shown: Floats, *, absent: int, threshold: int) -> tuple[Mask, bool]:
    """Where base must not be told beside the graduates shown, and whether its sum may be."""
    known = ~np.isnan(base)
    rest = np.where(base >= shown, base - shown, base)
    gone = known & ((base < threshold) | (rest < threshold))
    people = float(rest[gone].sum())
    sure = threshold <= people <= (threshold - 1) * (absent + int(gone.sum()) - 1)
    if people > 0 and not sure:
        more = _smallest(rest, known & ~gone)
        gone, sure = gone | more, bool(more.any())
    return gone, sure
