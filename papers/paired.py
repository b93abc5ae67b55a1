"""Two years as the map script takes them: side by side on one scale, or their difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from layers.cells import Frame, Geometry, Scale, cell_layer
from layers.difference import difference_classes, difference_layer, difference_legend
from layers.drift import drift_layer
from layers.legend import key_row
from layers.packed import Packed
from layers.palette import DIFFERENCE
from papers.words import Lang, edge, told
from spatial.drift import Drift
from spatial.ellipse import outline
from spatial.scale import round_edges
from spatial.two_years import Comparison

__all__ = ["change_edges", "change_key", "change_map", "drift_overlay", "two_maps"]

_SCORE = "Gi* z"


def change_edges(changed: pd.DataFrame) -> tuple[pd.Series, list[float]]:
    """
    The changes beyond noise, NaN elsewhere, and at most four edges of their sizes.

    Parameters
    ----------
    changed
        As `comparison.difference_table` gives it.
    """
    seen = changed["shrunk"].where(~changed["noise"])
    return seen, round_edges([np.abs(seen.dropna().to_numpy())], classes=4)


def two_maps(
    frames: Sequence[Frame],
    geometry: Geometry,
    scale: Scale,
    asked: Comparison,
    *,
    notes: dict[str, Any],
    legend: dict[str, Any],
    lang: Lang,
) -> dict[str, Any]:
    """
    Two maps on one scale, that of the legend.

    Parameters
    ----------
    frames, geometry, scale
        Every year of the role, ascending, as the cell layer takes them.
    asked
        The two years.
    notes
        What may be said of each cell over the years, as `cell_notes` gives it.
    legend, lang
        Of the screen.
    """
    years = [one.label for one in frames]
    layer = cell_layer(
        frames,
        geometry,
        scale,
        role=asked.role,
        current=years.index(str(asked.second)),
        score=_SCORE,
        notes=notes,
    )
    role = told(f"role {asked.role}", lang)
    panes = [
        {"cells": 0, "current": years.index(year), "title": year, "note": role}
        for year in (str(asked.first), str(asked.second))
    ]
    return {"cells": [layer.data], "panes": panes, "legend": legend}


def change_map(
    changed: pd.DataFrame,
    places: Frame,
    geometry: Geometry,
    asked: Comparison,
    *,
    notes: dict[str, Any],
    rows: Sequence[dict[str, str]] = (),
    hatched: bool,
    lang: Lang,
) -> dict[str, Any]:
    """
    One map of what changed beyond noise.

    Parameters
    ----------
    changed
        As `comparison.difference_table` gives it, in the order of the geometry.
    places
        The second year, whose places are outlined and named.
    geometry, asked, notes, lang
        As for `two_maps`.
    rows
        Of the legend, for layers that are shown beside.
    hatched
        Whether to draw gaps through the colours, since the years do not compare.
    """
    seen, edges = change_edges(changed)
    table = changed.assign(value=changed["excess"].fillna(0.0))[["value"]]
    table["class"] = difference_classes(seen, edges)
    if "place" in places.table:
        table["place"] = places.table["place"].to_numpy()
    layer = difference_layer(
        f"{asked.first}–{asked.second}",
        table,
        geometry,
        Scale(edges, told("beyond", lang), told("persons", lang)),
        role=asked.role,
        hatched=hatched,
    )
    layer.data["frames"][0]["labels"] = list(places.labels)
    layer.data["notes"] = notes
    legend = difference_legend(
        told("legend change", lang), edges, [edge(one, lang) for one in edges]
    )
    legend["rows"] += [*rows, *change_key(changed, hatched=hatched, lang=lang)]
    title, role = f"{asked.first} → {asked.second}", told(f"role {asked.role}", lang)
    pane = {"cells": 0, "current": 0, "title": title, "note": role}
    return {"cells": [layer.data], "panes": [pane], "legend": legend}


def drift_overlay(shape: Drift, asked: Comparison) -> Packed:
    """The path of the centre through the years, and how far graduates spread in the two."""
    years = [year for year in shape.peopled if asked.first <= year <= asked.second]
    centres = [(str(one), shape.ellipses[one].lat, shape.ellipses[one].lon) for one in years]
    spreads = [(str(one), outline(shape.ellipses[one])) for one in (asked.first, asked.second)]
    key = f"drift-{asked.role}-{asked.group}-{asked.first}-{asked.second}-{shape.study}"
    return drift_layer(centres, spreads, key=key)


def change_key(changed: pd.DataFrame, *, hatched: bool, lang: Lang) -> list[dict[str, str]]:
    """What hatching means, how many cells changed, and how many look moved next door."""
    beyond, tested = int((~changed["noise"]).sum()), int(changed["p"].notna().sum())
    rows = [key_row("block", DIFFERENCE[-1], told("row beyond", lang, cells=beyond, all=tested))]
    if hatched:
        rows.insert(0, key_row("hatch", DIFFERENCE[1], told("row hatch", lang)))
    if flagged := int(changed["recoded"].sum()):
        rows.append(key_row("block", DIFFERENCE[0], told("row recoded", lang, cells=flagged)))
    return rows
