"""
gradmap sheet: a printed page, from the command line.

The command line is the house's own, `spatial.cli`, which knows nothing of drawing. What needs both
a question and a drawing stands up here and is added to it, so that imports still point down; the
`gradmap` that is installed begins here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spatial.cli import main
from spatial.cli_ask import option
from spatial.cli_tell import progress

if TYPE_CHECKING:
    from spatial.question import Question
    from spatial.study import Study

__all__ = ["LANGS", "ORIENTATIONS", "PAPERS", "main", "sheet"]

# The words of sheet and words again, so that --help need not load them; a test compares.
PAPERS: Final = ("A4", "A3")
ORIENTATIONS: Final = ("portrait", "landscape")
LANGS: Final = ("zh", "en")
_SHEETS: Final = (".pdf", ".png")
_AS_SHOWN: Final = 8  # what the page proposes


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

    printing = {name: asked.pop(name) for name in ("lang", "paper", "orientation", "dpi", "title")}
    opened, question = _open(study, asked)
    progress("comparing every cell with its neighbours")
    made = print_sheet(opened, question, out=out.name, **printing)
    progress(f"writing {out}")
    written = made.save(out)
    click.echo(f"{made.page.width:g} x {made.page.height:g} mm in {written}")
    if made.unnamed:
        click.echo(f"outlined without a name, for want of room: {', '.join(made.unnamed)}")


def _open(study: Path, asked: dict[str, Any]) -> tuple[Study, Question]:
    from spatial.question import Question, QuestionError
    from spatial.study import open_study

    opened = open_study(study)
    if asked["year"] is None:
        years = opened.years_of(asked["role"])
        if not years:
            raise QuestionError(f"{opened.info.name} counts no {asked['role']} in any year")
        asked = asked | {"year": years[-1]}
    if asked["resolution"] is None:
        asked = asked | {"resolution": min(_AS_SHOWN, opened.info.resolution)}
    return opened, Question.from_dict(asked)


def _check_target(out: Path, *, endings: tuple[str, ...]) -> None:
    """Refuse a file that cannot be written before any work is done."""
    if out.suffix.lower() not in endings:
        raise click.ClickException(
            f"a file to write must end in {' or '.join(endings)}, found {out.name}"
        )
    if not out.parent.is_dir():
        raise click.ClickException(f"{out} cannot be written: there is no folder {out.parent}")


main.add_command(sheet)

if __name__ == "__main__":
    main()
