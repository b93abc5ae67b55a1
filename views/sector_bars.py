"""How the share of each direction changed, as bars with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np

from layers.palette import DIFFERENCE
from spatial.drift import change
from spatial.structure import SECTORS
from views.comparisons import drifted
from views.query import Query
from views.stories import SECTOR_WORDS
from views.text import Translate

__all__ = ["sector_bars"]


def sector_bars(query: Query, tr: Translate) -> dict[str, Any]:
    """Eight sectors, the one that rose most first, in percentage points of all graduates."""
    found = drifted(query)
    names = [f"share {sector}" for sector in SECTORS]
    at = [found.indicators.index(name) for name in names]
    first, last = found.counted.index(query.first), found.counted.index(query.year)
    moved, drawn = change(found.values, found.draws, first=first, last=last)
    low, high = np.quantile(drawn[:, at], [0.025, 0.975], axis=0)
    rows: list[dict[str, Any]] = [
        {
            "label": tr(SECTOR_WORDS[sector]),
            "value": 100 * float(moved[position]),
            "low": 100 * float(low[number]),
            "high": 100 * float(high[number]),
            "sure": bool(low[number] > 0 or high[number] < 0),
            "text": f"{100 * float(moved[position]):+.1f}".replace("-", "−"),
        }
        for number, (sector, position) in enumerate(zip(SECTORS, at, strict=True))
    ]
    rows.sort(key=lambda one: -one["value"])
    return {
        "title": tr("Share of each direction, change"),
        "note": tr("percentage points, 95 % interval; pale where it includes none"),
        "rows": rows,
        "up": DIFFERENCE[6],
        "down": DIFFERENCE[1],
        "empty": "",
    }
