"""gradmap map: a year, or two side by side, as one page that opens with no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from spatial.cli_ask import option
from spatial.cli_tell import progress
from spatial.cli_years import AGAINST

if TYPE_CHECKING:
    from layers.page import MapPage

__all__ = ["map_page"]

_LANGS: Final = ("zh", "en")
_ENDING: Final = (".html", ".htm")
_AS_SHOWN: Final = 8  # what the page proposes


_VIEWS: Final = ("side", "swipe", "difference")
_HIDDEN: Final = "campuses"
_HIDE_HELP: Final = "Layers off at first, of cells, places, rail, ...; or none."
_OF_A_YEAR: Final = ("year", "measure", "statistic", "chance", "permutations", "seed")
_OF_TWO: Final = ("against", "view")


@click.command("map")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--year", type=int, help="Year shown first.  [default: the latest]")
@click.option("--years", type=int, nargs=2, metavar="A B", help="Two years, side by side.")
@option("role", "work", help="Where graduates are counted.")
@option("group", "all", kind=str, help="Who is counted: all, or one of the study's groups.")
@option("measure", "count", help="What is mapped, of one year.")
@option("statistic", "gi", help="Gi* or local Moran, of one year.")
@option("chance", "analytic", help="Where p comes from, of one year.")
@option("permutations", 99_999, kind=int, help="Draws of permutation chance.")
@option("seed", 1, kind=int, help="Seed of those draws.")
@option("resolution", None, kind=int, help="H3 resolution.  [default: 8, or the study's]")
@option("k", 1, kind=int, help="Steps to the farthest neighbour.")
@option("alpha", 0.05, kind=float, help="False discovery rate of hot, cold and of changes.")
@option("top", 20, kind=int, help="Places to keep.")
@option("against", "before", kind=click.Choice(AGAINST), help="Of two years: what is expected.")
@option("view", "side", kind=click.Choice(_VIEWS), help="Of two years: what is shown first.")
@option("lang", "zh", kind=click.Choice(_LANGS), help="Language of the page.")
@click.option("--hide", default=_HIDDEN, show_default=True, metavar="A,B", help=_HIDE_HELP)
@option("title", "", kind=str, help="Instead of the page's own title.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .html file.")
def map_page(study: Path, out: Path, **asked: Any) -> None:  # noqa: ANN401 - the options
    """
    Write the map as one page that opens with no network: places, layers, legend and method.

    One year, with a switch to every other; or with --years two of them side by side, to swipe, or
    their difference, and what became of every place.

    \b
    Examples:
      gradmap map beijing --year 2025 --role work --lang en --out map.html
      gradmap map beijing --years 2022 2025 --role residence --out change.html
    """  # noqa: D301
    if out.suffix.lower() not in _ENDING:
        raise click.ClickException(f"a file to write must end in .html, found {out.name}")
    if not out.parent.is_dir():
        raise click.ClickException(f"{out} cannot be written: there is no folder {out.parent}")
    years = asked.pop("years")
    _check_one_or_two(two=bool(years))
    idle = _OF_A_YEAR if years else _OF_TWO
    given = {name: value for name, value in asked.items() if name not in idle}
    page = _years(study, years, out.name, given) if years else _year(study, out.name, given)
    progress(f"writing {out}")
    written = page.save(out)
    click.echo(f"{page.told} in {written}, {written.stat().st_size / 1e6:.1f} MB")


def _check_one_or_two(*, two: bool) -> None:
    """Refuse what has no meaning for the page asked for, rather than pass it over."""
    context = click.get_current_context()
    said = [
        f"--{one}"
        for one in (_OF_A_YEAR if two else _OF_TWO)
        if context.get_parameter_source(one) is ParameterSource.COMMANDLINE
    ]
    if said:
        fault = "asks of one year, found --years" if two else "asks of two years, found no --years"
        raise click.UsageError(f"{', '.join(said)} {fault}")


def _year(study: Path, out: str, asked: dict[str, Any]) -> MapPage:
    from papers.html_map import study_map
    from spatial.study import open_study

    given = {name: value for name, value in asked.items() if value is not None}
    given["hide"] = _hidden(given["hide"])
    opened = open_study(study)
    progress("comparing every cell with its neighbours, year by year")
    return study_map(opened, out=out, **given)


def _years(study: Path, years: tuple[int, int], out: str, asked: dict[str, Any]) -> MapPage:
    from papers.html_years import change_page
    from spatial.study import open_study

    shown = {name: asked.pop(name) for name in ("lang", "title", "view")}
    shown["hide"] = _hidden(asked.pop("hide"))
    opened = open_study(study)
    if asked["resolution"] is None:
        asked["resolution"] = min(_AS_SHOWN, opened.info.resolution)
    progress("following every place through the years")
    return change_page(opened.compare(*years, **asked), out=out, **shown)


def _hidden(text: str) -> tuple[str, ...]:
    from papers.hidden import read_hidden

    return read_hidden(text)
