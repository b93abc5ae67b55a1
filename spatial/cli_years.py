"""gradmap compare and gradmap drift: years side by side, told as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spatial.cli_ask import option
from spatial.cli_style import stylist
from spatial.cli_tell import FILES, TABLES, progress

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from spatial.agreement import Null
    from spatial.comparison import Comparison
    from spatial.lineage import Lineages
    from spatial.schema import Role
    from spatial.study import Study

__all__ = ["AGAINST", "NULLS", "compare", "drift"]

# The words of change and agreement again, for the sake of a quick --help; a test compares them.
AGAINST: Final = ("before", "total", "base")
NULLS: Final = ("moved", "shuffled")


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
@option("resolution", None, kind=int, help="Roll up to this H3 resolution.")
@option("k", 1, kind=int, help="Steps to the farthest neighbour.")
@option("alpha", 0.05, kind=float, help="False discovery rate of hot, cold and of changes.")
@option("top", 20, kind=int, help="Places to keep in each year.")
@option(
    "against",
    "before",
    kind=click.Choice(AGAINST),
    help="Expected: as many, the same share, or as base predicts.",
)
@option("permutations", 199, kind=click.IntRange(0), help="Draws of the agreement's chance.")
@option(
    "null",
    "moved",
    kind=click.Choice(NULLS),
    help="What is drawn: the second map moved, or its cells shuffled.",
)
@option("seed", 1, kind=click.IntRange(0), help="Seed of those draws.")
@click.option("--out", type=click.Path(path_type=Path), help=FILES)
def compare(
    study: Path,
    out: Path | None,
    permutations: int,
    null: Null,
    seed: int,
    **asked: Any,  # noqa: ANN401 - the options
) -> None:
    """
    Compare two years: whether that is fair, how alike they are, and what became of each place.

    Prints JSON. With --out it also writes the change of every cell (difference) and what became
    of every place (lineage): a .gpkg holds both as layers; of other formats there are two,
    FILE with the difference and, its name ending in -lineage, one with the lineage.

    \b
    Example:
      gradmap compare beijing --years 2022 2025 --role residence --out change.gpkg
    """  # noqa: D301
    import numpy as np

    from spatial import comparison as between
    from spatial.analysis import neighbours_of
    from spatial.events import event_table

    opened, comparison = _open(study, out, asked)
    around = neighbours_of(opened, comparison.question(comparison.first))
    progress("comparing every cell with its neighbours")
    answers = between.answers_between(opened, comparison, neighbours=around)
    tables = {year: table for year, (table, _) in answers.items()}
    changed = between.difference_table(opened, comparison, tables=tables, neighbours=around)
    progress("following every place")
    lineages = between.lineages_between(opened, comparison, answers=answers, neighbours=around)
    progress("asking how alike the years are")
    alike = between.agreement_between(
        opened,
        comparison,
        permutations=permutations,
        null=null,
        rng=np.random.default_rng(seed),
        tables=tables,
        neighbours=around,
    )
    reasons = between.reasons_against(opened, comparison)
    places = {year: found for year, (_, found) in answers.items()}
    # Places know no base, so that a break in it does not touch them.
    touching = [one for one in reasons if one.series != "base"]
    events = event_table(lineages, places, reasons=touching)
    written = [] if out is None else _write(changed, events, out, opened, comparison)
    _tell(
        {
            "study": opened.info.name,
            "synthetic": opened.info.synthetic,
            "comparison": comparison.to_dict(),
            "comparable": not reasons,
            "reasons": [asdict(one) for one in reasons],
            **_changes(changed),
            **_events(events, years=list(answers)),
            "spans": _spans(lineages),
            "agreement": asdict(alike),
            "files": [str(file) for file in written],
        }
    )


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@option("role", "residence", help="Where graduates are counted.")
@option("group", "all", kind=str, help="Who is counted: all, or one of the study's groups.")
@option("first", None, kind=int, help="Year from which the findings are told.")
@option("last", None, kind=int, help="Year up to which they are told.")
@option("resamples", 1000, kind=click.IntRange(100, 100_000), help="Times blocks are drawn anew.")
@option("seed", 1, kind=click.IntRange(0), help="Seed of those draws.")
@click.option("--out", type=click.Path(path_type=Path), help=TABLES)
def drift(
    study: Path,
    out: Path | None,
    role: Role,
    group: str,
    first: int | None,
    last: int | None,
    resamples: int,
    seed: int,
) -> None:
    """
    Say how a city's shape drifts: dispersing, outward, which sector rises, which falls.

    Prints JSON: the findings, and every indicator by year with its interval. With --out it also
    writes every indicator by year (indicators) and each against the first year (changes): a .gpkg
    or two files, the second's name ending in -changes.

    \b
    Example:
      gradmap drift beijing --role residence --out drift.xlsx
    """  # noqa: D301
    import numpy as np

    from spatial.drift import drift as measure
    from spatial.drift_file import export_drift
    from spatial.export import check_bare_target
    from spatial.findings import findings
    from spatial.study import open_study

    if out is not None:
        check_bare_target(out)
    opened = open_study(study)
    progress("drawing the city's blocks anew")
    found = measure(
        opened, role=role, group=group, resamples=resamples, rng=np.random.default_rng(seed)
    )
    told = findings(found, first=first, last=last)
    written = [] if out is None else export_drift(opened, found, out, seed=seed)
    files = {"files": [str(one) for one in written]} if written else {}
    _tell({"findings": told.to_json(), "drift": found.to_json() | {"seed": seed}} | files)


def _open(study: Path, out: Path | None, asked: dict[str, Any]) -> tuple[Study, Comparison]:
    """The study and the comparison, and a first look at where the answer goes."""
    from spatial.comparison import Comparison
    from spatial.export import check_target
    from spatial.question import QuestionError
    from spatial.study import open_study

    if out is not None:
        check_target(out)
    opened = open_study(study)
    counted, asked = opened.years_of(asked["role"]), dict(asked)
    years = asked.pop("years")
    if not years and len(counted) < 2:
        raise QuestionError(
            f"a comparison needs two years, and {opened.info.name} counts {asked['role']} in"
            f" {', '.join(map(str, counted)) or 'none'}"
        )
    first, second = years or (counted[0], counted[-1])
    return opened, Comparison.from_dict(asked | {"first": first, "second": second})


def _write(
    changed: pd.DataFrame,
    events: gpd.GeoDataFrame,
    out: Path,
    study: Study,
    comparison: Comparison,
) -> list[Path]:
    from spatial.export import export_layers
    from spatial.provenance import Kind, provenance_between

    progress(f"writing {out}")
    tables: dict[Kind, Any] = {"difference": changed, "lineage": events}
    told: dict[Kind, dict[str, Any]] = {
        "difference": provenance_between(study, comparison, kind="difference", out=out.name),
        "lineage": provenance_between(study, comparison, kind="lineage", out=out.name),
    }
    draws = stylist()
    drawn = {kind: draws(study, kind, tables[kind], told[kind]) for kind in tables if draws}
    styles = {kind: style for kind, style in drawn.items() if style is not None}
    return export_layers(tables, out, provenance=told, styles=styles)


def _changes(changed: pd.DataFrame) -> dict[str, Any]:
    """Graduates of both years, and cells by what may be said of their change."""
    beyond, moved = ~changed["noise"], changed["excess"]
    before, after = changed["before"].sum(), changed["after"].sum()
    return {
        "graduates": {"before": before, "after": after, "change": after - before},
        "cells": {
            "all": len(changed),
            "more": int((beyond & (moved > 0)).sum()),
            "fewer": int((beyond & (moved < 0)).sum()),
            "within_noise": int((changed["p"].notna() & ~beyond).sum()),
            "untested": int(changed["p"].isna().sum()),
            "maybe_recoded": int(changed["recoded"].sum()),
        },
    }


def _events(events: gpd.GeoDataFrame, *, years: list[int]) -> dict[str, Any]:
    """How often each verdict was given, and every event but the steady ones."""
    from spatial.steps import VERDICTS
    from spatial.trend import provable

    given = events["verdict"].value_counts()
    told = events[events["verdict"] != "steady"].drop(columns="geometry")
    return {
        "years": years,
        "verdicts": {one: int(given.get(one, 0)) for one in VERDICTS},
        "events": told.to_dict("records"),
        "trend": asdict(provable(len(years))),
    }


def _spans(lineages: Lineages) -> list[dict[str, Any]]:
    """What grew or shrank from the first year to the last, which no single step need show."""
    named = lineages.years.drop_duplicates("lineage").set_index("lineage")[["name", "name_en"]]
    told = lineages.spans[lineages.spans["verdict"] != "steady"]
    rows: Any = told.join(named, on="lineage").to_dict("records")
    return list(rows)


def _tell(found: dict[str, Any]) -> None:
    click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=1, allow_nan=False))


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a dataclass or a table holds
    """The same as JSON has it; NaN is null."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value
