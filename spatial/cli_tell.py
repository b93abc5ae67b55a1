"""What the command line says: short plain text on stdout, progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

import click

if TYPE_CHECKING:
    from spatial.study import Study

__all__ = ["FILES", "TABLES", "number", "progress", "read_number", "table", "tell_study"]

FILES: Final = "A .gpkg, .geojson, .csv, .parquet, .fgb, .shp.zip, .kml, .xlsx or .pmtiles file."
"""What --out takes, for the help; a test holds it against the formats themselves."""
TABLES: Final = "A .gpkg, .csv, .parquet or .xlsx file."
"""The same for tables without shapes."""


def progress(doing: str) -> None:
    """Tell a person at a terminal what takes its time; logs and pipes are spared."""
    if sys.stderr.isatty():
        click.echo(f"{doing} ...", err=True)


def number(value: float) -> str:
    """A number with thousands marked, whole where it is."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def read_number(text: str, place: str) -> float:
    """A number that stands in an option, which is named as the place where none stands."""
    try:
        return float(text)
    except ValueError:
        raise click.UsageError(f"{place}: a number is needed, found {text!r}") from None


def tell_study(study: Study) -> None:
    """Say what a sound study holds."""
    info = study.info
    years = ", ".join(map(str, study.years)) or "none"
    layers = [name.removesuffix(".parquet") for name in sorted(study.files)]
    kind = "synthetic" if info.synthetic else "not synthetic"
    click.echo(f"{study.path}: a sound study")
    rows = [
        ("name", f"{info.name} ({kind})"),
        ("cells", f"{len(study.area):,} of resolution {info.resolution}"),
        ("years", years),
        ("roles", ", ".join(study.roles) or "none"),
        ("tables", ", ".join(layers)),
        ("digest", study.digest),
    ]
    for name, value in rows:
        click.echo(f"  {name:<7} {value}")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print columns: texts to the left, and columns of numbers to the right."""
    body = [tuple(row) for row in rows]
    columns = list(zip(header, *body, strict=True))
    right = [bool(body) and all(one[:1].isdigit() for one in column[1:]) for column in columns]
    widths = [max(map(_width, column)) for column in columns]
    for line in (tuple(header), *body):
        cells = []
        for one, wide, is_number in zip(line, widths, right, strict=True):
            blank = " " * (wide - _width(one))
            cells.append(blank + one if is_number else one + blank)
        click.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    """Columns a terminal needs: Chinese takes two each."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)
