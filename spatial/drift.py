"""
Drift: the shape of a city's graduates year by year, and how surely it changed.

Two kinds of chance are told apart, because they answer two questions.

How well is one year counted? The interval of a year's value is that of people counted one by
one, Poisson on the map as it is, by the delta method: what drawing people anew tends to, for
means, shares, moments and ranks of thousands, without the drawing.

Is a change more than chance? People come in clusters: those of one estate, dormitory or campus
settle and leave together, and a thousand of them are not a thousand witnesses. So the interval
of a change comes from drawing blocks of 7 cells anew (the size of an estate; the same blocks in
all years): it holds the chance of who was counted and how unevenly the change lies over the
city. Blocks of 49 cells ask more, whether the change would stand if whole quarters were others;
single cells ask less.

Neither knows of people who are never counted, of errors of a model, or of a series that counts
otherwise from some year on. Years are taken as separate samples: where the same people are
counted in two years, the chance of who is counted is overstated a little.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from spatial.blocks import FEWEST, Blocks, blocks_of
from spatial.ellipse import Ellipse
from spatial.plane import around
from spatial.quotient import log_log_slope
from spatial.schema import Role, SchemaError
from spatial.shape import CONCENTRATION, SPREAD, Frame, Year
from spatial.structure import ring_edges_km
from spatial.study import Break, Study
from spatial.thinning import Levels, levels, thinned

__all__ = ["Drift", "change", "drift"]

Floats = NDArray[np.float64]

_NORMAL: Final = 1.959963984540054
_INTERVAL: Final = (2.5, 97.5)
_NAMED: Final = ("study", "synthetic", "role", "group", "thinned", "resamples", "blocks")
_AZIMUTH: Final = len(CONCENTRATION) + SPREAD.index("azimuth")


@dataclass(frozen=True, eq=False)
class Drift:
    """
    Every indicator of a role and group by year.

    Parameters
    ----------
    years
        Columns year, indicator, value, low, high: how well each year is counted. Indicators
        are graduates; gini, entropy (bits) and evenness at the total of the year with fewest
        people, as far as `thinned`; east_km and north_km of the weighted centre from the study's
        centre; major_km, minor_km and azimuth of the standard ellipse; distance_km, the mean to
        the study's centre; "share SE", "share 5-10 km", "share SE 5-10 km" of all graduates;
        and slope, of log graduates on log base, where there is a base.
    changes
        Columns year, since, indicator, change, low, high: each year against the first with
        anybody counted, without graduates and slope. `low` and `high` are NaN with fewer than
        ten blocks.
    ellipses
        Standard ellipse of each year, with the weighted centre.
    thinned
        Whether concentration is at one total; counts that are not whole cannot be thinned.
    blocks, block_resolution
        How many blocks with graduates were drawn anew, and how large they are.
    breaks
        Those of the counted series, between any two of the years.
    counted, indicators, values, draws
        Years and indicators by name; values of shape (years, indicators), and those of every
        resample, shape (resamples, years, indicators).
    """

    role: Role
    group: str
    study: str
    synthetic: bool
    centre: tuple[float, float]
    edges_km: tuple[float, ...]
    years: pd.DataFrame
    changes: pd.DataFrame
    ellipses: dict[int, Ellipse]
    thinned: bool
    blocks: int
    block_resolution: int
    resamples: int
    breaks: tuple[Break, ...]
    counted: list[int]
    indicators: list[str]
    values: Floats = field(repr=False)
    draws: Floats = field(repr=False)

    @property
    def peopled(self) -> list[int]:
        """Years in which anybody was counted."""
        rows = self.years["indicator"] == "graduates"
        return [int(year) for year in self.years.loc[rows & (self.years["value"] > 0), "year"]]

    def to_json(self) -> dict[str, Any]:
        """Everything but the draws as JSON values; NaN is null."""
        return {
            **{name: getattr(self, name) for name in _NAMED},
            "block_resolution": self.block_resolution,
            "centre": list(self.centre),
            "edges_km": list(self.edges_km),
            "breaks": [asdict(one) for one in self.breaks],
            "ellipses": [
                {name: _plain(v) for name, v in {"year": year, **asdict(one)}.items()}
                for year, one in self.ellipses.items()
            ],
            "years": _records(self.years),
            "changes": _records(self.changes),
        }


def drift(
    study: Study,
    *,
    role: Role,
    group: str = "all",
    resamples: int = 1000,
    rng: np.random.Generator,
    block_resolution: int | None = None,
    edges_km: tuple[float, ...] | None = None,
) -> Drift:
    """
    Shape of a study's graduates in every year of a role, and its changes.

    Parameters
    ----------
    study, role, group
        Who is looked at.
    resamples
        Times the blocks are drawn anew.
    block_resolution
        H3 resolution of the blocks; the cells' own makes each cell stand for itself.
        Left out, one coarser, or their own in a study too small for 30 of those.
    rng
        Draws the blocks.
    edges_km
        Between the rings; left out, those `ring_edges_km` finds for all years together.

    Raises
    ------
    SchemaError
        When the study has no such role or group.
    ValueError
        When the blocks would be finer than the cells, or the edges do not ascend.
    """
    if not study.years_of(role):
        raise SchemaError(f"{study.info.name} counts {', '.join(study.roles)}, not {role}")
    tables = {
        year: study.series(role=role, year=year, group=group) for year in study.years_of(role)
    }
    counts = np.column_stack([table["graduates"] for table in tables.values()])
    seen = around(study.area, centre=study.centre)
    pooled = pd.Series(counts.sum(axis=1), index=study.area)
    frame = Frame(seen, ring_edges_km(pooled, seen) if edges_km is None else edges_km)
    whole = bool((counts == np.rint(counts)).all())
    years = [
        Year(frame, held, given)
        for held, given in zip(counts.T, _levels(counts, whole=whole), strict=True)
    ]
    blocks = blocks_of(
        study.area, np.asarray((counts > 0).any(axis=1)), resolution=block_resolution
    )
    values = np.stack([one.values for one in years])
    draws = _draws(years, blocks, resamples, rng=rng)
    names = list(tables)
    return Drift(
        role=role,
        group=group,
        study=study.info.name,
        synthetic=study.info.synthetic,
        centre=study.centre,
        edges_km=frame.edges_km,
        years=_year_table(tables, years),
        changes=_change_table(names, frame.indicators, values, draws, blocks),
        ellipses={name: _ellipse(one) for name, one in zip(names, years, strict=True)},
        thinned=whole,
        blocks=blocks.count,
        block_resolution=blocks.resolution,
        resamples=resamples,
        breaks=_breaks(study, role, group, names),
        counted=names,
        indicators=frame.indicators,
        values=values,
        draws=draws,
    )


def change(values: Floats, draws: Floats, *, first: int, last: int) -> tuple[Floats, Floats]:
    """
    Change of each indicator between two rows of `values`, as it is and in every draw.

    An azimuth turns the short way round: a line at 179 degrees is 2 from one at 1.
    """
    found, drawn = values[last] - values[first], draws[:, last] - draws[:, first]
    found[_AZIMUTH] = _turn(found[_AZIMUTH])
    drawn[:, _AZIMUTH] = found[_AZIMUTH] + _turn(drawn[:, _AZIMUTH] - found[_AZIMUTH])
    return found, drawn


def _turn(degrees: Any) -> Any:  # noqa: ANN401 - a number or an array
    return (degrees + 90) % 180 - 90


def _levels(counts: Floats, *, whole: bool) -> list[Levels]:
    """Levels of each year, thinned to the total of the year with the fewest people."""
    totals = counts.sum(axis=0)
    fewest = totals[totals > 0].min(initial=np.inf)
    found = [levels(held) for held in counts.T]
    return [
        thinned(one, keep=fewest / total) if whole and total > fewest else one
        for one, total in zip(found, totals, strict=True)
    ]


def _draws(
    years: list[Year], blocks: Blocks, resamples: int, *, rng: np.random.Generator
) -> Floats:
    sums = [one.frame.sums(one.counts, blocks.block, blocks=blocks.count + 1) for one in years]
    cells = [_cells_by_level(one.levels, blocks) for one in years]
    found = np.empty((resamples, len(years), len(years[0].values)))
    for rows, times in blocks.draws(resamples, rng=rng):
        for at, one in enumerate(years):
            found[rows, at, : len(CONCENTRATION)] = one.concentration((cells[at] @ times.T).T)
            found[rows, at, len(CONCENTRATION) :] = one.frame.spread(times @ sums[at])
    return found


def _cells_by_level(given: Levels, blocks: Blocks) -> sparse.csr_array:
    """How many cells of each level every block has, shape (levels, blocks)."""
    shape = (len(given.values), blocks.count + 1)
    ones = np.ones(len(given.level))
    return sparse.csr_array(sparse.coo_array((ones, (given.level, blocks.block)), shape=shape))


def _year_table(tables: dict[int, pd.DataFrame], years: list[Year]) -> pd.DataFrame:
    parts = []
    for (name, table), one in zip(tables.items(), years, strict=True):
        people = one.counts.sum()
        value, error = np.append(people, one.values), np.append(np.sqrt(people), one.errors)
        low, high = value - _NORMAL * error, value + _NORMAL * error
        part = {"indicator": ["graduates", *one.frame.indicators], "value": value}
        parts.append(pd.DataFrame({"year": name, **part, "low": low, "high": high}))
        if table["base"].notna().any():
            fit = log_log_slope(table["graduates"], table["base"])
            row = {"year": [name], "indicator": ["slope"], "value": [fit.slope]}
            parts.append(pd.DataFrame({**row, "low": [fit.low], "high": [fit.high]}))
    return pd.concat(parts, ignore_index=True)


def _change_table(
    years: list[int], indicators: list[str], values: Floats, draws: Floats, blocks: Blocks
) -> pd.DataFrame:
    columns = ["year", "since", "indicator", "change", "low", "high"]
    parts = []
    start = int(np.isfinite(values[:, 0]).argmax())
    for last in range(start + 1, len(years)):
        found, drawn = change(values, draws, first=start, last=last)
        low, high = np.percentile(drawn, _INTERVAL, axis=0)
        if blocks.count < FEWEST:
            low, high = np.full_like(found, np.nan), np.full_like(found, np.nan)
        given = (years[last], years[start], indicators, found, low, high)
        parts.append(pd.DataFrame(dict(zip(columns, given, strict=True))))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _ellipse(one: Year) -> Ellipse:
    east, north, major, minor, azimuth = one.values[len(CONCENTRATION) :][:5]
    lat, lon = one.frame.seen.place(east, north)
    return Ellipse(*(float(v) for v in (lat[0], lon[0], major, minor, azimuth)))


def _breaks(study: Study, role: Role, group: str, years: list[int]) -> tuple[Break, ...]:
    """Breaks of what is counted: the role, the group, or for all groups any of them."""
    groups = [one.id for one in study.info.groups] if group == "all" else [group]
    counted = {role, "graduates", *groups}
    between = study.break_between(years[0], years[-1])
    return tuple(one for one in between if one.series in counted)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.to_dict(orient="records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a table holds
    return None if isinstance(value, float) and not isfinite(value) else value
