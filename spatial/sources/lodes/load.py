"""Loading: LODES files as counts and flows of cells, with an account of every job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from spatial.ingest.errors import InputError
from spatial.ingest.flows import FlowResult
from spatial.sources.lodes.counts import ROLE_OF, check_created, counts_of, read_state, together
from spatial.sources.lodes.fetch import Told, hash_of
from spatial.sources.lodes.flows import flows_of
from spatial.sources.lodes.gather import Gathered, gather
from spatial.sources.lodes.naming import BLOCKS, STATES, LodesFile, Table, Version, Wanted
from spatial.sources.lodes.places import BlockPoints, BlockZones
from spatial.sources.lodes.raw import columns_of
from spatial.sources.lodes.read import id_column, read_counts

__all__ = ["ROLE_OF", "FlowYear", "LodesResult", "load_lodes", "load_lodes_file"]

_POSTAL: Final = {digits: letters for letters, digits in STATES.items()}

FlowYear = tuple[FlowResult, dict[str, Any]]
"""Flows of one year, and what the audit tells of their files."""


@dataclass(frozen=True)
class LodesResult:
    """
    What LODES files gave.

    Parameters
    ----------
    counts
        Columns cell (uint64), role, year, graduates and base; cells with a job of anybody of 30
        or older.
    entries
        One audit entry for each role and year, as `study.json` stores it.
    missing
        Files that there are none of.
    resolution, blocks, job_type
        Of all of it: H3 resolution, census of the blocks, jobs counted.
    flow_years
        Years that have flows, read when asked for: `flows(year)`.
    warnings
        What a reader should know at once, one sentence each.
    proxy
        Whom the flows count: S000 or SE03.
    all_flows
        Whether flows of every year must be kept, however many they are.
    """

    counts: pd.DataFrame
    entries: tuple[dict[str, Any], ...]
    missing: tuple[LodesFile, ...]
    resolution: int
    blocks: int
    job_type: str
    flow_years: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    proxy: str = "S000"
    all_flows: bool = False
    _read_flows: Callable[[int], FlowYear] | None = field(default=None, repr=False)

    def flows(self, year: int) -> FlowYear:
        """Flows of one of `flow_years`, and the entry of their files."""
        if self._read_flows is None or year not in self.flow_years:
            raise InputError(f"there must be flows of {year}, found none")
        return self._read_flows(year)


def load_lodes(
    wanted: Wanted,
    *,
    resolution: int,
    folder: str | Path | None = None,
    cache: str | Path | None = None,
    home: str = "",
    zones: str | Path | None = None,
    zone_id: str = "",
    tell: Told | None = None,
) -> LodesResult:
    """
    WAC, RAC and OD of states and years as counts and flows of cells.

    Blocks stand at the points of their states' crosswalks; where a crosswalk is not there, the
    people of all blocks are spread over the zones whose ids theirs begin with.

    Parameters
    ----------
    wanted
        States, years, tables, job type, version, and whom the flows count.
    resolution
        H3 resolution of the cells.
    folder
        Folder with the files by their own names; without it they are fetched into `cache` from
        `home`.
    cache, home
        As for `gather`.
    zones, zone_id
        Polygons that stand in for a crosswalk, and their column of ids.
    tell
        Told what is being done.

    Raises
    ------
    InputError
        When anything is wrong with a file; one sentence says what and where.
    """
    say = tell or _silent
    there = gather(
        wanted,
        folder=None if folder is None else Path(folder),
        cache=None if cache is None else Path(cache),
        home=home,
        tell=say,
    )
    places = _places(there, wanted, zones, zone_id, resolution, say)
    told = {"lodes": wanted.version, "blocks": BLOCKS[wanted.version], "job_type": wanted.job_type}
    told["placed by"] = _placed_by(places)
    counts, entries, warnings = [], [], []
    if zones is not None and isinstance(places, BlockPoints):
        warnings.append(f"{Path(zones).name} is not needed: every state has a crosswalk")
    for table in (one for one in wanted.tables if one != "od"):
        for year in wanted.years:
            files = {
                one: there.files[one] for one in wanted.files(table, year) if one in there.files
            }
            if not files:
                continue
            say(f"reading {table} {year}", 0.0)
            read = together([read_state(one, path) for one, path in files.items()])
            states = [one.state for one in files]
            part, entry, warned = counts_of(read, places, table, year)
            counts.append(part)
            entries.append({**entry, **told, "states": states, **_of_files(files.values())})
            warnings += warned

    def read_flows(year: int) -> FlowYear:
        files = {one: there.files[one] for one in wanted.files("od", year) if one in there.files}
        say(f"reading od {year}", 0.0)
        for one, path in files.items():
            check_created(path, one.version)
        result = flows_of(
            list(files.values()), places, year=year, resolution=resolution, proxy=wanted.proxy
        )
        states = sorted({one.state for one in files})
        entry = {"role": "flows", "year": year, "method": "LODES", "column": wanted.proxy, **told}
        return result, {**entry, "states": states, **_of_files(files.values())}

    years = {one.year for one in there.files if one.kind.startswith("od")}
    return LodesResult(
        _joined(counts),
        tuple(entries),
        there.missing,
        resolution,
        BLOCKS[wanted.version],
        wanted.job_type,
        tuple(sorted(years)),
        tuple(dict.fromkeys(warnings)),
        wanted.proxy,
        bool(wanted.flow_years),
        read_flows,
    )


def load_lodes_file(
    path: str | Path,
    *,
    kind: Table,
    year: int,
    resolution: int,
    zones: str | Path,
    zone_id: str = "",
    id: str = "",  # noqa: A002 - the option's own name
    version: Version = 8,
    job_type: str = "JT00",
    tell: Told | None = None,
) -> LodesResult:
    """
    One file with the columns of WAC or RAC, under any name, spread over zones.

    Parameters
    ----------
    path
        One row per block, block group, tract or county.
    kind
        wac or rac: counted at work or at home.
    year
        Year of observation.
    resolution, zones, zone_id, tell
        As for `load_lodes`; zones may be larger than what is counted, never smaller.
    id
        Column of ids; "" where it has a name that such columns have.
    version, job_type
        What the file was made from.

    Raises
    ------
    InputError
        When anything is wrong with a file; one sentence says what and where.
    """
    path, say = Path(path), tell or _silent
    if kind not in ROLE_OF:
        raise InputError(f"a file of counts must be wac or rac, found {kind}")
    column = id_column(columns_of(path), kind=kind, name=path.name, asked=id)
    check_created(path, version)
    say(f"reading {path.name}", 0.0)
    read = read_counts(path, id=column)
    say("spreading over zones", 0.3)
    places = BlockZones(Path(zones), id=zone_id, resolution=resolution)
    counts, entry, warnings = counts_of(read, places, kind, year)
    digits = sorted({f"{one:0{read.width}d}"[:2] for one in read.ids.tolist()})
    told = {"lodes": version, "blocks": BLOCKS[version], "job_type": job_type}
    told["placed by"] = _placed_by(places)
    states = [_POSTAL.get(one, one) for one in digits]
    entries = ({**entry, **told, "states": states, **_of_files([path])},)
    return LodesResult(
        _joined([counts]),
        entries,
        (),
        resolution,
        BLOCKS[version],
        job_type,
        warnings=tuple(warnings),
    )


def _silent(_what: str, _share: float) -> None:
    pass


def _places(
    there: Gathered,
    wanted: Wanted,
    zones: str | Path | None,
    zone_id: str,
    resolution: int,
    say: Told,
) -> BlockPoints | BlockZones:
    say("reading the places of blocks", 0.0)
    if (crosswalks := there.crosswalks(wanted)) is not None:
        return BlockPoints(crosswalks, version=wanted.version, resolution=resolution)
    if zones is not None:
        return BlockZones(Path(zones), id=zone_id, resolution=resolution)
    lacking = [one.name for one in wanted.crosswalks() if one not in there.files]
    raise InputError(
        f"blocks need a place, found no {', no '.join(lacking)}: add it, or name zones to spread"
        " them over with --zones"
    )


def _placed_by(places: BlockPoints | BlockZones) -> str:
    return "crosswalk" if isinstance(places, BlockPoints) else f"zones of {places.name}"


def _of_files(paths: Any) -> dict[str, Any]:  # noqa: ANN401 - any iterable of paths
    found = list(paths)
    return {
        "file": ", ".join(path.name for path in found),
        "sha256": {path.name: hash_of(path) for path in found},
    }


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    columns = {"cell": "uint64", "role": "object", "year": "int16"}
    empty = {name: pd.Series(dtype=kind) for name, kind in columns.items()}
    amounts = {name: pd.Series(dtype="float64") for name in ("graduates", "base")}
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({**empty, **amounts})
