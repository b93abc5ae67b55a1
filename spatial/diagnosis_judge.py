"""The one reading that beats all others, how surely, and by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from spatial import geodesy
from spatial.diagnosis_evidence import MOSTLY, Reading
from spatial.diagnosis_weigh import CONFIDENT, LEANING, favours

__all__ = ["Judgement", "distinct", "judged", "near_ones"]

_CONTRADICTION: Final = 0.01
_SAME_KM: Final = 0.02
_BESIDE: Final = 0.3  # of rows: so many fewer near the study, and a reading is out


@dataclass(frozen=True, eq=False)
class Judgement:
    """
    What came of weighing readings against each other.

    Parameters
    ----------
    best
        The reading that is likeliest; None where none is.
    sure
        Whether all others are ruled out, and nothing speaks against it.
    p
        By name of each other reading the chance of what speaks for the best, were that right.
    kind
        Of the evidence against the rival that comes closest; "" where there is no rival.
    """

    best: Reading | None
    sure: bool
    p: Mapping[str, float]
    kind: str


def judged(near: Sequence[Reading]) -> Judgement:
    """
    The reading that beats each of the others.

    Sure where every other is left a chance of at most 3e-4, and nothing speaks for another at
    0.01; likeliest where the same holds at 0.01.
    """
    every = range(len(near))
    found = {(a, b): favours(near[a], near[b]) for a in every for b in every if a != b}
    chance = {pair: min(by_kind.values()) for pair, by_kind in found.items()}
    worst = [max((chance[a, b] for b in every if b != a), default=0.0) for a in every]
    best = int(np.argmin(worst))
    others = [b for b in every if b != best]
    against = min((chance[b, best] for b in others), default=1.0)
    sure = worst[best] <= CONFIDENT and against > _CONTRADICTION
    if not (sure or worst[best] <= LEANING < against):
        return Judgement(best=None, sure=False, p={}, kind="")
    p = {near[b].candidate.name: chance[best, b] for b in others}
    hardest = max(others, key=lambda b: chance[best, b], default=best)
    kinds = found.get((best, hardest), {})
    return Judgement(near[best], sure, p, min(kinds, key=kinds.__getitem__, default=""))


def near_ones(readings: Sequence[Reading]) -> list[Reading]:
    """Those that put most rows near the study, and hardly fewer than the best of them."""
    near = [one for one in readings if _share(one) > MOSTLY]
    return [one for one in near if _share(one) >= max(map(_share, near)) - _BESIDE]


def distinct(readings: Sequence[Reading]) -> list[Reading]:
    """Readings without those that put the rows where an earlier one does, to 20 m."""
    kept: list[Reading] = []
    for one in readings:
        if not any(_same(one, other) for other in kept):
            kept.append(one)
    return kept


def _share(one: Reading) -> float:
    return one.on_earth if np.isnan(one.in_extent) else one.in_extent


def _same(one: Reading, other: Reading) -> bool:
    some = np.flatnonzero(np.isfinite(one.lat) & np.isfinite(other.lat))[:1000]
    if not len(some):
        return False
    apart = geodesy.sphere_distance_km(
        one.lat[some], one.lon[some], other.lat[some], other.lon[some]
    )
    return bool(np.median(apart) < _SAME_KM)
