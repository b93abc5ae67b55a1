"""Saving: what LODES gave into a study, all of it or nothing, with every break recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import Final

from spatial.ingest.errors import InputError
from spatial.ingest.flows import FlowResult
from spatial.schema import ROLES, SchemaError
from spatial.sources.lodes.breaks import Entry, breaks_of, notes_of
from spatial.sources.lodes.load import LodesResult
from spatial.sources.lodes.words import CURRENCY, FLOWS, SOURCE, definitions
from spatial.store import add_counts, copy_study, recover, rewrite
from spatial.store_flows import FROM_FLOWS, add_flows
from spatial.study import Study, StudyInfo, Words, open_study

__all__ = [
    "MOST_FLOWS",
    "breaks_of",
    "check_room",
    "left_out",
    "notes_of",
    "save_lodes",
    "study_at",
]

MOST_FLOWS: Final = 20_000_000
"""Pairs of cells of one load, of all years; each takes about 200 bytes until it is saved."""


def study_at(path: str | Path) -> Study | None:
    """The study at `path`, or None where there is none."""
    recover(Path(path))
    return open_study(path) if (Path(path) / "study.json").is_file() else None


def check_room(
    study: Study | None,
    *,
    series: Sequence[tuple[str, int]],
    blocks: int,
    job_type: str,
    resolution: int,
    replace: bool,
    allow_break: bool,
) -> None:
    """
    Refuse what may not go into the study, before any file is read.

    Parameters
    ----------
    study
        What is there.
    series
        Roles ("flows" among them) and years that are to come.
    blocks, job_type, resolution
        Census of the blocks, job type and H3 resolution of what is to come.
    replace
        Whether a role and year that is there may be replaced.
    allow_break
        Whether other blocks or another job type may stand beside those that are there, with the
        break recorded.

    Raises
    ------
    InputError
        When a role and year is there, or resolution, blocks or job type differ.
    """
    if study is None:
        return
    if study.info.resolution != resolution:
        raise InputError(
            f"{study.path} holds cells of resolution {study.info.resolution}, found {resolution}"
        )
    new = set(series)
    if not replace and (there := sorted(new & _held(study))):
        names = ", ".join(f"{role} {year}" for role, year in there)
        raise InputError(f"{study.path} holds {names} already; say --replace to replace it")
    if allow_break:
        return
    for one in study.info.audit:
        if "blocks" not in one or (one["role"], one["year"]) in new:
            continue
        where = f"{one['role']} {one['year']}"
        if one["blocks"] != blocks:
            raise InputError(
                f"{study.path} counts {where} by census blocks of {one['blocks']}, found files by"
                f" those of {blocks}: the two do not mix; say --allow-break to have both, with the"
                " break recorded"
            )
        if one.get("job_type") != job_type:
            raise InputError(
                f"{study.path} counts {one.get('job_type')} in {where}, found {job_type}: the two"
                " do not mix; say --allow-break to have both, with the break recorded"
            )


def save_lodes(
    path: str | Path,
    result: LodesResult,
    *,
    name: str = "",
    threshold: int = 0,
    replace: bool = False,
    allow_break: bool = False,
) -> Study:
    """
    A study with all that LODES gave; made new where there is none at `path`.

    Everything is put together in a folder beside `path` and then takes its place, so that the
    study has all of it or is as it was.

    Parameters
    ----------
    path
        The study's folder.
    result
        Counts and flows.
    name
        Of a new study; its folder's by default.
    threshold
        Smallest count that may be told, in people; 0 is that of the study, none of a new one.
    replace, allow_break
        As for `check_room`.

    Raises
    ------
    InputError, SchemaError
        When something may not go into the study, which is left as it was.
    """
    target = Path(path).resolve()
    old = study_at(target)
    _check(old, result, replace=replace, allow_break=allow_break)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Named like the drafts of a save, which are swept away should this one be killed.
    with tempfile.TemporaryDirectory(
        prefix=f".{target.name}.", suffix=".draft", dir=target.parent
    ) as folder:
        draft = Path(folder) / target.name
        try:
            if old is not None:
                copy_study(target, draft)
            info = StudyInfo(
                name=name or target.name,
                resolution=result.resolution,
                source=SOURCE,
                currency=CURRENCY,
                threshold=threshold,
                audit=result.entries,
            )
            made = _add(draft, info, result, replace=replace)
            rewrite(made, _described(made.info, result, () if old is None else old.info.audit), {})
            return copy_study(draft, target)
        except SchemaError as fault:
            raise SchemaError(str(fault).replace(str(draft), str(path))) from None


def left_out(study: Study, result: LodesResult) -> tuple[int, ...]:
    """Years whose flows were there, and were not added: a study holds so many with ease."""
    held = {one.get("year") for one in study.info.audit if one.get("role") == "flows"}
    return tuple(year for year in result.flow_years if year not in held)


def _held(study: Study) -> set[tuple[str, int]]:
    """Roles and years that were counted for themselves, and years of flows."""
    derived = {
        (one.get("role"), one.get("year"))
        for one in study.info.audit
        if one.get("method") == FROM_FLOWS
    }
    counts = {(role, year) for role in study.roles for year in study.years_of(role)}
    flows = {("flows", int(year)) for year in study.flows["year"].unique()}
    return {(str(role), year) for role, year in counts | flows if (role, year) not in derived}


def _check(old: Study | None, result: LodesResult, *, replace: bool, allow_break: bool) -> None:
    series = [(one["role"], one["year"]) for one in result.entries]
    check_room(
        old,
        series=[*series, *(("flows", year) for year in result.flow_years)],
        blocks=result.blocks,
        job_type=result.job_type,
        resolution=result.resolution,
        replace=replace,
        allow_break=allow_break,
    )


def _add(draft: Path, info: StudyInfo, result: LodesResult, *, replace: bool) -> Study:
    """The draft with the counts, and the flows of the last years that it holds with ease."""
    study = study_at(draft)
    if len(result.counts):
        roles = sorted({one["role"] for one in result.entries})
        # Counts that were only the margins of flows give way to counts of their own.
        study = add_counts(draft, info, result.counts, replacing=roles)
    held = 0
    for year in reversed(result.flow_years):
        flows, entry = result.flows(year)
        held += len(flows.flows)
        if held > MOST_FLOWS and held > len(flows.flows) and not result.all_flows:
            break
        told = changed(info, audit=(entry,), definitions={"flows": FLOWS[result.proxy]})
        if mark := _other_blocks(study, result):
            flows = _told_apart(flows, mark)
        study = add_flows(draft, told, flows, replace=replace)
    if study is None:
        raise InputError("a load of LODES must bring counts or flows, found neither")
    return study


def _other_blocks(study: Study | None, result: LodesResult) -> str:
    """Mark for points of a study that has flows between blocks of another census too."""
    audit = () if study is None else study.info.audit
    mixed = any(
        one.get("role") == "flows" and one.get("blocks", result.blocks) != result.blocks
        for one in audit
    )
    return f" ({result.blocks})" if mixed else ""


def _told_apart(flows: FlowResult, mark: str) -> FlowResult:
    """Flows whose points bear their census: a block's id may name another place in each."""
    if flows.points is None:
        return flows
    return changed(flows, points=flows.points.assign(id=flows.points["id"] + mark))


