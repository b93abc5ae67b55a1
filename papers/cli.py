"""
gradmap sheet and gradmap brief: printed pages, and the colours of whatever else is written.

The command line is the house's own, `spatial.cli`, which knows nothing of drawing. What needs both
a question and a drawing stands up here, beside a copy of its commands, so that imports still point
down; the `gradmap` that is installed begins here, and what those commands write wears the colours
of the map.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from papers.cli_map import map_page
from spatial.cli import main as house
from spatial.cli_ask import option
from spatial.cli_tell import progress
from spatial.cli_years import AGAINST

if TYPE_CHECKING:
    from spatial.formats import Style
    from spatial.question import Question
    from spatial.study import Study

__all__ = ["LANGS", "ORIENTATIONS", "PAPERS", "brief", "main", "sheet"]

# The words of sheet and words again, so that --help need not load them; a test compares.
PAPERS: Final = ("A4", "A3")
ORIENTATIONS: Final = ("portrait", "landscape")
LANGS: Final = ("zh", "en")
_SHEETS: Final = (".pdf", ".png")
_BRIEFS: Final = (".pdf", ".html", ".docx")
_AS_SHOWN: Final = 8  # what the page proposes
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--year", type=int, help="Year of observation.  [default: the latest]")
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
@option("lang", "zh", kind=click.Choice(LANGS), help="Language of the sheet.")
@option("paper", "A4", kind=click.Choice(PAPERS), help="Size of the sheet.")
@option("orientation", "portrait", kind=click.Choice(ORIENTATIONS), help="Upright or across.")
@option("dpi", 300, kind=click.IntRange(36, 1200), help="Dots an inch of a PNG.")
@option("title", "", kind=str, help="Instead of the sheet's own title.")
@click.option(
    "--bounds",
    type=float,
    nargs=4,
    metavar="S W N E",
    help="What must be seen, degrees.  [default: nine tenths of the graduates]",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .pdf or .png file.")
def sheet(study: Path, out: Path, **asked: Any) -> None:  # noqa: ANN401 - the options
    """
    Print one map with everything a report needs beside it.

    \b
    Example:
      gradmap sheet beijing --year 2025 --role work --lang zh --paper A4 --out map.pdf
    """  # noqa: D301
    _check_target(out, endings=_SHEETS)
    from papers.sheet import sheet as print_sheet

    options = ("lang", "paper", "orientation", "dpi", "title", "bounds")
    printing = {name: asked.pop(name) for name in options}
    opened, question = _open(study, asked)
    progress("comparing every cell with its neighbours")
    made = print_sheet(opened, question, out=out.name, **printing)
    progress(f"writing {out}")
    written = made.save(out)
    click.echo(f"{made.page.width:g} x {made.page.height:g} mm in {written}")
    if made.unnamed:
        click.echo(f"outlined without a name, for want of room: {', '.join(made.unnamed)}")


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--years",
    type=int,
    nargs=2,
    help="Two years.  [default: the first and the last]",
    metavar="A B",
)
@option("role", "residence", help="Where graduates are counted.")
@option("group", "all", kind=str, help="Who is counted: all, or one of the study's groups.")
@option("resolution", None, kind=int, help="H3 resolution.  [default: 8, or the study's]")
@option("k", 1, kind=int, help="Steps to the farthest neighbour.")
@option("alpha", 0.05, kind=float, help="False discovery rate of hot, cold and of changes.")
@option("top", 20, kind=int, help="Places to keep in each year.")
@option(
    "against",
    "before",
    kind=click.Choice(AGAINST),
    help="Expected: as many, the same share, or as base predicts.",
)
@option("lang", "zh", kind=click.Choice(LANGS), help="Language of the brief.")
@option("resamples", 400, kind=click.IntRange(100, 100_000), help="Draws behind the intervals.")
@option("seed", 1, kind=click.IntRange(0), help="Seed of those draws.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="A .pdf, .html or .docx file."
)
def brief(study: Path, out: Path, **asked: Any) -> None:  # noqa: ANN401 - the options
    """
    Print a few pages on two years: findings, maps, tables, method and sources.

    \b
    Example:
      gradmap brief beijing --years 2022 2025 --role residence --lang zh --out brief.pdf
    """  # noqa: D301
    _check_target(out, endings=_BRIEFS)
    from papers.brief import brief as print_brief
    from spatial.two_years import Comparison

    printing = {name: asked.pop(name) for name in ("lang", "resamples", "seed")}
    opened, (first, year) = _open_years(study, asked)
    asked["resolution"] = _shown_resolution(opened, asked["resolution"])
    comparison = Comparison.from_dict(asked | {"first": first, "second": year})
    progress("following every place through the years")
    made = print_brief(opened, first, year, comparison=comparison, out=out.name, **printing)
    progress(f"writing {out}")
    written = made.save(out)
    ending = written.suffix.lower()
    what = "one document" if ending == ".docx" else "one page"
    click.echo(f"{f'{len(made.pages)} pages' if ending == '.pdf' else what} in {written}")


def _open_years(study: Path, asked: dict[str, Any]) -> tuple[Study, tuple[int, int]]:
    """The study and the two years, the first and the last where none are asked for."""
    from spatial.question import QuestionError
    from spatial.study import open_study

    opened = open_study(study)
    counted, years = opened.years_of(asked["role"]), asked.pop("years")
    if not years and len(counted) < 2:
        raise QuestionError(
            f"a brief needs two years, and {opened.info.name} counts {asked['role']} in"
            f" {', '.join(map(str, counted)) or 'none'}"
        )
    first, year = years or (counted[0], counted[-1])
    return opened, (first, year)


def _shown_resolution(study: Study, asked: int | None) -> int:
    return min(_AS_SHOWN, study.info.resolution) if asked is None else asked


def _open(study: Path, asked: dict[str, Any]) -> tuple[Study, Question]:
    from spatial.question import Question, QuestionError
    from spatial.study import open_study

    opened = open_study(study)
    if asked["year"] is None:
        years = opened.years_of(asked["role"])
        if not years:
            raise QuestionError(f"{opened.info.name} counts no {asked['role']} in any year")
        asked = asked | {"year": years[-1]}
    shown = _shown_resolution(opened, asked["resolution"])
    return opened, Question.from_dict(asked | {"resolution": shown})


def _check_target(out: Path, *, endings: tuple[str, ...]) -> None:
    """Refuse a file that cannot be written before any work is done."""
    if out.suffix.lower() not in endings:
        raise click.ClickException(
            f"a file to write must end in {' or '.join(endings)}, found {out.name}"
        )
    if not out.parent.is_dir():
        raise click.ClickException(f"{out} cannot be written: there is no folder {out.parent}")


def _styled(study: Study, kind: str, table: Any, asked: Mapping[str, Any]) -> Style | None:  # noqa: ANN401
    """The style of a table, in the language that the terminal speaks."""
    from papers.styles import style_of

    return style_of(study, kind, table, asked, lang=_tongue())


def _tongue() -> Literal["zh", "en"]:
    """Chinese where the terminal is, else English, as the command line itself."""
    told = next((os.environ[one] for one in _LOCALE if os.environ.get(one)), "")
    return "zh" if told.lower().startswith("zh") else "en"


main = copy(house)
main.context_settings = {**house.context_settings, "obj": _styled}
main.commands = {**house.commands, "sheet": sheet, "brief": brief, "map": map_page}

if __name__ == "__main__":
    main()
