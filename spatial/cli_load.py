"""gradmap load: a stranger's file in, a study out, and an account of every person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from spatial.cli_load_flows import flows
from spatial.cli_load_layers import districts, links, stations
from spatial.cli_load_lodes import lodes
from spatial.cli_load_raster import raster
from spatial.cli_load_records import records
from spatial.cli_load_rents import rents
from spatial.cli_privacy import tell_hidden, threshold_option
from spatial.cli_tell import number, progress, tell_study

if TYPE_CHECKING:
    import pandas as pd

    from spatial.ingest import Audit, LoadResult
    from spatial.schema import Role

__all__ = ["load"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FILE: Final = click.Path(path_type=Path)
_ROLES: Final[tuple[Role, ...]] = ("residence", "work")


@click.group()
def load() -> None:
    """
    Load counts into the cells of a study, and account for every person.

    \b
    Example:
      gradmap load grid people.csv --into city --lat lat --lon lon --cell 250m \\
        --work day --residence night --year 2024 --resolution 9
    """  # noqa: D301


def _into(command: _Command) -> _Command:
    """The options that every kind of file shares."""
    texts = {
        "name": "Name of a new study.  [default: its folder's]",
        "source": "Where the counts of a new study come from.",
        "url": "Address of that source.",
        "licence": "Its licence.",
        "citation": "How to cite it.",
    }
    options = [
        click.option("--into", required=True, type=_FILE, help="Study to make or add to."),
        click.option("--work", help="Column with graduates at their place of work."),
        click.option("--residence", help="Column with graduates at home."),
        click.option("--base-work", help="Column with all jobs."),
        click.option("--base-residence", help="Column with all residents."),
        click.option("--year", required=True, type=int, help="Year of observation."),
        click.option("--resolution", required=True, type=int, help="H3 resolution of the cells."),
        click.option("--replace", is_flag=True, help="Replace a role and year that are there."),
        threshold_option,
        *(click.option(f"--{name}", default="", help=text) for name, text in texts.items()),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _at(command: _Command) -> _Command:
    """The options of files with a latitude and a longitude."""
    options = [
        click.option("--lat", required=True, help="Column with the latitude, or northing."),
        click.option("--lon", required=True, help="Column with the longitude, or easting."),
        click.option(
            "--crs",
            default="WGS-84",
            show_default=True,
            help="WGS-84, GCJ-02, BD-09 or EPSG:n.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


load.add_command(flows)


@load.command()
@click.argument("file", type=_FILE)
@_into
@_at
@click.option("--cell", required=True, help="Side of a square: 250m, 0.01deg.")
@click.option(
    "--method",
    type=click.Choice(("area", "centre")),
    default="area",
    show_default=True,
    help="Spread squares by area; by centre leaves holes and doubles.",
)
def grid(file: Path, lat: str, lon: str, crs: str, cell: str, method: Any, **to: Any) -> None:  # noqa: ANN401
    """
    Load a regular grid: one row per square, with its centre.

    \b
    Example:
      gradmap load grid people.csv --into city --lat lat --lon lon --cell 0.01deg \\
        --work day --residence night --year 2020 --resolution 8 --crs GCJ-02
    """  # noqa: D301
    from spatial.ingest import load_grid

    def read(columns: dict[str, str]) -> LoadResult:
        return load_grid(
            file,
            lat=lat,
            lon=lon,
            cell=cell,
            columns=columns,
            resolution=to["resolution"],
            crs=crs,
            method=method,
            progress=_report,
        )

    _add(read, to, told={"file": file.name, "crs": crs, "cell": cell, "method": method})


@load.command()
@click.argument("file", type=_FILE)
@_into
@_at
@click.option("--id", "id_", default="", help="Column with the points' ids, needed with --join.")
@click.option("--join", type=_FILE, help="File with counts by id.")
@click.option("--join-id", default="", help="Its column of ids.  [default: called like --id]")
def points(
    file: Path,
    lat: str,
    lon: str,
    crs: str,
    id_: str,
    join: Path | None,
    join_id: str,
    **to: Any,  # noqa: ANN401 - the shared options
) -> None:
    """
    Load points, with their counts beside them or in a second file.

    \b
    Example:
      gradmap load points blocks.csv --into county --lat INTPTLAT20 --lon INTPTLON20 \\
        --id GEOID20 --join jobs.csv --work C000 --year 2019 --resolution 9
    """  # noqa: D301
    from spatial.ingest import load_points

    def read(columns: dict[str, str]) -> LoadResult:
        return load_points(
            file,
            lat=lat,
            lon=lon,
            columns=columns,
            resolution=to["resolution"],
            id=id_,
            join=join,
            join_id=join_id,
            crs=crs,
            progress=_report,
        )

    joined = {"join": join.name} if join is not None else {}
    _add(read, to, told={"file": file.name, "crs": crs} | joined)


@load.command()
@click.argument("file", type=_FILE)
@_into
@click.option("--crs", default="", help="Where the file does not say so, or says so wrongly.")
@click.option("--layer", default="", help="Layer of a file with several.")
def zones(file: Path, crs: str, layer: str, **to: Any) -> None:  # noqa: ANN401 - the shared options
    """
    Load polygons, whose people are spread by area.

    \b
    Example:
      gradmap load zones tracts.gpkg --into county --residence graduates --year 2023 --resolution 8
    """  # noqa: D301
    from spatial.ingest import load_zones

    def read(columns: dict[str, str]) -> LoadResult:
        return load_zones(
            file,
            columns=columns,
            resolution=to["resolution"],
            crs=crs,
            layer=layer,
            progress=_report,
        )

    _add(read, to, told={"file": file.name, "crs": crs, "method": "area"})


def _report(doing: str, share: float) -> None:
    progress(f"{share:4.0%} {doing}")


def _add(
    read: Callable[[dict[str, str]], LoadResult], to: dict[str, Any], *, told: dict[str, Any]
) -> None:
    """Read the columns asked for and add them to the study, saying where everybody went."""
    from spatial.ingest import InputError
    from spatial.store import add_counts
    from spatial.study import Source, StudyInfo

    roles = [role for role in _ROLES if to[role]]
    columns = {str(role): to[role] for role in roles}
    bases = {str(role): to[f"base_{role}"] for role in roles if to[f"base_{role}"]}
    if not columns:
        raise click.UsageError("a load needs --work, --residence or both, found neither")
    if not 1900 <= to["year"] <= 2200:
        raise InputError(f"year must lie in 1900 to 2200, found {to['year']}")
    found = read(columns)
    counts, audit = found.counts, found.audit
    base_audit: dict[str, Audit] = {}
    if bases:
        compared = read(bases)
        counts, base_audit = _with_base(counts, compared.counts, bases), dict(compared.audit)
    entries = [
        {
            "role": role,
            "year": to["year"],
            **told,
            "column": columns[role],
            **audit[role].to_dict(),
            **({"base": base_audit[role].to_dict()} if role in base_audit else {}),
        }
        for role in roles
    ]
    info = StudyInfo(
        name=to["name"] or to["into"].resolve().name,
        resolution=to["resolution"],
        source=Source(to["source"], to["url"], to["licence"], to["citation"]),
        threshold=to["threshold"],
        audit=tuple(entries),
    )
    progress("saving")
    study = add_counts(
        to["into"],
        info,
        counts.assign(year=to["year"]),
        replacing=roles if to["replace"] else [],
    )
    for role in roles:
        _tell(f"{role} {to['year']}", audit[role])
        if role in base_audit:
            _tell(f"base of {role} {to['year']}", base_audit[role])
    tell_hidden(study, year=to["year"])
    tell_study(study)


def _with_base(counts: pd.DataFrame, base: pd.DataFrame, bases: dict[str, str]) -> pd.DataFrame:
    """Counts with their base: either is 0 where only the other is; no base read, none known."""
    base = base.rename(columns={"graduates": "base"})
    merged = counts.merge(base, on=["cell", "role"], how="outer")
    merged["graduates"] = merged["graduates"].fillna(0.0)
    read = merged["role"].isin(list(bases))
    merged["base"] = merged["base"].where(~read, merged["base"].fillna(0.0))
    return merged


def _tell(series: str, audit: Audit) -> None:
    click.echo(
        f"{series}: {number(audit.people_in)} people in, {number(audit.on_map)} on the map,"
        f" {number(audit.total_dropped)} dropped"
    )
    for reason, people in audit.dropped.items():
        click.echo(f"  {number(people)} {reason}")
    for note in audit.notes:
        click.echo(f"  {note}")


load.add_command(stations)
load.add_command(links)
load.add_command(districts)
load.add_command(rents)
load.add_command(lodes)
load.add_command(records)
load.add_command(raster)