def _described(info: StudyInfo, result: LodesResult, before: Sequence[Entry]) -> StudyInfo:
    """What the study says of itself once everything is in; `before` is its audit until now."""
    words = _words(info, result)
    # Breaks that were found like this before may have gone with what was replaced.
    stale, outdated = breaks_of(before), notes_of(before)
    kept = [one for one in info.breaks if one not in stale]
    notes = {name: text for name, text in info.notes.items() if name not in outdated}
    return changed(
        info,
        definitions={**info.definitions, **words},
        breaks=(*kept, *breaks_of(info.audit)),
        notes={**notes, **notes_of(info.audit)},
    )


def _words(info: StudyInfo, result: LodesResult) -> dict[str, Words]:
    """Definitions of what LODES counts; what another source counts too keeps its own."""
    words = definitions(result.job_type)
    loaded = {one["role"] for one in result.entries}
    for role in ROLES:
        methods = {one.get("method") for one in info.audit if one.get("role") == role}
        if methods == {FROM_FLOWS} and result.flow_years:
            words[role] = FLOWS[result.proxy]
        elif not ("LODES" in methods and methods <= {"LODES", FROM_FLOWS}) and (
            role in info.definitions or role not in loaded
        ):
            del words[role]
    if not loaded:
        del words["base"]
    return words
