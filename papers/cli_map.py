"""gradmap map: the map as one page that opens with no network, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from spatial.cli_ask import option
from spatial.cli_tell import progress

__all__ = ["map_page"]

_LANGS: Final = ("zh", "en")
_ENDING: Final = (".html", ".htm")


@click.command("map")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--year", type=int, help="Year shown first.  [default: the latest]")
@option("role", "work", help="Where graduates are counted.")
@option("group", "all", kind=str, help="Who is counted: all, or one of the study's groups.")
@option("measure", "count", help="What is mapped.")
@option("statistic", "gi", help="Gi* or local Moran.")
@option("chance", "analytic", help="Where p comes from.")
@option("permutations", 99_999, kind=int, help="Draws of permutation chance.")
@option("seed", 1, kind=int, help="Seed of those draws.")
@option("resolution", None, kind=int, help="H3 resolution.  [default: 8, or the study's]")
@option("k", 1, kind=int, help="Steps to the farthest neighbour.")
@option("alpha", 0.05, kind=float, help="False discovery rate of hot and cold.")
@option("top", 20, kind=int, help="Places to keep.")
@option("lang", "zh", kind=click.Choice(_LANGS), help="Language of the page.")
@option("title", "", kind=str, help="Instead of the page's own title.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .html file.")
def map_page(study: Path, out: Path, **asked: Any) -> None:  # noqa: ANN401 - the options
    """
    Write the map as one page: every year, places, layers, legend and method, with no network.

    \b
    Example:
      gradmap map beijing --year 2025 --role work --lang en --out map.html
    """  # noqa: D301
    if out.suffix.lower() not in _ENDING:
        raise click.ClickException(f"a file to write must end in .html, found {out.name}")
    if not out.parent.is_dir():
        raise click.ClickException(f"{out} cannot be written: there is no folder {out.parent}")
    from papers.html_map import study_map
    from spatial.study import open_study

    told = {name: asked.pop(name) for name in ("lang", "title")}
    given = {name: value for name, value in asked.items() if value is not None}
    opened = open_study(study)
    progress("comparing every cell with its neighbours, year by year")
    page = study_map(opened, out=out.name, **told, **given)
    progress(f"writing {out}")
    written = page.save(out)
    click.echo(f"{page.told} in {written}, {written.stat().st_size / 1e6:.1f} MB")
