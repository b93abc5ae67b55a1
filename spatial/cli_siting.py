"""gradmap siting: where small homes would serve most, or whether a file says so."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spatial.cli_style import stylist
from spatial.cli_tell import FILES, number, progress, read_number, table

if TYPE_CHECKING:
    import pandas as pd

    from spatial.criterion import Criterion
    from spatial.siting_setting import Setting
    from spatial.siting_sites import Sites
    from spatial.study import Study

__all__ = ["PERS", "siting"]

# The words of rents again, for the sake of a quick --help; a test compares them.
PERS: Final = ("month", "m2", "room")
_GIVEN: Final = {"weight": "weights", "limit": "limits", "range": "ranges", "neutral": "neutrals"}


@click.command()
@click.argument("study", type=click.Path(path_type=Path), required=False)
@click.option("--year", type=int, help="Year of observation.  [default: the latest]")
@click.option("--area", default="", help="A district or work place, by id or name.")
@click.option("--resolution", type=int, help="Roll up to this H3 resolution.")
@click.option("--weight", multiple=True, metavar="NAME=0..10", help="How much a criterion counts.")
@click.option("--limit", multiple=True, metavar="NAME=VALUE", help="Exclude what lies beyond.")
@click.option("--range", multiple=True, metavar="NAME=WORST:BEST", help="Score 0 and score 1.")
@click.option("--neutral", multiple=True, metavar="NAME=0..1", help="Score where unknown.")
@click.option("--small-m2", type=float, default=40.0, show_default=True, help="A small home.")
@click.option("--reach-km", type=float, default=1.2, show_default=True, help="What is near.")
@click.option("--rent-kind", default="all", show_default=True, help="Kind of listing.")
@click.option(
    "--rent-per",
    type=click.Choice(PERS),
    help="What a rent is for.  [default: room where the study knows rooms, else month]",
)
@click.option("--top", type=int, default=20, show_default=True, help="Sites to list.")
@click.option("--draws", type=int, default=1000, show_default=True, help="Random weightings.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of those draws.")
@click.option("--cells", is_flag=True, help="Write all cells rather than the sites.")
@click.option("--out", type=click.Path(path_type=Path), help=FILES)
@click.option("--check", type=click.Path(path_type=Path), help="Rank FILE again, and nothing else.")
def siting(
    study: Path | None,
    check: Path | None,
    out: Path | None,
    cells: bool,  # noqa: FBT001 - click passes options by name
    **asked: Any,  # noqa: ANN401 - the options
) -> None:
    """
    Rank sites for small homes: near rail and work, under a rent, where graduates are.

    Criteria are walk_minutes, work_minutes, rent, small_units, graduates_near and jobs_near; the
    first letters do. Those that the study has no data for are told. A weight of 0 leaves one
    out; "none" takes a limit or a neutral score away.

    \b
    Example:
      gradmap siting beijing --year 2025 --weight walk=3 --weight rent=2 --limit rent=3000 --out sites.gpkg
      gradmap siting --check sites.gpkg
    """  # noqa: D301, E501
    if check is not None:
        if study is not None or out is not None:
            raise click.UsageError("--check takes a file and nothing else")
        _check(check)
        return
    if study is None:
        raise click.UsageError("a study is needed, or a file to --check")
    _screen(study, out, asked, cells=cells)


def _screen(folder: Path, out: Path | None, asked: dict[str, Any], *, cells: bool) -> None:
    import numpy as np

    from spatial.export import check_target
    from spatial.siting import rank, sensitivity
    from spatial.siting_criteria import default_criteria, set_criteria
    from spatial.siting_file import export_siting
    from spatial.siting_setting import screen_cells, screen_values
    from spatial.siting_sites import clusters, named_sites
    from spatial.study import open_study

    if out is not None:
        check_target(out)
    given = {name: asked.pop(name) for name in _GIVEN}
    study = open_study(folder)
    setting = _setting(study, asked)
    progress("asking what each cell has near it")
    near = screen_cells(study, setting)
    values, missing = screen_values(study, setting, neighbours=near)
    criteria = set_criteria(default_criteria(study, values), **_changes(given, missing))
    ranked = rank(values, criteria)
    sites = clusters(ranked, values, criteria, most=setting.top, neighbours=near)
    sites = named_sites(study, sites, year=setting.year)
    progress("drawing other weights")
    stays = sensitivity(
        values if cells else sites.values,
        criteria,
        draws=setting.draws,
        top=setting.top,
        rng=np.random.default_rng(setting.seed),
    )
    _tell(study, setting, values, ranked, criteria, missing)
    _list(sites, criteria, None if cells else stays)
    if out is None:
        return
    progress(f"writing {out}")
    written = export_siting(
        study,
        setting,
        out,
        values=values,
        ranked=ranked,
        criteria=criteria,
        missing=missing,
        sites=None if cells else sites,
        stays=stays,
        stylist=stylist(),
    )
    rows = len(ranked) if cells else len(sites.table)
    click.echo(f"{number(rows)} {'cells' if cells else 'sites'} in {written[0]}")
    for further in written[1:]:
        click.echo(f"their provenance in {further}")


def _check(file: Path) -> None:
    from spatial.siting_file import rerank

    found = rerank(file)
    other = found[~found["same"]]
    if other.empty:
        click.echo(f"identical: {number(len(found))} rows of {file} rank as they say")
        return
    import numpy as np

    from spatial.cells import to_text

    # What was changed comes before what moved up or down for it.
    apart = (other["score"] - other["file_score"]).abs().fillna(np.inf)
    apart[other["score"].isna() & other["file_score"].isna()] = 0.0
    other = other.iloc[np.argsort(-apart.to_numpy(), kind="stable")]
    rows = [
        (
            cell,
            f"{row['file_rank']:.0f}",
            f"{row['rank']:.0f}",
            _score(row["file_score"]),
            _score(row["score"]),
        )
        for cell, (_, row) in zip(to_text(other.index), other.head(10).iterrows(), strict=False)
    ]
    table(("cell", "rank in file", "rank again", "score in file", "score again"), rows)
    raise click.ClickException(
        f"{number(len(other))} of {number(len(found))} rows of {file} rank otherwise"
    )


def _score(value: float) -> str:
    return "-" if isnan(value) else f"{value:.6f}"


def _setting(study: Study, asked: dict[str, Any]) -> Setting:
    from spatial.question import QuestionError
    from spatial.siting_setting import Setting

    if asked["year"] is None:
        if not study.years:
            raise QuestionError(f"{study.info.name} counts nobody in any year")
        asked = asked | {"year": study.years[-1]}
    return Setting(**asked | {"rent_per": asked["rent_per"] or ""})


def _changes(given: Mapping[str, tuple[str, ...]], missing: Mapping[str, str]) -> dict[str, Any]:
    """What was given as NAME=VALUE, by the criteria's full names."""
    found: dict[str, dict[str, Any]] = {}
    for option, texts in given.items():
        read = _READ[option]
        found[_GIVEN[option]] = told = {}
        for start, equals, text in (one.partition("=") for one in texts):
            name = _named(start, option)
            value = read(text, f"--{option} {start}{equals}{text}")
            if name not in missing:
                told[name] = value
            elif option != "weight" or value:
                raise click.UsageError(f"--{option} {start} cannot be asked: {missing[name]}")
    return found


