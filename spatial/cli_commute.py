"""gradmap commute: a study and a year in, every indicator of the commute out."""

from __future__ import annotations

from dataclasses import fields
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spatial.cli_style import stylist
from spatial.cli_tell import FILES, number, progress, table

if TYPE_CHECKING:
    from spatial.areas import Area
    from spatial.commute_report import CommuteReport
    from spatial.study import Study

__all__ = ["commute"]

_FILE = click.Path(path_type=Path)
_OF_FLOWS: Final = ("lines",)
_OF_INDICATORS: Final = ("sphere", "bands_km", "bands_miles", "mean_km", "layout", "draws", "seed")


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
@click.option(
    "--area", "name", default="", help="District or place, by id or name; or @lat,lon;lat,lon;..."
)
@click.option("--polygon", type=_FILE, help="File with the outline of an area.")
@click.option(
    "--side",
    type=click.Choice(("residence", "work")),
    default="residence",
    show_default=True,
    help="People who live in the area, or who work there.",
)
@click.option(
    "--resolution",
    type=click.IntRange(0, 15),
    help="Of places and cells.  [default: 8, or the study's own where that is coarser]",
)
@click.option(
    "--top",
    type=click.IntRange(1, 1_000),
    default=20,
    show_default=True,
    help="Places found, the most prominent of each role.",
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
@click.option(
    "--lines",
    type=click.IntRange(1, 100_000),
    default=150,
    show_default=True,
    help="Most flow lines, in a file of flows.",
)
@click.option(
    "--out",
    type=_FILE,
    help=f"Indicators: .json. Flow lines, matrix and bus lines: {FILES[0].lower()}{FILES[1:]}",
)
def commute(
    study: Path,
    year: int | None,
    name: str,
    polygon: Path | None,
    out: Path | None,
    **asked: Any,  # noqa: ANN401 - the options
) -> None:
    """
    Tell how far homes and jobs lie apart, who crosses, and what the layout forces.

    Prints a table. With --out FILE.json it writes every indicator under its English name, with
    value, low, high, unit, definition and source, and where it comes from. With a file of
    another ending it writes flow lines, the matrix from place to place, bus lines, the catchment
    by cell, who comes and goes (partners), distances and directions.

    \b
    Example:
      gradmap commute beijing --year 2025 --area Haidian --bands-km 5,10,20 --out haidian.json
      gradmap commute beijing --area Haidian --side work --out haidian.gpkg
    """  # noqa: D301
    from spatial.commute_file import check_json_target
    from spatial.commute_places import place_resolution
    from spatial.export import ending_of
    from spatial.study import open_study

    if name and polygon is not None:
        raise click.ClickException("an area is named or drawn, found --area and --polygon")
    if asked["bands_km"] and asked["bands_miles"]:
        raise click.ClickException("bands are in km or in miles, found both")
    flows = out is not None and bool(ending_of(out))
    if out is not None:
        _check_options(out, _OF_INDICATORS if flows else _OF_FLOWS)
    if out is not None and not flows:
        check_json_target(out)
    opened = open_study(study)
    year = _latest(opened) if year is None else year
    asked["resolution"] = place_resolution(opened, asked["resolution"])
    progress("finding the area")
    area = _area(opened, name, polygon, year=year, asked=asked)
    asked["outline"] = polygon.name if polygon is not None else ""
    if out is not None and flows:
        _write_flows(opened, year, area, asked, out)
    else:
        _tell(opened, year, area, asked, out)


def _check_options(out: Path, foreign: tuple[str, ...]) -> None:
    """Refuse an option that the file has no use for, rather than pass it over."""
    context = click.get_current_context()
    given = click.core.ParameterSource.COMMANDLINE
    for name in foreign:
        if context.get_parameter_source(name) is given:
            option = name.replace("_", "-")
            raise click.ClickException(
                f"--{option} is of the {'flows' if name == 'lines' else 'indicators'}, and"
                f" {out.name} holds none"
            )


def _tell(study: Study, year: int, area: Area, asked: dict[str, Any], out: Path | None) -> None:
    """List every indicator, and write them."""
    from spatial.commute_file import commute_json, write_json
    from spatial.commute_question import ReportQuestion
    from spatial.commute_report import commute_report

    how = ReportQuestion(**{one.name: asked[one.name] for one in fields(ReportQuestion)})
    progress("measuring every commute")
    report = commute_report(
        study,
        year,
        area=area,
        side=asked["side"],
        bands_km=how.bands_km,
        bands_miles=how.bands_miles,
        sphere=how.sphere,
        transport=how.layout,
        mean_km=how.mean_km,
        draws=how.draws,
        seed=how.seed,
    )
    _list(study, report)
    if out is not None:
        write_json(commute_json(study, report, how, out=out.name), out)
        click.echo(f"{len(report.indicators)} indicators in {out}")


def _write_flows(study: Study, year: int, area: Area, asked: dict[str, Any], out: Path) -> None:
    """Write what can be drawn of the flows."""
    from spatial.commute_question import FlowQuestion
    from spatial.commute_tables import flow_tables
    from spatial.export import check_target
    from spatial.export_commute import export_flows

    check_target(out)
    names = ("side", "resolution", "top", "lines", "outline")
    question = FlowQuestion(area=area, **{one: asked[one] for one in names})
    progress("gathering the flows")
    tables = flow_tables(study, year, question)
    written = export_flows(study, year, tables.by_kind(), out, asked=question, stylist=stylist())
    lines = tables.lines
    matrix, buses = len(tables.matrix), len(tables.corridors)
    click.echo(
        f"{len(lines.table)} lines, {matrix} pairs of places and {buses} bus lines in"
        f" {', '.join(str(one) for one in written)}"
    )
    if lines.total:
        click.echo(f"the lines hold {lines.share:.1%} of {number(round(lines.total))} people")


def _latest(study: Study) -> int:
    from spatial.pairs import flow_years
    from spatial.question import QuestionError

    years = flow_years(study) or study.years
    if not years:
        raise QuestionError(f"{study.info.name} has flows and counts of no year")
    return years[-1]


def _area(
    study: Study, name: str, polygon: Path | None, *, year: int, asked: dict[str, Any]
) -> Area:
    from spatial.areas import shape_area
    from spatial.commute_places import named_area

    if polygon is None:
        found = {one: asked[one] for one in ("side", "resolution", "top")}
        return named_area(study, name, year=year, **found)
    from spatial.ingest.shapes import read_shapes

    return shape_area(read_shapes(polygon).union_all(), name=polygon.stem)


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
