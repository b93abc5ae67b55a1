"""Succession: which place of one year is which of the next, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from spatial.footprint import Years

__all__ = ["VERDICTS", "LineageRules", "Site", "Step", "Verdict", "succeed"]

Verdict = Literal["appeared", "grew", "steady", "shrank", "moved", "split", "merged", "vanished"]
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)

_OPPOSITE: Final[dict[Verdict, Verdict]] = {
    "appeared": "vanished",
    "grew": "shrank",
    "steady": "steady",
    "shrank": "grew",
    "moved": "moved",
    "split": "merged",
    "merged": "split",
    "vanished": "appeared",
}


@dataclass(frozen=True, kw_only=True)
class LineageRules:
    """
    Where one verdict on a place ends and the next begins; our choice, to be changed at will.

    Relative changes are of the larger of the two years, so that a year less or later turns grew
    into shrank and nothing else.

    Parameters
    ----------
    alpha
        Chance that a study where nothing changed but noise shows any event at all; shared out
        over all tests (Bonferroni).
    match
        Least overlap, shared graduates over those of both (weighted Jaccard), by which two
        places are the same one.
    inside
        Or least part of either place's graduates that lie in the other.
    least
        Least relative change of its footprint at which a place grew or shrank.
    gone
        Least relative change at which it appeared or vanished.
    kept
        A peak left in the footprint, of at least this part of the place's prominence, means it
        has not vanished but is only no longer shown.
    moved_km
        Least shift of the centre of its footprint's graduates at which a place moved, km.
    reach_km
        A place that vanishes and one that appears this near, km, of like size, are one that
        moved.
    like
        Least ratio of the smaller to the larger at which two sizes are alike.
    part
        Least part of a place's graduates that each part it splits into must hold.
    spread
        Least part of its graduates that must stand elsewhere in it after it split.
    """

    alpha: float = 0.01
    match: float = 0.15
    inside: float = 0.5
    least: float = 0.1
    gone: float = 0.3
    kept: float = 0.25
    moved_km: float = 0.5
    reach_km: float = 3.0
    like: float = 0.5
    part: float = 0.1
    spread: float = 0.1


@dataclass(frozen=True, eq=False)
class Site:
    """
    One place in one year.

    Parameters
    ----------
    place
        Its id in that year; empty where it is not shown.
    name, name_en
        Its name in that year.
    cells
        Positions of its cells, sorted; where it is not shown, those it last had or will have.
    peak
        Position of its highest cell.
    prominence
        Of that peak, graduates per cell of the smoothed surface.
    """

    place: str
    name: str
    name_en: str
    cells: NDArray[np.int64]
    peak: int
    prominence: float

    @property
    def shown(self) -> bool:
        """Whether it is among the places of that year."""
        return bool(self.place)

    def hidden(self) -> Site:
        """The same cells in a year in which it is not shown."""
        return replace(self, place="")


@dataclass(frozen=True, eq=False)
class Step:
    """
    What became of one place between two years.

    Parameters
    ----------
    before, after
        The place in either year. None where it is not there; a place that is only no longer
        shown goes on as itself, its `after` not shown.
    verdict
        In one word.
    p
        Of the test that gave the verdict; of the change of its footprint where steady.
    footprint
        The fixed cells in which both years were compared.
    origin, target
        Of a split the place it came from, of a merger the one it went into; else None.
    moved_km
        Shift of the footprint's centre, or the distance to where a place moved to.
    """

    before: Site | None
    after: Site | None
    verdict: Verdict
    p: float
    footprint: NDArray[np.int64]
    moved_km: float = 0.0
    origin: Site | None = None
    target: Site | None = None


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two years, the peaks of the first, and the chance below which a test is a finding."""

    years: Years
    level: float
    rules: LineageRules
    peaks: list[Site]

    def change(self, cells: NDArray[np.int64]) -> tuple[float, float]:
        """Relative change in `cells`, of the larger year, and its p."""
        one, other = self.years.before[cells].sum(), self.years.after[cells].sum()
        larger = float(max(one, other))
        return float(other - one) / larger if larger else 0.0, self.years.p_total(cells)

    def word(self, cells: NDArray[np.int64]) -> tuple[Verdict, float]:
        """Whether `cells` grew, shrank or did neither, and the p of it."""
        change, p = self.change(cells)
        if p > self.level or abs(change) < self.rules.least:
            return "steady", p
        return "grew" if change > 0 else "shrank", p

    def was_there(self, site: Site) -> bool:
        """Whether a peak of the first year stands in `site`, high enough to be it."""
        enough = self.rules.kept * site.prominence
        held = np.isin([one.peak for one in self.peaks], site.cells)
        return any(
            one.prominence >= enough for one, inside in zip(self.peaks, held, strict=True) if inside
        )

    def split(self, whole: Site, part: Site, other: Site) -> float | None:
        """P of `whole` having come apart into two parts, where it did; None where it did not."""
        own = self.years.before[whole.cells].sum()
        for one in (part, other):
            shared = self.years.before[np.intersect1d(whole.cells, one.cells)].sum()
            if own <= 0 or shared < self.rules.part * own:
                return None
        parts = [
            part.cells,
            np.setdiff1d(other.cells, part.cells),
            np.setdiff1d(whole.cells, np.union1d(part.cells, other.cells)),
        ]
        if self.years.redistributed(parts) < self.rules.spread:
            return None
        p = self.years.p_parts(parts)
        return p if p <= self.level else None


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
    forth = _Pair(years, level, rules, peaks[0])
    back = _Pair(years.backwards(), level, rules, peaks[1])
    pairs = _paired(before, after, years, rules)
    kept = [_kept(before[a], after[b], forth) for a, b in pairs]
    lost = [one for a, one in enumerate(before) if a not in {a for a, _ in pairs}]
    found = [one for b, one in enumerate(after) if b not in {b for _, b in pairs}]
    kept, come = _newcomers(found, kept, forth)
    turned, gone = _newcomers(lost, [_turned(step) for step in kept], back)
    return [*map(_turned, turned), *_jumps(come, list(map(_turned, gone)), forth)]


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


