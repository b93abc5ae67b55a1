"""gradmap commute: a study and a year in, every indicator of the commute out."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spatial.cli_tell import number, progress, table

if TYPE_CHECKING:
    from spatial.areas import Area
    from spatial.commute_report import CommuteReport
    from spatial.schema import Role
    from spatial.study import Study

__all__ = ["commute"]

_FILE = click.Path(path_type=Path)


class _Edges(click.ParamType[Any]):
    """Ascending distances, parted by commas."""

    name = "A,B,C"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - text, or a default
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[float, ...]:
        """The numbers of a text."""
        if not isinstance(value, str):
            return tuple(value)
        try:
            return tuple(float(one) for one in value.split(","))
        except ValueError:
            self.fail(f"edges must be numbers parted by commas, found {value!r}", param, ctx)


@click.command()
@click.argument("study", type=_FILE)
@click.option("--year", type=int, help="Year of the flows.  [default: the latest]")
@click.option("--area", "name", default="", help="District or place, by id or name.")
@click.option(
    "--resolution",
    type=click.IntRange(0, 15),
    help="Where places are found.  [default: 8, or the study's own where that is coarser]",
)
@click.option("--polygon", type=_FILE, help="File with the outline of an area.")
@click.option(
    "--side",
    type=click.Choice(("residence", "work")),
    default="residence",
    show_default=True,
    help="People who live in the area, or who work there.",
)
@click.option("--sphere", is_flag=True, help="Measure on the mean sphere, not the ellipsoid.")
@click.option("--bands-km", type=_Edges(), default=(), help="Edges of distance bands.")
@click.option("--bands-miles", type=_Edges(), default=(), help="The same in miles.")
@click.option(
    "--mean-km", type=float, help="Mean distance of modelled flows, in a year without flows."
)
@click.option(
    "--layout/--no-layout",
    default=True,
    help="Solve for separation and maximum, the one slow part.",
)
@click.option(
    "--draws",
    type=click.IntRange(0, 100_000),
    default=200,
    show_default=True,
    help="Times neighbourhoods are drawn anew; 0: no intervals.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of those draws."
)
@click.option("--out", type=_FILE, help="A .json file.")
def commute(
    study: Path,
    year: int | None,
    name: str,
    resolution: int | None,
    polygon: Path | None,
    out: Path | None,
    **asked: Any,  # noqa: ANN401 - the options
) -> None:
    """
    Tell how far homes and jobs lie apart, who crosses, and what the layout forces.

    Prints a table. With --out it writes every indicator under its English name, with value, low,
    high, unit, definition and source, and where it comes from.

    \b
    Example:
      gradmap commute beijing --year 2025 --area Haidian --bands-km 5,10,20 --out haidian.json
    """  # noqa: D301
    from spatial.commute_file import check_json_target, commute_json, write_json
    from spatial.commute_places import place_resolution
    from spatial.commute_report import commute_report
    from spatial.study import open_study

    if name and polygon is not None:
        raise click.ClickException("an area is named or drawn, found --area and --polygon")
    if asked["bands_km"] and asked["bands_miles"]:
        raise click.ClickException("bands are in km or in miles, found both")
    if out is not None:
        check_json_target(out)
    opened = open_study(study)
    year = _latest(opened) if year is None else year
    progress("finding the area")
    resolution = place_resolution(opened, resolution)
    area = _area(opened, name, polygon, year=year, side=asked["side"], resolution=resolution)
    layout = asked.pop("layout")
    progress("measuring every commute")
    report = commute_report(opened, year, area=area, transport=layout, **asked)
    _list(opened, report)
    if out is not None:
        asked |= {"layout": layout, "resolution": resolution}
        words = _options(year, name, polygon, asked, out)
        told = {one: value for one, value in asked.items() if one != "side"}
        found = commute_json(opened, report, asked=told, options=words)
        write_json(found, out)
        click.echo(f"{len(report.indicators)} indicators in {out}")


def _latest(study: Study) -> int:
    from spatial.pairs import flow_years
    from spatial.question import QuestionError

    years = flow_years(study) or study.years
    if not years:
        raise QuestionError(f"{study.info.name} has flows and counts of no year")
    return years[-1]


def _area(
    study: Study, name: str, polygon: Path | None, *, year: int, side: Role, resolution: int
) -> Area:
    from spatial.areas import shape_area
    from spatial.commute_places import named_area

    if polygon is None:
        return named_area(study, name, year=year, side=side, resolution=resolution)
    from spatial.ingest.shapes import read_shapes

    return shape_area(read_shapes(polygon).union_all(), name=polygon.stem)


def _options(
    year: int, name: str, polygon: Path | None, asked: dict[str, Any], out: Path
) -> list[object]:
    """The options that ask the same again."""
    words: list[object] = ["--year", year, "--side", asked["side"]]
    if name:
        words += ["--area", name, "--resolution", asked["resolution"]]
    if polygon is not None:
        words += ["--polygon", polygon.name]
    if asked["sphere"]:
        words.append("--sphere")
    for unit in ("km", "miles"):
        if edges := asked[f"bands_{unit}"]:
            words += [f"--bands-{unit}", ",".join(f"{edge:g}" for edge in edges)]
    if asked["mean_km"] is not None:
        words += ["--mean-km", asked["mean_km"]]
    if not asked["layout"]:
        words.append("--no-layout")
    return [*words, "--draws", asked["draws"], "--seed", asked["seed"], "--out", out.name]


def _list(study: Study, report: CommuteReport) -> None:
    kind = "synthetic" if study.info.synthetic else "not synthetic"
    where = report.area.name_en or report.area.name or "a drawn area"
    who = "people who live there" if report.side == "residence" else "people who work there"
    click.echo(f"{where}, {report.year}: {who} ({study.info.name}, {kind})")
    rows = []
    for name, one in report.indicators.iterrows():
        if not isnan(one["value"]):
            low, high = (_figure(one[side], one["unit"]) for side in ("low", "high"))
            between = f"{low} to {high}" if low else ""
            how = "modelled" if one["modelled"] else ""
            rows.append((str(name), _figure(one["value"], one["unit"]), one["unit"], between, how))
    table(("indicator", "value", "unit", "low to high", ""), rows)
    for note in report.notes:
        click.echo(note)


def _figure(value: float, unit: str) -> str:
    if isnan(value):
        return ""
    return number(round(value, 0 if unit == "people" else 3 if unit in ("km", "min") else 4))
