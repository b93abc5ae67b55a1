"""gradmap layers: layers of a study from open maps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from spatial.cli_tell import progress, tell_study

if TYPE_CHECKING:
    from spatial.sources.osm.elements import Osm
    from spatial.sources.osm.rail import Box

__all__ = ["layers"]

_FILE: Final = click.Path(path_type=Path)
_ALL: Final = "stations,lines,campuses,districts,rings"
_RINGS: Final = "[二三四五六]环|ring road"
_ENDPOINT: Final = "https://overpass-api.de/api/interpreter"


@click.group()
def layers() -> None:
    """
    Add layers from open maps to a study.

    \b
    Example:
      gradmap layers osm --study city --place Beijing
    """  # noqa: D301


@layers.command()
@click.option("--study", required=True, type=_FILE, help="Study to add to.")
@click.option("--file", "files", multiple=True, type=_FILE, help="Saved JSON, or a stops.txt.")
@click.option("--place", default="", help="Place to ask for.  [default: where the study is]")
@click.option("--what", default=_ALL, show_default=True, help="Layers, with commas between.")
@click.option("--admin-level", type=click.IntRange(2, 11), default=6, show_default=True)
@click.option("--rings", default=_RINGS, show_default=True, help="What names of rings hold.")
@click.option("--cache", type=_FILE, help="Folder of answers.  [default: the user's cache]")
@click.option("--endpoint", default=_ENDPOINT, show_default=True, help="Overpass service.")
@click.option("--replace", is_flag=True, help="Replace layers that are there.")
def osm(
    study: Path,
    files: tuple[Path, ...],
    place: str,
    what: str,
    admin_level: int,
    rings: str,
    cache: Path | None,
    endpoint: str,
    *,
    replace: bool,
) -> None:
    """
    Take stations, lines, campuses, districts and ring roads from OpenStreetMap.

    With --file nothing is asked of any service: saved Overpass JSON is read, and with it stops.txt
    where the JSON names nodes that it does not place. Without, an Overpass service is asked once,
    and its answer is kept. The layers carry OpenStreetMap's attribution (ODbL).

    \b
    Example:
      gradmap layers osm --study city --place Beijing
      gradmap layers osm --study city --file routes.json --file stops.txt --what stations,lines
    """  # noqa: D301
    from spatial.sources.osm import ATTRIBUTION, add_osm_layers, osm_layers, study_box, within_study
    from spatial.study import open_study

    found = open_study(study)
    asked = [one.strip() for one in what.split(",") if one.strip()]
    _check(asked, files=files, place=place)
    box = None if place else study_box(found)
    options = {"admin_level": admin_level, "rings": rings}
    content = _content(files, asked, box, place, cache, endpoint, admin_level, rings)
    made = osm_layers(content, what=asked, box=box, **options)  # type: ignore[arg-type]
    if "districts" in made:
        made["districts"] = within_study(made["districts"], found)
    progress("saving")
    saved = add_osm_layers(study, made, replacing=replace)
    for name, one in made.items():
        click.echo(f"{name}: {len(one.layer):,} rows")
        for note in one.notes:
            click.echo(f"  {note}")
    click.echo(f"{ATTRIBUTION.citation}, {ATTRIBUTION.licence}")
    tell_study(saved)


def _check(asked: list[str], *, files: tuple[Path, ...], place: str) -> None:
    from spatial.sources.osm import WHAT

    if unknown := [one for one in asked if one not in WHAT]:
        raise click.UsageError(f"--what must be of {', '.join(WHAT)}, found {', '.join(unknown)}")
    if not asked:
        raise click.UsageError(f"--what must name some of {', '.join(WHAT)}, found none")
    if files and place:
        raise click.UsageError("--place is for asking a service, and has no meaning with --file")


def _content(
    files: tuple[Path, ...],
    asked: list[str],
    box: Box | None,
    place: str,
    cache: Path | None,
    endpoint: str,
    admin_level: int,
    rings: str,
) -> Osm:
    from spatial.sources.osm import ask, cache_folder, query_of, read_osm

    if files:
        progress("reading")
        return read_osm(files)
    query = query_of(asked, box=box, place=place, admin_level=admin_level, rings=rings)
    progress(f"asking {endpoint}")
    return read_osm([ask(query, cache=cache or cache_folder(), endpoint=endpoint)])
