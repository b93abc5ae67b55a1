"""Cells by what changed: growth green, loss purple, whatever is within noise left as ground."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.cells import Frame, Geometry, Scale, cell_layer
from layers.packed import Packed
from layers.palette import DIFFERENCE, PAGE
from spatial.schema import Role

__all__ = ["difference_classes", "difference_colours", "difference_layer", "difference_legend"]

_SIDES = len(DIFFERENCE) // 2


def difference_classes(shrunk: pd.Series, edges: list[float]) -> NDArray[np.uint8]:
    """
    Class of each change: 1 to 4 for losses, the largest first, 5 to 8 for growth, 0 for ground.

    `edges` are those of the size of a change, ascending, at most four; what is smaller than the
    first, or NaN because it is within noise, is ground.
    """
    size = np.searchsorted(edges, np.abs(shrunk.fillna(0.0).to_numpy()), side="right")
    step = np.where(size > 0, size + _SIDES - len(edges), 0)
    classes = np.where(shrunk.to_numpy() < 0, _SIDES + 1 - step, _SIDES + step)
    return np.where(size > 0, classes, 0).astype(np.uint8)


def difference_colours(edges: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Colours of the losses, the largest first, and of growth, the largest last."""
    return DIFFERENCE[_SIDES - edges : _SIDES], DIFFERENCE[_SIDES:][_SIDES - edges :]


def difference_layer(
    label: str,
    table: pd.DataFrame,
    geometry: Geometry,
    scale: Scale,
    *,
    role: Role,
    hatched: bool,
) -> Packed:
    """
    One frame coloured by the column "class"; "value" is told in the tooltip.

    `hatched` draws gaps through the colours, where the years do not compare.
    """
    layer = cell_layer([Frame(label, table)], geometry, scale, role=role)
    layer.data["colours"] = list(DIFFERENCE)
    layer.data["hatched"] = hatched
    return layer


def difference_legend(title: str, edges: list[float], labels: list[str]) -> dict[str, Any]:
    """
    Classes from the largest loss over the ground to the largest growth.

    Each label is the edge at the left of its class, so that the largest loss, which has none, is
    without and the ground has that of the smallest.
    """
    losses, growth = difference_colours(len(edges))
    lower = ["", *(f"−{label}" for label in reversed(labels)), *(f"+{label}" for label in labels)]
    colours = (*losses, PAGE["ground"], *growth)
    classes = [
        {"colour": colour, "label": label} for colour, label in zip(colours, lower, strict=True)
    ]
    return {"title": title, "classes": classes, "rows": []}
