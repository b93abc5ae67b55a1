"""gradmap profile: a study and an area in, one page of indicators out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spatial.cli_tell import progress

if TYPE_CHECKING:
    from spatial.profile_page import Lang
    from spatial.study import Study

__all__ = ["profile"]

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("study", type=_FILE)
@click.option(
    "--area", "name", default="", help="District or place, by id or name; or @lat,lon;lat,lon;..."
)
@click.option("--year", type=int, help="Year of observation.  [default: the latest]")
@click.option(
    "--resolution",
    type=click.IntRange(0, 15),
    help="Where places are found.  [default: 8, or the study's own where that is coarser]",
)
@click.option(
    "--draws",
    type=click.IntRange(0, 100_000),
    default=200,
    show_default=True,
    help="Times neighbourhoods are drawn anew, of flows; 0: no intervals.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of those draws."
)
@click.option(
    "--lang",
    type=click.Choice(("en", "zh")),
    default="en",
    show_default=True,
    help="Language of the page; JSON and CSV hold both.",
)
@click.option("--out", type=_FILE, help="A .json, .md or .csv file; printed where none is named.")
def profile(
    study: Path,
    name: str,
    year: int | None,
    resolution: int | None,
    draws: int,
    seed: int,
    lang: Lang,
    out: Path | None,
) -> None:
    """
    Tell what is known of a district, a place or the whole study, on one page.

    Graduates by year, share and density, location quotients, jobs per home, commutes, rail,
    rent, kinds of the places inside and top partners. What the study lacks is listed.

    \b
    Example:
      gradmap profile beijing --area Haidian --out haidian.md
    """  # noqa: D301
    from spatial.commute_places import named_area
    from spatial.profile import profile as profile_of
    from spatial.profile_file import check_profile_target, profile_provenance, write_profile
    from spatial.profile_page import profile_page
    from spatial.study import open_study

    if out is not None:
        check_profile_target(out)
    opened = open_study(study)
    year = _latest(opened) if year is None else year
    progress("finding the area")
    area = named_area(opened, name, year=year, side="residence", resolution=resolution)
    progress("gathering the indicators")
    found = profile_of(opened, area, year=year, resolution=resolution, draws=draws, seed=seed)
    if out is None:
        told = profile_provenance(opened, found, lang=lang)
        click.echo(profile_page(opened, found, told, lang=lang), nl=False)
        return
    written = write_profile(opened, found, out, lang=lang)
    click.echo(f"{len(found.table)} rows in {', '.join(str(one) for one in written)}")


def _latest(study: Study) -> int:
    from spatial.pairs import flow_years
    from spatial.question import QuestionError

    years = study.years or flow_years(study)
    if not years:
        raise QuestionError(f"{study.info.name} has counts and flows of no year")
    return years[-1]
