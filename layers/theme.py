"""Cells coloured by any figure, in a ramp of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layers.cells import Frame, Geometry, Scale, cell_layer
from layers.packed import Packed, compact
from layers.palette import BALANCE, PAGE, QUOTIENT, RENT, SITE, WALK
from spatial.schema import Role

__all__ = ["THEMES", "marked_cells", "spread_colours", "theme_layer", "theme_legend"]

THEMES = {"more": QUOTIENT, "rent": RENT, "access": WALK, "balance": BALANCE, "siting": SITE}


def spread_colours(theme: str, classes: int) -> list[str]:
    """`classes` colours of a theme, spread over its whole ramp."""
    ramp = THEMES[theme]
    if classes >= len(ramp):
        return list(ramp)[:classes]
    last = len(ramp) - 1
    return [ramp[round(last * at / max(classes - 1, 1))] for at in range(classes)]


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
