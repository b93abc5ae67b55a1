"""gradmap load raster: a population raster's people into the cells of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

from spatial.cli_privacy import threshold_option
from spatial.cli_tell import progress, tell_study

if TYPE_CHECKING:
    import pandas as pd

    from spatial.ingest import LoadResult
    from spatial.schema import Role
    from spatial.study import Study

__all__ = ["raster"]

_FILE: Final = click.Path(path_type=Path)
_AS: Final = ("residence", "work", "base-residence", "base-work")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--into", required=True, type=_FILE, help="Study to make or add to.")
@click.option(
    "--as",
    "as_",
    type=click.Choice(_AS),
    default="base-residence",
    show_default=True,
    help="What the people are: graduates of a role, or all whom these are compared with.",
)
@click.option("--year", required=True, type=int, help="Year of observation.")
@click.option("--resolution", type=int, help="H3 resolution of the cells.  [default: the study's]")
@click.option("--band", default=1, show_default=True, help="Band of the raster, from 1.")
@click.option("--crs", default="", help="Where the file does not say so, or says so wrongly.")
@click.option("--outline", type=_FILE, help="File with the area of a new study, as shapes.")
@click.option("--replace", is_flag=True, help="Replace a role and year, or a base, that is there.")
@threshold_option
@click.option("--name", default="", help="Name of a new study.  [default: its folder's]")
@click.option("--source", default="", help="Where the counts of a new study come from.")
@click.option("--url", default="", help="Address of that source.")
@click.option("--licence", default="", help="Its licence.")
@click.option("--citation", default="", help="How to cite it.")
def raster(file: Path, as_: str, outline: Path | None, **to: Any) -> None:  # noqa: ANN401 - options
    """
    Load a GeoTIFF of people per pixel, such as WorldPop's or GHSL's.

    Pixels go to cells by exact area. A study that is there takes the people inside its area; as
    a base (all residents) they stand beside graduates counted in the same year.

    \b
    Example:
      gradmap load raster chn_ppp_2020.tif --into city --as base-residence --year 2020
    """  # noqa: D301
    from spatial.ingest import InputError, read_shapes
    from spatial.ingest.raster import load_raster

    if not 1900 <= to["year"] <= 2200:
        raise InputError(f"year must lie in 1900 to 2200, found {to['year']}")
    study = _there(to["into"])
    if study is None and to["resolution"] is None:
        raise click.UsageError("a new study needs --resolution, found none")
    if study is not None and outline is not None:
        raise click.UsageError("--outline is for a new study; this one has its area")
    role = cast("Role", as_.removeprefix("base-"))
    if as_ != role:
        _check_base(study, to["into"], role, year=to["year"], replace=to["replace"])
    shape = read_shapes(outline).union_all() if outline is not None else None

    def read(_columns: dict[str, str]) -> LoadResult:
        return load_raster(
            file,
            role=role,
            resolution=to["resolution"] if study is None else study.info.resolution,
            band=to["band"],
            crs=to["crs"],
            outline=shape,
            within=study.area if study is not None else None,
            progress=lambda doing, share: progress(f"{share:4.0%} {doing}"),
        )

    told = {"file": file.name, "method": "area", "band": to["band"], "crs": to["crs"]}
    if study is None or as_ == role:
        from spatial.cli_load import _add

        asked = {"work": None, "residence": None, "base_work": None, "base_residence": None}
        resolution = to["resolution"] if study is None else study.info.resolution
        _add(read, to | asked | {role: f"band {to['band']}", "resolution": resolution}, told=told)
    else:
        _add_base(study, to["into"], role, read({}), year=to["year"], told=told)


def _there(into: Path) -> Study | None:
    from spatial.store import recover
    from spatial.study import open_study

    recover(into)
    return open_study(into) if (into / "study.json").is_file() else None


def _check_base(study: Study | None, into: Path, role: Role, *, year: int, replace: bool) -> None:
    from spatial.schema import SchemaError

    rows = None if study is None else _rows(study, role, year)
    if rows is None or rows.empty:
        raise SchemaError(
            f"a base stands beside graduates, found none at {role} in {year} in {into}: load them"
            " first"
        )
    if rows["base"].notna().any() and not replace:
        raise SchemaError(f"{into} has a base of {role} {year} already; say --replace")


def _rows(study: Study, role: Role, year: int) -> pd.DataFrame:
    counts = study.counts
    return counts[(counts["role"] == role) & (counts["year"] == year)]


def _add_base(
    study: Study, into: Path, role: Role, found: LoadResult, *, year: int, told: dict[str, Any]
) -> None:
    """The study with `found` as the base of a role and year; its graduates stay as they are."""
    from dataclasses import replace

    from spatial.cli_load import _tell
    from spatial.store import add_counts

    rows = _rows(study, role, year).drop(columns="base")
    base = found.counts[["cell", "graduates"]].rename(columns={"graduates": "base"})
    merged = rows.merge(base, on="cell", how="outer")
    people = ["graduates", *(group.id for group in study.info.groups)]
    merged[people] = merged[people].fillna(0)
    merged = merged.assign(role=role, year=year, base=merged["base"].fillna(0.0))
    entries = [
        one for one in study.info.audit if (one.get("role"), one.get("year")) == (role, year)
    ]
    with_base = [one | {"base": {**told, **found.audit[role].to_dict()}} for one in entries]
    progress("saving")
    saved = add_counts(into, replace(study.info, audit=tuple(with_base)), merged, replacing=[role])
    _tell(f"base of {role} {year}", found.audit[role])
    tell_study(saved)
