"""gradmap robustness: how often each place is found again when asked a little otherwise."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from spatial.cli_ask import asking
from spatial.cli_tell import progress, table

if TYPE_CHECKING:
    from spatial.robustness import Robustness

__all__ = ["SHIFT_WORDS", "robustness"]

# The words of `variants` again, for the sake of a quick --help; a test compares them.
SHIFT_WORDS: Final = ("own", "every", "none")
_FILE = click.Path(path_type=Path)
_Number = TypeVar("_Number", int, float)


def _listed(kind: Callable[[str], _Number]) -> Callable[..., list[_Number] | None]:
    """Reads "7,8,9"."""

    def read(_: click.Context, option: click.Parameter, text: str | None) -> list[_Number] | None:
        if text is None:
            return None
        try:
            return [kind(one) for one in text.split(",")]
        except ValueError:
            raise click.BadParameter(
                f"--{option.name} takes numbers with commas between, found {text!r}"
            ) from None

    return read


@click.command()
@click.argument("study", type=_FILE)
@asking
@click.option("--top", type=int, default=20, show_default=True, help="Places to keep.")
@click.option(
    "--resolutions",
    callback=_listed(int),
    help="H3 resolutions to ask, as 7,8,9.  [default: one coarser, one finer]",
)
@click.option("--ks", callback=_listed(int), help="Steps to ask, as 1,2.  [default: one more]")
@click.option("--alphas", callback=_listed(float), help="Rates to ask.  [default: 0.01,0.05,0.1]")
@click.option(
    "--shift",
    type=click.Choice(SHIFT_WORDS),
    default="own",
    show_default=True,
    help="Shift the grid at the question's own resolution, at every one, or not.",
)
@click.option("--out", type=_FILE, help="A .csv or .json file; listed where none is named.")
def robustness(study: Path, out: Path | None, **asked: Any) -> None:  # noqa: ANN401 - the options
    """
    Tell how often each place is found again on other cells and with other settings.

    Every combination of resolution, neighbourhood, false discovery rate and a grid shifted in
    six directions is asked, and each place looked for in it. The grid can be shifted at
    resolutions coarser than the study's own.

    \b
    Example:
      gradmap robustness beijing --year 2025 --role work --resolution 8 --out sure.csv
    """  # noqa: D301
    from spatial import api
    from spatial.robustness_file import check_robustness_target, write_robustness
    from spatial.study import open_study

    if out is not None:
        check_robustness_target(out)
    opened = open_study(study)
    progress("finding the places")
    found = api.robustness(opened, tell=_tell, **asked)
    if out is None:
        _list(found)
        return
    written = write_robustness(opened, found, out, shift=asked["shift"])
    click.echo(f"{len(found.table)} places in {written[0]}")
    for further in written[1:]:
        click.echo(f"their provenance in {further}")


def _tell(done: int, of: int) -> None:
    """One line that counts up, for a person at a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\rvariant {done} of {of}", nl=done == of, err=True)


def _list(found: Robustness) -> None:
    rows: Any = found.table.itertuples()
    many = len(found.variants)
    click.echo(f"{found.question.role} {found.question.year}: places under {many} variants")
    for name, values in found.varied.items():
        click.echo(f"  {name}: {_values(name, values)}")
    table(
        ("name", "name_en", "graduates", "found", "sureness"),
        [
            (one.name, one.name_en, f"{one.graduates:,.0f}", f"{one.found}/{many}", one.sureness)
            for one in rows
        ],
    )


def _values(name: str, values: list[Any]) -> str:
    if name == "offset":
        shifts = len(values) - 1
        return f"the grid shifted in {shifts} directions" if shifts else "the grid not shifted"
    return json.dumps(values)[1:-1]
