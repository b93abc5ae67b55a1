"""Homes: one question on homes to a study, and what it comes to, each part when first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from spatial.access import access_table, share_within, worst_cells
from spatial.analysis import hotspot_table, place_table, series_table
from spatial.cheapness import pockets_are_cheap
from spatial.concentrate import Concentration, concentration
from spatial.homes_edges import band_edges
from spatial.homes_question import HomesQuestion
from spatial.info import Pay
from spatial.kinds import kinds_of
from spatial.mismatch import balance, demand_over, pockets_to_magnets
from spatial.opened import stations_opened
from spatial.overlaps import overlaps
from spatial.pairs import flow_years, pairs_of
from spatial.places import Places
from spatial.question import QuestionError
from spatial.rail import Network, network_of
from spatial.rent import rent_table
from spatial.rent_listings import Per
from spatial.rent_pay import affordability
from spatial.schema import ROLES, Role, SchemaError
from spatial.siting_setting import Setting, rent_per
from spatial.study import Study

__all__ = ["DRAWS", "SEED", "WALK_YEARS", "Homes"]

SEED: Final = 1
"""Of the generator that draws neighbourhoods anew for intervals."""
DRAWS: Final = 400
"""Draws for the interval of the pockets' rents."""
WALK_YEARS: Final = 12
"""Most years of which the share within a walk is told, the last ones."""

_FLAGS: Final = {"near_rail": "stations", "near_campus": "campuses", "near_work": "work"}


