"""Plain points of a layer that is being looked at before it is saved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers.packed import Packed
from layers.palette import PREVIEW

__all__ = ["spot_layer"]


def spot_layer(lat: NDArray[np.float64], lon: NDArray[np.float64], *, key: str) -> Packed:
    """One dot a point, degrees WGS-84, each of shape (n,)."""
    data = {"lat": lat.astype(np.float64), "lon": lon.astype(np.float64), "fill": PREVIEW}
    return Packed("spots", data, key=key)
