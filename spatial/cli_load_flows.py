"""gradmap load flows: people between two ends, cells, points or zones, into a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spatial.cli_privacy import threshold_option
from spatial.cli_tell import progress, tell_study

if TYPE_CHECKING:
    from spatial.study import Study

__all__ = ["flows"]

_FILE: Final = click.Path(path_type=Path)
_RESOLUTION: Final = 9


@click.command()
@click.argument("file", type=_FILE)
@click.option("--into", required=True, type=_FILE, help="Study to make or add to.")
@click.option("--origin", required=True, help="Column with the id of the home end.")
@click.option("--destination", required=True, help="Column with the id of the work end.")
@click.option("--count", required=True, help="Column with the people between them.")
@click.option("--year", required=True, type=int, help="Year of observation.")
@click.option("--points", type=_FILE, help="File of the points that the ids name.")
@click.option("--id", default="", help="Its column of ids.")
@click.option("--lat", default="", help="Its column with the latitude, or northing.")
@click.option("--lon", default="", help="Its column with the longitude, or easting.")
@click.option("--zones", type=_FILE, help="File of the polygons that the ids name.")
@click.option("--zone-id", default="", help="Its column of ids.")
@click.option("--layer", default="", help="Its layer, where it has several.")
@click.option(
    "--spread",
    type=click.Choice(("area", "counts")),
    default="area",
    show_default=True,
    help="Spread zones by area, or by the study's own counts of homes and jobs.",
)
@click.option("--crs", default="", help="WGS-84, GCJ-02, BD-09 or EPSG:n of points or zones.")
@click.option(
    "--resolution", type=int, help="H3 resolution of the cells.  [default: the study's, or 9]"
)
@click.option("--replace", is_flag=True, help="Replace flows of a year that are there.")
@threshold_option
@click.option("--who", default="", help='Who is counted: "all workers".')
@click.option("--name", default="", help="Name of a new study.  [default: its folder's]")
@click.option("--source", default="", help="Where the flows come from.")
@click.option("--url", default="", help="Address of that source.")
@click.option("--licence", default="", help="Its licence.")
@click.option("--citation", default="", help="How to cite it.")
def flows(file: Path, into: Path, **to: Any) -> None:  # noqa: ANN401 - the options above
    """
    Load flows from home to work: cells, or points or zones of a second file.

    Without --points or --zones the ids are H3 cells. Points are kept beside the cells, so that
    distances are the source's own.

    \b
    Example:
      gradmap load flows od.csv.gz --into county --origin h --destination w --count n \\
        --points blocks.csv --id GEOID20 --lat INTPTLAT20 --lon INTPTLON20 --year 2017 \\
        --who "all workers"
    """  # noqa: D301
    from spatial.ingest import load_flows
    from spatial.store_flows import add_flows, check_new_flows
    from spatial.study import Source, StudyInfo

    study = _there(into)
    resolution = _resolution(study, to["resolution"])
    if study is not None:
        # Before the file is read: that may take its time.
        check_new_flows(study, to["year"], resolution=resolution, replace=to["replace"])
    ends = ("points", "id", "lat", "lon", "zones", "zone_id", "layer", "crs", "spread")
    result = load_flows(
        file,
        **{name: to[name] for name in ("origin", "destination", "count", "year", *ends)},
        resolution=resolution,
        study=study,
        progress=lambda doing, share: progress(f"{share:4.0%} {doing}"),
    )
    source = Source(to["source"], to["url"], to["licence"], to["citation"])
    info = StudyInfo(
        name=to["name"] or into.resolve().name,
        resolution=resolution,
        source=source,
        threshold=to["threshold"],
        definitions={"flows": {"en": to["who"]}} if to["who"] else {},
        audit=(_entry(file, to),),
    )
    progress("saving")
    saved = add_flows(into, info, result, replace=to["replace"])
    _tell(saved, to["year"])
    tell_study(saved)


def _there(into: Path) -> Study | None:
    from spatial.store import recover
    from spatial.study import open_study

    recover(into)
    return open_study(into) if (into / "study.json").is_file() else None


def _resolution(study: Study | None, asked: int | None) -> int:
    if asked is not None:
        return asked
    return _RESOLUTION if study is None else study.info.resolution


def _entry(file: Path, to: dict[str, Any]) -> dict[str, Any]:
    """What the audit tells of the file and how it was read."""
    told = {
        "role": "flows",
        "year": to["year"],
        "file": file.name,
        "column": to["count"],
        "points": to["points"] and to["points"].name,
        "zones": to["zones"] and to["zones"].name,
        "spread": to["spread"] if to["zones"] else "",
        "crs": to["crs"],
    }
    told |= {name: to[name] for name in ("source", "url", "licence", "citation")}
    return {name: value for name, value in told.items() if value}


def _tell(study: Study, year: int) -> None:
    """Say where everybody of that year's flows went, as the study's audit has it."""
    from spatial.cli_load import _tell as tell
    from spatial.ingest import Audit
    from spatial.store_flows import FROM_FLOWS

    for one in study.info.audit:
        mine = one.get("role") == "flows" or one.get("method") == FROM_FLOWS
        if mine and one.get("year") == year:
            audit = Audit(one["people_in"], one["on_map"], one["dropped"], tuple(one["notes"]))
            tell(f"{one['role']} {year}", audit)
