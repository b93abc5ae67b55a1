"""gradmap homes: graduates against their base, rent, access, kinds of place, homes or jobs."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spatial.cli_ask import option
from spatial.cli_siting import PERS
from spatial.cli_style import stylist
from spatial.cli_tell import FILES, number, progress, read_number, table

if TYPE_CHECKING:
    from spatial.homes import Homes
    from spatial.homes_question import HomesKind

__all__ = ["TABLE_WORDS", "TOPICS", "homes"]

# The words of the question again, for the sake of a quick --help; a test compares them.
TOPICS: Final = ("quotient", "rent", "access", "kinds", "balance")
TABLE_WORDS: Final = (
    *("quotient", "quotient_areas", "quotient_slopes", "quotient_bands", "pockets"),
    *("rent", "rent_areas", "pay"),
    *("access", "farthest", "within", "near", "opened"),
    *("kinds", "balance", "magnets", "demand"),
)
_ALL: Final = "all"
_SHOWN: Final = {
    "quotient": ("quotient_areas", ("name", "name_en", "kind", "graduates", "lq", "low", "high")),
    "rent": ("rent_areas", ("name", "name_en", "kind", "rent", "graduates", "cells")),
    "access": ("within", ("year", "role", "graduates", "inside", "share")),
    "kinds": ("kinds", ("name", "name_en", "kind", "mix", "graduates", "fired")),
    "balance": ("magnets", ("name", "name_en", "to_magnets", "share", "minutes", "magnet_name_en")),
}
_ROWS: Final = 20


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@option("topic", "quotient", kind=click.Choice(TOPICS), help="What is asked.")
@click.option("--year", type=int, help="Year of observation.  [default: the latest]")
@option("role", None, help="Of quotient, access and kinds.  [default: work]")
@option("group", None, kind=str, help="Of quotient: all, or one of the study's groups.")
@option("resolution", None, kind=int, help="Roll up to this H3 resolution.")
@option("k", 1, kind=int, help="Steps to the farthest neighbour, of places.")
@option("alpha", 0.05, kind=float, help="False discovery rate of hot, cold and verdicts.")
@option("top", 20, kind=int, help="Places to keep.")
@click.option("--rent-kind", help="Of rent and quotient: kind of listing.  [default: all]")
@click.option(
    "--rent-per",
    type=click.Choice(PERS),
    help="What a rent is for.  [default: room where the study knows rooms, else month]",
)
@click.option("--edges", metavar="A,B,...", help="Of rent bands.  [default: the study's]")
@click.option("--pay", multiple=True, metavar="SECTOR=AMOUNT", help="Of rent: a month's pay.")
@click.option("--walk", type=float, help="Of access: metres that are a walk.  [default: 800]")
@click.option("--rule", multiple=True, metavar="NAME=VALUE", help="Of kinds: a rule's number.")
@click.option(
    "--table",
    "tables",
    multiple=True,
    type=click.Choice((*TABLE_WORDS, _ALL)),
    metavar="NAME",
    help="A table of the topic, or all.  [default: that of its map]",
)
@click.option("--out", type=click.Path(path_type=Path), help=FILES)
def homes(study: Path, out: Path | None, tables: tuple[str, ...], **asked: Any) -> None:  # noqa: ANN401
    """
    Tell what the page on homes shows, and write its tables to a file or list the main one.

    \b
    Topics and their tables:
      quotient  graduates against their base: quotient (cells), quotient_areas, quotient_slopes,
                quotient_bands (of rent), pockets (their rents)
      rent      what homes cost: rent (cells), rent_areas, pay (what it affords)
      access    walks to metro and campus: access (cells), farthest, within, near, opened
      kinds     why people live or work there: kinds (places)
      balance   homes or jobs: balance (cells), magnets, demand
    For siting there is gradmap siting. A .gpkg holds several tables as layers; of other formats
    each further table is a file beside the first.

    \b
    Example:
      gradmap homes beijing --topic rent --year 2025 --resolution 8 --out rent.gpkg
      gradmap homes beijing --topic access --role residence --walk 1000 --table all --out walk.xlsx
    """  # noqa: D301
    from spatial.api import homes as ask
    from spatial.export import check_target
    from spatial.study import open_study

    if out is not None:
        check_target(out)
    if tables and out is None:
        raise click.UsageError("--table is of a file, found no --out")
    opened = open_study(study)
    found = ask(opened, **_given(asked))
    progress("working it out")
    if out is None:
        _tell(found)
    else:
        _write(found, out, tables)


def _given(asked: dict[str, Any]) -> dict[str, Any]:
    """What was asked, by the names of the question, without what was left open."""
    told = {name: value for name, value in asked.items() if value is not None and value != ()}
    if edges := told.pop("edges", ""):
        told["rent_edges"] = [read_number(one, "--edges") for one in edges.split(",")]
    if "walk" in told:
        told["walk_m"] = told.pop("walk")
    for name, field in (("pay", "pay"), ("rule", "rules")):
        if name in told:
            told[field] = dict(_pair(one, f"--{name}") for one in told.pop(name))
    return told


def _pair(text: str, place: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.UsageError(f"{place}: a name, = and a number are needed, found {text!r}")
    return name, read_number(value, f"{place} {text}")


def _write(found: Homes, out: Path, tables: tuple[str, ...]) -> None:
    from spatial.homes_file import export_homes
    from spatial.homes_tables import homes_tables

    wanted: Any = homes_tables(found) if _ALL in tables else tables
    progress(f"writing {out}")
    written = export_homes(found, out, tables=wanted, stylist=stylist())
    names: tuple[HomesKind, ...] = tuple(wanted) or (found.question.topic,)
    click.echo(f"{', '.join(names)} in {written[0]}")
    for further in written[1:]:
        click.echo(f"and in {further}")
    _tell_missing(found)


def _tell(found: Homes) -> None:
    """What was asked, and the table that sums the topic up; else why there is none."""
    from spatial.homes_needs import missing_of
    from spatial.homes_tables import homes_table

    click.echo(repr(found))
    kind: Any
    kind, columns = _SHOWN[found.question.topic]
    first: Any = found.question.topic
    if why := missing_of(found, first):
        raise click.ClickException(why)
    if why := missing_of(found, kind):
        click.echo(why)
    else:
        shown = homes_table(found, kind)
        rows = [
            tuple(_text(name, row[name]) for name in columns)
            for _, row in shown.head(_ROWS).iterrows()
        ]
        click.echo(f"{kind}, {number(len(shown))} rows{', the first' * (len(shown) > _ROWS)}")
        table(columns, rows)
    _tell_missing(found)


def _tell_missing(found: Homes) -> None:
    """Layers without which a walk cannot be told whole."""
    if found.question.topic == "access":
        for one in found.access.attrs["missing"]:
            how = f": add them with `gradmap load {one}`" if one == "stations" else ""
            click.echo(f"without {one if one != 'work' else 'places of work'}{how}")


def _text(name: str, value: Any) -> str:  # noqa: ANN401 - a text or a number
    if isinstance(value, str):
        return value
    if isnan(value):
        return "-"
    if name == "year":
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")
