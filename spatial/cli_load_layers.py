"""gradmap load stations, links, districts: layers of a study from strangers' files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from spatial.cli_tell import progress, tell_study

if TYPE_CHECKING:
    import geopandas as gpd

    from spatial.ingest.layers import LayerResult

__all__ = ["districts", "links", "stations"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FILE: Final = click.Path(path_type=Path)


def _to_layer(command: _Command) -> _Command:
    """The options that every layer shares."""
    options = [
        click.option("--into", required=True, type=_FILE, help="Study to add to."),
        click.option("--replace", is_flag=True, help="Replace a layer that is there."),
        click.option(
            "--crs",
            default="",
            help="WGS-84, GCJ-02, BD-09 or EPSG:n.  [default: WGS-84, or what shapes say]",
        ),
        click.option("--layer", default="", help="Layer of a file with several."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _called(command: _Command) -> _Command:
    """The options of what has a name."""
    options = [
        click.option("--name", required=True, help="Column with the name."),
        click.option("--name-en", default="", help="Column with the English name."),
        click.option("--id", default="", help="Column with the id.  [default: the name]"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _dated(command: _Command) -> _Command:
    """The options of what opens and closes."""
    options = [
        click.option("--opened", default="", help="Column with the year of opening."),
        click.option("--closed", default="", help="Column with the year of closing."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("file", type=_FILE)
@_to_layer
@_called
@click.option("--lines", default="", help="Column with the lines: 1;2 or 1/2.")
@click.option("--lat", default="", help="Column with the latitude, or northing, of a table.")
@click.option("--lon", default="", help="Column with the longitude, or easting, of a table.")
@_dated
def stations(file: Path, into: Path, *, replace: bool, **columns: str) -> None:
    """
    Load metro stations: a table with coordinates, or shapes.

    \b
    Example:
      gradmap load stations stops.csv --into city --name stop_name --lines lines \\
        --lat lat --lon lon --opened year
    """  # noqa: D301
    from spatial.ingest.layers import load_stations

    _check(into, "stations", replace=replace)
    progress("reading")
    _add(into, "stations", load_stations(file, **columns))


@click.command()
@click.argument("file", type=_FILE, required=False)
@_to_layer
@click.option("--a", default="", help="Column with one station, by id or name.")
@click.option("--b", default="", help="Column with the other.")
@click.option("--line", default="", help="Column with the lines: 1;2 or 1/2.")
@click.option("--length-km", default="", help="Column with the length in kilometres.")
@click.option("--shapes", type=_FILE, help="File with the drawn courses of lines instead.")
@_dated
def links(
    file: Path | None, into: Path, *, replace: bool, shapes: Path | None, **columns: str
) -> None:
    """
    Load the links between stations that are in the study already.

    Without --a and --b links are made from the drawn courses of lines: stations within 150 m of
    a course are on it, and neighbours along it are joined.

    \b
    Example:
      gradmap load links edges.csv --into city --a from --b to --line lines
      gradmap load links --shapes lines.geojson --into city --line NAME
    """  # noqa: D301
    if (file is None) == (shapes is None):
        raise click.UsageError("links need a FILE or --shapes, and not both")
    study_stations = _check(into, "rail_links", replace=replace)
    progress("reading")
    _add(into, "rail_links", _links(file, shapes, study_stations, columns))


def _links(
    file: Path | None, shapes: Path | None, known: gpd.GeoDataFrame, columns: dict[str, str]
) -> LayerResult:
    from spatial.ingest.courses import links_along_shapes
    from spatial.ingest.errors import InputError
    from spatial.ingest.links import load_links

    if known.empty:
        raise InputError("links join stations, found none in the study: load stations first")
    if file is not None:
        if not (columns["a"] and columns["b"]):
            raise click.UsageError("links of a FILE need --a and --b")
        return load_links(file, stations=known, **columns)
    if shapes is None or not columns["line"]:
        raise click.UsageError("links of --shapes need --line")
    if given := [name for name in ("a", "b", "opened", "closed", "length_km") if columns[name]]:
        raise click.UsageError(f"--{given[0].replace('_', '-')} has no meaning with --shapes")
    line, crs, layer = (columns[name] for name in ("line", "crs", "layer"))
    return links_along_shapes(shapes, line=line, stations=known, crs=crs, layer=layer)


@click.command()
@click.argument("file", type=_FILE)
@_to_layer
@_called
def districts(file: Path, into: Path, *, replace: bool, **columns: str) -> None:
    """
    Load districts: polygons, mended where they cross themselves.

    \b
    Example:
      gradmap load districts counties.gpkg --into city --id GEOID --name NAME
    """  # noqa: D301
    from spatial.ingest.layers import load_districts

    _check(into, "districts", replace=replace)
    progress("reading")
    _add(into, "districts", load_districts(file, **columns))


def _check(into: Path, name: str, *, replace: bool) -> gpd.GeoDataFrame:
    """The stations of a study that may take the layer."""
    from spatial.schema import SchemaError
    from spatial.study import open_study

    study = open_study(into)
    if study.has(name) and not replace:
        raise SchemaError(f"{into} has {name} already; say --replace to replace them")
    return study.layer("stations")


def _add(into: Path, name: str, found: LayerResult) -> None:
    from spatial.store import add_layer

    progress("saving")
    study = add_layer(into, name, found.layer)
    click.echo(f"{name}: {len(found.layer):,} rows")
    for note in found.notes:
        click.echo(f"  {note}")
    tell_study(study)
