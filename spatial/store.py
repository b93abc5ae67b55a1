"""Studies written to disk: whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from json import dumps
from pathlib import Path
from time import time

import geopandas as gpd
import numpy as np
import pandas as pd

from spatial.privacy import check_threshold, suppressed
from spatial.schema import Role, SchemaError, check_layer
from spatial.study import FORMAT, Study, StudyInfo, hash_of, open_study
from spatial.tables import checked_tables

__all__ = ["add_counts", "add_layer", "copy_study", "recover", "rewrite", "write_study"]

_DAY_SECONDS = 86_400


def write_study(
    path: str | Path,
    info: StudyInfo,
    counts: pd.DataFrame,
    *,
    flows: pd.DataFrame | None = None,
    points: pd.DataFrame | None = None,
    pairs: pd.DataFrame | None = None,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
) -> Study:
    """
    A study saved as a folder, replacing any study that was there.

    Everything goes to a temporary folder beside `path`, which is then renamed into place, so that
    a crash leaves the old study or the new one. Counts under the study's threshold are gone before
    that (`spatial.privacy`).

    Raises
    ------
    SchemaError
        When a table breaks its contract; nothing is written then.
    """
    target = Path(path).resolve()
    recover(target)
    _check_target(target)
    given = {"counts": counts, "flows": flows, "points": points, "pairs": pairs, **(layers or {})}
    info, given = suppressed(info, given)
    tables = checked_tables(
        info, {name: table for name, table in given.items() if table is not None}
    )
    with _draft(target) as draft:
        _write(draft, tables)
        _describe(draft, info, tables["counts"])
        _settle(draft, target)
    return open_study(target)


def rewrite(study: Study, info: StudyInfo, tables: Mapping[str, pd.DataFrame | None]) -> Study:
    """
    A study saved in its place with some tables anew; its other files stay as they are.

    Parameters
    ----------
    study
        What is there.
    info
        What it says of itself from now on.
    tables
        Tables and layers by name, None to leave one out. Points and pairs go together.

    Raises
    ------
    SchemaError
        When a table breaks its contract; the old study is left then.
    """
    target = study.path.resolve()
    info, tables = suppressed(info, tables, there=study)
    new = checked_tables(info, {name: table for name, table in tables.items() if table is not None})
    with _draft(target) as draft:
        for name in study.files:
            if name.removesuffix(".parquet") not in tables:
                shutil.copyfile(study.path / name, draft / name)
        _write(draft, new)
        _describe(draft, info, new.get("counts", study.counts))
        _settle(draft, target)
    return open_study(target)


def add_layer(path: str | Path, name: str, layer: gpd.GeoDataFrame) -> Study:
    """
    A study with one more layer, or with another in its place.

    Raises
    ------
    SchemaError
        When there is no sound study at `path`, or the layer breaks its contract.
    """
    check_layer(layer, name=name)
    study = open_study(path)
    return rewrite(study, study.info, {name: layer})


def add_counts(
    path: str | Path, info: StudyInfo, counts: pd.DataFrame, *, replacing: Iterable[Role] = ()
) -> Study:
    """
    A study with further counts; made new where there is none at `path`.

    Parameters
    ----------
    path
        The study's folder.
    info
        Describes the study where it is new; of an old one only the audit is taken over, and a
        threshold must be its own.
    counts
        Columns cell, role, year, graduates and, where known, base.
    replacing
        Roles whose counts of the same year may be replaced.

    Raises
    ------
    SchemaError
        When a role and year is there already and not to be replaced, the resolution differs, or
        nobody was counted within the old study area.
    """
    target = Path(path)
    recover(target)
    counts = counts if "base" in counts.columns else counts.assign(base=np.nan)
    if not (target / "study.json").is_file():
        return write_study(target, info, counts)
    study = open_study(target)
    if study.info.resolution != info.resolution:
        raise SchemaError(
            f"{target} holds cells of resolution {study.info.resolution}, found {info.resolution}"
        )
    peopled = counts.loc[counts["graduates"] > 0, "cell"]
    if len(study.area) and not peopled.isin(study.area).any():
        raise SchemaError(
            f"new counts must lie in the study area of {target}, found 0 of"
            f" {peopled.nunique()} cells there"
        )
    kept = _without(study, counts, set(replacing))
    merged = pd.concat([kept, counts], ignore_index=True)
    for group in study.info.groups:
        if merged[group.id].isna().any():
            raise SchemaError(f"{target} counts {group.id} apart; the new counts must too")
    if info.threshold:
        check_threshold(study, info.threshold)
    pairs = {(one["role"], one["year"]) for one in info.audit}
    old = [one for one in study.info.audit if (one.get("role"), one.get("year")) not in pairs]
    return rewrite(study, replace(study.info, audit=(*old, *info.audit)), {"counts": merged})


def copy_study(source: str | Path, path: str | Path) -> Study:
    """
    A study copied to another folder, byte for byte, replacing any study that was there.

    Raises
    ------
    SchemaError
        When the source is no sound study, or `path` is taken by something else.
    """
    study, target = open_study(source), Path(path).resolve()
    recover(target)
    _check_target(target)
    with _draft(target) as draft:
        for name in ["study.json", *study.files]:
            shutil.copyfile(study.path / name, draft / name)
        _settle(draft, target)
    return open_study(target)


def recover(path: Path) -> None:
    """Put back the old study where a crash came between the two renames of a save."""
    kept = _kept(path)
    if path.exists():
        shutil.rmtree(kept, ignore_errors=True)
    elif kept.is_dir():
        # A save that was still under way may finish first: its study is the newer one.
        with suppress(OSError):
            kept.rename(path)


def _without(study: Study, counts: pd.DataFrame, replacing: set[Role]) -> pd.DataFrame:
    new = set(counts[["role", "year"]].drop_duplicates().itertuples(index=False, name=None))
    there = study.counts[["role", "year"]].astype({"role": str}).drop_duplicates()
    both = sorted(new & set(there.itertuples(index=False, name=None)))
    if refused := [f"{role} {year}" for role, year in both if role not in replacing]:
        raise SchemaError(
            f"{study.path} holds {', '.join(refused)} already; say --replace to replace it"
        )
    again = pd.MultiIndex.from_tuples(both) if both else pd.MultiIndex.from_arrays([[], []])
    rows = pd.MultiIndex.from_frame(study.counts[["role", "year"]].astype({"role": str}))
    return study.counts[~rows.isin(again)]


def _write(draft: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    for name, table in tables.items():
        table.to_parquet(draft / f"{name}.parquet", index=False, compression="zstd")


def _describe(draft: Path, info: StudyInfo, counts: pd.DataFrame) -> None:
    files = {file.name: hash_of(file) for file in sorted(draft.glob("*.parquet"))}
    held = {
        "years": sorted({int(year) for year in counts["year"]}),
        "roles": sorted({str(role) for role in counts["role"]}),
    }
    content = {"format": FORMAT, **info.to_json(), **held, "files": files}
    described = draft / "study.json"
    described.write_text(
        dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A new folder beside `target`, gone afterwards unless it was moved there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".draft", dir=target.parent))
    try:
        draft.chmod(0o755)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _settle(draft: Path, target: Path) -> None:
    """Put a finished draft in the place of `target`, once all of it is on the disk."""
    for file in [*draft.iterdir(), draft]:
        _keep(file)
    _swap(draft, target)


def _swap(draft: Path, target: Path) -> None:
    kept = _kept(target)
    for last in (False, True):
        if target.exists():
            shutil.rmtree(kept, ignore_errors=True)
            target.rename(kept)
        try:
            draft.rename(target)
        except OSError:  # a reader put the old study back between the two renames
            if last or not target.exists():
                raise
        else:
            break
    _keep(target.parent)
    shutil.rmtree(kept, ignore_errors=True)


def _keep(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before going on."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(target: Path) -> None:
    """Remove what crashed saves left; a save still under way is younger than a day."""
    for draft in target.parent.glob(f".{target.name}.*.draft"):
        if time() - draft.stat().st_mtime > _DAY_SECONDS:
            shutil.rmtree(draft, ignore_errors=True)


def _check_target(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise SchemaError(f"a study is a folder, {target} is a file")
    if target.exists() and not (target / "study.json").is_file() and any(target.iterdir()):
        raise SchemaError(f"a study goes to a new folder or over a study, {target} is neither")


def _kept(path: Path) -> Path:
    """Where the old study waits while the new one takes its place."""
    path = path.resolve()
    return path.parent / f".{path.name}.old"
