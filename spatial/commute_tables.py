"""Tables of a commute to take away: lines, matrix, bus lines, and what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.analysis import layers_of
from spatial.commute_beside import catchment, directions, distances, other_ends
from spatial.commute_places import places_of_year
from spatial.commute_question import BUS_LINES, FlowQuestion
from spatial.corridors import corridors
from spatial.desire import FlowLines, flow_lines
from spatial.ends import Labels, ends_of
from spatial.exchange import matrix
from spatial.export_commute import FLOW_KINDS, FlowKind, long_form
from spatial.pairs import Pairs, pairs_of
from spatial.places import Places
from spatial.rail import network_of
from spatial.schema import ROLES, Role
from spatial.study import Study

__all__ = ["FlowTables", "flow_tables"]


class FlowTables:
    """
    Every table that the page shows of one question, each made when it is first asked for.

    Parameters
    ----------
    study, year, asked
        What is asked of what.
    flows
        Of the year.
    """

    def __init__(self, study: Study, year: int, asked: FlowQuestion, flows: Pairs) -> None:
        self._study, self._year, self._question, self._flows = study, year, asked, flows
        self._places = {role: self._places_of(role) for role in ROLES}

    def by_kind(
        self, kinds: Sequence[FlowKind] = FLOW_KINDS
    ) -> dict[FlowKind, FlowLines | pd.DataFrame]:
        """The tables of these kinds as `export_flows` takes them."""
        return {kind: getattr(self, kind) for kind in kinds}

    @cached_property
    def lines(self) -> FlowLines:
        """Lines into and out of the area, as `flow_lines` gives them."""
        area = self._question.area
        return flow_lines(
            self._flows,
            inside=None if self._whole else self._inside,
            inside_name=(area.name or "所绘范围", area.name_en or "the drawn area"),
            homes=self._in_places("residence"),
            work=self._in_places("work"),
            most=self._question.lines,
            layers=layers_of(self._study),
        )

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """The whole matrix in its long form."""
        return long_form(matrix(self._flows, *self._named), *self._named)

    @cached_property
    def corridors(self) -> pd.DataFrame:
        """Bus lines for the area's people, as `corridors` gives them."""
        return corridors(
            self._asked,
            network_of(self._study, self._year),
            homes=self._in_places("residence"),
            work=self._in_places("work"),
            most=BUS_LINES,
            layers=layers_of(self._study),
        )

    @cached_property
    def catchment(self) -> pd.DataFrame:
        """Cells at the other end of the area's commutes, as `commute_beside.catchment` has it."""
        own, asked = self._study.info.resolution, self._question.resolution
        return catchment(
            self._flows,
            self._inside,
            side=self._question.side,
            whole=self._whole,
            resolution=asked if asked < own else None,
        ).to_frame()

    @cached_property
    def partners(self) -> pd.DataFrame:
        """Homes of those who come and jobs of those who go, as `other_ends` has them."""
        return other_ends(self._flows, self._inside, *self._named, whole=self._whole)

    @cached_property
    def distances(self) -> pd.DataFrame:
        """How far the area's people go."""
        return distances(self._asked)

    @cached_property
    def directions(self) -> pd.DataFrame:
        """Which way the area's people go."""
        return directions(self._asked)

    @property
    def _whole(self) -> bool:
        return self._question.area.kind == "study"

    @cached_property
    def _inside(self) -> NDArray[np.bool_]:
        flows = self._flows
        return self._question.area.holds(flows.lat, flows.lon, flows.cell)

    @cached_property
    def _asked(self) -> Pairs:
        """Flows of those who live in the area, or work there."""
        flows = self._flows
        side = flows.origin if self._question.side == "residence" else flows.destination
        return flows if self._whole else flows.where(self._inside[side])

    def _places_of(self, role: Role) -> Places | None:
        asked = self._question
        return places_of_year(
            self._study, self._year, role=role, resolution=asked.resolution, top=asked.top
        )

    def _in_places(self, role: Role) -> Labels | None:
        """The place that holds each end; others go by coarse cells on the map."""
        places = self._places[role]
        return None if places is None else ends_of(self._flows, places=places)

    @cached_property
    def _named(self) -> tuple[Labels, Labels]:
        """The place that holds each end as a home and as a job, else its district."""
        known = self._study.has("districts")
        districts = self._study.layer("districts") if known else None
        homes, work = (
            ends_of(self._flows, places=self._places[role], districts=districts) for role in ROLES
        )
        return homes, work


def flow_tables(
    study: Study, year: int, asked: FlowQuestion, *, pairs: Pairs | None = None
) -> FlowTables:
    """
    Lines into and out of an area, the whole matrix, bus lines, and what stands beside them.

    Parameters
    ----------
    study, year, asked
        What is asked of what.
    pairs
        The flows of the year as `pairs_of` gives them, where they are at hand.

    Returns
    -------
    FlowTables
        Those that the page shows of the same question.

    Raises
    ------
    QuestionError
        When the study has no flows of that year, or the resolution is finer than the study's.
    """
    return FlowTables(study, year, asked, pairs_of(study, year) if pairs is None else pairs)
