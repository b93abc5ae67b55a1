"""Flows of one year: OD main and aux of all states, between blocks or the zones they lie in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from spatial.ingest.audit import Audit
from spatial.ingest.errors import InputError
from spatial.ingest.flow_file import FlowBatch, flow_batches
from spatial.ingest.flow_rows import FlowRows, sum_rows
from spatial.ingest.flow_spread import spread_flows
from spatial.ingest.flow_sums import Summed
from spatial.ingest.flows import MOST_ROWS, FlowResult, _between_cells, _between_points, _table
from spatial.sources.lodes.naming import Proxy
from spatial.sources.lodes.places import BlockPoints, BlockZones

__all__ = ["flows_of"]


def flows_of(
    paths: Sequence[Path],
    places: BlockPoints | BlockZones,
    *,
    year: int,
    resolution: int,
    proxy: Proxy,
    most_rows: int = MOST_ROWS,
) -> FlowResult:
    """
    People from home to work in all of some OD files, read a batch at a time.

    Parameters
    ----------
    paths
        OD files, main and aux, of the states of one year: no job is in two of them.
    places
        Where blocks are; points are kept beside the cells.
    year, resolution
        Of all flows.
    proxy
        The column that counts: S000 or SE03.
    most_rows
        Most pairs of cells that zones may be spread to.

    Raises
    ------
    InputError
        When a file is damaged or lacks a column, a count is none, or no pair of blocks has a
        place.
    """
    summed, told = sum_rows(_batches(paths, proxy), places)
    _check(summed, told, paths, places, proxy)
    notes = (
        *told.notes(len(summed.origin), together="repeat a pair of blocks"),
        "those who live in these states and work in others are not in these files",
    )
    tables = {}
    if isinstance(places, BlockPoints):
        flows = _between_cells(summed, places.table["cell"].to_numpy())
        tables = _between_points(summed, places.table, year)
    else:
        flows = spread_flows(summed, places.weights, places.weights, most_rows=most_rows)
    audit = Audit(told.people_in, float(flows.graduates.sum()), told.dropped, notes).checked()
    return FlowResult(_table(flows, year), audit, year, resolution, **tables)


def _batches(paths: Sequence[Path], proxy: Proxy) -> Iterator[FlowBatch]:
    for path in paths:
        yield from flow_batches(path, origin="h_geocode", destination="w_geocode", count=proxy)


def _check(
    summed: Summed,
    told: FlowRows,
    paths: Sequence[Path],
    places: BlockPoints | BlockZones,
    proxy: Proxy,
) -> None:
    names = ", ".join(path.name for path in paths)
    if told.faulty.total():
        text, row = told.first_fault
        raise InputError(
            f"{names}: column {proxy} must hold counts, 0 or more, found {text[:40]!r} in row"
            f" {row:,} of all"
        )
    if not len(summed.origin):
        raise InputError(
            f"{names}: both ends of some flow must have a place, found none of"
            f" {told.people_in:,.0f} people ({told.example} here, {places.example()} there)"
        )
