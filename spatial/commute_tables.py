"""Tables of a commute to take away: desire lines, the matrix from place to place, bus lines."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from spatial.analysis import layers_of
from spatial.commute_places import places_of_year
from spatial.commute_question import BUS_LINES, FlowQuestion
from spatial.corridors import corridors
from spatial.desire import FlowLines, flow_lines
from spatial.ends import ends_of
from spatial.exchange import matrix
from spatial.export_commute import FlowKind, long_form
from spatial.pairs import Pairs, pairs_of
from spatial.places import Places
from spatial.rail import network_of
from spatial.schema import ROLES, Role
from spatial.study import Study

__all__ = ["FlowTables", "flow_tables"]


@dataclass(frozen=True, eq=False)
class FlowTables:
    """Lines as `flow_lines` gives them, the matrix in its long form, and bus lines."""

    lines: FlowLines
    matrix: pd.DataFrame
    corridors: pd.DataFrame

    def by_kind(self) -> dict[FlowKind, FlowLines | pd.DataFrame]:
        """The tables as `export_flows` takes them."""
        return {"lines": self.lines, "matrix": self.matrix, "corridors": self.corridors}


def flow_tables(
    study: Study, year: int, asked: FlowQuestion, *, pairs: Pairs | None = None
) -> FlowTables:
    """
    Lines into and out of an area, the whole matrix, and bus lines for the area's people.

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
    flows = pairs_of(study, year) if pairs is None else pairs
    area = asked.area
    inside = area.holds(flows.lat, flows.lon, flows.cell)
    whole = area.kind == "study"
    side = flows.origin if asked.side == "residence" else flows.destination
    places = {role: _places(study, year, role, asked) for role in ROLES}
    districts = study.layer("districts") if study.has("districts") else None
    # Ends outside places go by coarse cells on the map, by districts in the matrix.
    homes, work = (
        None if places[role] is None else ends_of(flows, places=places[role]) for role in ROLES
    )
    named = [ends_of(flows, places=places[role], districts=districts) for role in ROLES]
    return FlowTables(
        lines=flow_lines(
            flows,
            inside=None if whole else inside,
            inside_name=(area.name or "所绘范围", area.name_en or "the drawn area"),
            homes=homes,
            work=work,
            most=asked.lines,
            layers=layers_of(study),
        ),
        matrix=long_form(matrix(flows, *named), *named),
        corridors=corridors(
            flows if whole else flows.where(inside[side]),
            network_of(study, year),
            homes=homes,
            work=work,
            most=BUS_LINES,
            layers=layers_of(study),
        ),
    )


def _places(study: Study, year: int, role: Role, asked: FlowQuestion) -> Places | None:
    return places_of_year(study, year, role=role, resolution=asked.resolution, top=asked.top)
