"""Bands: distances in steps that whoever asks has set, in kilometres or miles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spatial.question import QuestionError

__all__ = ["KM_PER_MILE", "Bands", "LengthUnit", "bands_of"]

LengthUnit = Literal["km", "mi"]
"""Kilometres or international miles."""
KM_PER_MILE: Final = 1.609344  # the international mile, by definition
"""Kilometres in a mile."""

_KM: Final[dict[LengthUnit, float]] = {"km": 1.0, "mi": KM_PER_MILE}


@dataclass(frozen=True)
class Bands:
    """
    Bands between ascending edges: a band holds its lower edge and not its upper one.

    The first band starts at 0, the last has no end: n edges make n + 1 bands.

    Parameters
    ----------
    edges
        In `unit`, above 0, ascending.
    unit
        "km" or "mi" (international miles).

    Raises
    ------
    QuestionError
        When the edges do not ascend, or the unit is neither.
    """

    edges: tuple[float, ...] = (2.0, 5.0, 10.0, 15.0, 25.0)
    unit: LengthUnit = "km"

    def __post_init__(self) -> None:
        if self.unit not in get_args(LengthUnit):
            raise QuestionError(f"the unit of bands must be km or mi, found {self.unit}")
        steps = np.diff([0.0, *self.edges])
        if not all(isfinite(edge) for edge in self.edges) or (steps <= 0).any():
            found = ", ".join(f"{edge:g}" for edge in self.edges)
            raise QuestionError(f"edges of bands must be above 0 and ascend, found {found}")

    @property
    def labels(self) -> list[str]:
        """What each band is called: "< 10 mi", "10-25 mi", ">= 25 mi"."""
        if not self.edges:
            return ["all"]
        between = zip(self.edges[:-1], self.edges[1:], strict=True)
        middle = [f"{low:g}-{high:g} {self.unit}" for low, high in between]
        return [
            f"< {self.edges[0]:g} {self.unit}",
            *middle,
            f">= {self.edges[-1]:g} {self.unit}",
        ]

    @property
    def names(self) -> list[str]:
        """Name of each band's indicator: share_under_10mi, share_10_to_25mi, share_over_25mi."""
        if not self.edges:
            return ["share_all"]
        between = zip(self.edges[:-1], self.edges[1:], strict=True)
        middle = [f"share_{low:g}_to_{high:g}{self.unit}" for low, high in between]
        return [
            f"share_under_{self.edges[0]:g}{self.unit}",
            *middle,
            f"share_over_{self.edges[-1]:g}{self.unit}",
        ]

    def of(self, distance_km: ArrayLike) -> NDArray[np.int64]:
        """Number of the band that holds each distance, 0 for the first, shape (n,)."""
        edges_km = np.array(self.edges, dtype=np.float64) * _KM[self.unit]
        return np.searchsorted(edges_km, np.asarray(distance_km, dtype=np.float64), side="right")

    def table(self, distance_km: ArrayLike, graduates: ArrayLike) -> pd.DataFrame:
        """
        People of each band.

        Returns
        -------
        pandas.DataFrame
            Columns label, low, high (in `unit`; the last has no high: inf), graduates, share
            of all, NaN where there is nobody.
        """
        people = np.asarray(graduates, dtype=np.float64)
        inside = np.bincount(self.of(distance_km), people, minlength=len(self.edges) + 1)
        return pd.DataFrame(
            {
                "label": self.labels,
                "low": [0.0, *self.edges],
                "high": [*self.edges, np.inf],
                "graduates": inside,
                "share": inside / (inside.sum() or np.nan),
            }
        )


def bands_of(bands_km: Iterable[float] = (), *, miles: Iterable[float] = ()) -> Bands:
    """Bands in miles where any are given, else in kilometres; the usual ones where neither."""
    if edges := tuple(map(float, miles)):
        return Bands(edges, "mi")
    if edges := tuple(map(float, bands_km)):
        return Bands(edges)
    return Bands()
