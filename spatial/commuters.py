"""Commuters: the people of an area whose ways are asked for, by where they live or work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spatial.areas import Area
from spatial.commute_chance import Draws, draws_of
from spatial.pairs import Pairs
from spatial.question import QuestionError
from spatial.schema import ROLES, Role

__all__ = ["Commuters", "commuters"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Commuters:
    """
    The flows that an area has a part in, and whose distances are asked for.

    Parameters
    ----------
    pairs
        All flows of a year.
    side
        "residence": people who live in the area; "work": people who work there.
    inside
        Whether each end lies in the area, shape (m,).
    """

    pairs: Pairs
    side: Role
    inside: Mask

    @cached_property
    def whole(self) -> bool:
        """Whether all ends lie in the area, so that nobody can cross its edge."""
        return bool(self.inside.all())

    @cached_property
    def lives(self) -> Mask:
        """Pairs whose people live in the area, shape (n,)."""
        return self.inside[self.pairs.origin]

    @cached_property
    def works(self) -> Mask:
        """Pairs whose people work in the area, shape (n,)."""
        return self.inside[self.pairs.destination]

    @cached_property
    def own(self) -> Pairs:
        """Pairs of the side asked for: every person with her own distance, wherever it leads."""
        if self.whole:  # millions of rows need no copy
            return self.pairs
        return self.pairs.where(self.lives if self.side == "residence" else self.works)

    @property
    def ends(self) -> Ints:
        """The end of each of `own` that lies in the area, shape (k,)."""
        return self.own.origin if self.side == "residence" else self.own.destination

    @cached_property
    def homes(self) -> Floats:
        """People of `own` who live at each end, shape (m,)."""
        return _at_ends(self.own.origin, self.own)

    @cached_property
    def jobs(self) -> Floats:
        """People of `own` who work at each end, shape (m,)."""
        return _at_ends(self.own.destination, self.own)

    def draws(self, draws: int, *, rng: np.random.Generator) -> Draws:
        """Neighbourhoods of the area, drawn anew `draws` times."""
        pairs = self.pairs
        held = _at_ends(pairs.origin, pairs) + _at_ends(pairs.destination, pairs) > 0
        return draws_of(pairs.cell, self.inside, held, draws=draws, rng=rng)


def commuters(pairs: Pairs, area: Area, *, side: Role = "residence") -> Commuters:
    """
    The flows of one year that `area` has a part in.

    Raises
    ------
    QuestionError
        When `side` is neither residence nor work.
    """
    if side not in ROLES:
        raise QuestionError(f"side must be one of {', '.join(ROLES)}, found {side}")
    return Commuters(pairs, side, area.holds(pairs.lat, pairs.lon, pairs.cell))


def _at_ends(ends: Ints, pairs: Pairs) -> Floats:
    found = np.bincount(ends, pairs.graduates, minlength=len(pairs.lat))
    return np.asarray(found, dtype=np.float64)
