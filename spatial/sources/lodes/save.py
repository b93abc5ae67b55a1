"""Saving: what LODES gave into a study, all of it or nothing, with every break recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace as changed
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from spatial.ingest.errors import InputError
from spatial.ingest.flows import FlowResult
from spatial.schema import SchemaError
from spatial.sources.lodes.load import LodesResult
from spatial.sources.lodes.words import CURRENCY, FLOWS, JOBS, SOURCE, definitions
from spatial.store import add_counts, copy_study, recover, rewrite
from spatial.store_flows import FROM_FLOWS, add_flows
from spatial.study import Break, Study, StudyInfo, Words, open_study

__all__ = ["breaks_of", "check_room", "notes_of", "save_lodes", "study_at"]

_SERIES: Final = ("residence", "work", "flows")
_ZH: Final = {"residence": "居住地", "work": "就业地", "flows": "通勤"}
_KEYS: Final = (
    ("column", "计数列", "column counted"),
    ("placed by", "定位方式", "blocks placed by"),
)
Entry = Mapping[str, Any]


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
            _add(draft, result, name or target.name, replace=replace)
            made = open_study(draft)
            rewrite(made, _described(made.info, result, () if old is None else old.info.audit), {})
            copy_study(draft, target)
        except SchemaError as fault:
            raise SchemaError(str(fault).replace(str(draft), str(path))) from None
    return open_study(path)


def breaks_of(audit: Sequence[Entry]) -> tuple[Break, ...]:
    """
    Breaks between successive years that LODES counted in different ways.

    Within a series, blocks of another census, another job type, other states, another column,
    places found in another way or another source make one; the reason names all that apply.
    Between years without a series in common, blocks and job type do, for all graduates.
    """
    found = []
    for series in _SERIES:
        years = {one["year"]: one for one in audit if one.get("role") == series and "year" in one}
        for after, before in pairwise(sorted(years)):
            if reasons := _differences(years[after], years[before]):
                found.append(Break(after, before, series, _sentence(after, before, reasons)))
    by_year = _by_year(audit)
    for after, before in pairwise(sorted(by_year)):
        first, second = by_year[after], by_year[before]
        if {one["role"] for one in first}.isdisjoint(one["role"] for one in second) and (
            reasons := _ways(first[0], second[0])
        ):
            found.append(Break(after, before, "graduates", _sentence(after, before, reasons)))
    return tuple(found)


def notes_of(audit: Sequence[Entry]) -> dict[str, Words]:
    """Notes on years whose series LODES counted in different ways, by name."""
    notes = {}
    for year, entries in _by_year(audit).items():
        blocks = {f"{one['blocks']}": one["role"] for one in entries}
        if len(blocks) > 1:
            zh = "，".join(f"{_ZH[role]}按{census}年普查街区" for census, role in blocks.items())
            en = ", ".join(f"{role} by those of {census}" for census, role in blocks.items())
            notes[f"lodes_{year}"] = {
                "zh": f"{year}年{zh}计数，两者不可直接比较。",
                "en": f"{year} counts by census blocks, {en}: the two do not compare.",
            }
    return notes


def _by_year(audit: Sequence[Entry]) -> dict[int, list[Entry]]:
    """Entries of LODES by year."""
    found: dict[int, list[Entry]] = {}
    for one in audit:
        if "lodes" in one:
            found.setdefault(one["year"], []).append(one)
    return found


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
    if not len(result.counts) and not result.flow_years:
        raise InputError("a load of LODES must bring counts or flows, found neither")
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


def _add(draft: Path, result: LodesResult, name: str, *, replace: bool) -> None:
    info = StudyInfo(
        name=name,
        resolution=result.resolution,
        source=SOURCE,
        currency=CURRENCY,
        audit=result.entries,
    )
    if len(result.counts):
        roles = sorted({one["role"] for one in result.entries})
        # Counts that were only the margins of flows give way to counts of their own.
        add_counts(draft, info, result.counts, replacing=roles)
    for year in result.flow_years:
        flows, entry = result.flows(year)
        told = changed(info, audit=(entry,), definitions={"flows": FLOWS[result.proxy]})
        if other := _other_blocks(draft, result):
            flows = _told_apart(flows, other)
        add_flows(draft, told, flows, replace=replace)


def _other_blocks(draft: Path, result: LodesResult) -> str:
    """Mark for points of a study that has flows between blocks of another census too."""
    study = study_at(draft)
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
    roles = {one["role"] for one in result.entries}
    words = {
        series: text
        for series, text in definitions(result.job_type).items()
        if series in roles or (series == "base" and roles)
    }
    # Breaks that were found like this before may have gone with what was replaced.
    stale, outdated = breaks_of(before), notes_of(before)
    kept = [one for one in info.breaks if one not in stale]
    notes = {name: text for name, text in info.notes.items() if name not in outdated}
    return changed(
        info,
        definitions={**words, **info.definitions},
        breaks=(*kept, *breaks_of(info.audit)),
        notes={**notes, **notes_of(info.audit)},
    )


def _differences(first: Entry, second: Entry) -> list[tuple[str, str]]:
    """What two years of a series do differently, in Chinese and English, {a} and {b} the years."""
    if "lodes" not in first and "lodes" not in second:
        return []
    if ("lodes" in first) != ("lodes" in second):
        a, b = (one.get("file") or one.get("method") or "?" for one in (first, second))
        return [(f"{{a}}年出自{a}，{{b}}年出自{b}", f"{{a}} comes from {a} and {{b}} from {b}")]
    found = _ways(first, second)
    if sorted(first["states"]) != sorted(second["states"]):
        a, b = (", ".join(sorted(one["states"])).upper() for one in (first, second))
        found.append((f"{{a}}年含{a}，{{b}}年含{b}", f"{{a}} covers {a} and {{b}} {b}"))
    for key, zh, en in _KEYS:
        if (a := first.get(key)) != (b := second.get(key)):
            found.append((f"{zh}：{{a}}年为{a}，{{b}}年为{b}", f"{en}: {a} in {{a}}, {b} in {{b}}"))
    return found


def _ways(first: Entry, second: Entry) -> list[tuple[str, str]]:
    """Blocks and job types that differ."""
    found = []
    if first["blocks"] != second["blocks"]:
        a, b = (f"{one['blocks']}" for one in (first, second))
        v, w = (f"LODES{one['lodes']}" for one in (first, second))
        zh = f"{{a}}年按{a}年普查街区计数（{v}），{{b}}年按{b}年普查街区计数（{w}）"
        en = f"{{a}} counts by census blocks of {a} ({v}) and {{b}} by those of {b} ({w})"
        found.append((zh, en))
    if first["job_type"] != second["job_type"]:
        one, other = JOBS[first["job_type"]], JOBS[second["job_type"]]
        zh = f"{{a}}年为{one['zh']}，{{b}}年为{other['zh']}"
        found.append((zh, f"{{a}} counts {one['en']} and {{b}} {other['en']}"))
    return found


def _sentence(after: int, before: int, reasons: Sequence[tuple[str, str]]) -> Words:
    zh, en = (
        mark.join(words).replace("{a}", str(after)).replace("{b}", str(before))
        for mark, words in zip(("；", "; "), zip(*reasons, strict=True), strict=True)
    )
    return {
        "zh": f"{zh}。两年不可直接比较。",
        "en": f"{en}: the two years do not compare.",
    }
