"""Zones that flows run between: how each is shared out among cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.ingest.errors import InputError
from spatial.ingest.flow_ends import ZoneEnds
from spatial.ingest.flow_sums import Summed
from spatial.ingest.weights import Weights
from spatial.schema import ROLES, Role
from spatial.study import Study

__all__ = ["by_counts", "shares_by_counts", "used_zones"]


def used_zones(flows: Summed, ends: ZoneEnds, *, resolution: int) -> tuple[Summed, Weights]:
    """The flows, their ends numbered among the zones used, and the shares of those by area."""
    zones, number = np.unique([flows.origin, flows.destination], return_inverse=True)
    number = number.reshape(2, -1)
    shares = ends.weights(zones, resolution=resolution)
    return Summed(number[0], number[1], flows.graduates), shares


def shares_by_counts(
    flows: Summed, by_area: Weights, study: Study | None, year: int
) -> tuple[Weights, Weights, list[str]]:
    """
    Shares of homes and of jobs by the study's counts, and what is to be told of them.

    Counts are those of `year` or of the year nearest to it, the earlier of two.

    Raises
    ------
    InputError
        When the study does not count homes and jobs in these cells.
    """
    found, notes = [], []
    for role, zone in zip(ROLES, (flows.origin, flows.destination), strict=True):
        counted, counts = _counts_near(study, role, year)
        if (own := h3cells.resolution_of(counts.index)) != (
            asked := h3cells.resolution_of(by_area.cells)
        ):
            raise InputError(
                f"spread by counts needs those of resolution {asked}, found {own} in the study"
            )
        shares, empty = by_counts(by_area, counts)
        found.append(shares)
        notes.append(f"{role} ends are spread by the counts of {role} {counted}")
        if zones := len(np.unique(zone[empty[zone]])):
            people = float(flows.graduates[empty[zone]].sum())
            notes.append(
                f"{zones:,} of {len(np.unique(zone)):,} zones of {role} count none and are spread"
                f" by area, with {people:,.0f} people"
            )
    return found[0], found[1], notes


def _counts_near(study: Study | None, role: Role, year: int) -> tuple[int, pd.Series]:
    years = study.years_of(role) if study is not None else ()
    if study is None or not years:
        raise InputError(
            f"spread by counts needs counts of {role} in the study, found none: spread by area"
        )
    nearest = min(years, key=lambda one: (abs(one - year), one))
    return nearest, study.series(role=role, year=nearest)["graduates"]


def by_counts(weights: Weights, counts: pd.Series) -> tuple[Weights, NDArray[np.bool_]]:
    """
    Shares in proportion to the cells' own counts rather than to area.

    A cell that lies in several zones counts for each by the part of its area there. Zones
    whose cells count nobody keep their shares by area.

    Returns
    -------
    tuple
        The shares, and which sources keep those by area, shape (sources,).
    """
    own = counts.reindex(weights.cells, fill_value=0.0).to_numpy(dtype=np.float64)
    density = own / h3cells.area_km2(weights.cells)
    people = weights.weight * density[weights.code]
    empty = ~(np.bincount(weights.source, people, weights.sources) > 0)
    people = np.where(empty[weights.source], weights.weight, people)
    kept = np.flatnonzero(people > 0)
    shares = Weights.of_pairs(
        weights.source[kept],
        weights.cells,
        weights.code[kept],
        people[kept],
        sources=weights.sources,
    )
    return shares, empty
