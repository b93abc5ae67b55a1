"""
Suppression: counts under a threshold are gone before a study is written or shown.

Who is feared: a reader of the published study who wants the number of people in one cell, group
or flow that was hidden, and who is given more than the study holds. This reader knows every
number shown, every sum of them over coarser cells, districts, places, drawn areas, groups, years
or roles; the exact total of every group, role and year, from the audit or the press; that the
counts are the sums of the flows, where they are; and these rules with their threshold.

What is published is a function of the counts and flows shown and of such totals. Coarser sums are
made from what is shown and hold nothing more. So a hidden amount is safe if, with all these known,
it could be anything from 0 to the threshold less 1. This is kept so:

1. The smallest amounts told are those of one group (graduates where there are no groups) in one
   cell, role and year. Each above 0 and under the threshold becomes 0, graduates become the
   sum of groups shown, and a row that tells nothing goes: the hidden look like empty cells.
   A zero is not hidden and says only "fewer than the threshold".
2. Total less shown is the hidden sum of a group, role and year. It is nothing, or at least the
   threshold and no more than all but one of the empty-looking cells can hold; or else the smallest
   amount shown goes too. Where a group has no more to hide, this is done to the role's total and
   the audit tells of no group; if even then it would tell, it is silent.
3. Base is unknown where it, or what it leaves beside the graduates shown, is under the threshold.
4. A flow under the threshold goes. Where flows add up to counts, a count less its flows shown
   is nothing or at least the threshold, and never negative: the smallest flows shown go until
   it is so. All go that begin or end where a group is not shown.
5. Where hidden people cannot trade places freely, all flows of the year go: what is left are
   the counts. So they do where most people would be hidden, lest what is left mislead. Points
   and pairs are finer than cells and are not published.

Why that is enough: take the true table and any hidden amount. By 2 the rest of its series can
take or give what it needs to reach 0 or the threshold less 1, through other empty-looking cells.
By 4 its row and column hold enough to pay for it, and by 5 the other ends find partners, one by
one, in flows that are neither shown nor full. The table so made has all the known sums and
keeps the rules, so the reader cannot tell it from the true one; what lies between is possible
too, as all this is linear. `tests/attack.py` plays the reader as a linear program.

What is not promised: nothing is said of who knows totals of smaller areas from elsewhere; who
knows some of the hidden counts; who holds two releases of the same people (another threshold, a
replaced year, the unsuppressed study); of people counted in several years; of numbers in layers,
notes and definitions that somebody wrote. Neither are zeros made unsure, nor is a cell where all
are graduates; a count is a number of people, not of their secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from spatial.info import StudyInfo
from spatial.privacy_audit import with_hidden
from spatial.privacy_counts import HiddenPeople, hide_counts
from spatial.privacy_flows import hide_flows
from spatial.schema import SchemaError, check_counts, check_flows

if TYPE_CHECKING:
    from spatial.study import Study

__all__ = ["RECOMMENDED", "check_threshold", "is_safe", "suppressed", "with_threshold"]

RECOMMENDED: Final = 5
"""Threshold under which counts of people should not leave a house."""
_FINER: Final = ("points", "pairs")

Tables = Mapping[str, pd.DataFrame | None]


def suppressed(
    info: StudyInfo, tables: Tables, *, there: Study | None = None
) -> tuple[StudyInfo, dict[str, Any]]:
    """
    What may be published of a study: its info and tables after suppression.

    With a threshold of 0 everything is as it was. Tables that are safe come back as they are.

    Parameters
    ----------
    info
        With its threshold and audit.
    tables
        The tables to be saved, by name; None to leave one out.
    there
        The suppressed study that the tables are added to.

    Raises
    ------
    SchemaError
        When counts or flows break their contract, the threshold is not that of the study there,
        or new counts are of a year whose flows are there: the flows hidden are not known any more.
    """
    given = dict(tables)
    if there is not None:
        check_threshold(there, info.threshold)
    if not info.threshold:
        return info, given
    given |= dict.fromkeys(set(given) & set(_FINER))
    groups = [one.id for one in info.groups]
    hidden: list[HiddenPeople] = []
    counts = given.get("counts")
    if counts is None:
        counts = shown = there.counts if there is not None else pd.DataFrame()
    else:
        check_counts(counts, groups=groups)
        if there is not None and given.get("flows") is None:
            _refuse_late(there, counts)
        shown, found = hide_counts(counts, groups=groups, threshold=info.threshold)
        given["counts"] = shown
        hidden += found
    flows = given.get("flows")
    if flows is not None:
        check_flows(flows)
        new = _new_years(flows, there)
        kept, found = hide_flows(
            flows[new],
            counts,
            shown,
            groups=groups,
            threshold=info.threshold,
            settled=_settled(there, counts),
        )
        left = pd.concat([flows[~new], kept], ignore_index=True)
        given["flows"] = left if len(left) else None
        hidden += found
    return with_hidden(info, hidden, _totals(shown, given.get("flows"))), given


def check_threshold(there: Study, threshold: int) -> None:
    """Raise SchemaError when a study that is there has another threshold."""
    if there.info.threshold != threshold:
        raise SchemaError(
            f"{there.path} hides counts under {there.info.threshold}, found {threshold}: a study"
            " takes its threshold when it is made, or by gradmap suppress"
        )


def is_safe(study: Study) -> list[str]:
    """
    What is to be said of a study's threshold: one sentence when it is kept, else every fault.

    Nothing where the threshold is 0. What was hidden cannot be known any more: this finds what
    should have been hidden and was not.
    """
    least = study.info.threshold
    if not least:
        return []
    faults = [*_small_counts(study, least), *_small_base(study, least)]
    if study.has("flows"):
        faults += [
            f"{few} flows {year} lie under it"
            for year, few in _few(study.flows, "graduates", ["year"], least)
        ]
    if finer := [name for name in _FINER if study.has(name)]:
        faults.append(f"{' and '.join(finer)} are finer than the cells")
    for entry in study.info.audit:
        if small := [
            reason for reason, people in entry.get("dropped", {}).items() if 0 < people < least
        ]:
            faults.append(f"the audit of {entry.get('role')} tells few people: {', '.join(small)}")
    if faults:
        return [f"threshold {least}: {fault}" for fault in faults]
    return [f"threshold {least}: no count under it is published"]


def _small_counts(study: Study, least: int) -> list[str]:
    return [
        f"{few} counts of {column}, {role} {year}, lie under it"
        for column in ["graduates", *(one.id for one in study.info.groups)]
        for (role, year), few in _few(study.counts, column, ["role", "year"], least)
    ]


def _small_base(study: Study, least: int) -> list[str]:
    counts = study.counts
    base = counts["base"].to_numpy(dtype=np.float64, na_value=np.nan)
    rest = base - counts["graduates"].to_numpy(dtype=np.float64)
    counts = counts.assign(small=((base > 0) & (base < least)) | ((rest >= 0) & (rest < least)))
    few: dict[Any, int] = counts[counts["small"]].groupby(["role", "year"]).size().to_dict()
    return [
        f"{number} counts of base, {role} {year}, tell fewer people than it"
        for (role, year), number in few.items()
    ]


def _few(table: pd.DataFrame, column: str, by: list[str], least: int) -> list[tuple[Any, int]]:
    """How many amounts above 0 lie under the least, by series that have any."""
    small = table[(table[column] > 0) & (table[column] < least)]
    key = by if len(by) > 1 else by[0]
    return [(one, int(few)) for one, few in small.groupby(key, observed=True).size().items()]


def _refuse_late(there: Study, counts: pd.DataFrame) -> None:
    """Refuse counts, other than those that are there, of a year whose flows are there."""
    if not there.has("flows"):
        return
    late = {int(year) for year in there.flows["year"].unique()}
    series = {(str(role), int(year)) for role, year in _series(counts)}
    before = {(str(role), int(year)) for role, year in _series(there.counts)}
    changed = (series | before) - _settled(there, counts)
    if any(year in late for _, year in changed):
        raise SchemaError(
            f"{there.path} hides small flows: counts of a year must be loaded before its flows"
        )


def _settled(there: Study | None, counts: pd.DataFrame) -> set[tuple[str, int]]:
    """Roles and years whose counts are those that are there."""
    if there is None:
        return set()
    old, new = _series(there.counts), _series(counts)
    keys = ["cell", "graduates"]
    found = set()
    for key in set(old) & set(new):
        one, two = (table[keys].sort_values("cell").to_numpy() for table in (old[key], new[key]))
        if np.array_equal(one, two):
            found.add((str(key[0]), int(key[1])))
    return found


def _series(counts: pd.DataFrame) -> dict[Any, pd.DataFrame]:
    """Rows of each role and year."""
    return dict(list(counts.groupby(["role", "year"], observed=True)))


def _new_years(flows: pd.DataFrame, there: Study | None) -> pd.Series:
    """Rows of years that are not there as they are: those were suppressed with their counts."""
    new = pd.Series(data=True, index=flows.index)
    if there is None or not there.has("flows"):
        return new
    old = dict(list(there.flows.groupby("year")))
    keys = ["origin", "destination", "graduates"]
    for year, part in flows.groupby("year"):
        if year in old and len(part) == len(old[year]):
            same = all(np.array_equal(part[one], old[year][one]) for one in keys)
            new[part.index] = not same
    return new


def _totals(counts: pd.DataFrame, flows: pd.DataFrame | None) -> dict[tuple[str, int, str], float]:
    """People shown by role, year and column."""
    found: dict[tuple[str, int, str], float] = {}
    if len(counts):
        sums = counts.groupby(["role", "year"], observed=True)[["graduates", "base"]].sum()
        for column in ("graduates", "base"):
            people: dict[Any, Any] = sums[column].to_dict()
            found |= {
                (str(role), int(year), column): float(n) for (role, year), n in people.items()
            }
    if flows is not None and len(flows):
        moved: dict[Any, Any] = flows.groupby("year")["graduates"].sum().to_dict()
        found |= {("flows", int(year), "graduates"): float(n) for year, n in moved.items()}
    return found


def with_threshold(info: StudyInfo, threshold: int, *, groups: bool = True) -> StudyInfo:
    """The info with another threshold, which may only rise, and with its groups or without."""
    if threshold < max(info.threshold, 1):
        raise SchemaError(
            f"a threshold must be 1 or more and not under the study's own, {info.threshold},"
            f" found {threshold}: what is hidden does not come back"
        )
    return replace(info, threshold=threshold, groups=info.groups if groups else ())
