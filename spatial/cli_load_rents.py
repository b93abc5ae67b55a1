"""gradmap load rents: listings, or the rents of zones, into a study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spatial.cli_tell import number, progress, tell_study

if TYPE_CHECKING:
    from spatial.ingest.rent_rows import RentResult

__all__ = ["rents"]

_FILE: Final = click.Path(path_type=Path)
_POINTS: Final = ("kind", "kind_map", "kind_is", "area", "area_of", "rooms", "lat", "lon")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--into", required=True, type=_FILE, help="Study to add to.")
@click.option("--price", required=True, help="Column with the rent a month.")
@click.option("--year", type=int, default=0, help="Year of observation.")
@click.option("--year-column", default="", help="Column with years or dates instead.")
@click.option("--id", default="", help="Column with the id.  [default: rows are numbered]")
@click.option("--kind", default="", help="Column with the kind of home.")
@click.option("--kind-map", default="", help="What its words mean: 整租=flat,合租=room.")
@click.option("--kind-is", default="", help="One kind for all, such as flat.")
@click.option("--area", default="", help="Column with the area in m2.")
@click.option("--area-of", default="", help="Other columns for some kinds: room=usage_area.")
@click.option("--rooms", default="", help="Column with the number of rooms.")
@click.option("--lat", default="", help="Column with the latitude, or northing, of a table.")
@click.option("--lon", default="", help="Column with the longitude, or easting, of a table.")
@click.option(
    "--crs",
    default="",
    help="WGS-84, GCJ-02, BD-09 or EPSG:n.  [default: WGS-84, or what shapes say]",
)
@click.option("--layer", default="", help="Layer of a file with several.")
@click.option("--where", default="", help="What columns must hold: measure=gross_rent.")
@click.option("--zones", type=_FILE, help="Polygons whose rents the file gives, by id.")
@click.option("--zone-id", default="", help="Their column of ids.")
@click.option("--currency", default="", help="yuan, USD, EUR or another word.")
@click.option("--edges", default="", help="Rents that part the bands: 1500,2000,3000.")
@click.option("--replace", is_flag=True, help="Replace rents of a kind and year that are there.")
@click.option("--source", default="", help="Where the rents come from.")
@click.option("--url", default="", help="Address of that source.")
@click.option("--licence", default="", help="Its licence.")
@click.option("--citation", default="", help="How to cite it.")
def rents(file: Path, into: Path, **to: Any) -> None:  # noqa: ANN401 - the options above
    """
    Load rents: listings with a place, or figures of zones.

    Listings are points with a price; a listing of kind "room" lets one room of a shared flat.
    With --zones the file holds one figure a zone and year, such as a median gross rent.

    \b
    Example:
      gradmap load rents homes.csv --into city --price price --year 2017 --lat lat --lon lon \\
        --crs BD-09 --kind type --kind-map 整租=flat,合租=room --area build_size \\
        --area-of room=usage_area --currency yuan --edges 1500,2000,3000
      gradmap load rents acs.csv.xz --into county --price value --where measure=gross_rent \\
        --id geoid --year-column year --zones tracts.geojson --zone-id geoid --currency USD
    """  # noqa: D301
    from spatial.rent_store import add_rents
    from spatial.study import open_study

    edges = _edges(to["edges"])
    _check_asked(to)
    open_study(into)  # before the file is read: that may take its time
    progress("reading")
    found = _zones(file, to) if to["zones"] else _listings(file, to)
    progress("saving")
    study = add_rents(
        into,
        found.layer,
        currency=to["currency"],
        edges=edges,
        audit=_entry(file, to) | found.audit.to_dict(),
        replacing=to["replace"],
    )
    _tell(study.info.audit[-1])
    if not study.info.currency:
        click.echo("  the study names no currency: say --currency")
    tell_study(study)


def _check_asked(to: dict[str, Any]) -> None:
    if bool(to["year"]) == bool(to["year_column"]):
        raise click.UsageError("rents need --year or --year-column, and not both")
    if bool(to["zones"]) != bool(to["zone_id"]):
        raise click.UsageError("zones need both --zones and --zone-id")
    if to["zones"] and (given := [name for name in _POINTS if to[name]]):
        raise click.UsageError(f"--{given[0].replace('_', '-')} has no meaning with --zones")
    if not to["zones"] and bool(to["kind"]) == bool(to["kind_is"]):
        raise click.UsageError("listings need --kind or --kind-is, and not both")


def _listings(file: Path, to: dict[str, Any]) -> RentResult:
    from spatial.ingest.listings import load_listings

    return load_listings(
        file,
        **{name: to[name] for name in ("price", "year", "year_column", "id", "crs", "layer")},
        **{name: to[name] for name in ("kind", "kind_is", "area", "rooms", "lat", "lon")},
        kind_map=_pairs(to["kind_map"], "--kind-map"),
        area_of=_pairs(to["area_of"], "--area-of"),
        where=_pairs(to["where"], "--where"),
    )


def _zones(file: Path, to: dict[str, Any]) -> RentResult:
    from spatial.ingest.rent_zones import load_rent_zones

    return load_rent_zones(
        file,
        to["zones"],
        **{name: to[name] for name in ("price", "year", "year_column", "id", "crs", "layer")},
        zone_id=to["zone_id"],
        where=_pairs(to["where"], "--where"),
    )


def _pairs(text: str, option: str) -> dict[str, str]:
    """What "a=b,c=d" says; a full-width comma will do."""
    found = {}
    for part in text.replace("，", ",").split(",") if text else []:
        left, mark, right = (one.strip() for one in part.partition("="))
        if not (left and mark and right):
            raise click.UsageError(f"{option} must read a=b,c=d, found {text!r}")
        found[left] = right
    return found


def _edges(text: str) -> Sequence[float]:
    """Ascending rents of "1500,2000,3000"."""
    try:
        found = [float(one) for one in text.replace("，", ",").split(",")] if text else []
    except ValueError:
        found = [0.0]
    if any(not low < high < float("inf") for low, high in zip([0.0, *found], found, strict=False)):
        raise click.UsageError(f"--edges must be ascending rents above 0, found {text!r}")
    return found


def _entry(file: Path, to: dict[str, Any]) -> dict[str, Any]:
    """What the audit tells of the file and how it was read."""
    told = {"file": file.name, "column": to["price"], "zones": to["zones"] and to["zones"].name}
    names = ("where", "crs", "kind_map", "source", "url", "licence", "citation")
    told |= {name: to[name] for name in names}
    return {name: value for name, value in told.items() if value}


def _tell(entry: dict[str, Any]) -> None:
    dropped = sum(entry["dropped"].values())
    click.echo(
        f"rents {', '.join(map(str, entry['years']))}: {number(entry['rows'])} rows in,"
        f" {number(entry['kept'])} kept, {number(dropped)} dropped"
    )
    for reason, rows in entry["dropped"].items():
        click.echo(f"  {number(rows)} {reason}")
    for note in entry["notes"]:
        click.echo(f"  {note}")
