"""gradmap hotspots and gradmap places: a study and a question in, a file or a short table out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from spatial.cli_style import stylist
from spatial.cli_tell import FILES, number, progress, table

if TYPE_CHECKING:
    import pandas as pd

    from spatial.places import Places
    from spatial.question import Question
    from spatial.study import Study

__all__ = ["CHOICES", "asking", "hotspots", "option", "places"]

# The words of schema and question again, so that --help need not load pandas; a test holds them
# against each other.
CHOICES: Final = {
    "role": ("residence", "work"),
    "measure": ("count", "density", "share", "surplus"),
    "statistic": ("gi", "moran"),
    "chance": ("analytic", "permutation"),
}
_Command = TypeVar("_Command", bound=Callable[..., Any])


def option(
    name: str,
    default: object,
    *,
    kind: Any = None,  # noqa: ANN401 - whatever click takes for a type
    help: str,  # noqa: A002 - click's own word
) -> Callable[[_Command], _Command]:
    """An option with its choices and default as its help shows them."""
    choices = CHOICES.get(name)
    return click.option(
        f"--{name}",
        type=click.Choice(choices) if choices else kind,
        default=default,
        show_default=default is not None,
        help=help,
    )


_OPTIONS: Final = (
    click.option("--year", type=int, help="Year of observation.  [default: the latest]"),
    option("role", "work", help="Where graduates are counted."),
    option("group", "all", kind=str, help="Who is counted: all, or one of the study's groups."),
    option("measure", "count", help="What is compared."),
    option("statistic", "gi", help="Gi* or local Moran."),
    option("chance", "analytic", help="Where p comes from."),
    option("permutations", 99_999, kind=int, help="Draws of permutation chance."),
    option("seed", 1, kind=int, help="Seed of those draws."),
    option("resolution", None, kind=int, help="Roll up to this H3 resolution."),
    option("k", 1, kind=int, help="Steps to the farthest neighbour."),
    option("alpha", 0.05, kind=float, help="False discovery rate of hot and cold."),
)


def asking(command: _Command) -> _Command:
    """The options that make up a question, in the order --help lists them."""
    for one in reversed(_OPTIONS):
        command = one(command)
    return command


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@asking
@click.option("--out", type=click.Path(path_type=Path), help=FILES)
def hotspots(study: Path, out: Path | None, **asked: Any) -> None:  # noqa: ANN401 - the options
    """
    Find the cells that stand out, and write them all to a file or sum them up.

    \b
    Example:
      gradmap hotspots beijing --year 2025 --role work --measure count --k 1 --alpha 0.05 --out hot.gpkg
    """  # noqa: D301, E501
    opened, question = _open(study, out, asked)
    from spatial.analysis import hotspot_table

    progress("comparing every cell with its neighbours")
    found = hotspot_table(opened, question)
    if out is None:
        _sum_up(found, question)
    else:
        _write(found, out, opened, question, kind="cells")


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@asking
@click.option("--top", type=int, default=20, show_default=True, help="Places to keep.")
@click.option("--out", type=click.Path(path_type=Path), help=FILES)
def places(study: Path, out: Path | None, **asked: Any) -> None:  # noqa: ANN401 - the options
    """
    Find the most prominent places, and write them to a file or list them.

    \b
    Example:
      gradmap places beijing --year 2025 --role work --top 20 --out places.gpkg
    """  # noqa: D301
    opened, question = _open(study, out, asked)
    from spatial.analysis import hotspot_table, neighbours_of, place_table

    progress("comparing every cell with its neighbours")
    around = neighbours_of(opened, question)
    found = hotspot_table(opened, question, neighbours=around)
    named = place_table(opened, question, found, neighbours=around)
    if out is None:
        _list(named, question)
    else:
        _write(named.table, out, opened, question, kind="places")


def _open(study: Path, out: Path | None, asked: dict[str, Any]) -> tuple[Study, Question]:
    """The study and the question, and a first look at where the answer goes."""
    from spatial.export import check_target
    from spatial.question import Question, QuestionError
    from spatial.study import open_study

    if out is not None:
        check_target(out)
    opened = open_study(study)
    if asked["year"] is None:
        years = opened.years_of(asked["role"])
        if not years:
            raise QuestionError(f"{opened.info.name} counts no {asked['role']} in any year")
        asked = asked | {"year": years[-1]}
    return opened, Question.from_dict(asked)


def _write(found: Any, out: Path, study: Study, question: Question, *, kind: Any) -> None:  # noqa: ANN401
    from spatial.export import export
    from spatial.provenance import provenance

    progress(f"writing {out}")
    told = provenance(study, question, kind=kind, out=out.name)
    draws = stylist()
    style = draws(study, kind, found, told) if draws else None
    written = export(found, out, provenance=told, kind=kind, style=style)
    click.echo(f"{number(len(found))} {kind} in {written[0]}")
    for further in written[1:]:
        click.echo(f"their provenance in {further}")


def _sum_up(found: pd.DataFrame, question: Question) -> None:
    from spatial.analysis import expected_by_chance

    total = found["graduates"].sum()
    rows = []
    for word in ("hot", "cold", "none"):
        here = found.loc[found["hotspot"] == word, "graduates"]
        share = f"{here.sum() / total:.1%}" if total else "0.0%"
        rows.append((word, f"{len(here):,}", f"{here.sum():,.0f}", share))
    click.echo(f"{question.role} {question.year}, {question.measure}, k {question.k}")
    table(("hotspot", "cells", "graduates", "share"), rows)
    expected, marked = expected_by_chance(found, alpha=question.alpha)
    click.echo(f"at most {number(round(expected, 1))} of {number(marked)} expected by chance")


def _list(found: Places, question: Question) -> None:
    rows = [
        (
            str(row["rank"]),
            row["name"],
            row["name_en"],
            row["class"],
            f"{row['graduates']:,.0f}",
            f"{row['share']:.1%}",
        )
        for _, row in found.table.iterrows()
    ]
    click.echo(f"{question.role} {question.year}: {len(rows)} place{'s' * (len(rows) != 1)}")
    table(("", "name", "name_en", "class", "graduates", "share"), rows)
