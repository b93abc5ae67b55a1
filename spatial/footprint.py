"""Footprints: what happened, beyond noise, in a fixed set of cells between two years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc

from spatial import cells as h3cells
from spatial.geodesy import EARTH_RADIUS_KM, equal_area
from spatial.noise import Dispersion, as_pair, p_change

__all__ = ["Years", "two_years"]

_Cells = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Years:
    """
    Two years of counts on the same cells, where those lie, and how noisy they are.

    Parameters
    ----------
    before, after
        Graduates, shape (n,).
    xy
        Equal-area place of each cell, km, shape (n, 2).
    ratio
        Dispersion of each cell's counts: their variance over a Poisson's, shape (n,).
    growth
        What the second year is expected to hold of the first: 1, or the city's growth.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    xy: NDArray[np.float64]
    ratio: NDArray[np.float64]
    growth: float = 1.0

    @property
    def weight(self) -> NDArray[np.float64]:
        """Graduates of the mean of both years: what two overlapping places share."""
        return np.asarray((self.before + self.after) / 2)

    def backwards(self) -> Years:
        """The same two years, the later first."""
        return Years(self.after, self.before, self.xy, self.ratio, 1 / self.growth)

    def p_total(self, cells: _Cells) -> float:
        """Two-sided p of the graduates in `cells`, were the later ones as expected."""
        one, other = self.before[cells].sum(), self.after[cells].sum()
        noise = Dispersion(self._ratio_of(cells))
        found = p_change([one], [other], ratio=self.growth, dispersion=noise)
        return 1.0 if np.isnan(found[0]) else float(found[0])

    def excess(self, cells: _Cells) -> tuple[float, float]:
        """Graduates in `cells` after beyond those expected; and as a part of the larger of both."""
        expected, found = self.growth * self.before[cells].sum(), self.after[cells].sum()
        beyond, larger = float(found - expected), float(max(expected, found))
        return beyond, beyond / larger if larger else 0.0

    def p_parts(self, parts: list[_Cells]) -> float:
        """
        P that graduates were spread alike over `parts`, disjoint sets of cells, in both years.

        Likelihood ratio of the table of parts by years, over the dispersion, as chi-square.
        """
        table = np.array([[self.before[p].sum(), self.after[p].sum()] for p in parts if len(p)])
        table = table[table.sum(axis=1) > 0]
        if len(table) < 2 or (table.sum(axis=0) <= 0).any():
            return 1.0
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
        logs = np.log(np.where(table > 0, table, expected) / expected)
        deviance = 2 * float((table * logs).sum()) / self._ratio_of(np.concatenate(parts))
        return float(chdtrc(len(table) - 1, max(deviance, 0.0)))

    def redistributed(self, parts: list[_Cells]) -> float:
        """Part of the graduates of `parts` that stand in another part than the year before."""
        one = np.array([self.before[part].sum() for part in parts])
        other = np.array([self.after[part].sum() for part in parts])
        if not (one.sum() > 0 and other.sum() > 0):
            return 0.0
        return float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)

    def shift(self, cells: _Cells) -> tuple[float, float]:
        """
        How far the centre of the graduates in `cells` moved, km, and the p of that by chance.

        Wald: the squared shift over its covariance, counts varying by their dispersion, is
        chi-square with two degrees of freedom.
        """
        one, cover = self._centre(cells, self.before)
        other, more = self._centre(cells, self.after)
        apart, cover = other - one, cover + more
        if not np.isfinite(apart).all() or np.linalg.det(cover) <= 0:
            return 0.0, 1.0
        wald = float(apart @ np.linalg.solve(cover, apart))
        return float(np.hypot(*apart)), float(chdtrc(2, wald))

    def apart_km(self, first: _Cells, second: _Cells) -> float:
        """Distance from the centre of `first` in the first year to that of `second` after."""
        one, other = self._centre(first, self.before)[0], self._centre(second, self.after)[0]
        found = float(np.hypot(*(other - one)))
        return found if np.isfinite(found) else float("inf")

    def _centre(
        self, cells: _Cells, counts: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        weight = counts[cells]
        total = weight.sum()
        if total <= 0:
            return np.full(2, np.nan), np.zeros((2, 2))
        middle = weight @ self.xy[cells] / total
        away = self.xy[cells] - middle
        spread = (away * (weight * self.ratio[cells])[:, None]).T @ away
        return middle, spread / total**2

    def _ratio_of(self, cells: _Cells) -> float:
        """Dispersion of the sum of `cells`, each varying for itself."""
        total = (self.before + self.after)[cells]
        return float((self.ratio[cells] * total).sum() / total.sum()) if total.sum() > 0 else 1.0


def two_years(
    before: pd.Series, after: pd.Series, *, dispersion: Dispersion, with_total: bool = False
) -> Years:
    """Two years of counts on the same cells, expected alike or to grow as their total does."""
    one, other = as_pair(before, after)
    lat, lon = h3cells.centres(before.index.to_numpy())
    middle = (float(lat.mean()), float(lon.mean())) if len(lat) else (0.0, 0.0)
    x, y = equal_area(lat, lon, lat_0=middle[0], lon_0=middle[1])
    stretch = np.cos(np.radians(middle[0]))  # true lengths about the middle of the study
    xy = np.stack([x * stretch, y / stretch], axis=1) * EARTH_RADIUS_KM
    growth = other.sum() / one.sum() if with_total and one.sum() * other.sum() > 0 else 1.0
    return Years(one, other, xy, dispersion.at(one + other), float(growth))
