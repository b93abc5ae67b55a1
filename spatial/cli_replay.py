"""gradmap replay: a file made again from what it carries, and compared with what it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spatial.cli_style import stylist
from spatial.cli_tell import number, progress

if TYPE_CHECKING:
    from spatial.replay import Replay

__all__ = ["replay"]

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--study", type=_FILE, help="Study to make it from.  [default: looked for by name]")
def replay(file: Path, study: Path | None) -> None:
    """
    Make FILE again from the provenance it carries, and say whether it is the same.

    FILE is any that this program or its page wrote: .gpkg, .geojson, .csv, .parquet, .fgb,
    .shp.zip, .kml, .xlsx, .pmtiles, or a zip of these; or a map, sheet or brief as .html, .pdf,
    .png or .docx. Without --study the study is looked for by its name, beside the file and in
    this folder.

    \b
    Example:
      gradmap replay hot.gpkg --study beijing
    """  # noqa: D301
    from spatial import replay as again
    from spatial.study import open_study

    opened = None if study is None else open_study(study)
    found = again.replay(file, study=opened, progress=progress, stylist=stylist())
    for one in found:
        _tell(one)
    if unlike := sum(not one.identical for one in found):
        raise click.ClickException(
            f"{file}: {unlike} of {len(found)} files made again are different"
            if len(found) > 1
            else f"{file} made again is different"
        )


def _tell(found: Replay) -> None:
    rows = f"{number(found.rows)} rows of {' and '.join(found.layers)}"
    what = f"{found.file}: {found.page or rows}"
    if found.identical:
        alike = "in all it shows" if found.page else "in every value"
        how = "to the last byte" if found.same_bytes else alike
        click.echo(f"identical {how}: {what}")
    else:
        click.echo(f"different: {what}")
    for one in (*found.differences, *found.notes):
        click.echo(f"  {one}")
