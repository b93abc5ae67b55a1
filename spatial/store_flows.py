"""Flows added to a study on disk, with the points and pairs they came as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from spatial.privacy import check_threshold
from spatial.schema import ROLES, Role, SchemaError
from spatial.store import recover, rewrite, write_study
from spatial.study import Study, StudyInfo, open_study

if TYPE_CHECKING:
    from spatial.ingest import FlowResult

__all__ = ["FROM_FLOWS", "add_flows", "check_new_flows"]

FROM_FLOWS: Final = "from flows"
"""How the audit of counts says that they are the margins of the flows of their year."""

_END: Final[dict[Role, str]] = {"residence": "origin", "work": "destination"}
_SAME_PLACE_DEG: Final = 1e-7  # a centimetre


def add_flows(
    path: str | Path, info: StudyInfo, result: FlowResult, *, replace: bool = False
) -> Study:
    """
    A study with the flows of one more year; made new where there is none at `path`.

    Where the study counts nobody in a role that year, those that leave (residence) or arrive
    (work) in each cell become its counts, and the audit says so.

    Parameters
    ----------
    path
        The study's folder.
    info
        Describes the study where it is new; of an old one only the audit and the definition of
        "flows" are taken over.
    result
        Flows of the study's resolution. Points are known by their ids in all years.
    replace
        Whether flows of the same year may be replaced.

    Raises
    ------
    SchemaError
        When the year is there and not to be replaced, the resolution differs, no flow touches
        the old study area, a point has moved, or the study counts groups that flows do not tell.
    """
    target = Path(path)
    recover(target)
    if info.resolution != result.resolution:
        raise SchemaError(
            f"flows must be of the study's resolution, {info.resolution}, found {result.resolution}"
        )
    if not (target / "study.json").is_file():
        told = _audit(info, result, list(ROLES), outside=0.0)
        return write_study(
            target,
            changed(info, audit=told),
            _margins(result, ROLES),
            flows=result.flows,
            points=result.points,
            pairs=result.pairs,
        )
    study = open_study(target)
    if info.threshold:
        check_threshold(study, info.threshold)
    check_new_flows(study, result.year, resolution=result.resolution, replace=replace)
    roles = _uncounted(study, result.year)
    if roles and study.info.groups:
        raise SchemaError(
            f"{target} counts {study.info.groups[0].id} apart, which flows do not tell: load its"
            f" counts of {result.year} first"
        )
    told = _audit(info, result, roles, outside=_outside(study, result, roles))
    entries = {(one["role"], one.get("year")) for one in told}
    old = [one for one in study.info.audit if (one.get("role"), one.get("year")) not in entries]
    words = {name: text for name, text in info.definitions.items() if name == "flows"}
    described = changed(
        study.info,
        audit=(*old, *told),
        definitions={**study.info.definitions, **words},
    )
    tables = {"flows": _with(study.flows, result.flows, result.year), **_ends(study, result)}
    if roles:
        tables["counts"] = _with_margins(study, result, roles)
    return rewrite(study, described, tables)


def check_new_flows(study: Study, year: int, *, resolution: int, replace: bool) -> None:
    """Raise SchemaError when flows of that year and resolution may not go into the study."""
    if study.info.resolution != resolution:
        raise SchemaError(
            f"{study.path} holds cells of resolution {study.info.resolution}, found {resolution}"
        )
    if not replace and (study.flows["year"] == year).any():
        raise SchemaError(f"{study.path} holds flows {year} already; say --replace to replace them")


def _uncounted(study: Study, year: int) -> list[Role]:
    """Roles without counts of their own in that year."""
    derived = {
        one.get("role")
        for one in study.info.audit
        if one.get("year") == year and one.get("method") == FROM_FLOWS
    }
    return [role for role in ROLES if role in derived or year not in study.years_of(role)]


def _margins(result: FlowResult, roles: Sequence[Role]) -> pd.DataFrame:
    """Counts of those that leave or arrive in each cell."""
    parts = []
    for role in roles:
        cells, code = np.unique(result.flows[_END[role]].to_numpy(), return_inverse=True)
        people = np.bincount(code, result.flows["graduates"].to_numpy(), len(cells))
        parts.append(pd.DataFrame({"cell": cells, "role": role, "graduates": people}))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(year=np.int16(result.year), base=np.nan)


def _with_margins(study: Study, result: FlowResult, roles: Sequence[Role]) -> pd.DataFrame:
    old = study.counts
    again = (old["year"] == result.year) & old["role"].isin(list(roles))
    return pd.concat([old[~again], _margins(result, roles)], ignore_index=True)


def _audit(
    info: StudyInfo, result: FlowResult, roles: Sequence[Role], *, outside: float
) -> tuple[dict[str, Any], ...]:
    """Entries of the flows and of the counts made from them, after what `info` tells of them."""
    year, total = result.year, result.audit.on_map
    given: dict[str, Any] = {}
    for one in info.audit:
        if one.get("role") == "flows" and one.get("year") == year:
            given |= one
    entry = {"role": "flows", "year": year, **given, **result.audit.to_dict()}
    if outside:
        entry["notes"] = [
            *entry["notes"],
            f"{outside:,.0f} people live or work outside the study area of the counts",
        ]
    margins: list[dict[str, Any]] = [
        {
            "role": role,
            "year": year,
            "method": FROM_FLOWS,
            "people_in": total,
            "on_map": total,
            "dropped": {},
            "notes": [f"counted {FROM_FLOWS}: the study has no counts of {role} {year}"],
        }
        for role in roles
    ]
    return (entry, *margins)


def _outside(study: Study, result: FlowResult, roles: Sequence[Role]) -> float:
    """People with an end outside the study area, counts made from the flows included."""
    flows, area = result.flows, study.area
    inside = {end: flows[end].isin(area).to_numpy() for end in _END.values()}
    if len(area) and not any(one.any() for one in inside.values()):
        raise SchemaError(
            f"flows must touch the study area of {study.path}, found none of {len(flows):,} that do"
        )
    for role in roles:
        inside[_END[role]] = np.ones(len(flows), dtype=np.bool_)
    here = inside["origin"] & inside["destination"]
    return float(flows["graduates"].to_numpy()[~here].sum())


def _with(old: pd.DataFrame, new: pd.DataFrame, year: int) -> pd.DataFrame:
    """Rows of all other years and the new ones."""
    kept = old[old["year"] != year]
    return pd.concat([kept, new], ignore_index=True) if len(kept) else new


def _ends(study: Study, result: FlowResult) -> dict[str, pd.DataFrame | None]:
    """Points and pairs of all years; None where no year has any."""
    parts: list[tuple[pd.DataFrame, pd.DataFrame]] = []
    if study.has("pairs"):
        kept = study.pairs[study.pairs["year"] != result.year]
        rows = np.unique(kept[["origin", "destination"]].to_numpy())
        parts.append(_renumbered(study.points, kept, study.points["id"].iloc[rows]))
    if result.points is not None and result.pairs is not None:
        parts.append((result.points, result.pairs))
    if not any(len(pairs) for _, pairs in parts):
        return {"points": None, "pairs": None}
    points = _together([table for table, _ in parts], study.path)
    pairs = [_renumbered(table, between, points["id"])[1] for table, between in parts]
    return {"points": points, "pairs": pd.concat(pairs, ignore_index=True)}


def _together(tables: Sequence[pd.DataFrame], path: Path) -> pd.DataFrame:
    """Points of several years by id, each once."""
    every = pd.concat(tables, ignore_index=True)
    first = every.drop_duplicates("id").set_index("id").loc[every["id"]]
    off = (every[["lat", "lon"]].to_numpy() - first[["lat", "lon"]].to_numpy()) ** 2
    if (moved := np.flatnonzero(off.max(axis=1, initial=0.0) > _SAME_PLACE_DEG**2)).size:
        raise SchemaError(
            f"points must keep their places through the years of {path}, found {len(moved):,}"
            f" elsewhere, first {every['id'].iloc[moved[0]]}"
        )
    return every.drop_duplicates("id").sort_values("id", ignore_index=True)


def _renumbered(
    points: pd.DataFrame, pairs: pd.DataFrame, ids: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The points with these ids, in their order, and the pairs between rows of those."""
    wanted = pd.Index(ids)
    row = wanted.get_indexer(pd.Index(points["id"]))
    moved = {end: row[pairs[end].to_numpy()] for end in _END.values()}
    at = pd.Index(points["id"]).get_indexer(wanted)
    return points.iloc[at[at >= 0]].reset_index(drop=True), pairs.assign(**moved)
