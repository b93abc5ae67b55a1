"""Cells coloured by any figure, in a ramp of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layers.cells import Frame, Geometry, Scale, cell_layer
from layers.packed import Packed, compact
from layers.palette import BALANCE, PAGE, QUOTIENT, RENT, SITE, WALK
from spatial.schema import Role

__all__ = ["SCORE_EDGES", "THEMES", "marked_cells", "spread_colours", "theme_layer", "theme_legend"]

SCORE_EDGES = (0.0, 0.3, 0.45, 0.55, 0.65, 0.75)
"""Lower edges of the classes of a site's score; what is excluded has none."""

THEMES = {"more": QUOTIENT, "rent": RENT, "access": WALK, "balance": BALANCE, "siting": SITE}
"""Colours of each figure of the homes page, the lowest class first."""


def spread_colours(theme: str, classes: int) -> list[str]:
    """`classes` colours of a theme, spread over its whole ramp; mixed where it has fewer."""
    ramp = THEMES[theme]
    last = len(ramp) - 1
    if classes > len(ramp):
        return [_mixed(ramp, last * at / (classes - 1)) for at in range(classes)]
    return [ramp[round(last * at / max(classes - 1, 1))] for at in range(classes)]


def _mixed(ramp: Sequence[str], at: float) -> str:
    """The colour at a place of a ramp that may lie between two of it."""
    low, part = int(at), at % 1
    ends = ramp[low], ramp[min(low + 1, len(ramp) - 1)]
    (a, b) = ([int(one[place : place + 2], 16) for place in (1, 3, 5)] for one in ends)
    return "#" + "".join(f"{round(x + part * (y - x)):02x}" for x, y in zip(a, b, strict=True))


def theme_layer(
    frame: Frame,
    geometry: Geometry,
    scale: Scale,
    *,
    role: Role,
    colours: Sequence[str],
    notes: dict[str, Any] | None = None,
) -> Packed:
    """
    One frame coloured by its column "class": 0 for the ground, else one more than the colour.

    `role` decides the colour of the outlines of places alone.
    """
    layer = cell_layer([frame], geometry, scale, role=role, notes=notes)
    layer.data["colours"] = list(colours)
    return layer


def marked_cells(layer: Packed, marked: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
    """Outline some cells of a layer, as hot cells are outlined."""
    layer.data["frames"][0]["hot"] = compact(marked.astype(np.float64))
    layer.data["showHot"] = True


def theme_legend(
    title: str, colours: Sequence[str], labels: Sequence[str], *, ground: str = ""
) -> dict[str, Any]:
    """A row of classes, the ground first where it has a meaning."""
    classes = [{"colour": PAGE["ground"], "label": ground}] if ground else []
    classes += [{"colour": one, "label": label} for one, label in zip(colours, labels, strict=True)]
    return {"title": title, "classes": classes, "rows": []}
