"""Counts of one role and year: files of several states together, in cells, with their audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from spatial.ingest.errors import InputError
from spatial.ingest.flow_ends import UNKNOWN
from spatial.schema import Role
from spatial.sources.lodes.naming import BLOCKS, STATES, LodesFile, Table
from spatial.sources.lodes.places import BlockPoints, BlockZones, counted
from spatial.sources.lodes.raw import batches, columns_of
from spatial.sources.lodes.read import WIDTHS, BlockCounts, id_column, read_counts
from spatial.sources.lodes.words import BASE, COUNTED

__all__ = ["ROLE_OF", "check_created", "counts_of", "read_state", "together"]

ROLE_OF: Final[dict[Table, Role]] = {"rac": "residence", "wac": "work"}
# Before this day nobody had the blocks of 2020: no file of then can count by them.
_BLOCKS_2020_SINCE: Final = 20210201
_UNMATCHED: Final = 0.02  # of the jobs in counties with zones: more means other blocks


def read_state(one: LodesFile, path: Path) -> BlockCounts:
    """What a WAC or RAC file counts; InputError where it is not of its state or its blocks."""
    check_created(path, one.version)
    column = id_column(columns_of(path), kind=one.kind, name=path.name)
    found = read_counts(path, id=column)
    own = int(STATES[one.state])
    other = np.flatnonzero(found.ids // 10 ** (found.width - 2) != own)
    if len(other):
        raise InputError(
            f"{path.name}: blocks must be of {one.state.upper()} ({own:02d}), found"
            f" {found.text(int(other[0]))}"
        )
    return found


def check_created(path: Path, version: int) -> None:
    """Refuse a file that was written before there were the blocks it is said to count by."""
    if BLOCKS[version] != 2020 or "createdate" not in columns_of(path):
        return
    for batch in batches(path, ["createdate"]):
        day = (batch.column("createdate")[0].as_py() or "") if batch.num_rows else ""
        if day.isascii() and day.isdigit() and len(day) == 8 and int(day) < _BLOCKS_2020_SINCE:
            raise InputError(
                f"{path.name}: a file of LODES{version} counts by blocks of 2020, found it written"
                f" on {day[:4]}-{day[4:6]}-{day[6:]}, before there were any: --version 7"
            )
        return


def together(parts: Sequence[BlockCounts]) -> BlockCounts:
    """Counts of several states as one."""
    widths = sorted({one.width for one in parts})
    if len(widths) > 1:
        raise InputError(f"files of one year must have ids of one length, found {widths}")
    columns = [
        np.concatenate(column) for column in zip(*((p[0], *p[2:]) for p in parts), strict=True)
    ]
    return BlockCounts(columns[0], widths[0], *columns[1:])


def counts_of(
    read: BlockCounts, places: BlockPoints | BlockZones, table: Table, year: int
) -> tuple[pd.DataFrame, dict[str, Any], list[str]]:
    """Counts of one role and year, its audit entry, and warnings."""
    found, audit = counted(read, places)
    role, told, base = ROLE_OF[table], audit["graduates"], audit["base"]
    if not told.on_map:
        raise InputError(
            f"{table} {year}: there must be graduates on the map, found none of"
            f" {told.people_in:,.0f}: are zones and blocks of one state and census?"
        )
    notes = [
        COUNTED,
        BASE,
        f"{audit['jobs'].people_in:,.0f} jobs of people of any age in the files (C000)",
        f"{int((places.numbers(read.ids, read.width) >= 0).sum()):,} of {len(read.ids):,} rows, a"
        f" {WIDTHS[read.width]} each, have a place",
    ]
    warnings = []
    if isinstance(places, BlockZones):
        warnings = _unmatched(places, base.on_map, base.dropped, f"{role} {year}")
    entry = {
        "role": role,
        "year": year,
        "method": "LODES",
        "column": "CD04",
        "base_column": "CA02 + CA03",
        "jobs": audit["jobs"].people_in,
        **told.to_dict(),
        "notes": [*notes, *warnings],
        "base": base.to_dict(),
    }
    peopled = found[found["base"] > 0]
    counts = pd.DataFrame(
        {
            "cell": peopled.index.to_numpy(),
            "role": role,
            "year": np.int16(year),
            "graduates": peopled["graduates"].to_numpy(),
            "base": peopled["base"].to_numpy(),
        }
    )
    return counts, entry, warnings


def _unmatched(
    places: BlockZones, on_map: float, dropped: Mapping[str, float], series: str
) -> list[str]:
    """A warning where zones seem to be those of another census."""
    lost = dropped.get(places.reasons[UNKNOWN], 0.0)
    if lost <= _UNMATCHED * (on_map + lost):
        return []
    return [
        f"{series}: {lost / (on_map + lost):.1%} of the jobs in counties with zones match no zone"
        f" of {places.name}: are its zones of another census?"
    ]
