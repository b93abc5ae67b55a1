"""Screened: cells and sites for small homes, ranked when they are first asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from spatial.criterion import Criterion
from spatial.neighbours import Neighbours
from spatial.siting import rank
from spatial.siting_setting import Setting
from spatial.siting_sites import Sites, clusters, named_sites
from spatial.study import Study

__all__ = ["Screened"]


@dataclass(frozen=True, eq=False)
class Screened:
    """
    A siting screen; ranking and sites are worked out when first asked for.

    Parameters
    ----------
    values
        What each cell is judged by, a column for each criterion.
    missing
        Criteria that the study has no data for, and why.
    criteria
        As weighed and limited.
    """

    study: Study
    setting: Setting
    values: pd.DataFrame
    missing: dict[str, str]
    criteria: tuple[Criterion, ...]
    near: Neighbours = field(repr=False)

    def __repr__(self) -> str:
        asked = ", ".join(one.id for one in self.criteria if one.scored)
        kind = "synthetic" if self.study.info.synthetic else "measured"
        good = int((self.ranked["rank"] > 0).sum())
        return (
            f"Screened({self.study.info.name!r} {self.setting.year}: {good:,} of"
            f" {len(self.values):,} cells in question, by {asked}; {kind})"
        )

    @cached_property
    def ranked(self) -> pd.DataFrame:
        """Score and rank of each cell, as `siting.rank` gives them."""
        return rank(self.values, self.criteria)

    @cached_property
    def sites(self) -> Sites:
        """The best sites, named, as `siting_sites.clusters` joins cells to them."""
        found = clusters(
            self.ranked,
            self.values,
            self.criteria,
            most=self.setting.top,
            neighbours=self.near,
        )
        return named_sites(self.study, found, year=self.setting.year)
