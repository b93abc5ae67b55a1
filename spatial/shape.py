"""Shape: every indicator of how one year's graduates lie, from sums that blocks can share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spatial.ellipse import AXIS, axes
from spatial.plane import Around
from spatial.structure import SECTORS, ring_names, rings_of, sectors_of
from spatial.thinning import Levels, concentration, person_scores

__all__ = ["CONCENTRATION", "SPREAD", "Frame", "Year"]

Floats = NDArray[np.float64]

CONCENTRATION: Final = ("gini", "entropy", "evenness")
SPREAD: Final = ("east_km", "north_km", "major_km", "minor_km", "azimuth", "distance_km")
_MOMENTS: Final = 7


@dataclass(frozen=True, eq=False)
class Frame:
    """What stays from year to year: where the cells lie, and which sector and ring holds each."""

    seen: Around
    edges_km: tuple[float, ...]

    @cached_property
    def rings(self) -> list[str]:
        """Names of the rings, the innermost first."""
        return ring_names(self.edges_km)

    @cached_property
    def indicators(self) -> list[str]:
        """Name of each indicator: concentration, spread, then shares by sector, ring and both."""
        cross = [f"share {sector} {ring} km" for sector in SECTORS for ring in self.rings]
        return [
            *CONCENTRATION,
            *SPREAD,
            *(f"share {sector}" for sector in SECTORS),
            *(f"share {ring} km" for ring in self.rings),
            *cross,
        ]

    @cached_property
    def part(self) -> NDArray[np.int64]:
        """Sector and ring of each cell as one number, shape (n,)."""
        ring = rings_of(self.seen, edges_km=self.edges_km)
        return sectors_of(self.seen) * len(self.rings) + ring

    def sums(self, counts: Floats, block: NDArray[np.int64], *, blocks: int) -> Floats:
        """
        Sums over each block's people, shape (blocks, 7 + 8 * rings).

        People, their east, north, both squared and multiplied, their distance; then people by
        sector and ring.
        """
        east, north = self.seen.east_km, self.seen.north_km
        of_a_person = (1, east, north, east**2, north**2, east * north, self.seen.distance_km)
        moments = [np.bincount(block, counts * one, minlength=blocks) for one in of_a_person]
        parts = len(SECTORS) * len(self.rings)
        cross = np.bincount(block * parts + self.part, counts, minlength=blocks * parts)
        return np.column_stack([*moments, cross.reshape(blocks, parts)])

    def spread(self, sums: Floats) -> Floats:
        """Indicators after those of concentration, from m rows of `sums`; NaN where nobody is."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = sums[:, 1:] / sums[:, :1]
        east, north, xx, yy, xy, distance = mean[:, : _MOMENTS - 1].T
        major, minor, azimuth = axes(xx - east**2, yy - north**2, xy - east * north)
        cross = mean[:, _MOMENTS - 1 :].reshape(len(mean), len(SECTORS), len(self.rings))
        return np.column_stack(
            [
                *(east, north, major, minor, azimuth, distance),
                cross.sum(axis=2),
                cross.sum(axis=1),
                cross.reshape(len(mean), -1),
            ]
        )


@dataclass(frozen=True, eq=False)
class Year:
    """One year's graduates per cell, shape (n,), and their levels, thinned where they should be."""

    frame: Frame
    counts: Floats
    levels: Levels

    def concentration(self, cells: Floats) -> Floats:
        """Gini, entropy and evenness, shape (m, 3), of cells at each level before thinning."""
        found = concentration(cells @ self.levels.chance, self.levels.after)
        return np.column_stack([found.gini, found.entropy, found.evenness])

    @cached_property
    def values(self) -> Floats:
        """Every indicator of the frame, shape (indicators,)."""
        cells = np.bincount(self.levels.level, minlength=len(self.levels.values))
        everywhere = np.zeros(len(self.counts), dtype=np.int64)
        sums = self.frame.sums(self.counts, everywhere, blocks=1)
        return np.concatenate(
            [self.concentration(cells[None].astype(np.float64))[0], self.frame.spread(sums)[0]]
        )

    @cached_property
    def errors(self) -> Floats:
        """
        Standard error of each indicator if each cell's people are a Poisson count.

        By the delta method: one person more changes an indicator by u / N, and the variance is
        the sum of u^2 over people over N^2.
        """
        people = self.counts.sum()
        if not people > 0:
            return np.full(len(self.values), np.nan)
        share = self.values[len(CONCENTRATION) + len(SPREAD) :]
        scatter = [float(self.counts @ u**2) / people for u in self._person_changes()]
        return np.asarray(np.sqrt(np.concatenate([scatter, share * (1 - share)]) / people))

    def _person_changes(self) -> list[Floats]:
        """What a person of each cell does to each indicator but the shares, times all people."""
        gini, entropy = self.values[:2]
        rank, rarity = person_scores(self.levels)
        cells = np.log2(max(len(self.counts), 2))
        east, north, major, minor, azimuth, distance = self.values[3:9]
        x, y = self.frame.seen.east_km - east, self.frame.seen.north_km - north
        tilt = np.radians(np.nan_to_num(azimuth))
        along, across = x * np.sin(tilt) + y * np.cos(tilt), x * np.cos(tilt) - y * np.sin(tilt)
        apart = (major**2 - minor**2) / AXIS**2
        turn = along * across / apart if apart > 0 else np.full(len(x), np.nan)
        return [
            rank - gini,
            rarity - entropy,
            (rarity - entropy) / cells,
            x,
            y,
            _axis_changes(along, major),
            _axis_changes(across, minor),
            np.degrees(turn),
            self.frame.seen.distance_km - distance,
        ]


def _axis_changes(away: Floats, axis: float) -> Floats:
    """What a person `away` along an axis does to its length: half its change of variance."""
    variance = (axis / AXIS) ** 2
    return AXIS * (away**2 - variance) / (2 * np.sqrt(variance)) if variance > 0 else 0 * away
