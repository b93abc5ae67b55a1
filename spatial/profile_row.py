"""Rows of a profile: one indicator of an area, and what the profile is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.areas import Area
from spatial.info import Words
from spatial.places import Places
from spatial.rail import Network
from spatial.schema import Role
from spatial.study import Study

__all__ = ["COLUMNS", "SECTIONS", "Row", "Subject"]

SECTIONS: Final = (
    *("people", "base", "crossing", "residents", "workers", "rail", "rent", "places"),
    *("come_from", "go_to"),
)
"""Parts of a profile, in the order they are told."""

COLUMNS: Final = (
    *("section", "indicator", "name", "name_en", "year", "value", "low", "high", "unit"),
    *("note", "note_zh", "modelled"),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """
    One indicator.

    Parameters
    ----------
    section
        One of SECTIONS.
    indicator
        English name, the same in every study.
    year
        Of the data, which may be the nearest one to that asked for.
    value, low, high
        95 % interval where there is one, else NaN.
    unit
        people, share, ratio, km, min, m, km2, people per km2, count or rent.
    name, name_en
        Of the station, place or partner it is about, or the kind of home; else empty.
    note
        What must be said beside it, in both languages.
    modelled
        Whether a model had a part in it.
    """

    section: str
    indicator: str
    year: int
    value: float
    unit: str
    low: float = nan
    high: float = nan
    name: str = ""
    name_en: str = ""
    note: Words = field(default_factory=dict)
    modelled: bool = False

    def values(self) -> tuple[object, ...]:
        """The values of COLUMNS."""
        notes = self.note.get("en", ""), self.note.get("zh", "")
        head = (self.section, self.indicator, self.name, self.name_en, self.year)
        return (*head, self.value, self.low, self.high, self.unit, *notes, self.modelled)


@dataclass(frozen=True, eq=False)
class Subject:
    """
    What a profile is asked about.

    Parameters
    ----------
    study, area, year
        What is asked of what.
    inside
        Which cells of the study area lie in the area, shape (n,).
    places
        Of each role, of the year or the nearest one counted; None where the role never was.
    network
        The rail of the year; None where there is none.
    draws, seed
        Of the intervals of flows.
    """

    study: Study
    area: Area
    year: int
    inside: NDArray[np.bool_]
    places: Mapping[Role, Places | None]
    network: Network | None
    draws: int
    seed: int

    @property
    def whole(self) -> bool:
        """Whether it is about the whole study, so that nobody crosses its edge."""
        return self.area.kind == "study"

    @property
    def cells(self) -> h3cells.Cells:
        """Cells of the area at the study's own resolution, sorted."""
        return self.study.area[self.inside]

    def year_of(self, role: Role) -> int | None:
        """The counted year of a role that is nearest to the year; None where there is none."""
        years = self.study.years_of(role)
        return min(years, key=lambda one: abs(one - self.year)) if years else None

    def people(self, role: Role, year: int) -> float:
        """Graduates of a role in the area."""
        counted = self.study.series(role=role, year=year)["graduates"].to_numpy()
        return float(counted[self.inside].sum())
