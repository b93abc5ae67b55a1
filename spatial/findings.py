"""Findings: four plain answers on how a city's graduates moved between two years."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite, nan
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from spatial.blocks import FEWEST
from spatial.drift import Drift, change
from spatial.schema import Role
from spatial.structure import SECTORS
from spatial.study import Break

__all__ = ["Finding", "Findings", "Verdict", "findings"]

Floats = NDArray[np.float64]

Verdict = Literal["yes", "no", "not clear"]
"""What may be said of a finding."""
Asked = Literal["dispersing", "outward", "rises", "falls"]

_CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Finding:
    """One answer: what was looked at, before and after, and whether the change stands."""

    asked: Asked
    indicator: str
    sector: str | None
    unit: Literal["", "km", "percentage points"]
    before: float
    after: float
    change: float
    low: float
    high: float
    verdict: Verdict


@dataclass(frozen=True)
class Findings:
    """
    Four answers on the years `first` to `last`.

    Parameters
    ----------
    dispersing
        Does the Gini over cells fall, at one total of people?
    outward
        Does the mean distance to the study's centre grow?
    rises, falls
        The sector whose share of all graduates rises most, and the one where it falls most.
    confidence
        With which all intervals hold together: the largest of eight changes is large by chance,
        so each interval is wider than one alone would be.
    breaks
        Why these years may not be comparable; empty where nothing is known against it.
    """

    role: Role
    group: str
    first: int
    last: int
    dispersing: Finding
    outward: Finding
    rises: Finding
    falls: Finding
    confidence: float
    breaks: tuple[Break, ...]

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON values; NaN is null."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def findings(drift: Drift, *, first: int | None = None, last: int | None = None) -> Findings:
    """
    Dispersing, outward, which sector rises and which falls most, each with a verdict.

    "yes" where the interval lies on the asked side of zero, "no" where it lies on the other,
    "not clear" where it holds zero or there are too few blocks to tell.

    Parameters
    ----------
    drift
        As `drift` measured it.
    first, last
        Years to compare; left out, the first and the last in which anybody was counted.

    Raises
    ------
    ValueError
        When there are no two years, or none such.
    """
    start, end = _years(drift, first, last)
    rows = [drift.counted.index(year) for year in (start, end)]
    asked = ["gini", "distance_km", *(f"share {sector}" for sector in SECTORS)]
    columns = [drift.indicators.index(name) for name in asked]
    found, drawn = change(drift.values, drift.draws, first=rows[0], last=rows[1])
    reach = _reach(found[columns], drawn[:, columns], blocks=drift.blocks)
    before, after = drift.values[rows[0], columns], drift.values[rows[1], columns]
    table = np.column_stack([before, after, found[columns], reach])
    shares = np.nan_to_num(found[columns][2:])
    most, least = 2 + int(shares.argmax()), 2 + int(shares.argmin())
    return Findings(
        role=drift.role,
        group=drift.group,
        first=start,
        last=end,
        dispersing=_finding("dispersing", "gini", table[0], unit="", sign=-1),
        outward=_finding("outward", "distance_km", table[1], unit="km", sign=1),
        rises=_sector("rises", SECTORS[most - 2], table[most], sign=1),
        falls=_sector("falls", SECTORS[least - 2], table[least], sign=-1),
        confidence=_CONFIDENCE,
        breaks=tuple(one for one in drift.breaks if start <= one.after < one.before <= end),
    )


def _years(drift: Drift, first: int | None, last: int | None) -> tuple[int, int]:
    peopled = drift.peopled
    if len(peopled) < 2:
        raise ValueError(f"a drift needs two years with graduates, found {len(peopled)}")
    start = peopled[0] if first is None else first
    end = peopled[-1] if last is None else last
    if not start < end or {start, end} - set(peopled):
        raise ValueError(
            f"first and last must be two of {', '.join(map(str, peopled))}, found {start} and {end}"
        )
    return start, end


def _reach(found: Floats, drawn: Floats, *, blocks: int) -> Floats:
    """
    How far each interval reaches to either side, so that all hold together, shape (10,).

    As many standard errors as the largest of all errors has in 95 % of the draws.
    """
    if blocks < FEWEST:
        return np.full(len(found), nan)
    error = drawn.std(axis=0, ddof=1)
    moved = np.divide(np.abs(drawn - found), error, out=np.zeros_like(drawn), where=error > 0).max(
        axis=1
    )
    return np.asarray(error * np.quantile(moved, _CONFIDENCE))


def _sector(asked: Asked, sector: str, row: Floats, *, sign: int) -> Finding:
    named = f"share {sector}"
    return _finding(asked, named, row * 100, unit="percentage points", sign=sign, sector=sector)


def _finding(
    asked: Asked,
    indicator: str,
    row: Floats,
    *,
    unit: Literal["", "km", "percentage points"],
    sign: int,
    sector: str | None = None,
) -> Finding:
    before, after, changed, reach = (float(value) for value in row)
    towards, sure = sign * changed, isfinite(reach)
    verdict: Verdict = "not clear"
    if sure and abs(changed) > reach:
        verdict = "yes" if towards > 0 else "no"
    low, high = changed - reach, changed + reach
    return Finding(asked, indicator, sector, unit, before, after, changed, low, high, verdict)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a dataclass holds
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value
