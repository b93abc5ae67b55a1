"""Compared: two years of a study, each answer worked out when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from spatial import pages
from spatial.agreement import Agreement
from spatial.analysis import neighbours_of
from spatial.comparison import (
    agreement_between,
    answers_between,
    difference_table,
    lineages_between,
    reasons_against,
)
from spatial.drift import drift
from spatial.events import event_table
from spatial.findings import Findings, findings
from spatial.lineage import Lineages
from spatial.neighbours import Neighbours
from spatial.places import Places
from spatial.reasons import Reason
from spatial.study import Study
from spatial.two_years import Comparison

__all__ = ["Compared"]


@dataclass(frozen=True, eq=False)
class Compared:
    """Two years of a study; what is asked of them is worked out when first asked for."""

    study: Study
    comparison: Comparison

    # What is drawn of it; each says in `spatial.pages` what it takes and gives.
    map = pages.change
    brief = pages.brief_between

    def __repr__(self) -> str:
        one, info = self.comparison, self.study.info
        reasons = len(self.reasons)
        fair = (
            f"not comparable for {reasons} reason{'s' * (reasons > 1)}" if reasons else "comparable"
        )
        kind = "synthetic" if info.synthetic else "measured"
        return (
            f"Compared({info.name!r}: {one.role} {one.first} and {one.second},"
            f" {len(self._around.cells):,} cells, {fair}, {kind})"
        )

    @cached_property
    def reasons(self) -> list[Reason]:
        """What speaks against comparing the two; empty where nothing does."""
        return reasons_against(self.study, self.comparison)

    @cached_property
    def _around(self) -> Neighbours:
        return neighbours_of(self.study, self.comparison.question(self.comparison.first))

    @cached_property
    def answers(self) -> dict[int, tuple[pd.DataFrame, Places]]:
        """Cells and places of every year from the first to the second."""
        return answers_between(self.study, self.comparison, neighbours=self._around)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """What changed in each cell, as `comparison.difference_table` gives it."""
        tables = {year: table for year, (table, _) in self.answers.items()}
        return difference_table(self.study, self.comparison, tables=tables, neighbours=self._around)

    @cached_property
    def lineages(self) -> Lineages:
        """Places through all the years, as `comparison.lineages_between` gives them."""
        return lineages_between(
            self.study, self.comparison, answers=self.answers, neighbours=self._around
        )

    @cached_property
    def events(self) -> gpd.GeoDataFrame:
        """What became of every place, one row a place and step, with its outline."""
        named = {year: found for year, (_, found) in self.answers.items()}
        # Places know no base, so that a break in it does not touch them.
        reasons = [one for one in self.reasons if one.series != "base"]
        return event_table(self.lineages, named, reasons=reasons)

    def agreement(self, *, permutations: int = 199, seed: int = 1) -> Agreement:
        """How alike the hotspots of the two years are, with p by so many permutations."""
        return agreement_between(
            self.study,
            self.comparison,
            permutations=permutations,
            rng=np.random.default_rng(seed),
            tables={year: table for year, (table, _) in self.answers.items()},
            neighbours=self._around,
        )

    def findings(self, *, resamples: int = 1000, seed: int = 1) -> Findings:
        """Four answers: dispersing, outward, which sector rises, which falls."""
        one = self.comparison
        rng = np.random.default_rng(seed)
        found = drift(self.study, role=one.role, group=one.group, resamples=resamples, rng=rng)
        return findings(found, first=one.first, last=one.second)
