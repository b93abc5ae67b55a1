"""gradmap check: which coordinate system a file's positions are in, and what speaks for it."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from spatial.cli_tell import progress, table

if TYPE_CHECKING:
    import pandas as pd

    from spatial.diagnosis import Diagnosis, Known

__all__ = ["check"]

_FILE: Final = click.Path(path_type=Path)
_SHARES: Final = ("on_earth", "in_extent", "in_district")
_METRES: Final = ("station_m", "outline_m", "namesake_m")
_LEAST_SHOWN: Final = 1e-6


@click.command()
@click.argument("file", type=_FILE)
@click.option("--lat", default="", help="Column with the latitude, or northing, of a table.")
@click.option("--lon", default="", help="Column with the longitude, or easting, of a table.")
@click.option("--study", type=_FILE, help="Study whose stations, campuses and districts to use.")
@click.option("--district", default="", help="Column with the district each row is said to be in.")
@click.option("--name", default="", help="Column with names of stations or campuses.")
@click.option("--weight", default="", help="Column with people: a grid tells little without.")
@click.option("--crs", default="", help="What the coordinates are said to be.")
def check(file: Path, lat: str, lon: str, study: Path | None, crs: str, **columns: str) -> None:
    """
    Tell which coordinate system a file is in: WGS-84, GCJ-02, BD-09, swapped, a zone of metres.

    A table needs --lat and --lon; shapes have their own place. Without a study there is little
    to compare with.

    \b
    Example:
      gradmap check listings.csv --lat latitude --lon longitude --study beijing \\
        --district district_name
    """  # noqa: D301
    from spatial.diagnosis import known_in
    from spatial.diagnosis_known import NOTHING
    from spatial.study import open_study

    known = known_in(open_study(study)) if study else NOTHING
    progress("reading")
    found = _checked(file, lat, lon, crs, known, columns)
    click.echo(f"{file.name}: {found.verdict}{'' if found.confident else ' (not sure)'}")
    _tell_evidence(found.evidence)
    click.echo(found.sentence["en"])


def _checked(
    file: Path, lat: str, lon: str, crs: str, known: Known, columns: dict[str, str]
) -> Diagnosis:
    from spatial.diagnosis import diagnose_rows, diagnose_shapes
    from spatial.ingest.layers import is_table, text_of
    from spatial.ingest.read import read_table
    from spatial.ingest.shapes import read_shapes
    from spatial.ingest.values import numbers_of

    district, name, weight = (columns[one] for one in ("district", "name", "weight"))
    if not (lat or lon) and not is_table(file):
        shapes = read_shapes(file)
        stated = text_of(shapes, district) if district else None
        return diagnose_shapes(shapes.geometry.to_numpy(), known=known, stated=stated, crs=crs)
    if not (lat and lon):
        raise click.UsageError("a table needs both --lat and --lon")
    rows = read_table(file)
    y, x = (numbers_of(rows, column, empty_allowed=True) for column in (lat, lon))
    return diagnose_rows(
        known,
        y,
        x,
        stated=text_of(rows, district) if district else None,
        named=text_of(rows, name) if name else None,
        weights=numbers_of(rows, weight, empty_allowed=True) if weight else None,
        crs=crs,
    )


def _tell_evidence(evidence: pd.DataFrame) -> None:
    """The table, without columns that say nothing."""
    told = [one for one in evidence.columns if one not in ("crs", "swapped")]
    told = [one for one in told if evidence[one].notna().any()]
    rows = [[_told(one, row[one]) for one in told] for _, row in evidence.iterrows()]
    table(told, rows)


def _told(column: str, value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    if isnan(value):
        return "-"
    if column in _SHARES:
        return f"{value:.1%}"
    if column in _METRES:
        return f"{value:,.0f}"
    if column == "p":
        return f"{value:.1g}" if value >= _LEAST_SHOWN else "0.000001 or less"
    return f"{value:.4f}" if column == "lattice" else f"{value:.2f}"