def _kept(one: Site, other: Site, pair: _Pair) -> Step:
    """What became of a place that is there in both years."""
    union = np.union1d(one.cells, other.cells)
    moved_km, p = pair.years.shift(union)
    if p <= pair.level and moved_km >= pair.rules.moved_km:
        return Step(one, other, "moved", p, union, moved_km)
    verdict, p = pair.word(union)
    return Step(one, other, verdict, p, union, moved_km)


def _newcomers(sites: list[Site], kept: list[Step], pair: _Pair) -> tuple[list[Step], list[Step]]:
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


def _turned(step: Step) -> Step:
    """The same step told backwards."""
    return replace(
        step,
        before=step.after,
        after=step.before,
        verdict=_OPPOSITE[step.verdict],
        origin=step.target,
        target=step.origin,
    )


def _jumps(come: list[Step], gone: list[Step], pair: _Pair) -> list[Step]:
    """Steps of places that came and went, with those joined that are one place elsewhere."""
    back = replace(pair, years=pair.years.backwards())
    gone, come, split = _spread(gone, come, pair)
    turned_come, turned_gone, merged = _spread(
        list(map(_turned, come)), list(map(_turned, gone)), back
    )
    come, gone = list(map(_turned, turned_come)), list(map(_turned, turned_gone))
    gone, come, moved = _moves(gone, come, pair)
    return [*split, *map(_turned, merged), *moved, *come, *gone]


def _spread(
    gone: list[Step], come: list[Step], pair: _Pair
) -> tuple[list[Step], list[Step], list[Step]]:
    """Those left gone, those left come, and splits of one that went into several that came."""
    left, joined = [], []
    for step in gone:
        near = _near(step, come, pair)
        loss, gains = _size(step, pair), [_size(one, pair) for one in near]
        near = [
            one for one, gain in zip(near, gains, strict=True) if gain >= pair.rules.part * loss
        ]
        if step.before is None or len(near) < 2 or not _alike(loss, sum(gains), pair):
            left.append(step)
            continue
        near.sort(key=lambda one: -_size(one, pair))
        come = [one for one in come if one not in near]
        joined.append(_joined(step, near[0], "split", pair))
        joined += [replace(one, verdict="split", origin=step.before) for one in near[1:]]
    return left, come, joined


def _moves(
    gone: list[Step], come: list[Step], pair: _Pair
) -> tuple[list[Step], list[Step], list[Step]]:
    """Those left gone, those left come, and moves of one that went to one that came."""
    left, joined = [], []
    for step in gone:
        near = [
            one
            for one in _near(step, come, pair)
            if _alike(_size(step, pair), _size(one, pair), pair)
        ]
        if not near:
            left.append(step)
            continue
        come = [one for one in come if one is not near[0]]
        joined.append(_joined(step, near[0], "moved", pair))
    return left, come, joined


def _near(step: Step, come: list[Step], pair: _Pair) -> list[Step]:
    """Those that appeared within reach of one that vanished, the nearest first."""
    if step.verdict != "vanished":
        return []
    there = [
        (pair.years.apart_km(step.footprint, one.footprint), order, one)
        for order, one in enumerate(come)
        if one.verdict == "appeared"
    ]
    there.sort(key=lambda known: known[:2])
    return [one for apart, _, one in there if apart <= pair.rules.reach_km]


def _joined(went: Step, came: Step, verdict: Verdict, pair: _Pair) -> Step:
    union = np.union1d(went.footprint, came.footprint)
    apart = pair.years.apart_km(went.footprint, came.footprint)
    return Step(went.before, came.after, verdict, max(went.p, came.p), union, apart)


def _size(step: Step, pair: _Pair) -> float:
    years = pair.years
    return abs(float(years.after[step.footprint].sum() - years.before[step.footprint].sum()))


def _alike(one: float, other: float, pair: _Pair) -> bool:
    return min(one, other) >= pair.rules.like * max(one, other)