def _named(start: str, option: str) -> str:
    """The one criterion whose name begins so."""
    from spatial.siting_criteria import CRITERIA

    matching = [one for one in CRITERIA if start and one.startswith(start)]
    if len(matching) != 1:
        raise click.UsageError(f"--{option} needs one of {', '.join(CRITERIA)}, found {start!r}")
    return matching[0]


def _number_or_none(text: str, place: str) -> float | None:
    return None if text == "none" else read_number(text, place)


def _pair(text: str, place: str) -> tuple[float, float]:
    worst, _, best = text.partition(":")
    return read_number(worst, place), read_number(best, place)


_READ: Final = {
    "weight": read_number,
    "limit": _number_or_none,
    "range": _pair,
    "neutral": _number_or_none,
}


def _tell(
    study: Study,
    setting: Setting,
    values: pd.DataFrame,
    ranked: pd.DataFrame,
    criteria: tuple[Criterion, ...],
    missing: Mapping[str, str],
) -> None:
    """What the ranking is made of: each criterion, whom it excludes, and what is missing."""
    kind = ", synthetic sample" if study.info.synthetic else ""
    click.echo(f"{study.info.name} {setting.year}{kind}")
    reasons = ranked["excluded_by"].value_counts()
    rows = []
    for one in criteria:
        out = int(reasons.get(one.id, 0))
        by = (ranked["excluded_by"] == one.id).to_numpy()
        rows.append(
            (
                one.id,
                f"{one.weight:g}" if one.scored else "limit only",
                f"{one.worst:g}" if one.scored else "",
                f"{one.best:g}" if one.scored else "",
                "none" if one.limit is None else f"{one.limit:g}",
                one.unit,
                f"{out:,}",
                f"{int(values[one.id].isna().to_numpy()[by].sum()):,}",
            )
        )
    table(
        ("criterion", "weight", "worst", "best", "limit", "unit", "excludes", "unknown there"),
        rows,
    )
    for name, reason in missing.items():
        if name != "inside":
            click.echo(f"without {name}: {reason}")
    if "rent" in values:
        from spatial.rent_listings import listing_year
        from spatial.siting_setting import rent_per

        year = listing_year(study, setting.year)
        click.echo(f"rents of {year}, for each {rent_per(study, setting)}")
    click.echo(f"{int((ranked['rank'] > 0).sum()):,} of {len(ranked):,} cells are in question")


def _list(sites: Sites, criteria: tuple[Criterion, ...], stays: pd.Series | None) -> None:
    shown = [one.id for one in criteria if one.weight and one.id != "inside"]
    rows = []
    for _, row in sites.table.iterrows():
        told = [str(row["rank"]), row["name"], row["name_en"], row["district_en"]]
        told += [f"{row['score']:.3f}", str(row["cells"])]
        told += [_value(row[name]) for name in shown]
        told += [] if stays is None else [f"{stays[row['peak']]:.0%}"]
        rows.append(tuple(told))
    last = () if stays is None else ("stays",)
    click.echo(f"the best {len(rows)} of {len(sites.values)} candidate sites")
    table(("", "name", "name_en", "district", "score", "cells", *shown, *last), rows)


def _value(value: float) -> str:
    if isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")
