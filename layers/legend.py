"""The legend, made from the tables that colour the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from layers.palette import PAGE

__all__ = ["key_row", "ramp"]

Shape = Literal["line", "dash", "dot", "ring", "block", "hatch", "taper"]


def ramp(title: str, colours: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    """
    A row of classes, the ground first, each with the label of its lower edge.

    `labels` has one entry a colour; the ground itself has none.
    """
    classes = [{"colour": PAGE["ground"], "label": "0"}]
    classes += [{"colour": one, "label": label} for one, label in zip(colours, labels, strict=True)]
    return {"title": title, "classes": classes, "rows": []}


def key_row(shape: Shape, colour: str, label: str, *, layer: str = "") -> dict[str, str]:
    """One line of the legend: a mark, what it means, and the layer without which it goes."""
    row = {"shape": shape, "colour": colour, "label": label}
    return row | {"layer": layer} if layer else row
