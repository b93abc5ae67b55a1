"""Flows: from a file of people between two ends to flows between the cells of a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.ingest.audit import Audit
from spatial.ingest.errors import InputError
from spatial.ingest.flow_ends import CellEnds, Ends, PointEnds, ZoneEnds
from spatial.ingest.flow_file import flow_batches
from spatial.ingest.flow_rows import FlowRows, sum_rows
from spatial.ingest.flow_spread import CellFlows, spread_flows
from spatial.ingest.flow_sums import PairSums, Summed
from spatial.ingest.flow_zones import shares_by_counts, used_zones
from spatial.study import Study

__all__ = ["MOST_ROWS", "FlowResult", "Spread", "load_flows"]

Spread = Literal["area", "counts"]

MOST_ROWS: Final = 60_000_000
"""Pairs of cells that zones may be spread to; each takes about 100 bytes until it is saved."""


@dataclass(frozen=True)
class FlowResult:
    """
    What a flow file gave.

    Parameters
    ----------
    flows
        Columns origin and destination (uint64 cells), year and graduates; pairs with people
        only, each once, by origin and destination.
    audit
        Where the people went.
    year, resolution
        Of all flows.
    points
        Where the ends are points: id, lat, lon (degrees WGS-84) and cell of those used, by id.
    pairs
        Flows between rows of `points`: origin, destination, year and graduates.
    """

    flows: pd.DataFrame
    audit: Audit
    year: int
    resolution: int
    points: pd.DataFrame | None = None
    pairs: pd.DataFrame | None = None


def load_flows(
    path: str | Path,
    *,
    origin: str,
    destination: str,
    count: str,
    year: int,
    resolution: int,
    points: str | Path | None = None,
    id: str = "",  # noqa: A002 - the option's own name
    lat: str = "",
    lon: str = "",
    zones: str | Path | None = None,
    zone_id: str = "",
    layer: str = "",
    crs: str = "",
    spread: Spread = "area",
    study: Study | None = None,
    most_rows: int = MOST_ROWS,
    progress: Callable[[str, float], None] | None = None,
) -> FlowResult:
    """
    A file of flows as flows between cells; the file itself is read a batch at a time.

    Parameters
    ----------
    path
        .csv, .tsv, .txt (also .gz or .xz) or .parquet, one row per pair of ends. Ids are text:
        leading zeros count. Pairs that come several times are added up.
    origin, destination, count
        Columns with the id of the home end, of the work end, and the people between them.
    year
        Year of observation.
    resolution
        H3 resolution of the cells. Without `points` and `zones` the ids are cells, in hex or as
        plain numbers, and finer ones are rolled up.
    points, id, lat, lon
        File of the points that the ids name, as `read_table` takes it, and its columns.
    zones, zone_id, layer
        File of the polygons that the ids name, as `read_shapes` takes it, its column of ids and,
        where it has several, its layer.
    crs
        What the coordinates of points or zones are; "" is WGS-84 for points, and what the file
        says for zones.
    spread
        How zones are spread to cells: by "area", or by the "counts" of `study`, homes by those
        of residence and jobs by those of work, in `year` or the year nearest to it; by area
        where a zone has none.
    study
        The study whose counts are meant.
    most_rows
        Most pairs of cells that zones may be spread to.
    progress
        Told what is being done.

    Raises
    ------
    InputError
        When anything is wrong with a file; one sentence says what and where.
    """
    path, say = Path(path), progress or _silent
    _check(year, resolution, points, zones, zone_id, spread)
    say("reading the ends", 0.0)
    ends: CellEnds | PointEnds | ZoneEnds
    if points is not None:
        _check_point_columns(id=id, lat=lat, lon=lon)
        at = {"id": id, "lat": lat, "lon": lon, "crs": crs or "WGS-84"}
        ends = PointEnds(Path(points), **at, resolution=resolution)
    elif zones is not None:
        ends = ZoneEnds(Path(zones), id=zone_id, crs=crs, layer=layer)
    else:
        ends = CellEnds(resolution=resolution)
    say("reading the flows", 0.1)
    batches = flow_batches(path, origin=origin, destination=destination, count=count)
    summed, told = sum_rows(batches, ends)
    _check_found(summed, told, ends, path.name, count)
    say("going to cells", 0.6)
    tables: dict[str, pd.DataFrame] = {}
    notes = list(told.notes(len(summed.origin), together=_together(ends)))
    if isinstance(ends, ZoneEnds):
        used, shares = used_zones(summed, ends, resolution=resolution)
        homes = jobs = shares
        if spread == "counts":
            homes, jobs, more = shares_by_counts(used, shares, study, year)
            notes += more
        flows = spread_flows(used, homes, jobs, most_rows=most_rows)
    elif isinstance(ends, PointEnds):
        flows = _between_cells(summed, ends.table["cell"].to_numpy())
        tables = _between_points(summed, ends.table, year)
    else:
        flows = _between_cells(summed, ends.cells)
    people = float(flows.graduates.sum())
    audit = Audit(told.people_in, people, told.dropped, tuple(notes)).checked()
    say("done", 1.0)
    return FlowResult(_table(flows, year), audit, year, resolution, **tables)


def _silent(_what: str, _share: float) -> None:
    pass


def _check(
    year: int,
    resolution: int,
    points: str | Path | None,
    zones: str | Path | None,
    zone_id: str,
    spread: str,
) -> None:
    if not 1900 <= year <= 2200:
        raise InputError(f"year must lie in 1900 to 2200, found {year}")
    if not 0 <= resolution <= 15:
        raise InputError(f"resolution must lie in 0..15, found {resolution}")
    if points is not None and zones is not None:
        raise InputError("the ends of flows must be points or zones, found both")
    if spread not in get_args(Spread):
        raise InputError(f"spread must be one of {', '.join(get_args(Spread))}, found {spread}")
    if zones is not None and not zone_id:
        raise InputError("zones need a column of ids, found none named")
    if spread == "counts" and zones is None:
        raise InputError("only zones are spread by counts, found none")


def _check_point_columns(**given: str) -> None:
    if missing := [name for name, column in given.items() if not column]:
        raise InputError(
            f"points need columns named id, lat and lon, found no {', no '.join(missing)}"
        )


def _check_found(summed: Summed, told: FlowRows, ends: Ends, name: str, count: str) -> None:
    if len(summed.origin):
        return
    if told.faulty.total() == told.rows:
        text, row = told.first_fault
        raise InputError(
            f"{name}: column {count} must hold counts, 0 or more, found {text[:40]!r} in row {row}"
        )
    if not told.dropped:
        raise InputError(f"{name}: there must be people in column {count}, found 0")
    here, there = told.example, ends.example()
    lost = here.lstrip("0") == there.lstrip("0") or abs(len(here) - len(there)) == 1
    hint = ": leading zeros may have been lost" if lost else ""
    raise InputError(
        f"{name}: ids must be those of its ends, found no row with two that are"
        f" ({here} here, {there} there){hint}"
    )


def _together(ends: Ends) -> str:
    """What rows do that are summed up in one."""
    if isinstance(ends, CellEnds) and ends.rolled_up:
        return f"share a pair of cells with another at resolution {ends.resolution}"
    return "repeat a pair of ends"


def _between_cells(summed: Summed, cells: NDArray[np.uint64]) -> CellFlows:
    """Flows between the `cells` of the ends, which several ends may share."""
    different, code = np.unique(h3cells.as_cells(cells), return_inverse=True)
    sums = PairSums()
    sums.add(code[summed.origin], code[summed.destination], summed.graduates)
    found = sums.summed()
    return CellFlows(different[found.origin], different[found.destination], found.graduates)


def _between_points(summed: Summed, table: pd.DataFrame, year: int) -> dict[str, pd.DataFrame]:
    """The points used, by id, and the flows between their rows."""
    used = np.unique(np.concatenate([summed.origin, summed.destination]))
    order = used[np.argsort(table["id"].to_numpy()[used].astype(str), kind="stable")]
    row = np.empty(len(table), dtype=np.int64)
    row[order] = np.arange(len(order))
    sums = PairSums()
    sums.add(row[summed.origin], row[summed.destination], summed.graduates)
    return {
        "points": table.iloc[order].reset_index(drop=True),
        "pairs": _table(sums.summed(), year),
    }


def _table(flows: CellFlows | Summed, year: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "origin": flows.origin,
            "destination": flows.destination,
            "year": np.full(len(flows.origin), year, dtype=np.int16),
            "graduates": flows.graduates,
        },
        copy=False,
    )
