"""Sums of people by pair of ends, in memory bounded by the number of different pairs."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["PairSums", "Summed"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_TOGETHER: Final = 1 << 21  # rows waiting before they are summed up
_SHIFT: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)


class Summed(NamedTuple):
    """People by pair of ends, each pair once, by origin and destination; shape (n,) each."""

    origin: Ints
    destination: Ints
    graduates: Floats


class PairSums:
    """People by pair of ends, added a batch at a time."""

    def __init__(self) -> None:
        self._keys: list[NDArray[np.uint64]] = [np.empty(0, dtype=np.uint64)]
        self._sums: list[Floats] = [np.empty(0)]
        self._waiting = 0

    def add(self, origin: Ints, destination: Ints, graduates: Floats) -> None:
        """Add `graduates` of each pair of ends, numbered from 0 to below 2**32."""
        self._keys.append((origin.astype(np.uint64) << _SHIFT) | destination.astype(np.uint64))
        self._sums.append(graduates)
        self._waiting += len(origin)
        # Waiting for as many rows as are summed already keeps the work in proportion to the rows.
        if self._waiting > max(_TOGETHER, len(self._keys[0])):
            self._settle()

    def summed(self) -> Summed:
        """All that was added, each pair once."""
        self._settle()
        keys = self._keys[0]
        return Summed(
            (keys >> _SHIFT).astype(np.int64), (keys & _LOW).astype(np.int64), self._sums[0]
        )

    def _settle(self) -> None:
        keys, sums = np.concatenate(self._keys), np.concatenate(self._sums)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
        self._keys = [keys[first]]
        self._sums = [np.add.reduceat(sums[order], first) if len(first) else sums]
        self._waiting = 0