class Homes:
    """
    A question on homes and its answer; what takes its time is worked out once, when asked for.

    A page that keeps places, rents and rail for its other questions gives them by overriding
    `places`, `rent_cells` and `rail_of`.

    Parameters
    ----------
    study, question
        What is asked of what.

    Raises
    ------
    QuestionError
        When a sector is paid that the study does not know, or the resolution is too fine.
    SchemaError
        When the study does not count that year, role or group.
    """

    def __init__(self, study: Study, question: HomesQuestion) -> None:
        self.study, self.question = study, question
        self._places: dict[Role, Places | None] = {}
        self._check()

    def __repr__(self) -> str:
        asked = self.question
        of = f" {asked.role}" if asked.uses("role") else ""
        group = f" {asked.group}" if asked.group != "all" else ""
        kind = "synthetic" if self.study.info.synthetic else "measured"
        return (
            f"Homes({self.study.info.name!r} {asked.year}{of}{group}: {asked.topic} of"
            f" {len(self.people):,} cells, {self.people.sum():,.0f} graduates, {kind})"
        )

    def _check(self) -> None:
        asked, study = self.question, self.study
        own = study.info.resolution
        if asked.resolution is not None and asked.resolution > own:
            raise QuestionError(
                f"resolution must be {own}, that of {study.info.name}, or coarser, found"
                f" {asked.resolution}"
            )
        sectors = [one.id for one in study.info.pay]
        if unknown := sorted({name for name, _ in asked.pay} - set(sectors)):
            known = ", ".join(sectors) or "no sector"
            raise QuestionError(f"the table of pay has {known}, found {', '.join(unknown)}")
        if not any(asked.year in study.years_of(one) for one in ROLES):
            years = ", ".join(map(str, study.years)) or "none"
            raise SchemaError(f"{study.info.name} counts years {years}, not {asked.year}")
        if asked.uses("role"):
            study.series(role=asked.role, year=asked.year, group=asked.group)

    @property
    def role(self) -> Role:
        """Whose graduates stand beside a topic: those asked for, else at home, else at work."""
        if self.question.uses("role"):
            return self.question.role
        return "residence" if self.counted("residence") else "work"

    def counted(self, role: Role) -> bool:
        """Whether a role is counted in the question's year."""
        return self.question.year in self.study.years_of(role)

    def graduates(self, role: Role) -> pd.Series:
        """Graduates of a role by cell, of the question's group."""
        asked = self.question
        group = asked.group if asked.uses("group") else "all"
        question = self.question.places(role)
        if group != "all":
            question = type(question).from_dict(question.to_dict() | {"group": group})
        return series_table(self.study, question)["graduates"]

    @cached_property
    def people(self) -> pd.Series:
        """Graduates by cell: of `role`; of balance, all who live or work there."""
        if self.question.topic != "balance" or not self.both:
            return self.graduates(self.role)
        return self.graduates("residence") + self.graduates("work")

    @property
    def both(self) -> bool:
        """Whether homes and jobs of the year are counted."""
        return all(self.counted(role) for role in ROLES)

    @cached_property
    def flows(self) -> bool:
        """Whether it is known who goes where in the year."""
        return self.both and self.question.year in flow_years(self.study)

    def places(self, role: Role) -> Places | None:
        """Places of one role in the question's year; None where it was not counted."""
        if role not in self._places:
            asked, known = self.question.places(role), self.counted(role)
            table = hotspot_table(self.study, asked) if known else None
            found = None if table is None else place_table(self.study, asked, table)
            self._places[role] = found
        return self._places[role]

    def rail_of(self, year: int) -> Network | None:
        """The rail of a year; None where there is none."""
        return network_of(self.study, year)

    @cached_property
    def rail(self) -> Network | None:
        """The rail of the question's year."""
        return self.rail_of(self.question.year)

    @cached_property
    def rents(self) -> pd.DataFrame | None:
        """Rent of each cell, as `rent_table` gives it; None where the study has none."""
        if not len(self.study.layer("rents")):
            return None
        setting = Setting(year=self.question.year, rent_per=self.question.rent_per)
        return self.rent_cells(rent_per(self.study, setting))

    def rent_cells(self, per: Per) -> pd.DataFrame:
        """The same, of a study that has rents."""
        asked = self.question
        year, resolution, kind = asked.year, asked.resolution, asked.rent_kind
        return rent_table(self.study, year=year, resolution=resolution, kind=kind, per=per)

    @cached_property
    def edges(self) -> tuple[float, ...]:
        """Edges of the rent bands, as `band_edges` chooses them."""
        known = self.rents
        if known is None:
            return ()
        own, study = self.question.rent_edges, self.study.info.rent_edges
        return band_edges(known["rent"], own, study, per=str(known.attrs["per"]))

    @cached_property
    def concentration(self) -> Concentration:
        """Graduates against their base."""
        asked = self.question
        rents = self.rents if asked.role == "residence" else None
        return concentration(
            self.study,
            role=asked.role,
            year=asked.year,
            group=asked.group,
            resolution=asked.resolution,
            places=self.places(asked.role),
            rents=None if rents is None else rents["rent"],
            edges=(self.edges or None) if rents is not None else None,
            alpha=asked.alpha,
            rng=np.random.default_rng(SEED),
        )

    @cached_property
    def pockets(self) -> pd.DataFrame:
        """Rents of the residential pockets over those of all other listings; empty without."""
        places = self.places("residence")
        if places is None:
            return pd.DataFrame()
        rng, year = np.random.default_rng(SEED), self.question.year
        return pockets_are_cheap(self.study, places, year=year, rng=rng, draws=DRAWS)

    @cached_property
    def sectors(self) -> tuple[Pay, ...]:
        """The table of pay, with what was set in place of its own."""
        own = dict(self.question.pay)
        return tuple(
            Pay(one.id, one.title, own.get(one.id, one.monthly)) for one in self.study.info.pay
        )

    @cached_property
    def pay(self) -> pd.DataFrame | None:
        """What pay affords; None without rents or pay, and for rents by the square metre."""
        rents = self.rents
        if rents is None or not self.sectors or rents.attrs["per"] == "m2":
            return None
        return affordability(
            self.study,
            rents,
            self.people,
            year=self.question.year,
            kind=str(rents.attrs["kind"]),
            per=rents.attrs["per"],
            pay=self.sectors,
        )

    @cached_property
    def access(self) -> pd.DataFrame:
        """What is near each cell."""
        asked = self.question
        return access_table(
            self.study,
            year=asked.year,
            network=self.rail,
            resolution=asked.resolution,
            walk_m=asked.walk_m,
            work=self.places("work"),
        )

    @cached_property
    def within(self) -> pd.DataFrame:
        """Share of graduates within the walk by year and role, at the study's own resolution."""
        years = self.study.years[-WALK_YEARS:]
        walk_m = self.question.walk_m
        return share_within(self.study, walk_m=walk_m, years=years, network=self.rail_of)

    @cached_property
    def farthest(self) -> pd.DataFrame:
        """Cells whose graduates have most to walk beyond the limit."""
        return worst_cells(self.access, self.people, self.rail, walk_m=self.question.walk_m)

    @cached_property
    def near(self) -> pd.DataFrame:
        """Graduates by what is near their cell, of what the study knows."""
        missing = self.access.attrs["missing"]
        flags = [name for name, layer in _FLAGS.items() if layer not in missing]
        return overlaps(self.access[flags], self.people)

    @cached_property
    def opened(self) -> pd.DataFrame | None:
        """Stations opened since the study's first year; None without rail or an earlier year."""
        first = self.study.years[0]
        if first >= self.question.year or self.rail is None:
            return None
        return stations_opened(self.study, first, self.question.year, role=self.question.role)

    @cached_property
    def kinds(self) -> pd.DataFrame | None:
        """Kind of each place of the role, and the rules that fired; None where not counted."""
        asked = self.question
        places = self.places(asked.role)
        if places is None:
            return None
        return kinds_of(
            self.study,
            places,
            role=asked.role,
            year=asked.year,
            network=self.rail,
            work=self.places("work"),
            rules=asked.kind_rules(),
        )

    @cached_property
    def balance(self) -> pd.Series:
        """Homes less jobs over both, by cell."""
        return balance(self.graduates("residence"), self.graduates("work"))

    @cached_property
    def magnets(self) -> pd.DataFrame:
        """The places of work that each residence place feeds, and how far they are."""
        homes, work = self._ends()
        return pockets_to_magnets(pairs_of(self.study, self.question.year), homes, work, self.rail)

    @cached_property
    def demand(self) -> pd.DataFrame:
        """Share of hotspot to hotspot demand over 30, 45 and 60 minutes."""
        homes, work = self._ends()
        return demand_over(pairs_of(self.study, self.question.year), homes, work, self.rail)

    def _ends(self) -> tuple[Places, Places]:
        homes, work = self.places("residence"), self.places("work")
        if homes is None or work is None:
            raise QuestionError("homes and jobs of one year are both needed")
        return homes, work
