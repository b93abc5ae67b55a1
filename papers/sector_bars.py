"""How the share of each direction changed, with intervals: for the screen and for paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from layers.palette import DIFFERENCE
from papers.words import Lang, signed, told
from spatial.blocks import FEWEST
from spatial.drift import Drift, change
from spatial.structure import SECTORS
from spatial.two_years import Comparison

__all__ = ["SectorChange", "sector_bars", "sector_changes"]


@dataclass(frozen=True)
class SectorChange:
    """Change of a sector's share of all graduates, percentage points; NaN where no interval."""

    sector: str
    points: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval holds no zero; never where there is none."""
        return self.low > 0 or self.high < 0


def sector_changes(found: Drift, asked: Comparison) -> list[SectorChange]:
    """Eight sectors, the one that rose most first, with intervals of 95 %."""
    first, last = (found.counted.index(one) for one in (asked.first, asked.second))
    moved, drawn = change(found.values, found.draws, first=first, last=last)
    at = [found.indicators.index(f"share {sector}") for sector in SECTORS]
    low, high = np.quantile(drawn[:, at], [0.025, 0.975], axis=0)
    if found.blocks < FEWEST:  # too few to draw from: nothing can be said of chance
        low, high = np.full(len(at), np.nan), np.full(len(at), np.nan)
    rows = [
        SectorChange(
            sector,
            100 * float(np.nan_to_num(moved[place])),
            100 * float(low[number]),
            100 * float(high[number]),
        )
        for number, (sector, place) in enumerate(zip(SECTORS, at, strict=True))
    ]
    return sorted(rows, key=lambda one: -one.points)


def sector_bars(found: Drift, asked: Comparison, *, lang: Lang) -> dict[str, Any]:
    """The same as the screen draws them."""
    rows = [
        {
            "label": told(f"sector {one.sector}", lang),
            "value": one.points,
            "low": one.low if one.low == one.low else one.points,
            "high": one.high if one.high == one.high else one.points,
            "sure": one.sure,
            "text": signed(one.points),
        }
        for one in sector_changes(found, asked)
    ]
    return {
        "title": told("bars", lang),
        "note": told("bars note", lang),
        "rows": rows,
        "up": DIFFERENCE[6],
        "down": DIFFERENCE[1],
        "empty": "",
    }
