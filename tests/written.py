"""Every kind of table as it is written, with its provenance, of a small study."""

from __future__ import annotations

from typing import Any

from spatial.commute_places import named_area
from spatial.commute_question import FlowQuestion
from spatial.commute_tables import flow_tables
from spatial.export_commute import flow_layer, flow_provenance
from spatial.provenance import provenance_between
from spatial.remake import remake
from spatial.study import Study
from spatial.two_years import Comparison

COMPARED = Comparison(first=2023, second=2025, role="work", top=3)
KINDS = ("cells", "places", "difference", "lineage", "lines", "corridors")


def tables_of(study: Study) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Table and provenance by kind: `KINDS`, and the other tables of flows."""
    asked = {"question": {"year": 2024, "top": 3}, "command": "gradmap x little --out f"}
    told: dict[str, Any] = {"cells": asked, "places": asked}
    for kind in ("difference", "lineage"):
        told[kind] = provenance_between(study, COMPARED, kind=kind)
    found = {kind: remake(study, kind, one) for kind, one in told.items()}
    tables = {kind: (one.table, one.provenance) for kind, one in found.items()}
    area = named_area(study, "", year=2025, side="residence", resolution=9, top=3)
    flows = FlowQuestion(area=area, resolution=9, top=3)
    for kind, one in flow_tables(study, 2025, flows).by_kind().items():
        fresh = flow_provenance(study, 2025, kind, one, asked=flows, rules=None, out="f")
        tables[kind] = (flow_layer(one, kind), fresh)
    return tables
