"""Topic: what one question on homes shows, ready for the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.cells import Scale
from spatial import cells as h3cells

__all__ = ["Topic", "fact", "notes_of", "placed", "row", "rows_of"]


@dataclass(frozen=True, eq=False)
class Topic:
    """
    What one question comes to.

    Parameters
    ----------
    sentence, quiet
        What the map shows, and what is to be known of it.
    table
        One row a cell of the geometry: value (told in the tooltip), class (0 for the ground),
        graduates.
    scale, colours, labels
        Words of the tooltip and colours of the classes, with the legend's labels.
    legend
        Title of the legend.
    notes
        A text for each cell, or "".
    panel
        Title, note, facts, columns, rows and texts of the list.
    siting
        What the sliders need; None elsewhere.
    member
        Number of the row that holds each cell, 0 for none; None where rows are no cells.
    keys
        Colours and words, one under the other, where classes have names rather than edges.
    """

    sentence: str
    quiet: str
    table: pd.DataFrame
    scale: Scale
    colours: Sequence[str]
    labels: Sequence[str]
    legend: str
    panel: dict[str, Any]
    ground: str = ""
    notes: Sequence[str] = ()
    siting: dict[str, Any] | None = None
    member: NDArray[np.uint16] | None = None
    keys: Sequence[tuple[str, str]] = field(default_factory=list)


def fact(label: str, value: str, *, note: str = "", wide: bool = False) -> dict[str, Any]:
    """One line of a card."""
    return {"label": label, "value": value, "help": note, "wide": wide}


def row(
    name: str,
    values: Sequence[str],
    *,
    id_: str,
    at: tuple[float, float] | None = None,
    chip: str = "",
    bar: float | None = None,
    facts: Sequence[dict[str, Any]] | None = None,
    polygons: list[Any] | None = None,
) -> dict[str, Any]:
    """One line of the list, with its card and its place on the map."""
    found: dict[str, Any] = {"id": id_, "name": name, "values": list(values), "chip": chip}
    if bar is not None and np.isfinite(bar):
        found["bar"] = float(min(max(bar, 0.0), 1.0))
    if facts is not None:
        found["facts"] = list(facts)
    if at is not None and np.isfinite(at).all():
        found["lat"], found["lon"] = float(at[0]), float(at[1])
    if polygons:
        found["polygons"] = polygons
    return found


def placed(cells: pd.Index) -> list[tuple[float, float]]:
    """Latitude and longitude of each cell."""
    lat, lon = h3cells.centres(h3cells.as_cells(cells))
    return list(zip(lat.tolist(), lon.tolist(), strict=True))


def notes_of(texts: Sequence[str]) -> dict[str, Any] | None:
    """Texts of cells as the cell layer takes them."""
    known = sorted(set(texts) - {""})
    if not known:
        return None
    number = {text: at for at, text in enumerate(known, start=1)} | {"": 0}
    return {"texts": known, "index": np.array([number[one] for one in texts], dtype=np.uint16)}


def rows_of(table: pd.DataFrame) -> Any:  # noqa: ANN401 - named tuples of whatever columns
    """Rows of a table as named tuples."""
    return table.itertuples()
