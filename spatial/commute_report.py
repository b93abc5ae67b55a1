"""Commute report: every indicator of one year and area, with what must be said beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatial.areas import Area, area_of
from spatial.bands import Bands, bands_of
from spatial.commute import indicators, layout_of, table_of
from spatial.commute_notes import NOT_OBSERVED, notes_of_flows, notes_of_study
from spatial.commute_words import definitions
from spatial.commuters import commuters
from spatial.info import Words
from spatial.pairs import Pairs, flow_years, pairs_of
from spatial.question import QuestionError
from spatial.schema import Role
from spatial.study import Study

if TYPE_CHECKING:
    from spatial.rail import RailRules

__all__ = ["CommuteReport", "commute_report"]


@dataclass(frozen=True, eq=False)
class CommuteReport:
    """
    The commute of one side of an area in one year.

    Parameters
    ----------
    year, area, side
        What was asked.
    observed
        Whether the study has flows of the year; otherwise only bounds are known, and what is
        more is modelled.
    indicators
        Index `indicator` (English name), columns value, low, high, unit, modelled, definition
        and source; see `commute.indicators`.
    bands
        Columns label, low, high (in `unit`), graduates and share.
    unit
        Of the bands: km or mi.
    years
        Years with flows.
    told
        What must be said beside the values, each in every language.
    """

    year: int
    area: Area
    side: Role
    observed: bool
    indicators: pd.DataFrame
    bands: pd.DataFrame
    unit: str
    years: tuple[int, ...]
    told: tuple[Words, ...] = field(default=())

    def __repr__(self) -> str:
        where = self.area.name_en or self.area.name or self.area.kind
        how = "observed flows" if self.observed else "no flows: bounds and a model"
        known = int(self.indicators["value"].notna().sum())
        return (
            f"CommuteReport({where!r} {self.year}, by {self.side}: {known} of"
            f" {len(self.indicators)} indicators, {how})"
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said beside the values, in English."""
        return tuple(one["en"] for one in self.told if one.get("en"))


def commute_report(
    study: Study,
    year: int,
    *,
    area: Area | None = None,
    side: Role = "residence",
    bands_km: Sequence[float] = (),
    bands_miles: Sequence[float] = (),
    sphere: bool = False,
    transport: bool = True,
    mean_km: float | None = None,
    draws: int = 200,
    seed: int = 1,
    rules: RailRules | None = None,
    pairs: Pairs | None = None,
) -> CommuteReport:
    """
    Every indicator of the commute in one year.

    Parameters
    ----------
    study, year
        What is asked of what.
    area
        The whole study where left out.
    side
        "residence": people who live in the area; "work": people who work there.
    bands_km, bands_miles
        Edges of the distance bands, ascending; in miles where any are given.
    sphere
        Measure on the mean sphere rather than on the ellipsoid.
    transport
        Whether to solve for separation and maximum.
    mean_km
        Where the year has no flows: mean distance that modelled flows shall have; left out, the
        decay that fits another year's flows is taken, where there is one.
    draws, seed
        Draws of the bootstrap and the seed of their chance; 0 draws give no intervals.
    rules
        Constants of the rail model; its own where left out.
    pairs
        The flows of the year as `pairs_of` gives them, where they are at hand.

    Raises
    ------
    QuestionError
        When the year has neither flows nor both homes and jobs, or the bands do not ascend.
    """
    from spatial.rail import RailRules, network_of

    area = area_of(study, "") if area is None else area
    bands = bands_of(bands_km, miles=bands_miles)
    years, rules = flow_years(study), rules or RailRules()
    if draws < 0:
        raise QuestionError(f"draws must be 0 or more, found {draws}")
    if year not in years:
        return _without_flows(
            study,
            year,
            area=area,
            side=side,
            bands=bands,
            transport=transport,
            mean_km=mean_km,
        )
    flows = pairs_of(study, year) if pairs is None else pairs
    people = commuters(flows, area, side=side)
    network = network_of(study, year, rules)
    layout = layout_of(people) if transport else None
    found = indicators(
        people,
        bands=bands,
        sphere=sphere,
        network=network,
        layout=layout,
        draws=draws,
        rng=np.random.default_rng(seed),
    )
    own = people.own
    distance = own.sphere_distance_km if sphere else own.distance_km
    told = notes_of_study(study, year) + notes_of_flows(
        people,
        sphere=sphere,
        resolution=study.info.resolution,
        network=network,
        layout=layout,
    )
    return CommuteReport(
        year=year,
        area=area,
        side=side,
        observed=True,
        indicators=found.join(definitions(bands)[["definition", "source"]]),
        bands=bands.table(distance, own.graduates),
        unit=bands.unit,
        years=years,
        told=tuple(told),
    )


def _without_flows(
    study: Study,
    year: int,
    *,
    area: Area,
    side: Role,
    bands: Bands,
    transport: bool,
    mean_km: float | None,
) -> CommuteReport:
    """Bounds from homes and jobs alone, and a gravity model's estimate where its decay is known."""
    from spatial.commute_bounds import counted, layout_of_margins, margins_of, modelled_flows

    margins = margins_of(study, year)
    whole = area.kind == "study"
    layout = layout_of_margins(margins) if transport and whole else None
    # A place is made of cells finer than the model's.
    asked = area.kind != "place"
    model = modelled_flows(study, margins, year=year, mean_km=mean_km) if asked else None
    found, table, told = table_of({}, bands=bands), bands.table([], []).iloc[:0], [NOT_OBSERVED]
    if model is not None:
        people = commuters(model.pairs, area, side=side)
        # Chance has no part in a model's flows.
        none = np.random.default_rng(0)
        found = indicators(people, bands=bands, layout=layout, draws=0, rng=none)
        found["modelled"] = True
        own = people.own
        table, told = bands.table(own.distance_km, own.graduates), [NOT_OBSERVED, model.told]
    for name, values in counted(margins, area, layout).items():
        found.loc[name, ["value", "low", "high"]] = values
        found.loc[name, "modelled"] = False
    return CommuteReport(
        year=year,
        area=area,
        side=side,
        observed=False,
        indicators=found.join(definitions(bands)[["definition", "source"]]),
        bands=table,
        unit=bands.unit,
        years=flow_years(study),
        told=(*told, *notes_of_study(study, year)[1:]),
    )
