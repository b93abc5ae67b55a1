"""Lineage: places through the years, by the graduates they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.evidence import Evidence
from spatial.footprint import Years, two_years
from spatial.naming import slugs
from spatial.noise import Dispersion, as_pair, estimate_dispersion, usual
from spatial.places import Places
from spatial.spans import SPAN_COLUMNS, span_table
from spatial.steps import LineageRules, Site, Step
from spatial.succession import succeed

__all__ = ["EVENT_COLUMNS", "YEAR_COLUMNS", "LineageRules", "Lineages", "find_lineages"]

EVENT_COLUMNS: Final = (
    "lineage", "from_year", "to_year", "from_place", "to_place", "verdict", "with_lineage",
    "overlap", "kept", "held", "graduates_before", "graduates_after", "footprint_before",
    "footprint_after", "change", "expected", "p", "share_before", "share_after", "moved_km",
    "shown_before", "shown_after",
)  # fmt: skip
"""Columns of a table of steps."""
YEAR_COLUMNS: Final = (
    "lineage", "year", "place", "name", "name_en", "alive", "shown", "rank", "graduates",
    "graduates_fixed", "share", "lat", "lon",
)  # fmt: skip
"""Columns of a table of places by year."""

_TESTS: Final = 4  # a place may be asked whether it changed, moved, came apart; and over the span


@dataclass(frozen=True, eq=False)
class Lineages:
    """
    Places through the years.

    Parameters
    ----------
    events
        One row per lineage and pair of successive years in which it is there: lineage,
        from_year, to_year; from_place and to_place (ids of that year, empty where not shown);
        verdict; with_lineage (of a split the lineage it came from, of a merger the one it went
        into); overlap (graduates shared, over those of both: weighted Jaccard), kept and held
        (their part of the place before and after); graduates_before and _after (in the place's
        own cells of either year; share_before and _after, of all graduates); footprint_before,
        footprint_after and change (in the fixed cells that were compared), expected (after, by
        `against`); p (of the verdict's test); moved_km; shown_before and shown_after.
    years
        One row per lineage and year of all: place, name and name_en (as first seen); alive
        (from its first year to its last); shown; rank; graduates (own cells of that year, NaN
        where not alive) and share; graduates_fixed (in all cells it ever had: one footprint
        through the years); lat and lon of its peak.
    spans
        One row per lineage: what the first and the last year together say of it in those same
        cells, as `span_table` gives it.
    level
        Chance below which one test was a finding.
    dispersion
        Of the counts.
    rules
        Thresholds.
    """

    events: pd.DataFrame
    years: pd.DataFrame
    spans: pd.DataFrame
    level: float
    dispersion: Dispersion
    rules: LineageRules

    def __repr__(self) -> str:
        years = sorted(set(self.years["year"]))
        told = self.events["verdict"].value_counts().items()
        return (
            f"Lineages({self.years['lineage'].nunique()} places through"
            f" {years[0]}-{years[-1]}: {', '.join(f'{many} {one}' for one, many in told)})"
            if years
            else "Lineages(no years)"
        )


@dataclass(eq=False)
class _Line:
    """One lineage while it is being written."""

    id: str
    name: str
    name_en: str
    sites: dict[int, Site] = field(default_factory=dict)

    @property
    def cells(self) -> NDArray[np.int64]:
        """All cells it ever had, by position: one footprint through the years."""
        return np.unique(np.concatenate([site.cells for site in self.sites.values()]))


def find_lineages(
    places: Mapping[int, Places],
    counts: Mapping[int, pd.Series],
    *,
    candidates: Mapping[int, Places] | None = None,
    against: Literal["before", "total"] = "before",
    dispersion: Dispersion | None = None,
    rules: LineageRules | None = None,
) -> Lineages:
    """
    The places of all years, matched by shared graduates, and what became of each.

    Graduates before and after are compared in fixed cells, those of the place in either year
    together: a place whose outline alone differs has not changed. A verdict other than steady
    needs a change beyond noise (Poisson with the cells' own overdispersion) at a chance that is
    shared out over all tests, and a least size (see `LineageRules`). A place that drops out of
    those shown without such a change is steady and not shown, and is looked for again in later
    years on the cells it last had.

    Parameters
    ----------
    places
        Those shown, by year: as `find_places` or `describe_places` give them.
    counts
        Graduates per cell of each year, all on the same cells in the same order.
    candidates
        More places of each year, down to less prominence, which keep one that is only no longer
        shown from being called vanished; None looks at the shown ones alone.
    against
        What a place is expected to hold: what it held ("before", so that in a shrinking city
        most places shrank), or its share of all graduates ("total").
    dispersion
        Of the counts; None estimates it, as is usual for the pairs of years (`usual`).
    rules
        Thresholds; None stands for the defaults.

    Returns
    -------
    Lineages
        A lineage has the slug of the name its place was first seen by for an id, so that later
        years change no id.

    Raises
    ------
    ValueError
        When years differ, or a place holds a cell that was not counted.
    """
    rules = rules or LineageRules()
    years = sorted(places)
    if sorted(counts) != years or (candidates is not None and not set(years) <= set(candidates)):
        raise ValueError(
            "places, counts and candidates must be of the same years, found"
            f" {', '.join(map(str, years))} and {', '.join(map(str, sorted(counts)))}"
        )
    sites = {year: _sites(places[year], counts[year].index) for year in years}
    peaks = sites
    if candidates is not None:
        peaks = {year: _sites(candidates[year], counts[year].index) for year in years}
    successive = list(pairwise(years))
    asked = sum(len(sites[one]) + len(sites[other]) for one, other in successive)
    level = rules.alpha / max(_TESTS * asked, 1)
    noise = dispersion or usual(
        [estimate_dispersion(*as_pair(counts[one], counts[other])) for one, other in successive]
    )
    lines: list[_Line] = []
    for site in sites[years[0]] if years else []:
        _begin(lines, site).sites[years[0]] = site
    events: list[dict[str, Any]] = []
    for one, other in successive:
        pair = two_years(
            counts[one], counts[other], dispersion=noise, with_total=against == "total"
        )
        before = [line.sites[one] for line in lines if one in line.sites]
        steps = succeed(
            before, sites[other], pair, level=level, rules=rules, peaks=(peaks[one], peaks[other])
        )
        owners = _continue(lines, _by_rank(steps, sites[other]), one, other)
        events += _events(steps, lines, owners, pair, span=(one, other))
    table = pd.DataFrame(events, columns=list(EVENT_COLUMNS))
    spans = pd.DataFrame(columns=list(SPAN_COLUMNS))
    if years:
        whole = two_years(
            counts[years[0]], counts[years[-1]], dispersion=noise, with_total=against == "total"
        )
        held = {line.id: line.cells for line in lines}
        told = Evidence(whole, level, rules, [])
        spans = span_table(held, told, first=years[0], last=years[-1])
    return Lineages(table, _by_year(lines, counts), spans, level, noise, rules)


def _sites(places: Places, index: pd.Index) -> list[Site]:
    """The places of one year, most prominent first, their cells by position."""
    position = index.get_indexer(places.member.index)
    if outside := int((position < 0).sum()):
        raise ValueError(f"places must lie on cells that were counted, found {outside} that do not")
    held = places.member.to_numpy()
    table = places.table
    names = table["name"] if "name" in table else table["id"]
    english = table["name_en"] if "name_en" in table else table["id"]
    peaks = index.get_indexer(pd.Index(table["peak"]))
    rows = zip(table["id"], names, english, peaks, table["prominence"], strict=True)
    return [
        Site(str(i), str(name), str(en), np.sort(position[held == i]), int(peak), float(height))
        for i, name, en, peak, height in rows
    ]


def _begin(lines: list[_Line], site: Site) -> _Line:
    """A new lineage, its id the slug of its name, numbered where an earlier one has that."""
    unique = slugs(pd.Series([*(line.id for line in lines), site.name_en]))[-1]
    line = _Line(unique, site.name, site.name_en)
    lines.append(line)
    return line


def _continue(lines: list[_Line], steps: list[Step], one: int, other: int) -> dict[Site, _Line]:
    """Carry the lineages into the year `other`; the lineage of each site of both years."""
    owners = {line.sites[one]: line for line in lines if one in line.sites}
    for step in steps:
        line = owners.get(step.before) if step.before is not None else None
        if line is None:
            first = step.after or step.before
            if first is None:
                continue
            line = _begin(lines, first)
            if step.before is not None:  # there all along, though not shown
                line.sites[one] = step.before
                owners[step.before] = line
        if step.after is not None:
            line.sites[other] = step.after
            owners[step.after] = line
    return owners


def _by_rank(steps: list[Step], sites: list[Site]) -> list[Step]:
    """Steps in the order of the places they lead to, so that new ids are given in that order."""
    rank: dict[Site | None, int] = {site: order for order, site in enumerate(sites)}
    return sorted(steps, key=lambda step: rank.get(step.after, len(rank)))


def _events(
    steps: list[Step],
    lines: list[_Line],
    owners: dict[Site, _Line],
    pair: Years,
    *,
    span: tuple[int, int],
) -> list[dict[str, Any]]:
    """One row per step, in the order of the lineages."""
    rows = []
    for step in steps:
        line = next(owners[site] for site in (step.before, step.after) if site is not None)
        other = step.origin or step.target
        kin = owners[other] if other is not None else None
        rows.append((lines.index(line), _event(step, line, kin, pair, span)))
    return [row for _, row in sorted(rows, key=lambda known: known[0])]


def _event(
    step: Step, line: _Line, other: _Line | None, pair: Years, span: tuple[int, int]
) -> dict[str, Any]:
    one, next_one = step.before or step.origin, step.after or step.target
    own, next_own = step.before, step.after
    before = float(pair.before[own.cells].sum()) if own else 0.0
    after = float(pair.after[next_own.cells].sum()) if next_own else 0.0
    was, now = (float(year[step.footprint].sum()) for year in (pair.before, pair.after))
    return {
        "lineage": line.id,
        "from_year": span[0],
        "to_year": span[1],
        "from_place": own.place if own else "",
        "to_place": next_own.place if next_own else "",
        "verdict": step.verdict,
        "with_lineage": other.id if other else "",
        **_overlap(one, next_one, pair),
        "graduates_before": before,
        "graduates_after": after,
        "footprint_before": was,
        "footprint_after": now,
        "change": now - was,
        "expected": was * pair.growth,
        "p": step.p,
        "share_before": before / (pair.before.sum() or np.nan),
        "share_after": after / (pair.after.sum() or np.nan),
        "moved_km": step.moved_km,
        "shown_before": own is not None and own.shown,
        "shown_after": next_own is not None and next_own.shown,
    }


def _overlap(one: Site | None, other: Site | None, pair: Years) -> dict[str, float]:
    """Graduates of the mean of both years that two places share, of both and of either."""
    if one is None or other is None:
        return {"overlap": 0.0, "kept": 0.0, "held": 0.0}
    weight = pair.weight
    shared = float(weight[np.intersect1d(one.cells, other.cells)].sum())
    mine, theirs = float(weight[one.cells].sum()), float(weight[other.cells].sum())
    parts = {"overlap": mine + theirs - shared, "kept": mine, "held": theirs}
    return {name: shared / of if of else 0.0 for name, of in parts.items()}


def _by_year(lines: list[_Line], counts: Mapping[int, pd.Series]) -> pd.DataFrame:
    rows = []
    for line in lines:
        fixed = line.cells
        for year, held in sorted(counts.items()):
            amount, site = held.to_numpy(dtype=np.float64), line.sites.get(year)
            graduates = float(amount[site.cells].sum()) if site else np.nan
            rows.append(
                {
                    "lineage": line.id,
                    "year": year,
                    "place": site.place if site else "",
                    "name": line.name,
                    "name_en": line.name_en,
                    "alive": site is not None,
                    "shown": site is not None and site.shown,
                    "graduates": graduates,
                    "graduates_fixed": float(amount[fixed].sum()),
                    "share": graduates / (amount.sum() or np.nan),
                    "peak": held.index[site.peak] if site else 0,
                }
            )
    table = pd.DataFrame(rows, columns=[*YEAR_COLUMNS, "peak"])
    there = table["alive"].to_numpy(dtype=np.bool_)
    for name, degrees in zip(("lat", "lon"), h3cells.centres(table["peak"][there]), strict=True):
        table.loc[there, name] = degrees
    ranks = table["graduates"].where(table["shown"].astype(bool)).groupby(table["year"])
    table["rank"] = ranks.rank(ascending=False, method="first").astype("Int64")
    return table[list(YEAR_COLUMNS)]
