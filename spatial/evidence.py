"""Evidence: what two years of counts say of one place, beyond noise or not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spatial.footprint import Years
from spatial.steps import LineageRules, Site, Verdict

__all__ = ["Evidence"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Two years, the peaks of the first, and the chance below which a test is a finding."""

    years: Years
    level: float
    rules: LineageRules
    peaks: list[Site]

    def change(self, cells: NDArray[np.int64]) -> tuple[float, float]:
        """Relative change in `cells` beyond what was expected, and its p."""
        return self.years.excess(cells)[1], self.years.p_total(cells)

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
        before, mean = self.years.before, self.years.weight
        for one in (part, other):
            both = np.intersect1d(whole.cells, one.cells)
            of_whole = before[both].sum() / (before[whole.cells].sum() or np.inf)
            of_part = mean[both].sum() / (mean[one.cells].sum() or np.inf)
            if max(of_whole, of_part) < self.rules.part:
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

    def backwards(self, peaks: list[Site]) -> Evidence:
        """The same two years told backwards, with the `peaks` of the later one."""
        return replace(self, years=self.years.backwards(), peaks=peaks)
