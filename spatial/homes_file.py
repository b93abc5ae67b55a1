"""Files of homes: the tables of a topic taken away, with all they were made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from spatial.export import Download, Stylist, export_layers, export_layers_bytes, with_geometry
from spatial.formats.style import Style
from spatial.homes import Homes
from spatial.homes_provenance import homes_provenance
from spatial.homes_question import TABLES, HomesKind
from spatial.homes_tables import homes_table
from spatial.provenance import Kind

__all__ = ["export_homes", "export_homes_bytes", "homes_layer"]


def export_homes(
    homes: Homes,
    path: str | Path,
    *,
    tables: Sequence[HomesKind] = (),
    stylist: Stylist | None = None,
) -> list[Path]:
    """
    The files written, in the format that the ending of `path` names; all of them or none.

    Parameters
    ----------
    homes
        The question and its answer.
    path
        Replaced where it exists.
    tables
        Of its topic, in the order they are written; that of the map where none are named. Several
        go where `export_layers` puts them.
    stylist
        Draws each table, as `export` takes a style.

    Raises
    ------
    QuestionError
        When the study lacks what a table is made from, or it is none of the topic.
    ExportError
        When the ending is unknown, the format has no place for a table without shapes, or the
        file cannot be written.
    """
    layers, told = _layers(homes, tables, Path(path).name)
    styles = _styles(homes, layers, told, stylist)
    return export_layers(layers, path, provenance=told, styles=styles)


def export_homes_bytes(
    homes: Homes,
    name: str,
    *,
    tables: Sequence[HomesKind] = (),
    stylist: Stylist | None = None,
) -> Download:
    """As `export_homes`, for a browser to save; several files come in one ZIP."""
    layers, told = _layers(homes, tables, name)
    styles = _styles(homes, layers, told, stylist)
    return export_layers_bytes(layers, name, provenance=told, styles=styles)


def homes_layer(
    homes: Homes, kind: HomesKind, *, tables: Sequence[HomesKind] = (), out: str = "FILE"
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """One table and its provenance, as `homes_provenance` makes it from the same arguments."""
    table = homes_table(homes, kind)
    columns = [str(one) for one in with_geometry(table.iloc[:0]) if one != "geometry"]
    return table, homes_provenance(homes, kind, columns=columns, tables=tables, out=out)


def _styles(
    homes: Homes,
    layers: Mapping[Kind, pd.DataFrame],
    told: Mapping[Kind, dict[str, Any]],
    stylist: Stylist | None,
) -> dict[Kind, Style]:
    """How each table is drawn that is drawn at all."""
    if stylist is None:
        return {}
    drawn = {kind: stylist(homes.study, kind, layers[kind], told[kind]) for kind in layers}
    return {kind: style for kind, style in drawn.items() if style is not None}


def _layers(
    homes: Homes, tables: Sequence[HomesKind], out: str
) -> tuple[dict[Kind, pd.DataFrame], dict[Kind, dict[str, Any]]]:
    asked = list(dict.fromkeys(tables or TABLES[homes.question.topic][:1]))
    made = {kind: homes_layer(homes, kind, tables=asked, out=out) for kind in asked}
    layers: dict[Kind, pd.DataFrame] = {kind: table for kind, (table, _) in made.items()}
    return layers, {kind: told for kind, (_, told) in made.items()}
