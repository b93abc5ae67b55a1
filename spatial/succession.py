"""Succession: which place of one year is which of the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spatial.evidence import Evidence
from spatial.footprint import Years
from spatial.jumps import jumps
from spatial.steps import LineageRules, Site, Step

__all__ = ["succeed"]


def succeed(
    before: list[Site],
    after: list[Site],
    years: Years,
    *,
    level: float,
    rules: LineageRules,
    peaks: tuple[list[Site], list[Site]],
) -> list[Step]:
    """
    One step for every place of either year.

    Places are paired one to one by overlap, the largest first. Of those left over, one that
    holds a good part of a paired place, whose graduates stand elsewhere in it than they did, is
    its split (or, backwards, its merger); one whose footprint changed beyond noise appeared or
    vanished; those two, near and of like size, are one that moved, or split, or merged. Any
    other was there all along, though not shown: what became of its footprint is said.

    Parameters
    ----------
    before, after
        Places of the two years.
    years
        Counts of both.
    level
        Chance below which one test is a finding.
    rules
        Thresholds.
    peaks
        All known peaks of either year, looked at before a place is called new or gone.
    """
    forth = Evidence(years, level, rules, peaks[0])
    back = forth.backwards(peaks[1])
    pairs = _paired(before, after, years, rules)
    kept = [_kept(before[a], after[b], forth) for a, b in pairs]
    lost = [one for a, one in enumerate(before) if a not in {a for a, _ in pairs}]
    found = [one for b, one in enumerate(after) if b not in {b for _, b in pairs}]
    kept, come = _newcomers(found, kept, forth)
    turned, gone = _newcomers(lost, [step.turned() for step in kept], back)
    return [
        *(step.turned() for step in turned),
        *jumps(come, [step.turned() for step in gone], forth),
    ]


def _paired(
    before: list[Site], after: list[Site], years: Years, rules: LineageRules
) -> list[tuple[int, int]]:
    """Places of both years that are the same one: the best overlap first, shown ones first."""
    weight = years.weight
    one, other = _holds(before, len(weight)), _holds(after, len(weight))
    shared = (one * weight) @ other.T
    own, their = one @ weight, other @ weight
    either = own[:, None] + their[None] - shared
    with np.errstate(invalid="ignore"):
        likeness = np.where(shared > 0, shared / either, 0.0)
        inside = np.where(shared > 0, shared / np.minimum(own[:, None], their[None]), 0.0)
    good = (likeness >= rules.match) | (inside >= rules.inside)
    hidden = np.array([not site.shown for site in before], dtype=np.bool_)
    a, b = np.nonzero(good)
    taken_a, taken_b, found = set(), set(), []
    for pair in np.lexsort((-likeness[a, b], hidden[a])).tolist():
        i, j = int(a[pair]), int(b[pair])
        if i not in taken_a and j not in taken_b:
            taken_a.add(i)
            taken_b.add(j)
            found.append((i, j))
    return found


def _holds(sites: list[Site], cells: int) -> NDArray[np.float64]:
    found = np.zeros((len(sites), cells))
    for row, site in zip(found, sites, strict=True):
        row[site.cells] = 1.0
    return found


def _kept(one: Site, other: Site, pair: Evidence) -> Step:
    """What became of a place that is there in both years."""
    union = np.union1d(one.cells, other.cells)
    moved_km, p = pair.years.shift(union)
    if p <= pair.level and moved_km >= pair.rules.moved_km:
        return Step(one, other, "moved", p, union, moved_km)
    verdict, p = pair.word(union)
    return Step(one, other, verdict, p, union, moved_km)


def _newcomers(
    sites: list[Site], kept: list[Step], pair: Evidence
) -> tuple[list[Step], list[Step]]:
    """`kept`, those that split marked so, and a step for each of `sites` of the second year."""
    found, kept = [], list(kept)
    for site in sites:
        splits = [
            (p, place)
            for place, step in enumerate(kept)
            if step.before is not None
            and step.after is not None
            and (p := pair.split(step.before, step.after, site)) is not None
        ]
        if splits:
            p, place = min(splits)
            kept[place] = replace(kept[place], verdict="split", p=p)
            found.append(Step(None, site, "split", p, site.cells, origin=kept[place].before))
            continue
        change, p = pair.change(site.cells)
        if p <= pair.level and change >= pair.rules.gone and not pair.was_there(site):
            found.append(Step(None, site, "appeared", p, site.cells))
            continue
        verdict, p = pair.word(site.cells)
        found.append(Step(site.hidden(), site, verdict, p, site.cells))
    return kept, found
