"""The layer of cells: geometry once, then one small array per measure and year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.packed import Packed, compact
from layers.palette import LINES, ROLE_OUTLINE, ramp_colours
from spatial.schema import Role

__all__ = ["Frame", "Geometry", "Scale", "cell_layer", "packed_chance"]

_HOT = {"hot": 1, "cold": 2}


@dataclass(frozen=True)
class Geometry:
    """Lattice places of the cells (n, 2), their patches (n,), one matrix a patch (p, 3, 3)."""

    ij: NDArray[np.int32]
    patch: NDArray[np.uint8]
    matrices: NDArray[np.float64]
    key: str


@dataclass(frozen=True)
class Scale:
    """Lower edges of the classes, ascending, with what they measure, for map and legend alike."""

    breaks: Sequence[float]
    measure: str
    unit: str = ""
    percent: bool = False


@dataclass(frozen=True)
class Frame:
    """
    One year of the map.

    Parameters
    ----------
    label
        The year as it stands on its button.
    table
        One row a cell, in the order of the geometry: value; and, where known, graduates, z, q,
        hotspot, place (0 for none, else the place's number), class (0 for the ground, where it
        is not the value alone that decides).
    labels
        Names on the map: index, name, number, lat, lon.
    total
        Graduates of the whole study in this year.
    """

    label: str
    table: pd.DataFrame
    labels: Sequence[dict[str, Any]] = field(default_factory=list)
    total: float = 0.0


def cell_layer(
    frames: Sequence[Frame],
    geometry: Geometry,
    scale: Scale,
    *,
    role: Role,
    current: int = 0,
    selected: int = 0,
    score: str = "z",
    show_hot: bool = False,
    hidden: bool = False,
    notes: dict[str, Any] | None = None,
) -> Packed:
    """
    Cells coloured by class of their value; years switch in the browser.

    `notes` holds texts and an index: for each cell 0, or one more than the place of the text
    that its tooltip ends with.
    """
    data = {
        "geometry": {
            "ij": geometry.ij.astype(np.uint16).ravel(),
            "patch": geometry.patch if len(geometry.matrices) > 1 else None,
            "matrices": geometry.matrices.ravel(),
        },
        "geometry_key": geometry.key,
        "frames": [_frame(one) for one in frames],
        "breaks": [float(edge) for edge in scale.breaks],
        "colours": ramp_colours(role, len(scale.breaks)),
        "lines": {**LINES, "place": ROLE_OUTLINE[role]},
        "measure": scale.measure,
        "unit": scale.unit,
        "percent": scale.percent,
        "current": current,
        "selected": selected,
        "score": score,
        "showHot": show_hot,
        "hidden": hidden,
        "notes": notes,
    }
    return Packed("cells", data)


def packed_chance(q: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Twenty times minus log10 of q, in a byte: 1 down to 2e-13, in steps of 12 %."""
    safe = np.clip(np.nan_to_num(q, nan=1.0), 1e-13, 1.0)
    return np.asarray(np.clip(np.rint(-20 * np.log10(safe)), 0, 255), dtype=np.uint8)


def _frame(frame: Frame) -> dict[str, Any]:
    table = frame.table
    packed: dict[str, Any] = {
        "classes": table["class"].to_numpy().astype(np.uint8) if "class" in table else None,
        "label": frame.label,
        "values": compact(table["value"].to_numpy()),
        "labels": list(frame.labels),
        "total": float(frame.total),
    }
    if "graduates" in table and not table["graduates"].equals(table["value"].rename("graduates")):
        packed["graduates"] = compact(table["graduates"].to_numpy())
    if "z" in table:
        score = np.clip(np.nan_to_num(table["z"].to_numpy()) * 100, -32_767, 32_767)
        packed["z"] = score.astype(np.int16)
        packed["q"] = packed_chance(table["q"].to_numpy())
        marked = [(table["hotspot"] == word).to_numpy(dtype=bool) for word in _HOT]
        packed["hot"] = np.select(marked, list(_HOT.values()), 0).astype(np.uint8)
    if "place" in table:
        packed["place"] = compact(table["place"].to_numpy())
    return packed
